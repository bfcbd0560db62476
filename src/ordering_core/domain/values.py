"""
The numbers and names of an order, each a value that cannot exist unless it is right.

`parse` reads what a person typed (see `ordering_core.domain.text`); the constructor of a number takes its
canonical form only. Both raise `InvalidValue`, whose code begins with the name of the value. What identifies
a person or a device is masked in ``repr`` and ``str``: the whole is in ``value`` and nowhere else.
Sources: reference japan-telecom 1, 2 and 8.
"""

from __future__ import annotations

import re

from typing import Final, Self

import attrs

from ordering_core.domain.check_digits import iso_7064_holds, luhn_holds, only_adjacent_swap
from ordering_core.domain.representation import shown
from ordering_core.domain.text import (
    InvalidValue,
    compact,
    normalise_kana,
    normalise_name,
    require_digits,
)


EID_LENGTH: Final = 32
LONGEST_NAME: Final = 50
"""Characters of one part of a name; a porting application takes no more (reference japan-telecom 2)."""

_CARD_NUMBER: Final = re.compile(r"[A-Z]{2}[0-9]{13}")
_FILLED_ICCID: Final = re.compile(r"\A([0-9]{19})[Ff]\Z")
_MOBILE_NUMBER: Final = re.compile(r"0[6-9]0[1-9][0-9]{7}")
_COUNTRY_PREFIX: Final = re.compile(r"\A(?:\+81|0081)0?")


def _ends_only(value: str) -> str:
    """Show four characters of each end of *value*, enough to tell two devices apart in a log."""
    return f"{value[:4]}\u2026{value[-4:]}"


def _hidden(_value: str) -> str:
    """Show nothing."""
    return "\u2026"


def _too_long(value: str, *, code: str, noun: str) -> InvalidValue:
    """Return why *value*, longer than a name may be, is refused."""
    return InvalidValue(
        f"{code}_length",
        f"The {noun} has {len(value)} characters; {LONGEST_NAME} fit.",
        "Shorten it the way the present carrier or the card writes it.",
        {"length": len(value), "longest": LONGEST_NAME},
    )


@attrs.frozen
class Eid:
    """
    The 32 digits that identify the eSIM chip of a device.

    Not every EID begins with 89 (SGP.29), so the beginning is not checked.

    Raises:
        InvalidValue: ``eid_characters``, ``eid_length``, ``eid_check_digits``.

    """

    value: str = attrs.field(repr=_ends_only)

    __repr__ = shown

    def __attrs_post_init__(self) -> None:
        require_digits(self.value, EID_LENGTH, code="eid", noun="EID")
        if not iso_7064_holds(self.value):
            raise InvalidValue(
                "eid_check_digits",
                "The check digits of the EID do not match: a digit is wrong or two are swapped.",
                "Compare it with the device's settings, or dial *#06# to read it again.",
            )

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Read an EID as typed or pasted."""
        return cls(compact(raw))

    @staticmethod
    def adjacent_swap(raw: str) -> str | None:
        """
        Return the EID that *raw* means, if exactly one swap of two neighbouring digits makes it valid.

        Else None, as for a valid EID and for text that is not 32 digits.
        """
        digits = compact(raw)
        try:
            require_digits(digits, EID_LENGTH, code="eid", noun="EID")
        except InvalidValue:
            return None
        return only_adjacent_swap(digits, iso_7064_holds)


@attrs.frozen
class Iccid:
    """
    The number of a SIM profile: 19 or 20 digits, the last by Luhn; the filler F is not part of it.

    Raises:
        InvalidValue: ``iccid_characters``, ``iccid_length``, ``iccid_check_digit``.

    """

    value: str = attrs.field(repr=_ends_only)

    __repr__ = shown

    def __attrs_post_init__(self) -> None:
        require_digits(self.value, 19, 20, code="iccid", noun="ICCID")
        if not luhn_holds(self.value):
            raise InvalidValue(
                "iccid_check_digit",
                "The check digit of the ICCID does not match: a digit is wrong or two are swapped.",
                "Compare it with the number printed on the card.",
            )

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Read an ICCID as typed, a twentieth place filled with F or not."""
        return cls(_FILLED_ICCID.sub(r"\1", compact(raw)))


