"""Record ids: 15 characters that mind their case, 18 that do not."""

from __future__ import annotations

from typing import Final


_SUFFIX: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_POD: Final = "IS0"
_SHORT: Final = 15
_LONG: Final = 18
_CHUNK: Final = 5


def checksum(short: str) -> str:
    """Return the three characters that tell which letters of a 15-character id are capital."""
    return "".join(
        _SUFFIX[
            sum(1 << place for place, sign in enumerate(short[start : start + _CHUNK]) if "A" <= sign <= "Z")
        ]
        for start in range(0, _SHORT, _CHUNK)
    )


def make_id(prefix: str, number: int) -> str:
    """Return the 18-character id of the *number*-th record of the object whose ids begin with *prefix*."""
    digits = ""
    for _ in range(_SHORT - len(prefix) - len(_POD)):
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    short = f"{prefix}{_POD}{digits}"
    return short + checksum(short)


def long_id(text: str) -> str | None:
    """
    Return the 18-character id that *text* means, or None when it can be none.

    Of 15 characters the case counts; of 18 the last three restore it.
    """
    if len(text) not in (_SHORT, _LONG) or not (text.isascii() and text.isalnum()):
        return None
    if len(text) == _SHORT:
        return text + checksum(text)
    return _restored(text[:_SHORT], text[_SHORT:].upper())


def _restored(short: str, suffix: str) -> str | None:
    restored = ""
    for sign, start in zip(suffix, range(0, _SHORT, _CHUNK), strict=True):
        capitals = _SUFFIX.find(sign)
        if capitals < 0:
            return None
        for place, letter in enumerate(short[start : start + _CHUNK]):
            restored += letter.upper() if capitals >> place & 1 else letter.lower()
    return restored + suffix if checksum(restored) == suffix else None
