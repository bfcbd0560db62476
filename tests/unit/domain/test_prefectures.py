"""Prefectures: every spelling leads to one of the 47, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.domain.prefectures import PREFECTURES, prefecture_code, usual_spelling


codes = st.sampled_from(sorted(PREFECTURES))


def test_the_codes_run_from_01_to_47_and_no_name_is_used_twice() -> None:
    assert list(PREFECTURES) == [f"{number:02}" for number in range(1, 48)]
    assert len({name for names in PREFECTURES.values() for name in names}) == 94


@given(codes, st.sampled_from([str, str.upper, str.lower, lambda name: f" {name} "]))
def test_both_usual_spellings_are_understood_in_any_case(code: str, typed: Callable[[str], str]) -> None:
    for name in PREFECTURES[code]:
        assert prefecture_code(typed(name)) == code
        assert usual_spelling(typed(name)) == name


@given(codes)
def test_a_suffix_may_be_left_out_or_added(code: str) -> None:
    kanji, romaji = PREFECTURES[code]
    assert prefecture_code(f"{romaji} Prefecture") == prefecture_code(f"{romaji} Pref.") == code
    if code != "01":
        assert prefecture_code(kanji[:-1]) == code


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("Tokyo-to", "13"),
        ("TOKYO TO", "13"),
        ("Tokyoto", "13"),
        ("Tōkyō", "13"),
        ("Toukyou-to", "13"),
        ("Ｔｏｋｙｏ", "13"),
        ("東京 都", "13"),
        ("Kyoto", "26"),
        ("Kyoto-fu", "26"),
        ("Kyōto", "26"),
        ("Kyôto", "26"),
        ("Osaka", "27"),
        ("Oosaka-fu", "27"),
        ("Ohsaka", "27"),
        ("Ōsaka", "27"),
        ("Hyōgo", "28"),
        ("Hyougo-ken", "28"),
        ("Hokkaidō", "01"),
        ("Hokkaidou", "01"),
        ("Kōchi", "39"),
        ("Kochi-ken", "39"),
        ("Ohita", "44"),
        ("Gumma", "10"),
        ("Kumamoto", "43"),
    ],
)
def test_usual_romaji_is_understood(spelling: str, code: str) -> None:
    assert prefecture_code(spelling) == code


@pytest.mark.parametrize(
    "spelling",
    [
        "",
        " ",
        "Edo",
        "Tokyo-fu",
        "Tokyo-ken",
        "Osaka-ken",
        "大阪県",
        "京都都",
        "北海",
        "県",
        "to",
        "東京1",
        "Tokyo 23",
        "Tokyo, Minato-ku",
        "とうきょう",
        "13",
        "Yokohama",
        "東京都東京都",
    ],
)
def test_what_is_no_prefecture_or_has_the_wrong_suffix_is_not(spelling: str) -> None:
    assert prefecture_code(spelling) is None
    assert usual_spelling(spelling) is None


@given(st.text())
def test_any_text_is_answered_and_an_answer_stays_what_it_is(spelling: str) -> None:
    usual = usual_spelling(spelling)
    if usual is not None:
        assert usual_spelling(usual) == usual


@pytest.mark.parametrize(
    ("spelling", "usual"), [("ōsaka-fu", "Osaka"), ("大阪", "大阪府"), ("ＯＳＡＫＡ", "Osaka")]
)
def test_the_usual_spelling_stays_in_the_script_it_was_typed_in(spelling: str, usual: str) -> None:
    assert usual_spelling(spelling) == usual
