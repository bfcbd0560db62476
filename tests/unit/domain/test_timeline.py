"""The step a customer sees highlighted, for every state of every order type."""

from __future__ import annotations

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.machine import OPEN_STATES, TRANSITIONS, fold
from ordering_core.domain.order_status import OrderState, OrderStatus
from ordering_core.domain.timeline import BUCKETS, STEPS, Bucket, TimelineStep, timeline
from ordering_core.domain.vocabulary import OrderType


S = OrderState
STOPPED = {S.REJECTED, S.CANCELLED}

# DESIGN 4, the table: list bucket, then the step of Internet, SIM and VPN.
DESIGN = {
    S.UNDER_REVIEW: ("Pending", "Under Review", "Processing", "Processing"),
    S.APPROVED: ("Processing", "Under Review", "Processing", "Processing"),
    S.AWAITING_SIM_ASSIGNMENT: ("Processing", "Under Review", "Processing", "Processing"),
    S.SCHEDULED: ("Processing", "Scheduled", "Activating", "Processing"),
    S.ACTIVATING: ("Processing", "Scheduled", "Activating", "Processing"),
    S.ACTIVATED: ("Active", "Active", "Active", "Active"),
}


def held(beneath: OrderState) -> OrderStatus:
    return OrderStatus(S.ON_HOLD, HoldCode.RULES_VIOLATED, beneath)


order_types = st.sampled_from(OrderType)
statuses = st.sampled_from(
    [OrderStatus(state) for state in S if state is not S.ON_HOLD] + [held(state) for state in OPEN_STATES]
)


def test_the_steps_are_the_seeds() -> None:
    assert {order_type: " -> ".join(steps) for order_type, steps in STEPS.items()} == {
        OrderType.INTERNET: "Submitted -> Under Review -> Scheduled -> Active",
        OrderType.SIM: "Submitted -> Processing -> Activating -> Active",
        OrderType.VPN: "Submitted -> Processing -> Active",
    }


@pytest.mark.parametrize("state", DESIGN)
def test_each_state_has_its_bucket_and_its_step(state: OrderState) -> None:
    bucket, *steps = DESIGN[state]
    assert BUCKETS[state] == bucket
    for order_type, step in zip(OrderType, steps, strict=True):
        line = timeline(order_type, OrderStatus(state))
        assert line.step == step
        assert line.complete == (state is S.ACTIVATED)
        assert not line.stopped


def test_a_hold_is_processing_and_stays_on_the_step_it_stopped_in() -> None:
    assert BUCKETS[S.ON_HOLD] is Bucket.PROCESSING
    for order_type in OrderType:
        for state in OPEN_STATES:
            assert timeline(order_type, held(state)) == timeline(order_type, OrderStatus(state))


def test_every_state_is_in_one_bucket() -> None:
    assert set(BUCKETS) == set(S)
    assert {state for state, bucket in BUCKETS.items() if bucket is Bucket.CANCELLED} == STOPPED
    assert BUCKETS[S.UNKNOWN] is Bucket.PROCESSING


@given(order_types, statuses, st.none() | st.sampled_from(S))
def test_the_highlighted_step_is_one_of_the_order_types_own_whatever_is_known(
    order_type: OrderType, status: OrderStatus, last_known: OrderState | None
) -> None:
    line = timeline(order_type, status, last_known=last_known)
    assert line.steps == STEPS[order_type]
    assert line.step in line.steps
    assert line.complete == (status.state is S.ACTIVATED)
    assert line.stopped == (status.state in STOPPED)
    assert not (line.complete and line.stopped)


@given(order_types, st.sampled_from(sorted(DESIGN)), st.sampled_from([S.REJECTED, S.CANCELLED, S.UNKNOWN]))
def test_a_stopped_or_unreadable_order_stays_where_it_was(
    order_type: OrderType, state: OrderState, now: OrderState
) -> None:
    line = timeline(order_type, OrderStatus(now), last_known=state)
    assert line.step is timeline(order_type, OrderStatus(state)).step


@pytest.mark.parametrize("order_type", OrderType)
def test_without_a_history_only_a_rejected_order_is_known_to_have_been_under_review(
    order_type: OrderType,
) -> None:
    reviewed = timeline(order_type, OrderStatus(S.UNDER_REVIEW)).step
    assert timeline(order_type, OrderStatus(S.REJECTED)).step is reviewed
    for state in (S.CANCELLED, S.UNKNOWN):
        assert timeline(order_type, OrderStatus(state)).step is TimelineStep.SUBMITTED


@given(order_types, st.data())
def test_along_every_legal_path_but_stopping_the_step_never_moves_back(
    order_type: OrderType, data: st.DataObject
) -> None:
    path = [OrderStatus(S.UNDER_REVIEW)]
    for _ in range(data.draw(st.integers(0, 8))):
        current = path[-1]
        if current.beneath:
            path.append(OrderStatus(current.beneath))
            continue
        targets = sorted(TRANSITIONS[current.state] - STOPPED)
        if not targets:
            break
        target = data.draw(st.sampled_from(targets))
        path.append(held(current.state) if target is S.ON_HOLD else OrderStatus(target))
    places = [timeline(order_type, status).current for status in path]
    assert places == sorted(places)
    # Stopping and unreadable texts do not move it either, once the history is folded.
    standing = fold([*path, OrderStatus(data.draw(st.sampled_from([S.REJECTED, S.CANCELLED, S.UNKNOWN])))])
    assert standing is not None
    assert timeline(order_type, standing.status, last_known=standing.last_known).current == places[-1]


@pytest.mark.parametrize("order_type", OrderType)
def test_every_single_legal_move_keeps_or_advances_the_step(order_type: OrderType) -> None:
    for before, targets in TRANSITIONS.items():
        for after in targets - STOPPED - {S.ON_HOLD}:
            if before is not S.ON_HOLD:
                here, there = (timeline(order_type, OrderStatus(state)).current for state in (before, after))
                assert here <= there
