"""
The wire format of protocol buffers, as far as the Pub/Sub API needs it: numbers, and texts of a known length.

Written by hand, because two generated copies of one message file in a process get in each other's way, and
a host may bring its own (docs/adr/0012-event-bus.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias


Value: TypeAlias = int | bytes
"""What stands in a field: a number, or bytes, which may be a text or another message."""

_VARINT: Final = 0
_FIXED_64: Final = 1
_LENGTH: Final = 2
_FIXED_32: Final = 5
_WIDTHS: Final = {_FIXED_64: 8, _FIXED_32: 4}
_KIND_BITS: Final = 3
_MORE: Final = 0x80
_SEVEN_BITS: Final = 0x7F
_LONGEST: Final = 70
"""Bits after which a number has to have ended."""


class Malformed(ValueError):
    """The bytes are no message."""


def written(*fields: tuple[int, Value]) -> bytes:
    """Return a message of *fields*, each its number and its value; empty values are left out, as is usual."""
    return b"".join(_field(number, value) for number, value in fields if value)


def fields_of(message: bytes) -> Iterator[tuple[int, Value]]:
    """
    Yield the number and the value of every field of *message*.

    Values of fixed width, of which the Pub/Sub API has none, are passed over.

    Raises:
        Malformed: It ends in the middle, or is no message.

    """
    place = 0
    while place < len(message):
        tag, place = _number(message, place)
        number, kind = tag >> _KIND_BITS, tag & ((1 << _KIND_BITS) - 1)
        if kind == _VARINT:
            value, place = _number(message, place)
            yield number, value
        elif kind == _LENGTH:
            length, begin = _number(message, place)
            place = _after(message, begin, length)
            yield number, message[begin:place]
        elif kind in _WIDTHS:
            place = _after(message, place, _WIDTHS[kind])
        else:
            raise Malformed(f"field {number} is of an unknown kind")


def _field(number: int, value: Value) -> bytes:
    if isinstance(value, int):
        return _varint(number << _KIND_BITS | _VARINT) + _varint(value)
    return _varint(number << _KIND_BITS | _LENGTH) + _varint(len(value)) + value


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > _SEVEN_BITS:
        out.append(number & _SEVEN_BITS | _MORE)
        number >>= 7
    out.append(number)
    return bytes(out)


def _number(message: bytes, place: int) -> tuple[int, int]:
    """Return the number that begins at *place*, and where it ends."""
    number = 0
    for shift in range(0, _LONGEST, 7):
        end = _after(message, place, 1)
        number |= (message[place] & _SEVEN_BITS) << shift
        if message[place] < _MORE:
            return number, end
        place = end
    raise Malformed("a number does not end")


def _after(message: bytes, place: int, length: int) -> int:
    """Return the place *length* bytes after *place*, which has to be inside *message*."""
    if place + length > len(message):
        raise Malformed("the message ends in the middle")
    return place + length
