"""
The running side of triggers: in one process at a time, by as many of its threads as call.

A trigger stays due until its run is over, so that nothing is lost with the process that was running it. Who
runs holds a lock that dies with the process (`storage.one_process`): another one goes on at once.
"""

from __future__ import annotations

import logging

from collections.abc import Callable
from datetime import datetime
from threading import Lock

from ordering_adapters.storage.one_process import OneProcess
from ordering_adapters.storage.store import SqlStore
from ordering_adapters.storage.triggers import Trigger
from ordering_core.domain.journal import Subject
from ordering_core.ports.work_queue import WorkQueue, again_after, error_of


_log = logging.getLogger(__name__)


class SqlWorkQueue(WorkQueue):
    """Runs what a `SqlStore` was asked to trigger; other processes on its database wait meanwhile."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self._process = OneProcess(store.engine)
        self._lock = Lock()
        self._running: set[int] = set()

    def run_due(self, at: datetime, handle: Callable[[Subject], None], /, *, limit: int = 100) -> int:
        handed = 0
        with self._process.turn() as is_ours:
            while is_ours and handed < limit:
                trigger = self._take(at)
                if trigger is None:
                    break
                handed += 1
                try:
                    self._run(trigger, handle, at)
                finally:
                    with self._lock:
                        self._running.discard(trigger.number)
        return handed

    def next_due(self) -> datetime | None:
        with self._lock, self._store.at_once() as tx:
            return tx.triggers.next_due(without=self._running)

    def due(self, at: datetime) -> tuple[int, datetime | None]:
        """Return how many triggers are due at *at*, run or not, and since when the first of them is."""
        with self._store.at_once() as tx:
            return tx.triggers.due(at)

    def _take(self, at: datetime) -> Trigger | None:
        """Return the first trigger that is due and that nobody runs: it is the caller's now."""
        with self._lock:
            with self._store.at_once() as tx:
                trigger = tx.triggers.first(at, without=self._running)
            if trigger is not None:
                self._running.add(trigger.number)
            return trigger

    def _run(self, trigger: Trigger, handle: Callable[[Subject], None], at: datetime) -> None:
        """Run *trigger*; one that is torn down in the middle stays due as it was."""
        again: datetime | None = None
        try:
            handle(trigger.subject)
        except Exception as error:  # noqa: BLE001 - whatever a run raises, the other triggers go on
            again = again_after(error, at)
            _log.warning(
                "a run of kind %(kind)s failed: %(error)s",
                {"kind": trigger.subject.kind, "error": error_of(error).__name__},
            )
        with self._store.at_once() as tx:
            tx.triggers.settle(trigger.number, again=again)
