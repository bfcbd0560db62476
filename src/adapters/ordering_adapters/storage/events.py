"""The append-only event log."""

from __future__ import annotations

from functools import cache
from typing import Final

import attrs

from sqlalchemy import Executable, bindparam, delete, func, insert, select

from ordering_adapters.storage import postgresql, schema
from ordering_adapters.storage.converter import dump, load
from ordering_adapters.storage.prepared import Found
from ordering_adapters.storage.statements import Statements, upsert
from ordering_core.domain.events import OrderEvent
from ordering_core.domain.identifiers import Cursor, OrderId
from ordering_core.domain.vocabulary import System
from ordering_core.errors import CursorTooOld, Unavailable
from ordering_core.ports.order_records import Events


_T = schema.events.c
_G = schema.forgotten.c

AFTER: Final = (
    select(schema.events).where(_T.cursor > bindparam("place")).order_by(_T.cursor).limit(bindparam("most"))
)
"""Gives the events of all orders after the cursor *place*, the oldest *most* of them."""
_AFTER_OF_ORDER: Final = AFTER.where(_T.order_id == bindparam("order"))
_LAST: Final = (
    select(schema.events).where(_T.order_id == bindparam("order")).order_by(_T.cursor.desc()).limit(1)
)


_LAST_FORGETTABLE: Final = _LAST.with_only_columns(_T.cursor).offset(1)
_FORGET: Final = delete(schema.events).where(
    _T.order_id == bindparam("order"), _T.cursor <= bindparam("place")
)
_FORGOTTEN: Final = select(func.max(_G.cursor).label("cursor"))
_FORGOTTEN_OF_ORDER: Final = select(_G.cursor).where(_G.order_id == bindparam("order"))


@cache
def _forgotten_up_to(dialect: str) -> Executable:
    new = upsert(schema.forgotten, dialect)
    return new.on_conflict_do_update(index_elements=[_G.order_id], set_={"cursor": new.excluded.cursor})


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

    def forget(self, order: OrderId, /) -> int:
        row = self._run.row(_LAST_FORGETTABLE, {"order": order})
        if row is None:
            return 0
        upto = {"order_id": order, "cursor": row.cursor}
        self._run.write(_forgotten_up_to(self._run.dialect), upto)
        return self._run.write(_FORGET, {"order": order, "place": row.cursor})

    def append(self, event: OrderEvent, /) -> OrderEvent:
        if self._run.commits:
            raise RuntimeError("an event is appended by a transaction, whose turn gives it its place")
        row = self._run.row(_append(self._run.dialect), {"order_id": event.order, "payload": dump(event)})
        if row is None:
            raise Unavailable(System.STORE, "the event was given no cursor")
        return attrs.evolve(event, cursor=Cursor(row.cursor))

    def after(
        self, cursor: Cursor, /, *, order: OrderId | None = None, limit: int = 100
    ) -> tuple[OrderEvent, ...]:
        if cursor > 0:
            self._require_all_since(cursor, order)
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

    def _require_all_since(self, cursor: Cursor, order: OrderId | None) -> None:
        """Raise CursorTooOld when events after *cursor* were forgotten."""
        row = (
            self._run.row(_FORGOTTEN)
            if order is None
            else self._run.row(_FORGOTTEN_OF_ORDER, {"order": order})
        )
        if row is not None and row.cursor is not None and cursor < row.cursor:
            raise CursorTooOld(row.cursor)


def read_event(row: Found) -> OrderEvent:
    """Return the event of a row, under its cursor."""
    return attrs.evolve(load(OrderEvent, row.payload), cursor=Cursor(row.cursor))
