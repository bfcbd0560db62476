"""Outside effects and case files; the database holds one open row per step."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import attrs

from sqlalchemy import (
    BigInteger,
    String,
    Text,
    bindparam,
    cast,
    false,
    func,
    insert,
    null,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
    union_all,
    update,
)

from ordering_adapters.storage import schema
from ordering_adapters.storage.converter import dump, dump_evidence, load, load_evidence
from ordering_adapters.storage.prepared import Found
from ordering_adapters.storage.statements import Statements
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
    WaitFor,
    WaitUntil,
)
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict, Refused
from ordering_core.ports.order_records import Journal


_T = schema.journal.c
_F = schema.case_files.c

_OF_SUBJECT: Final = (_T.kind == bindparam("of_kind")) & (_T.key == bindparam("of_key"))
_ROWS: Final = select(schema.journal).where(_OF_SUBJECT).order_by(_T.id)
_RECALL: Final = union_all(
    select(*_T, type_coerce(cast(null(), Text), _F.payload.type).label("payload")).where(_OF_SUBJECT),
    select(
        *(cast(null(), Text if isinstance(each.type, String) else BigInteger) for each in _T), _F.payload
    ).where(_F.kind == bindparam("of_kind"), _F.key == bindparam("of_key")),
)
_INTEND: Final = (
    insert(schema.journal)
    .values(
        attempt=select(func.count() + 1).where(_OF_SUBJECT, _T.step == bindparam("of_step")).scalar_subquery()
    )
    .returning(*_T)
)
_SETTLE: Final = (
    update(schema.journal)
    .where(_T.id == bindparam("row"), or_(_T.outcome.is_(None), _T.outcome == Outcome.UNKNOWN))
    .returning(*_T)
)
_CASE_FILE: Final = select(_F.payload).where(_F.kind == bindparam("of_kind"), _F.key == bindparam("of_key"))
_FIRST: Final = insert(schema.case_files)
_NEXT: Final = update(schema.case_files).where(
    _F.kind == bindparam("of_kind"), _F.key == bindparam("of_key"), _F.version == bindparam("stored_version")
)
_FINISHED: Final = (
    select(_F.key)
    .where(_F.kind == bindparam("of_kind"), _F.key > bindparam("place"), _F.finished == true())
    .order_by(_F.key)
    .limit(bindparam("most"))
)
_UNFINISHED: Final = select(_F.payload).where(_F.finished == false())
_COUNT_UNFINISHED: Final = select(func.count().label("number")).where(_F.finished == false())
_AWAKE: Final = (
    select(_F.kind, _F.key, _F.payload)
    .where(_F.finished == false(), _F.rests_until <= bindparam("at"))
    .order_by(_F.rests_until, _F.kind, _F.key)
    .limit(bindparam("most"))
)
_PLACE: Final = schema.case_files.alias()
_AWAKE_AFTER: Final = _AWAKE.where(
    tuple_(_F.rests_until, _F.kind, _F.key)
    > tuple_(
        select(_PLACE.c.rests_until)
        .where(_PLACE.c.kind == bindparam("of_kind"), _PLACE.c.key == bindparam("of_key"))
        .scalar_subquery(),
        bindparam("of_kind"),
        bindparam("of_key"),
    )
)

_NOW: Final = schema.EPOCH
"""Until when a case file rests that the sweep always looks at."""
_FOR_EVER: Final = datetime.max.replace(tzinfo=UTC)
"""Until when one rests that only somebody's move ends."""


