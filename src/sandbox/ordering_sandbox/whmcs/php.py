"""How PHP reads a text as a number or a flag, and a key as a number: what WHMCS does to every parameter."""

from __future__ import annotations

import re

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias


PhpArray: TypeAlias = "dict[int | str, PhpValue]"
"""A PHP array: what elsewhere is a list or a map, in the order in which it was filled."""

PhpValue: TypeAlias = "str | PhpArray"
"""What a form can say."""

_KEY: Final = re.compile(r"0|-?[1-9][0-9]*")
_WHOLE: Final = re.compile(r"[ \t\n\r\v\f]*([+-]?[0-9]+)")
_NUMBER: Final = re.compile(r"[ \t\n\r\v\f]*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")
_LARGEST: Final = 2**63 - 1


def array_key(text: str) -> int | str:
    """Return *text* as PHP keeps it as a key: whole numbers in their shortest form become numbers."""
    if _KEY.fullmatch(text) is None or text == "-0":
        return text
    number = int(text)
    return number if -_LARGEST - 1 <= number <= _LARGEST else text


def append(array: PhpArray, value: PhpValue) -> None:
    """Put *value* behind the largest number among the keys of *array*, at 0 or later as before PHP 8.3."""
    numbers = [key for key in array if isinstance(key, int)]
    array[max([-1, *numbers]) + 1] = value


def is_true(value: PhpValue | None) -> bool:
    """Whether PHP takes *value* for true: ``"false"`` and ``"off"`` are, ``""`` and ``"0"`` are not."""
    return bool(value) and value != "0"


def to_int(value: PhpValue | None) -> int:
    """Return what ``(int)`` makes of *value*: the digits it begins with, else 0."""
    if isinstance(value, Mapping):
        return 1 if value else 0
    number = _NUMBER.match(value or "")
    if number is None:
        return 0
    whole = _WHOLE.match(value or "")
    if whole is not None and whole.end() == number.end():
        return max(-_LARGEST - 1, min(_LARGEST, int(whole[1])))
    return int(_decimal(number[1]))


def to_decimal(value: PhpValue | None) -> Decimal:
    """Return what ``(float)`` makes of *value*: the number it begins with (``3,000`` is 3), else 0."""
    if isinstance(value, Mapping):
        return Decimal(1 if value else 0)
    number = _NUMBER.match(value or "")
    return Decimal(0) if number is None else _decimal(number[1])


def to_text(value: PhpValue | None) -> str:
    """Return what ``(string)`` makes of *value*."""
    if isinstance(value, Mapping):
        return "Array"
    return value or ""


def _decimal(digits: str) -> Decimal:
    try:
        number = Decimal(digits)
    except InvalidOperation:  # an exponent beyond what Decimal holds
        return Decimal(0)
    return number if abs(number) < _LARGEST else Decimal(_LARGEST)
