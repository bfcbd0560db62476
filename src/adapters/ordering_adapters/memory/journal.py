"""The journal: every outside effect, intended before and settled after, and each subject's case file."""

from __future__ import annotations

from datetime import datetime
from itertools import count, islice

import attrs

from ordering_adapters.memory.tables import ChangeLog, Groups, Table
from ordering_core.domain.journal import (
    CaseFile,
    Done,
    Evidence,
    JournalRow,
    Outcome,
    RowId,
    Runner,
    Step,
    Subject,
    SubjectKind,
    waits_at,
)
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict
from ordering_core.ports.order_records import Journal


class MemoryJournal(Journal):
    """Rows and case files, the unfinished ones at hand for the sweep."""

    def __init__(self, log: ChangeLog) -> None:
        self._rows: Table[RowId, JournalRow] = Table(log)
        self._of_subject: Groups[Subject, RowId] = Groups(log)
        self._numbers = count(1)
        self._case_files: Table[Subject, CaseFile] = Table(log)
        self._unfinished: Table[Subject, CaseFile] = Table(log)

    def rows(self, subject: Subject, /) -> tuple[JournalRow, ...]:
        rows = (self._rows.get(row) for row in sorted(self._of_subject.of(subject)))
        return tuple(row for row in rows if row is not None)

    def intend(
        self,
        subject: Subject,
        step: Step,
        /,
        *,
        mark: str,
        runner: Runner,
        at: datetime,
        settles_at: datetime,
    ) -> JournalRow:
        before = [row for row in self.rows(subject) if row.step is step]
        if any(row.outcome is None for row in before):
            raise Conflict(System.STORE, f"{step} is being attempted already")
        row = JournalRow(
            id=RowId(next(self._numbers)),
            subject=subject,
            step=step,
            attempt=len(before) + 1,
            mark=mark,
            runner=runner,
            intent_at=at,
            settles_at=settles_at,
        )
        self._rows.put(row.id, row)
        self._of_subject.put(subject, row.id)
        return row

    def settle(self, row: RowId, /, *, outcome: Outcome, at: datetime, evidence: Evidence) -> JournalRow:
        stored = self._rows.get(row)
        if stored is None:
            raise Conflict(System.STORE, "there is no such journal row")
        if stored.outcome not in {None, Outcome.UNKNOWN}:
            raise Conflict(System.STORE, f"{stored.step} is settled already")
        settled = attrs.evolve(stored, outcome=outcome, settled_at=at, evidence=dict(evidence))
        self._rows.put(row, settled)
        return settled

    def case_file(self, subject: Subject, /) -> CaseFile | None:
        return self._case_files.get(subject)

    def keep(self, case_file: CaseFile, /) -> CaseFile:
        stored = self._case_files.get(case_file.subject)
        if case_file.version != (stored.version if stored else 0):
            raise Conflict(System.STORE, "the case file was changed meanwhile")
        kept = attrs.evolve(case_file, version=case_file.version + 1)
        self._case_files.put(kept.subject, kept)
        if isinstance(kept.rest, Done):
            self._unfinished.remove(kept.subject)
        else:
            self._unfinished.put(kept.subject, kept)
        return kept

    def unfinished(self) -> tuple[CaseFile, ...]:
        return tuple(sorted(self._unfinished.all(), key=lambda kept: _place(kept.subject)))

    def count_unfinished(self) -> int:
        return len(self._unfinished.all())

    def awake(self, at: datetime, /, *, after: Subject | None = None, limit: int) -> tuple[CaseFile, ...]:
        awake = (kept for kept in self.unfinished() if not waits_at(kept.rest, at))
        behind = (kept for kept in awake if after is None or _place(kept.subject) > _place(after))
        return tuple(islice(behind, limit))

    def finished(self, kind: SubjectKind, /, *, after: str = "", limit: int) -> tuple[Subject, ...]:
        keys = sorted(
            kept.subject.key
            for kept in self._case_files.all()
            if kept.subject.kind is kind and kept.subject.key > after and isinstance(kept.rest, Done)
        )
        return tuple(Subject(kind, key) for key in keys[:limit])


def _place(subject: Subject) -> tuple[str, str]:
    """Return by what subjects are sorted."""
    return subject.kind, subject.key
