"""Days on which the company is closed: a given set of holidays, and the turn of every year."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

from ordering_core.ports.closed_days import ClosedDays


NEW_YEAR: Final = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})
"""Month and day of the closure at the turn of the year, the same every year."""


class MemoryClosedDays(ClosedDays):
    """The given *holidays* and the company's own *closures*, by month and day."""

    def __init__(
        self,
        holidays: Iterable[date] = (),
        *,
        closures: frozenset[tuple[int, int]] = NEW_YEAR,
    ) -> None:
        self._holidays = frozenset(holidays)
        self._closures = closures

    def between(self, first: date, last: date, /) -> frozenset[date]:
        days = (first + timedelta(days=passed) for passed in range((last - first).days + 1))
        return frozenset(
            day for day in days if day in self._holidays or (day.month, day.day) in self._closures
        )
