"""JSON is read strictly: nothing is guessed, and everything that is wrong is said at once."""

import json

from contextlib import suppress
from datetime import date

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core import Draft, InternetDraft, SimDraft, VpnDraft
from ordering_core.testing.strategies import arbitrary_drafts
from ordering_entrypoints.wire import (
    MalformedJson,
    WireError,
    draft_view,
    parse_json,
    structure_address,
    structure_draft,
    structure_reason,
    to_json,
)
from ordering_entrypoints.wire.reading import LONGEST_REASON
from ordering_entrypoints.wire.strict import MOST_ERRORS, MOST_SKUS


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
FIELDS = st.sampled_from(["type", "skus", "eid", "porting", "scheduled_on", "voice_mail", "region", "notes"])


def wrong(body: object) -> dict[str, str]:
    """Return the codes by pointer."""
    with pytest.raises(WireError) as caught:
        structure_draft(body)
    return {error.pointer: error.code for error in caught.value.errors}


@given(arbitrary_drafts())
def test_every_draft_is_read_again_as_it_was_written(draft: Draft) -> None:
    assert structure_draft(parse_json(to_json(draft_view(draft)).encode())) == draft


def test_a_draft_is_of_the_type_that_it_names() -> None:
    assert structure_draft({"type": "Internet"}) == InternetDraft()
    assert structure_draft({"type": "SIM"}) == SimDraft()
    assert structure_draft({"type": "VPN", "region": None}) == VpnDraft()


@pytest.mark.parametrize("kind", [None, "", "sim", "Line", 1, ["SIM"], {"SIM": 1}])
def test_another_type_is_an_error_of_the_field_type(kind: object) -> None:
    assert wrong({"type": kind, "nonsense": 1}) == {"/type": "type_unknown"}


@pytest.mark.parametrize("body", [None, True, 1, "SIM", [], [{"type": "SIM"}]])
def test_a_body_has_to_be_an_object(body: object) -> None:
    assert wrong(body) == {"": "object_expected"}


def test_everything_that_is_wrong_is_said_at_once_with_a_pointer_to_it() -> None:
    assert wrong(
        {
            "type": "SIM",
            "skus": ["SIM-VOICE-10GB", 1, None],
            "eid": 89049032,
            "voice_mail": "true",
            "scheduled_on": "2026-02-30",
            "wekend_install": True,
            "porting": {"birth_date": "19900131", "phone_number": ["090"], "a/b~c": 1},
        }
    ) == {
        "/skus/1": "text_expected",
        "/skus/2": "text_expected",
        "/eid": "text_expected",
        "/voice_mail": "flag_expected",
        "/scheduled_on": "date_expected",
        "/wekend_install": "field_unknown",
        "/porting/birth_date": "date_expected",
        "/porting/phone_number": "text_expected",
        "/porting/a~1b~0c": "field_unknown",
    }


@pytest.mark.parametrize("value", [1, 0, "true", "false", "", None, "yes"])
def test_a_flag_is_true_or_false_and_nothing_else(value: object) -> None:
    assert wrong({"type": "SIM", "voice_mail": value}) == {"/voice_mail": "flag_expected"}


@pytest.mark.parametrize("value", [1, 1.5, True, ["x"], {}])
def test_a_number_or_a_flag_is_no_text(value: object) -> None:
    assert wrong({"type": "VPN", "region": value}) == {"/region": "text_expected"}


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2026-4-1",
        "20260401",
        "2026-02-29",
        "2026-13-01",
        "2026-04-01T00:00:00Z",
        "2026-W14-3",
        "２０２６-04-01",
        1,
    ],
)
def test_a_date_is_a_day_of_the_calendar_written_in_one_way(value: object) -> None:
    assert wrong({"type": "SIM", "scheduled_on": value}) == {"/scheduled_on": "date_expected"}
    assert wrong({"type": "SIM", "porting": {"birth_date": value}}) == {
        "/porting/birth_date": "date_expected"
    }


def test_a_leap_day_is_a_day() -> None:
    draft = structure_draft({"type": "SIM", "scheduled_on": "2028-02-29"})
    assert isinstance(draft, SimDraft)
    assert draft.scheduled_on == date(2028, 2, 29)


@pytest.mark.parametrize("value", ["SIM-VOICE-10GB", {"0": "SIM-VOICE-10GB"}, None, 1])
def test_skus_are_a_list(value: object) -> None:
    assert wrong({"type": "SIM", "skus": value}) == {"/skus": "list_expected"}


@pytest.mark.parametrize("item", ["SIM-VOICE-10GB", "NO-SUCH-THING", 1])
def test_a_list_with_far_more_skus_than_an_order_has_is_one_error(item: object) -> None:
    assert wrong({"type": "SIM", "skus": [item] * (MOST_SKUS + 1)}) == {"/skus": "list_too_long"}


