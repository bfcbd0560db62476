from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from functools import partial

import attrs
import pytest

from ordering_adapters.memory.world import MemoryWorld
from ordering_core import Done, HoldCode, OrderId, Policy, Rest, RetryAt, Sku, WaitFor
from ordering_core.application.outside import Outside
from ordering_core.application.performing import Performer
from ordering_core.application.provision import Provisioner
from ordering_core.domain.journal import JournalRow, Outcome, Runner, Step
from ordering_core.errors import Conflict
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.faults import Fault
from tests.unit.application.riding import (
    LINE_OPENS,
    SETTLED,
    Crash,
    approved,
    carry_on,
    case_file,
    crash,
    findings,
    finish,
    held,
    in_salesforce,
    mails,
    outcomes,
    readdressed,
    rows,
)
from tests.unit.application.shop import (
    ESIM,
    PORTING,
    ROUTER,
    WEDNESDAY,
    World,
    new_world,
    place,
)


VOICE = attrs.evolve(
    ESIM, skus=(Sku("SIM-VOICE-10GB"), Sku("SIM-ACTIVATION"), Sku("SIM-VOICE-MAIL")), voice_mail=True
)
PORTED_ESIM = attrs.evolve(ESIM, skus=(Sku("SIM-VOICE-10GB"), Sku("SIM-ACTIVATION")), porting=PORTING)

EFFECTS = [
    "orders.write",
    "billing.update_address",
    "billing.add",
    "lines.submit",
    "lines.set_voice_options",
    "billing.accept",
    "billing.activate_service",
    "notifications.send",
]
QUESTIONS = ["orders.provisioning_facts", "billing.payment_methods", "billing.find", "lines.find"]


def everything(world: World) -> OrderId:
    """Return an approved order that needs every step a SIM can need."""
    return readdressed(world, world.new_customer(), VOICE)


def assert_done_once(world: World, order: OrderId) -> None:
    assert case_file(world, order).rest == Done()
    [billed] = world.billing.orders_of(order)
    assert {service.status for service in billed.services} == {"Active"}
    assert len(world.opened(order)) == 1
    assert in_salesforce(world, order).activation.status == "Activated"
    assert in_salesforce(world, order).billing_order == billed.id
    world.ordering.sweep()  # it closes what told of the runs that broke off
    assert findings(world) == []
    kinds = mails(world, order)
    assert len(kinds) == len(set(kinds))


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("operation", EFFECTS)
@pytest.mark.parametrize("attempt", [1, 2])
def test_a_crash_at_any_step_leaves_one_of_everything(operation: str, moment: str, attempt: int) -> None:
    world = new_world()
    order = everything(world)
    for _ in range(attempt):
        world.faults.hook(operation, moment, crash)
        carry_on(world, order)
    assert_done_once(world, order)


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.LOSE_REPLY, Fault.SLOW])
@pytest.mark.parametrize("operation", EFFECTS)
@pytest.mark.parametrize("times", [1, 3])
def test_a_call_that_goes_wrong_at_any_step_leaves_one_of_everything(
    operation: str, fault: Fault, times: int
) -> None:
    world = new_world()
    order = everything(world)
    world.faults.set(operation, fault, times=times)
    carry_on(world, order)
    assert_done_once(world, order)


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.LOSE_REPLY, Fault.SLOW])
@pytest.mark.parametrize("operation", QUESTIONS)
def test_a_question_that_nobody_answers_is_asked_again(operation: str, fault: Fault) -> None:
    world = new_world()
    order = everything(world)
    for _ in range(3):
        world.faults.set(operation, fault)
        carry_on(world, order, at_most=timedelta(minutes=11))
    carry_on(world, order)
    assert_done_once(world, order)


