"""A cart on its way to an order: what it still needs, how long it lives, whose it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.checkout import (
    UNTIL_ANSWERED,
    AskedFacts,
    CheckoutIncomplete,
    CheckoutSession,
    Requirement,
    adopted,
    answered,
    begin,
    changed,
    confirmed,
    is_expired,
    moved,
    outstanding,
    require_open,
    waiting,
)
from ordering_core.domain.drafts import Draft, InternetDraft, SimDraft, VpnDraft
from ordering_core.domain.eligibility import EligibilityStanding, EligibilityState
from ordering_core.domain.identifiers import CustomerId, OrderId, RequestKey, SessionId, Sku
from ordering_core.domain.identity import IdentityStanding
from ordering_core.domain.payment import PaymentMethod
from ordering_core.domain.policy import Policy
from ordering_core.domain.vocabulary import Offering
from ordering_core.errors import CheckoutClosed, CheckoutExpired, NotFound


AT = datetime(2026, 6, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
POLICY = Policy()
CARD = PaymentMethod(id=1, gateway="stripe", expires=date(2031, 12, 1))
ELIGIBLE = EligibilityStanding(state=EligibilityState.ELIGIBLE, offering=Offering.HOME_1G)
ALICE, BOB = CustomerId("alice"), CustomerId("bob")
HOME = PostalAddress.parse(
    {
        "postal_code": "150-0002",
        "prefecture": "Tokyo",
        "city": "Shibuya-ku",
        "town_and_number": "Shibuya 1-1-1",
    }
)
OFFICE = attrs.evolve(HOME, town_and_number="Shibuya 2-2-2")
DRAFTS: list[Draft] = [InternetDraft(), SimDraft(), VpnDraft()]


def session(
    draft: Draft = DRAFTS[0], *, at: datetime = AT, owner: CustomerId | None = None
) -> CheckoutSession:
    return begin(
        session=SessionId("s1"),
        request_key=RequestKey("k1"),
        draft=draft,
        prices={Sku("A"): Decimal(100)},
        owner=owner,
        at=at,
        policy=POLICY,
    )


def asked(
    payment_method: PaymentMethod | None = CARD,
    identity: IdentityStanding = IdentityStanding.VERIFIED,
    eligibility: EligibilityStanding = ELIGIBLE,
) -> AskedFacts:
    return AskedFacts(payment_method=payment_method, identity=identity, eligibility=eligibility)


anything_asked = st.builds(
    asked,
    st.sampled_from([None, CARD]),
    st.sampled_from(IdentityStanding),
    st.sampled_from([ELIGIBLE, *(EligibilityStanding(state=state) for state in EligibilityState)]),
)
any_session = st.builds(
    lambda draft, confirmed_address: attrs.evolve(session(draft), address_confirmed=confirmed_address),
    st.sampled_from(DRAFTS),
    st.booleans(),
)

Change = Callable[[CheckoutSession, datetime], CheckoutSession]

# What an owner does to a session.
CHANGES: dict[str, Change] = {
    "changed": lambda was, at: changed(was, SimDraft(), {}, at=at, policy=POLICY),
    "moved": lambda was, at: moved(was, OFFICE, on_file=HOME, at=at, policy=POLICY),
    "confirmed": lambda was, at: confirmed(was, HOME, at=at, policy=POLICY),
    "adopted": lambda was, at: adopted(was, new_id=SessionId("s2"), customer=ALICE, at=at, policy=POLICY),
}


class TestRequirements:
    def test_everything_is_outstanding_in_the_order_of_the_page(self) -> None:
        nothing = asked(
            None, IdentityStanding.NOT_SUBMITTED, EligibilityStanding(state=EligibilityState.PENDING)
        )
        assert outstanding(session(), nothing) == (
            Requirement.ELIGIBILITY,
            Requirement.ADDRESS,
            Requirement.PAYMENT_METHOD,
            Requirement.IDENTITY,
        )

    @pytest.mark.parametrize("draft", DRAFTS)
    def test_nothing_is_outstanding_once_all_is_there(self, draft: Draft) -> None:
        assert outstanding(attrs.evolve(session(draft), address_confirmed=True), asked()) == ()

    @given(any_session, anything_asked)
    def test_eligibility_is_asked_of_internet_alone(self, cart: CheckoutSession, facts: AskedFacts) -> None:
        needed = isinstance(cart.draft, InternetDraft) and facts.eligibility.state != "eligible"
        assert (Requirement.ELIGIBILITY in outstanding(cart, facts)) == needed

    @given(any_session, anything_asked)
    def test_each_fact_answers_for_its_own_requirement(
        self, cart: CheckoutSession, facts: AskedFacts
    ) -> None:
        found = outstanding(cart, facts)
        assert (Requirement.ADDRESS in found) == (not cart.address_confirmed)
        assert (Requirement.PAYMENT_METHOD in found) == (facts.payment_method is None)
        assert (Requirement.IDENTITY in found) == (facts.identity not in {"pending", "verified"})

    @given(any_session, anything_asked)
    def test_less_is_outstanding_the_more_is_true(self, cart: CheckoutSession, facts: AskedFacts) -> None:
        before = set(outstanding(cart, facts))
        ready = attrs.evolve(cart, address_confirmed=True)
        assert set(outstanding(ready, facts)) == before - {Requirement.ADDRESS}
        for better, gone in (
            (attrs.evolve(facts, payment_method=CARD), Requirement.PAYMENT_METHOD),
            (attrs.evolve(facts, identity=IdentityStanding.PENDING), Requirement.IDENTITY),
            (attrs.evolve(facts, eligibility=ELIGIBLE), Requirement.ELIGIBILITY),
        ):
            assert set(outstanding(cart, better)) == before - {gone}

    def test_the_error_names_what_is_missing(self) -> None:
        error = CheckoutIncomplete([Requirement.ADDRESS, Requirement.IDENTITY])
        assert error.outstanding == (Requirement.ADDRESS, Requirement.IDENTITY)
        assert str(error) == "still required: address, identity"


class TestItsTime:
    def test_it_lives_for_a_day_and_is_over_at_that_very_instant(self) -> None:
        cart = session()
        assert cart.expires_at == AT + DAY
        assert not is_expired(cart, AT + DAY - TICK)
        assert is_expired(cart, AT + DAY)
        assert is_expired(cart, AT + DAY + TICK)

    @given(any_session, st.timedeltas(-2 * DAY, 2 * DAY), st.timedeltas(timedelta(), 2 * DAY))
    def test_once_over_it_stays_over(self, cart: CheckoutSession, ago: timedelta, more: timedelta) -> None:
        at = cart.expires_at + ago
        assert not is_expired(cart, at) or is_expired(cart, at + more)

    @pytest.mark.parametrize("change", CHANGES)
    def test_every_change_lets_it_live_a_day_from_then(self, change: str) -> None:
        for hours in (0, 1, 23):
            assert CHANGES[change](session(), AT + hours * HOUR).expires_at == AT + hours * HOUR + DAY

    @pytest.mark.parametrize("change", CHANGES)
    def test_nothing_changes_an_expired_session(self, change: str) -> None:
        with pytest.raises(CheckoutExpired):
            CHANGES[change](session(), AT + DAY)
        with pytest.raises(CheckoutExpired):
            waiting(session(), at=AT + DAY)

    @pytest.mark.parametrize("change", CHANGES)
    @pytest.mark.parametrize("number", [None, "801-one"])
    def test_nothing_changes_a_submitted_session_and_the_refusal_names_its_order(
        self, change: str, number: str | None
    ) -> None:
        order = None if number is None else OrderId(number)
        closed = attrs.evolve(session(), submitted=True, order=order)
        for at in (AT, AT + 2 * DAY):
            with pytest.raises(CheckoutClosed) as refusal:
                CHANGES[change](closed, at)
            assert refusal.value.order_id == order

    def test_a_submitted_session_never_expires(self) -> None:
        closed = attrs.evolve(session(), submitted=True)
        assert not is_expired(closed, AT + 100 * DAY)
        with pytest.raises(CheckoutClosed):
            require_open(closed, AT)

    @given(st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.timedeltas(timedelta(), 23 * HOUR))))
    def test_a_session_in_use_never_expires(self, acts: list[tuple[str, timedelta]]) -> None:
        cart, now = session(), AT
        for change, pause in acts:
            now += pause
            later = CHANGES[change](cart, now)
            assert later.expires_at >= cart.expires_at
            assert later.expires_at >= now + POLICY.checkout_ttl
            cart = later


class TestWaitingForEligibility:
    def test_it_lives_until_seven_days_after_the_result(self) -> None:
        cart = waiting(session(), at=AT)
        assert cart.eligibility_requested_at == AT
        assert not is_expired(cart, AT + 365 * DAY)
        known = answered(cart, result_at=AT + 2 * DAY, policy=POLICY)
        assert known.expires_at == AT + 9 * DAY
        assert not is_expired(known, AT + 9 * DAY - TICK)
        assert is_expired(known, AT + 9 * DAY)

    def test_a_result_dated_before_the_request_counts_from_the_request(self) -> None:
        assert (
            answered(waiting(session(), at=AT), result_at=AT - DAY, policy=POLICY).expires_at == AT + 7 * DAY
        )

    def test_only_a_waiting_session_is_answered_and_only_once(self) -> None:
        assert answered(session(), result_at=AT, policy=POLICY) == session()
        once = answered(waiting(session(), at=AT), result_at=AT, policy=POLICY)
        assert answered(once, result_at=AT + 5 * DAY, policy=POLICY) == once
        odd = attrs.evolve(session(), expires_at=UNTIL_ANSWERED)
        assert answered(odd, result_at=AT, policy=POLICY) == odd

    def test_changes_neither_end_the_wait_nor_shorten_what_it_won(self) -> None:
        cart = waiting(session(), at=AT)
        assert CHANGES["changed"](cart, AT + HOUR).expires_at == UNTIL_ANSWERED
        known = answered(cart, result_at=AT, policy=POLICY)
        assert CHANGES["changed"](known, AT + HOUR).expires_at == AT + 7 * DAY
        assert CHANGES["changed"](known, AT + 7 * DAY - HOUR).expires_at == AT + 8 * DAY - HOUR

    def test_another_address_ends_the_wait(self) -> None:
        cart = moved(waiting(session(), at=AT), OFFICE, on_file=HOME, at=AT + 40 * HOUR, policy=POLICY)
        assert cart.eligibility_requested_at is None
        assert cart.expires_at == AT + 40 * HOUR + DAY


class TestWhatAChangeResets:
    def test_another_configuration_keeps_the_address_and_takes_the_prices_shown(self) -> None:
        cart = confirmed(session(), HOME, at=AT, policy=POLICY)
        prices = {Sku("B"): Decimal(200)}
        later = changed(cart, VpnDraft(), prices, at=AT + HOUR, policy=POLICY)
        assert later == attrs.evolve(cart, draft=VpnDraft(), prices=prices, expires_at=AT + HOUR + DAY)

    def test_another_address_is_to_be_confirmed_anew_and_was_never_checked(self) -> None:
        cart = waiting(confirmed(session(), HOME, at=AT, policy=POLICY), at=AT)
        later = moved(cart, OFFICE, on_file=HOME, at=AT, policy=POLICY)
        assert later.address == OFFICE
        assert later.address_changed
        assert not later.address_confirmed
        assert later.eligibility_requested_at is None

    def test_going_back_to_the_address_on_file_is_no_change_of_address(self) -> None:
        away = moved(session(), OFFICE, on_file=HOME, at=AT, policy=POLICY)
        assert not moved(away, HOME, on_file=HOME, at=AT, policy=POLICY).address_changed
        assert moved(session(), HOME, on_file=None, at=AT, policy=POLICY).address_changed

    def test_the_same_address_again_resets_nothing(self) -> None:
        cart = waiting(confirmed(session(), HOME, at=AT, policy=POLICY), at=AT)
        assert moved(cart, HOME, on_file=HOME, at=AT + HOUR, policy=POLICY) == cart

    def test_confirming_keeps_the_address_that_was_shown(self) -> None:
        cart = confirmed(session(), OFFICE, at=AT, policy=POLICY)
        assert (cart.address, cart.address_confirmed, cart.address_changed) == (OFFICE, True, False)

    @pytest.mark.parametrize("change", CHANGES)
    def test_the_key_under_which_it_will_be_ordered_never_changes(self, change: str) -> None:
        assert CHANGES[change](session(), AT).request_key == session().request_key


class TestWhoseItIs:
    def test_adopting_gives_it_an_owner_and_another_id(self) -> None:
        cart = CHANGES["adopted"](session(), AT)
        assert (cart.id, cart.owner) == ("s2", ALICE)
        assert attrs.evolve(cart, id=session().id, owner=None) == session()

    def test_adopting_ones_own_again_rotates_the_id_again(self) -> None:
        assert CHANGES["adopted"](session(owner=ALICE), AT).id == "s2"

    @pytest.mark.parametrize("submitted", [False, True])
    @pytest.mark.parametrize("at", [AT, AT + 2 * DAY])
    def test_a_strangers_session_does_not_exist_whatever_its_state(
        self, submitted: bool, at: datetime
    ) -> None:
        theirs = attrs.evolve(session(owner=BOB), submitted=submitted)
        with pytest.raises(NotFound, match="no such checkout session"):
            CHANGES["adopted"](theirs, at)
