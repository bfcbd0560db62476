"""Numbers for SIM cards and profiles that exist in memory only: well formed, and nobody's."""

from __future__ import annotations

from ordering_core.domain.check_digits import luhn_holds
from ordering_core.domain.values import CardNumber, Iccid, LineNumber


def iccid(sequence: int) -> Iccid:
    """Return the ICCID of the profile *sequence*."""
    body = f"8981{sequence:014d}"
    return Iccid(next(number for number in (f"{body}{digit}" for digit in range(10)) if luhn_holds(number)))


def card_number(sequence: int) -> CardNumber:
    """Return the product number of the card *sequence*."""
    return CardNumber(f"AX{sequence:013d}")


def line_number(sequence: int) -> LineNumber:
    """Return the number of the line *sequence*."""
    return LineNumber(f"0701{sequence:07d}")
