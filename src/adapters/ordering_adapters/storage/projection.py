"""Our copy of Salesforce orders, for reading; a late answer never replaces a newer one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import Executable, bindparam, func, select, tuple_

from ordering_adapters.storage import schema
from ordering_adapters.storage.converter import dump, load
from ordering_adapters.storage.statements import Statements, upsert
from ordering_core.domain.identifiers import AccountId, OrderId
from ordering_core.domain.vocabulary import OrderType
from ordering_core.ports.order_records import ProjectedOrder, Projection


_T = schema.orders.c
_A = schema.accounts.c

_GET: Final = select(_T.payload).where(_T.id == bindparam("order"))
_COUNTS: Final = (
    select(_T.state, func.count().label("orders"))
    .where(_T.account == bindparam("of_account"))
    .group_by(_T.state)
)
_REFRESHED_AT: Final = select(_A.refreshed_at).where(_A.id == bindparam("account"))

LONGEST_NUMBER: Final = 255
"""More characters than an order number has; databases refuse to look for a text of any length."""


@cache
def _put(dialect: str) -> Executable:
    new = upsert(schema.orders, dialect)
    fresh = {column.name: column for column in new.excluded if column.name != _T.id.name}
    return new.on_conflict_do_update(index_elements=[_T.id], set_=fresh, where=_T.as_of <= new.excluded.as_of)


@cache
def _mark_refreshed(dialect: str) -> Executable:
    new = upsert(schema.accounts, dialect)
    return new.on_conflict_do_update(index_elements=[_A.id], set_={"refreshed_at": new.excluded.refreshed_at})


class SqlProjection(Projection):
    """Copies of orders, found by account without looking at any other account's."""

    def __init__(self, statements: Statements) -> None:
        self._run = statements

    def put(self, order: ProjectedOrder, /) -> None:
        snapshot = order.snapshot
        self._run.write(
            _put(self._run.dialect),
            {
                "id": snapshot.id,
                "account": snapshot.account,
                "state": order.status.state,
                "order_type": snapshot.order_type,
                "number": snapshot.number.casefold(),
                "created_at": snapshot.created_at,
                "as_of": order.as_of,
                "payload": dump(order),
            },
        )

    def get(self, order: OrderId, /) -> ProjectedOrder | None:
        row = self._run.row(_GET, {"order": order})
        return None if row is None else load(ProjectedOrder, row.payload)

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
        if len(search) > LONGEST_NUMBER:
            return ()
        wanted = select(_T.payload).where(_T.account == account)
        if after is not None:
            place = select(_T.created_at, _T.id).where(_T.account == account, _T.id == after).subquery()
            wanted = wanted.where(
                tuple_(_T.created_at, _T.id)
                < tuple_(select(place.c.created_at).scalar_subquery(), select(place.c.id).scalar_subquery())
            )
        if states is not None:
            wanted = wanted.where(_T.state.in_(sorted(states)))
        if order_type is not None:
            wanted = wanted.where(_T.order_type == order_type)
        if search:
            wanted = wanted.where(_T.number.contains(search.casefold(), autoescape=True))
        rows = self._run.search(wanted.order_by(_T.created_at.desc(), _T.id.desc()).limit(limit))
        return tuple(load(ProjectedOrder, row.payload) for row in rows)

    def counts(self, account: AccountId, /) -> Mapping[str, int]:
        return {row.state: row.orders for row in self._run.rows(_COUNTS, {"of_account": account})}

    def refreshed_at(self, account: AccountId, /) -> datetime | None:
        row = self._run.row(_REFRESHED_AT, {"account": account})
        return None if row is None else row.refreshed_at

    def mark_refreshed(self, account: AccountId, at: datetime, /) -> None:
        self._run.write(_mark_refreshed(self._run.dialect), {"id": account, "refreshed_at": at})
