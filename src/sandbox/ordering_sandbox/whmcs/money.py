"""Amounts and tax as WHMCS keeps them: texts with two decimals, consumption tax on what is taxed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Final

import attrs

from ordering_sandbox.whmcs.switches import Switches


CENT: Final = Decimal("0.01")
_WHOLE: Final = Decimal(1)
_PER_CENT: Final = Decimal(100)


def amount(value: Decimal | str | float) -> Decimal:
    """Return *value* with two decimals."""
    return Decimal(value).quantize(CENT, ROUND_HALF_UP)


def written(value: Decimal) -> str:
    """Return *value* as rows and answers have it: ``"6500.00"``."""
    return f"{amount(value):f}"


@attrs.frozen(kw_only=True)
class Totals:
    """What an invoice comes to: *subtotal* and *tax* make *total*."""

    subtotal: Decimal
    tax: Decimal
    total: Decimal


def totals(lines: Sequence[tuple[Decimal, bool]], switches: Switches, rate: Decimal) -> Totals:
    """
    Return what *lines* (amount, whether taxed) come to at *rate* per cent.

    Prices without tax get it on top; prices with tax contain it. Rounded is what is calculated: one tax on
    the total, or one on each line.
    """
    net = sum((value for value, _ in lines), Decimal(0))
    taxed = [value for value, is_taxed in lines if is_taxed]
    bases = taxed if switches.tax_calculation == "line" else [sum(taxed, Decimal(0))]
    tax = sum((_rounded(_tax_in(base, rate, switches), switches) for base in bases), Decimal(0))
    if switches.tax_inclusive:
        return Totals(subtotal=amount(net - tax), tax=amount(tax), total=amount(net))
    return Totals(subtotal=amount(net), tax=amount(tax), total=amount(net + tax))


def _tax_in(base: Decimal, rate: Decimal, switches: Switches) -> Decimal:
    return base * rate / (_PER_CENT + rate if switches.tax_inclusive else _PER_CENT)


def _rounded(tax: Decimal, switches: Switches) -> Decimal:
    match switches.tax_rounding:
        case "floor":
            return tax.quantize(_WHOLE, ROUND_DOWN)
        case "half_up":
            return tax.quantize(_WHOLE, ROUND_HALF_UP)
        case _:
            return tax.quantize(CENT, ROUND_HALF_UP)
