"""
What the use cases answer with: a check, a review, a submit's outcome, orders as their customer sees them.

None of these carries what is for staff only: order notes, Cases, Opportunities, other people's holds (DESIGN
3.6).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import attrs

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.checkout import CheckoutSession, Requirement
from ordering_core.domain.drafts import Draft
from ordering_core.domain.eligibility import EligibilityStanding
from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.identifiers import Cursor, OrderId
from ordering_core.domain.identity import IdentityStanding
from ordering_core.domain.order_status import OrderStatus
from ordering_core.domain.orders import OrderLine
from ordering_core.domain.payment import PaymentMethod
from ordering_core.domain.quote import Amount, Quote
from ordering_core.domain.representation import shown
from ordering_core.domain.timeline import Bucket, Timeline
from ordering_core.domain.violations import Verdict
from ordering_core.domain.vocabulary import OrderType
from ordering_core.ports.checkout_records import PlacementState


@attrs.frozen(kw_only=True)
class DraftCheck:
    """What the rules say of a *draft* (its texts normalised); *quote* is None while it cannot be priced."""

    draft: Draft
    verdict: Verdict
    quote: Quote | None

    __repr__ = shown


@attrs.frozen(kw_only=True)
class CheckoutReview:
    """
    Everything the checkout page shows: the stored facts and the ones just asked of other systems.

    *address* is the session's, else the one on file. *outstanding* keeps the page's order; empty means that
    submitting is possible as far as the requirements go, while *verdict* says the same of the rules.
    *eligibility* is None for everything but Internet; *quote* is None when a product went off sale.
    *identity_message* is the reviewer's note when the card was rejected.
    """

    session: CheckoutSession
    quote: Quote | None
    verdict: Verdict
    address: PostalAddress | None = attrs.field(repr=False)
    outstanding: tuple[Requirement, ...]
    payment_method: PaymentMethod | None
    identity: IdentityStanding
    identity_message: str | None = attrs.field(default=None, repr=False)
    eligibility: EligibilityStanding | None

    __repr__ = shown


@attrs.frozen(kw_only=True)
class Submitted:
    """
    What became of a submit: *order* once it is placed, else when to ask again (*retry_after*).

    PLACING means: we are confirming your order (DESIGN 3.10); it is placed without anybody asking again.
    *repeated* says that the session had been submitted before.
    """

    state: PlacementState
    order: OrderId | None
    retry_after: timedelta | None
    repeated: bool = False

    __repr__ = shown


@attrs.frozen(kw_only=True)
class OrderSummary:
    """One card of the orders list; amounts are estimates with tax (DESIGN 3.12)."""

    id: OrderId
    number: str
    order_type: OrderType
    status: OrderStatus
    label: str
    bucket: Bucket
    items: tuple[str, ...]
    monthly: Amount
    one_time: Amount
    placed_at: datetime
    as_of: datetime

    __repr__ = shown


@attrs.frozen(kw_only=True)
class OrderPage:
    """
    A page of the orders list, newest first.

    *counts* and *total* are of all the customer's orders, whatever the filter; *next* is what to pass as
    *after* for the following page, None on the last. *as_of* is when Salesforce was last asked about the
    oldest knowledge shown.
    """

    orders: tuple[OrderSummary, ...]
    counts: Mapping[Bucket, int]
    total: int
    next: OrderId | None
    as_of: datetime

    __repr__ = shown


@attrs.frozen(kw_only=True)
class ActionNeeded:
    """A hold that the customer can end, and the runbook's sentence that tells how."""

    code: HoldCode
    sentence: str

    __repr__ = shown


@attrs.frozen(kw_only=True)
class OrderDetail:
    """
    One order as its customer sees it.

    *quote* is the promise frozen at submit, None for an order that was not placed through us. *reason* is for
    Cancelled and Rejected only (DESIGN 3.6). *hold* is set when the customer is the one to act. *cursor* is
    the order's latest event: watching goes on from there.
    """

    id: OrderId
    number: str
    order_type: OrderType
    status: OrderStatus
    label: str
    bucket: Bucket
    timeline: Timeline
    lines: tuple[OrderLine, ...]
    monthly: Amount
    one_time: Amount
    quote: Quote | None
    placed_at: datetime
    next_steps: tuple[str, ...]
    notices: tuple[str, ...]
    reason: str | None
    hold: ActionNeeded | None
    cursor: Cursor
    as_of: datetime

    __repr__ = shown
