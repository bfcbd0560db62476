"""Typed text: what is rewritten, what is refused, and that reading twice changes nothing."""

from __future__ import annotations

import pickle
import unicodedata

from collections.abc import Callable

import pytest

from hypothesis import example, given
from hypothesis import strategies as st

from ordering_core.domain.text import (
    InvalidValue,
    compact,
    full_width,
    normalise_digits,
    normalise_kana,
    normalise_name,
    normalise_spaces,
    require_digits,
)


DASHES = "-‐‑‒–—―−─﹣－ーｰ"
SPACES = " \t\r\n\u00a0\u2003\u202f\u3000"
INVISIBLE = ["\u200b", "\ufeff", "\u200d", "\u202e", "\u00ad", "\x00", "\x1b", "\ud800", "\ue000"]

ascii_digits = st.text("0123456789")
katakana_letters = st.characters(min_codepoint=0x30A1, max_codepoint=0x30FA)
katakana = st.lists(st.text(katakana_letters, min_size=1), min_size=1).map(" ".join)


def code_of(read: Callable[[str], str], raw: str) -> str:
    with pytest.raises(InvalidValue) as caught:
        read(raw)
    return caught.value.code


def widened(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


class TestInvalidValue:
    def test_it_says_what_is_wrong_and_the_way_out(self) -> None:
        error = InvalidValue("eid_length", "The EID is short.", "Type all of it.", {"length": 31})
        assert str(error) == "The EID is short. Type all of it."
        assert (error.code, error.facts) == ("eid_length", {"length": 31})

    def test_it_survives_pickling_with_and_without_facts(self) -> None:
        choices: list[dict[str, int | str] | None] = [None, {"length": 31, "field": "city"}]
        for facts in choices:
            error = InvalidValue("code", "message", "remedy", facts)
            again = pickle.loads(pickle.dumps(error))
            assert (again.code, again.message, again.remedy, again.facts) == (
                "code",
                "message",
                "remedy",
                facts or {},
            )

    def test_later_changes_to_the_callers_mapping_do_not_reach_it(self) -> None:
        facts: dict[str, int | str] = {"length": 1}
        error = InvalidValue("code", "message", "remedy", facts)
        facts["length"] = 2
        assert error.facts == {"length": 1}


class TestDigits:
    @given(ascii_digits)
    def test_plain_digits_stay_as_they_are(self, digits: str) -> None:
        assert normalise_digits(digits) == digits

    @given(ascii_digits)
    def test_full_width_digits_become_plain_ones(self, digits: str) -> None:
        assert normalise_digits(widened(digits)) == digits

    @given(ascii_digits, st.data())
    def test_spaces_and_dashes_of_any_kind_are_taken_out_anywhere(
        self, digits: str, data: st.DataObject
    ) -> None:
        separators = st.text(DASHES + SPACES, max_size=2)
        typed = "".join(data.draw(separators) + digit for digit in digits) + data.draw(separators)
        assert normalise_digits(typed) == digits

    @given(st.text())
    @example("８９０-４")
    def test_the_answer_is_ascii_digits_or_a_refusal_and_reading_it_again_changes_nothing(
        self, raw: str
    ) -> None:
        try:
            digits = normalise_digits(raw)
        except InvalidValue:
            return
        assert set(digits) <= set("0123456789")
        assert normalise_digits(digits) == digits

    @pytest.mark.parametrize("raw", ["٨٩٠", "۸۹۰", "८९०", "8९0", "①②", "²", "𝟖𝟗"])
    def test_digits_of_another_script_are_refused_by_that_name(self, raw: str) -> None:
        with pytest.raises(InvalidValue, match="another script") as caught:
            normalise_digits(raw)
        assert caught.value.code == "number_characters"

    @pytest.mark.parametrize("raw", ["89O4", "８９Ｏ", "1.5", "+81", "#06", "一二", "½", *INVISIBLE])
    def test_anything_else_is_refused_with_the_way_out(self, raw: str) -> None:
        with pytest.raises(InvalidValue, match="not digits") as caught:
            normalise_digits(raw, code="eid", noun="EID")
        assert caught.value.code == "eid_characters"
        assert "0 to 9" in caught.value.remedy

    def test_a_value_that_must_be_canonical_is_not_rewritten(self) -> None:
        for raw in ("89 04", "89-04", "８９", "8904\n"):
            with pytest.raises(InvalidValue, match=r"not digits|another script"):
                require_digits(raw, code="number", noun="number")

    @pytest.mark.parametrize(
        ("digits", "fits"), [("12", False), ("123", True), ("1234", True), ("12345", False)]
    )
    def test_only_the_given_lengths_fit(self, digits: str, fits: bool) -> None:
        if fits:
            require_digits(digits, 3, 4, code="number", noun="number")
            return
        with pytest.raises(InvalidValue, match=f"has {len(digits)} digits instead of 3 or 4") as caught:
            require_digits(digits, 3, 4, code="number", noun="number")
        assert caught.value.code == "number_length"
        assert caught.value.facts == {"length": len(digits), "expected": "3 or 4"}

    @given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="-")))
    def test_everything_full_width_becomes_narrow_and_letters_keep_their_case(self, text: str) -> None:
        assert compact(widened(text)) == text


