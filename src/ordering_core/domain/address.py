"""
A Japanese postal address: where a line is installed and a card is sent (reference japan-telecom 8).

The address is kept as it was written, kanji or romaji: nobody's spelling of a town is rewritten, and none is
transliterated. Only the prefecture is brought to its usual spelling, within the script it was typed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Self, TypeVar

import attrs

from ordering_core.domain.prefectures import usual_spelling
from ordering_core.domain.representation import shown
from ordering_core.domain.text import InvalidValue, normalise_digits, normalise_name, require_digits


_Read = TypeVar("_Read")

LONGEST_PART: Final = 80
"""Characters of one part of an address; street, building and room together fit a line of 255."""

_POSTAL_MARK: Final = "\u3012"


@attrs.frozen
class PostalCode:
    """
    The seven digits of a Japanese postal code; ``str`` shows them as NNN-NNNN.

    Raises:
        InvalidValue: ``postal_code_characters``, ``postal_code_length``.

    """

    value: str

    __repr__ = shown

    def __attrs_post_init__(self) -> None:
        require_digits(self.value, 7, code="postal_code", noun="postal code")

    def __str__(self) -> str:
        """Write it as on an envelope, without the postal mark."""
        return f"{self.value[:3]}-{self.value[3:]}"

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Read a code as typed, with or without hyphen and leading postal mark."""
        return cls(
            normalise_digits(raw.strip().removeprefix(_POSTAL_MARK), code="postal_code", noun="postal code")
        )


def _optional_part(raw: str) -> str:
    """Return one part of an address with its spaces in order, refusing what no address line holds."""
    text = normalise_name(raw)
    if len(text) > LONGEST_PART:
        raise InvalidValue(
            "address_length",
            f"This part of the address has {len(text)} characters; {LONGEST_PART} fit.",
            "Shorten it; the name of a building may be abbreviated.",
            {"length": len(text), "longest": LONGEST_PART},
        )
    return text


def _part(raw: str) -> str:
    """Return one part of an address that cannot be empty."""
    text = _optional_part(raw)
    if not text:
        raise InvalidValue("address_missing", "This part of the address is empty.", "Fill it in.")
    return text


def _prefecture(raw: str) -> str:
    """Return the usual spelling of the prefecture *raw*."""
    spelling = usual_spelling(_part(raw))
    if spelling is None:
        raise InvalidValue(
            "prefecture_unknown",
            "The prefecture is not one of Japan's 47.",
            "Choose it from the list, for example Tokyo or 東京都.",
        )
    return spelling


def _postal_code(raw: str) -> PostalCode:
    """Return the postal code *raw*."""
    return PostalCode.parse(_part(raw))


_READERS: Final[Mapping[str, Callable[[str], PostalCode | str]]] = MappingProxyType(
    {
        "postal_code": _postal_code,
        "prefecture": _prefecture,
        "city": _part,
        "town_and_number": _part,
        "building": _optional_part,
        "room": _optional_part,
    }
)


def _read(field: str, reader: Callable[[str], _Read], typed: Mapping[str, str]) -> _Read:
    """Return *field* of *typed*; the error names the field."""
    try:
        return reader(typed.get(field, ""))
    except InvalidValue as error:
        raise InvalidValue(error.code, error.message, error.remedy, {"field": field, **error.facts}) from None


def address_problems(typed: Mapping[str, str]) -> tuple[InvalidValue, ...]:
    """Return everything that keeps *typed* from being an address, in the order of its fields."""
    problems: list[InvalidValue] = []
    for field, reader in _READERS.items():
        try:
            _read(field, reader, typed)
        except InvalidValue as error:
            problems.append(error)
    return tuple(problems)


@attrs.frozen(kw_only=True)
class PostalAddress:
    """
    An address that a letter would reach; whether it names the flat is asked with `missing_fields`.

    *town_and_number* is town, block and number (chome, banchi, go), *building* and *room* are for apartments.

    Raises:
        InvalidValue: ``address_missing``, ``address_length``, ``prefecture_unknown`` or ``text_invisible``.

    """

    postal_code: PostalCode = attrs.field(repr=False)
    prefecture: str = attrs.field(converter=_prefecture)
    city: str = attrs.field(converter=_part, repr=False)
    town_and_number: str = attrs.field(converter=_part, repr=False)
    building: str = attrs.field(default="", converter=_optional_part, repr=False)
    room: str = attrs.field(default="", converter=_optional_part, repr=False)

    __repr__ = shown

    @classmethod
    def parse(cls, typed: Mapping[str, str]) -> Self:
        """
        Read an address from texts by field name; what is absent is empty.

        Raises:
            InvalidValue: For the first field that is wrong, which its fact ``field`` names; see also
                `address_problems`.

        """
        return cls(
            postal_code=_read("postal_code", _postal_code, typed),
            prefecture=_read("prefecture", _prefecture, typed),
            city=_read("city", _part, typed),
            town_and_number=_read("town_and_number", _part, typed),
            building=_read("building", _optional_part, typed),
            room=_read("room", _optional_part, typed),
        )

    def missing_fields(self, *, apartment: bool) -> tuple[str, ...]:
        """Return the fields still needed: an apartment's building and room; a house needs neither."""
        needed = {"building": self.building, "room": self.room} if apartment else {}
        return tuple(field for field, text in needed.items() if not text)
