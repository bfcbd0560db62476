"""Whether a building can be served: the texts of agents, and the address that an answer is about."""

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.customers import EligibilityFields
from ordering_core.domain.eligibility import (
    NOT_REQUESTED,
    SEED_OFFERINGS,
    EligibilityStanding,
    EligibilityState,
    address_fingerprint,
    eligibility_standing,
    standing_for_address,
)
from ordering_core.domain.policy import Policy
from ordering_core.domain.vocabulary import Offering
from ordering_core.testing.value_strategies import addresses
from tests.unit.domain.rule_cases import ADDRESS


PENDING = EligibilityStanding(state=EligibilityState.PENDING)
INELIGIBLE = EligibilityStanding(state=EligibilityState.INELIGIBLE)
CHECKED = EligibilityFields(status="Checked", result="Apartment 1G")
ELIGIBLE = EligibilityStanding(state=EligibilityState.ELIGIBLE, offering=Offering.APARTMENT_1G)


def unrecognised(text: str) -> EligibilityStanding:
    return attrs.evolve(INELIGIBLE, unrecognised=text)


@pytest.mark.parametrize(
    ("status", "result", "expected"),
    [
        (None, None, NOT_REQUESTED),
        ("", "Home 1G", NOT_REQUESTED),
        (" ", None, NOT_REQUESTED),
        ("Pending", None, PENDING),
        ("Pending", "Home 1G", PENDING),
        ("Checked", "Apartment 1G", ELIGIBLE),
        ("Checked ", " Apartment 1G", ELIGIBLE),
        ("Checked", None, INELIGIBLE),
        ("Checked", "", INELIGIBLE),
        ("Checked", "Not Eligible", INELIGIBLE),
        ("Not Eligible", None, INELIGIBLE),
        ("Checked", "Mansion 1G", unrecognised("Mansion 1G")),
        ("Checked", "apartment 1g", unrecognised("apartment 1g")),
        ("Under inquiry", "Home 1G", unrecognised("Under inquiry")),
    ],
)
def test_a_standing_is_read_from_status_and_result(
    status: str | None, result: str | None, expected: EligibilityStanding
) -> None:
    assert eligibility_standing(EligibilityFields(status=status, result=result)) == expected


@pytest.mark.parametrize("offering", Offering)
def test_every_offering_of_the_seed_is_known_by_its_own_text(offering: Offering) -> None:
    standing = eligibility_standing(EligibilityFields(status="Checked", result=offering.value))
    assert standing == EligibilityStanding(state=EligibilityState.ELIGIBLE, offering=offering)


@given(st.none() | st.text(), st.none() | st.text())
def test_no_unknown_text_makes_anybody_eligible_and_each_is_a_finding(
    status: str | None, result: str | None
) -> None:
    standing = eligibility_standing(EligibilityFields(status=status, result=result))
    eligible = (status or "").strip() == "Checked" and (result or "").strip() in SEED_OFFERINGS
    assert (standing.state is EligibilityState.ELIGIBLE) is eligible
    assert (standing.offering is not None) is eligible
    if standing.unrecognised is not None:
        assert standing.state is EligibilityState.INELIGIBLE


def test_the_texts_of_another_org_are_a_setting() -> None:
    fields = EligibilityFields(status="Checked", result="マンション1G")
    assert eligibility_standing(fields) == unrecognised("マンション1G")
    texts = {"マンション1G": Offering.APARTMENT_1G}
    assert eligibility_standing(fields, offerings=texts) == ELIGIBLE
    assert dict(Policy().offering_texts) == dict(SEED_OFFERINGS)
    assert Policy(offering_texts=texts).offering_texts == texts


ELSEWHERE = attrs.evolve(ADDRESS, room="406")


def test_an_answer_counts_while_session_and_account_have_one_address() -> None:
    same = standing_for_address(CHECKED, address=ADDRESS, account_address=ADDRESS)
    other = standing_for_address(CHECKED, address=ELSEWHERE, account_address=ADDRESS)
    assert (same, other) == (ELIGIBLE, NOT_REQUESTED)


def test_a_session_without_an_address_of_its_own_has_that_of_the_account() -> None:
    assert standing_for_address(CHECKED, address=None, account_address=ADDRESS) == ELIGIBLE
    assert standing_for_address(CHECKED, address=None, account_address=None) == ELIGIBLE


def test_an_answer_counts_for_the_address_that_our_request_was_about() -> None:
    asked = address_fingerprint(ELSEWHERE)
    for address, expected in ((ELSEWHERE, ELIGIBLE), (ADDRESS, NOT_REQUESTED), (None, NOT_REQUESTED)):
        standing = standing_for_address(CHECKED, address=address, account_address=ADDRESS, asked_for=asked)
        assert standing == expected
    nowhere = standing_for_address(CHECKED, address=None, account_address=None, asked_for=asked)
    assert nowhere == NOT_REQUESTED


def test_a_pending_request_for_another_address_is_no_request_for_this_one() -> None:
    pending = EligibilityFields(status="Pending")
    assert standing_for_address(pending, address=ADDRESS, account_address=ADDRESS) == PENDING
    assert standing_for_address(pending, address=ELSEWHERE, account_address=ADDRESS) == NOT_REQUESTED


def test_the_texts_of_another_org_count_for_an_address_too() -> None:
    fields = EligibilityFields(status="Checked", result="M1G")
    standing = standing_for_address(
        fields, address=None, account_address=ADDRESS, offerings={"M1G": Offering.APARTMENT_1G}
    )
    assert standing == ELIGIBLE


@given(addresses(), addresses())
def test_a_fingerprint_tells_addresses_apart_and_shows_none(one: PostalAddress, two: PostalAddress) -> None:
    assert (address_fingerprint(one) == address_fingerprint(two)) is (one == two)
    assert len(address_fingerprint(one)) == 64


def test_text_that_moves_from_one_part_to_the_next_is_another_address() -> None:
    moved = attrs.evolve(ADDRESS, building=ADDRESS.building + ADDRESS.room, room="")
    assert address_fingerprint(moved) != address_fingerprint(ADDRESS)
