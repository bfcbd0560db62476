"""
What an order costs: net lines, and three totals taxed once each (DESIGN 3.12; reference japan-telecom 5).

A fee in instalments is a monthly line of one payment; what it comes to in all is shown beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from ordering_core.domain.catalogue import Product
from ordering_core.domain.money import consumption_tax, yen
from ordering_core.domain.policy import Policy
from ordering_core.domain.quote import Amount, Quote
from ordering_core.domain.vocabulary import BillingCycle


def price(products: Sequence[Product], *, policy: Policy, at: datetime, catalogue_version: str) -> Quote:
    """
    Return the promise for one of each of *products*: what is monthly, what is paid once, and the first bill.

    All three are estimates in whole yen; each is taxed once on its net sum, never line by line. Money is all
    that is looked at here: whether the products make an order is for the rules.
    """
    monthly, one_time = _net(products, BillingCycle.MONTHLY), _net(products, BillingCycle.ONE_TIME)
    return Quote(
        lines=tuple(products),
        monthly=amount(monthly, policy=policy),
        one_time=amount(one_time, policy=policy),
        first_bill=amount(monthly + one_time, policy=policy),
        catalogue_version=catalogue_version,
        quoted_at=at,
    )


def amount(net: Decimal, *, policy: Policy) -> Amount:
    """Return *net* yen with the consumption tax on them."""
    return Amount(net=net, tax=consumption_tax(net, rate=policy.tax_rate, rounding=policy.tax_rounding))


def instalment_total(product: Product) -> Decimal:
    """Return the net yen that *product* comes to in all its payments; its price if it is paid at once."""
    return product.price * (product.instalments or 1)


def _net(products: Iterable[Product], cycle: BillingCycle) -> Decimal:
    """Return the net sum of those of *products* that are billed by *cycle*."""
    return sum([yen(product.price) for product in products if product.cycle is cycle], start=Decimal(0))