def test_as_many_skus_as_may_be_read_are_read() -> None:
    assert len(structure_draft({"type": "SIM", "skus": ["SIM-VOICE-10GB"] * MOST_SKUS}).skus) == MOST_SKUS


@pytest.mark.parametrize("value", ["yes", [], 1, True])
def test_porting_is_an_object_or_nothing(value: object) -> None:
    assert wrong({"type": "SIM", "porting": value}) == {"/porting": "object_expected"}


def test_a_field_of_another_type_of_draft_is_unknown() -> None:
    assert wrong({"type": "VPN", "eid": "1"}) == {"/eid": "field_unknown"}


def test_half_a_character_is_refused_where_it_stands() -> None:
    assert wrong({"type": "VPN", "region": "U\ud800"}) == {"/region": "text_broken"}
    assert wrong({"type": "VPN", "skus": ["\udfff"]}) == {"/skus/0": "text_broken"}


def test_a_request_made_to_be_wrong_gets_a_bounded_answer() -> None:
    assert len(wrong({"type": "VPN", **{f"x{number}": 1 for number in range(5000)}})) == MOST_ERRORS


def test_no_error_repeats_what_was_sent() -> None:
    with pytest.raises(WireError) as caught:
        structure_draft({"type": "SIM", "eid": 890490320012, "porting": {"last_name": 445566}})
    said = str(caught.value) + "".join(error.message + error.remedy for error in caught.value.errors)
    assert "890490320012" not in said
    assert "445566" not in said


@given(st.dictionaries(FIELDS | st.text(max_size=4), JSON_VALUES | st.just("SIM"), max_size=6) | JSON_VALUES)
def test_any_json_is_a_draft_or_a_wire_error(body: object) -> None:
    pointers: list[str] = []
    try:
        structure_draft(body)
    except WireError as error:
        pointers = [found.pointer for found in error.errors]
    "".join(pointers).encode()  # they have to fit into an answer


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting property name"),
        (b'{"type": "SIM",}', "double quotes"),
        (b"{'type': 'SIM'}", "double quotes"),
        (b'{"type": "SIM"} {}', "Extra data"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"type": "SIM", "type": "VPN"}', "twice"),
        (b'{"a": {"b": 1, "b": 1}}', "twice"),
        (b"[NaN]", "NaN"),
        (b"[-Infinity]", "NaN"),
        (b"[1e999]", "too large"),
        (b"[" + b"1" * 5000 + b"]", "too long"),
        (b"[" * 100_000, "deeply"),
        (b'{"a":' * 100_000, "deeply"),
        (b'{"\\ud800": 1}', "half a character"),
    ],
)
def test_what_is_not_json_is_malformed(raw: bytes, reason: str) -> None:
    with pytest.raises(MalformedJson, match=reason):
        parse_json(raw)


@given(st.binary(max_size=200) | JSON_VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_json_or_malformed(raw: bytes) -> None:
    with suppress(MalformedJson):
        parse_json(raw)


@given(JSON_VALUES)
def test_json_is_parsed_as_the_standard_library_does(value: object) -> None:
    assert parse_json(json.dumps(value).encode()) == value


def test_an_address_is_read_from_its_field() -> None:
    address = structure_address({"address": {"postal_code": "150-0001", "room": "102"}})
    assert (address.postal_code, address.room, address.city) == ("150-0001", "102", "")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, {"/address": "field_missing"}),
        ({"address": None}, {"/address": "object_expected"}),
        ({"address": {"postal_code": 1500001}}, {"/address/postal_code": "text_expected"}),
        ({"address": {"zip": ""}}, {"/address/zip": "field_unknown"}),
        ({"address": {}, "confirm": True}, {"/confirm": "field_unknown"}),
        ([], {"": "object_expected"}),
    ],
)
def test_a_wrong_address_is_said_with_pointers_into_the_request(body: object, found: dict[str, str]) -> None:
    with pytest.raises(WireError) as caught:
        structure_address(body)
    assert {error.pointer: error.code for error in caught.value.errors} == found


def test_a_reason_is_a_text() -> None:
    assert structure_reason({"reason": "the card was added"}) == "the card was added"
    with pytest.raises(WireError, match="field_missing"):
        structure_reason({})
    with pytest.raises(WireError, match="text_expected"):
        structure_reason({"reason": 1})


@pytest.mark.parametrize(
    ("reason", "code"),
    [("", "text_missing"), (" \u3000\n", "text_missing"), ("x" * (LONGEST_REASON + 1), "text_too_long")],
)
def test_a_reason_that_tells_nothing_or_too_much_is_an_error_of_its_field(reason: str, code: str) -> None:
    with pytest.raises(WireError) as caught:
        structure_reason({"reason": reason})
    assert [(error.pointer, error.code) for error in caught.value.errors] == [("/reason", code)]


def test_a_reason_may_be_as_long_as_is_said_and_loses_the_space_around_it() -> None:
    assert structure_reason({"reason": f"  {'x' * LONGEST_REASON}\n"}) == "x" * LONGEST_REASON
