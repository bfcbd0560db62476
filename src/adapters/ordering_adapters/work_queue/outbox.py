"""Where triggers wait: the store, as far as whoever runs them has to know it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from ordering_core.domain.journal import Subject


class Waiting(Protocol):
    """One trigger that is due; *number* is its place among all triggers."""

    @property
    def number(self) -> int:
        """Its place among all triggers."""
        ...

    @property
    def subject(self) -> Subject:
        """Who is to run."""
        ...


class Outbox(Protocol):
    """
    The triggers of a store, each written in the transaction that caused it and due until its run is over.

    Every method raises Unavailable when the store cannot be read or written now.
    """

    @abstractmethod
    def first(self, at: datetime, *, without: Collection[int]) -> Waiting | None:
        """Return the first trigger that is due at *at* and none of *without*."""
        ...

    @abstractmethod
    def waiting(self, number: int, at: datetime) -> Subject | None:
        """Return whom trigger *number* is to run, None when it is not due at *at* (any more)."""
        ...

    @abstractmethod
    def settle(self, number: int, *, again: datetime | None) -> None:
        """Let the trigger fall due *again*, or never when that is None."""
        ...

    @abstractmethod
    def next_due(self, *, without: Collection[int]) -> datetime | None:
        """Return when the next waiting trigger that is none of *without* falls due, None when none waits."""
        ...
