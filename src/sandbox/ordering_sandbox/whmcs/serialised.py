"""
PHP's serialised values, in which WHMCS wants custom fields: ``base64(serialize([5 => "006A"]))``.

Lengths count bytes. A text whose length is wrong spoils the whole: PHP then says false and WHMCS stores
nothing, without a word.
"""

from __future__ import annotations

import base64
import re

from collections.abc import Mapping
from typing import Final, TypeAlias

from ordering_sandbox.whmcs.php import array_key


Unserialised: TypeAlias = "str | int | float | bool | Mapping[int | str, Unserialised] | None"
"""What a serialised value can say; objects and references are refused, as WHMCS does."""

_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]")
_DEEPEST: Final = 64
_HEADS: Final[Mapping[bytes, re.Pattern[bytes]]] = {
    b"N": re.compile(rb"N;"),
    b"b": re.compile(rb"b:([01]);"),
    b"i": re.compile(rb"i:([+-]?[0-9]+);"),
    b"d": re.compile(rb"d:([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|NAN|-?INF);"),
    b"s": re.compile(rb's:\+?([0-9]+):"'),
    b"a": re.compile(rb"a:\+?([0-9]+):\{"),
}


class NotSerialised(Exception):
    """PHP's ``unserialize`` would say false."""


def read_fields(encoded: str) -> Mapping[int | str, str] | None:
    """
    Return the values by custom field id that *encoded* carries.

    None when PHP reads no array from it: then WHMCS does as if nothing had been sent.
    """
    try:
        value = unserialise(decode_base64(encoded))
    except NotSerialised:
        return None
    if not isinstance(value, Mapping):
        return None
    return {key: _as_text(item) for key, item in value.items()}


def decode_base64(text: str) -> bytes:
    """Return what PHP's ``base64_decode`` makes of *text*: signs that do not belong are passed over."""
    signs = _NOT_BASE64.sub(b"", text.encode("utf-8", "replace"))
    whole = signs[: len(signs) - 1] if len(signs) % 4 == 1 else signs
    return base64.b64decode(whole + b"=" * (-len(whole) % 4))


def unserialise(text: bytes) -> Unserialised:
    """
    Read a serialised value; what follows it is ignored.

    Raises:
        NotSerialised: It is none, or says more than plain values and arrays.

    """
    return _value(text, 0, 0)[0]


def _value(text: bytes, place: int, depth: int) -> tuple[Unserialised, int]:
    kind = text[place : place + 1]
    pattern = _HEADS.get(kind)
    match = None if pattern is None else pattern.match(text, place)
    if match is None or depth > _DEEPEST:
        raise NotSerialised
    after = match.end()
    if kind == b"N":
        return None, after
    said = match[1]
    if kind == b"b":
        return said == b"1", after
    if kind == b"i":
        return int(said), after
    if kind == b"d":
        return float(said.decode().replace("INF", "inf").replace("NAN", "nan")), after
    if kind == b"s":
        return _string(text, after, int(said))
    return _array(text, after, int(said), depth)


def _string(text: bytes, place: int, length: int) -> tuple[str, int]:
    end = place + length
    if text[end : end + 2] != b'";':
        raise NotSerialised
    return text[place:end].decode("utf-8", "replace"), end + 2


def _array(text: bytes, place: int, count: int, depth: int) -> tuple[Mapping[int | str, Unserialised], int]:
    found: dict[int | str, Unserialised] = {}
    for _ in range(count):
        key, place = _value(text, place, depth + 1)
        if isinstance(key, bool) or not isinstance(key, int | str):
            raise NotSerialised
        found[array_key(key) if isinstance(key, str) else key], place = _value(text, place, depth + 1)
    if text[place : place + 1] != b"}":
        raise NotSerialised
    return found, place + 1


def _as_text(value: Unserialised) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return "1"
        case str():
            return value
        case float():
            return format(value, ".14G")
        case int():
            return str(value)
        case _:
            return "Array"
