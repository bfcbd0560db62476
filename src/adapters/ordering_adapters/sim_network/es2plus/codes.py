"""What the subject and reason codes of SGP.22 mean to an order (reference japan-telecom 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Function(StrEnum):
    """What is asked of an SM-DP+, by the last part of its path."""

    DOWNLOAD = "downloadOrder"
    CONFIRM = "confirmOrder"
    RELEASE = "releaseProfile"
    CANCEL = "cancelOrder"


class Code(StrEnum):
    """Why an SM-DP+ refuses."""

    ALREADY_DOWNLOADED = "ALREADY_DOWNLOADED"
    EID_DIFFERS = "EID_DIFFERS"
    IN_USE = "PROFILE_IN_USE"
    MATCHING_ID_DIFFERS = "MATCHING_ID_DIFFERS"
    NOT_ALLOWED = "PROFILE_NOT_ALLOWED"
    NOT_FOUND = "NOT_FOUND"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    TYPE_REFUSED = "PROFILE_TYPE_REFUSED"
    TYPE_UNKNOWN = "PROFILE_TYPE_UNKNOWN"
    UNKNOWN_ORDER = "DOWNLOAD_ORDER_UNKNOWN"
    WRONG_STATE = "PROFILE_IN_ANOTHER_STATE"


_CODES: Final[Mapping[tuple[str, str], Code]] = MappingProxyType(
    {
        ("8.1.1", "3.10"): Code.EID_DIFFERS,
        ("8.2.1", "1.2"): Code.NOT_ALLOWED,
        ("8.2.1", "3.3"): Code.IN_USE,
        ("8.2.1", "3.5"): Code.WRONG_STATE,
        ("8.2.1", "3.9"): Code.NOT_FOUND,
        ("8.2.1", "3.10"): Code.EID_DIFFERS,
        ("8.2.5", "1.2"): Code.TYPE_REFUSED,
        ("8.2.5", "3.7"): Code.OUT_OF_STOCK,
        ("8.2.5", "3.8"): Code.TYPE_REFUSED,
        ("8.2.5", "3.9"): Code.TYPE_UNKNOWN,
        ("8.2.6", "3.10"): Code.MATCHING_ID_DIFFERS,
    }
)

RETRYABLE: Final = frozenset({"4.2", "5.1"})
"""Reasons that pass: an execution error, something that cannot be reached now. Nothing was done."""


def code_of(function: Function, subject: str, reason: str) -> str:
    """Return our code for a refusal; of one that has none, the network's two numbers."""
    code = _CODES.get((subject, reason))
    if code is Code.IN_USE and function is Function.CANCEL:
        return Code.ALREADY_DOWNLOADED
    return code or f"{subject}_{reason}"
