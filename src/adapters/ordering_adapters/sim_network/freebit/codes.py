"""
What the network's codes mean: its refusals, and why a line that it had accepted failed.

Of the real ones 100 (done) and 400-356 (unsupported pattern) are known; the partner's contract has the rest,
and the setting ``codes`` replaces any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ordering_core.errors import stable_code


DONE: Final = "100"

NOT_LOGGED_IN: Final = "NOT_AUTHENTICATED"
"""Our name for a login that the network does not take, or no longer."""

CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "356": "PATTERN_UNSUPPORTED",
        "400": "REQUEST_INVALID",
        "401": NOT_LOGGED_IN,
        "404": "LINE_NOT_FOUND",
        "409": "LINE_BUSY",
        "410": "EID_IN_USE",
        "411": "CARD_UNUSABLE",
        "412": "NUMBERS_EXHAUSTED",
        "413": "PLAN_UNKNOWN",
        "421": "MNP_RESERVATION_EXPIRED",
        "422": "MNP_RESERVATION_TOO_SHORT",
        "423": "MNP_DATA_INVALID",
        "ESIM-101": "DEVICE_UNREACHABLE",
        "MNP-301": "MNP_NAME_MISMATCH",
        "MNP-302": "MNP_RESERVATION_EXPIRED",
        "MNP-303": "MNP_RESERVATION_NOT_FOUND",
        "MNP-304": "MNP_DONOR_UNPAID",
        "MNP-305": "MNP_DONOR_INQUIRY_FAILED",
    }
)
"""Our stable code for each of the network's; those of ports begin with ``MNP_``."""

RETRYABLE: Final = frozenset({"LINE_BUSY"})
"""The network did nothing and will do it later: it is busy with the same line."""


def code_of(said: str, settings: Mapping[str, str]) -> str:
    """Return our code for what the network *said*; a code nobody wrote down goes through as it is."""
    return settings.get(said) or CODES.get(said) or stable_code(said)
