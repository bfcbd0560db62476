"""Writing queries: every value that goes into one is escaped here and nowhere else."""

from __future__ import annotations

import re

from collections.abc import Collection
from typing import Final


_ESCAPES: Final = str.maketrans(
    {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)
_ID: Final = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")


def is_id(text: str) -> bool:
    """Whether *text* can be a record's id; a query that compares ids with anything else is refused whole."""
    return _ID.fullmatch(text) is not None


def quoted(text: str) -> str:
    """Return *text* as a literal (SOQL: backslash, quotes and control characters are escaped)."""
    return f"'{text.translate(_ESCAPES)}'"


def among(texts: Collection[str]) -> str:
    """
    Return *texts* as the list of an IN.

    Raises:
        ValueError: There are none: an empty list is a malformed query.

    """
    if not texts:
        raise ValueError("an IN needs at least one value; leave the query out instead")
    return f"({', '.join(map(quoted, texts))})"


def equals(name: str, text: str) -> str:
    """Return the condition that the field *name* holds *text*, or nothing when *text* is empty."""
    return f"{name} = {quoted(text) if text else 'null'}"