def test_a_question_that_nobody_answers_is_a_retry_that_says_who() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.set("billing.find", Fault.DOWN)
    assert world.ordering.provision(order) == RetryAt(
        WEDNESDAY + timedelta(minutes=1), "WHMCS does not answer"
    )


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_in_the_store_at_any_line_of_the_journal_leaves_one_of_everything(moment: str) -> None:
    for line in range(60):
        world = new_world()
        order = everything(world)
        world.run_due()
        reached = crash_at(world, "store.transaction", moment, line, partial(carry_on, world, order))
        carry_on(world, order)
        assert_done_once(world, order)
        if not reached:
            return
    raise AssertionError("a run has more transactions than this test looks at")


def crash_at(world: World, operation: str, moment: str, call: int, act: Callable[[], object]) -> bool:
    """Let *act* crash in the *call*-th call of *operation* from now on; return whether it came to that."""
    crashed = False

    def count(left: int) -> Callable[[], None]:
        def hook() -> None:
            nonlocal crashed
            if left == 0:
                crashed = True
                raise Crash
            world.faults.hook(operation, moment, count(left - 1))

        return hook

    world.faults.hook(operation, moment, count(call))
    with suppress(Crash):
        act()
    world.faults.clear()
    return crashed


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.REFUSE, Fault.LOSE_REPLY])
def test_a_store_that_fails_once_at_any_line_of_the_journal_leaves_one_of_everything(fault: Fault) -> None:
    for line in range(60):
        world = new_world()
        order = everything(world)
        world.run_due()
        world.clock.advance(LINE_OPENS)

        def fail(left: int, world: World = world) -> None:
            if left:
                world.faults.hook("store.transaction", "after", lambda: fail(left - 1))
            else:
                world.faults.set("store.transaction", fault)

        fail(line)
        world.run_due()
        world.faults.clear()
        carry_on(world, order)
        assert_done_once(world, order)


def test_nothing_is_sent_twice_while_a_reply_may_still_come() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.set("billing.add", Fault.SLOW)
    rest = world.ordering.provision(order)
    settles_at = WEDNESDAY + timedelta(seconds=90)
    assert rest == RetryAt(settles_at, "add_billing_order may be under way")
    world.clock.move_to(settles_at - timedelta(microseconds=1))
    assert world.ordering.provision(order) == rest
    assert world.faults.calls("billing.find") == 1
    world.clock.move_to(settles_at)
    assert isinstance(world.ordering.provision(order), WaitFor)
    assert len(world.billed(order)) == 1
    assert outcomes(world, order, Step.ADD_BILLING_ORDER) == [Outcome.DONE]


def test_what_a_look_does_not_find_after_the_settle_time_is_added_again() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.hook("billing.add", "before", crash)
    with pytest.raises(Crash):
        world.ordering.provision(order)
    world.clock.advance(SETTLED)
    finish(world, order)
    assert outcomes(world, order, Step.ADD_BILLING_ORDER) == [Outcome.ABSENT, Outcome.DONE]


def test_an_unproved_mark_makes_an_unknown_bill_a_persons_matter() -> None:
    world = new_world(policy=Policy(billing_mark_proved=False))
    order = approved(world, world.new_customer())
    world.faults.hook("billing.add", "before", crash)
    with pytest.raises(Crash):
        world.ordering.provision(order)
    world.clock.advance(SETTLED)
    hold = held(world.ordering.provision(order), HoldCode.OUTCOME_AMBIGUOUS)
    assert hold.facts == {"step": "add_billing_order"}

    world.agent.set_activation(order, "Activating")
    held(world.ordering.provision(order), HoldCode.OUTCOME_AMBIGUOUS)
    assert world.billed(order) == ()

    world.ordering.retry(order, by="operator", reason="looked in WHMCS: it is not there")
    assert finish(world, order) == Done()
    assert len(world.billed(order)) == 1


def test_an_unproved_mark_that_is_found_all_the_same_is_taken() -> None:
    world = new_world(policy=Policy(billing_mark_proved=False))
    order = approved(world, world.new_customer())
    world.faults.set("billing.add", Fault.LOSE_REPLY)
    world.ordering.provision(order)
    world.clock.advance(SETTLED)
    assert finish(world, order) == Done()
    assert len(world.billed(order)) == 1


