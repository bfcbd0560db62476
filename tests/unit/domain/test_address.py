"""Postal addresses: read leniently, refused by field, complete or not for an apartment."""

from __future__ import annotations

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.domain.address import PostalAddress, PostalCode, address_problems
from ordering_core.domain.text import InvalidValue


TYPED = {
    "postal_code": "〒１０６－００４５",
    "prefecture": "tokyo-to",
    "city": " Minato-ku ",
    "town_and_number": "麻布十番　1-2-3",
    "building": "  Azabu  Heights",
    "room": "101",
}
REQUIRED = ["postal_code", "prefecture", "city", "town_and_number"]


def problem(typed: dict[str, str]) -> tuple[str, object]:
    with pytest.raises(InvalidValue) as caught:
        PostalAddress.parse(typed)
    return caught.value.code, caught.value.facts.get("field")


class TestPostalCode:
    @pytest.mark.parametrize(
        "raw", ["1060045", "106-0045", "〒106-0045", " 〒 106 0045 ", "１０６ー００４５", "106−0045"]
    )
    def test_it_is_read_as_written_on_letters(self, raw: str) -> None:
        assert PostalCode.parse(raw) == PostalCode("1060045")

    @given(st.text("0123456789", min_size=7, max_size=7))
    def test_it_is_shown_with_a_hyphen_and_read_back(self, digits: str) -> None:
        shown = str(PostalCode(digits))
        assert shown == f"{digits[:3]}-{digits[3:]}"
        assert PostalCode.parse(shown).value == digits

    @pytest.mark.parametrize(
        ("raw", "code"),
        [
            ("106004", "postal_code_length"),
            ("10600450", "postal_code_length"),
            ("106-OO45", "postal_code_characters"),
            ("106〒0045", "postal_code_characters"),
        ],
    )
    def test_anything_else_is_refused(self, raw: str, code: str) -> None:
        with pytest.raises(InvalidValue, match="postal code") as caught:
            PostalCode.parse(raw)
        assert caught.value.code == code

    def test_the_constructor_takes_digits_only(self) -> None:
        with pytest.raises(InvalidValue, match="not digits"):
            PostalCode("106-0045")


class TestReading:
    def test_typed_text_becomes_an_address_in_the_customers_own_script(self) -> None:
        assert PostalAddress.parse(TYPED) == PostalAddress(
            postal_code=PostalCode("1060045"),
            prefecture="Tokyo",
            city="Minato-ku",
            town_and_number="麻布十番 1-2-3",
            building="Azabu Heights",
            room="101",
        )
        assert address_problems(TYPED) == ()

    def test_building_and_room_may_be_absent(self) -> None:
        typed = {field: TYPED[field] for field in REQUIRED}
        address = PostalAddress.parse(typed)
        assert (address.building, address.room) == ("", "")
        assert address_problems(typed) == ()

    def test_an_address_read_again_from_its_own_fields_is_the_same(self) -> None:
        address = PostalAddress.parse(TYPED)
        again = {field: str(value) for field, value in attrs.asdict(address, recurse=False).items()}
        assert PostalAddress.parse(again) == address

    @pytest.mark.parametrize("field", REQUIRED)
    @pytest.mark.parametrize("empty", [None, "", " 　"])
    def test_a_missing_field_is_named(self, field: str, empty: str | None) -> None:
        typed = {name: text for name, text in TYPED.items() if name != field}
        if empty is not None:
            typed[field] = empty
        assert problem(typed) == ("address_missing", field)

    @pytest.mark.parametrize(
        ("field", "text", "code"),
        [
            ("postal_code", "106-004", "postal_code_length"),
            ("postal_code", "unknown", "postal_code_characters"),
            ("prefecture", "Osaka-ken", "prefecture_unknown"),
            ("city", "x" * 81, "address_length"),
            ("town_and_number", "x" * 81, "address_length"),
            ("building", "x" * 81, "address_length"),
            ("room", "1\u200b01", "text_invisible"),
        ],
    )
    def test_a_wrong_field_is_named_with_its_reason(self, field: str, text: str, code: str) -> None:
        assert problem(TYPED | {field: text}) == (code, field)
        assert [(error.code, error.facts["field"]) for error in address_problems(TYPED | {field: text})] == [
            (code, field)
        ]

    def test_the_longest_part_that_fits_has_eighty_characters(self) -> None:
        assert PostalAddress.parse(TYPED | {"building": "x" * 80}).building == "x" * 80

    def test_the_first_problem_is_raised_and_all_can_be_listed(self) -> None:
        typed = {"city": "", "building": "x" * 81}
        assert problem(typed) == ("address_missing", "postal_code")
        assert [error.facts["field"] for error in address_problems(typed)] == [*REQUIRED, "building"]

    @given(st.dictionaries(st.sampled_from(sorted(TYPED)), st.text()))
    def test_any_text_is_either_an_address_or_named_problems(self, typed: dict[str, str]) -> None:
        problems = address_problems(typed)
        if problems:
            assert problem(typed) == (problems[0].code, problems[0].facts["field"])
        else:
            assert PostalAddress.parse(typed).missing_fields(apartment=False) == ()

    @pytest.mark.parametrize("wrong", [{"prefecture": "Edo"}, {"city": ""}, {"town_and_number": " "}])
    def test_an_address_cannot_be_built_around_the_checks(self, wrong: dict[str, str]) -> None:
        texts = {field: text for field, text in TYPED.items() if field != "postal_code"}
        with pytest.raises(InvalidValue, match=r"prefecture|empty"):
            PostalAddress(postal_code=PostalCode("1060045"), **(texts | wrong))


class TestCompleteness:
    @pytest.mark.parametrize(
        ("building", "room", "missing"),
        [
            ("", "", ("building", "room")),
            ("Azabu Heights", "", ("room",)),
            ("", "101", ("building",)),
            ("Azabu Heights", "101", ()),
        ],
    )
    def test_an_apartment_needs_building_and_room_and_a_house_neither(
        self, building: str, room: str, missing: tuple[str, ...]
    ) -> None:
        address = PostalAddress.parse(TYPED | {"building": building, "room": room})
        assert address.missing_fields(apartment=True) == missing
        assert address.missing_fields(apartment=False) == ()


def test_only_the_prefecture_of_an_address_shows() -> None:
    assert repr(PostalAddress.parse(TYPED)) == "PostalAddress(prefecture='Tokyo')"
