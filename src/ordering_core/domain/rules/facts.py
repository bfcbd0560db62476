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
from ordering_core.domain.normalise import Reading, read
from ordering_core.domain.policy import Policy
from ordering_core.domain.rules.items import Cart, sort_out
from ordering_core.domain.text import InvalidValue
from ordering_core.domain.violations import Gate


def _read(facts: RuleFacts) -> Reading:
    """Read the draft as typed."""
    return read(facts.typed)


def _misread(facts: RuleFacts) -> Mapping[str, InvalidValue]:
    """Return what could not be read, by JSON pointer."""
    return facts.reading.misread


def _sort_out(facts: RuleFacts) -> Cart:
    """Look the draft's items up."""
    return sort_out(facts.draft, facts.products)


def _plan(facts: RuleFacts) -> Product | None:
    """Find the main service."""
    return facts.cart.plan


def _today(facts: RuleFacts) -> date:
    """Return the date in Japan."""
    return business_date(facts.at)


# without slots: setting so many frozen fields is twice as fast
@attrs.frozen(kw_only=True, eq=False, repr=False, slots=False)
class RuleFacts:
    """
    One order as the rules see it.

    *draft* is read on the way in: normalised, and what cannot be read kept in *misread* by JSON pointer.
    *products* are those of the catalogue at configure and submit, those of the frozen quote afterwards;
    unknown SKUs are missing from it. *prices* are the net prices the customer was shown. *at* is the instant
    of the gate (UTC).

    From submit on: *account* and *client* (None: not mapped), *address* (the session's, later the order's
    snapshot), *eligibility* for that address, *identity* with its *identity_method*, *other_active_service*
    (whether the account already has an active service of this order's type). Submit alone:
    *session_expires_at*, *outstanding*.

    Derived: *cart* (the items, sorted out), *plan* (the one main service, None when there is none or more
    than one) and *today* (the date in Japan).
    """

    typed: Draft = attrs.field(alias="draft", repr=False)
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
    reading: Reading = attrs.field(init=False, repr=False, default=attrs.Factory(_read, takes_self=True))
    misread: Mapping[str, InvalidValue] = attrs.field(
        init=False, repr=False, default=attrs.Factory(_misread, takes_self=True)
    )
    cart: Cart = attrs.field(init=False, repr=False, default=attrs.Factory(_sort_out, takes_self=True))
    plan: Product | None = attrs.field(init=False, repr=False, default=attrs.Factory(_plan, takes_self=True))
    today: date = attrs.field(init=False, repr=False, default=attrs.Factory(_today, takes_self=True))

    @property
    def draft(self) -> Draft:
        """The draft as it was meant."""
        return self.reading.draft
