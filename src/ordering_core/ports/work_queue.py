"""Running what was triggered; triggers themselves belong to the store's transaction (DESIGN 6)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from ordering_core.domain.journal import Subject


class WorkQueue(Protocol):
    """The running side of triggers."""

    @abstractmethod
    def run_due(self, at: datetime, handle: Callable[[Subject], None], /, *, limit: int = 100) -> int:
        """
        Hand every subject with a trigger due at *at* to *handle*; return how many were handled.

        A trigger whose handler raises is kept and becomes due again a minute later; the others go on. No
        trigger is handed to two callers at once, and none handled is handed out again.
        """
        ...

    @abstractmethod
    def next_due(self) -> datetime | None:
        """Return when the next trigger becomes due, or None when none waits."""
        ...