def test_a_bill_whose_mark_cannot_be_read_back_is_a_persons_matter_and_names_the_bill() -> None:
    world = new_world()
    order = approved(world, world.new_customer())

    def lose_the_mark() -> None:
        world.billing._orders_of.pop(order)

    world.faults.hook("billing.add", "after", lose_the_mark)
    hold = held(world.ordering.provision(order), HoldCode.OUTCOME_AMBIGUOUS)
    assert hold.facts["billing_order"] == "1003"
    world.clock.advance(SETTLED)
    held(world.ordering.provision(order), HoldCode.OUTCOME_AMBIGUOUS)
    assert world.faults.calls("billing.add") == 1


def unsearchable() -> World:
    return MemoryWorld(clock=ManualClock(WEDNESDAY), lines_searchable=False)


def test_an_unknown_line_is_never_sent_again_where_the_network_cannot_be_asked() -> None:
    world = unsearchable()
    order = approved(world, world.new_customer())
    world.faults.set("lines.submit", Fault.LOSE_REPLY)
    world.ordering.provision(order)
    world.clock.advance(SETTLED)
    held(world.ordering.provision(order), HoldCode.OUTCOME_AMBIGUOUS)
    world.agent.set_activation(order, "Activating")
    held(world.ordering.provision(order), HoldCode.OUTCOME_AMBIGUOUS)
    assert len(world.opened(order)) == 1


def test_a_persons_word_that_the_line_is_not_there_sends_it_again() -> None:
    world = unsearchable()
    order = approved(world, world.new_customer())
    world.faults.hook("lines.submit", "before", crash)
    with pytest.raises(Crash):
        world.ordering.provision(order)
    world.clock.advance(SETTLED)
    held(world.ordering.provision(order), HoldCode.OUTCOME_AMBIGUOUS)
    world.ordering.retry(order, by="operator", reason="asked the network: nothing there")
    assert isinstance(world.ordering.provision(order), WaitFor)
    assert len(world.opened(order)) == 1


def test_where_the_network_cannot_be_asked_a_submitted_line_is_waited_for() -> None:
    world = unsearchable()
    order = approved(world, world.new_customer())
    rest = world.ordering.provision(order)
    assert isinstance(rest, WaitFor)
    world.clock.advance(timedelta(minutes=10))
    assert isinstance(world.ordering.provision(order), WaitFor)
    assert world.faults.calls("lines.submit") == 1


@pytest.mark.parametrize("fault", [Fault.LOSE_REPLY, Fault.SLOW])
def test_a_port_of_unknown_outcome_that_is_found_goes_on(fault: Fault) -> None:
    world = new_world()
    order = approved(world, world.new_customer(), PORTED_ESIM)
    world.faults.set("lines.submit", fault)
    world.ordering.provision(order)
    carry_on(world, order)
    assert_done_once(world, order)


def test_a_port_of_unknown_outcome_is_never_sent_again_even_where_a_look_finds_nothing() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), PORTED_ESIM)
    world.faults.hook("lines.submit", "before", crash)
    with pytest.raises(Crash):
        world.ordering.provision(order)
    world.clock.advance(SETTLED)
    held(world.ordering.provision(order), HoldCode.OUTCOME_AMBIGUOUS)
    world.agent.clear_error(order)
    held(world.ordering.provision(order), HoldCode.OUTCOME_AMBIGUOUS)
    assert world.opened(order) == ()

    world.ordering.retry(order, by="operator", reason="asked the network: nothing there")
    assert finish(world, order) == Done()
    assert len(world.opened(order)) == 1


def forget_everything(world: World, order: OrderId) -> None:
    """Lose the journal, as a restore from before the run does."""
    parts = world.store._parts.journal
    for row in [*parts._rows._rows.values()]:
        if row.subject.key == order:
            del parts._rows._rows[row.id]
    parts._case_files._rows.pop(next(s for s in parts._case_files._rows if s.key == order))


