"""Triggers for a work queue that runs them by other means: each look by itself."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from ordering_adapters.storage.store import SqlStore
from ordering_adapters.storage.triggers import Trigger
from ordering_core.domain.journal import Subject


class SqlOutbox:
    """The triggers of a `SqlStore`, to be shared by any number of threads."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def first(self, at: datetime, *, without: Collection[int]) -> Trigger | None:
        """Return the first trigger that is due at *at* and none of *without*."""
        with self._store.at_once() as tx:
            return tx.triggers.first(at, without=without)

    def waiting(self, number: int, at: datetime) -> Subject | None:
        """Return whom trigger *number* is to run, None when it is not due at *at* (any more)."""
        with self._store.at_once() as tx:
            return tx.triggers.waiting(number, at)

    def settle(self, number: int, *, again: datetime | None) -> None:
        """Let the trigger fall due *again*, or never when that is None."""
        with self._store.at_once() as tx:
            tx.triggers.settle(number, again=again)

    def next_due(self, *, without: Collection[int]) -> datetime | None:
        """Return when the next waiting trigger that is none of *without* falls due."""
        with self._store.at_once() as tx:
            return tx.triggers.next_due(without=without)
