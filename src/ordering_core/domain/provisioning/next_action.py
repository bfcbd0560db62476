"""
What is to be done next for an order: the to-do list of provisioning, from the top, every time (DESIGN 4).

The lists below are the order of work. Each entry says what stands in the way of going on, or nothing. Asking
twice gives the same answer; a step that was done stands in nobody's way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.history import GO_AHEAD_TEXTS, foreign_error
from ordering_core.domain.identifiers import ClientId
from ordering_core.domain.journal import Done, Held, Outcome, Rest, RetryAt, Step, WaitFor, WaitUntil
from ordering_core.domain.orders import ActivationFields, OrderWrite
from ordering_core.domain.provisioning import beginning, billing, finishing, gate, holds, line, stopping
from ordering_core.domain.provisioning.actions import Action, Adopt, ClearHold, Question, Settle, WriteOrder
from ordering_core.domain.provisioning.flight import Standing, in_flight, last, mine, standing
from ordering_core.domain.provisioning.run import Run
from ordering_core.domain.quote import Quote
from ordering_core.domain.vocabulary import ActivationStatusText, OrderStatusText


Answer = Action | Rest | None
_Look = Callable[[Run], Answer]


def next_action(run: Run) -> Action | Rest:
    """Return the one thing to do now, or why the run rests."""
    answer = _first(_FIRST_OF_ALL, run) or holds.stays(run) or _first(_TIME_COME, run)
    answer = answer or _next(_work(run)) or Done()
    if isinstance(answer, Held):
        return holds.reported(run, answer)
    if run.hold and run.reading and not isinstance(answer, _LEAVES_A_HOLD_OPEN):
        return holds.cleared_by_fact(run, run.hold)
    return _tidied(run, answer)


def _first(looks: tuple[_Look, ...], run: Run) -> Answer:
    """Return what the first of *looks* says that says anything."""
    return _next(look(run) for look in looks)


def _next(answers: Iterable[Answer]) -> Answer:
    """Return the first answer that is one."""
    return next((answer for answer in answers if answer is not None), None)


def _read(run: Run) -> Answer:
    """Read the order before anything else; one that was deleted is done with once nothing of it exists."""
    if run.gone:
        exists = stopping.existing(run)
        return holds.held(run, HoldCode.CANCELLED_IN_FLIGHT, facts=exists) if exists else Done()
    return Question.ORDER if run.reading is None else None


def _unanswered(run: Run) -> Answer:
    """Ask again later what nobody answered; hold an order about which a system refuses to answer."""
    if run.unavailable:
        return RetryAt(run.at + run.policy.retry_after, run.unavailable)
    return holds.held(run, HoldCode.CONFIGURATION, detail=run.refusal) if run.refusal else None


def _finished(run: Run) -> Answer:
    """
    Rest for good once everything is done, linked and shown.

    Set going again, or emptied, it would read as under way though the service is active and nothing is left
    to do: it is shown as Activated again, or held where nothing approves it any more.
    """
    text = run.snapshot.activation.status
    set_back = not text or text in GO_AHEAD_TEXTS
    return Done() if finishing.is_complete(run) and not set_back else None


_LEAVES_A_HOLD_OPEN: Final = (Question, Settle, Adopt, ClearHold, RetryAt)
"""What says nothing about whether the fact has come true that a hold waits for."""

_FIRST_OF_ALL: Final[tuple[_Look, ...]] = (
    in_flight,
    _unanswered,
    _read,
    stopping.doubled,
    holds.cleared_by_word,
    billing.what_became_of_billing,
    line.what_became_of_the_line,
    stopping.cancelled,
    stopping.activated_by_hand,
    _finished,
    stopping.not_ours,
)
"""What comes before the work: who is at it, what is known, whose word was given, what became of the order."""

_TIME_COME: Final[tuple[_Look, ...]] = (beginning.approval, beginning.somebody_elses_error)
"""What has to be true whatever is still to be done."""


def _work(run: Run) -> Iterator[Answer]:
    """Give what there is to do, in the order of work; without a quote or somebody to bill, nothing can be."""
    if run.quote is None:
        yield holds.held(run, HoldCode.CONFIGURATION, detail="no quote is known for this order")
    elif run.client is None:
        yield holds.held(run, HoldCode.CONFIGURATION, detail="the Account is not mapped to a WHMCS client")
    else:
        yield from _steps(run, run.quote, run.client)


def _steps(run: Run, quote: Quote, client: ClientId) -> Iterator[Answer]:
    """Give what each step has to say, lazily: a later one need not make sense before an earlier one."""
    if gate.to_bill(run) or gate.line_to_submit(run):
        yield gate.still_held(run, quote)
        yield beginning.card_assigned(run)
        yield beginning.told_to_go_ahead(run)
        yield beginning.card_delivered(run)
        yield beginning.inside_the_window(run)
        yield gate.gate(run, quote)
    if gate.to_bill(run):
        yield billing.new_address(run, client)  # before the mark, which is the last reading before billing
    yield finishing.mark_activating(run)
    yield billing.bill(run, quote, client)
    yield billing.as_quoted(run, quote)
    yield line.open_line(run)
    yield finishing.accept(run)
    yield finishing.verify_services(run)
    yield finishing.ship_router(run)
    yield finishing.complete(run, quote)


def _tidied(run: Run, answer: Action | Rest) -> Action | Rest:
    """
    Return *answer*, or before a rest the write that takes back what no longer holds.

    That is the error of a hold that was cleared, with the value back that it had emptied (DESIGN 3.19), or an
    Activating that nothing approves any more (DESIGN 4, Order status).
    """
    resting = isinstance(answer, Done | WaitUntil | WaitFor | RetryAt)
    if not resting or run.reading is None or in_flight(run) or not _untidy(run) or _tried(run):
        return answer
    write = OrderWrite(order=run.order, activation=_restored(run), if_version=run.snapshot.version)
    return WriteOrder(step=Step.RESET_ACTIVATION, mark="reset", write=write)


def _untidy(run: Run) -> bool:
    """Whether Salesforce shows what no longer holds; a cancelled order keeps what it shows."""
    if run.snapshot.status == OrderStatusText.CANCELLED:
        return False
    error = run.snapshot.activation.error_code is not None and not foreign_error(run.case_file, run.snapshot)
    return (error and run.hold is None) or run.observation.activation_to_empty


def _restored(run: Run) -> ActivationFields:
    """Return the fields without an error, and with the go-ahead that stands (DESIGN 3.19)."""
    present, go_ahead = run.snapshot.activation, run.case_file.go_ahead
    if present.status == ActivationStatusText.ACTIVATED:
        return ActivationFields(status=present.status, scheduled_at=present.scheduled_at)
    if go_ahead is None or run.observation.activation_to_empty:
        return ActivationFields(scheduled_at=present.scheduled_at)
    if go_ahead.is_scheduled:
        return ActivationFields(status=ActivationStatusText.SCHEDULED, scheduled_at=go_ahead.at)
    return ActivationFields(status=ActivationStatusText.ACTIVATING, scheduled_at=present.scheduled_at)


def _tried(run: Run) -> bool:
    """Whether this run tried to tidy up and could not; a later one tries again."""
    row = last(run, Step.RESET_ACTIVATION)
    if row is None or not mine(run, row):
        return False
    return (
        row.outcome in {Outcome.DONE, Outcome.REFUSED}
        or standing(run, Step.RESET_ACTIVATION) is Standing.DELAYED
    )
