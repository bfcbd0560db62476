"""SOQL's LIKE: % for any signs, _ for one, in any case; a backslash takes their meaning away."""

from __future__ import annotations

import re

from functools import lru_cache


def like(value: object, pattern: object) -> int:
    """Return 1 when the text *value* is like *pattern*; an empty field never is."""
    return int(
        isinstance(value, str) and isinstance(pattern, str) and bool(_compiled(pattern).fullmatch(value))
    )


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts: list[str] = []
    signs = iter(pattern)
    for sign in signs:
        if sign == "%":
            parts.append(".*")
        elif sign == "_":
            parts.append(".")
        else:
            parts.append(re.escape(next(signs, sign) if sign == "\\" else sign))
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)
