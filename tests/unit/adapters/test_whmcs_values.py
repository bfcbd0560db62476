"""Every spelling of a value that WHMCS is known for is read as the one value that it is."""

from datetime import date
from decimal import Decimal

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_adapters.whmcs import values


ROW = {"id": 1}


@pytest.mark.parametrize(
    "answer",
    [
        {"orders": {"order": [ROW]}},
        {"orders": {"order": ROW}},
        {"orders": {"order": {"1": ROW}}},
        {"orders": {"order": {"0": ROW}}},
        {"orders": {"1": ROW}},
        {"orders": [ROW]},
    ],
)
def test_a_list_of_one_is_one_however_it_is_wrapped(answer: values.Row) -> None:
    assert values.rows(answer, "orders", "order") == [ROW]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"orders": ""},
        {"orders": None},
        {"orders": []},
        {"orders": {}},
        {"orders": {"order": ""}},
        {"orders": {"order": []}},
        {"orders": {"order": {}}},
        {"orders": {"order": None}},
        {"orders": 0},
        {"orders": [None, "", 3]},
    ],
)
def test_an_empty_list_is_empty_however_it_is_written(answer: values.Row) -> None:
    assert values.rows(answer, "orders", "order") == []


@given(st.lists(st.integers(1, 99), unique=True, min_size=1, max_size=9))
def test_a_list_with_gaps_keeps_its_order(ids: list[int]) -> None:
    gapped = {str(place * 2 + 1): {"id": known} for place, known in enumerate(ids)}
    assert [row["id"] for row in values.rows({"paymethods": gapped}, "paymethods")] == ids


@given(st.integers(1, 10**12))
def test_an_id_is_a_number_or_a_text(number: int) -> None:
    for written in (number, str(number), f" {number} ", float(number) if number < 2**53 else number):
        assert values.whole({"id": written}, "id") == number


@pytest.mark.parametrize(
    "nothing", ["", None, 0, "0", "abc", "1,2", True, False, [], {}, "-1", "1.5"], ids=repr
)
def test_what_is_no_id_is_none(nothing: object) -> None:
    assert values.whole({"id": nothing}, "id") is None
    assert values.whole({}, "id") is None


def test_a_count_of_nothing_is_a_count() -> None:
    assert (values.count({"n": 0}, "n"), values.count({"n": "0"}, "n")) == (0, 0)
    assert values.count({"n": ""}, "n") is None
    assert values.count({"n": "12"}, "n") == 12


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("6500.00", "6500"),
        ("6500", "6500"),
        (6500, "6500"),
        (6500.0, "6500"),
        ("6,500.00", "6500"),
        ("¥6,500 JPY", "6500"),
        ("$-8.67 USD", "-8.67"),
        ("-1.00", "-1"),
        ("0.00", "0"),
    ],
    ids=repr,
)
def test_an_amount_is_exact_without_its_decoration(written: object, read: str) -> None:
    assert values.amount({"price": written}, "price") == Decimal(read)


@pytest.mark.parametrize("nothing", ["", None, "free", True, [], {}], ids=repr)
def test_what_is_no_amount_is_none(nothing: object) -> None:
    assert values.amount({"price": nothing}, "price") is None


@pytest.mark.parametrize("written", [True, 1, "1", "on", "true", "TRUE", "On"], ids=repr)
def test_a_flag_that_is_set_is_set(written: object) -> None:
    assert values.flag({"taxed": written}, "taxed")


@pytest.mark.parametrize("written", [False, 0, "0", "", None, "off", "false", []], ids=repr)
def test_a_flag_that_is_not_set_is_not(written: object) -> None:
    assert not values.flag({"taxed": written}, "taxed")


@pytest.mark.parametrize("written", ["0000-00-00", "0000-00-00 00:00:00", "", None, "tomorrow"], ids=repr)
def test_the_date_of_zeros_is_none(written: object) -> None:
    assert values.day({"duedate": written}, "duedate") is None


def test_a_date_may_have_a_time() -> None:
    assert values.day({"date": "2026-06-01 09:30:00"}, "date") == date(2026, 6, 1)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("02/25", date(2025, 2, 1)),
        ("12/2031", date(2031, 12, 1)),
        ("0225", date(2025, 2, 1)),
        ("", None),
        (None, None),
        ("00/00", None),
        ("13/25", date.min),
        ("2025-02", date.min),
    ],
)
def test_a_card_expires_in_a_month_never_or_has_expired(written: object, read: date | None) -> None:
    assert values.month({"expiry_date": written}, "expiry_date") == read


@pytest.mark.parametrize("written", ["One Time", "One-Time", "onetime", "ONE TIME"])
def test_once_is_once_however_it_is_spelt(written: str) -> None:
    assert values.is_once({"billingcycle": written}) is True


@pytest.mark.parametrize(
    ("written", "read"),
    [("Monthly", False), ("monthly", False), ("Annually", None), ("Free Account", None), ("", None)],
)
def test_a_cycle_that_is_not_ours_is_neither(written: str, read: bool | None) -> None:
    assert values.is_once({"billingcycle": written}) is read


def test_a_text_is_never_a_list_or_null() -> None:
    spelt: list[object] = [None, [], {}, True, 5, " a "]
    assert [values.text({"notes": value}, "notes") for value in spelt] == ["", "", "", "", "5", "a"]
