"""What is asked of the billing system, and what is found there under our mark (DESIGN 3.21, 5)."""

from __future__ import annotations

from decimal import Decimal

import attrs

from ordering_core.domain.identifiers import (
    BillingOrderId,
    BillingProductId,
    ClientId,
    OpportunityId,
    OrderId,
    OrderItemId,
    ServiceId,
)
from ordering_core.domain.representation import shown
from ordering_core.domain.vocabulary import BillingCycle


@attrs.frozen(kw_only=True)
class BillingLine:
    """One line to bill; *item* is its mark, *price* the quote's net yen."""

    item: OrderItemId
    product: BillingProductId
    cycle: BillingCycle
    price: Decimal

    __repr__ = shown


@attrs.frozen(kw_only=True)
class NewBillingOrder:
    """An order to bill: *reference* and each line's item mark it, so that it can be found again."""

    client: ClientId
    reference: OrderId
    gateway: str
    lines: tuple[BillingLine, ...]
    opportunity: OpportunityId | None = None

    __repr__ = shown


@attrs.frozen(kw_only=True)
class BilledService:
    """A service of a found order; *item* is the mark it carries, *status* WHMCS' text in title case."""

    id: ServiceId
    item: OrderItemId | None
    product: BillingProductId
    cycle: BillingCycle
    price: Decimal
    status: str
    opportunity: OpportunityId | None = None

    __repr__ = shown


@attrs.frozen(kw_only=True)
class BilledOrder:
    """A billing order as found by its mark."""

    id: BillingOrderId
    status: str
    services: tuple[BilledService, ...]

    __repr__ = shown
