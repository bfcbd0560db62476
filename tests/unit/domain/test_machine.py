"""How an order moves: what we may do, what is only observed, and where a history has brought it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.domain.events import EventKind, Source
from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.identifiers import AccountId, Cursor, OrderId
from ordering_core.domain.machine import (
    INITIAL,
    OPEN_STATES,
    TRANSITIONS,
    StateChange,
    command,
    evolve,
    fold,
    may_follow,
    observed,
    to_event,
)
from ordering_core.domain.order_status import OrderState, OrderStatus
from ordering_core.errors import IllegalTransition


AT = datetime(2026, 6, 3, 1, tzinfo=UTC)
S = OrderState

# DESIGN 4, Machine, word for word.
DESIGN = """
UnderReview → AwaitingSimAssignment, Approved, Scheduled, Activating, Rejected, Cancelled
AwaitingSimAssignment → Approved, Scheduled, Activating, Cancelled
Approved → Scheduled, Activating, Cancelled
Scheduled → Activating, Cancelled
Activating → Scheduled, Activated, Cancelled
"""
MOVES = {
    (OrderState(before), OrderState(after))
    for before, _, targets in (line.partition(" → ") for line in DESIGN.split("\n") if line)
    for after in targets.split(", ")
}
OPEN = {before for before, _ in MOVES}


def held(beneath: OrderState, code: HoldCode = HoldCode.PAYMENT_METHOD_MISSING) -> OrderStatus:
    return OrderStatus(S.ON_HOLD, code, beneath)


plain = st.sampled_from([state for state in S if state is not S.ON_HOLD]).map(OrderStatus)
holds = st.builds(
    OrderStatus,
    st.just(S.ON_HOLD),
    st.sampled_from(HoldCode),
    st.sampled_from(sorted(OPEN)),
    st.booleans(),
)
statuses = plain | holds


def expected_to_follow(before: OrderStatus, after: OrderStatus) -> bool:
    if after.hold:
        return before.state is after.beneath
    if before.hold:
        return after.state is before.beneath
    return (before.state, after.state) in MOVES


class TestTheTable:
    def test_every_state_has_its_line_and_names_only_states(self) -> None:
        assert set(TRANSITIONS) == set(S)
        assert {target for targets in TRANSITIONS.values() for target in targets} <= set(S)

    def test_no_state_leads_to_itself(self) -> None:
        assert all(state not in targets for state, targets in TRANSITIONS.items())

    def test_every_state_but_unknown_is_reached_from_the_first(self) -> None:
        reached, ahead = set[OrderState](), [INITIAL]
        while ahead:
            state = ahead.pop()
            if state not in reached:
                reached.add(state)
                ahead.extend(TRANSITIONS[state])
        assert set(S) - reached == {S.UNKNOWN}

    def test_an_order_ends_active_rejected_or_cancelled_and_can_always_get_there(self) -> None:
        ends = {S.ACTIVATED, S.REJECTED, S.CANCELLED}
        assert {state for state, targets in TRANSITIONS.items() if not targets} == ends | {S.UNKNOWN}
        assert all(S.CANCELLED in TRANSITIONS[state] for state in OPEN_STATES)

    def test_only_an_order_under_review_can_be_rejected(self) -> None:
        assert {state for state in S if S.REJECTED in TRANSITIONS[state]} == {S.UNDER_REVIEW}

    def test_exactly_the_states_under_way_can_be_held(self) -> None:
        assert OPEN == OPEN_STATES
        assert {state for state in S if S.ON_HOLD in TRANSITIONS[state]} == OPEN_STATES


class TestCommands:
    @given(statuses, statuses)
    def test_a_command_does_what_the_table_allows_and_refuses_the_rest(
        self, current: OrderStatus, target: OrderStatus
    ) -> None:
        assert may_follow(current, target) == expected_to_follow(current, target)
        if current == target:
            assert command(current, target, at=AT, by="run-1") == ()
        elif expected_to_follow(current, target):
            (change,) = command(current, target, at=AT, by="run-1", why="paid")
            assert change == StateChange(
                before=current, after=target, at=AT, source=Source.SYSTEM, by="run-1", why="paid"
            )
        else:
            with pytest.raises(IllegalTransition):
                command(current, target, at=AT, by="run-1")

    @given(statuses)
    def test_asking_for_the_present_state_is_no_event(self, current: OrderStatus) -> None:
        assert command(current, current, at=AT, by="run-1") == ()

    def test_a_refusal_names_both_states_and_the_hold(self) -> None:
        with pytest.raises(IllegalTransition) as refusal:
            command(held(S.APPROVED), OrderStatus(S.ACTIVATED), at=AT, by="run-1")
        assert str(refusal.value) == (
            "an order that is OnHold (PAYMENT_METHOD_MISSING) cannot become Activated"
        )


class TestObserving:
    @given(st.none() | statuses, statuses)
    def test_seeing_never_refuses_and_the_same_again_is_no_event(
        self, current: OrderStatus | None, seen: OrderStatus
    ) -> None:
        changes = observed(current, seen, at=AT, by="agent", why="by hand")
        assert [(change.before, change.after) for change in changes] == (
            [] if current == seen else [(current, seen)]
        )
        assert observed(seen, seen, at=AT) == ()

    @given(statuses, statuses)
    def test_what_a_command_could_have_done_is_no_surprise(
        self, current: OrderStatus, seen: OrderStatus
    ) -> None:
        if may_follow(current, seen):
            (change,) = observed(current, seen, at=AT)
            assert change.expected

    @given(statuses, statuses)
    def test_a_surprise_is_a_state_that_cannot_follow_the_one_beneath_the_hold(
        self, current: OrderStatus, seen: OrderStatus
    ) -> None:
        before, after = current.beneath or current.state, seen.beneath or seen.state
        for change in observed(current, seen, at=AT):
            assert change.expected == (before is after or (before, after) in MOVES)

    def test_the_first_sight_of_an_order_is_no_surprise(self) -> None:
        (change,) = observed(None, OrderStatus(S.ACTIVATED), at=AT)
        assert change.expected
        assert change.before is None

    def test_who_when_why_and_how_we_know_are_kept(self) -> None:
        (change,) = observed(
            OrderStatus(S.UNDER_REVIEW),
            OrderStatus(S.APPROVED),
            at=AT,
            source=Source.AGENT,
            by="desk",
            why="ok",
        )
        assert (change.at, change.source, change.by, change.why) == (AT, Source.AGENT, "desk", "ok")
        (change,) = observed(OrderStatus(S.UNDER_REVIEW), OrderStatus(S.APPROVED), at=AT)
        assert change.source is Source.OBSERVED

    def test_a_hold_that_passes_from_agent_to_customer_is_news(self) -> None:
        pending = OrderStatus(S.ON_HOLD, HoldCode.IDENTITY_NOT_VERIFIED, S.APPROVED)
        rejected = OrderStatus(S.ON_HOLD, HoldCode.IDENTITY_NOT_VERIFIED, S.APPROVED, for_customer=True)
        assert [change.after for change in observed(pending, rejected, at=AT)] == [rejected]


class TestTheEventLog:
    @pytest.mark.parametrize(
        ("before", "after", "kind", "detail"),
        [
            (OrderStatus(S.APPROVED), OrderStatus(S.ACTIVATING), EventKind.STATUS_CHANGED, "Activating"),
            (OrderStatus(S.APPROVED), held(S.APPROVED), EventKind.HELD, "PAYMENT_METHOD_MISSING"),
            (held(S.APPROVED), OrderStatus(S.APPROVED), EventKind.HOLD_CLEARED, "Approved"),
            (held(S.APPROVED), OrderStatus(S.ACTIVATING), EventKind.HOLD_CLEARED, "Activating"),
            (held(S.APPROVED), OrderStatus(S.CANCELLED), EventKind.STATUS_CHANGED, "Cancelled"),
            (OrderStatus(S.ACTIVATED), OrderStatus(S.APPROVED), EventKind.UNEXPECTED_CHANGE, "Approved"),
            (
                OrderStatus(S.ACTIVATED),
                held(S.APPROVED),
                EventKind.UNEXPECTED_CHANGE,
                "PAYMENT_METHOD_MISSING",
            ),
            (None, OrderStatus(S.UNDER_REVIEW), EventKind.STATUS_CHANGED, "UnderReview"),
        ],
    )
    def test_each_change_becomes_an_event_of_its_kind(
        self, before: OrderStatus | None, after: OrderStatus, kind: EventKind, detail: str
    ) -> None:
        (change,) = observed(before, after, at=AT, source=Source.AGENT, by="desk", why="checked")
        event = to_event(change, order=OrderId("801"), account=AccountId("001"))
        assert (event.kind, event.detail, event.before, event.status) == (kind, detail, before, after)
        assert (event.order, event.account, event.cursor) == ("801", "001", Cursor(0))
        assert (event.at, event.source, event.by, event.why) == (AT, Source.AGENT, "desk", "checked")


class TestHistory:
    @given(st.lists(statuses))
    def test_a_history_ends_where_its_last_status_is_and_remembers_the_last_place(
        self, history: list[OrderStatus]
    ) -> None:
        standing = fold(history)
        if not history:
            assert standing is None
            return
        assert standing is not None
        assert standing.status == history[-1]
        places = [status.beneath or status.state for status in history]
        known = [place for place in places if place in OPEN | {S.ACTIVATED}]
        assert standing.last_known is (known[-1] if known else None)

    @given(st.lists(statuses), statuses)
    def test_folding_goes_on_where_it_stopped(self, history: list[OrderStatus], after: OrderStatus) -> None:
        assert fold([*history, after]) == evolve(fold(history), after)
