"""Forms, flags, numbers and serialised values are read as PHP reads them, mistakes included."""

from __future__ import annotations

import base64

from decimal import Decimal

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_sandbox.web import HttpRequest
from ordering_sandbox.whmcs.form import MOST_VARIABLES, parameters_of, parse_query
from ordering_sandbox.whmcs.php import PhpValue, array_key, is_true, to_decimal, to_int
from ordering_sandbox.whmcs.serialised import NotSerialised, decode_base64, read_fields, unserialise
from tests.unit.sandbox.whmcs.installations import fields, serialised


pytestmark = pytest.mark.whmcs_sim

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@pytest.mark.parametrize(
    ("form", "read"),
    [
        ("pid[0]=10&pid[1]=11", {"pid": {0: "10", 1: "11"}}),
        ("pid[]=10&pid[]=11", {"pid": {0: "10", 1: "11"}}),
        ("pid[5]=10&pid[]=11", {"pid": {5: "10", 6: "11"}}),
        ("pid=10&pid=11", {"pid": "11"}),
        ("pid=10&pid[]=11", {"pid": {0: "11"}}),
        ("pid[]=11&pid=10", {"pid": "10"}),
        ("a[x][y]=1&a[x][z]=2", {"a": {"x": {"y": "1", "z": "2"}}}),
        ("a[x]tail=1", {"a": {"x": "1"}}),
        ("a[01]=1&a[1]=2", {"a": {"01": "1", 1: "2"}}),
        ("a[-3]=1&a[]=2", {"a": {-3: "1", 0: "2"}}),
        ("a.b=1&a b=2", {"a_b": "2"}),
        ("a[b=1", {"a_b": "1"}),
        ("[x]=1", {}),
        ("=1&&b", {"b": ""}),
        ("a=%E6%97%A5+%2B", {"a": "日 +"}),
    ],
)
def test_a_form_becomes_the_array_that_php_makes_of_it(form: str, read: PhpValue) -> None:
    assert parse_query(form) == read


def test_what_comes_after_the_thousandth_variable_is_dropped() -> None:
    form = "&".join(f"pid[{place}]=1" for place in range(MOST_VARIABLES - 1))
    kept = parse_query(f"{form}&last=1")
    assert "last" in kept
    assert "last" not in parse_query(f"{form}&one=1&last=1")


def test_a_variable_may_be_sixty_four_arrays_deep_and_no_deeper() -> None:
    assert parse_query(f"a{'[b]' * 64}=1")
    assert not parse_query(f"a{'[b]' * 65}=1")


def test_the_body_wins_over_the_query_and_a_multipart_body_says_the_same() -> None:
    def asked(body: bytes, kind: str) -> PhpValue:
        return parameters_of(
            HttpRequest(
                method="POST",
                path="/",
                raw_path="/",
                query="action=One&only=query",
                headers={"content-type": kind},
                body=body,
            )
        )

    wanted = {"action": "Two", "only": "query", "pid": {0: "日本"}}
    form = b"action=Two&pid[0]=%E6%97%A5%E6%9C%AC"
    parts = "".join(
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("action", "Two"), ("pid[0]", "日本"))
    )
    assert asked(form, "application/x-www-form-urlencoded; charset=utf-8") == wanted
    assert asked(f"{parts}--edge--\r\n".encode(), "multipart/form-data; boundary=edge") == wanted
    assert asked(b'{"action": "Two"}', "application/json") == {"action": "One", "only": "query"}


@given(st.dictionaries(st.integers(0, 20), NAMES, max_size=8))
def test_numbered_values_come_out_under_their_numbers(values: dict[int, str]) -> None:
    from urllib.parse import urlencode

    read = parse_query(urlencode({f"x[{key}]": value for key, value in values.items()}))
    assert read == ({"x": values} if values else {})


@pytest.mark.parametrize("value", ["false", "False", "off", "no", "0.0", "00", " ", {0: "0"}])
def test_words_for_no_are_true(value: PhpValue) -> None:
    assert is_true(value)


@pytest.mark.parametrize("value", ["", "0", None, {}])
def test_only_nothing_and_nought_are_false(value: PhpValue | None) -> None:
    assert not is_true(value)