def test_a_bill_that_carries_our_mark_without_a_row_is_adopted_not_added() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.ordering.provision(order)
    forget_everything(world, order)
    assert finish(world, order) == Done()
    assert len(world.billed(order)) == 1
    assert len(world.opened(order)) == 1
    assert rows(world, order, Step.ADD_BILLING_ORDER)[0].evidence["adopted"] == "found"


def test_after_an_adopted_bill_a_line_that_is_not_found_may_be_opened() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.hook("billing.add", "after", crash)
    with pytest.raises(Crash):
        world.ordering.provision(order)
    forget_everything(world, order)
    assert finish(world, order) == Done()
    assert len(world.opened(order)) == 1


def test_after_an_adopted_bill_a_port_is_unknown_and_a_persons_matter() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), PORTED_ESIM)
    world.faults.hook("billing.add", "after", crash)
    with pytest.raises(Crash):
        world.ordering.provision(order)
    forget_everything(world, order)
    held(world.ordering.provision(order), HoldCode.OUTCOME_AMBIGUOUS)
    assert world.opened(order) == ()
    world.ordering.retry(order, by="operator", reason="asked the network: nothing there")
    assert finish(world, order) == Done()


def test_after_an_adopted_bill_a_network_that_cannot_be_asked_is_a_persons_matter() -> None:
    world = unsearchable()
    order = approved(world, world.new_customer())
    world.faults.hook("billing.add", "after", crash)
    with pytest.raises(Crash):
        world.ordering.provision(order)
    forget_everything(world, order)
    held(world.ordering.provision(order), HoldCode.OUTCOME_AMBIGUOUS)
    assert world.opened(order) == ()


# Two runs at once: the first is suspended inside a call, the second runs there.


def second_run(world: World, order: OrderId, *, after: timedelta, rests: list[Rest]) -> Callable[[], None]:
    def act() -> None:
        world.clock.advance(after)
        rests.append(world.ordering.provision(order))

    return act


BEFORE = timedelta(seconds=89)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("operation", ["billing.add", "lines.submit", "orders.write", "billing.accept"])
def test_a_second_run_before_the_first_has_settled_does_nothing(operation: str, moment: str) -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    rests: list[Rest] = []
    world.faults.hook(operation, moment, second_run(world, order, after=BEFORE, rests=rests))
    finish(world, order)
    [rest] = rests
    assert isinstance(rest, RetryAt)
    carry_on(world, order)
    assert_done_once(world, order)


@pytest.mark.parametrize("operation", ["billing.add", "lines.submit", "orders.write", "billing.accept"])
def test_a_second_run_after_the_request_was_received_takes_what_it_finds(operation: str) -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    rests: list[Rest] = []
    world.faults.hook(operation, "after", second_run(world, order, after=SETTLED, rests=rests))
    finish(world, order)
    assert isinstance(rests[0], WaitFor | Done)
    carry_on(world, order)
    assert_done_once(world, order)


@pytest.mark.parametrize("operation", QUESTIONS)
def test_a_run_that_another_overtakes_while_it_asks_sends_nothing(operation: str) -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    rests: list[Rest] = []
    world.faults.hook(operation, "after", second_run(world, order, after=timedelta(0), rests=rests))
    finish(world, order)
    assert isinstance(rests[0], WaitFor)
    carry_on(world, order)
    assert_done_once(world, order)


@pytest.mark.parametrize("crashes_in", ["billing.add", "lines.submit"])
@pytest.mark.parametrize("asks", ["billing.find", "lines.find"])
def test_two_runs_that_look_for_the_same_lost_effect_take_it_once(crashes_in: str, asks: str) -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.hook(crashes_in, "after", crash)
    with pytest.raises(Crash):
        world.ordering.provision(order)
    world.clock.advance(SETTLED)
    rests: list[Rest] = []
    world.faults.hook(asks, "after", second_run(world, order, after=timedelta(0), rests=rests))
    world.ordering.provision(order)
    carry_on(world, order)
    assert len(rests) == 1
    assert_done_once(world, order)


