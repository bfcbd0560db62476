"""
The first start in an org that is in use: 500 approved orders, none of them ours (three minutes).
"""

from contextlib import closing
from datetime import timedelta
from typing import Final

import attrs

from ordering_adapters.memory import MemoryStore, MemoryWorkQueue
from ordering_core import WaitFor
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sandbox_world import WEDNESDAY, SandboxWorld, sandbox_world
from tests.contract.whmcs_process import WhmcsProcess
from tests.unit.application.shop import ESIM, ROUTER
from tests.unit.application.test_pausing import READING


OLD_ORDERS: Final = 500
CUSTOMERS: Final = 50


def test_500_old_approved_orders_are_read_and_nothing_is_written() -> None:
    with (
        closing(SalesforceProcess()) as salesforce,
        closing(WhmcsProcess()) as whmcs,
        sandbox_world(salesforce, whmcs) as world,
    ):
        _sell_and_approve(world)
        world.clock.move_to(WEDNESDAY + timedelta(days=3))
        before = _pictures(world)
        store = MemoryStore(world.clock)
        queue = MemoryWorkQueue(store)
        policy = attrs.evolve(world.ordering.policy, provisioning_not_before=world.clock.now())
        first = attrs.evolve(world.ordering, store=store, policy=policy)
        calls = world.faults.counts()
        whmcs.actions()  # forgets them

        assert first.reconcile(since=WEDNESDAY - timedelta(days=1)) == OLD_ORDERS
        for _ in range(2):
            first.sweep()
            while queue.run_due(world.clock.now(), first.run):
                pass
            world.clock.move_to(world.clock.now() + timedelta(days=1))

        made = {name for name, often in world.faults.counts().items() if often > calls.get(name, 0)}
        assert made - READING == set()
        assert "orders.changed_since" in made
        assert [action for action in whmcs.actions() if not action.startswith("Get")] == []
        assert _pictures(world) == before
        with store.transaction() as tx:
            rests = [kept.rest for kept in tx.journal.unfinished()]
        assert len(rests) == OLD_ORDERS
        assert {type(rest) for rest in rests} == {WaitFor}


def _sell_and_approve(world: SandboxWorld) -> None:
    """Let customers order, and an agent approve, what another system is to take care of."""
    for _ in range(CUSTOMERS):
        customer = world.new_customer()
        for number in range(OLD_ORDERS // CUSTOMERS):
            session = world.ordering.begin_checkout(ROUTER if number % 2 else ESIM, customer=customer)
            world.ordering.confirm_address(session.id, customer=customer)
            order = world.ordering.submit(session.id, customer=customer).order
            assert order is not None
            world.agent.approve(order)


def _pictures(world: SandboxWorld) -> tuple[object, ...]:
    """Return what a write would change: every order and case of the org, every order of the installation."""
    return (
        sorted(str(row["SystemModstamp"]) for row in world.process.query("SELECT SystemModstamp FROM Order")),
        len(world.process.query("SELECT Id FROM Case")),
        len(world.process.query("SELECT Id FROM Opportunity")),
        len(world.whmcs.rows("orders")),
    )
