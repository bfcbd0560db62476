"""
Everything that rules may look at: one order at one gate and instant (DESIGN 4, Rules).

Whoever runs the rules gathers the facts first; no rule ever asks another system.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

import attrs

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.calendar import business_date
from ordering_core.domain.catalogue import Product
from ordering_core.domain.checkout import Requirement
from ordering_core.domain.customers import Account
from ordering_core.domain.drafts import Draft
from ordering_core.domain.eligibility import NOT_REQUESTED, EligibilityStanding
from ordering_core.domain.identifiers import ClientId, Sku
from ordering_core.domain.identity import IdentityMethod, IdentityStanding
from ordering_core.domain.normalise import normalise
from ordering_core.domain.policy import Policy
from ordering_core.domain.violations import Gate
from ordering_core.domain.vocabulary import ItemClass


def _lines(facts: RuleFacts) -> tuple[Product | None, ...]:
    """Return the product of each of the draft's SKUs, None where it is unknown."""
    return tuple([facts.products.get(sku) for sku in facts.draft.skus])


def _plan(facts: RuleFacts) -> Product | None:
    """Return the main service when there is exactly one product that can be it, else None."""
    order_type = facts.draft.order_type
    plans = {
        line.sku: line
        for line in facts.lines
        if line and line.item_class is ItemClass.SERVICE and line.order_type is order_type
    }
    return next(iter(plans.values())) if len(plans) == 1 else None


def _today(facts: RuleFacts) -> date:
    """Return the date in Japan."""
    return business_date(facts.at)


@attrs.frozen(kw_only=True)
class RuleFacts:
    """
    One order as the rules see it.

    *draft* is normalised on the way in. *products* are those of the catalogue at configure and submit, those
    of the frozen quote afterwards; unknown SKUs are missing from it. *prices* are the net prices the customer
    was shown. *at* is the instant of the gate (UTC).

    From submit on: *account* and *client* (None: not mapped), *address* (the session's, later the order's
    snapshot), *eligibility* for that address, *identity* with its *identity_method*, *other_active_service*
    (whether the account already has an active service of this order's type). Submit alone:
    *session_expires_at*, *outstanding*.

    Derived: *lines* (the product of each SKU, None if unknown), *plan* (the one main service, None when there
    is none or more than one) and *today* (the date in Japan).
    """

    draft: Draft = attrs.field(converter=normalise)
    products: Mapping[Sku, Product] = attrs.field(repr=False)
    gate: Gate
    at: datetime
    policy: Policy = attrs.field(repr=False)
    prices: Mapping[Sku, Decimal] = attrs.field(factory=dict[Sku, Decimal], repr=False)
    account: Account | None = attrs.field(default=None, repr=False)
    client: ClientId | None = None
    address: PostalAddress | None = attrs.field(default=None, repr=False)
    eligibility: EligibilityStanding = NOT_REQUESTED
    identity: IdentityStanding = IdentityStanding.NOT_SUBMITTED
    identity_method: IdentityMethod = IdentityMethod.UNKNOWN
    other_active_service: bool = False
    session_expires_at: datetime | None = None
    outstanding: tuple[Requirement, ...] = ()
    lines: tuple[Product | None, ...] = attrs.field(
        init=False, repr=False, eq=False, default=attrs.Factory(_lines, takes_self=True)
    )
    plan: Product | None = attrs.field(
        init=False, repr=False, eq=False, default=attrs.Factory(_plan, takes_self=True)
    )
    today: date = attrs.field(
        init=False, repr=False, eq=False, default=attrs.Factory(_today, takes_self=True)
    )

    def items_of(self, item_class: ItemClass) -> list[tuple[int, Product]]:
        """Return the products of *item_class* for this service, each with its place, counted from 0."""
        order_type = self.draft.order_type
        return [
            (place, line)
            for place, line in enumerate(self.lines)
            if line and line.item_class is item_class and line.order_type is order_type
        ]