@attrs.frozen
class CardNumber:
    """
    The product number on a physical SIM, two letters and thirteen digits: the network's key to the card.

    Raises:
        InvalidValue: ``card_number_format``.

    """

    value: str = attrs.field(repr=_ends_only)

    __repr__ = shown

    def __attrs_post_init__(self) -> None:
        if not _CARD_NUMBER.fullmatch(self.value):
            raise InvalidValue(
                "card_number_format",
                "The card's product number is not two letters and thirteen digits.",
                "Read it again from the card, for example AX and thirteen digits.",
                {"length": len(self.value), "expected": 15},
            )

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Read a product number as typed, in capitals or not."""
        text = compact(raw)
        # upper() would turn other scripts' letters into ours: U+017F into S
        return cls(text.upper() if text.isascii() else text)


@attrs.frozen
class MobileNumber:
    """
    A Japanese mobile phone number, 060 to 090, as eleven national digits.

    020 (machines) and 050 (IP telephony) are no mobile voice numbers (reference japan-telecom 1.4).

    Raises:
        InvalidValue: ``mobile_number_characters``, ``mobile_number_length``, ``mobile_number_kind``.

    """

    value: str = attrs.field(repr=_hidden)

    __repr__ = shown

    def __attrs_post_init__(self) -> None:
        require_digits(self.value, 11, code="mobile_number", noun="phone number")
        if not _MOBILE_NUMBER.fullmatch(self.value):
            raise InvalidValue(
                "mobile_number_kind",
                "The phone number is not a Japanese mobile number.",
                "Type a number that begins with 060, 070, 080 or 090 and no zero after that.",
            )

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Read a number as typed: 090..., +81 90..., 0081 90..., with or without hyphens."""
        return cls(_COUNTRY_PREFIX.sub("0", compact(raw)))

    @property
    def e164(self) -> str:
        """The number as the world dials it, +81 and ten digits."""
        return f"+81{self.value[1:]}"


@attrs.frozen
class LineNumber:
    """
    The number by which a network calls a line: 11 digits, and up to 14 for one that nobody calls.

    A line for data alone may have a number of machines, 020 (reference japan-telecom 1.4).

    Raises:
        InvalidValue: ``line_number_characters``, ``line_number_length``.

    """

    value: str = attrs.field(repr=_hidden)

    __repr__ = shown

    def __attrs_post_init__(self) -> None:
        require_digits(self.value, 11, 12, 13, 14, code="line_number", noun="number of the line")

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Read a number as written, with or without hyphens and Japan's +81."""
        return cls(_COUNTRY_PREFIX.sub("0", compact(raw)))


@attrs.frozen
class MnpReservationNumber:
    """
    The ten digits with which the present carrier releases a number; their beginning tells nothing reliable.

    Raises:
        InvalidValue: ``reservation_number_characters``, ``reservation_number_length``.

    """

    value: str = attrs.field(repr=_hidden)

    __repr__ = shown

    def __attrs_post_init__(self) -> None:
        require_digits(self.value, 10, code="reservation_number", noun="MNP reservation number")

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Read a number as typed; carriers print it XX-XXX-XXXXX."""
        return cls(compact(raw))


@attrs.frozen
class KatakanaName:
    """
    The reading of one part of a name, in full-width katakana.

    Raises:
        InvalidValue: ``kana_missing``, ``kana_characters``, ``kana_length``, ``text_invisible``.

    """

    value: str = attrs.field(converter=normalise_kana, repr=_hidden)

    __repr__ = shown

    def __attrs_post_init__(self) -> None:
        if len(self.value) > LONGEST_NAME:
            raise _too_long(self.value, code="kana", noun="katakana name")

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Read a name as typed, in katakana of any width or in hiragana."""
        return cls(raw)


@attrs.frozen
class PersonName:
    """
    One part of a name as the card writes it, kanji or roman; a porting company's name too.

    Raises:
        InvalidValue: ``name_missing``, ``name_characters``, ``name_length``, ``text_invisible``.

    """

    value: str = attrs.field(converter=normalise_name, repr=_hidden)

    __repr__ = shown

    def __attrs_post_init__(self) -> None:
        remedy = "Type the name as it stands on the card."
        if not self.value:
            raise InvalidValue("name_missing", "The name is empty.", remedy)
        if not self.value.isalpha() and not any(map(str.isalpha, self.value)):
            raise InvalidValue("name_characters", "The name contains no letter.", remedy)
        if len(self.value) > LONGEST_NAME:
            raise _too_long(self.value, code="name", noun="name")

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Read a name as typed."""
        return cls(raw)
