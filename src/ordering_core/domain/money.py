"""
Yen: whole, exact, net; and the consumption tax on a bucket of them (DESIGN 3.12; reference japan-telecom 5).

Amounts are `Decimal` without fraction digits. Tax is rounded once per bucket (monthly, one-time, first bill),
never per line, and computed with integers only: with floats, 50 yen and their tax round up to 56.
"""

from __future__ import annotations

import re

from decimal import Decimal
from enum import StrEnum
from typing import Final, assert_never

from ordering_core.domain.text import InvalidValue


TAX_RATE: Final = Decimal("0.10")
"""The standard rate of consumption tax; the reduced rate is for food and newspapers."""

LARGEST_AMOUNT: Final = Decimal(999_999_999_999)
"""Far above any order, far below where `Decimal` arithmetic starts to round."""

_SMALLEST_AMOUNT: Final = -LARGEST_AMOUNT
_INEXACT: Final = (bool, float)
_EXACT: Final = "Write it as whole yen with the digits 0 to 9, as 1200."
_WRITTEN_AMOUNT: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


class TaxRounding(StrEnum):
    """What happens to a fraction of a yen of tax; each is lawful, one has to be kept to."""

    FLOOR = "floor"
    HALF_UP = "half_up"
    CEILING = "ceiling"


def yen(value: int | Decimal | str, *, signed: bool = False) -> Decimal:
    """
    Return *value* as whole yen; ``1200.0`` and ``"1200.00"`` are 1200, as outside systems write it.

    Negative amounts need *signed*.

    Raises:
        InvalidValue: ``yen_type`` (a bool or a float), ``yen_number``, ``yen_range``, ``yen_fraction``,
            ``yen_negative``.

    """
    if isinstance(value, _INEXACT):
        raise InvalidValue(
            "yen_type", "The amount is a bool or a float.", "Give an int, a Decimal or its text."
        )
    if isinstance(value, str) and not _WRITTEN_AMOUNT.fullmatch(value):
        raise InvalidValue("yen_number", "The amount is not written as a number.", _EXACT)
    amount = Decimal(value)
    if not amount.is_finite():
        raise InvalidValue("yen_number", "The amount is not a finite number.", _EXACT)
    if not _SMALLEST_AMOUNT <= amount <= LARGEST_AMOUNT:
        raise InvalidValue("yen_range", "The amount is too large.", f"Stay within {LARGEST_AMOUNT} yen.")
    whole = int(amount)
    if whole != amount:
        raise InvalidValue("yen_fraction", "The amount has a fraction of a yen.", _EXACT)
    if whole < 0 and not signed:
        raise InvalidValue("yen_negative", "The amount is negative.", "Give an amount of zero or more.")
    return Decimal(whole)


def consumption_tax(
    net: Decimal, *, rate: Decimal = TAX_RATE, rounding: TaxRounding = TaxRounding.FLOOR
) -> Decimal:
    """
    Return the tax on *net*, the sum of one bucket, in whole yen.

    A credit (negative *net*) gives back exactly the tax that its charge took: magnitudes are rounded.

    Raises:
        InvalidValue: ``tax_rate``, for a rate that is not from 0 to 1; or as `yen`, for *net*.

    """
    if not (rate.is_finite() and 0 <= rate <= 1):
        raise InvalidValue("tax_rate", "The tax rate is not a share.", "Write 10 % as 0.10.")
    whole = int(yen(net, signed=True))
    numerator, denominator = rate.as_integer_ratio()
    product = abs(whole) * numerator
    match rounding:
        case TaxRounding.FLOOR:
            tax = product // denominator
        case TaxRounding.HALF_UP:
            tax = (2 * product + denominator) // (2 * denominator)
        case TaxRounding.CEILING:
            tax = -(-product // denominator)
        case _:
            assert_never(rounding)
    return Decimal(tax if whole >= 0 else -tax)