def test_a_run_that_looked_before_another_submitted_and_died_sends_nothing() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.set("lines.submit", Fault.DOWN)
    world.ordering.provision(order)
    world.clock.advance(timedelta(minutes=1))

    def submit_and_die() -> None:
        world.faults.hook("lines.submit", "after", lambda: world.faults.hook("lines.find", "before", crash))
        with suppress(Crash):
            world.ordering.provision(order)

    world.faults.hook("lines.find", "after", submit_and_die)
    world.ordering.provision(order)
    assert len(world.opened(order)) == 1
    carry_on(world, order)
    assert_done_once(world, order)


def test_a_run_does_not_go_on_for_ever() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    ordering = world.ordering
    provisioner = Provisioner(
        performer=Performer(
            outside=Outside(
                catalogue=ordering.catalogue,
                orders=ordering.orders,
                opportunities=ordering.opportunities,
                cases=ordering.cases,
                billing=ordering.billing,
                lines=ordering.lines,
                profiles=ordering.profiles,
            ),
            store=ordering.store,
            clock=ordering.clock,
        ),
        notifications=ordering.notifications,
        closed_days=ordering.closed_days,
        policy=ordering.policy,
        runner=Runner("short of breath"),
        most_actions=3,
    )
    assert isinstance(provisioner.run(order), RetryAt)
    carry_on(world, order)
    assert_done_once(world, order)


def test_a_runner_that_was_taken_over_and_could_not_send_begins_again() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    rests: list[Rest] = []
    world.faults.hook("billing.add", "before", second_run(world, order, after=SETTLED, rests=rests))
    world.faults.set("billing.add", Fault.DOWN)
    world.ordering.provision(order)
    assert len(rests) == 1
    assert len(world.billed(order)) == 1
    carry_on(world, order)
    assert_done_once(world, order)


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.LOSE_REPLY, Fault.SLOW])
def test_a_last_write_that_goes_wrong_is_made_again(fault: Fault) -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.ordering.provision(order)
    world.clock.advance(LINE_OPENS)
    world.faults.set("orders.write", fault)
    assert isinstance(world.ordering.provision(order), RetryAt)
    carry_on(world, order)
    assert_done_once(world, order)


def test_a_second_bill_that_arrives_too_late_is_found_by_the_read_back_and_names_both() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    rests: list[Rest] = []
    world.faults.hook("billing.add", "before", second_run(world, order, after=SETTLED, rests=rests))
    hold = held(world.ordering.provision(order), HoldCode.DUPLICATE_EFFECT)
    both = world.billed(order)
    assert len(both) == 2
    assert hold.facts["billing_orders"] == ", ".join(map(str, both))
    assert isinstance(rests[0], WaitFor)


def test_a_second_bill_is_found_even_when_the_other_run_has_finished_the_order() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), ROUTER)
    rests: list[Rest] = []
    world.faults.hook("billing.add", "before", second_run(world, order, after=SETTLED, rests=rests))
    held(world.ordering.provision(order), HoldCode.DUPLICATE_EFFECT)
    assert rests == [Done()]
    assert in_salesforce(world, order).activation.status == "Activated"
    assert in_salesforce(world, order).activation.error_code == "DUPLICATE_EFFECT"

    held(world.ordering.provision(order), HoldCode.DUPLICATE_EFFECT)
    linked = in_salesforce(world, order).billing_order
    [other] = [billed for billed in world.billed(order) if billed != linked]
    world.billing.cancel_order(other)
    world.ordering.retry(order, by="operator", reason="cancelled the second")
    assert world.ordering.provision(order) == Done()
    assert in_salesforce(world, order).activation.error_code is None


