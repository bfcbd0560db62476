from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from hypothesis import given, settings

from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.journal import Done, Held, Outcome, RetryAt, Step, WaitFor, WaitUntil
from ordering_core.domain.lines import LineState
from ordering_core.domain.provisioning.actions import (
    AcceptBillingOrder,
    ActivateService,
    AddBillingOrder,
    Adopt,
    ClearHold,
    OpenShippingCase,
    Question,
    Settle,
    SetVoiceOptions,
    SubmitLine,
    UpdateBillingAddress,
    VoidOpportunity,
    WriteOrder,
    mark_of,
    step_of,
)
from ordering_core.domain.provisioning.disagreements import disagreements
from ordering_core.domain.provisioning.flight import Standing, last, standing
from ordering_core.domain.provisioning.next_action import next_action
from ordering_core.domain.provisioning.resting import again_at
from ordering_core.domain.provisioning.run import Run
from ordering_core.domain.values import LineNumber
from tests.unit.domain.provisioning.runs import (
    ACTIVATING,
    BILLED_ROWS,
    ESIM,
    HOME,
    ME,
    OPENED_ROWS,
    ORDER,
    PAYS,
    PORTED,
    READY,
    ROUTER,
    billed,
    line,
    near_runs,
    row,
    run_of,
    runs,
    snapshot_of,
)


RESTS = (Done, RetryAt, WaitUntil, WaitFor, Held)
NOTES = (Settle, Adopt, ClearHold)
ACTING = (
    AddBillingOrder,
    SubmitLine,
    SetVoiceOptions,
    AcceptBillingOrder,
    ActivateService,
    OpenShippingCase,
    UpdateBillingAddress,
)


def assert_safe(run: Run) -> None:
    """Assert everything that holds for whatever a run is told to do."""
    answer = next_action(run)
    assert next_action(run) == answer
    flying = [
        known.settles_at
        for step in Step
        if step is not Step.NOTIFY
        and (known := last(run, step))
        and standing(run, step) is Standing.IN_FLIGHT
    ]
    if flying:
        assert isinstance(answer, RetryAt)
        assert answer.at == max(flying)
    elif isinstance(answer, RESTS):
        assert disagreements(run, answer).keys() <= set(FindingCode)
        assert again_at(run, answer) is None or run.reading is None or again_at(run, answer)
    if run.reading is None:
        assert answer is Question.ORDER or isinstance(answer, RetryAt | Held | Done)
        return
    if not isinstance(answer, (*RESTS, *NOTES, Question)):
        assert isinstance(step_of(answer), Step)
        assert mark_of(answer)
    if run.snapshot.status == "Cancelled":
        assert not isinstance(answer, ACTING)
    if run.hold is not None:
        assert not isinstance(answer, (*ACTING, VoidOpportunity))
    if isinstance(answer, AddBillingOrder):
        assert_may_bill(run)
    if isinstance(answer, SubmitLine):
        assert_may_open(run)
    if isinstance(answer, AcceptBillingOrder):
        assert_may_accept(run)


def assert_may_bill(run: Run) -> None:
    assert run.billed == ()
    assert run.fresh
    assert run.observation.approved
    assert run.errors == ()
    assert run.payment_methods == (PAYS,)
    assert run.snapshot.billing_order is None
    assert standing(run, Step.ADD_BILLING_ORDER) is Standing.TO_DO
    assert not unknown(run, Step.ADD_BILLING_ORDER)
    marked = last(run, Step.MARK_ACTIVATING)
    by_hand = run.snapshot.activation.status == "Activated"
    assert by_hand or (marked is not None and (marked.runner, marked.outcome) == (ME, Outcome.DONE))


def assert_may_open(run: Run) -> None:
    assert standing(run, Step.ADD_BILLING_ORDER) is Standing.DONE
    assert run.live_lines == ()
    assert run.lines is not None or not run.searchable
    assert run.fresh
    assert run.observation.approved
    assert run.errors == ()
    assert not unknown(run, Step.SUBMIT_LINE)
    if run.is_port:
        assert run.policy.activation_window.next_opening(run.at) == run.at


def assert_may_accept(run: Run) -> None:
    assert run.fresh
    assert standing(run, Step.ADD_BILLING_ORDER) is Standing.DONE
    if run.sim is not None:
        assert [known.state for known in run.live_lines] == [LineState.OPEN]


def unknown(run: Run, step: Step) -> bool:
    """Whether nobody knows what came of the last attempt at *step*."""
    attempt = last(run, step)
    return attempt is not None and attempt.outcome in {None, Outcome.UNKNOWN}


@settings(max_examples=2 * settings().max_examples)
@given(runs())
def test_whatever_a_run_knows_it_is_told_one_safe_thing(run: Run) -> None:
    assert_safe(run)


@settings(max_examples=6 * settings().max_examples)
@given(near_runs())
def test_a_run_about_to_act_is_told_one_safe_thing_however_it_is_disturbed(run: Run) -> None:
    assert_safe(run)


@pytest.mark.parametrize(("run", "acts"), READY)
def test_a_run_that_nothing_disturbs_acts(run: Run, acts: type) -> None:
    assert isinstance(next_action(run), acts)
    assert_safe(run)


def test_before_the_first_reading_a_run_has_nothing_to_say_of_its_order() -> None:
    run = attrs.evolve(run_of(), reading=None)
    with pytest.raises(LookupError, match="not read"):
        _ = run.snapshot


