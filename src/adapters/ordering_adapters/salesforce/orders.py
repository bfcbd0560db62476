"""Orders in Salesforce: found by key, placed in two calls, written back under conditions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import attrs

from ordering_adapters.salesforce.account_rows import account_in, account_of_order, account_query, label_of
from ordering_adapters.salesforce.composite import Call, query
from ordering_adapters.salesforce.errors import NOTHING_FOUND, Failure, refused
from ordering_adapters.salesforce.fields import Field, Names, instant_text
from ordering_adapters.salesforce.keys import Doubts, Turns
from ordering_adapters.salesforce.opportunity_rows import (
    opportunities_beside,
    opportunities_of,
    opportunity_of,
)
from ordering_adapters.salesforce.order_rows import PAGE, select_orders, snapshot_of
from ordering_adapters.salesforce.order_versions import Guard
from ordering_adapters.salesforce.org import SalesforceOrg
from ordering_adapters.salesforce.placing import ORDER, PLACED, case_in, missing, placing_calls
from ordering_adapters.salesforce.price_book import Entry, entries_query, joined
from ordering_adapters.salesforce.rows import Record
from ordering_adapters.salesforce.soql import is_id, quoted
from ordering_adapters.salesforce.writing import (
    ACTIVATION,
    CONDITIONS,
    OPPORTUNITY,
    WRITTEN,
    writing_calls,
)
from ordering_core.domain.identifiers import AccountId, CaseId, OrderId, RequestKey, Sku
from ordering_core.domain.opportunity import UseExisting
from ordering_core.domain.orders import NewOrder, OrderSnapshot, OrderWrite, PlacedOrder
from ordering_core.domain.vocabulary import OrderType, System
from ordering_core.errors import Conflict, OutcomeUnknown, PortError
from ordering_core.ports.catalogue import ProductCatalogue
from ordering_core.ports.orders import LATE_BY, Changes, OrderRepository, PlacingFacts, ProvisioningFacts


_ACCOUNT: Final = "account"
_ENTRIES: Final = "entries"
_OPPORTUNITIES: Final = "opportunities"
_ORDERS: Final = "orders"
_CASES: Final = "cases"


@attrs.define
class _Known:
    """
    What placing needs and an order does not carry: entry ids, and the names of Accounts about to order.

    The facts of placing are read just before; after a restart it is asked for once more.
    """

    entries: dict[Sku, str] = attrs.field(factory=dict[Sku, str])
    labels: dict[AccountId, str] = attrs.field(factory=dict[AccountId, str])


class SalesforceOrders(OrderRepository):
    """The Orders of an org."""

    def __init__(self, org: SalesforceOrg, attributes: ProductCatalogue, *, page: int = PAGE) -> None:
        """
        Work on *org*; *attributes* tells of products what the price book has no fields for.

        Changed orders are read *page* at a time.
        """
        self._org = org
        self._page = page
        self._attributes = attributes
        self._known = _Known()
        self._turns = Turns()
        self._doubts = Doubts(org.clock, last=org.settings.doubt_lasts)

    def placing_facts(
        self, account: AccountId, /, *, order_type: OrderType, skus: Collection[Sku], key: RequestKey
    ) -> PlacingFacts | None:
        if not is_id(account):
            return None
        names = self._names
        calls = [
            query(_ACCOUNT, account_query(account, names)),
            query(_OPPORTUNITIES, opportunities_of(account, names)),
            query(_ORDERS, self._by_key(key)),
            *self._entry_calls(skus),
        ]
        found = self._org.look(calls)
        if not found[_ACCOUNT]:
            return None
        known = account_in(found[_ACCOUNT][0])
        entries = self._entries_in(found.get(_ENTRIES, ()), skus)
        self._known.labels[account] = label_of(known)
        linked = (opportunity_of(record) for record in found[_OPPORTUNITIES])
        existing = [snapshot for record in found[_ORDERS] if (snapshot := snapshot_of(record))]
        return PlacingFacts(
            account=known,
            products={sku: entry.product for sku, entry in entries.items()},
            opportunities=tuple(opportunity for opportunity in linked if opportunity),
            existing=existing[0] if existing else None,
        )

    def place(self, order: NewOrder, /) -> PlacedOrder:
        if not is_id(order.account):
            raise refused("NOT_FOUND", "there is no such Account")
        if Field.ORDER_KEY in self._org.settings.unique:
            return self._place(order)
        with self._turns.of(order.request_key), self._doubts.watching(order.request_key):
            existing = self.find(order.request_key)
            if existing is None:
                self._doubts.require_none(order.request_key)
                return self._place(order)
            self._doubts.settle(order.request_key)
            return existing

    def find(self, key: RequestKey, /) -> PlacedOrder | None:
        case = f"SELECT Id FROM Case WHERE {self._names[Field.CASE_KEY]} = {quoted(key)} ORDER BY Id"
        found = self._org.look([query(_ORDERS, self._by_key(key)), query(_CASES, case)])
        snapshots = [snapshot for record in found[_ORDERS] if (snapshot := snapshot_of(record))]
        cases = found[_CASES]
        return _placed(snapshots[0], cases[0].id if cases else "") if snapshots else None

    def read(self, order: OrderId, /) -> OrderSnapshot | None:
        return self._first(f"Id = {quoted(order)}") if is_id(order) else None

    def provisioning_facts(self, order: OrderId, /) -> ProvisioningFacts | None:
        if not is_id(order):
            return None
        found = self._org.look(
            [
                query(_ORDERS, f"{select_orders(self._names)} WHERE Id = {quoted(order)}"),
                query(_ACCOUNT, account_of_order(order, self._names)),
                query(_OPPORTUNITIES, opportunities_beside(order, self._names)),
            ]
        )
        snapshot = snapshot_of(found[_ORDERS][0]) if found[_ORDERS] else None
        if snapshot is None:
            return None
        accounts = [account_in(record) for record in found[_ACCOUNT]]
        linked = (opportunity_of(record) for record in found[_OPPORTUNITIES])
        return ProvisioningFacts(
            order=snapshot,
            account=accounts[0] if accounts else None,
            opportunities=tuple(opportunity for opportunity in linked if opportunity),
        )

    def of_account(self, account: AccountId, /) -> tuple[OrderSnapshot, ...]:
        if not is_id(account):
            return ()
        condition = f"{self._names[Field.ORDER_ACCOUNT]} = {quoted(account)}"
        created, number = self._names[Field.ORDER_CREATED_AT], self._names[Field.ORDER_NUMBER]
        return self._all(f"{condition} ORDER BY {created} DESC, {number} DESC")

    def changed_since(self, since: datetime, /) -> Iterator[Changes]:
        began: datetime | None = None
        last: Record | None = None
        while True:
            records = self._org.rows(self._changes_query(since, after=last))
            began = began or self._org.transport.answered_at
            is_all = len(records) < self._page
            if records:
                last = records[-1]
                since = last.instant(Field.ORDER_STAMP) or since
            reached = since if began is None else min(began, since + LATE_BY if is_all else since)
            if records or began is not None:
                yield reached, tuple(snapshot for record in records if (snapshot := snapshot_of(record)))
            if is_all:
                return

    def write(self, write: OrderWrite, /) -> OrderSnapshot:
        if not is_id(write.order) or not all(map(is_id, write.services)):
            raise refused("NOT_FOUND", "there is no such Order or item")
        guard = None if write.if_version is None else Guard.parse(write.if_version)
        if guard is None and write.if_version is not None:
            raise Conflict(System.SALESFORCE, "the order is at another version")
        answers = self._org.change(writing_calls(write, guard, self._names))
        if isinstance(answers, Failure):
            raise self._why_not_written(write, answers)
        return self._snapshot_in(self._org.records(answers.found(WRITTEN)))

    @property
    def _names(self) -> Names:
        return self._org.names

    def _place(self, order: NewOrder) -> PlacedOrder:
        entries, label = self._needed(order)
        if unknown := missing(order, entries):
            raise refused("UNKNOWN_SKU", f"not in the price book: {', '.join(unknown)}")
        answers = self._org.change(placing_calls(order, self._org.settings, entries=entries, label=label))
        if isinstance(answers, Failure):
            return self._after_refusal(order, answers)
        snapshot = self._snapshot_in(self._org.records(answers.found(PLACED)))
        return _placed(snapshot, case_in(answers))

    def _after_refusal(self, order: NewOrder, failure: Failure) -> PlacedOrder:
        """
        Return the order when it is there already, which is why it was refused.

        Raises:
            PortError: It is not, and what it was refused for.

        """
        if failure.call == ORDER and failure.duplicate_of == self._names[Field.ORDER_KEY]:
            if existing := self.find(order.request_key):
                return existing
            raise OutcomeUnknown(System.SALESFORCE, "its key is being used at this moment")
        if failure.code != NOTHING_FOUND:
            raise failure.error()
        if existing := self.find(order.request_key):
            return existing
        raise self._why_not_linked(order)

    def _why_not_linked(self, order: NewOrder) -> PortError:
        """Return what is wrong with the order's Opportunity, which is neither free nor ours to take."""
        theirs = self._org.rows(opportunities_of(order.account, self._names))
        if isinstance(order.link, UseExisting) and order.link.opportunity in {record.id for record in theirs}:
            return Conflict(System.SALESFORCE, "its Opportunity was taken meanwhile")
        return refused("NOT_FOUND", "the account has no such Opportunity")

    def _why_not_written(self, write: OrderWrite, failure: Failure) -> PortError:
        """Return what stopped a write; a condition that did not hold is looked up."""
        if failure.code != NOTHING_FOUND or failure.call not in CONDITIONS:
            return failure.error()
        if failure.call == ACTIVATION:
            return Conflict(System.SALESFORCE, "the order was changed by somebody else")
        snapshot = self.read(write.order)
        if snapshot is None or (failure.call == OPPORTUNITY and snapshot.opportunity is None):
            return refused("NO_OPPORTUNITY", "the order has no Opportunity")
        if write.services.keys() - {line.id for line in snapshot.lines}:
            return refused("NOT_FOUND", "the order has no such item")
        return refused("SERVICE_ID_DIFFERS", "another service is linked already")

    def _needed(self, order: NewOrder) -> tuple[Mapping[Sku, str], str]:
        """Return entry ids and the Account's name, from what was read last if it tells all of it."""
        skus = {line.sku for line in order.quote.lines}
        label = self._known.labels.pop(order.account, None)
        if label is None or skus - self._known.entries.keys():
            calls = [query(_ACCOUNT, account_query(order.account, self._names)), *self._entry_calls(skus)]
            found = self._org.look(calls)
            if not found[_ACCOUNT]:
                raise refused("NOT_FOUND", "there is no such Account")
            label = label_of(account_in(found[_ACCOUNT][0]))
            self._entries_in(found.get(_ENTRIES, ()), skus)
        return {sku: self._known.entries[sku] for sku in skus if sku in self._known.entries}, label

    def _entry_calls(self, skus: Collection[Sku]) -> list[Call]:
        if not skus:
            return []
        return [query(_ENTRIES, entries_query(self._org.settings.price_book, self._names, set(skus)))]

    def _entries_in(self, records: Sequence[Record], skus: Collection[Sku]) -> dict[Sku, Entry]:
        entries = joined(records, self._attributes.products(set(skus)) if skus else {})
        self._known.entries.update({sku: entry.id for sku, entry in entries.items()})
        return entries

    def _by_key(self, key: RequestKey) -> str:
        number = self._names[Field.ORDER_NUMBER]
        condition = f"{self._names[Field.ORDER_KEY]} = {quoted(key)}"
        return f"{select_orders(self._names)} WHERE {condition} ORDER BY {number}"

    def _changes_query(self, since: datetime, *, after: Record | None) -> str:
        """Return what asks for the first orders since, or for those behind one: a second may hold many."""
        stamp = self._names[Field.ORDER_STAMP]
        changed = f"{stamp} >= {instant_text(since)}"
        if after is not None:
            changed += f" AND ({stamp} > {instant_text(since)} OR Id > {quoted(after.id)})"
        return f"{select_orders(self._names)} WHERE {changed} ORDER BY {stamp}, Id LIMIT {self._page}"

    def _all(self, condition: str) -> tuple[OrderSnapshot, ...]:
        records = self._org.rows(f"{select_orders(self._names)} WHERE {condition}")
        return tuple(snapshot for record in records if (snapshot := snapshot_of(record)))

    def _first(self, condition: str) -> OrderSnapshot | None:
        found = self._all(condition)
        return found[0] if found else None

    def _snapshot_in(self, records: Sequence[Record]) -> OrderSnapshot:
        """Return the order that a write ended with; were it not there, nobody would know what was written."""
        snapshot = snapshot_of(records[0]) if records else None
        if snapshot is None:
            raise OutcomeUnknown(System.SALESFORCE, "the order cannot be read back")
        return snapshot


def _placed(snapshot: OrderSnapshot, case: str) -> PlacedOrder:
    if snapshot.opportunity is None:
        raise refused("NO_OPPORTUNITY", "somebody removed the order's Opportunity")
    return PlacedOrder(
        snapshot=snapshot, opportunity=snapshot.opportunity, case=CaseId(case) if case else None
    )
