"""
Everything of ours, kept in memory: one lock, one transaction at a time, every change undone when it fails.

What a transaction appended to the event log goes to live updates after it was kept, and what it triggered is
there for the work queue only then.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import datetime

from ordering_adapters.memory.events import MemoryEvents
from ordering_adapters.memory.faults import MemoryFaults
from ordering_adapters.memory.journal import MemoryJournal
from ordering_adapters.memory.live_updates import MemoryLiveUpdates
from ordering_adapters.memory.network_tables import NetworkTables
from ordering_adapters.memory.placements import MemoryPlacements
from ordering_adapters.memory.projection import MemoryProjection
from ordering_adapters.memory.records import (
    MemoryAnswers,
    MemoryCheckpoints,
    MemoryDecisions,
    MemoryFindings,
    MemoryIdentities,
    MemoryUploads,
)
from ordering_adapters.memory.sessions import MemorySessions
from ordering_adapters.memory.tables import ChangeLog
from ordering_adapters.memory.triggers import MemoryTriggers
from ordering_core.domain.journal import Subject
from ordering_core.ports.clock import Clock
from ordering_core.ports.store import Store, Transaction


class MemoryTransaction(Transaction):
    """The parts of a `MemoryStore`; they answer only inside a transaction, and only in its thread."""

    def __init__(self, log: ChangeLog, clock: Clock) -> None:
        self._clock = clock
        self._sessions = MemorySessions(log)
        self._requests = MemoryPlacements(log)
        self._journal = MemoryJournal(log)
        self._projection = MemoryProjection(log)
        self._events = MemoryEvents(log)
        self._decisions = MemoryDecisions(log)
        self._findings = MemoryFindings(log)
        self._identities = MemoryIdentities(log)
        self._checkpoints = MemoryCheckpoints(log)
        self._answers = MemoryAnswers(log)
        self._uploads = MemoryUploads(log)
        self._triggers = MemoryTriggers(log)
        self._network = NetworkTables(log)

    @property
    def sessions(self) -> MemorySessions:
        return self._sessions

    @property
    def requests(self) -> MemoryPlacements:
        return self._requests

    @property
    def journal(self) -> MemoryJournal:
        return self._journal

    @property
    def projection(self) -> MemoryProjection:
        return self._projection

    @property
    def events(self) -> MemoryEvents:
        return self._events

    @property
    def decisions(self) -> MemoryDecisions:
        return self._decisions

    @property
    def findings(self) -> MemoryFindings:
        return self._findings

    @property
    def identities(self) -> MemoryIdentities:
        return self._identities

    @property
    def checkpoints(self) -> MemoryCheckpoints:
        return self._checkpoints

    @property
    def answers(self) -> MemoryAnswers:
        return self._answers

    @property
    def uploads(self) -> MemoryUploads:
        return self._uploads

    @property
    def network(self) -> NetworkTables:
        """What the books of the mobile network are written in."""
        return self._network

    @property
    def triggers(self) -> MemoryTriggers:
        """What is to run, for the work queue."""
        return self._triggers

    def trigger(self, subject: Subject, /, *, cause: str, at: datetime | None = None) -> None:
        self._triggers.add(subject, cause, self._clock.now() if at is None else at)

    def due_since(self, at: datetime, /) -> Mapping[Subject, datetime]:
        return self._triggers.due_since(at)

    def forget_triggers(self, subject: Subject, /, *, waiting: bool) -> int:
        return self._triggers.forget(subject, waiting=waiting)


class MemoryStore(Store):
    """
    A store in memory, to be shared by any number of threads.

    *live_updates* is told of every event that was kept; *faults* can make ``store.transaction`` go wrong.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        live_updates: MemoryLiveUpdates | None = None,
        faults: MemoryFaults | None = None,
    ) -> None:
        self._log = ChangeLog()
        self._parts = MemoryTransaction(self._log, clock)
        self._live_updates = live_updates or MemoryLiveUpdates()
        self._faults = faults

    @contextmanager
    def transaction(self) -> Generator[MemoryTransaction]:
        with self._faults.transaction("store.transaction") if self._faults else nullcontext():
            with self._log.open():
                before = self._parts.events.end()
                yield self._parts
                self._live_updates.post(self._parts.events.since(before))
            self._live_updates.deliver()

    @contextmanager
    def triggers(self) -> Generator[MemoryTriggers]:
        """Give the work queue its side of the triggers, in a transaction that no fault switch reaches."""
        with self._log.open():
            yield self._parts.triggers