def test_only_a_sim_that_the_rules_let_pass_has_a_line_to_be_asked_for() -> None:
    assert run_of().line_configuration.eid is not None
    with pytest.raises(LookupError, match="rules"):
        _ = run_of(ROUTER).line_configuration


@pytest.mark.parametrize(
    ("run", "acts"),
    [(run, acts) for run, acts in READY if acts in {AddBillingOrder, SubmitLine, AcceptBillingOrder}],
)
def test_an_order_is_read_again_before_it_is_billed_opened_or_accepted(run: Run, acts: type) -> None:
    assert isinstance(next_action(run), acts)
    assert next_action(attrs.evolve(run, fresh=False)) is Question.ORDER


def test_a_bill_is_looked_for_before_the_first_attempt_and_adopted_when_found() -> None:
    order = attrs.evolve(snapshot_of(ROUTER), activation=ACTIVATING)
    run = attrs.evolve(
        run_of(snapshot=order, rows=(row(Step.MARK_ACTIVATING, runner=ME),)), payment_methods=(PAYS,)
    )
    assert next_action(run) is Question.BILLING_ORDERS
    adopted = next_action(attrs.evolve(run, billed=(billed(ROUTER),)))
    assert isinstance(adopted, Adopt)
    assert (adopted.step, adopted.mark) == (Step.ADD_BILLING_ORDER, ORDER)


def test_an_open_intent_of_another_run_is_left_alone_until_it_settles() -> None:
    young = row(Step.ADD_BILLING_ORDER, None, ago=timedelta(seconds=1))
    run = run_of(rows=(young,))
    assert next_action(run) == RetryAt(young.settles_at, "add_billing_order may be under way")
    settled = attrs.evolve(run, at=young.settles_at)
    assert next_action(settled) is Question.BILLING_ORDERS
    found = next_action(attrs.evolve(settled, billed=(billed(ESIM),)))
    assert found == Settle(row=young.id, outcome=Outcome.DONE, evidence={"order": "1001"})
    absent = next_action(attrs.evolve(settled, billed=()))
    assert absent == Settle(row=young.id, outcome=Outcome.ABSENT)


def test_a_port_of_unknown_outcome_stays_unknown_whatever_a_look_shows() -> None:
    rows = (*BILLED_ROWS, row(Step.SUBMIT_LINE, Outcome.UNKNOWN, number=3))
    order = attrs.evolve(snapshot_of(PORTED), activation=ACTIVATING)
    run = attrs.evolve(run_of(snapshot=order, rows=rows), lines=())
    answer = next_action(run)
    assert isinstance(answer, WriteOrder)
    assert answer.mark == "OUTCOME_AMBIGUOUS"
    new_number = attrs.evolve(snapshot_of(ESIM), activation=ACTIVATING)
    settled = next_action(attrs.evolve(run_of(snapshot=new_number, rows=rows), lines=()))
    assert isinstance(settled, Settle)


def test_a_line_that_failed_is_no_proof_that_the_one_after_it_was_not_taken() -> None:
    tries = (row(Step.SUBMIT_LINE, number=3), row(Step.SUBMIT_LINE, Outcome.UNKNOWN, number=4))
    order = attrs.evolve(snapshot_of(ESIM), activation=ACTIVATING)
    run = run_of(snapshot=order, rows=(*BILLED_ROWS, *tries))
    answer = next_action(attrs.evolve(run, lines=(line(LineState.FAILED, failure="EID_IN_USE"),)))
    assert isinstance(answer, WriteOrder)
    assert answer.mark == "OUTCOME_AMBIGUOUS"


def test_a_port_that_opened_with_another_number_is_held_and_not_accepted() -> None:
    order = attrs.evolve(snapshot_of(PORTED), activation=ACTIVATING)
    run = run_of(snapshot=order, rows=OPENED_ROWS)
    assert PORTED.porting is not None
    moved = LineNumber.parse(PORTED.porting.phone_number or "")
    answers = [
        next_action(attrs.evolve(run, lines=(attrs.evolve(line(), number=number),)))
        for number in (moved, None, LineNumber("07099999999"))
    ]
    assert answers[0] == answers[1]
    other = answers[2]
    assert isinstance(other, WriteOrder)
    assert other.mark == "CONFIGURATION"
    assert "07099999999" not in repr(other)
    assert moved.value not in repr(other)


def test_a_port_whose_number_was_edited_into_none_is_held_too() -> None:
    assert PORTED.porting is not None
    edited = attrs.evolve(PORTED, porting=attrs.evolve(PORTED.porting, phone_number="none"))
    order = attrs.evolve(snapshot_of(edited), activation=ACTIVATING)
    run = run_of(snapshot=order, rows=OPENED_ROWS)
    held = next_action(attrs.evolve(run, lines=(attrs.evolve(line(), number=LineNumber("07099999999")),)))
    assert isinstance(held, WriteOrder)
    assert held.mark == "CONFIGURATION"


def test_a_mail_of_another_run_is_in_nobodys_way() -> None:
    mail = row(Step.NOTIFY, None, ago=timedelta(0))
    assert next_action(run_of(HOME, rows=(mail,))) == next_action(run_of(HOME))


def test_two_lines_are_named_before_anything_else_is_done() -> None:
    lines = (line(), line(LineState.SUBMITTED, name=line().id))
    run = attrs.evolve(run_of(rows=BILLED_ROWS), lines=lines)
    answer = next_action(run)
    assert isinstance(answer, WriteOrder)
    assert answer.held is not None
    assert answer.held.facts == {"lines": "line-1, line-1"}
