"""From the shapes of this package to JSON values, the same on a terminal, in a file and over HTTP."""

from __future__ import annotations

import json

from datetime import UTC, date, datetime
from typing import Final

from cattrs import Converter


_CONVERTER: Final = Converter()
_CONVERTER.register_unstructure_hook(date, date.isoformat)
_CONVERTER.register_unstructure_hook(
    datetime, lambda at: at.astimezone(UTC).isoformat().replace("+00:00", "Z")
)


def unstructure(view: object) -> object:
    """Return *view* (a ``...View`` of this package) as JSON knows it: objects, lists, texts, numbers."""
    value: object = _CONVERTER.unstructure(view)
    return value


def to_json(view: object) -> str:
    """Return *view* as JSON on several lines, Japanese as it is, for people to read."""
    return json.dumps(unstructure(view), ensure_ascii=False, indent=2)
