"""What reading an order means: whose doing a change was, and what an agent's word is worth."""

from __future__ import annotations

from collections.abc import Sequence

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.domain.drafts import InternetDraft, SimDraft
from ordering_core.domain.fallout import HoldCode, Owner
from ordering_core.domain.history import (
    GO_AHEAD_TEXTS,
    IN_REVIEW,
    Observation,
    foreign_error,
    go_ahead_in,
    observe,
    status_facts,
    writing,
    wrote,
    wrote_nothing,
)
from ordering_core.domain.journal import CaseFile, Held
from ordering_core.domain.order_status import GoAhead, OrderState
from ordering_core.domain.orders import ActivationFields, OrderSnapshot
from ordering_core.domain.status import status
from tests.unit.domain.order_examples import CARD, DAY, EMPTY, LATER, NEW, fields, order


ACTIVATING = fields("Activating")
SCHEDULED = fields("Scheduled", DAY)
HELD_FIELDS = fields(code="PAYMENT_METHOD_MISSING", message="no card")


def read(case_file: CaseFile, *snapshots: OrderSnapshot, billed: bool = False) -> Observation:
    """Read the order as it is at several moments, and return what the last reading adds up to."""
    seen = None
    for snapshot in snapshots:
        seen = observe(case_file, snapshot, billing_intended=billed)
        case_file = seen.case_file
    assert seen is not None
    return seen


def held(case_file: CaseFile, *, reported: bool = True) -> CaseFile:
    """Hold the order: our run wrote the code and emptied the field."""
    rest = Held(
        code=HoldCode.PAYMENT_METHOD_MISSING,
        owner=Owner.CUSTOMER,
        message="no card",
        since=DAY,
        reported=reported,
    )
    return attrs.evolve(wrote(case_file, HELD_FIELDS) if reported else case_file, rest=rest)


class TestWhoseDoingAChangeIs:
    def test_a_new_order_read_as_it_was_placed_has_not_changed(self) -> None:
        assert not read(NEW, order()).changed_by_other
        assert not read(NEW, order("Pending Review")).changed_by_other

    def test_an_empty_text_is_no_change_of_what_was_never_set(self) -> None:
        empty = ActivationFields(status="", error_code="", error_message="")
        assert not read(NEW, order(), order("Draft", empty)).changed_by_other
        assert read(NEW, order("Draft", empty)).case_file.seen == EMPTY

    @pytest.mark.parametrize(
        "seen",
        [
            order("Approved"),
            order("Draft", ACTIVATING),
            order("Draft", fields(code="X")),
            order(None),
            order("?"),
        ],
    )
    def test_a_first_reading_that_differs_from_what_is_placed_was_somebodys_doing(
        self, seen: OrderSnapshot
    ) -> None:
        assert read(NEW, seen).changed_by_other

    @pytest.mark.parametrize(
        "change",
        [fields("Scheduled", DAY), fields("Activating", DAY), fields("Activating", code="X"), EMPTY],
    )
    def test_every_field_that_differs_from_what_we_wrote_was_somebodys_doing(
        self, change: ActivationFields
    ) -> None:
        ours = wrote(read(NEW, order("Approved")).case_file, ACTIVATING)
        assert not read(ours, order("Approved", ACTIVATING)).changed_by_other
        assert read(ours, order("Approved", change)).changed_by_other

    def test_setting_back_what_we_had_written_is_a_change_too(self) -> None:
        ours = wrote(read(NEW, order("Approved")).case_file, ACTIVATING)
        seen = read(ours, order("Approved", SCHEDULED), order("Approved", ACTIVATING))
        assert seen.changed_by_other
        assert seen.case_file.go_ahead == GoAhead()

    def test_a_write_whose_reply_was_lost_is_still_ours(self) -> None:
        sent = writing(read(NEW, order("Approved")).case_file, ACTIVATING)
        seen = read(sent, order("Approved", ACTIVATING))
        assert not seen.changed_by_other
        assert seen.case_file.written == ACTIVATING
        assert seen.case_file.writing is None

    def test_a_write_that_never_arrived_changes_nothing(self) -> None:
        before = read(NEW, order("Approved")).case_file
        assert wrote_nothing(writing(before, ACTIVATING)) == before
        seen = read(writing(before, ACTIVATING), order("Approved"))
        assert not seen.changed_by_other
        assert seen.case_file.written is None

    def test_once_given_up_the_same_value_is_somebody_elses(self) -> None:
        given_up = wrote_nothing(writing(read(NEW, order("Approved")).case_file, ACTIVATING))
        assert read(given_up, order("Approved", ACTIVATING)).changed_by_other

    def test_a_case_file_that_only_knows_what_was_written_is_compared_with_that(self) -> None:
        ours = attrs.evolve(NEW, written=ACTIVATING, go_ahead=GoAhead())
        assert not read(ours, order("Draft", ACTIVATING)).changed_by_other


