"""
Reading WHMCS's JSON: the one place where its many spellings of a value become one (reference 1, Type quirks).

Ids are numbers or texts, amounts are texts with or without zeros, a list is wrapped, an object, missing or an
empty text, and a date that is none is all zeros.
"""

from __future__ import annotations

import re

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, TypeGuard


Row = Mapping[str, object]

_AMOUNT: Final = re.compile(r"-?[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?")
_LETTERS: Final = re.compile(r"[^a-z]")
_TRUE: Final = frozenset({"1", "on", "true", "yes"})
_WHOLE: Final = re.compile(r"[0-9]+(?:\.0+)?")
_MONTH_AND_YEAR: Final = re.compile(r"(0[1-9]|1[0-2])\s*/?\s*(?:20)?([0-9]{2})")
_CENTURY: Final = 2000
_ONCE: Final = "onetime"
_MONTHLY: Final = "monthly"


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether *value* is a JSON array."""
    return isinstance(value, list)


def is_row(value: object) -> TypeGuard[Row]:
    """Whether *value* is a JSON object."""
    return isinstance(value, Mapping)


def rows(answer: Row, container: str, item: str = "") -> list[Row]:
    """
    Return the objects of a list, which stands in ``container`` or in ``container.item``.

    A list with gaps is an object with numbers for names; one object alone is a list of one; an empty list is
    ``[]``, ``{}``, an empty text, null, or not there at all.
    """
    found = answer.get(container)
    if item and is_row(found):
        found = found.get(item, found if _is_gapped(found) else None)
    return _listed(found)


def whole(row: Row, name: str) -> int | None:
    """Return the id or number in *name*; None for 0, null, an empty text, or what is no number."""
    value = row.get(name)
    if isinstance(value, bool):
        return None
    text = str(value).strip()
    return int(Decimal(text)) or None if _WHOLE.fullmatch(text) else None


def count(row: Row, name: str) -> int | None:
    """Return the number in *name*, where 0 is one; None when there is none."""
    return 0 if str(row.get(name)).strip() == "0" else whole(row, name)


def amount(row: Row, name: str) -> Decimal | None:
    """Return the amount in *name*, without a currency's sign and thousands; None when there is none."""
    value = row.get(name)
    if isinstance(value, bool):
        return None
    written = _AMOUNT.search(str(value))
    if written is None:
        return None
    try:
        read = Decimal(written[0].replace(",", ""))
    except InvalidOperation:
        return None
    whole_yen = read.to_integral_value()
    return whole_yen if whole_yen == read else read


def text(row: Row, name: str) -> str:
    """Return the text of *name*; empty when there is none."""
    value = row.get(name)
    return "" if value is None or isinstance(value, bool | list | dict) else str(value).strip()


def flag(row: Row, name: str) -> bool:
    """Whether *name* is set, in any of the ways that WHMCS says so."""
    value = row.get(name)
    return value if isinstance(value, bool) else str(value).strip().casefold() in _TRUE


def day(row: Row, name: str) -> date | None:
    """Return the calendar date of *name*, None for the date of zeros."""
    try:
        return date.fromisoformat(text(row, name)[:10])
    except ValueError:
        return None


def month(row: Row, name: str) -> date | None:
    """
    Return the first day of the month a card expires in (``MM/YY``); None when it never does.

    What is there and cannot be read has expired: a card that may be over does not count.
    """
    raw = text(row, name)
    if not raw.strip("0/- "):
        return None
    written = _MONTH_AND_YEAR.fullmatch(raw)
    return date(_CENTURY + int(written[2]), int(written[1]), 1) if written else date.min


def title(row: Row, name: str) -> str:
    """Return the status in *name* with one capital for each word, as WHMCS shows it."""
    return text(row, name).title()


def is_once(row: Row, name: str = "billingcycle") -> bool | None:
    """Whether the cycle in *name* is billed once, however it is spelt; None if neither once nor monthly."""
    spelt = _LETTERS.sub("", text(row, name).casefold())
    return spelt == _ONCE if spelt in {_ONCE, _MONTHLY} else None


def _is_gapped(found: Row) -> bool:
    return bool(found) and all(str(key).isdigit() for key in found)


def _listed(found: object) -> list[Row]:
    if is_list(found):
        return [entry for entry in found if is_row(entry)]
    if not is_row(found) or not found:
        return []
    if _is_gapped(found):
        return [entry for entry in found.values() if is_row(entry)]
    return [found]
