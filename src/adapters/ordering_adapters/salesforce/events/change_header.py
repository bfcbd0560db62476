"""
What a change event says of itself: which records, how they changed, and which of their fields.

Fields are told as bitmaps over the event's schema: bit by bit for the event, and for a field that is made of
several, such as an address, in a bitmap of its own (reference 4.4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeGuard

import attrs


HEADER: Final = "ChangeEventHeader"

_OVERFLOW: Final = "GAP_OVERFLOW"
_WILDCARD: Final = "*"
_UPDATE: Final = "UPDATE"
_HEX: Final = 16


@attrs.frozen(kw_only=True)
class RecordsChanged:
    """
    Several records that the same change hit.

    *all_of_them* says that the bus could not tell which: any record may have changed. *fields* are the names
    of what changed, None when all may have.
    """

    ids: tuple[str, ...]
    all_of_them: bool
    fields: frozenset[str] | None


def records_changed(said: Mapping[str, object], fields: Sequence[str]) -> RecordsChanged | None:
    """Return what the header in *said* tells, None when there is none; *fields* are those of the schema."""
    header = said.get(HEADER)
    if not is_mapping(header):
        return None
    kind, ids = header.get("changeType"), _texts(header.get("recordIds"))
    if not isinstance(kind, str):
        return None
    unclear = kind == _OVERFLOW or not ids or any(_WILDCARD in record for record in ids)
    changed = _texts(header.get("changedFields")) + _texts(header.get("nulledFields"))
    return RecordsChanged(
        ids=ids,
        all_of_them=unclear,
        fields=_named(changed, fields) if kind == _UPDATE else None,
    )


def is_mapping(value: object) -> TypeGuard[Mapping[str, object]]:
    """Whether *value* is a record of the event."""
    return isinstance(value, Mapping)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if _is_list(value) else ()


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list)


def _named(bitmaps: Sequence[str], fields: Sequence[str]) -> frozenset[str] | None:
    """Return the fields in *bitmaps*, a part of a field as the field; None when one cannot be read."""
    named: set[str] = set()
    for bitmap in bitmaps:
        position, _, bits = bitmap.rpartition("-")
        try:
            places = _places(bits) if not position else [int(position)]
            named.update(fields[place] for place in places)
        except (ValueError, IndexError):
            return None
    return frozenset(named) if named else None


def _places(bits: str) -> list[int]:
    """Return the places of the bits that are set in a hexadecimal number, the lowest bit being place 0."""
    number = int(bits, _HEX)
    return [place for place in range(number.bit_length()) if number >> place & 1]
