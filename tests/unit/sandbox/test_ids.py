"""Record ids."""

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_sandbox.salesforce.ids import checksum, long_id, make_id


signs = st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
short_ids = st.text(signs, min_size=15, max_size=15)


@pytest.mark.parametrize(
    ("short", "suffix"),
    [("001R00000064wdt", "IAA"), ("001R00000066cnd", "IAA"), ("001000000000000", "AAA")],
)
def test_the_checksum_is_the_documented_one(short: str, suffix: str) -> None:
    assert checksum(short) == suffix


@given(short_ids)
def test_an_18_character_id_survives_whatever_happens_to_its_case(short: str) -> None:
    full = short + checksum(short)
    assert long_id(full.lower()) == full
    assert long_id(full.upper()) == full
    assert long_id(full) == full


@given(short_ids)
def test_a_15_character_id_is_completed(short: str) -> None:
    assert long_id(short) == short + checksum(short)


@given(short_ids, st.integers(0, 2), st.sampled_from("!-_ 6789"))
def test_a_suffix_with_a_sign_that_no_suffix_has_is_no_id(short: str, place: int, sign: str) -> None:
    full = short + checksum(short)
    assert long_id(full[: 15 + place] + sign + full[16 + place :]) is None


@pytest.mark.parametrize("text", ["", "801", "8" * 14, "8" * 16, "8" * 17, "8" * 19, "801 0000000001AA"])
def test_any_other_length_or_sign_is_no_id(text: str) -> None:
    assert long_id(text) is None


def test_a_suffix_that_makes_capitals_of_digits_is_no_id() -> None:
    assert long_id("000000000000000BAA") is None


@given(st.integers(0, 62**9 - 1), st.integers(0, 62**9 - 1))
def test_two_records_never_share_an_id(one: int, other: int) -> None:
    assert (make_id("801", one) == make_id("801", other)) == (one == other)
