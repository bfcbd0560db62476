"""What is to run, and when: written by transactions, taken by the work queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import count

import attrs

from ordering_adapters.memory.tables import ChangeLog, Groups, Schedule, Table
from ordering_core.domain.journal import Subject
from ordering_core.ports.work_queue import SWEPT


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

    def served(self, run: Trigger) -> None:
        """Let go of what the sweep wanted, too, now that *run* has ended well."""
        for other in self._waiting_of(run.subject):
            if other.cause.startswith(SWEPT):
                self._drop(other)

    def postpone(self, run: Trigger, *, again: datetime) -> None:
        """Let *run*, which broke off, wait until *again*, along with what would have come before that."""
        for other in self._waiting_of(run.subject):
            if other.number < run.number and other.due <= again:
                self._drop(other)
        self.wait(attrs.evolve(run, due=again))

    def due_since(self, at: datetime) -> Mapping[Subject, datetime]:
        """Return who has a trigger that is due at *at*, and since when the first one is."""
        due: dict[Subject, datetime] = {}
        for trigger in self._waiting.all():
            if trigger.due <= at:
                due[trigger.subject] = min(trigger.due, due.get(trigger.subject, trigger.due))
        return due

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
                self._drop(waits)
        return forgotten

    def next_due(self) -> datetime | None:
        """Return when the next waiting trigger falls due."""
        first = self._schedule.first()
        return first[0] if first else None

    def _waiting_of(self, subject: Subject) -> Iterator[Trigger]:
        for cause in sorted(self._causes.of(subject)):
            number = self._known.get((subject, cause))
            waits = None if number is None else self._waiting.get(number)
            if waits is not None:
                yield waits

    def _drop(self, trigger: Trigger) -> None:
        self._waiting.remove(trigger.number)
        self._schedule.remove(trigger.due, trigger.number)