class TestSpaces:
    def test_runs_of_spaces_tabs_and_line_ends_become_one_space(self) -> None:
        assert normalise_spaces("\t 山田　　 太郎\r\n") == "山田 太郎"

    @pytest.mark.parametrize("character", INVISIBLE)
    def test_what_cannot_be_seen_is_refused(self, character: str) -> None:
        assert code_of(normalise_spaces, f"Smi{character}th") == "text_invisible"
        assert code_of(normalise_name, f"Smi{character}th") == "text_invisible"
        assert code_of(normalise_kana, f"スミ{character}ス") == "text_invisible"

    @given(st.text())
    def test_reading_the_answer_again_changes_nothing(self, raw: str) -> None:
        for read in (normalise_spaces, normalise_name):
            try:
                once = read(raw)
            except InvalidValue:
                continue
            assert read(once) == once
            assert once == once.strip()
            assert "  " not in once


class TestName:
    def test_composed_and_decomposed_letters_become_equal(self) -> None:
        assert normalise_name("Jose\u0301") == normalise_name("José") == "José"

    @pytest.mark.parametrize(
        "name", ["ＳＭＩＴＨ", "髙橋", "﨑山", "𠮷野", "葛\U000e0100城", "Ⅲ", "㌔", "O’Neill"]
    )
    def test_what_stands_on_a_card_is_not_replaced_by_something_alike(self, name: str) -> None:
        assert normalise_name(name) == name