class SqlJournal(Journal):
    """Rows and case files."""

    def __init__(self, statements: Statements) -> None:
        self._run = statements

    def rows(self, subject: Subject, /) -> tuple[JournalRow, ...]:
        return tuple(map(read_row, self._run.rows(_ROWS, _of(subject))))

    def recall(self, subject: Subject, /) -> tuple[CaseFile | None, tuple[JournalRow, ...]]:
        both = self._run.rows(_RECALL, _of(subject))
        rows = sorted((row for row in both if row.id is not None), key=lambda row: row.id)
        remembered = next((load(CaseFile, row.payload) for row in both if row.id is None), None)
        return remembered, tuple(map(read_row, rows))

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
        new = {
            "kind": subject.kind,
            "key": subject.key,
            "step": step,
            "mark": mark,
            "runner": runner,
            "intent_at": at,
            "settles_at": settles_at,
            "evidence": dump_evidence({}),
        }
        conflict = f"{step} is being attempted already"
        row = self._run.row(_INTEND, {**new, **_of(subject), "of_step": step}, conflict=conflict)
        if row is None:
            raise Conflict(System.STORE, conflict)
        return read_row(row)

    def settle(self, row: RowId, /, *, outcome: Outcome, at: datetime, evidence: Evidence) -> JournalRow:
        known = {"outcome": outcome, "settled_at": at, "evidence": dump_evidence(evidence)}
        settled = self._run.row(_SETTLE, {**known, "row": row})
        if settled is None:
            raise Conflict(System.STORE, "the journal row is settled already, or there is none")
        return read_row(settled)

    def case_file(self, subject: Subject, /) -> CaseFile | None:
        row = self._run.row(_CASE_FILE, _of(subject))
        return None if row is None else load(CaseFile, row.payload)

    def keep(self, case_file: CaseFile, /) -> CaseFile:
        kept = attrs.evolve(case_file, version=case_file.version + 1)
        values = {
            "kind": kept.subject.kind,
            "key": kept.subject.key,
            "version": kept.version,
            "finished": isinstance(kept.rest, Done),
            "rests_until": _rests_until(kept),
            "payload": dump(kept),
        }
        conflict = "the case file was changed meanwhile"
        if case_file.version == 0:
            self._run.write(_FIRST, values, conflict=conflict)
        else:
            stored = {**_of(kept.subject), "stored_version": case_file.version}
            self._run.write_one(_NEXT, {**values, **stored}, conflict=conflict)
        return kept

    def finished(self, kind: SubjectKind, /, *, after: str = "", limit: int) -> tuple[Subject, ...]:
        rows = self._run.rows(_FINISHED, {"of_kind": kind, "place": after, "most": limit})
        return tuple(Subject(kind, row.key) for row in rows)

    def unfinished(self) -> tuple[CaseFile, ...]:
        return tuple(load(CaseFile, row.payload) for row in self._run.rows(_UNFINISHED))

    def count_unfinished(self) -> int:
        row = self._run.row(_COUNT_UNFINISHED)
        return row.number if row else 0

    def awake(self, at: datetime, /, *, after: Subject | None = None, limit: int) -> tuple[CaseFile, ...]:
        page = {"at": at, "most": limit}
        rows = self._run.rows(_AWAKE_AFTER, {**page, **_of(after)}) if after else self._run.rows(_AWAKE, page)
        return tuple(_if_readable(Subject(SubjectKind(row.kind), row.key), row.payload) for row in rows)


def _if_readable(subject: Subject, payload: str) -> CaseFile:
    """Return the case file of *subject*, one without a rest if *payload* cannot be read: it is to run."""
    try:
        return load(CaseFile, payload)
    except Refused:
        return CaseFile(subject=subject)


def _rests_until(kept: CaseFile) -> datetime:
    """Return until when the sweep has nothing to do with *kept*, which nobody's word can shorten."""
    match kept.rest:
        case WaitUntil(at=until):
            return until
        case WaitFor(at=until):
            return _FOR_EVER if until is None else until
        case _:
            return _NOW


def _of(subject: Subject) -> dict[str, object]:
    return {"of_kind": subject.kind, "of_key": subject.key}


def read_row(row: Found) -> JournalRow:
    """Return the journal row that a row of the table is."""
    return JournalRow(
        id=RowId(row.id),
        subject=Subject(SubjectKind(row.kind), row.key),
        step=Step(row.step),
        attempt=row.attempt,
        mark=row.mark,
        runner=Runner(row.runner),
        intent_at=row.intent_at,
        settles_at=row.settles_at,
        outcome=None if row.outcome is None else Outcome(row.outcome),
        settled_at=row.settled_at,
        evidence=load_evidence(row.evidence),
    )
