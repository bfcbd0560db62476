"""
Making one effect of a run: intend, check, send, settle (DESIGN 6).

The intent is kept before anything is sent, and names its runner. Just before sending the runner makes sure
that the intent is still its own and young enough. No transaction is open around the call.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

from ordering_core.application.outside import Outside, send
from ordering_core.application.pausing import Paused, in_force, stops
from ordering_core.application.reading import judged
from ordering_core.application.record import record
from ordering_core.domain import history
from ordering_core.domain.events import EventKind, OrderEvent, Source
from ordering_core.domain.journal import CaseFile, Evidence, JournalRow, Outcome, Step
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.provisioning.actions import (
    AcceptBillingOrder,
    ActivateService,
    AddBillingOrder,
    Effect,
    MoveProfile,
    SubmitLine,
    UpdateBillingAddress,
    WriteOrder,
    mark_of,
    step_of,
)
from ordering_core.domain.provisioning.flight import CONFLICT, may_send
from ordering_core.domain.provisioning.run import Run
from ordering_core.domain.status import status
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict, OutcomeUnknown, Refused, Unavailable
from ordering_core.ports.clock import Clock
from ordering_core.ports.store import Store, Transaction


PROGRESS: Final = frozenset(
    {Step.ADD_BILLING_ORDER, Step.SUBMIT_LINE, Step.ACCEPT_BILLING_ORDER, Step.OPEN_SHIPPING_CASE}
)
"""The steps that those who follow an order are told of."""


class TakenOver(Exception):
    """Another run settled our attempt while it was on its way: its effect may be there twice."""

    def __init__(self, step: Step) -> None:
        """Name the step that has to be looked for."""
        super().__init__(step)
        self.step = step


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Performer:
    """Makes effects *outside* and keeps what comes of them."""

    outside: Outside
    store: Store
    clock: Clock

    def perform(self, run: Run, effect: Effect) -> Run:
        """
        Return *run* after an attempt at *effect*, of which the journal tells whatever came of it.

        Raises:
            Conflict: Another run was first, or learned something; begin again, nothing was sent.

            Paused: An operator or the settings keep it from being made.

            TakenOver: It was sent, and another run had settled the attempt meanwhile.

        """
        row, intended = self._intend(run, effect)
        if not self._may_send(row, intended):
            return self._settle(
                intended, effect, row, outcome=Outcome.ABSENT, proof={"reason": "too late to send"}
            )
        try:
            proof, snapshot = send(self.outside, intended, effect)
        except Unavailable:
            return self._settle(
                intended, effect, row, outcome=Outcome.ABSENT, proof={"reason": "unavailable"}
            )
        except Conflict:
            left = self._settle(intended, effect, row, outcome=Outcome.ABSENT, proof={CONFLICT: "order"})
            return attrs.evolve(left, reading=None)
        except OutcomeUnknown:
            return self._settle(intended, effect, row, outcome=Outcome.UNKNOWN, proof={})
        except Refused as refusal:
            return self._settle(intended, effect, row, outcome=Outcome.REFUSED, proof={"code": refusal.code})
        # what a reply says was billed counts as done once a look has verified it
        outcome = Outcome.UNKNOWN if isinstance(effect, AddBillingOrder) else Outcome.DONE
        return self._settle(intended, effect, row, outcome=outcome, proof=proof, snapshot=snapshot)

    def _intend(self, run: Run, effect: Effect) -> tuple[JournalRow, Run]:
        """Keep the intent, unless anything happened since the run looked. Raises Conflict, Paused."""
        subject, step = run.case_file.subject, step_of(effect)
        with self.store.transaction() as tx:
            stored, rows = tx.journal.recall(subject)
            if not same_effects(rows, run.rows):
                raise Conflict(System.STORE, "another run has written into the journal")
            if by := stops(step, in_force(tx, run.policy)):
                raise Paused(by, step, mark_of(effect))
            kept = _about_to(run.case_file, effect)
            if kept != stored:
                kept = tx.journal.keep(kept)
            for row in run.rows:
                if row.step is step and row.outcome is None:
                    tx.journal.settle(row.id, outcome=Outcome.UNKNOWN, at=run.at, evidence=row.evidence)
            intent = tx.journal.intend(
                subject,
                step,
                mark=mark_of(effect),
                runner=run.runner,
                at=run.at,
                settles_at=run.policy.settles_at(run.at),
            )
        return intent, attrs.evolve(run, case_file=kept)

    def _may_send(self, intent: JournalRow, run: Run) -> bool:
        """Whether the intent is still young enough. Raises Conflict when another run has taken it over."""
        with self.store.at_once() as tx:
            rows = tx.journal.rows(intent.subject)
        if intent not in rows:
            raise Conflict(System.STORE, "another run has taken the attempt over")
        return may_send(intent, at=self.clock.now(), settle=run.policy.settle)

    def _settle(
        self,
        run: Run,
        effect: Effect,
        intent: JournalRow,
        *,
        outcome: Outcome,
        proof: Evidence,
        snapshot: OrderSnapshot | None = None,
    ) -> Run:
        """Keep what came of the attempt and what the order is now; return what the run knows then."""
        try:
            with self.store.transaction() as tx:
                at = self.clock.now()
                tx.journal.settle(intent.id, outcome=outcome, at=at, evidence=proof)
                remembered, rows = tx.journal.recall(intent.subject)
                stored = remembered or run.case_file
                after = attrs.evolve(run, at=at, case_file=_after(stored, effect, outcome))
                if stored.version != run.case_file.version:
                    after = attrs.evolve(after, reading=None)  # somebody has learned more than this run knows
                elif snapshot is not None:
                    after = _reread(after, snapshot)
                if after.case_file != stored:
                    after = attrs.evolve(after, case_file=tx.journal.keep(after.case_file))
                after = attrs.evolve(after, rows=rows)
                _tell(tx, after, effect, outcome)
        except Conflict as conflict:
            if outcome in {Outcome.DONE, Outcome.UNKNOWN}:
                raise TakenOver(intent.step) from conflict
            raise
        return _forgotten(after, effect)


def same_effects(rows: Iterable[JournalRow], others: Iterable[JournalRow]) -> bool:
    """Whether two readings of the journal tell of the same effects, mails aside."""
    first, second = ([row for row in read if row.step is not Step.NOTIFY] for read in (rows, others))
    return first == second


def note_progress(tx: Transaction, run: Run, step: Step) -> None:
    """Tell everyone who follows the order that *step* is done."""
    if run.reading is None or step not in PROGRESS:
        return
    now = status(history.status_facts(run.snapshot, run.case_file))
    tx.events.append(
        OrderEvent(
            order=run.order,
            account=run.snapshot.account,
            kind=EventKind.PROGRESS,
            at=run.at,
            source=Source.SYSTEM,
            status=now,
            before=now,
            detail=step,
        )
    )


def _tell(tx: Transaction, run: Run, effect: Effect, outcome: Outcome) -> None:
    """Append what the attempt has changed for those who follow the order."""
    if isinstance(effect, WriteOrder):
        if run.reading is not None:
            record(tx, run.snapshot, run.case_file, at=run.reading.read_at, source=Source.SYSTEM)
    elif outcome is Outcome.DONE:
        note_progress(tx, run, step_of(effect))


def _about_to(case_file: CaseFile, effect: Effect) -> CaseFile:
    """Return the case file that knows what is about to be written; a hold counts before it is reported."""
    if not isinstance(effect, WriteOrder):
        return case_file
    after = history.writing(case_file, effect.write.activation)
    return attrs.evolve(after, rest=effect.held) if effect.held else after


def _after(case_file: CaseFile, effect: Effect, outcome: Outcome) -> CaseFile:
    """Return the case file after a write that came out as *outcome*."""
    if not isinstance(effect, WriteOrder) or outcome is Outcome.UNKNOWN:
        return case_file
    served = effect.step is Step.COMPLETE and outcome is Outcome.REFUSED
    if outcome is not Outcome.DONE:
        return attrs.evolve(history.wrote_nothing(case_file), served=served or case_file.served)
    written = effect.write.activation
    after = history.wrote(case_file, written) if case_file.writing == written else case_file
    after = attrs.evolve(after, served=False)
    return attrs.evolve(after, rest=attrs.evolve(effect.held, reported=True)) if effect.held else after


def _reread(run: Run, snapshot: OrderSnapshot) -> Run:
    """Return *run* knowing the order as a write of ours returned it: as good as a reading."""
    intended = any(row.step is Step.ADD_BILLING_ORDER for row in run.rows)
    seen = history.observe(run.case_file, snapshot, billing_intended=intended)
    known = attrs.evolve(run, case_file=seen.case_file, fresh=True)
    return judged(known, attrs.evolve(known.present, snapshot=snapshot, observation=seen, read_at=run.at))


def _forgotten(run: Run, effect: Effect) -> Run:
    """Return *run* without what *effect* may have changed."""
    match effect:
        case AddBillingOrder() | AcceptBillingOrder():
            return attrs.evolve(run, billed=None, fresh=False)
        case SubmitLine():
            return attrs.evolve(run, lines=None, fresh=False)
        case UpdateBillingAddress() | MoveProfile(step=Step.RESERVE_PROFILE):
            return attrs.evolve(run, fresh=False)
        case ActivateService():
            return attrs.evolve(run, services_changed=True)
        case _:
            return run
