"""
Provisioning one order: ask what is next, do that one thing, write it down, ask again (DESIGN 4, 6).

Whoever rings, and however often: every run reads the order again and decides. A crash anywhere leaves an
intent in the journal, by which the next run knows what to look for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, assert_never

import attrs

from ordering_core.application import mails
from ordering_core.application import outside as ask
from ordering_core.application.noting import take_note
from ordering_core.application.outside import Outside
from ordering_core.application.pausing import Pause, Paused, in_force, rest_while, stops
from ordering_core.application.performing import Performer, TakenOver
from ordering_core.application.reading import ask_opportunities, read_order
from ordering_core.application.reconciliation import reconcile_when_complete
from ordering_core.application.record import keep, order_subject, record
from ordering_core.domain.events import Source
from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.history import status_facts
from ordering_core.domain.identifiers import OrderId, RequestKey
from ordering_core.domain.journal import (
    CaseFile,
    Done,
    Evidence,
    Held,
    Rest,
    RetryAt,
    Runner,
    Step,
    WaitFor,
    WaitUntil,
)
from ordering_core.domain.policy import Policy
from ordering_core.domain.provisioning.actions import Adopt, ClearHold, Question, Settle
from ordering_core.domain.provisioning.disagreements import URGENT, disagreements
from ordering_core.domain.provisioning.next_action import next_action
from ordering_core.domain.provisioning.resting import again_at
from ordering_core.domain.provisioning.run import Run
from ordering_core.errors import Conflict, OutcomeUnknown, Refused, Unavailable
from ordering_core.ports.clock import Clock
from ordering_core.ports.closed_days import ClosedDays
from ordering_core.ports.notifications import Notifications
from ordering_core.ports.order_records import DecisionKind, Finding
from ordering_core.ports.store import Store, Transaction


BEGUN_AGAIN: Final = 10
"""How often a run that others overtake begins again before it leaves the order to them."""

MOST_ACTIONS: Final = 300
"""How much one run does at most: far more than any order needs, and not for ever."""


class NotAnOrder(Exception):
    """What was to be provisioned is a submit under its request key: its placing is to be resolved."""


def provision(
    order: OrderId,
    *,
    outside: Outside,
    notifications: Notifications,
    store: Store,
    closed_days: ClosedDays,
    clock: Clock,
    policy: Policy,
    runner: Runner,
) -> Rest:
    """
    Do what is left of *order*'s provisioning and return why it stopped; running twice is the same as once.

    *runner* is a name no other run has. Nothing that goes wrong outside is raised: it is a rest.

    Raises:
        Unavailable: The store cannot be reached; what was begun is in the journal.

        Conflict: Other runs kept overtaking this one.

        NotAnOrder: *order* is the request key of a submit.

    """
    provisioner = Provisioner(
        performer=Performer(outside=outside, store=store, clock=clock),
        notifications=notifications,
        closed_days=closed_days,
        policy=policy,
        runner=runner,
    )
    return provisioner.run(order)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Provisioner:
    """Carries one run through in the name of *runner*; after *most_actions* a later one goes on."""

    performer: Performer
    notifications: Notifications
    closed_days: ClosedDays
    policy: Policy
    runner: Runner
    most_actions: int = MOST_ACTIONS

    def run(self, order: OrderId) -> Rest:
        """Do one thing after another until the run rests."""
        run = self._begin(order)
        begun_again = 0
        for _ in range(self.most_actions):
            run = attrs.evolve(run, at=self._clock.now())
            answer = next_action(run)
            try:
                match answer:
                    case Done() | RetryAt() | WaitUntil() | WaitFor() | Held():
                        return self._rest(run, answer)
                    case Question():
                        run = self._ask(run, answer)
                    case Settle() | Adopt() | ClearHold():
                        run = take_note(self._store, run, answer)
                    case _:
                        run = self.performer.perform(run, answer)
            except Paused as stopped:
                return self._pause(run, stopped)
            except TakenOver as taken:
                run = self._begin(order, late=run.late | {taken.step})
            except Conflict:
                if begun_again == BEGUN_AGAIN:
                    raise
                begun_again += 1
                run = self._begin(order, late=run.late)
        return self._rest(run, RetryAt(run.at + self.policy.retry_after, "there is too much to do at once"))

    @property
    def _clock(self) -> Clock:
        return self.performer.clock

    @property
    def _store(self) -> Store:
        return self.performer.store

    def _begin(self, order: OrderId, *, late: frozenset[Step] = frozenset()) -> Run:
        """Return a run that remembers what earlier ones left, and has asked nothing. Raises NotAnOrder."""
        subject = order_subject(order)
        with self._store.transaction() as tx:
            remembered, rows = tx.journal.recall(subject)
            case_file = remembered or CaseFile(subject=subject)
            placement = tx.requests.of_order(order)
            is_request = placement is None and tx.requests.get(RequestKey(order)) is not None
            run = Run(
                order=order,
                runner=self.runner,
                at=self._clock.now(),
                policy=self.policy,
                case_file=case_file,
                rows=rows,
                quote=placement.order.quote if placement else None,
                word_given=_word_given(tx, order, case_file),
                late=late,
            )
        if is_request:
            raise NotAnOrder
        return run

    def _ask(self, run: Run, question: Question) -> Run:
        """Return *run* knowing the answer, or who did not give it. Raises Conflict."""
        try:
            return self._answered(run, question)
        except (Unavailable, OutcomeUnknown) as error:
            return attrs.evolve(run, unavailable=f"{error.system} does not answer")
        except Refused as refusal:
            return attrs.evolve(run, refusal=f"{refusal.system} refuses to answer ({refusal.code})")

    def _answered(self, run: Run, question: Question) -> Run:
        """Return *run* knowing the answer."""
        outside = self.performer.outside
        match question:
            case Question.ORDER:
                return read_order(outside, self._store, self.closed_days, run)
            case Question.PAYMENT_METHODS:
                return ask.payment_methods(outside, run)
            case Question.BILLING_ORDERS:
                return ask.billing_orders(outside, run)
            case Question.LINES:
                return ask.lines(outside, run)
            case Question.OPPORTUNITIES:
                return ask_opportunities(outside, run)
            case Question.SHIPMENT:
                return ask.shipment(outside, run)
            case _:
                assert_never(question)

    def _pause(self, run: Run, stopped: Paused) -> Rest:
        """Rest until the sweep finds *stopped* resumed; what is only observed is recorded."""
        again = run.at + self.policy.holds_ask_again
        observed = {"step": stopped.step.value, "mark": stopped.mark} if stopped.by is Pause.OBSERVE else None
        return self._rest(run, rest_while(stopped.by, stopped.step, at=again), observed)

    def _rest(self, run: Run, rest: Rest, observed: Evidence | None = None) -> Rest:
        """
        Keep why the run stops, with everything that follows from it; then tell the customer.

        *observed* is what the run would do, if it may not.
        """
        kept = run.hold if isinstance(rest, RetryAt) and run.hold else rest
        asked_in_vain = isinstance(rest, RetryAt) and run.case_file.retry_requested
        with self._store.transaction() as tx:
            after = attrs.evolve(run.case_file, rest=kept, retry_requested=asked_in_vain)
            case_file = keep(tx, after, before=run.case_file)
            _note_findings(tx, run, kept, observed)
            if run.reading is not None and _stands_elsewhere(run, case_file):
                record(tx, run.snapshot, case_file, at=run.reading.read_at, source=Source.SYSTEM)
            if again := again_at(run, rest):
                _run_again(tx, run, again)
            reconcile_when_complete(tx, run.order, run.rows, at=run.at)
        self._send_mails(run, kept)
        return kept

    def _send_mails(self, run: Run, rest: Rest) -> None:
        """Tell the customer what was not told yet; what cannot be sent now is tried again later."""
        sent = [
            mails.send(mail, run, notifications=self.notifications, store=self._store)
            for mail in mails.unsent(mails.due(run, rest, store=self._store), run.rows)
        ]
        if not all(sent):
            with self._store.transaction() as tx:
                silent = stops(Step.NOTIFY, in_force(tx, self.policy))
                again = self.policy.holds_ask_again if silent else self.policy.retry_after
                _run_again(tx, run, run.at + again)


def _run_again(tx: Transaction, run: Run, at: datetime) -> None:
    """Have the order run at *at*, once whatever it is wanted for."""
    tx.trigger(run.case_file.subject, cause=f"due:{run.order}:{at.isoformat()}", at=at)


def _word_given(tx: Transaction, order: OrderId, case_file: CaseFile) -> bool:
    """Whether a person has asked for a retry since the open hold began."""
    hold = case_file.rest
    return isinstance(hold, Held) and any(
        decision.kind is DecisionKind.RETRIED and decision.at >= hold.since
        for decision in tx.decisions.of(order)
    )


def _stands_elsewhere(run: Run, case_file: CaseFile) -> bool:
    """Whether *case_file* gives the order another status than was recorded when the run read or wrote it."""
    return status_facts(run.snapshot, case_file) != status_facts(run.snapshot, run.case_file)


def _note_findings(tx: Transaction, run: Run, rest: Rest, observed: Evidence | None) -> None:
    """
    Open what two systems disagree about, and close what they no longer do.

    What the run would do now is kept open too (*observed*), and nothing once it may do it.
    """
    found = {**disagreements(run, rest), FindingCode.OBSERVED_ONLY: observed}
    over = [code for code, facts in found.items() if facts is None or code is FindingCode.OBSERVED_ONLY]
    tx.findings.close_all(over, run.order)
    for code, facts in found.items():
        if facts is not None:
            tx.findings.open(
                Finding(code=code, subject=run.order, since=run.at, urgent=code in URGENT, facts=facts)
            )
