"""The running side of triggers: each is taken by one caller, run outside any transaction, and settled."""

from __future__ import annotations

import logging

from collections.abc import Callable
from datetime import datetime

import attrs

from ordering_adapters.memory.store import MemoryStore
from ordering_core.domain.journal import Subject
from ordering_core.ports.work_queue import WorkQueue, again_after, error_of


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
            again: datetime | None = None
            is_torn = True
            try:
                handle(trigger.subject)
                is_torn = False
            except Exception as error:  # noqa: BLE001 - whatever a run raises, the other triggers go on
                again, is_torn = again_after(error, at), False
                self.failures.append(FailedRun(trigger.subject, error))
                _log.warning(
                    "a run of kind %(kind)s failed: %(error)s",
                    {"kind": trigger.subject.kind, "error": error_of(error).__name__},
                )
            finally:
                # Also when the process is being stopped in the middle of a run: the trigger is still there.
                with self._store.triggers() as triggers:
                    if is_torn:
                        triggers.wait(trigger)
                    elif again is None:
                        triggers.served(trigger)
                    else:
                        triggers.postpone(trigger, again=again)
        return handed

    def next_due(self) -> datetime | None:
        with self._store.triggers() as triggers:
            return triggers.next_due()
