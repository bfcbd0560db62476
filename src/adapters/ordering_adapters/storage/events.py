"""The append-only event log."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import attrs

from sqlalchemy import Executable, Row, bindparam, func, insert, select

from ordering_adapters.storage import postgresql, schema
from ordering_adapters.storage.converter import dump, load
from ordering_adapters.storage.statements import Statements
from ordering_core.domain.events import OrderEvent
from ordering_core.domain.identifiers import Cursor, OrderId
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Unavailable
from ordering_core.ports.store import Events


_T = schema.events.c

AFTER: Final = (
    select(schema.events).where(_T.cursor > bindparam("place")).order_by(_T.cursor).limit(bindparam("most"))
)
"""Gives the events of all orders after the cursor *place*, the oldest *most* of them."""
_AFTER_OF_ORDER: Final = AFTER.where(_T.order_id == bindparam("order"))
_LAST: Final = (
    select(schema.events).where(_T.order_id == bindparam("order")).order_by(_T.cursor.desc()).limit(1)
)


@cache
def _append(dialect: str) -> Executable:
    """Return the INSERT of an event; on PostgreSQL its commit tells those who listen, once."""
    new = insert(schema.events)
    if dialect == "postgresql":
        return new.returning(_T.cursor, func.pg_notify(postgresql.CHANNEL, ""))
    return new.returning(_T.cursor)


class SqlEvents(Events):
    """
    Events, under cursors that the database counts up.

    Cursors are given in the order of commits because transactions come one after the other, on PostgreSQL by
    a lock of ours (`storage.postgresql`). A reader therefore never passes over an event that is committed
    after one with a higher cursor.
    """

    def __init__(self, statements: Statements) -> None:
        self._run = statements

    def append(self, event: OrderEvent, /) -> OrderEvent:
        row = self._run.row(_append(self._run.dialect), {"order_id": event.order, "payload": dump(event)})
        if row is None:
            raise Unavailable(System.STORE, "the event was given no cursor")
        return attrs.evolve(event, cursor=Cursor(row.cursor))

    def after(
        self, cursor: Cursor, /, *, order: OrderId | None = None, limit: int = 100
    ) -> tuple[OrderEvent, ...]:
        place = {"place": cursor, "most": limit}
        rows = (
            self._run.rows(AFTER, place)
            if order is None
            else self._run.rows(_AFTER_OF_ORDER, {**place, "order": order})
        )
        return tuple(map(read_event, rows))

    def last(self, order: OrderId, /) -> OrderEvent | None:
        row = self._run.row(_LAST, {"order": order})
        return None if row is None else read_event(row)


def read_event(row: Row[Any]) -> OrderEvent:
    """Return the event of a row, under its cursor."""
    return attrs.evolve(load(OrderEvent, row.payload), cursor=Cursor(row.cursor))