class TestKana:
    @pytest.mark.parametrize(
        ("raw", "read"),
        [
            ("スミス", "スミス"),
            ("ｽﾐｽ", "スミス"),
            ("ｶﾞｷﾞﾊﾟｳﾞ", "ガギパヴ"),
            ("カ\u3099", "ガ"),
            ("カ゛ハ゜", "ガパ"),
            ("すずき　たろう", "スズキ タロウ"),
            ("はは\u3099", "ハバ"),
            ("ヴぁゕゖ", "ヴァヵヶ"),
            ("ジョン", "ジョン"),
            ("ジヨン", "ジヨン"),
            ("ﾏﾘｰ･ｱﾝ", "マリー・アン"),
            ("マリ·アン", "マリ・アン"),
            ("マリ•アン", "マリ・アン"),
            ("マリ‧アン", "マリ・アン"),
            ("  ｽﾐｽ \t ｼﾞｮﾝ ", "スミス ジョン"),
        ],
    )
    def test_every_usual_way_of_typing_kana_is_understood(self, raw: str, read: str) -> None:
        assert normalise_kana(raw) == read

    @pytest.mark.parametrize("dash", DASHES)
    def test_a_dash_after_kana_is_the_long_vowel_mark(self, dash: str) -> None:
        assert normalise_kana(f"ペ{dash}タ{dash}") == "ペーター"

    @pytest.mark.parametrize(
        "raw",
        [
            "Smith",
            "鈴木",
            "スズキ1",
            "スズキ１",
            "ー",
            "・",
            "ー・ー",
            "-スズキ",
            "スズキ--",
            "スズキ -タロウ",
            "\u3099",
            "ア゛",
            "ヿ",
            "㌔",
            "㋐",
            "ゟ",
            "ゝ",
            "ㇰ",
            "スズキ、",
            "ｽ｡",
            "ス~",
            "ス〜",
            "ス゠ス",
        ],
    )
    def test_what_is_not_the_katakana_of_a_name_is_refused_with_the_way_out(self, raw: str) -> None:
        with pytest.raises(InvalidValue, match="katakana") as caught:
            normalise_kana(raw)
        assert caught.value.code == "kana_characters"

    @pytest.mark.parametrize("raw", ["", "  ", "\u3000"])
    def test_nothing_typed_has_a_code_of_its_own(self, raw: str) -> None:
        assert code_of(normalise_kana, raw) == "kana_missing"

    @given(katakana)
    def test_canonical_katakana_stays_as_it_is(self, name: str) -> None:
        assert normalise_kana(name) == name

    @given(st.lists(st.integers(0x3041, 0x3096), min_size=1))
    def test_hiragana_reads_as_the_katakana_of_the_same_sound(self, points: list[int]) -> None:
        def sound(text: str) -> list[str]:
            return [unicodedata.name(kana).split(" LETTER ")[1] for kana in text]

        hiragana = "".join(map(chr, points))
        assert sound(normalise_kana(hiragana)) == sound(hiragana)

    @given(st.text(st.characters(min_codepoint=0xFF71, max_codepoint=0xFF9D), min_size=1))
    def test_half_width_katakana_reads_as_nfkc_reads_it(self, name: str) -> None:
        assert normalise_kana(name) == unicodedata.normalize("NFKC", name)

    @given(
        st.text(st.characters(min_codepoint=0x3040, max_codepoint=0x30FF) | st.sampled_from(DASHES + " ･ﾞ"))
    )
    def test_reading_the_answer_again_changes_nothing(self, raw: str) -> None:
        try:
            once = normalise_kana(raw)
        except InvalidValue:
            return
        assert normalise_kana(once) == once


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("", ""),
        ("Smith", "Ｓｍｉｔｈ"),
        ("!~", "！～"),
        ("Mary Ann", "Ｍａｒｙ　Ａｎｎ"),
        ("O'Neil", "Ｏ＇Ｎｅｉｌ"),
        ("髙橋", "髙橋"),
        ("𠮷野", "𠮷野"),
        ("Петр", "Петр"),
        ("αβ", "αβ"),
        ("カ\u3099", "ガ"),
    ],
)
def test_what_has_a_full_width_form_is_written_in_it(typed: str, written: str) -> None:
    assert full_width(typed) == written


@pytest.mark.parametrize(
    "typed", ["Ngô", "Jose\u0301", "Müller", "Weiß", "Łukasz", "Bjørn", "ﾔﾏﾀﾞ", "김\u200b", "\x7f", "\x1f"]
)
def test_what_has_no_full_width_form_is_not_guessed(typed: str) -> None:
    assert full_width(typed) is None


@given(st.text())
def test_what_is_full_width_has_as_many_signs_and_stays_as_it_is(typed: str) -> None:
    written = full_width(typed)
    if written is not None:
        assert len(written) == len(unicodedata.normalize("NFC", typed))
        assert full_width(written) == written


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_plain_letters_are_always_writable(typed: str) -> None:
    assert full_width(typed) is not None
