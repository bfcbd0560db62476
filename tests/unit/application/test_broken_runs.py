"""Runs that break off: few, told to somebody, and forgotten when one ends well."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core import Fact, OrderId, OrderState, Subject, SubjectKind, WaitFor
from ordering_core.application.broken_runs import LONGEST, URGENT_AFTER, run_or_report
from ordering_core.application.record import order_subject
from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.runbooks import RUNBOOKS
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict, OutcomeUnknown, Refused, Unavailable
from ordering_core.ports.order_records import Finding
from ordering_core.ports.work_queue import RETRY_AFTER, RunBroke
from tests.unit.application.riding import LINE_OPENS, approved, carry_on, case_file
from tests.unit.application.shop import WEDNESDAY, World, new_world, place


MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


class Mistake(Exception):
    """What a program does that nobody thought of."""


class Breaking:
    """Lets every run that comes to *operation* break off, until it is mended."""

    def __init__(self, world: World, operation: str) -> None:
        self.runs = 0
        self.mended = False
        self._world, self._operation = world, operation
        self._hook()

    def _hook(self) -> None:
        self._world.faults.hook(self._operation, "before", self._break_off)

    def _break_off(self) -> None:
        if self.mended:
            return
        self.runs += 1
        self._hook()
        raise Mistake("with a customer's name in it")


def new_order(world: World) -> OrderId:
    return place(world, world.new_customer())


def approved_order(world: World) -> OrderId:
    order = approved(world, world.new_customer())
    world.ordering.observe(order, cause="approved")
    return order


def let_pass(world: World, time: timedelta) -> None:
    """Let *time* pass in which every process does what it should, and agents do nothing."""
    until = world.clock.now() + time
    while world.clock.now() < until:
        world.ordering.sweep()
        world.run_due()
        world.clock.advance(MINUTE / 2)


def found(world: World) -> tuple[Finding, ...]:
    with world.store.transaction() as tx:
        return tx.findings.of(FindingCode.RUN_BREAKS)


def waiting(world: World, order: OrderId) -> int:
    with world.store.triggers() as triggers:
        return len([*triggers._waiting_of(order_subject(order))])


WHERE = [(new_order, "orders.provisioning_facts"), (approved_order, "billing.payment_methods")]


@pytest.mark.parametrize(("given_order", "operation"), WHERE)
def test_an_order_whose_every_run_breaks_off_is_run_seldom_and_told_before_anybody_looks_for_it(
    given_order: Callable[[World], OrderId], operation: str
) -> None:
    world = new_world()
    order = given_order(world)
    breaking = Breaking(world, operation)
    let_pass(world, 3 * HOUR)
    [finding] = found(world)
    assert finding.urgent
    assert (finding.subject, finding.facts["error"]) == (order, "Mistake")
    assert "customer" not in repr(finding.facts)
    assert waiting(world, order) == 1
    # 1, 2, 4 and 8 minutes apart, then a quarter of an hour; once an hour the sweep asks too
    assert breaking.runs <= 5 + 3 * 4 + 3


@pytest.mark.parametrize(("given_order", "operation"), WHERE)
def test_an_order_that_can_be_run_again_goes_on_and_its_finding_is_closed(
    given_order: Callable[[World], OrderId], operation: str
) -> None:
    world = new_world()
    order = given_order(world)
    breaking = Breaking(world, operation)
    let_pass(world, HOUR)
    assert found(world)
    breaking.mended = True
    let_pass(world, LONGEST + 2 * MINUTE)
    assert found(world) == ()
    if given_order is new_order:
        assert case_file(world, order).rest == WaitFor(Fact.APPROVAL)
    else:
        carry_on(world, order, at_most=LINE_OPENS + HOUR)
        with world.store.transaction() as tx:
            copy = tx.projection.get(order)
        assert copy is not None
        assert copy.status.state is OrderState.ACTIVATED
        assert len(world.billed(order)) == 1


def test_an_order_that_changes_is_tried_at_once_though_its_runs_break_off() -> None:
    world = new_world()
    order = approved_order(world)
    breaking = Breaking(world, "billing.payment_methods")
    let_pass(world, HOUR)
    runs = breaking.runs
    world.ordering.observe(order, cause="changed")
    world.run_due()
    assert breaking.runs == runs + 1
    assert waiting(world, order) == 1


@given(gaps=st.lists(st.integers(min_value=0, max_value=3600), max_size=12))
def test_breaking_off_is_urgent_after_three_minutes_and_tried_again_within_a_quarter_of_an_hour(
    gaps: list[int],
) -> None:
    world = new_world()
    subject = Subject(SubjectKind.IDENTITY, "a card")
    again = WEDNESDAY
    for gap in (0, *gaps):
        world.clock.advance(timedelta(seconds=gap))
        at = world.clock.now()
        again = broke(world, subject).again
        [finding] = found(world)
        assert finding.since == WEDNESDAY
        assert finding.urgent is (at - WEDNESDAY >= URGENT_AFTER)
        assert again - at == min(max(at - WEDNESDAY, RETRY_AFTER), LONGEST)
        world.ordering.sweep()
        assert found(world) == (finding,), "nothing has ended well yet"
    world.clock.move_to(again)
    world.ordering.sweep()
    assert found(world) == ()


@pytest.mark.parametrize("error", [Refused(System.STORE, "UNREADABLE", "a stored CaseFile"), KeyError("x")])
def test_a_record_that_cannot_be_read_breaks_a_run_off_like_a_mistake(error: Exception) -> None:
    world = new_world()
    raised = broke(world, Subject(SubjectKind.RECONCILIATION, "801"), error)
    assert raised.error is type(error)
    assert str(raised) == type(error).__name__
    assert found(world)[0].facts["kind"] == "reconciliation"


@pytest.mark.parametrize(
    "error", [Unavailable(System.STORE), OutcomeUnknown(System.STORE), Conflict(System.STORE, "faster")]
)
def test_what_is_nobodys_mistake_is_no_finding(error: Exception) -> None:
    world = new_world()

    def run() -> None:
        raise error

    with pytest.raises(type(error)):
        run_or_report(order_subject(OrderId("801")), run, store=world.store, at=world.clock.now())
    assert found(world) == ()


def test_a_store_that_is_away_does_not_hide_what_broke_a_run_off() -> None:
    world = new_world()
    world.faults.set("store.transaction", "down")
    raised = broke(world, order_subject(OrderId("801")))
    assert raised.again == world.clock.now() + RETRY_AFTER
    assert isinstance(raised.__cause__, Mistake)


def test_an_operator_reads_what_to_do() -> None:
    assert RUNBOOKS[FindingCode.RUN_BREAKS].urgent
    assert "log" in RUNBOOKS[FindingCode.RUN_BREAKS].steps[0]


def broke(world: World, subject: Subject, error: Exception | None = None) -> RunBroke:
    """Return what a run of *subject* raises that breaks off now."""
    at: datetime = world.clock.now()

    def run() -> None:
        raise error or Mistake

    with pytest.raises(RunBroke) as raised:
        run_or_report(subject, run, store=world.store, at=at)
    return raised.value
