"""The ids of Salesforce's records in their one form: events may name a record by either of its two."""

from __future__ import annotations

from string import ascii_uppercase, digits
from typing import Final


_SHORT: Final = 15
_GROUP: Final = 5
_LETTERS: Final = ascii_uppercase + digits[:6]


def full_id(record_id: str) -> str:
    """
    Return *record_id* with the three letters at its end that say which of its letters are capitals.

    Formulas of flows yield ids without them; anything but such an id is returned as it is.
    """
    if len(record_id) != _SHORT:
        return record_id
    groups = (record_id[place : place + _GROUP] for place in range(0, _SHORT, _GROUP))
    return record_id + "".join(_LETTERS[_capitals(group)] for group in groups)


def _capitals(group: str) -> int:
    """Return a number with a bit for each capital letter of *group*, the first letter's the lowest."""
    return sum(1 << place for place, letter in enumerate(group) if letter in ascii_uppercase)
