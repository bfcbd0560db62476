"""Writing into our own memory what a run has learned: what a look has shown, and the end of a hold."""

from __future__ import annotations

from typing import assert_never

import attrs

from ordering_core.application.performing import note_progress, same_effects
from ordering_core.application.record import keep, record
from ordering_core.domain.events import Source
from ordering_core.domain.journal import Outcome
from ordering_core.domain.provisioning.actions import Adopt, ClearHold, Note, Settle
from ordering_core.domain.provisioning.run import Run
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict
from ordering_core.ports.store import Store, Transaction


def take_note(store: Store, run: Run, note: Note) -> Run:
    """Return *run* after *note* was kept. Raises Conflict when another run wrote meanwhile."""
    subject = run.case_file.subject
    with store.transaction() as tx:
        if not same_effects(tx.journal.rows(subject), run.rows):
            raise Conflict(System.STORE, "another run has written into the journal")
        match note:
            case Settle():
                _settle(tx, run, note)
            case Adopt():
                _adopt(tx, run, note)
            case ClearHold():
                run = _clear(tx, run, note)
            case _:
                assert_never(note)
        return attrs.evolve(run, rows=tx.journal.rows(subject))


def _settle(tx: Transaction, run: Run, note: Settle) -> None:
    """Write what a look has shown of an attempt."""
    row = tx.journal.settle(note.row, outcome=note.outcome, at=run.at, evidence=note.evidence)
    if row.outcome is Outcome.DONE:
        note_progress(tx, run, row.step)


def _adopt(tx: Transaction, run: Run, note: Adopt) -> None:
    """Write a found effect into the journal as if it had been intended here."""
    row = tx.journal.intend(
        run.case_file.subject, note.step, mark=note.mark, runner=run.runner, at=run.at, settles_at=run.at
    )
    tx.journal.settle(row.id, outcome=Outcome.DONE, at=run.at, evidence=note.evidence)
    note_progress(tx, run, note.step)


def _clear(tx: Transaction, run: Run, note: ClearHold) -> Run:
    """End the open hold."""
    after = attrs.evolve(
        run.case_file,
        rest=None,
        causes=run.case_file.causes | note.answers,
        retry_requested=False,
    )
    kept = keep(tx, after, before=run.case_file)
    record(tx, run.snapshot, kept, at=run.present.read_at, source=Source.SYSTEM)
    return attrs.evolve(run, case_file=kept)
