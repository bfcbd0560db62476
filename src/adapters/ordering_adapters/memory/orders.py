"""Orders in a Salesforce org in memory: placing in one stroke, reading, and what provisioning writes back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial

import attrs

from ordering_adapters.memory.catalogue import chosen
from ordering_adapters.memory.faults import MemoryFaults
from ordering_adapters.memory.placing import insert_order
from ordering_adapters.memory.salesforce import MemorySalesforce, OpportunityRecord, OrderRecord
from ordering_core.domain.identifiers import AccountId, OrderId, OrderItemId, RequestKey, ServiceId, Sku
from ordering_core.domain.opportunity import may_write_service
from ordering_core.domain.orders import NewOrder, OrderLine, OrderSnapshot, OrderWrite, PlacedOrder
from ordering_core.domain.vocabulary import OrderType, System
from ordering_core.errors import Conflict, Refused
from ordering_core.ports.orders import LATE_BY, Changes, OrderRepository, PlacingFacts, ProvisioningFacts


class MemoryOrders(OrderRepository):
    """The Orders of an org in memory."""

    def __init__(
        self,
        org: MemorySalesforce,
        faults: MemoryFaults,
        *,
        close_after: timedelta = timedelta(days=30),
        page: int = 200,
    ) -> None:
        """
        Work on *org*; a new Opportunity is expected to close *close_after* its order (DESIGN 3.25).

        Changed orders are read *page* at a time.
        """
        self._org = org
        self._page = page
        self._faults = faults
        self._close_after = close_after

    def placing_facts(
        self, account: AccountId, /, *, order_type: OrderType, skus: Collection[Sku], key: RequestKey
    ) -> PlacingFacts | None:
        def read() -> PlacingFacts | None:
            with self._org.lock:
                known = self._org.accounts.get(account)
                existing = self._org.order_of_key(key)
                if known is None:
                    return None
                return PlacingFacts(
                    account=known,
                    products=chosen(self._org.price_book, skus),
                    opportunities=self._org.opportunities_of(account),
                    existing=None if existing is None else self._org.joined(existing),
                )

        return self._faults.call("orders.placing_facts", read)

    def place(self, order: NewOrder, /) -> PlacedOrder:
        def work() -> PlacedOrder:
            with self._org.lock:
                existing = self._org.order_of_key(order.request_key)
                return self._placed(existing or insert_order(self._org, order, close_after=self._close_after))

        return self._faults.call("orders.place", work)

    def find(self, key: RequestKey, /) -> PlacedOrder | None:
        def read() -> PlacedOrder | None:
            with self._org.lock:
                existing = self._org.order_of_key(key)
                return self._placed(existing) if existing else None

        return self._faults.call("orders.find", read)

    def read(self, order: OrderId, /) -> OrderSnapshot | None:
        def read() -> OrderSnapshot | None:
            with self._org.lock:
                record = self._org.orders.get(order)
                return None if record is None else self._org.joined(record)

        return self._faults.call("orders.read", read)

    def provisioning_facts(self, order: OrderId, /) -> ProvisioningFacts | None:
        def read() -> ProvisioningFacts | None:
            with self._org.lock:
                record = self._org.orders.get(order)
                if record is None:
                    return None
                account = self._org.accounts.get(record.snapshot.account)
                return ProvisioningFacts(
                    order=self._org.joined(record),
                    account=account,
                    opportunities=self._org.opportunities_of(record.snapshot.account),
                )

        return self._faults.call("orders.provisioning_facts", read)

    def of_account(self, account: AccountId, /) -> tuple[OrderSnapshot, ...]:
        def read() -> tuple[OrderSnapshot, ...]:
            with self._org.lock:
                return self._org.orders_of(account)

        return self._faults.call("orders.of_account", read)

    def changed_since(self, since: datetime, /) -> Iterator[Changes]:
        began: datetime | None = None
        written = 0
        while True:
            now, page = self._faults.call(
                "orders.changed_since", partial(self._changed_page, since, after=written)
            )
            began = began or now
            is_all = len(page) < self._page
            if page:
                since, written = page[-1].modified_at, int(page[-1].snapshot.version)
            yield min(began, since + LATE_BY if is_all else since), tuple(map(self._org.joined, page))
            if is_all:
                return

    def write(self, write: OrderWrite, /) -> OrderSnapshot:
        def work() -> OrderSnapshot:
            with self._org.lock:
                return self._update(write)

        return self._faults.call("orders.write", work)

    def _changed_page(self, since: datetime, *, after: int) -> tuple[datetime, tuple[OrderRecord, ...]]:
        """Return the present, and the first orders modified since, in the order of writes *after* one."""
        with self._org.lock:
            changed: list[OrderRecord] = []
            for record in reversed(self._org.orders.values()):
                if record.modified_at < since or int(record.snapshot.version) <= after:
                    break
                changed.append(record)
            return self._org.now(), tuple(reversed(changed))[: self._page]

    def _placed(self, record: OrderRecord) -> PlacedOrder:
        snapshot = self._org.joined(record)
        if snapshot.opportunity is None:
            raise Refused(System.SALESFORCE, "NO_OPPORTUNITY", "somebody removed the order's Opportunity")
        return PlacedOrder(snapshot=snapshot, opportunity=snapshot.opportunity, case=record.case)

    def _update(self, write: OrderWrite) -> OrderSnapshot:
        record = self._org.orders.get(write.order)
        if record is None:
            raise Refused(System.SALESFORCE, "NOT_FOUND", "there is no such Order")
        snapshot = record.snapshot
        if write.if_version is not None and write.if_version != snapshot.version:
            raise Conflict(System.SALESFORCE, "the order was changed by somebody else")
        lines = _with_services(snapshot, write.services)
        opportunity = self._moved(snapshot, write)
        if opportunity is not None:
            self._org.save_opportunity(opportunity)
        snapshot = attrs.evolve(
            snapshot,
            activation=write.activation,
            last_attempt_at=write.last_attempt_at or snapshot.last_attempt_at,
            billing_order=write.billing_order or snapshot.billing_order,
            mnp_application=write.mnp_application or snapshot.mnp_application,
            lines=lines,
        )
        return self._org.save_order(attrs.evolve(record, snapshot=snapshot))

    def _moved(self, snapshot: OrderSnapshot, write: OrderWrite) -> OpportunityRecord | None:
        """Return the Opportunity as *write* leaves it, or None when it says nothing about it."""
        if write.stage is None and write.opportunity_service is None:
            return None
        record = None
        if snapshot.opportunity is not None:
            record = self._org.opportunities.get(snapshot.opportunity)
        if record is None:
            raise Refused(System.SALESFORCE, "NO_OPPORTUNITY", "the order has no Opportunity")
        opportunity = record.opportunity
        return attrs.evolve(
            record,
            opportunity=attrs.evolve(
                opportunity,
                stage=write.stage or opportunity.stage,
                service=_same_service(opportunity.service, write.opportunity_service),
            ),
        )


def _same_service(present: ServiceId | None, given: ServiceId | None) -> ServiceId | None:
    """Return the service id to keep; one is never written over a different one (DESIGN 3.11)."""
    if given is None:
        return present
    if not may_write_service(present, given):
        raise Refused(
            System.SALESFORCE, "SERVICE_ID_DIFFERS", f"service {present} is linked, {given} was to be written"
        )
    return given


def _with_services(
    snapshot: OrderSnapshot, services: Mapping[OrderItemId, ServiceId]
) -> tuple[OrderLine, ...]:
    """Return the order's lines with their services."""
    if services.keys() - {line.id for line in snapshot.lines}:
        raise Refused(System.SALESFORCE, "NOT_FOUND", "the order has no such item")
    return tuple(
        attrs.evolve(line, service=_same_service(line.service, services.get(line.id)))
        for line in snapshot.lines
    )