class TestTheGoAhead:
    @pytest.mark.parametrize(
        ("word", "go_ahead"),
        [
            (ACTIVATING, GoAhead()),
            (fields("Activating", DAY), GoAhead()),
            (SCHEDULED, GoAhead(at=DAY)),
            (fields("Scheduled"), GoAhead(undated=True)),
            (EMPTY, None),
            (fields("Activated"), None),
            (fields("activating"), None),
        ],
    )
    def test_the_fields_give_this_word(self, word: ActivationFields, go_ahead: GoAhead | None) -> None:
        assert go_ahead_in(word) == go_ahead
        assert read(NEW, order("Approved", word)).case_file.go_ahead == go_ahead

    def test_our_own_write_is_a_word_and_emptying_leaves_the_standing_one(self) -> None:
        ours = wrote(NEW, SCHEDULED)
        assert ours.go_ahead == GoAhead(at=DAY)
        assert wrote(ours, HELD_FIELDS).go_ahead == GoAhead(at=DAY)
        assert wrote(ours, fields("Activated")).go_ahead == GoAhead(at=DAY)

    def test_it_stands_while_a_hold_has_emptied_the_field(self) -> None:
        on_hold = held(read(NEW, order("Approved"), order("Approved", SCHEDULED)).case_file)
        assert read(on_hold, order("Approved", HELD_FIELDS)).case_file.go_ahead == GoAhead(at=DAY)
        cleared = fields()
        assert read(on_hold, order("Approved", cleared)).case_file.go_ahead == GoAhead(at=DAY)

    def test_it_falls_with_the_field_that_somebody_empties(self) -> None:
        assert read(NEW, order("Approved", ACTIVATING), order("Approved")).case_file.go_ahead is None

    def test_it_falls_with_a_changed_status_unless_the_field_still_says_it(self) -> None:
        on_hold = held(read(NEW, order("Approved", ACTIVATING)).case_file)
        assert read(on_hold, order("On Ice", HELD_FIELDS)).case_file.go_ahead is None
        seen = read(NEW, order("Approved", ACTIVATING), order("On Ice", ACTIVATING))
        assert seen.case_file.go_ahead == GoAhead()

    def test_a_moved_date_moves_it(self) -> None:
        seen = read(NEW, order("Approved", SCHEDULED), order("Approved", fields("Scheduled", LATER)))
        assert seen.case_file.go_ahead == GoAhead(at=LATER)
        seen = read(seen.case_file, order("Approved", fields("Scheduled")))
        assert seen.case_file.go_ahead == GoAhead(undated=True)

    @pytest.mark.parametrize("word", [ACTIVATING, SCHEDULED, fields("Scheduled")])
    def test_a_date_given_where_a_hold_emptied_the_field_moves_it(self, word: ActivationFields) -> None:
        on_hold = held(read(NEW, order("Approved", word)).case_file)
        dated = attrs.evolve(HELD_FIELDS, scheduled_at=LATER)
        assert read(on_hold, order("Approved", dated)).case_file.go_ahead == GoAhead(at=LATER)

    @pytest.mark.parametrize(("word", "left"), [(ACTIVATING, GoAhead()), (SCHEDULED, GoAhead(undated=True))])
    def test_a_date_taken_away_where_a_hold_emptied_the_field_leaves_the_word_without_it(
        self, word: ActivationFields, left: GoAhead
    ) -> None:
        approved = read(NEW, order("Approved", word)).case_file
        dated = attrs.evolve(HELD_FIELDS, scheduled_at=DAY)
        on_hold = wrote(approved, dated)
        assert read(on_hold, order("Approved", HELD_FIELDS)).case_file.go_ahead == left

    def test_a_date_alone_is_no_word(self) -> None:
        seen = read(NEW, order("Approved"), order("Approved", fields(at=DAY)))
        assert seen.case_file.go_ahead is None


