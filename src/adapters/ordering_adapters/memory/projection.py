"""Our copy of Salesforce orders, for reading; a late answer never replaces a newer one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

from ordering_adapters.memory.tables import ChangeLog, Groups, Table
from ordering_core.domain.identifiers import AccountId, OrderId
from ordering_core.domain.vocabulary import OrderType
from ordering_core.ports.order_records import ProjectedOrder, Projection


class MemoryProjection(Projection):
    """Copies of orders, found by account without looking at any other account's."""

    def __init__(self, log: ChangeLog) -> None:
        self._rows: Table[OrderId, ProjectedOrder] = Table(log)
        self._of_account: Groups[AccountId, OrderId] = Groups(log)
        self._refreshed: Table[AccountId, datetime] = Table(log)

    def put(self, order: ProjectedOrder, /) -> None:
        snapshot = order.snapshot
        stored = self._rows.get(snapshot.id)
        if stored is not None:
            if stored.as_of > order.as_of:
                return
            self._of_account.remove(stored.snapshot.account, snapshot.id)
        self._rows.put(snapshot.id, order)
        self._of_account.put(snapshot.account, snapshot.id)

    def get(self, order: OrderId, /) -> ProjectedOrder | None:
        return self._rows.get(order)

    def page(
        self,
        account: AccountId,
        /,
        *,
        states: Collection[str] | None = None,
        order_type: OrderType | None = None,
        search: str = "",
        after: OrderId | None = None,
        limit: int = 20,
    ) -> tuple[ProjectedOrder, ...]:
        orders = self._newest_first(account)
        if after is not None:
            ids = [order.snapshot.id for order in orders]
            orders = orders[ids.index(after) + 1 :] if after in ids else []
        found = [
            order
            for order in orders
            if (states is None or order.status.state.value in states)
            and (order_type is None or order.snapshot.order_type is order_type)
            and search.casefold() in order.snapshot.number.casefold()
        ]
        return tuple(found[:limit])

    def counts(self, account: AccountId, /) -> Mapping[str, int]:
        return Counter(order.status.state.value for order in self._newest_first(account))

    def refreshed_at(self, account: AccountId, /) -> datetime | None:
        return self._refreshed.get(account)

    def mark_refreshed(self, account: AccountId, at: datetime, /) -> None:
        self._refreshed.put(account, at)

    def _newest_first(self, account: AccountId) -> list[ProjectedOrder]:
        orders = (self._rows.get(order) for order in self._of_account.of(account))
        return sorted(
            (order for order in orders if order is not None),
            key=lambda order: (order.snapshot.created_at, order.snapshot.id),
            reverse=True,
        )
