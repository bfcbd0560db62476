"""The sweep finds whoever was triggered and not served, however the subject rests meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core import Fact, Held, HoldCode, OrderId, Rest, WaitFor, WaitUntil
from ordering_core.application.record import order_subject
from ordering_core.application.sweeping import STANDS_IN_AFTER
from ordering_core.domain.journal import CaseFile, Subject
from tests.unit.application.riding import approved, case_file
from tests.unit.application.shop import WEDNESDAY, World, new_world, place
from tests.unit.application.test_order_commands import triggered


MOMENT = timedelta(microseconds=1)
ORDER = order_subject(OrderId("801-triggered"))

RESTS = (
    None,
    WaitFor(Fact.APPROVAL),
    WaitFor(Fact.SIM_ASSIGNMENT),
    WaitUntil(WEDNESDAY + timedelta(days=60)),
    Held(code=HoldCode.BILLING_REFUSED, message="x", since=WEDNESDAY, reported=True),
)


def told_at_its_approval() -> tuple[World, OrderId]:
    """Return an order that rested until its approval was told, for which somebody is to run it now."""
    world = new_world()
    order = approved(world, world.new_customer())
    assert case_file(world, order).rest == WaitFor(Fact.APPROVAL)
    world.ordering.observe(order, cause="approved")
    assert case_file(world, order).rest == WaitFor(Fact.APPROVAL)
    return world, order


def asked_again() -> tuple[World, OrderId]:
    """Return a held order that a person asks for again."""
    world = new_world()
    customer = world.new_customer()
    order = approved(world, customer)
    world.agent.remove_payment_methods(world.client_of(customer))
    world.ordering.observe(order, cause="approved")
    world.run_due()
    assert isinstance(case_file(world, order).rest, Held)
    world.ordering.retry(order, by="Mori", reason="looked at it")
    return world, order


@pytest.mark.parametrize("given_order", [told_at_its_approval, asked_again])
def test_an_order_whose_run_nobody_ends_is_given_to_another_worker_after_half_a_minute(
    given_order: Callable[[], tuple[World, OrderId]],
) -> None:
    world, order = given_order()
    world.clock.advance(STANDS_IN_AFTER - MOMENT)
    world.ordering.sweep()
    assert len(waiting(world, order_subject(order))) == 1, "whoever has it may still be at it"
    world.clock.advance(MOMENT)
    assert world.ordering.sweep() == 1
    assert len(waiting(world, order_subject(order))) == 2
    assert triggered(world) == [order_subject(order)], "who comes first serves both"


@pytest.mark.parametrize("rest", RESTS)
@given(ages=st.lists(st.integers(min_value=0, max_value=4 * 3600), min_size=1, max_size=20))
def test_whoever_is_triggered_is_found_however_it_rests_and_gathers_few_stand_ins(
    rest: Rest | None, ages: list[int]
) -> None:
    world = new_world()
    with world.store.transaction() as tx:
        tx.journal.keep(CaseFile(subject=ORDER, rest=rest))
        tx.trigger(ORDER, cause="event-1")
    began = world.clock.now()
    for age in sorted(ages):
        world.clock.move_to(max(world.clock.now(), began + timedelta(seconds=age)))
        assert world.ordering.sweep() == int(rest is None or age >= 30)
    oldest = max(ages)
    assert 1 + (oldest >= 30) <= len(waiting(world, ORDER)) <= 1 + (oldest // 30).bit_length()
    assert triggered(world) == [ORDER]
    assert world.ordering.sweep() == int(rest is None)


def test_an_order_is_looked_for_again_when_its_stand_in_hangs_as_well() -> None:
    world, order = told_at_its_approval()
    told = world.clock.now()
    for times in (1, 2, 4):
        world.clock.move_to(told + times * STANDS_IN_AFTER)
        world.ordering.sweep()
    assert len(waiting(world, order_subject(order))) == 4
    assert case_file(world, order).rest == WaitFor(Fact.APPROVAL)


def test_an_order_that_waits_for_its_first_run_is_not_triggered_again_minute_by_minute() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    for _ in range(17):
        world.ordering.sweep()
        world.clock.advance(timedelta(minutes=1))
    assert len(waiting(world, order_subject(order))) == 1 + 5


def waiting(world: World, subject: Subject) -> list[str]:
    """Return the causes for which *subject* is to run now."""
    with world.store.triggers() as triggers:
        return [each.cause for each in triggers._waiting_of(subject) if each.due <= world.clock.now()]
