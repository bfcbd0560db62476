"""On which days the company is closed besides weekends."""

from __future__ import annotations

from abc import abstractmethod
from datetime import date
from typing import Protocol


class ClosedDays(Protocol):
    """Public holidays and the company's own closures."""

    @abstractmethod
    def between(self, first: date, last: date, /) -> frozenset[date]:
        """Return the closed days from *first* to *last*, both included; a plain weekend is none."""
        ...
