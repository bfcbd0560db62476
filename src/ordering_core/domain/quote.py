"""What the customer was promised: lines, prices, tax and terms, frozen at submit (DESIGN 1 *quote*, 3.12)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import attrs

from ordering_core.domain.catalogue import Product
from ordering_core.domain.representation import shown


@attrs.frozen(kw_only=True)
class Amount:
    """A sum in yen, net and with consumption tax taken once on the whole sum."""

    net: Decimal
    tax: Decimal

    __repr__ = shown

    @property
    def gross(self) -> Decimal:
        """Net and tax together."""
        return self.net + self.tax


@attrs.frozen(kw_only=True)
class Quote:
    """
    The frozen promise of an order; each line is the product as it was, once, at its price.

    *monthly* and *one_time* are what recurs and what does not; *first_bill* is both, taxed once. All are
    estimates: the WHMCS invoice is the tax document.
    """

    lines: tuple[Product, ...]
    monthly: Amount
    one_time: Amount
    first_bill: Amount
    catalogue_version: str
    quoted_at: datetime

    __repr__ = shown
