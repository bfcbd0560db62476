"""
Ordering inside a program of your own, here with every outside system in memory.

A real host builds `ordering_core.Ordering` with its own adapters and lets agents and customers do the rest.
"""

import sys

from ordering_adapters.clock import SystemClock
from ordering_adapters.memory import MemoryWorld
from ordering_core import Cursor, SimDraft, Sku


PLAN, FEE, EID = Sku("SIM-VOICE-10GB"), Sku("SIM-ACTIVATION"), "89049032000001000000012345678954"

world = MemoryWorld(clock=SystemClock())
ordering, customer = world.ordering, world.new_customer()
draft = SimDraft(skus=(PLAN, FEE), sim_type="eSIM", eid=EID, activation_type="Immediate")
session = ordering.begin_checkout(draft, customer=customer)
ordering.confirm_address(session.id, customer=customer)
order = ordering.submit(session.id, customer=customer).order or sys.exit("still being placed")
world.agent.approve(order)
world.run_due()
world.agent.complete_line(order)
world.run_due()

for event in ordering.changes(after=Cursor(0)):
    print(event.kind, event.status.state)
