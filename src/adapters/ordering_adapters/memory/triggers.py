"""What is to run, and when: written by transactions, taken by the work queue."""

from __future__ import annotations

from datetime import datetime
from itertools import count

import attrs

from ordering_adapters.memory.tables import ChangeLog, Groups, Schedule, Table
from ordering_core.domain.journal import Subject


@attrs.frozen(kw_only=True)
class Trigger:
    """One wish to have *subject* run; *number* is its place among all triggers."""

    number: int
    subject: Subject
    cause: str
    due: datetime


class MemoryTriggers:
    """Triggers, once per subject and cause: what has run does not run again for the same cause."""

    def __init__(self, log: ChangeLog) -> None:
        self._known: Table[tuple[Subject, str], int] = Table(log)
        self._causes: Groups[Subject, str] = Groups(log)
        self._numbers = count(1)
        self._waiting: Table[int, Trigger] = Table(log)
        self._schedule = Schedule(log)

    def add(self, subject: Subject, cause: str, due: datetime) -> None:
        """Let *subject* run at *due*, unless *cause* has triggered it before."""
        if self._known.get((subject, cause)) is not None:
            return
        number = next(self._numbers)
        self._known.put((subject, cause), number)
        self._causes.put(subject, cause)
        self.wait(Trigger(number=number, subject=subject, cause=cause, due=due))

    def wait(self, trigger: Trigger) -> None:
        """Let *trigger* wait until it is due."""
        self._waiting.put(trigger.number, trigger)
        self._schedule.put(trigger.due, trigger.number)

    def take(self, at: datetime) -> Trigger | None:
        """Take the first trigger that is due at *at* off the list: it is the caller's now."""
        first = self._schedule.first()
        if first is None or first[0] > at:
            return None
        self._schedule.remove(*first)
        trigger = self._waiting.get(first[1])
        self._waiting.remove(first[1])
        return trigger

    def forget(self, subject: Subject, *, waiting: bool) -> int:
        """Forget what has triggered *subject*: what ran, and with *waiting* what waits too; say how much."""
        forgotten = 0
        for cause in sorted(self._causes.of(subject)):
            number = self._known.get((subject, cause))
            waits = None if number is None else self._waiting.get(number)
            if waits is None or waiting:
                self._known.remove((subject, cause))
                self._causes.remove(subject, cause)
                forgotten += 1
            if waits is not None and waiting:
                self._waiting.remove(waits.number)
                self._schedule.remove(waits.due, waits.number)
        return forgotten

    def next_due(self) -> datetime | None:
        """Return when the next waiting trigger falls due."""
        first = self._schedule.first()
        return first[0] if first else None