class TestApproval:
    def test_approved_is_approved_and_remembered(self) -> None:
        seen = read(NEW, order(), order("Approved"))
        assert seen.approved
        assert seen.facts.ever_approved
        assert not seen.implied_now

    def test_an_order_activated_by_hand_counts_as_approved_once(self) -> None:
        assert read(NEW, order("Draft", fields("Activated"))).facts.ever_approved

    @pytest.mark.parametrize("text", sorted(IN_REVIEW))
    @pytest.mark.parametrize("word", [ACTIVATING, SCHEDULED, fields("Scheduled")])
    def test_a_go_ahead_that_appears_under_review_implies_it_once(
        self, text: str, word: ActivationFields
    ) -> None:
        seen = read(NEW, order(text), order(text, word))
        assert seen.implied_now
        assert seen.approved
        assert seen.facts.approval_implied
        again = read(seen.case_file, order(text, word))
        assert not again.implied_now
        assert again.approved

    @pytest.mark.parametrize(
        "word", [EMPTY, fields("Activated"), fields("?"), fields(at=DAY), fields(code="X")]
    )
    def test_nothing_else_that_appears_under_review_implies_it(self, word: ActivationFields) -> None:
        seen = read(NEW, order(), order("Draft", word))
        assert not seen.implied_now
        assert not seen.approved

    def test_a_go_ahead_that_was_there_before_the_order_went_back_to_review_implies_nothing(self) -> None:
        seen = read(NEW, order("Approved", ACTIVATING), order("Draft", ACTIVATING))
        assert not seen.implied_now
        assert not seen.approved
        assert seen.case_file.go_ahead is None

    @pytest.mark.parametrize("before", ["Approved", "Cancelled", "On Ice", None])
    def test_nor_does_one_that_came_together_with_the_way_back(self, before: str | None) -> None:
        seen = read(NEW, order("Approved"), order(before), order("Draft", ACTIVATING))
        assert not seen.approved
        assert seen.activation_to_empty

    def test_nor_one_that_only_changed_its_kind_before_we_emptied_it(self) -> None:
        back = read(NEW, order("Approved", ACTIVATING), order("Draft", ACTIVATING)).case_file
        seen = read(back, order("Draft", SCHEDULED))
        assert not seen.approved
        assert seen.case_file.go_ahead is None
        assert seen.activation_to_empty

    def test_a_new_go_ahead_after_we_emptied_the_field_implies_it_again(self) -> None:
        back = read(NEW, order("Approved", ACTIVATING), order("Draft", ACTIVATING)).case_file
        assert read(wrote(back, EMPTY), order(), order("Draft", ACTIVATING)).implied_now

    def test_our_own_mark_under_review_implies_nothing_more(self) -> None:
        implied = read(NEW, order(), order("Draft", SCHEDULED)).case_file
        seen = read(wrote(implied, ACTIVATING), order("Draft", ACTIVATING))
        assert not seen.implied_now
        assert seen.approved

    def test_it_falls_with_the_go_ahead_that_implied_it(self) -> None:
        seen = read(NEW, order("Draft", ACTIVATING), order("Draft"))
        assert not seen.approved
        assert not seen.facts.approval_implied
        assert not seen.activation_to_empty
        assert not seen.approval_withdrawn

    def test_a_real_approval_takes_its_place(self) -> None:
        seen = read(NEW, order("Draft", ACTIVATING), order("Approved", ACTIVATING))
        assert seen.approved
        assert not seen.facts.approval_implied
        assert seen.case_file.go_ahead == GoAhead()

    def test_a_hold_that_empties_the_field_keeps_it(self) -> None:
        on_hold = held(read(NEW, order("Draft", ACTIVATING)).case_file)
        assert read(on_hold, order("Draft", HELD_FIELDS)).approved


