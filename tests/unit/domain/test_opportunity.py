"""Which Opportunity an order belongs to, and where it may go from there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hypothesis import example, given
from hypothesis import strategies as st

from ordering_core.domain.identifiers import AccountId, OpportunityId, ServiceId
from ordering_core.domain.opportunity import (
    CHECKOUT_SOURCES,
    ELIGIBILITY_SOURCE,
    STAGE_MOVES,
    OpenNew,
    Opportunity,
    UseExisting,
    link,
    may_write_service,
    stage_of,
    void_on_stop,
)
from ordering_core.domain.vocabulary import OrderType, Stage


AT = datetime(2026, 6, 3, 1, tzinfo=UTC)


def opportunity(
    name: str = "006-one",
    stage: str = "Ready",
    *,
    order_type: OrderType = OrderType.SIM,
    days: int = 0,
    taken: bool = False,
    service: int | None = None,
) -> Opportunity:
    return Opportunity(
        id=OpportunityId(name),
        account=AccountId("001-one"),
        order_type=order_type,
        stage=stage,
        created_at=AT + timedelta(days=days),
        has_live_order=taken,
        service=None if service is None else ServiceId(service),
    )


stage_texts = st.sampled_from([stage.value for stage in Stage]) | st.text(max_size=3)
opportunities = st.lists(
    st.builds(
        opportunity,
        st.integers(0, 99).map("006-{:02}".format),
        stage_texts,
        order_type=st.sampled_from(OrderType),
        days=st.integers(0, 2),
        taken=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda candidate: candidate.id,
)


class TestLinking:
    @given(
        opportunities.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))),
        st.sampled_from(OrderType),
    )
    def test_the_choice_does_not_depend_on_how_the_candidates_are_sorted(
        self, twice: tuple[list[Opportunity], list[Opportunity]], order_type: OrderType
    ) -> None:
        candidates, shuffled = twice
        assert link(order_type, shuffled) == link(order_type, candidates)

    @given(opportunities, st.sampled_from(OrderType))
    def test_it_is_one_that_waits_for_an_order_of_this_kind_and_none_waits_with_more_right(
        self, candidates: list[Opportunity], order_type: OrderType
    ) -> None:
        waiting = {
            each.id: each
            for each in candidates
            if each.order_type is order_type
            and each.stage in {"Introduction", "Ready"}
            and not each.has_live_order
        }
        match link(order_type, candidates):
            case UseExisting(chosen):
                best = waiting[chosen]
                for other in waiting.values():
                    assert (best.stage == "Ready", best.created_at) >= (
                        other.stage == "Ready",
                        other.created_at,
                    )
                    same = (best.stage, best.created_at) == (other.stage, other.created_at)
                    assert not same or best.id <= other.id
            case OpenNew() as new:
                assert not waiting
                assert new == OpenNew(order_type, f"Portal - {order_type} Checkout Registration")

    @pytest.mark.parametrize(
        "stage",
        [
            "Post Processing",
            "Active",
            "△Cancelling",
            "Cancelled",
            "△Cancelled",
            "Void",
            "ready",
            "Ready ",
            "",
        ],
    )
    def test_an_opportunity_in_any_other_stage_is_left_alone(self, stage: str) -> None:
        assert isinstance(link(OrderType.SIM, [opportunity(stage=stage)]), OpenNew)

    def test_a_live_order_keeps_its_opportunity_to_itself(self) -> None:
        assert isinstance(link(OrderType.SIM, [opportunity(taken=True)]), OpenNew)
        free = opportunity("006-two", "Introduction")
        assert link(OrderType.SIM, [opportunity(taken=True), free]) == UseExisting(free.id)

    def test_ready_comes_before_a_newer_introduction(self) -> None:
        newer = opportunity("006-two", "Introduction", days=2)
        assert link(OrderType.SIM, [newer, opportunity()]) == UseExisting(OpportunityId("006-one"))

    def test_the_newest_comes_first_then_the_smaller_id(self) -> None:
        newer = opportunity("006-two", days=1)
        assert link(OrderType.SIM, [opportunity(), newer]) == UseExisting(newer.id)
        twin = opportunity("006-aaa")
        assert link(OrderType.SIM, [opportunity(), twin]) == UseExisting(twin.id)

    def test_the_sources_are_those_of_the_portal(self) -> None:
        assert ELIGIBILITY_SOURCE == "Portal - Internet Eligibility Request"
        assert set(CHECKOUT_SOURCES) == set(OrderType)
        assert CHECKOUT_SOURCES[OrderType.SIM] == "Portal - SIM Checkout Registration"


class TestStages:
    @pytest.mark.parametrize("stage", Stage)
    def test_every_stage_is_read_by_its_own_text(self, stage: Stage) -> None:
        assert stage_of(stage.value) is stage

    @pytest.mark.parametrize(
        ("text", "stage"),
        [
            ("△Cancelled", Stage.CANCELLED),
            ("Cancelled", Stage.CANCELLED),
            ("△Cancelling", Stage.CANCELLING),
            ("Cancelling", Stage.CANCELLING),
        ],
    )
    def test_the_stages_of_a_cancellation_are_read_with_and_without_the_triangle(
        self, text: str, stage: Stage
    ) -> None:
        assert stage_of(text) is stage

    @given(st.text())
    @example("△Ready")
    @example("cancelled")
    def test_any_other_text_is_unknown(self, text: str) -> None:
        if text not in {*Stage, "Cancelling", "△Cancelled"}:
            assert stage_of(text) is None

    def test_the_moves_are_the_lifecycle_of_the_seed(self) -> None:
        assert {stage.value: sorted(targets) for stage, targets in STAGE_MOVES.items()} == {
            "Introduction": ["Post Processing", "Ready", "Void"],
            "Ready": ["Post Processing", "Void"],
            "Post Processing": ["Active", "Void"],
            "Active": ["△Cancelling"],
            "△Cancelling": ["Active", "Cancelled"],
            "Cancelled": [],
            "Void": [],
        }

    def test_every_stage_is_reached_from_the_first(self) -> None:
        reached, ahead = set[Stage](), [Stage.INTRODUCTION]
        while ahead:
            stage = ahead.pop()
            if stage not in reached:
                reached.add(stage)
                ahead.extend(STAGE_MOVES[stage])
        assert reached == set(Stage)

    def test_a_service_only_ends_by_way_of_cancelling(self) -> None:
        before = {stage for stage, targets in STAGE_MOVES.items() if Stage.CANCELLED in targets}
        assert before == {Stage.CANCELLING}


class TestServiceIds:
    @given(st.none() | st.integers(0, 3).map(ServiceId), st.integers(0, 3).map(ServiceId))
    def test_a_service_is_written_once_and_again_but_never_over_another(
        self, present: ServiceId | None, service: ServiceId
    ) -> None:
        assert may_write_service(present, service) == (present is None or present == service)


class TestStoppingAnOrder:
    def test_before_a_service_exists_the_opportunity_becomes_void(self) -> None:
        assert void_on_stop(opportunity(stage="Post Processing"))

    def test_with_a_service_it_is_cancelled_and_not_lost(self) -> None:
        assert not void_on_stop(opportunity(stage="Post Processing", service=7))

    def test_another_live_order_keeps_it(self) -> None:
        assert not void_on_stop(opportunity(stage="Post Processing", taken=True))

    @given(stage_texts)
    def test_where_agents_have_moved_it_it_stays(self, stage: str) -> None:
        assert void_on_stop(opportunity(stage=stage)) == (stage == "Post Processing")
