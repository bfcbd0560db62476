"""Placements and journal as plain dictionaries and lists: obvious, and what every store is compared with."""

from __future__ import annotations

from datetime import datetime

import attrs

from ordering_core.domain.identifiers import OrderId, RequestKey
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
from ordering_core.errors import Conflict
from ordering_core.ports.checkout_records import Placement, Placements, PlacementState
from ordering_core.ports.order_records import Journal


class PlainPlacements(Placements):
    """Placements as one dictionary, every question answered by looking at all of them."""

    def __init__(self, rows: dict[RequestKey, Placement]) -> None:
        """Work on *rows*."""
        self.rows = rows

    def add(self, placement: Placement, /) -> None:
        if placement.key in self.rows:
            raise Conflict("model", "key")
        self._put(placement)

    def get(self, key: RequestKey, /) -> Placement | None:
        return self.rows.get(key)

    def of_order(self, order: OrderId, /) -> Placement | None:
        return next((row for row in self.rows.values() if row.placed == order), None)

    def replace(self, placement: Placement, /, *, runner: Runner) -> None:
        if placement.key not in self.rows or self.rows[placement.key].runner != runner:
            raise Conflict("model", "runner")
        self._put(placement)

    def release_opportunity(self, order: OrderId, /) -> None:
        row = self.of_order(order)
        if row:
            self.rows[row.key] = attrs.evolve(row, opportunity=None)

    def unresolved(self, at: datetime, /) -> tuple[Placement, ...]:
        placing = [row for row in self.rows.values() if row.state is PlacementState.PLACING]
        return tuple(row for row in sorted(placing, key=lambda row: row.key) if row.settles_at <= at)

    def forget_refused(self, at: datetime, /, *, limit: int) -> int:
        refused = [row for row in self.rows.values() if row.state is PlacementState.REFUSED]
        old = sorted(row.key for row in refused if row.settles_at <= at)[:limit]
        for key in old:
            del self.rows[key]
        return len(old)

    def _put(self, placement: Placement) -> None:
        for row in self.rows.values():
            if row.key == placement.key:
                continue
            live = PlacementState.REFUSED not in {row.state, placement.state}
            if live and placement.opportunity and row.opportunity == placement.opportunity:
                raise Conflict("model", "opportunity")
            if placement.placed and row.placed == placement.placed:
                raise Conflict("model", "order")
        self.rows[placement.key] = placement


class PlainJournal(Journal):
    """The journal as a list of rows and a dictionary of case files."""

    def __init__(self, kept: list[JournalRow], case_files: dict[Subject, CaseFile]) -> None:
        """Work on *kept* and *case_files*."""
        self.kept = kept
        self.case_files = case_files

    def rows(self, subject: Subject, /) -> tuple[JournalRow, ...]:
        return tuple(row for row in self.kept if row.subject == subject)

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
        attempts = [row for row in self.rows(subject) if row.step is step]
        if attempts and attempts[-1].outcome is None:
            raise Conflict("model", "open")
        row = JournalRow(
            id=RowId(len(self.kept) + 1),
            subject=subject,
            step=step,
            attempt=len(attempts) + 1,
            mark=mark,
            runner=runner,
            intent_at=at,
            settles_at=settles_at,
        )
        self.kept.append(row)
        return row

    def settle(self, row: RowId, /, *, outcome: Outcome, at: datetime, evidence: Evidence) -> JournalRow:
        place = next((place for place, kept in enumerate(self.kept) if kept.id == row), None)
        if place is None or self.kept[place].outcome in {Outcome.DONE, Outcome.REFUSED, Outcome.ABSENT}:
            raise Conflict("model", "settled")
        self.kept[place] = attrs.evolve(
            self.kept[place], outcome=outcome, settled_at=at, evidence=dict(evidence)
        )
        return self.kept[place]

    def case_file(self, subject: Subject, /) -> CaseFile | None:
        return self.case_files.get(subject)

    def keep(self, case_file: CaseFile, /) -> CaseFile:
        stored = self.case_files.get(case_file.subject)
        if (stored.version if stored else 0) != case_file.version:
            raise Conflict("model", "version")
        self.case_files[case_file.subject] = attrs.evolve(case_file, version=case_file.version + 1)
        return self.case_files[case_file.subject]

    def unfinished(self) -> tuple[CaseFile, ...]:
        return tuple(kept for kept in self.case_files.values() if kept.rest != Done())

    def count_unfinished(self) -> int:
        return len(self.unfinished())

    def awake(self, at: datetime, /, *, after: Subject | None = None, limit: int) -> tuple[CaseFile, ...]:
        found = [kept for kept in self.unfinished() if not waits_at(kept.rest, at)]
        found.sort(key=lambda kept: kept.subject.key)
        return tuple(kept for kept in found if after is None or kept.subject.key > after.key)[:limit]

    def finished(self, kind: SubjectKind, /, *, after: str = "", limit: int) -> tuple[Subject, ...]:
        done = [kept.subject for kept in self.case_files.values() if kept.rest == Done()]
        of_kind = sorted(subject.key for subject in done if subject.kind is kind and subject.key > after)
        return tuple(Subject(kind, key) for key in of_kind[:limit])
