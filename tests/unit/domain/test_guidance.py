"""What customers read: the seed's words, for the right service, in both languages."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.domain import texts
from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.guidance import label, next_steps, notices, stop_reason, success_banner
from ordering_core.domain.machine import OPEN_STATES
from ordering_core.domain.order_status import OrderState, OrderStatus
from ordering_core.domain.texts import Language, StopReason, Text
from ordering_core.domain.vocabulary import ItemClass, OrderType


S = OrderState
JAPANESE = Language.JAPANESE

# DESIGN 4, the table's labels; the seed says the first three and the last word for word.
DESIGN = {
    S.UNDER_REVIEW: "Under Review",
    S.APPROVED: "Processing",
    S.AWAITING_SIM_ASSIGNMENT: "Processing",
    S.SCHEDULED: "Activation Scheduled",
    S.ACTIVATING: "Setting Up Service",
    S.ON_HOLD: "Processing",
    S.ACTIVATED: "Service Active",
    S.REJECTED: "Cancelled",
    S.CANCELLED: "Cancelled",
    S.UNKNOWN: "Processing",
}

order_types = st.sampled_from(OrderType)
languages = st.sampled_from(Language)
statuses = st.sampled_from([OrderStatus(state) for state in S if state is not S.ON_HOLD]) | st.builds(
    OrderStatus,
    st.just(S.ON_HOLD),
    st.sampled_from(HoldCode),
    st.sampled_from(sorted(OPEN_STATES)),
    st.booleans(),
)
days = st.dates(date(2026, 1, 1), date(2030, 12, 31))


def every_text() -> list[Text]:
    """All texts of the module, those in its tables too."""
    found: list[Text] = []
    for value in vars(texts).values():
        match value:
            case Text():
                found.append(value)
            case tuple():
                found.extend(entry for entry in value if isinstance(entry, Text))
            case MappingProxyType():
                found.extend(entry for entry in value.values() if isinstance(entry, Text))
            case _:
                pass
    return found


class TestLabels:
    @pytest.mark.parametrize("order_type", OrderType)
    def test_each_state_has_the_label_of_the_design(self, order_type: OrderType) -> None:
        for state, expected in DESIGN.items():
            internet_date = order_type is OrderType.INTERNET and state is S.SCHEDULED
            assert label(order_type, OrderStatus(state)) == (
                "Installation Scheduled" if internet_date else expected
            )

    @given(order_types, statuses)
    def test_action_is_needed_exactly_when_the_customer_has_to_act(
        self, order_type: OrderType, status: OrderStatus
    ) -> None:
        assert (label(order_type, status) == "Action Needed") == status.for_customer
        assert (
            label(order_type, status, language=JAPANESE) == "お客様のご対応が必要です"
        ) == status.for_customer


class TestBannerAndNotices:
    def test_the_banner_says_what_the_seed_says_and_speaks_of_installation_for_internet_only(self) -> None:
        common = (
            "We've received your order and started the review process.",
            "We'll confirm everything within 1 business day.",
            "You'll get an email as soon as the order is approved.",
        )
        assert success_banner(OrderType.SIM) == success_banner(OrderType.VPN) == common
        assert success_banner(OrderType.INTERNET) == (
            *common,
            "Installation scheduling happens right after approval.",
        )
        assert len(success_banner(OrderType.INTERNET, language=JAPANESE)) == 4

    @given(order_types, st.lists(st.sampled_from(ItemClass)), languages)
    def test_the_fee_notice_is_there_exactly_for_internet_with_installation_or_activation_items(
        self, order_type: OrderType, items: list[ItemClass], language: Language
    ) -> None:
        installs = ItemClass.INSTALLATION in items or ItemClass.ACTIVATION in items
        expected = installs and order_type is OrderType.INTERNET
        assert bool(notices(order_type, items, language=language)) == expected

    def test_the_fee_notice_names_what_may_cost_more(self) -> None:
        (notice,) = notices(OrderType.INTERNET, [ItemClass.SERVICE, ItemClass.ACTIVATION])
        assert "weekend scheduling" in notice
        assert "specialized equipment" in notice


class TestNextSteps:
    @given(order_types, statuses, st.none() | days, st.booleans(), languages)
    def test_every_order_is_told_something_and_no_blank_is_left_to_fill(
        self,
        order_type: OrderType,
        status: OrderStatus,
        day: date | None,
        on_its_way: bool,
        language: Language,
    ) -> None:
        told = next_steps(order_type, status, scheduled_on=day, sim_on_its_way=on_its_way, language=language)
        assert told
        assert all(line and "{" not in line for line in told)

    @given(st.sampled_from([OrderType.SIM, OrderType.VPN]), statuses, st.none() | days)
    def test_only_internet_customers_read_of_an_installation(
        self, order_type: OrderType, status: OrderStatus, day: date | None
    ) -> None:
        assert not any("nstallation" in line for line in next_steps(order_type, status, scheduled_on=day))
        japanese = next_steps(order_type, status, scheduled_on=day, language=JAPANESE)
        assert not any("工事" in line for line in japanese)

    def test_an_order_under_review_is_promised_one_business_day(self) -> None:
        for order_type in OrderType:
            first, *_ = next_steps(order_type, OrderStatus(S.UNDER_REVIEW))
            assert first == "We will contact you within 1 business day with next steps."

    @pytest.mark.parametrize("order_type", OrderType)
    def test_an_agreed_date_is_named_and_a_missing_one_is_not_made_up(self, order_type: OrderType) -> None:
        scheduled = OrderStatus(S.SCHEDULED)
        (dated,) = next_steps(order_type, scheduled, scheduled_on=date(2026, 6, 9))
        assert "9 June 2026" in dated
        (japanese,) = next_steps(order_type, scheduled, scheduled_on=date(2026, 6, 9), language=JAPANESE)
        assert "2026年6月9日" in japanese
        (undated,) = next_steps(order_type, scheduled)
        assert undated == "We are settling the date and will tell you as soon as it is set."

    @given(days)
    def test_dates_are_written_as_english_readers_write_them(self, day: date) -> None:
        (dated,) = next_steps(OrderType.SIM, OrderStatus(S.SCHEDULED), scheduled_on=day)
        assert dated == f"Your SIM will be activated on {day.day} {day:%B} {day.year}."

    def test_who_waits_for_a_card_in_the_mail_is_told_what_to_press(self) -> None:
        (told,) = next_steps(OrderType.SIM, OrderStatus(S.APPROVED), sim_on_its_way=True)
        assert "I have my SIM, move my number now" in told
        (plain,) = next_steps(OrderType.SIM, OrderStatus(S.APPROVED))
        assert "I have my SIM" not in plain

    def test_a_hold_asks_only_the_customer_who_can_end_it(self) -> None:
        theirs = OrderStatus(S.ON_HOLD, HoldCode.PAYMENT_METHOD_MISSING, S.APPROVED, for_customer=True)
        ours = OrderStatus(S.ON_HOLD, HoldCode.BILLING_REFUSED, S.APPROVED)
        assert "as soon as you have done" in next_steps(OrderType.SIM, theirs)[0]
        assert "We are checking" in next_steps(OrderType.SIM, ours)[0]
        assert next_steps(OrderType.SIM, OrderStatus(S.UNKNOWN)) == next_steps(OrderType.SIM, ours)

    def test_only_who_was_never_approved_is_told_that_nothing_was_charged(self) -> None:
        assert "not been charged" in next_steps(OrderType.SIM, OrderStatus(S.REJECTED))[0]
        assert "charged" not in next_steps(OrderType.SIM, OrderStatus(S.CANCELLED))[0]


class TestWhyAnOrderWasStopped:
    @given(statuses, st.text(), st.none() | st.text() | st.sampled_from(StopReason), languages)
    def test_only_a_stopped_order_has_a_reason(
        self, status: OrderStatus, decided: str, code: str | None, language: Language
    ) -> None:
        reason = stop_reason(status, decided=decided, reason_code=code, language=language)
        assert bool(reason) == (status.state in {S.REJECTED, S.CANCELLED})

    def test_our_decision_speaks_before_the_code_and_the_code_before_the_neutral_sentence(self) -> None:
        rejected = OrderStatus(S.REJECTED)
        code = StopReason.NOT_ELIGIBLE
        assert stop_reason(rejected, decided="Your roof is too high.", reason_code=code) == (
            "Your roof is too high."
        )
        assert stop_reason(rejected, reason_code=code) == (
            "The service you ordered is not available at your address."
        )
        neutral = stop_reason(rejected)
        assert neutral == texts.NEUTRAL_REJECTION.english
        assert stop_reason(OrderStatus(S.CANCELLED)) == texts.NEUTRAL_CANCELLATION.english

    @given(st.text().filter(lambda text: text not in set(StopReason)))
    def test_what_is_not_a_code_of_ours_never_reaches_the_customer(self, code: str) -> None:
        assert stop_reason(OrderStatus(S.REJECTED), reason_code=code) == texts.NEUTRAL_REJECTION.english

    def test_every_code_has_its_sentence(self) -> None:
        assert set(texts.STOP_REASONS) == set(StopReason)


def test_every_text_is_written_in_both_languages() -> None:
    found = every_text()
    assert len(found) > 30
    for text in found:
        assert text.in_language(Language.ENGLISH) == text.english
        assert text.in_language(JAPANESE) == text.japanese
        assert text.english.isascii() or "“" in text.english
        assert not text.japanese.isascii()
        assert ("{date}" in text.english) == ("{date}" in text.japanese)
