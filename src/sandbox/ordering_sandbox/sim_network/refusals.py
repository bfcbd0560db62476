"""
What the network says when it will not: ``resultCode`` and ``status`` (reference 3.1).

Only 100 (done) and 400-356 (unsupported pattern) are published; the other codes are this network's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final


REFUSALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "356": "unsupported pattern",
        "400": "invalid parameter",
        "401": "authentication failed",
        "404": "account not found",
        "409": "another change of this account is being processed",
        "410": "this EID is in use",
        "411": "this card cannot be used",
        "412": "no number available",
        "413": "plan not found",
        "421": "the reservation number has expired",
        "422": "the reservation number has too few days left",
        "423": "the reservation data are invalid",
    }
)
"""What each status code means."""

COMPLETION_FAILURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ESIM-101": "the device could not be reached",
        "MNP-301": "the contract holder differs from the losing carrier's records",
        "MNP-302": "the reservation number has expired",
        "MNP-303": "the losing carrier does not know this reservation number with this phone number",
        "MNP-304": "the losing carrier has an unpaid bill",
        "MNP-305": "the losing carrier could not be asked",
    }
)
"""Why a line that was accepted failed in the end."""


class LineRefusal(Exception):
    """The network refuses a request; *status_code* is one of `REFUSALS`, *detail* names the field."""

    def __init__(self, status_code: str, detail: str = "") -> None:
        super().__init__(status_code, detail)
        self.status_code = status_code
        self.detail = detail

    @property
    def message(self) -> str:
        """The network's sentence."""
        meaning = REFUSALS[self.status_code]
        return f"{meaning}: {self.detail}" if self.detail else meaning
