"""Where an identity check stands, and which ways of checking are lawful on which day."""

from datetime import date, timedelta

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.domain.customers import IdentityFields
from ordering_core.domain.identity import (
    IdentityMethod,
    IdentityStanding,
    identity_method,
    identity_standing,
    method_is_lawful,
)
from ordering_core.domain.vocabulary import OrderType


@pytest.mark.parametrize(
    ("text", "standing"),
    [
        (None, IdentityStanding.NOT_SUBMITTED),
        ("", IdentityStanding.NOT_SUBMITTED),
        ("  ", IdentityStanding.NOT_SUBMITTED),
        ("Pending", IdentityStanding.PENDING),
        ("Verified", IdentityStanding.VERIFIED),
        ("verified ", IdentityStanding.VERIFIED),
        ("Rejected", IdentityStanding.REJECTED),
        ("Approved", IdentityStanding.UNKNOWN),
        ("Not Verified", IdentityStanding.UNKNOWN),
    ],
)
def test_a_standing_is_read_from_its_text(text: str | None, standing: IdentityStanding) -> None:
    assert identity_standing(IdentityFields(status=text)) is standing


@given(st.text())
def test_no_unknown_text_verifies_anybody(text: str) -> None:
    verified = identity_standing(IdentityFields(status=text)) is IdentityStanding.VERIFIED
    assert verified is (text.strip().lower() == "verified")


@pytest.mark.parametrize("method", IdentityMethod)
def test_a_method_is_read_in_any_case_with_spaces_or_hyphens(method: IdentityMethod) -> None:
    for typed in (
        method.value,
        method.value.upper(),
        method.value.replace("_", " "),
        method.value.replace("_", "-"),
    ):
        assert identity_method(IdentityFields(method=f" {typed} ")) is method


@given(st.none() | st.text())
def test_a_method_that_nobody_recorded_is_unknown(text: str | None) -> None:
    spelling = (text or "").strip().lower().replace(" ", "_").replace("-", "_")
    expected = spelling if spelling in set(IdentityMethod) else "unknown"
    assert identity_method(IdentityFields(method=text)).value == expected


LAST_DAY_OF_PICTURES = date(2026, 3, 31)
DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))


@given(DAYS)
def test_a_picture_is_lawful_for_voice_until_the_last_of_march_2026(on: date) -> None:
    lawful = method_is_lawful(IdentityMethod.IMAGE, OrderType.SIM, voice=True, on=on)
    assert lawful is (on <= LAST_DAY_OF_PICTURES)


def test_the_day_on_which_pictures_end_is_exact() -> None:
    for days, lawful in ((-1, True), (0, True), (1, False)):
        day = LAST_DAY_OF_PICTURES + timedelta(days=days)
        assert method_is_lawful(IdentityMethod.IMAGE, OrderType.SIM, voice=True, on=day) is lawful


@given(DAYS)
def test_real_proofs_are_always_lawful_and_an_unrecorded_one_never_for_voice(on: date) -> None:
    lawful = {
        method for method in IdentityMethod if method_is_lawful(method, OrderType.SIM, voice=True, on=on)
    }
    assert lawful - {IdentityMethod.IMAGE} == {
        IdentityMethod.FACE_TO_FACE,
        IdentityMethod.IC_CHIP,
        IdentityMethod.JPKI,
        IdentityMethod.MAIL,
    }


@given(DAYS, st.sampled_from(IdentityMethod), st.booleans())
def test_services_outside_the_act_take_every_method(on: date, method: IdentityMethod, voice: bool) -> None:
    for order_type in (OrderType.INTERNET, OrderType.VPN):
        assert method_is_lawful(method, order_type, voice=voice, on=on)
    assert method_is_lawful(method, OrderType.SIM, voice=False, on=on)
