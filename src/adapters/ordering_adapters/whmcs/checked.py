"""How a check of an installation came out."""

from __future__ import annotations

from enum import StrEnum

import attrs


class State(StrEnum):
    """How one check came out."""

    OK = "ok"
    WARNING = "warning"
    """It works without, not as well."""

    FAILED = "failed"


@attrs.frozen(kw_only=True)
class Checked:
    """One check: what was looked at, how it came out, what was seen, and what to do about it."""

    name: str
    state: State
    detail: str
    remedy: str = ""
