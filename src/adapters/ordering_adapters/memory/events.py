"""The append-only event log."""

from __future__ import annotations

from bisect import bisect_right

import attrs

from ordering_adapters.memory.tables import ChangeLog
from ordering_core.domain.events import OrderEvent
from ordering_core.domain.identifiers import Cursor, OrderId
from ordering_core.ports.store import Events


class MemoryEvents(Events):
    """One list of everything, and one per order."""

    def __init__(self, log: ChangeLog) -> None:
        self._log = log
        self._all: list[OrderEvent] = []
        self._of_order: dict[OrderId, list[OrderEvent]] = {}

    def append(self, event: OrderEvent, /) -> OrderEvent:
        self._log.check()
        kept = attrs.evolve(event, cursor=Cursor(len(self._all) + 1))
        for events in (self._all, self._of_order.setdefault(event.order, [])):
            self._log.changed(events.pop)
            events.append(kept)
        return kept

    def after(
        self, cursor: Cursor, /, *, order: OrderId | None = None, limit: int = 100
    ) -> tuple[OrderEvent, ...]:
        self._log.check()
        events = self._all if order is None else self._of_order.get(order, [])
        first = bisect_right(events, cursor, key=lambda event: event.cursor)
        return tuple(events[first : first + limit])

    def last(self, order: OrderId, /) -> OrderEvent | None:
        self._log.check()
        events = self._of_order.get(order)
        return events[-1] if events else None

    def since(self, cursor: Cursor, /) -> tuple[OrderEvent, ...]:
        """Return everything after *cursor*, however much it is."""
        return self.after(cursor, limit=len(self._all))

    def end(self) -> Cursor:
        """Return the cursor of the latest event, 0 before the first."""
        self._log.check()
        return Cursor(len(self._all))
