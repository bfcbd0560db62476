"""Submits by their request key; an Opportunity belongs to one live placement at a time (DESIGN 3.11)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final

import attrs

from sqlalchemy import bindparam, delete, insert, select, update

from ordering_adapters.storage import schema
from ordering_adapters.storage.converter import dump, load
from ordering_adapters.storage.statements import Statements
from ordering_core.domain.identifiers import OrderId, RequestKey
from ordering_core.domain.journal import Runner
from ordering_core.errors import Refused
from ordering_core.ports.checkout_records import Placement, Placements, PlacementState


_T = schema.placements.c

_ADD: Final = insert(schema.placements)
_GET: Final = select(_T.payload).where(_T.key == bindparam("request"))
_OF_ORDER: Final = select(_T.payload).where(_T.placed == bindparam("order"))
_OF_ORDERS: Final = select(_T.placed, _T.payload).where(_T.placed.in_(bindparam("orders", expanding=True)))
_REPLACE: Final = update(schema.placements).where(
    _T.key == bindparam("request"), _T.runner == bindparam("by")
)
_UNRESOLVED: Final = (
    select(_T.payload)
    .where(_T.state == PlacementState.PLACING, _T.settles_at <= bindparam("at"))
    .order_by(_T.since, _T.key)
)
_OLD_REFUSED: Final = (
    select(_T.key)
    .where(_T.state == PlacementState.REFUSED, _T.settles_at <= bindparam("at"))
    .order_by(_T.settles_at)
    .limit(bindparam("most"))
)
_FORGET_REFUSED: Final = delete(schema.placements).where(_T.key.in_(_OLD_REFUSED.scalar_subquery()))


class SqlPlacements(Placements):
    """Submits; the database holds keys, orders and live Opportunities unique."""

    def __init__(self, statements: Statements) -> None:
        self._run = statements

    def add(self, placement: Placement, /) -> None:
        self._run.write(
            _ADD,
            {"key": placement.key, **_changing(placement)},
            conflict="this request is being placed already, or its opportunity belongs to another live order",
        )

    def get(self, key: RequestKey, /) -> Placement | None:
        row = self._run.row(_GET, {"request": key})
        return None if row is None else load(Placement, row.payload)

    def of_order(self, order: OrderId, /) -> Placement | None:
        row = self._run.row(_OF_ORDER, {"order": order})
        return None if row is None else load(Placement, row.payload)

    def of_orders(self, orders: Collection[OrderId], /) -> Mapping[OrderId, Placement]:
        rows = self._run.rows(_OF_ORDERS, {"orders": [*orders]}) if orders else ()
        return {OrderId(row.placed): load(Placement, row.payload) for row in rows}

    def replace(self, placement: Placement, /, *, runner: Runner) -> None:
        self._run.write_one(
            _REPLACE,
            {**_changing(placement), "request": placement.key, "by": runner},
            conflict="another run has taken the placing over, or its opportunity or order is another's",
        )

    def release_opportunity(self, order: OrderId, /) -> None:
        owner = self.of_order(order)
        if owner is not None and owner.opportunity is not None:
            self.replace(attrs.evolve(owner, opportunity=None), runner=owner.runner)

    def forget_refused(self, at: datetime, /, *, limit: int) -> int:
        return self._run.write(_FORGET_REFUSED, {"at": at, "most": limit})

    def unresolved(self, at: datetime, /) -> tuple[Placement, ...]:
        found: list[Placement] = []
        for row in self._run.rows(_UNRESOLVED, {"at": at}):
            with suppress(Refused):
                found.append(load(Placement, row.payload))
        return tuple(found)


def _changing(placement: Placement) -> dict[str, object]:
    """Return all but the key, whose index would be written again though it says what it said before."""
    live = placement.state is not PlacementState.REFUSED
    return {
        "state": placement.state,
        "runner": placement.runner,
        "since": placement.since,
        "settles_at": placement.settles_at,
        "live_opportunity": placement.opportunity if live else None,
        "placed": placement.placed,
        "payload": dump(placement),
    }
