"""What is to run, and when: written by transactions, worked off by the work queue."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Final

import attrs

from sqlalchemy import Executable, bindparam, case, delete, exists, func, or_, select, update

from ordering_adapters.storage import schema
from ordering_adapters.storage.statements import Statements, upsert
from ordering_core.domain.journal import Subject, SubjectKind
from ordering_core.ports.store import Cause
from ordering_core.ports.work_queue import SWEPT


_T = schema.triggers.c

_NOT_RUNNING: Final = _T.number.not_in(bindparam("running", expanding=True))
_FIRST: Final = (
    select(_T.number, _T.kind, _T.key)
    .where(_T.due <= bindparam("at"), _NOT_RUNNING)
    .order_by(_T.due, _T.number)
    .limit(1)
)
_WAITING: Final = select(_T.kind, _T.key).where(_T.number == bindparam("number"), _T.due <= bindparam("at"))
_NEXT_DUE: Final = select(func.min(_T.due).label("due")).where(_NOT_RUNNING)
_KNOWN: Final = schema.triggers.alias()
_INSTEAD: Final = update(schema.triggers).where(
    _T.kind == bindparam("needless_kind"),
    _T.key == bindparam("needless_key"),
    _T.cause == bindparam("needless_cause"),
    _T.due > bindparam("soon"),
    ~exists(_KNOWN.c.number).where(
        _KNOWN.c.kind == bindparam("of_kind"),
        _KNOWN.c.key == bindparam("of_key"),
        _KNOWN.c.cause == bindparam("of_cause"),
    ),
)
_FORGET: Final = delete(schema.triggers).where(_T.kind == bindparam("of_kind"), _T.key == bindparam("of_key"))
_FORGET_RUN: Final = _FORGET.where(_T.due.is_(None))
_DUE: Final = select(func.count().label("number"), func.min(_T.due).label("due")).where(
    _T.due <= bindparam("at")
)
_DUE_SINCE: Final = (
    select(_T.kind, _T.key, _T.due).where(_T.due <= bindparam("at")).order_by(_T.due.desc(), _T.number.desc())
)

_IT: Final = _T.number == bindparam("trigger")
_ITS: Final = schema.triggers.alias()
_OF_ITS_SUBJECT: Final = (
    _T.kind == select(_ITS.c.kind).where(_ITS.c.number == bindparam("trigger")).scalar_subquery()
) & (_T.key == select(_ITS.c.key).where(_ITS.c.number == bindparam("trigger")).scalar_subquery())
# Not BETWEEN: PostgreSQL reads no COLLATE inside it.
_BY_THE_SWEEP: Final = (_T.cause >= SWEPT) & (_T.cause < f"{SWEPT}\U0010ffff") & _T.due.is_not(None)
_SERVED: Final = update(schema.triggers).where(or_(_IT, _OF_ITS_SUBJECT & _BY_THE_SWEEP)).values(due=None)
_AGAIN: Final = bindparam("again", type_=schema.Instant())
_POSTPONE: Final = (
    update(schema.triggers)
    .where(or_(_IT, _OF_ITS_SUBJECT & (_T.number < bindparam("trigger")) & (_T.due <= _AGAIN)))
    .values(due=case((_IT, _AGAIN), else_=None))
)


SOON: Final = timedelta(seconds=30)
"""What is due within it may be running already: the clocks of two machines are never further apart."""


@cache
def _add(dialect: str) -> Executable:
    return upsert(schema.triggers, dialect).on_conflict_do_nothing()


@attrs.frozen(kw_only=True)
class Trigger:
    """One wish to have *subject* run; *number* is its place among all triggers."""

    number: int
    subject: Subject


class SqlTriggers:
    """Triggers, once per subject and cause: what has run does not run again for the same cause."""

    def __init__(self, statements: Statements) -> None:
        self._run = statements

    def add(self, subject: Subject, cause: str, due: datetime) -> None:
        """Let *subject* run at *due*, unless *cause* has triggered it before."""
        new = {"kind": subject.kind, "key": subject.key, "cause": cause, "due": due}
        self._run.write(_add(self._run.dialect), new)

    def add_instead(self, needless: Cause, subject: Subject, cause: str, now: datetime) -> None:
        """
        Let *subject* run *now*, unless *cause* has triggered it before.

        The row of *needless* becomes that of *cause*, if it waits for longer than `SOON`: no row is added,
        and nothing is run in vain.
        """
        whom, why = needless
        turned = {
            "kind": subject.kind,
            "key": subject.key,
            "cause": cause,
            "due": now,
            "of_kind": subject.kind,
            "of_key": subject.key,
            "of_cause": cause,
            "needless_kind": whom.kind,
            "needless_key": whom.key,
            "needless_cause": why,
            "soon": now + SOON,
        }
        if not self._run.write(_INSTEAD, turned):
            self.add(subject, cause, now)

    def first(self, at: datetime, *, without: Collection[int]) -> Trigger | None:
        """Return the first trigger that is due at *at* and none of *without*."""
        row = self._run.row(_FIRST, {"at": at, "running": [*without]})
        if row is None:
            return None
        return Trigger(number=row.number, subject=Subject(SubjectKind(row.kind), row.key))

    def waiting(self, number: int, at: datetime) -> Subject | None:
        """Return whom trigger *number* is to run, None when it is not due at *at* (any more)."""
        row = self._run.row(_WAITING, {"number": number, "at": at})
        return None if row is None else Subject(SubjectKind(row.kind), row.key)

    def settle(self, number: int, *, again: datetime | None) -> None:
        """
        Let the trigger fall due *again*, or never when that is None.

        Its run that ended well has served what the sweep wanted, too; one that did not takes along what would
        have had the subject run before it is tried again.
        """
        if again is None:
            self._run.write(_SERVED, {"trigger": number})
        else:
            self._run.write(_POSTPONE, {"trigger": number, "again": again})

    def forget(self, subject: Subject, *, waiting: bool) -> int:
        """Forget what has triggered *subject*: what ran, and with *waiting* what waits too; say how much."""
        return self._run.write(
            _FORGET if waiting else _FORGET_RUN, {"of_kind": subject.kind, "of_key": subject.key}
        )

    def due(self, at: datetime) -> tuple[int, datetime | None]:
        """Return how many triggers are due at *at*, and since when the first of them is."""
        row = self._run.row(_DUE, {"at": at})
        return (0, None) if row is None else (row.number, row.due)

    def due_since(self, at: datetime) -> Mapping[Subject, datetime]:
        """Return who has a trigger that is due at *at*, and since when the first one is."""
        latest_first = self._run.rows(_DUE_SINCE, {"at": at})
        return {Subject(SubjectKind(row.kind), row.key): row.due for row in latest_first}

    def next_due(self, *, without: Collection[int]) -> datetime | None:
        """Return when the next waiting trigger that is none of *without* falls due."""
        row = self._run.row(_NEXT_DUE, {"running": [*without]})
        return None if row is None else row.due
