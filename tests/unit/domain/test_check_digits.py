"""Check digits: what they catch, and when a slip may be repaired."""

from __future__ import annotations

import stdnum.luhn

from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_97_10

from ordering_core.domain.check_digits import iso_7064_holds, luhn_holds, only_adjacent_swap


digits = st.text("0123456789", min_size=2, max_size=40)


def swap(text: str, i: int) -> str:
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


@given(digits)
def test_iso_7064_agrees_with_python_stdnum(text: str) -> None:
    assert iso_7064_holds(text) == mod_97_10.is_valid(text)


@given(digits)
def test_luhn_agrees_with_python_stdnum(text: str) -> None:
    assert luhn_holds(text) == stdnum.luhn.is_valid(text)


@given(digits)
def test_computed_check_digits_hold(text: str) -> None:
    assert iso_7064_holds(text + mod_97_10.calc_check_digits(text))
    assert luhn_holds(text + stdnum.luhn.calc_check_digit(text))


@given(digits, st.data())
def test_every_single_wrong_digit_is_noticed(text: str, data: st.DataObject) -> None:
    i = data.draw(st.integers(0, len(text) - 1))
    wrong = data.draw(st.sampled_from(sorted(set("0123456789") - {text[i]})))
    eid_like = text + mod_97_10.calc_check_digits(text)
    iccid_like = text + stdnum.luhn.calc_check_digit(text)
    assert not iso_7064_holds(eid_like[:i] + wrong + eid_like[i + 1 :])
    assert not luhn_holds(iccid_like[:i] + wrong + iccid_like[i + 1 :])


@given(digits, st.data())
def test_a_repair_is_the_only_swap_of_neighbours_that_holds(text: str, data: st.DataObject) -> None:
    right = text + mod_97_10.calc_check_digits(text)
    i = data.draw(st.integers(0, len(right) - 2))
    wrong = swap(right, i)
    assume(wrong != right)
    repairs = {swap(wrong, j) for j in range(len(wrong) - 1)}
    holding = {candidate for candidate in repairs if mod_97_10.is_valid(candidate)}
    assert right in holding
    assert only_adjacent_swap(wrong, iso_7064_holds) == (right if holding == {right} else None)


def test_digits_that_hold_need_no_repair_even_where_a_swap_of_equal_digits_would_hold_too() -> None:
    assert only_adjacent_swap("11", lambda _: True) is None


def test_two_possible_repairs_are_no_repair() -> None:
    def holds(text: str) -> bool:
        return text in {"2134", "1243"}

    assert only_adjacent_swap("1234", holds) is None
    assert only_adjacent_swap("1324", holds) is None


def test_no_possible_repair_is_no_repair() -> None:
    assert only_adjacent_swap("1234", lambda _: False) is None
