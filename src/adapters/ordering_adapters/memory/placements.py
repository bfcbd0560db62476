"""Submits by their request key; an Opportunity belongs to one live placement at a time (DESIGN 3.11)."""

from __future__ import annotations

from datetime import datetime

import attrs

from ordering_adapters.memory.tables import ChangeLog, Groups, Table
from ordering_core.domain.identifiers import OpportunityId, OrderId, RequestKey
from ordering_core.domain.journal import Runner
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict
from ordering_core.ports.checkout_records import Placement, Placements, PlacementState


class MemoryPlacements(Placements):
    """Submits, with what a database would index: orders, opportunities, states."""

    def __init__(self, log: ChangeLog) -> None:
        self._rows: Table[RequestKey, Placement] = Table(log)
        self._orders: Table[OrderId, RequestKey] = Table(log)
        self._opportunities: Table[OpportunityId, RequestKey] = Table(log)
        self._states: Groups[PlacementState, RequestKey] = Groups(log)

    def add(self, placement: Placement, /) -> None:
        if self._rows.get(placement.key):
            raise Conflict(System.STORE, "this request is being placed already")
        self._keep(None, placement)

    def get(self, key: RequestKey, /) -> Placement | None:
        return self._rows.get(key)

    def of_order(self, order: OrderId, /) -> Placement | None:
        key = self._orders.get(order)
        return None if key is None else self._rows.get(key)

    def replace(self, placement: Placement, /, *, runner: Runner) -> None:
        stored = self._rows.get(placement.key)
        if stored is None or stored.runner != runner:
            raise Conflict(System.STORE, "another run has taken the placing over")
        self._keep(stored, placement)

    def release_opportunity(self, order: OrderId, /) -> None:
        stored = self.of_order(order)
        if stored is not None:
            self._keep(stored, attrs.evolve(stored, opportunity=None))

    def unresolved(self, at: datetime, /) -> tuple[Placement, ...]:
        placing = (self._rows.get(key) for key in self._states.of(PlacementState.PLACING))
        due = [placement for placement in placing if placement and placement.settles_at <= at]
        return tuple(sorted(due, key=lambda placement: (placement.since, placement.key)))

    def forget_refused(self, at: datetime, /, *, limit: int) -> int:
        refused = (self._rows.get(key) for key in self._states.of(PlacementState.REFUSED))
        old = sorted((row.settles_at, row.key) for row in refused if row and row.settles_at <= at)[:limit]
        for _, key in old:
            if stored := self._rows.get(key):
                self._forget(stored)
                self._rows.remove(key)
        return len(old)

    def _keep(self, stored: Placement | None, placement: Placement) -> None:
        key, wanted = placement.key, _owned(placement)
        if wanted is not None and self._opportunities.get(wanted) not in {None, key}:
            raise Conflict(System.STORE, "the opportunity belongs to another live order")
        if placement.placed is not None and self._orders.get(placement.placed) not in {None, key}:
            raise Conflict(System.STORE, "the order belongs to another request")
        if stored is not None:
            self._forget(stored)
        self._rows.put(key, placement)
        self._states.put(placement.state, key)
        if wanted is not None:
            self._opportunities.put(wanted, key)
        if placement.placed is not None:
            self._orders.put(placement.placed, key)

    def _forget(self, stored: Placement) -> None:
        self._states.remove(stored.state, stored.key)
        held = _owned(stored)
        if held is not None:
            self._opportunities.remove(held)
        if stored.placed is not None:
            self._orders.remove(stored.placed)


def _owned(placement: Placement) -> OpportunityId | None:
    return None if placement.state is PlacementState.REFUSED else placement.opportunity
