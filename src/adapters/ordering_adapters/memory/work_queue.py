"""The running side of triggers: each is taken by one caller, run outside any transaction, and settled."""

from __future__ import annotations

import logging

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import attrs

from ordering_adapters.memory.store import MemoryStore
from ordering_core.domain.journal import Subject
from ordering_core.ports.work_queue import WorkQueue


RETRY_AFTER: Final = timedelta(minutes=1)
"""How long after a failed run its trigger is due again."""

_log = logging.getLogger(__name__)


@attrs.frozen
class FailedRun:
    """A run that raised."""

    subject: Subject
    error: Exception


class MemoryWorkQueue(WorkQueue):
    """Runs what a `MemoryStore` was asked to trigger; *failures* keeps what the runs raised, oldest first."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.failures: list[FailedRun] = []

    def run_due(self, at: datetime, handle: Callable[[Subject], None], /, *, limit: int = 100) -> int:
        handed = 0
        while handed < limit:
            with self._store.triggers() as triggers:
                trigger = triggers.take(at)
            if trigger is None:
                break
            handed += 1
            again: datetime | None = trigger.due
            try:
                handle(trigger.subject)
                again = None
            except Exception as error:  # noqa: BLE001 - whatever a run raises, the other triggers go on
                again = at + RETRY_AFTER
                self.failures.append(FailedRun(trigger.subject, error))
                _log.warning(
                    "a run of kind %(kind)s failed: %(error)s",
                    {"kind": trigger.subject.kind, "error": type(error).__name__},
                )
            finally:
                # Also when the process is being stopped in the middle of a run: the trigger is still there.
                if again is not None:
                    with self._store.triggers() as triggers:
                        triggers.wait(attrs.evolve(trigger, due=again))
        return handed

    def next_due(self) -> datetime | None:
        with self._store.triggers() as triggers:
            return triggers.next_due()
