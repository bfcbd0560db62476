"""One status out of Salesforce's two fields and our own history, whatever the fields hold."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import attrs
import pytest

from hypothesis import example, given
from hypothesis import strategies as st

from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.order_status import GoAhead, OrderState, OrderStatus, StatusFacts
from ordering_core.domain.status import status
from ordering_core.domain.status_table import ANY, COLUMNS, facts_of, render_status_table, result_of
from ordering_core.domain.vocabulary import ActivationStatusText, OrderStatusText, OrderType


PAGE = Path(__file__).parents[3] / "docs" / "status.md"
DAY = datetime(2026, 6, 10, 1, tzinfo=UTC)
GO_AHEADS = [None, GoAhead(), GoAhead(at=DAY), GoAhead(undated=True)]

known_statuses = st.sampled_from([text.value for text in OrderStatusText])
known_activations = st.sampled_from([None, "", *(text.value for text in ActivationStatusText)])
any_text = st.none() | st.text() | known_statuses | known_activations


def facts(
    statuses: st.SearchStrategy[str | None] = any_text,
    activations: st.SearchStrategy[str | None] = any_text,
) -> st.SearchStrategy[StatusFacts]:
    return st.builds(
        StatusFacts,
        order_type=st.sampled_from(OrderType),
        status=statuses,
        activation_status=activations,
        physical_sim=st.booleans(),
        sim_assigned=st.booleans(),
        hold=st.none() | st.sampled_from(HoldCode),
        hold_for_customer=st.booleans(),
        foreign_error=st.booleans(),
        go_ahead=st.sampled_from(GO_AHEADS),
        ever_approved=st.booleans(),
        approval_implied=st.booleans(),
        withdrawn_by_customer=st.booleans(),
    )


# An order under way whose texts are both known: where holds and our own history decide.
under_way = facts(
    known_statuses.filter(lambda text: text != "Cancelled"),
    known_activations.filter(lambda text: text != "Activated"),
)


def approved(
    text: str | None = "Approved",
    *,
    activation: str | None = None,
    go_ahead: GoAhead | None = None,
    card: bool | None = None,
    implied: bool = False,
) -> OrderStatus:
    return status(
        StatusFacts(
            order_type=OrderType.SIM,
            status=text,
            activation_status=activation,
            go_ahead=go_ahead,
            physical_sim=card is not None,
            sim_assigned=bool(card),
            approval_implied=implied,
        )
    )


class TestWhateverTheFieldsHold:
    @given(facts())
    def test_every_text_has_an_answer_and_only_a_hold_says_more_than_the_state(
        self, given_facts: StatusFacts
    ) -> None:
        found = status(given_facts)
        assert (found.state is OrderState.ON_HOLD) == (found.hold is not None)
        assert (found.hold is None) == (found.beneath is None)
        assert found.hold is not None or not found.for_customer

    @given(facts(statuses=st.just("Cancelled")))
    def test_a_cancelled_order_was_rejected_exactly_when_nothing_says_otherwise(
        self, given_facts: StatusFacts
    ) -> None:
        otherwise = (
            given_facts.ever_approved or given_facts.approval_implied or given_facts.withdrawn_by_customer
        )
        expected = OrderState.CANCELLED if otherwise else OrderState.REJECTED
        assert status(given_facts) == OrderStatus(expected)

    @given(facts(any_text.filter(lambda text: text != "Cancelled"), st.just("Activated")))
    def test_an_activated_order_is_active_whatever_else_is_written_unless_it_is_cancelled(
        self, given_facts: StatusFacts
    ) -> None:
        assert status(given_facts) == OrderStatus(OrderState.ACTIVATED)

    @given(facts(st.none() | st.text(), any_text.filter(lambda text: text != "Activated")))
    @example(StatusFacts(order_type=OrderType.VPN, status="Activated", activation_status=None))
    def test_an_unknown_status_is_unknown_with_or_without_a_hold(self, given_facts: StatusFacts) -> None:
        if given_facts.status not in set(OrderStatusText):
            assert status(given_facts) == OrderStatus(OrderState.UNKNOWN)

    @given(facts(known_statuses.filter(lambda text: text != "Cancelled"), st.text(min_size=1)))
    def test_an_unknown_activation_status_is_unknown_with_or_without_a_hold(
        self, given_facts: StatusFacts
    ) -> None:
        if given_facts.activation_status not in set(ActivationStatusText):
            assert status(given_facts) == OrderStatus(OrderState.UNKNOWN)

    @pytest.mark.parametrize(
        "text",
        [
            "draft",
            "Draft ",
            "APPROVED",
            "Canceled",
            "Ｄｒａｆｔ",
            "Activated",
            "Activating",
            "承認済み",
            "",
            None,
        ],
    )
    def test_a_status_that_is_nearly_right_is_not_guessed(self, text: str | None) -> None:
        assert approved(text).state is OrderState.UNKNOWN

    @pytest.mark.parametrize(
        "text", ["activating", "Activated ", "Scheduled.", "Approved", "Ａｃｔｉｖａｔｅｄ", " "]
    )
    def test_an_activation_status_that_is_nearly_right_is_not_guessed(self, text: str) -> None:
        assert approved(activation=text).state is OrderState.UNKNOWN

    def test_an_empty_activation_status_is_empty_however_it_is_spelt(self) -> None:
        assert approved(activation="") == approved()


class TestHolds:
    @given(under_way, st.sampled_from(HoldCode))
    def test_a_hold_shows_its_code_over_the_state_that_the_rest_gives(
        self, given_facts: StatusFacts, code: HoldCode
    ) -> None:
        free = status(attrs.evolve(given_facts, hold=None, foreign_error=False))
        held = status(attrs.evolve(given_facts, hold=code))
        assert held == OrderStatus(OrderState.ON_HOLD, code, free.state, given_facts.hold_for_customer)

    @given(under_way)
    def test_a_foreign_error_holds_the_order_for_an_agent_unless_a_hold_of_ours_is_open(
        self, given_facts: StatusFacts
    ) -> None:
        free = status(attrs.evolve(given_facts, hold=None, foreign_error=False))
        foreign = status(attrs.evolve(given_facts, hold=None, foreign_error=True))
        assert foreign == OrderStatus(OrderState.ON_HOLD, HoldCode.FOREIGN_ERROR, free.state)

    @given(facts(), st.sampled_from(HoldCode))
    def test_no_hold_hides_that_an_order_is_stopped_active_or_unknown(
        self, given_facts: StatusFacts, code: HoldCode
    ) -> None:
        free = status(attrs.evolve(given_facts, hold=None, foreign_error=False))
        held = status(attrs.evolve(given_facts, hold=code, foreign_error=True))
        if held.state is not OrderState.ON_HOLD:
            assert held == free


class TestAnOrderUnderWay:
    @pytest.mark.parametrize("text", ["Draft", "Pending Review"])
    @pytest.mark.parametrize("go_ahead", GO_AHEADS)
    def test_it_is_under_review_whatever_the_go_ahead_until_approved_or_implied(
        self, text: str, go_ahead: GoAhead | None
    ) -> None:
        assert approved(text, go_ahead=go_ahead).state is OrderState.UNDER_REVIEW
        assert approved(text, go_ahead=go_ahead, implied=True) == approved(go_ahead=go_ahead)

    @pytest.mark.parametrize("go_ahead", GO_AHEADS)
    def test_a_physical_sim_waits_for_its_card_before_anything_else(self, go_ahead: GoAhead | None) -> None:
        waiting = approved(card=False, go_ahead=go_ahead)
        assert waiting.state is OrderState.AWAITING_SIM_ASSIGNMENT
        assert approved(card=True, go_ahead=go_ahead) == approved(go_ahead=go_ahead)

    @pytest.mark.parametrize(
        ("go_ahead", "state"),
        [
            (None, OrderState.APPROVED),
            (GoAhead(), OrderState.ACTIVATING),
            (GoAhead(at=DAY), OrderState.SCHEDULED),
            (GoAhead(undated=True), OrderState.SCHEDULED),
        ],
    )
    @pytest.mark.parametrize("text", [None, "Activating", "Scheduled"])
    def test_the_standing_go_ahead_decides_and_not_the_text_that_a_hold_may_have_emptied(
        self, text: str | None, go_ahead: GoAhead | None, state: OrderState
    ) -> None:
        assert approved(activation=text, go_ahead=go_ahead).state is state


class TestThePrintedTable:
    def test_the_page_is_what_the_code_says(self) -> None:
        assert PAGE.read_text(encoding="utf-8") == render_status_table(), "run python tools/generate_docs.py"

    def test_every_combination_is_in_exactly_one_row_and_that_row_is_right(self) -> None:
        lines = PAGE.read_text(encoding="utf-8").splitlines()
        header = next(i for i, line in enumerate(lines) if line.startswith("| Status "))
        rows = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in lines[header + 2 : lines.index("", header)]
        ]
        allowed = [
            (
                [
                    values if cell == ANY else tuple(cell.split(", "))
                    for cell, values in zip(row, COLUMNS.values(), strict=False)
                ],
                row[-1],
            )
            for row in rows
        ]
        covered: dict[tuple[str, ...], str] = {}
        for cells, result in allowed:
            for values in product(*cells):
                assert values not in covered
                covered[values] = result
        every = list(product(*COLUMNS.values()))
        assert len(covered) == len(every)
        assert all(covered[values] == result_of(values) for values in every)

    def test_the_columns_reach_every_text_and_every_state(self) -> None:
        every = [facts_of(values) for values in product(*COLUMNS.values())]
        assert {found.status for found in every} >= {None, *OrderStatusText}
        assert {found.activation_status for found in every} >= {None, *ActivationStatusText}
        assert {status(found).state for found in every} == set(OrderState)