class TestAnApprovalTakenBack:
    @pytest.mark.parametrize("text", sorted(IN_REVIEW))
    def test_before_billing_the_field_is_to_be_emptied_and_the_go_ahead_is_gone(self, text: str) -> None:
        seen = read(NEW, order("Approved", ACTIVATING), order(text, ACTIVATING))
        assert seen.activation_to_empty
        assert not seen.approval_withdrawn
        assert not seen.approved
        assert seen.case_file.go_ahead is None
        assert status(seen.facts).state is OrderState.UNDER_REVIEW
        again = read(seen.case_file, order(text, ACTIVATING))
        assert again.activation_to_empty
        assert not read(wrote(again.case_file, EMPTY), order(text)).activation_to_empty

    def test_after_billing_it_is_a_hold_as_long_as_it_lasts(self) -> None:
        back = read(NEW, order("Approved", ACTIVATING), order("Draft", ACTIVATING), billed=True)
        assert back.approval_withdrawn
        assert read(back.case_file, order("Draft", ACTIVATING), billed=True).approval_withdrawn
        again = read(back.case_file, order("Approved", ACTIVATING), billed=True)
        assert not again.approval_withdrawn
        assert again.approved

    def test_an_implied_approval_taken_back_after_billing_is_the_same_hold(self) -> None:
        assert read(NEW, order("Draft", ACTIVATING), order("Draft"), billed=True).approval_withdrawn

    @pytest.mark.parametrize("between", ["Cancelled", "On Ice", None])
    def test_it_does_not_come_back_through_another_status(self, between: str | None) -> None:
        seen = read(
            NEW, order("Approved", ACTIVATING), order(between, ACTIVATING), order("Draft", ACTIVATING)
        )
        assert not seen.approved
        assert seen.activation_to_empty

    def test_moving_between_the_two_texts_of_review_takes_nothing_back(self) -> None:
        seen = read(NEW, order("Draft", ACTIVATING), order("Pending Review", ACTIVATING))
        assert seen.approved


class TestCancelledOrders:
    def test_ours_that_was_never_approved_was_rejected(self) -> None:
        assert status(read(NEW, order(), order("Cancelled")).facts).state is OrderState.REJECTED
        assert status(read(NEW, order("Cancelled")).facts).state is OrderState.REJECTED

    def test_one_that_was_approved_in_any_way_was_cancelled(self) -> None:
        for before in (order("Approved"), order("Draft", ACTIVATING), order("Draft", fields("Activated"))):
            seen = read(NEW, before, order("Cancelled", before.activation))
            assert status(seen.facts).state is OrderState.CANCELLED

    def test_a_strangers_order_first_seen_cancelled_is_not_called_rejected(self) -> None:
        seen = read(NEW, order("Cancelled", key=None))
        assert status(seen.facts).state is OrderState.CANCELLED
        assert status(read(seen.case_file, order("Cancelled", key=None)).facts).state is OrderState.CANCELLED
        watched = read(NEW, order(key=None), order("Cancelled", key=None))
        assert status(watched.facts).state is OrderState.REJECTED


