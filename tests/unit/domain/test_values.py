"""Numbers and names: what is accepted, what is refused by which code, and what never shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import attrs
import phonenumbers
import pytest
import stdnum.luhn

from hypothesis import assume, example, given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_97_10

from ordering_core.domain.text import InvalidValue
from ordering_core.domain.values import (
    CardNumber,
    Eid,
    Iccid,
    KatakanaName,
    LineNumber,
    MnpReservationNumber,
    MobileNumber,
    PersonName,
)


Read = TypeVar("Read")

PUBLISHED_EIDS = [
    "89049032123451234512345678901235",
    "89086030202200000022000023022943",
    "89044045116727494800000004479366",
    "89034011560010000000000000000121",
    "89001012012341234012345678901224",
    "89044011112233441122334411223321",
]
EID = PUBLISHED_EIDS[0]
ICCID = "8981100000000000010"

eids = st.text("0123456789", min_size=30, max_size=30).map(
    lambda text: text + mod_97_10.calc_check_digits(text)
)
iccids = st.text("0123456789", min_size=18, max_size=19).map(
    lambda text: text + stdnum.luhn.calc_check_digit(text)
)
mobile_numbers = st.from_regex(r"0[6-9]0[1-9][0-9]{7}", fullmatch=True, alphabet=st.characters(codec="ascii"))


def code_of(read: Callable[[str], object], raw: str) -> str:
    with pytest.raises(InvalidValue) as caught:
        read(raw)
    return caught.value.code


def error_or_value(read: Callable[[str], Read], raw: str) -> Read | InvalidValue:
    try:
        return read(raw)
    except InvalidValue as error:
        return error


def full_width(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


def grouped(text: str, separator: str) -> str:
    return separator.join(text[i : i + 4] for i in range(0, len(text), 4))


def shift(digits: str, i: int, by: int) -> str:
    return digits[:i] + str((int(digits[i]) + by) % 10) + digits[i + 1 :]


class TestEid:
    @pytest.mark.parametrize("eid", PUBLISHED_EIDS)
    def test_published_eids_are_accepted(self, eid: str) -> None:
        assert Eid.parse(eid).value == eid
        assert Eid(eid) == Eid.parse(eid)

    @given(eids, st.sampled_from([" ", "-", "\u3000", "\u2010", "\n"]))
    def test_it_is_read_however_it_is_grouped_or_typed(self, eid: str, separator: str) -> None:
        assert Eid.parse(grouped(eid, separator)) == Eid.parse(full_width(eid)) == Eid(eid)

    @given(st.text("0123456789", min_size=32, max_size=32) | eids)
    def test_it_accepts_what_python_stdnum_accepts(self, digits: str) -> None:
        if mod_97_10.is_valid(digits):
            assert Eid.parse(digits).value == digits
        else:
            assert code_of(Eid.parse, digits) == "eid_check_digits"

    def test_unlike_python_stdnum_it_knows_its_length_and_its_digits(self) -> None:
        shorter = "8" + mod_97_10.calc_check_digits("8")
        assert mod_97_10.is_valid(shorter)
        assert code_of(Eid.parse, shorter) == "eid_length"
        arabic = "".join(chr(0x660 + int(digit)) for digit in EID)
        assert mod_97_10.is_valid(arabic)
        assert code_of(Eid.parse, arabic) == "eid_characters"

    @pytest.mark.parametrize("length", [0, 1, 31, 33, 64])
    def test_any_other_length_is_refused_and_counted(self, length: int) -> None:
        with pytest.raises(InvalidValue, match=f"has {length} digits instead of 32") as caught:
            Eid.parse((EID * 2)[:length])
        assert caught.value.code == "eid_length"
        assert caught.value.facts == {"length": length, "expected": "32"}

    @given(eids, st.integers(0, 31), st.integers(1, 9))
    def test_one_wrong_digit_is_refused(self, eid: str, i: int, by: int) -> None:
        assert code_of(Eid.parse, shift(eid, i, by)) == "eid_check_digits"

    @pytest.mark.parametrize("raw", [EID + "\u200b", EID.replace("0", "O"), full_width(EID)[:-1] + "٥"])
    def test_other_characters_are_refused(self, raw: str) -> None:
        assert code_of(Eid.parse, raw) == "eid_characters"

    @pytest.mark.parametrize("raw", [f"{EID}\n", f" {EID}", grouped(EID, "-"), full_width(EID)])
    def test_the_constructor_takes_the_canonical_form_only(self, raw: str) -> None:
        assert code_of(Eid, raw) == "eid_characters"

    def test_eids_of_other_beginnings_than_89_are_accepted(self) -> None:
        body = "12" + EID[2:30]
        eid = body + mod_97_10.calc_check_digits(body)
        assert Eid.parse(eid).value == eid


class TestAdjacentSwap:
    @given(eids, st.integers(0, 30))
    @example(EID, 0)
    def test_a_swap_is_repaired_exactly_when_nothing_else_would_repair_it(self, eid: str, i: int) -> None:
        assume(eid[i] != eid[i + 1])
        typed = eid[:i] + eid[i + 1] + eid[i] + eid[i + 2 :]
        others = {
            typed[:j] + typed[j + 1] + typed[j] + typed[j + 2 :]
            for j in range(31)
            if typed[j] != typed[j + 1]
        } - {eid}
        unambiguous = not any(mod_97_10.is_valid(other) for other in others)
        assert Eid.adjacent_swap(grouped(full_width(typed), " ")) == (eid if unambiguous else None)

    @pytest.mark.parametrize("raw", [EID, EID[:-1], EID + "0", "", "not an EID", EID[:-1] + "٥"])
    def test_there_is_nothing_to_swap_in_a_valid_eid_or_in_something_else(self, raw: str) -> None:
        assert Eid.adjacent_swap(raw) is None

    def test_the_one_swap_that_makes_a_valid_eid_is_offered(self) -> None:
        assert Eid.adjacent_swap("80949032123451234512345678901235") == EID

    def test_nothing_is_offered_where_two_swaps_would_do(self) -> None:
        assert Eid.adjacent_swap("98049032123451234512345678901235") is None

    def test_a_wrong_digit_is_not_repaired_by_a_swap(self) -> None:
        wrong = "89049032123451234512345678901234"
        assert Eid.adjacent_swap(wrong) is None


class TestIccid:
    @given(iccids)
    def test_nineteen_or_twenty_digits_with_their_check_digit_are_accepted(self, iccid: str) -> None:
        assert Iccid.parse(grouped(iccid, "-")) == Iccid.parse(full_width(iccid)) == Iccid(iccid)

    @given(st.text("0123456789", min_size=19, max_size=20) | iccids)
    def test_it_accepts_what_python_stdnum_accepts(self, digits: str) -> None:
        if stdnum.luhn.is_valid(digits):
            assert Iccid.parse(digits).value == digits
        else:
            assert code_of(Iccid.parse, digits) == "iccid_check_digit"

    @pytest.mark.parametrize("filler", ["F", "f", "Ｆ", " F", "-f"])
    def test_the_filler_is_not_part_of_it(self, filler: str) -> None:
        assert Iccid.parse(ICCID + filler) == Iccid(ICCID)

    @pytest.mark.parametrize("raw", [f"{ICCID}FF", f"{ICCID}0F", f"F{ICCID}", f"{ICCID[:-1]}F", f"{ICCID}E"])
    def test_the_filler_only_fills_the_twentieth_place(self, raw: str) -> None:
        assert code_of(Iccid.parse, raw) == "iccid_characters"

    def test_the_constructor_takes_no_filler(self) -> None:
        assert code_of(Iccid, f"{ICCID}F") == "iccid_characters"

    @pytest.mark.parametrize("length", [0, 18, 21])
    def test_any_other_length_is_refused(self, length: int) -> None:
        assert code_of(Iccid.parse, "8" * length) == "iccid_length"

    def test_the_published_invalid_sample_is_refused(self) -> None:
        assert code_of(Iccid.parse, "8981100000000000016") == "iccid_check_digit"


class TestCardNumber:
    @pytest.mark.parametrize(
        "raw", ["AX0123456789012", "ax 0123-456-789-012", "ＡＸ０１２３４５６７８９０１２"]
    )
    def test_it_is_read_in_any_width_and_case(self, raw: str) -> None:
        assert CardNumber.parse(raw) == CardNumber("AX0123456789012")

    @pytest.mark.parametrize(
        "raw",
        [
            "",
            "AX012345678901",
            "AX01234567890123",
            "A00123456789012",
            "AXB123456789012",
            "0123456789012AX",
            "ß0123456789012",
            "aſ0123456789012",
            "АХ0123456789012",
            "AX０１２３４５６７８９０１٢",
        ],
    )
    def test_anything_else_is_refused(self, raw: str) -> None:
        assert code_of(CardNumber.parse, raw) == "card_number_format"

    @pytest.mark.parametrize("raw", ["ax0123456789012", "AX0123456789012\n", "AX 0123456789012"])
    def test_the_constructor_takes_the_canonical_form_only(self, raw: str) -> None:
        assert code_of(CardNumber, raw) == "card_number_format"


class TestLineNumber:
    @pytest.mark.parametrize("typed", ["020-1234-5678", "02012345678", "+81 20 1234 5678"])
    def test_a_line_for_data_alone_has_a_number_of_machines(self, typed: str) -> None:
        assert LineNumber.parse(typed) == LineNumber("02012345678")

    @given(mobile_numbers)
    def test_every_number_that_people_call_is_one(self, number: str) -> None:
        assert LineNumber.parse(MobileNumber(number).e164) == LineNumber(number)

    @pytest.mark.parametrize("digits", [11, 12, 13, 14])
    def test_it_has_eleven_to_fourteen_digits(self, digits: int) -> None:
        assert LineNumber("0" * digits).value == "0" * digits

    @pytest.mark.parametrize("digits", [0, 10, 15])
    def test_one_digit_less_or_more_is_refused(self, digits: int) -> None:
        assert code_of(LineNumber, "0" * digits) == "line_number_length"

    def test_what_are_no_digits_is_refused(self) -> None:
        assert code_of(LineNumber.parse, "0201234567x") == "line_number_characters"


class TestMobileNumber:
    @given(mobile_numbers)
    def test_every_usual_way_of_writing_it_is_the_same_number(self, number: str) -> None:
        abroad = number[1:]
        spellings = [
            number,
            f"{number[:3]}-{number[3:7]}-{number[7:]}",
            f"{number[:3]} {number[3:7]} {number[7:]}",
            full_width(f"{number[:3]}-{number[3:]}"),
            f"+81{abroad}",
            f"+81 {abroad[:2]}-{abroad[2:]}",
            f"＋８１{abroad}",
            f"+81{number}",
            f"0081 {abroad}",
            f"0081{number}",
        ]
        assert {MobileNumber.parse(spelling) for spelling in spellings} == {MobileNumber(number)}
        assert MobileNumber.parse(MobileNumber(number).e164) == MobileNumber(number)

    @given(
        st.from_regex(r"0[2-9][0-9]{9}", fullmatch=True, alphabet=st.characters(codec="ascii"))
        | mobile_numbers
    )
    def test_it_accepts_the_mobile_numbers_that_phonenumbers_knows(self, number: str) -> None:
        parsed = phonenumbers.parse(number, "JP")
        if phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE:
            e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
            assert MobileNumber.parse(number).e164 == e164
        else:
            assert code_of(MobileNumber.parse, number) == "mobile_number_kind"

    @pytest.mark.parametrize(
        ("spelling", "code"),
        [
            ("819012345678", "mobile_number_length"),  # no plus: as well a number with a digit too many
            ("010-81-90-1234-5678", "mobile_number_length"),  # dialled from Japan to Japan
            ("(090) 1234-5678", "mobile_number_characters"),
            ("090.1234.5678", "mobile_number_characters"),
            ("090-1234-5678 ext. 9", "mobile_number_characters"),
            ("tel:090-1234-5678", "mobile_number_characters"),
            ("٠٩٠١٢٣٤٥٦٧٨", "mobile_number_characters"),
        ],
    )
    def test_spellings_that_phonenumbers_tolerates_and_we_ask_again_for(
        self, spelling: str, code: str
    ) -> None:
        assert (
            phonenumbers.number_type(phonenumbers.parse(spelling, "JP"))
            == phonenumbers.PhoneNumberType.MOBILE
        )
        assert code_of(MobileNumber.parse, spelling) == code

    def test_the_spelling_that_we_read_and_phonenumbers_does_not(self) -> None:
        spelling = "0081 90 1234 5678"
        assert not phonenumbers.is_valid_number(phonenumbers.parse(spelling, "JP"))
        assert MobileNumber.parse(spelling) == MobileNumber("09012345678")

    @pytest.mark.parametrize("number", ["06012345678", "07012345678", "08012345678", "09012345678"])
    def test_060_to_090_are_mobile_numbers(self, number: str) -> None:
        assert MobileNumber.parse(number).value == number

    @pytest.mark.parametrize(
        "number", ["02012345678", "05012345678", "06001234567", "07001234567", "09001234567", "09112345678"]
    )
    def test_other_numbers_of_eleven_digits_are_not(self, number: str) -> None:
        assert code_of(MobileNumber.parse, number) == "mobile_number_kind"

    @pytest.mark.parametrize(
        "number", ["", "0312345678", "0901234567", "090123456789", "02001234567890", "+81"]
    )
    def test_other_lengths_are_refused(self, number: str) -> None:
        assert code_of(MobileNumber.parse, number) == "mobile_number_length"

    @pytest.mark.parametrize("number", ["+14155550100", "+44 7700 900123", "9012345678+81", "++819012345678"])
    def test_other_countries_and_misplaced_signs_are_refused(self, number: str) -> None:
        assert code_of(MobileNumber.parse, number) == "mobile_number_characters"

    def test_the_constructor_takes_the_canonical_form_only(self) -> None:
        assert code_of(MobileNumber, "090-1234-5678") == "mobile_number_characters"


class TestMnpReservationNumber:
    @pytest.mark.parametrize(
        "raw", ["1112345678", "11-123-45678", "１１－１２３－４５６７８", " 11 123 45678\n"]
    )
    def test_it_is_read_as_printed(self, raw: str) -> None:
        assert MnpReservationNumber.parse(raw) == MnpReservationNumber("1112345678")

    @pytest.mark.parametrize("raw", ["", "111234567", "11123456789"])
    def test_nine_and_eleven_digits_are_refused(self, raw: str) -> None:
        assert code_of(MnpReservationNumber.parse, raw) == "reservation_number_length"

    def test_letters_are_refused(self) -> None:
        assert code_of(MnpReservationNumber.parse, "A112345678") == "reservation_number_characters"


class TestNames:
    def test_katakana_is_normalised_whichever_way_it_comes_in(self) -> None:
        assert KatakanaName("ｽｽﾞｷ") == KatakanaName.parse("すずき") == KatakanaName("スズキ")

    def test_length_counts_after_conversion(self) -> None:
        assert len(KatakanaName.parse("ｶﾞ" * 50).value) == 50
        assert code_of(KatakanaName.parse, "ガ" * 51) == "kana_length"

    @pytest.mark.parametrize(
        ("raw", "code"), [("", "kana_missing"), ("Smith", "kana_characters"), ("ス\u200b", "text_invisible")]
    )
    def test_what_is_no_reading_is_refused(self, raw: str, code: str) -> None:
        assert code_of(KatakanaName.parse, raw) == code

    @pytest.mark.parametrize(
        "name", ["山田", "SMITH", "de la Cruz", "O’Neill", "José", "佐々木", "株式会社3M"]
    )
    def test_kanji_roman_and_company_names_stay_as_they_are(self, name: str) -> None:
        assert PersonName.parse(f"  {name}　").value == name

    @pytest.mark.parametrize(
        ("raw", "code"),
        [
            ("", "name_missing"),
            (" 　", "name_missing"),
            ("123", "name_characters"),
            ("-", "name_characters"),
            ("Smith\x00", "text_invisible"),
            ("山" * 51, "name_length"),
        ],
    )
    def test_what_is_no_name_is_refused(self, raw: str, code: str) -> None:
        assert code_of(PersonName.parse, raw) == code

    def test_one_and_fifty_characters_are_names(self) -> None:
        assert PersonName("林").value == "林"
        assert len(PersonName("山" * 50).value) == 50


class TestPersonalData:
    @given(st.text("0123456789", min_size=4))
    def test_no_error_repeats_what_was_typed(self, raw: str) -> None:
        for read in (
            Eid.parse,
            Iccid.parse,
            CardNumber.parse,
            MobileNumber.parse,
            LineNumber.parse,
            MnpReservationNumber.parse,
        ):
            error = error_or_value(read, raw)
            if isinstance(error, InvalidValue):
                assert raw not in f"{error} {error!r} {error.args}"
                assert error.__cause__ is error.__context__ is None

    @pytest.mark.parametrize("raw", ["鈴木1", "Suzuki"])
    def test_no_error_repeats_a_name(self, raw: str) -> None:
        with pytest.raises(InvalidValue) as caught:
            KatakanaName.parse(raw)
        assert raw not in repr(caught.value)

    def test_only_the_ends_of_what_identifies_a_device_show(self) -> None:
        assert repr(Eid(EID)) == "Eid(value=8904…1235)"
        assert str(Eid(EID)) == repr(Eid(EID))
        assert repr(Iccid(ICCID)) == "Iccid(value=8981…0010)"
        assert repr(CardNumber("AX0123456789012")) == "CardNumber(value=AX01…9012)"

    def test_nothing_of_what_identifies_a_person_shows(self) -> None:
        values = (
            MobileNumber("09012345678"),
            LineNumber("02012345678"),
            MnpReservationNumber("1112345678"),
            KatakanaName("スズキ"),
            PersonName("鈴木"),
        )
        for value in values:
            assert repr(value) == f"{value}" == f"{type(value).__name__}(value=…)"

    def test_values_are_equal_by_content_usable_as_keys_and_unchangeable(self) -> None:
        eid = Eid(EID)
        assert {eid: 1}[Eid.parse(grouped(EID, " "))] == 1
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            eid.value = "0"  # type: ignore[misc]  # what a caller without a type checker might try
