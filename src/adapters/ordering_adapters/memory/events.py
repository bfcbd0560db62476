"""The append-only event log."""

from __future__ import annotations

from bisect import bisect_right

import attrs

from ordering_adapters.memory.tables import ChangeLog, Table
from ordering_core.domain.events import OrderEvent
from ordering_core.domain.identifiers import Cursor, OrderId
from ordering_core.errors import CursorTooOld
from ordering_core.ports.order_records import Events


class MemoryEvents(Events):
    """One list of everything, and one per order."""

    def __init__(self, log: ChangeLog) -> None:
        self._log = log
        self._all: list[OrderEvent] = []
        self._of_order: dict[OrderId, list[OrderEvent]] = {}
        # Up to which cursor events of an order were forgotten; of any order under None.
        self._forgotten: Table[OrderId | None, int] = Table(log)

    def append(self, event: OrderEvent, /) -> OrderEvent:
        self._log.check()
        kept = attrs.evolve(event, cursor=Cursor(self.end() + 1))
        for events in (self._all, self._of_order.setdefault(event.order, [])):
            self._log.changed(events.pop)
            events.append(kept)
        return kept

    def after(
        self, cursor: Cursor, /, *, order: OrderId | None = None, limit: int = 100
    ) -> tuple[OrderEvent, ...]:
        self._log.check()
        forgotten = self._forgotten.get(order) or 0
        if 0 < cursor < forgotten:
            raise CursorTooOld(forgotten)
        events = self._all if order is None else self._of_order.get(order, [])
        first = bisect_right(events, cursor, key=lambda event: event.cursor)
        return tuple(events[first : first + limit])

    def last(self, order: OrderId, /) -> OrderEvent | None:
        self._log.check()
        events = self._of_order.get(order)
        return events[-1] if events else None

    def forget(self, order: OrderId, /) -> int:
        of_order = self._of_order.get(order, [])
        gone = of_order[:-1]
        if gone:
            self._drop(self._all, gone)
            self._drop(of_order, gone)
            for whose in (order, None):
                self._forgotten.put(whose, max(gone[-1].cursor, self._forgotten.get(whose) or 0))
        return len(gone)

    def since(self, cursor: Cursor, /) -> tuple[OrderEvent, ...]:
        """Return everything after *cursor*, however much it is."""
        return self.after(cursor, limit=len(self._all))

    def end(self) -> Cursor:
        """Return the cursor of the latest event, 0 before the first."""
        self._log.check()
        return self._all[-1].cursor if self._all else Cursor(0)

    def _drop(self, events: list[OrderEvent], gone: list[OrderEvent]) -> None:
        before = list(events)
        self._log.changed(lambda: events.__setitem__(slice(None), before))
        events[:] = [event for event in events if event not in gone]