def test_a_second_line_that_arrives_too_late_is_found_and_names_both() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    rests: list[Rest] = []
    world.faults.hook("lines.submit", "before", second_run(world, order, after=SETTLED, rests=rests))
    hold = held(world.ordering.provision(order), HoldCode.DUPLICATE_EFFECT)
    assert hold.facts["lines"] == ", ".join(world.opened(order))
    assert len(world.opened(order)) == 2


def test_a_duplicate_that_was_put_right_goes_on_after_a_word() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    rests: list[Rest] = []
    world.faults.hook("billing.add", "before", second_run(world, order, after=SETTLED, rests=rests))
    world.ordering.provision(order)
    world.agent.set_activation(order, "Activating")
    held(world.ordering.provision(order), HoldCode.DUPLICATE_EFFECT)
    known = rows(world, order, Step.ADD_BILLING_ORDER)[-1].evidence["order"]
    [other] = [billed for billed in world.billed(order) if str(billed) != known]
    world.billing.cancel_order(other)
    held(world.ordering.provision(order), HoldCode.DUPLICATE_EFFECT)
    world.agent.clear_error(order)
    assert finish(world, order) == Done()


def test_without_the_settle_rule_a_second_run_bills_twice() -> None:
    """The negative control: what the rule is for."""
    world = new_world(policy=Policy(settle=timedelta(0), call_timeout=timedelta(0), billing_mark_proved=True))
    order = approved(world, world.new_customer())
    rests: list[Rest] = []
    world.faults.hook("billing.add", "before", second_run(world, order, after=timedelta(0), rests=rests))
    world.ordering.provision(order)
    assert len(world.billed(order)) == 2


def test_a_runner_that_was_held_up_before_sending_gives_up() -> None:
    world = new_world()
    order = approved(world, world.new_customer())

    def sleep_after_the_intent() -> None:
        if rows_now := [row for row in peek(world, order) if row.step is Step.ADD_BILLING_ORDER]:
            assert rows_now[0].outcome is None
            world.clock.advance(timedelta(seconds=11))
        else:
            world.faults.hook("store.transaction", "after", sleep_after_the_intent)

    world.faults.hook("store.transaction", "after", sleep_after_the_intent)
    rest = world.ordering.provision(order)
    assert isinstance(rest, RetryAt)
    assert rest.reason == "add_billing_order: too late to send"
    assert world.faults.calls("billing.add") == 0
    assert carry_on(world, order) == Done()


def test_a_runner_whose_intent_was_taken_over_before_sending_sends_nothing() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    rests: list[Rest] = []

    def sleep_after_the_intent() -> None:
        if any(row.step is Step.ADD_BILLING_ORDER for row in peek(world, order)):
            world.clock.advance(SETTLED)
            rests.append(world.ordering.provision(order))
        else:
            world.faults.hook("store.transaction", "after", sleep_after_the_intent)

    world.faults.hook("store.transaction", "after", sleep_after_the_intent)
    world.ordering.provision(order)
    assert len(rests) == 1
    assert world.faults.calls("billing.add") == 1
    assert len(world.billed(order)) == 1
    carry_on(world, order)
    assert_done_once(world, order)


def peek(world: World, order: OrderId) -> list[JournalRow]:
    """Return the order's rows without a transaction of the store."""
    return [row for row in world.store._parts.journal._rows._rows.values() if row.subject.key == order]


def test_what_somebody_learned_during_a_call_is_not_lost() -> None:
    world = new_world()
    customer = world.new_customer()
    order = approved(world, customer)

    def observed() -> None:
        world.agent.set_activation(order, "Activating")
        world.ordering.observe(order, cause="changed:77")

    for operation in ("orders.write", "billing.add", "lines.submit"):
        world.faults.hook(operation, "after", observed)
    finish(world, order)
    carry_on(world, order)
    assert_done_once(world, order)


