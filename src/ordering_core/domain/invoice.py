"""
An invoice beside the quote it should be (DESIGN 3.12): what differs, line by line, net.

Tax is rounded in more than one lawful way: one yen for each rate is no difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

import attrs

from ordering_core.domain.identifiers import ServiceId
from ordering_core.domain.money import TAX_RATE, TaxRounding, consumption_tax
from ordering_core.domain.representation import shown


TAX_TOLERANCE: Final = Decimal(1)
"""Yen of tax that one rate may differ by (DESIGN 3.12)."""

CANCELLED: Final = "Cancelled"
"""The status of an invoice that asks for nothing."""


@attrs.frozen(kw_only=True)
class InvoiceLine:
    """One line, net: the service it is for (None for any other charge), and whether it is taxed."""

    service: ServiceId | None
    amount: Decimal
    taxed: bool

    __repr__ = shown


@attrs.frozen(kw_only=True)
class Invoice:
    """An invoice as the billing system made it; amounts in yen."""

    id: int
    status: str
    due: date | None
    subtotal: Decimal
    tax: Decimal
    total: Decimal
    lines: tuple[InvoiceLine, ...]

    __repr__ = shown


class InvoiceFlaw(StrEnum):
    """How what is billed differs from the quote; OTHER_PRICE is a service's, which its next invoice shows."""

    NO_INVOICE = "no_invoice"
    MISSING_LINE = "missing_line"
    WRONG_AMOUNT = "wrong_amount"
    CHARGED_TWICE = "charged_twice"
    UNKNOWN_LINE = "unknown_line"
    NOT_TAXED = "not_taxed"
    WRONG_SUBTOTAL = "wrong_subtotal"
    WRONG_TAX = "wrong_tax"
    OTHER_PRICE = "other_price"


def invoice_flaws(
    invoice: Invoice | None,
    quoted: Mapping[ServiceId, Decimal],
    *,
    rate: Decimal = TAX_RATE,
    rounding: TaxRounding = TaxRounding.FLOOR,
) -> tuple[InvoiceFlaw, ...]:
    """
    Return how *invoice* differs from what was *quoted* for each service, net yen; empty when it is right.

    Lines are compared by their service, never by place; a line of nothing is no line. What costs nothing
    needs no invoice; one that was cancelled is none.
    """
    if invoice is None or invoice.status == CANCELLED:
        return (InvoiceFlaw.NO_INVOICE,) if any(quoted.values()) else ()
    charged = [line for line in invoice.lines if line.amount]
    times = Counter(line.service for line in charged)
    owed = {service: price for service, price in quoted.items() if price}
    known = [line for line in charged if line.service in owed]
    net = sum(owed.values(), Decimal(0))
    tax = consumption_tax(net, rate=rate, rounding=rounding)
    flaws = {
        InvoiceFlaw.MISSING_LINE: any(service not in times for service in owed),
        InvoiceFlaw.WRONG_AMOUNT: any((line.service, line.amount) not in owed.items() for line in known),
        InvoiceFlaw.CHARGED_TWICE: any(times[service] > 1 for service in owed),
        InvoiceFlaw.UNKNOWN_LINE: len(known) != len(charged),
        InvoiceFlaw.NOT_TAXED: any(not line.taxed for line in known),
        InvoiceFlaw.WRONG_SUBTOTAL: invoice.subtotal != net,
        InvoiceFlaw.WRONG_TAX: abs(invoice.tax - tax) > TAX_TOLERANCE,
    }
    return tuple(flaw for flaw, is_there in flaws.items() if is_there)
