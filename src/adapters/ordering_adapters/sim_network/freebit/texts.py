"""
Writes an order as the carrier's system takes it: full-width names, katakana, letters, plain dates.

The donor carrier compares character by character, so nothing is guessed: what cannot be written is refused
before anything is sent (reference japan-telecom 2 and 8).
"""

from __future__ import annotations

import unicodedata

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from ordering_core.domain.configuration import NumberPorting
from ordering_core.domain.text import full_width
from ordering_core.domain.values import KatakanaName, PersonName
from ordering_core.domain.vocabulary import Gender, System
from ordering_core.errors import Refused


LONGEST: Final = 50
"""Characters of a name, after it was written in the carrier's form."""

GENDERS: Final[Mapping[Gender, str]] = MappingProxyType(
    {Gender.MALE: "M", Gender.FEMALE: "W", Gender.CORPORATE: "C"}
)
"""The network's letters; W is a woman, C a company."""

_FULL_WIDTH_SPACE: Final = "\u3000"
_KANA_MARKS: Final = "ー・"


def full_width_name(name: PersonName) -> str:
    """
    Return *name* with every letter full-width: ``Smith`` is written ``Ｓｍｉｔｈ``.

    Raises:
        Refused: A sign has no full-width form, or the name is too long (code ``MNP_NAME_NOT_WRITABLE``).

    """
    written = full_width(name.value)
    if written is None or len(written) > LONGEST:
        raise not_writable()
    return written


def kana_reading(name: KatakanaName) -> str:
    """
    Return the reading without spaces, which the network's field does not take.

    Raises:
        Refused: A sign is no katakana, or the reading is too long (code ``MNP_NAME_NOT_WRITABLE``).

    """
    written = unicodedata.normalize("NFC", name.value).replace(" ", "").replace(_FULL_WIDTH_SPACE, "")
    if not written or len(written) > LONGEST or not all(map(_is_kana, written)):
        raise not_writable()
    return written


def day(value: date) -> str:
    """Return a date as ``YYYYMMDD``."""
    return f"{value.year:04d}{value.month:02d}{value.day:02d}"


def porting_fields(porting: NumberPorting) -> dict[str, str]:
    """
    Return the data of a port; a company has no first name and no birthday.

    Raises:
        Refused: A name cannot be written as the carrier takes it.

    """
    fields = {
        "reserveNumber": porting.reservation_number.value,
        "reserveExpireDate": day(porting.reservation_expires_on),
        "lastnameKanji": full_width_name(porting.last_name),
        "lastnameZenKana": kana_reading(porting.last_name_katakana),
        "gender": GENDERS[porting.gender],
    }
    if porting.gender is not Gender.CORPORATE:
        fields["firstnameKanji"] = full_width_name(porting.first_name)
        fields["firstnameZenKana"] = kana_reading(porting.first_name_katakana)
        fields["birthday"] = day(porting.birth_date)
    return fields


def not_writable() -> Refused:
    """Return the refusal of a name that the carrier's system has no signs for."""
    return Refused(System.SIM_NETWORK, "MNP_NAME_NOT_WRITABLE", "a name has a sign the carrier cannot take")


def _is_kana(sign: str) -> bool:
    return "ァ" <= sign <= "ヺ" or sign in _KANA_MARKS