@pytest.mark.parametrize(
    ("text", "number", "amount"),
    [
        ("12", 12, "12"),
        (" 12abc", 12, "12"),
        ("3,000", 3, "3"),
        ("6500.50", 6500, "6500.50"),
        ("1e3", 1000, "1000"),
        ("-1.00", -1, "-1.00"),
        ("¥100", 0, "0"),
        ("", 0, "0"),
        ("99999999999999999999", 2**63 - 1, str(2**63 - 1)),
        ("1e99999999999999999999", 0, "0"),
    ],
)
def test_a_text_is_the_number_it_begins_with(text: str, number: int, amount: str) -> None:
    assert (to_int(text), to_decimal(text)) == (number, Decimal(amount))


@pytest.mark.parametrize(
    ("text", "key"),
    [("5", 5), ("05", "05"), ("-5", -5), ("-0", "-0"), ("5.0", "5.0"), (str(2**63), str(2**63))],
)
def test_only_whole_numbers_in_their_shortest_form_are_numbers_as_keys(text: str, key: int | str) -> None:
    assert array_key(text) == key


@given(st.dictionaries(st.integers(1, 99_999), NAMES, max_size=6))
def test_custom_fields_in_any_language_arrive_as_they_were_sent(values: dict[int | str, str]) -> None:
    assert read_fields(fields(values)) == values


@given(st.text(min_size=1, max_size=20), st.integers(-3, 3).filter(bool))
def test_a_length_that_is_not_the_number_of_bytes_spoils_everything(text: str, error: int) -> None:
    said = max(len(text.encode()) + error, 0)
    if text.encode()[said : said + 2] == b'";':
        said += 1000
    spoilt = b'a:1:{i:5;s:%d:"%b";}' % (said, text.encode())
    assert read_fields(base64.b64encode(spoilt).decode()) is None


def test_a_length_in_characters_loses_japanese_and_keeps_latin() -> None:
    def sent(text: str) -> str:
        return base64.b64encode(f'a:1:{{i:5;s:{len(text)}:"{text}";}}'.encode()).decode()

    assert read_fields(sent("日本語")) is None
    assert read_fields(sent("006A")) == {5: "006A"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        'a:1:{i:5;s:4:"006A";',
        'a:2:{i:5;s:4:"006A";}',
        'O:8:"stdClass":0:{}',
        'a:1:{i:5;s:4:"006A"x}',
        "a:1:{i:5;r:1;}",
        "a:1:{d:5;i:1;}",
        "b:2;",
        '{"5": "006A"}',
    ],
)
def test_what_php_does_not_read_is_not_read(text: str) -> None:
    with pytest.raises(NotSerialised):
        unserialise(text.encode())


def test_keys_that_look_like_numbers_are_numbers_and_names_stay_names() -> None:
    assert unserialise(b'a:2:{s:1:"5";b:1;s:2:"05";d:1.5;}tail') == {5: True, "05": 1.5}
    assert read_fields(fields({"5": "a", "OpportunityId": "b"})) == {5: "a", "OpportunityId": "b"}


def test_values_that_are_no_texts_become_those_php_would_print() -> None:
    sent = b"a:5:{i:1;b:1;i:2;b:0;i:3;N;i:4;i:-7;i:5;d:1.50;}"
    assert read_fields(base64.b64encode(sent).decode()) == {1: "1", 2: "", 3: "", 4: "-7", 5: "1.5"}


@given(st.binary(max_size=40), st.text("-_ \n!", max_size=3))
def test_base64_passes_over_signs_that_do_not_belong(content: bytes, noise: str) -> None:
    text = base64.b64encode(content).decode().rstrip("=")
    assert decode_base64(f"{noise}{text}{noise}") == content


@given(st.text())
def test_base64_reads_something_out_of_any_text(text: str) -> None:
    kept = [sign for sign in text if sign.isascii() and (sign.isalnum() or sign in "+/")]
    assert len(decode_base64(text)) == len(kept) * 6 // 8


def test_an_array_where_a_text_belongs_says_nothing() -> None:
    assert read_fields("Array") is None
    assert serialised({5: "a"}) == b'a:1:{i:5;s:1:"a";}'
