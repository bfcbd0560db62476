"""What goes over the wire is what PHP reads, by a PHP reader that shares nothing with the writer."""

import base64

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qsl, urlencode

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_adapters.whmcs.php import form, serialised


def unserialize(data: bytes) -> dict[int, str]:
    """Read ``a:N:{i:K;s:BYTES:"...";}`` strictly, byte by byte, as PHP does; anything else is refused."""
    place = 0

    def take(literal: bytes) -> None:
        nonlocal place
        assert data[place : place + len(literal)] == literal, data[place : place + 20]
        place += len(literal)

    def until(sign: bytes) -> bytes:
        nonlocal place
        end = data.index(sign, place)
        found, place = data[place:end], end + 1
        return found

    take(b"a:")
    size = int(until(b":"))
    take(b"{")
    read: dict[int, str] = {}
    for _ in range(size):
        take(b"i:")
        key = int(until(b";"))
        take(b"s:")
        length = int(until(b":"))
        take(b'"')
        value = data[place : place + length]
        place += length
        take(b'";')
        read[key] = value.decode("utf-8")
    take(b"}")
    assert place == len(data)
    return read


def php_post(fields: Mapping[str, str]) -> dict[str, str | dict[int, str]]:
    """Read a form body as PHP fills $_POST: brackets make arrays, the last of a name wins."""
    post: dict[str, str | dict[int, str]] = {}
    for name, value in parse_qsl(urlencode(fields), keep_blank_values=True):
        if not name.endswith("]"):
            post[name] = value
            continue
        outer, _, key = name[:-1].partition("[")
        inner = post.setdefault(outer, {})
        assert isinstance(inner, dict)
        inner[int(key)] = value
    return post


texts = st.text(st.characters(codec="utf-8"), max_size=30)
japanese = st.text(st.sampled_from("髙橋桜ハナコ・ー〒１２３𠮷葛\U000e0100abc\"';:{}"), max_size=30)


@given(st.dictionaries(st.integers(1, 10**6), texts | japanese, max_size=6))
def test_php_reads_back_every_custom_field(fields: dict[int, str]) -> None:
    assert unserialize(base64.b64decode(serialised(fields), validate=True)) == fields


def test_lengths_are_bytes_and_the_reference_example_is_met_to_the_letter() -> None:
    assert serialised({5: "006A"}) == "YToxOntpOjU7czo0OiIwMDZBIjt9"
    assert base64.b64decode(serialised({7: "日本語"})) == 'a:1:{i:7;s:9:"日本語";}'.encode()


def test_a_length_in_characters_would_not_be_read() -> None:
    with pytest.raises((AssertionError, ValueError, UnicodeDecodeError)):
        unserialize('a:1:{i:7;s:3:"日本語";}'.encode())


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=8), texts)
def test_php_sees_every_entry_of_a_list_at_its_place(products: list[int], note: str) -> None:
    post = php_post(form({"pid": products, "notes": note}))
    assert post["pid"] == {place: str(product) for place, product in enumerate(products)}
    assert post["notes"] == note


@given(st.booleans())
def test_php_takes_a_flag_for_what_it_is(value: bool) -> None:
    sent = php_post(form({"noemail": value}))["noemail"]
    assert (sent not in {"", "0"}) is value


@given(st.integers(0, 10**9))
def test_yen_have_no_point_and_no_exponent(yen: int) -> None:
    for spelt in (Decimal(yen), Decimal(f"{yen}.00"), Decimal(yen).normalize()):
        assert form({"priceoverride": [spelt]}) == {"priceoverride[0]": str(yen)}


def test_what_is_not_there_is_not_sent_and_an_empty_place_stays() -> None:
    sent = form({"a": None, "b": [], "c": ["x", None, "z"], "d": date(2026, 6, 1), "e": "", "f": 0})
    assert sent == {"c[0]": "x", "c[1]": "", "c[2]": "z", "d": "2026-06-01", "e": "", "f": "0"}


def test_a_fraction_keeps_its_digits() -> None:
    assert form({"rate": Decimal("0.10")}) == {"rate": "0.10"}