def test_a_run_that_others_keep_overtaking_leaves_the_order_to_them() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    numbers = iter(range(100))

    def overtake() -> None:
        world.faults.hook("orders.provisioning_facts", "after", lambda: None)
        kept = case_file(world, order)
        with world.store.transaction() as tx:
            tx.journal.keep(attrs.evolve(kept, causes=frozenset({f"seen:{next(numbers)}"})))
        world.faults.hook("orders.provisioning_facts", "after", overtake)

    world.faults.hook("orders.provisioning_facts", "after", overtake)
    with pytest.raises(Conflict):
        world.ordering.provision(order)
    world.faults.clear()
    finish(world, order)
    assert_done_once(world, order)


def test_an_edit_that_overtakes_a_write_is_read_before_the_write_is_repeated() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.hook("orders.write", "before", lambda: world.agent.set_activation(order, "Activating"))
    finish(world, order)
    assert outcomes(world, order, Step.MARK_ACTIVATING) == [Outcome.ABSENT, Outcome.DONE]
    assert_done_once(world, order)


def test_a_write_that_edits_keep_overtaking_is_left_to_a_later_run() -> None:
    world = new_world()
    order = approved(world, world.new_customer())

    def edit() -> None:
        world.salesforce.edit_order(order, lambda record: record)
        world.faults.hook("orders.write", "before", edit)

    world.faults.hook("orders.write", "before", edit)
    assert isinstance(world.ordering.provision(order), RetryAt)
    assert outcomes(world, order, Step.MARK_ACTIVATING) == [Outcome.ABSENT] * 3
    world.faults.clear()
    carry_on(world, order)
    assert_done_once(world, order)


@pytest.mark.parametrize("operation", ["orders.write", "cases.open"])
def test_what_salesforce_refuses_before_billing_or_shipping_is_a_matter_of_configuration(
    operation: str,
) -> None:
    world = new_world()
    order = approved(world, world.new_customer(), ROUTER)
    world.faults.set(operation, Fault.REFUSE, code="NO_PERMISSION")
    hold = held(world.ordering.provision(order), HoldCode.CONFIGURATION)
    assert hold.facts["code"] == "NO_PERMISSION"
    world.agent.set_activation(order, "Activating")
    assert world.ordering.provision(order) == Done()


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.LOSE_REPLY, Fault.SLOW])
@pytest.mark.parametrize("operation", ["cases.open", "opportunities.of_account"])
def test_a_router_order_survives_whatever_happens_to_its_case(operation: str, fault: Fault) -> None:
    world = new_world()
    order = approved(world, world.new_customer(), ROUTER)
    world.faults.set(operation, fault)
    world.ordering.provision(order)
    assert carry_on(world, order) == Done()
    assert len([r for r in world.salesforce.cases.values() if r.case.key == f"ship-{order}"]) == 1


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.REFUSE, Fault.LOSE_REPLY])
def test_a_day_that_cannot_be_shown_is_shown_later_or_held(fault: Fault) -> None:
    world = new_world()
    draft = attrs.evolve(ESIM, activation_type="Scheduled", scheduled_on=date(2026, 6, 10))
    order = approved(world, world.new_customer(), draft)
    world.faults.set("orders.write", fault)
    rest = world.ordering.provision(order)
    if fault is Fault.REFUSE:
        held(rest, HoldCode.CONFIGURATION)
        world.agent.clear_error(order)
    assert carry_on(world, order) == Done()


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.REFUSE, Fault.LOSE_REPLY, Fault.SLOW])
def test_a_mail_holds_nothing_up(fault: Fault) -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.set("notifications.send", fault, times=2)
    world.ordering.provision(order)
    carry_on(world, order)
    assert_done_once(world, order)
    world.clock.advance(SETTLED)
    world.run_due()
    told = ["received"] if fault is Fault.REFUSE else ["received", "approved", "active"]
    assert mails(world, order) == told


def test_a_customer_without_an_address_is_written_nothing() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer)
    world.salesforce.edit_account(world.account_of(customer), lambda known: attrs.evolve(known, email=None))
    world.run_due()
    assert mails(world, order) == []