class TestClearingAHoldByHand:
    def test_setting_the_emptied_field_again_asks_for_another_try(self) -> None:
        on_hold = held(read(NEW, order("Approved", ACTIVATING)).case_file)
        assert not read(on_hold, order("Approved", HELD_FIELDS)).asked_again
        for word in GO_AHEAD_TEXTS:
            again = attrs.evolve(HELD_FIELDS, status=word.value)
            seen = read(on_hold, order("Approved", again))
            assert seen.asked_again
            assert read(seen.case_file, order("Approved", again)).asked_again

    def test_emptying_the_code_we_wrote_asks_for_another_try(self) -> None:
        on_hold = held(read(NEW, order("Approved", ACTIVATING)).case_file)
        assert read(on_hold, order("Approved", fields(message="no card"))).asked_again
        assert not read(on_hold, order("Approved", fields(code="OTHER", message="no card"))).asked_again

    @pytest.mark.parametrize("word", ["Activated", "?"])
    def test_another_text_in_the_field_does_not(self, word: str) -> None:
        on_hold = held(read(NEW, order("Approved", ACTIVATING)).case_file)
        again = attrs.evolve(HELD_FIELDS, status=word)
        assert not read(on_hold, order("Approved", again)).asked_again

    def test_a_hold_that_leaves_the_field_alone_is_not_cleared_by_what_stands_there(self) -> None:
        standing = attrs.evolve(HELD_FIELDS, status="Activating")
        on_hold = attrs.evolve(held(NEW), written=standing, seen=standing)
        assert not read(on_hold, order("Approved", standing)).asked_again
        assert read(on_hold, order("Approved", ACTIVATING)).asked_again

    def test_a_hold_not_yet_reported_is_not_cleared_by_what_it_was_to_empty(self) -> None:
        emptied_once = wrote(read(NEW, order("Approved", ACTIVATING)).case_file, HELD_FIELDS)
        unreported = held(emptied_once, reported=False)
        assert not read(unreported, order("Approved", ACTIVATING)).asked_again
        assert not read(held(NEW, reported=False), order("Approved", ACTIVATING)).asked_again

    def test_an_error_of_somebody_elses_is_not_cleared_by_what_an_older_report_had_emptied(self) -> None:
        before = wrote(read(NEW, order("Approved", ACTIVATING)).case_file, HELD_FIELDS)
        foreign = Held(code=HoldCode.FOREIGN_ERROR, message="m", since=DAY, reported=True)
        on_hold = attrs.evolve(before, rest=foreign)
        assert not read(on_hold, order("Approved", fields("Activating", code="X"))).asked_again

    def test_without_a_hold_nobody_asks_again(self) -> None:
        ours = wrote(read(NEW, order("Approved")).case_file, HELD_FIELDS)
        assert not read(ours, order("Approved", ACTIVATING)).asked_again
        reported = attrs.evolve(held(NEW), written=None)
        assert not read(reported, order("Approved", ACTIVATING)).asked_again


class TestForeignErrors:
    def test_a_code_that_no_run_of_ours_wrote_is_foreign(self) -> None:
        assert foreign_error(NEW, order("Approved", fields(code="X")))
        assert foreign_error(held(NEW), order("Approved", fields(code="X")))
        assert foreign_error(writing(NEW, HELD_FIELDS), order("Approved", fields(code="X")))

    def test_our_own_code_is_not_written_or_on_its_way(self) -> None:
        assert not foreign_error(held(NEW), order("Approved", HELD_FIELDS))
        assert not foreign_error(writing(NEW, HELD_FIELDS), order("Approved", HELD_FIELDS))

    @pytest.mark.parametrize("code", [None, ""])
    def test_no_code_is_no_error(self, code: str | None) -> None:
        assert not foreign_error(NEW, order("Approved", fields(code=code)))
        assert not foreign_error(held(NEW), order("Approved", fields(code=code)))


class TestTheFactsOfTheStatus:
    def test_only_a_physical_sim_waits_for_a_card(self) -> None:
        physical = SimDraft(sim_type="Physical SIM")
        for draft in (SimDraft(sim_type="eSIM"), SimDraft(sim_type="physical"), InternetDraft(), SimDraft()):
            assert not status_facts(order(draft=draft), NEW).physical_sim
        assert status_facts(order(draft=physical), NEW).physical_sim
        assert not status_facts(order(draft=physical), NEW).sim_assigned
        assert status_facts(order(draft=physical, sim=CARD), NEW).sim_assigned

    def test_the_open_hold_and_whose_it_is_are_the_case_files(self) -> None:
        assert status_facts(order(), NEW).hold is None
        theirs = status_facts(order(), held(NEW))
        assert (theirs.hold, theirs.hold_for_customer) == (HoldCode.PAYMENT_METHOD_MISSING, True)
        rest = Held(code=HoldCode.CONFIGURATION, message="m", since=DAY)
        ours = status_facts(order(), attrs.evolve(NEW, rest=rest))
        assert (ours.hold, ours.hold_for_customer) == (HoldCode.CONFIGURATION, False)

    def test_the_rest_is_as_it_was_read_and_kept(self) -> None:
        kept = attrs.evolve(NEW, go_ahead=GoAhead(at=DAY), withdrawn_by_customer=True)
        facts = status_facts(order("Approved", SCHEDULED), kept)
        assert (facts.order_type, facts.status, facts.activation_status) == ("SIM", "Approved", "Scheduled")
        assert facts.go_ahead == GoAhead(at=DAY)
        assert facts.withdrawn_by_customer


