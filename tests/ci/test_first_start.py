"""
The first start in an org that is in use: 500 approved orders, none of them ours, on three sandboxes. [ci]

Two minutes, most of them for another system to take the orders.
"""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Final

import attrs

from ordering_adapters.sim_network.freebit.lines import FreebitLines
from ordering_adapters.storage import SqlLineBook, SqlStore, open_storage
from ordering_core import WaitFor
from ordering_entrypoints.demo import DemoClock
from tests.ci.written import watch
from tests.contract.provisioning import Road, open_road
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sandbox_world import WEDNESDAY
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess
from tests.unit.application.shop import ESIM, ROUTER


OLD_ORDERS: Final = 500
CUSTOMERS: Final = 50


def test_500_old_approved_orders_are_read_and_nothing_is_written(tmp_path: Path) -> None:
    with (
        closing(SalesforceProcess()) as salesforce,
        closing(WhmcsProcess()) as whmcs,
        closing(SimNetworkProcess()) as network,
        open_road(salesforce, whmcs, network) as road,
    ):
        written = watch(road.world.ordering)
        _sell_and_approve(road)
        assert written.salesforce, "what is written is seen"
        world = road.world
        world.clock.move_to(WEDNESDAY + timedelta(days=3))
        lines = world.ordering.lines
        assert isinstance(lines, FreebitLines)
        clock = DemoClock(world.clock.now())
        with open_storage(f"sqlite:///{tmp_path}/ordering.db", clock) as (store, queue, live_updates):
            assert isinstance(store, SqlStore)
            first = attrs.evolve(
                world.ordering,
                store=store,
                live_updates=live_updates,
                lines=FreebitLines(lines._api, SqlLineBook(store)),
                policy=attrs.evolve(world.ordering.policy, provisioning_not_before=world.clock.now()),
            )
            before = _pictures(road)
            written.clear()

            assert first.reconcile(since=WEDNESDAY - timedelta(days=1)) == OLD_ORDERS
            for _ in range(2):
                first.sweep()
                while queue.run_due(world.clock.now(), first.run):
                    pass
                world.clock.move_to(world.clock.now() + timedelta(days=1))

            assert written.asked.count("salesforce") >= OLD_ORDERS
            assert (written.salesforce, written.whmcs, written.network) == ([], [], [])
            assert _pictures(road) == before
            with store.transaction() as tx:
                rests = [kept.rest for kept in tx.journal.unfinished()]
        assert len(rests) == OLD_ORDERS
        assert {type(rest) for rest in rests} == {WaitFor}


def _sell_and_approve(road: Road) -> None:
    """Let customers order, and an agent approve, what another system is to take care of."""
    world = road.world
    for _ in range(CUSTOMERS):
        customer = world.new_customer()
        for number in range(OLD_ORDERS // CUSTOMERS):
            session = world.ordering.begin_checkout(ROUTER if number % 2 else ESIM, customer=customer)
            world.ordering.confirm_address(session.id, customer=customer)
            order = world.ordering.submit(session.id, customer=customer).order
            assert order is not None
            world.agent.approve(order)


def _pictures(road: Road) -> tuple[object, ...]:
    """Return what a write would change: records of the org, orders of the installation, lines, profiles."""
    org = road.world.process
    kinds = ("Order", "OrderItem", "Opportunity", "Account", "Case")
    return (
        [sorted(map(str, org.query(f"SELECT Id, SystemModstamp FROM {kind}"))) for kind in kinds],
        road.world.whmcs.rows("orders"),
        road.world.whmcs.rows("services"),
        road.network.lines(),
        road.network.profiles(),
    )
