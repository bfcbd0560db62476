"""The profile of an eSIM: reserved before its line, released with it, given back when the line fails."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ordering_core import Done, Held, HoldCode, OrderId, Policy, WaitFor
from ordering_core.domain.journal import Fact, Outcome, Step
from ordering_core.ports.profile_delivery import ProfileState
from ordering_core.testing.world import Fault
from tests.unit.application.riding import (
    LINE_OPENS,
    SETTLED,
    Crash,
    approved,
    carry_on,
    crash,
    finish,
    held,
    outcomes,
)
from tests.unit.application.shop import ESIM, PHYSICAL, ROUTER, World, new_world


OPERATIONS = {
    "profiles.reserve": Step.RESERVE_PROFILE,
    "profiles.release": Step.RELEASE_PROFILE,
    "profiles.cancel": Step.CANCEL_PROFILE,
}


def delivering() -> World:
    return new_world(policy=Policy(billing_mark_proved=True, esim_profile_delivery=True))


def ordered() -> tuple[World, OrderId]:
    world = delivering()
    return world, approved(world, world.new_customer())


def profile_state(world: World, order: OrderId) -> ProfileState | None:
    profile = world.profiles.find(order)
    return profile.state if profile else None


def test_an_esim_is_complete_when_its_line_is_open_and_its_profile_released() -> None:
    world, order = ordered()
    assert isinstance(world.ordering.provision(order), WaitFor)
    assert profile_state(world, order) is ProfileState.CONFIRMED
    assert [world.faults.calls(name) for name in OPERATIONS] == [1, 0, 0]
    world.clock.advance(LINE_OPENS)
    assert world.ordering.provision(order) == Done()
    assert profile_state(world, order) is ProfileState.RELEASED
    assert [world.faults.calls(name) for name in OPERATIONS] == [1, 1, 0]


@pytest.mark.parametrize("draft", [PHYSICAL, ROUTER])
def test_what_has_no_profile_gets_none(draft: object) -> None:
    world = delivering()
    order = approved(world, world.new_customer(), PHYSICAL if draft is PHYSICAL else ROUTER)
    if draft is PHYSICAL:
        world.agent.assign_sim(order)
    assert finish(world, order) == Done()
    assert [world.faults.calls(name) for name in OPERATIONS] == [0, 0, 0]


def test_unless_the_reseller_delivers_profiles_nobody_asks_for_one() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), ESIM)
    assert finish(world, order) == Done()
    assert profile_state(world, order) is None


def test_a_line_that_fails_gives_its_profile_back_and_the_next_one_has_another() -> None:
    world, order = ordered()
    world.ordering.provision(order)
    world.agent.fail_line(order, "NETWORK_BUSY")
    held(world.ordering.provision(order), HoldCode.LINE_REFUSED)
    assert profile_state(world, order) is None
    world.ordering.retry(order, by="operator", reason="the network works again")
    assert finish(world, order) == Done()
    assert profile_state(world, order) is ProfileState.RELEASED
    assert [world.faults.calls(name) for name in OPERATIONS] == [2, 1, 1]


def test_each_line_that_fails_gives_its_own_profile_back() -> None:
    world, order = ordered()
    world.ordering.provision(order)
    for _ in range(2):
        world.agent.fail_line(order, "NETWORK_BUSY")
        held(world.ordering.provision(order), HoldCode.LINE_REFUSED)
        assert profile_state(world, order) is None
        world.ordering.retry(order, by="operator", reason="the network works again")
        world.ordering.provision(order)
    assert finish(world, order) == Done()
    assert [world.faults.calls(name) for name in OPERATIONS] == [3, 1, 2]


def test_a_line_that_is_refused_gives_its_profile_back() -> None:
    world, order = ordered()
    world.faults.set("lines.submit", Fault.REFUSE, code="NOT_NOW")
    hold = held(world.ordering.provision(order), HoldCode.LINE_REFUSED)
    assert hold.facts["code"] == "NOT_NOW"
    assert profile_state(world, order) is None


@pytest.mark.parametrize("operation", ["profiles.reserve", "profiles.release"])
def test_a_profile_that_cannot_be_had_holds_the_order_and_a_word_goes_on(operation: str) -> None:
    world, order = ordered()
    world.faults.set(operation, Fault.REFUSE, code="OUT_OF_STOCK")
    world.ordering.provision(order)
    world.clock.advance(LINE_OPENS)
    hold = held(world.ordering.provision(order), HoldCode.LINE_REFUSED)
    assert hold.facts["code"] == "OUT_OF_STOCK"
    assert len(world.opened(order)) == (operation == "profiles.release")
    world.ordering.retry(order, by="operator", reason="more were bought")
    assert finish(world, order) == Done()
    assert profile_state(world, order) is ProfileState.RELEASED


def test_a_profile_that_is_on_a_device_is_left_there_when_its_line_fails() -> None:
    world, order = ordered()
    world.ordering.provision(order)
    world.profiles.install(order)
    world.agent.fail_line(order, "NETWORK_BUSY")
    hold = held(world.ordering.provision(order), HoldCode.LINE_REFUSED)
    assert hold.facts["code"] == "NETWORK_BUSY"
    assert outcomes(world, order, Step.CANCEL_PROFILE) == [Outcome.REFUSED]


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.LOSE_REPLY, Fault.SLOW])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_whatever_a_call_comes_to_there_is_one_profile_in_the_end(operation: str, fault: Fault) -> None:
    world, order = ordered()
    world.faults.set(operation, fault)
    world.ordering.provision(order)
    if operation == "profiles.cancel":
        world.agent.fail_line(order, "NETWORK_BUSY")
        world.ordering.provision(order)
        assert isinstance(carry_on(world, order, at_most=timedelta(minutes=5)), Held)
        assert profile_state(world, order) is None
        world.ordering.retry(order, by="operator", reason="the network works again")
    assert carry_on(world, order) == Done()
    assert profile_state(world, order) is ProfileState.RELEASED
    assert world.profiles.stock == 999_999
    assert len(world.billed(order)) == 1


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_crash_at_any_call_is_made_good_by_the_next_run(operation: str, moment: str) -> None:
    world, order = ordered()
    world.ordering.provision(order) if operation != "profiles.reserve" else None
    if operation == "profiles.cancel":
        world.agent.fail_line(order, "NETWORK_BUSY")
    elif operation == "profiles.release":
        world.clock.advance(LINE_OPENS)
    world.faults.hook(operation, "before" if moment == "before" else "after", crash)
    with pytest.raises(Crash):
        world.ordering.provision(order)
    world.clock.advance(SETTLED)
    rest = world.ordering.provision(order)
    if operation == "profiles.cancel":
        held(rest, HoldCode.LINE_REFUSED)
        assert profile_state(world, order) is None
        return
    world.clock.advance(LINE_OPENS)
    assert world.ordering.provision(order) == Done()
    assert profile_state(world, order) is ProfileState.RELEASED
    assert world.profiles.stock == 999_999


def test_an_order_cancelled_while_a_profile_is_reserved_for_its_next_line_gets_no_line() -> None:
    world, order = ordered()
    world.ordering.provision(order)
    world.agent.fail_line(order, "NETWORK_BUSY")
    held(world.ordering.provision(order), HoldCode.LINE_REFUSED)
    world.ordering.retry(order, by="operator", reason="the network works again")
    world.faults.hook("profiles.reserve", "after", lambda: world.agent.cancel(order))
    hold = held(finish(world, order), HoldCode.CANCELLED_IN_FLIGHT)
    assert set(hold.facts) == {"billing_order", "undo:billing_order", "profile", "undo:profile"}
    assert world.faults.calls("lines.submit") == 1


def test_a_cancelled_order_lists_its_profile_until_somebody_says_it_is_undone() -> None:
    world, order = ordered()
    assert world.ordering.provision(order) == WaitFor(
        Fact.LINE_COMPLETION, world.clock.now() + timedelta(minutes=10)
    )
    world.agent.cancel(order)
    hold = held(world.ordering.provision(order), HoldCode.CANCELLED_IN_FLIGHT)
    assert hold.facts["profile"] == f"profile of {order}"
    assert hold.facts["undo:profile"] == "cancel_profile"