statuses = st.sampled_from(["Draft", "Pending Review", "Approved", "Cancelled", "On Ice", None])
written_fields = st.builds(
    fields,
    st.sampled_from([None, "Activating", "Scheduled", "Activated", "?"]),
    st.sampled_from([None, DAY, LATER]),
    code=st.sampled_from([None, "X", "PAYMENT_METHOD_MISSING"]),
)
# What happens to an order between two readings: somebody's edit, or a write of ours that arrived or did not.
EDIT, WRITE, LOST_REPLY, NOT_SENT = "edit", "write", "lost reply", "not sent"
happenings = st.tuples(st.sampled_from([EDIT, WRITE, LOST_REPLY, NOT_SENT]), statuses, written_fields)
stories = st.lists(happenings, max_size=8)


def live(story: Sequence[tuple[str, str | None, ActivationFields]], *, billed: bool) -> list[Observation]:
    """Play *story* and read the order after each happening."""
    now = order()
    seen = [read(NEW, now, billed=billed)]
    for happening, text, values in story:
        case_file = seen[-1].case_file
        match happening:
            case "edit":
                now = order(text, values)
            case "write":
                case_file, now = wrote(writing(case_file, values), values), order(now.status, values)
            case "lost reply":
                case_file, now = writing(case_file, values), order(now.status, values)
            case _:
                case_file = wrote_nothing(writing(case_file, values))
        seen.append(read(case_file, now, billed=billed))
    return seen


class TestAnyStory:
    @given(stories, st.booleans())
    def test_a_write_of_ours_is_never_taken_for_somebody_elses(
        self, story: list[tuple[str, str | None, ActivationFields]], billed: bool
    ) -> None:
        for (happening, _, _), seen in zip(story, live(story, billed=billed)[1:], strict=True):
            if happening != EDIT:
                assert not seen.changed_by_other
                assert not seen.implied_now

    @given(stories, st.booleans())
    def test_reading_again_changes_nothing(
        self, story: list[tuple[str, str | None, ActivationFields]], billed: bool
    ) -> None:
        last = live(story, billed=billed)[-1]
        seen = last.case_file.seen
        assert seen is not None
        again = read(last.case_file, order(last.facts.status, seen), billed=billed)
        assert not again.changed_by_other
        assert not again.implied_now
        assert again == attrs.evolve(last, changed_by_other=False, implied_now=False)

    @given(stories, st.booleans())
    def test_somebodys_edit_is_noticed_exactly_when_it_changes_a_value(
        self, story: list[tuple[str, str | None, ActivationFields]], billed: bool
    ) -> None:
        everything = live(story, billed=billed)
        for (happening, text, values), before, seen in zip(story, everything, everything[1:], strict=False):
            if happening == EDIT:
                differs = (text, values) != (before.facts.status, before.case_file.seen)
                assert seen.changed_by_other == differs

    @given(stories, st.booleans())
    def test_under_review_a_go_ahead_stands_exactly_as_long_as_it_implies_the_approval(
        self, story: list[tuple[str, str | None, ActivationFields]], billed: bool
    ) -> None:
        for seen in live(story, billed=billed):
            in_review = seen.facts.status in IN_REVIEW
            if in_review:
                assert (seen.case_file.go_ahead is not None) == seen.facts.approval_implied
            else:
                assert not seen.facts.approval_implied
            assert seen.approved == (seen.facts.approval_implied or seen.facts.status == "Approved")
            assert seen.approval_withdrawn == (billed and in_review and not seen.approved)
            assert not (seen.activation_to_empty and seen.approved)

    @given(stories, st.booleans())
    def test_what_was_approved_once_stays_so_in_its_history(
        self, story: list[tuple[str, str | None, ActivationFields]], billed: bool
    ) -> None:
        ever = [seen.facts.ever_approved for seen in live(story, billed=billed)]
        assert ever == sorted(ever)
        for seen in live(story, billed=billed):
            assert seen.facts.ever_approved or not seen.approved
