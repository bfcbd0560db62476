"""An org and a WHMCS that another portal has used until now, and a store of ours that knows of nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final

import attrs

from ordering_adapters.memory.go_live import MemoryRecordsBefore, MemoryServicesBefore
from ordering_adapters.memory.store import MemoryStore
from ordering_adapters.memory.work_queue import MemoryWorkQueue
from ordering_core import CustomerId, OrderId
from ordering_core.application.go_live import Plan, carry_out, plan
from ordering_core.application.ordering import Ordering
from ordering_core.application.record import order_subject
from ordering_core.domain.customers import Identity
from ordering_core.domain.journal import CaseFile
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.ports.order_records import ProjectedOrder
from ordering_core.ports.store import Store
from tests.unit.application.riding import finish
from tests.unit.application.shop import ESIM, HOME, ROUTER, World, inside, new_world, place


ONE_DAY: Final = timedelta(days=1)


class InUse:
    """
    What is there: *active*, *cancelled*, and in flight *approved*, *waiting* (Internet) and in *review*.

    *world* is the portal before us, *ordering* is ours.
    """

    def __init__(self, kept_in: Callable[[Store], Store] = lambda store: store) -> None:
        """Let customers order what is none of ours; *kept_in* goes around our store."""
        self.world: World = new_world()
        self.customers = [self.world.new_customer() for _ in range(5)]
        one, two, three, four, _ = self.customers
        self.active = place(self.world, one, ESIM)
        self.cancelled = place(self.world, one, ROUTER)
        self.waiting = place(self.world, three, HOME)
        self.world.run_due()
        for order in (self.active, self.cancelled, self.waiting):
            self.world.agent.approve(order)
        self.world.agent.cancel(self.cancelled)
        finish(self.world, self.active)
        self.world.run_due()
        self.approved = place(self.world, two, ESIM)
        self.review = place(self.world, four, ROUTER)
        self.world.agent.approve(self.approved)
        for order in self.orders:
            self.edit(order, lambda placed: attrs.evolve(placed, request_key=None))
        self.world.hints.take()
        self.world.clock.advance(ONE_DAY)
        self.store = MemoryStore(self.world.clock)
        self.queue = MemoryWorkQueue(self.store)
        self.records = MemoryRecordsBefore(self.world.salesforce)
        self.services = MemoryServicesBefore(self.world.billing)
        policy = attrs.evolve(self.world.ordering.policy, provisioning_not_before=self.world.clock.now())
        self.ordering: Ordering = attrs.evolve(self.world.ordering, store=kept_in(self.store), policy=policy)

    @property
    def in_flight(self) -> set[OrderId]:
        return {self.approved, self.waiting, self.review}

    @property
    def orders(self) -> set[OrderId]:
        return {self.active, self.cancelled, *self.in_flight}

    def map(self) -> tuple[Identity, ...]:
        return tuple(self.world._identities[customer] for customer in self.customers)

    def identity(self, customer: CustomerId) -> Identity:
        return self.world._identities[customer]

    def plan(self, lines: Iterable[Identity] | None = None) -> Plan:
        found = self.map() if lines is None else tuple(lines)
        return plan(found, records=self.records, services=self.services, store=self.ordering.store)

    def carry_out(self, lines: Iterable[Identity] | None = None, *, accepted: Iterable[str] = ()) -> None:
        found = self.map() if lines is None else tuple(lines)
        carry_out(
            found,
            accepted=frozenset(accepted),
            records=self.records,
            store=self.ordering.store,
            clock=self.world.clock,
        )

    def run_for(self, time: timedelta) -> None:
        """Let *time* pass with everything that ordering does by itself."""
        until = self.world.clock.now() + time
        while self.world.clock.now() < until:
            self.ordering.reconcile()
            self.ordering.sweep()
            while self.queue.run_due(self.world.clock.now(), self.ordering.run):
                pass
            self.world.clock.advance(timedelta(hours=8))

    def case_file(self, order: OrderId) -> CaseFile | None:
        with self.store.transaction() as tx:
            return tx.journal.case_file(order_subject(order))

    def copy(self, order: OrderId) -> ProjectedOrder | None:
        with self.store.transaction() as tx:
            return tx.projection.get(order)

    def edit(self, order: OrderId, change: Callable[[OrderSnapshot], OrderSnapshot]) -> None:
        """Write *order* in Salesforce, by hand."""
        self.world.salesforce.edit_order(
            order, lambda record: attrs.evolve(record, snapshot=change(record.snapshot))
        )

    def kept(self) -> object:
        """Return everything that our store holds, to be compared."""
        return inside(self.store._parts)

    def outside(self) -> object:
        """Return everything that Salesforce and WHMCS hold, to be compared."""
        not_records = {"lock", "_lock", "_hints", "_faults", "_ids", "_clock"}
        return [
            inside({name: part for name, part in vars(system).items() if name not in not_records})
            for system in (self.world.salesforce, self.world.billing)
        ]
