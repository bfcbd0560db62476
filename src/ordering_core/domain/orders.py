"""
An order as Salesforce holds it, what we ask Salesforce to place, and what provisioning writes back.

A snapshot keeps Salesforce's texts as they are: agents edit by hand, and reading never refuses (DESIGN 2,
Rules).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

import attrs

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.drafts import Draft
from ordering_core.domain.identifiers import (
    AccountId,
    BillingOrderId,
    CaseId,
    OpportunityId,
    OrderId,
    OrderItemId,
    RequestKey,
    ServiceId,
    SimCardId,
    Sku,
    Version,
)
from ordering_core.domain.opportunity import Link
from ordering_core.domain.quote import Quote
from ordering_core.domain.representation import shown
from ordering_core.domain.vocabulary import BillingCycle, ItemClass, OrderStatusText, OrderType, Stage


@attrs.frozen(kw_only=True)
class OrderLine:
    """One OrderItem; *service* is the WHMCS service it became, once provisioned."""

    id: OrderItemId
    sku: Sku
    name: str
    item_class: ItemClass
    cycle: BillingCycle
    unit_price: Decimal
    quantity: int = 1
    service: ServiceId | None = None

    __repr__ = shown


@attrs.frozen(kw_only=True)
class AssignedSim:
    """The card an agent assigned from the inventory (DESIGN 3.5); *stock_status* is Salesforce's text."""

    id: SimCardId
    iccid: str = attrs.field(repr=False)
    product_number: str = attrs.field(repr=False)
    phone_number: str | None = attrs.field(default=None, repr=False)
    order: OrderId | None = None
    stock_status: str = "Used"
    assigned_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None

    __repr__ = shown


def _text(read: str | None) -> str | None:
    """Return *read*, or None when it is empty."""
    return read or None


@attrs.frozen(kw_only=True)
class ActivationFields:
    """
    The four activation fields that agents and provisioning both write (DESIGN 3.2, 3.19); None is empty.

    An empty text becomes None as well. Comparing what is read with what our runs wrote last tells, by value,
    whether somebody else changed them.
    """

    status: str | None = attrs.field(default=None, converter=_text)
    scheduled_at: datetime | None = None
    error_code: str | None = attrs.field(default=None, converter=_text)
    error_message: str | None = attrs.field(default=None, converter=_text)

    __repr__ = shown


@attrs.frozen(kw_only=True)
class OrderSnapshot:
    """
    One Order with its items, as read from Salesforce at one moment.

    *draft* is the configuration in the shape the rules take, texts unvalidated. *description* is for staff
    only and never reaches a customer. *version* changes with every write (SystemModstamp).
    """

    id: OrderId
    number: str
    account: AccountId
    opportunity: OpportunityId | None
    order_type: OrderType
    status: str | None
    activation: ActivationFields = attrs.field(factory=ActivationFields)
    last_attempt_at: datetime | None = None
    draft: Draft
    lines: tuple[OrderLine, ...]
    request_key: RequestKey | None = None
    sim: AssignedSim | None = None
    mnp_application: str | None = None
    billing_order: BillingOrderId | None = None
    address: PostalAddress | None = attrs.field(default=None, repr=False)
    address_changed: bool = False
    effective_date: date
    created_at: datetime
    version: Version
    rejection_reason: str | None = None
    description: str | None = attrs.field(default=None, repr=False)
    priority: bool = False

    __repr__ = shown


@attrs.frozen(kw_only=True)
class NewOrder:
    """
    Everything the placing composite needs (seed "Order Creation"; DESIGN 3.10, 3.11, 3.23, 3.25).

    *link* says which Opportunity; *address* is the snapshot, *update_account* whether the Account takes it
    too and *clear_eligibility* whether its eligibility was checked for another one. *effective_date* is the
    JST date.
    """

    request_key: RequestKey
    account: AccountId
    order_type: OrderType
    status: OrderStatusText
    link: Link
    draft: Draft
    quote: Quote
    effective_date: date
    address: PostalAddress = attrs.field(repr=False)
    address_changed: bool = False
    update_account: bool = False
    clear_eligibility: bool = False

    __repr__ = shown


@attrs.frozen(kw_only=True)
class OrderWrite:
    """
    What provisioning writes to an Order in one composite (seed "Activation Fields", "How ... Stay Linked").

    *activation* replaces all four activation fields. The last write of a run also carries the links: the
    WHMCS order, each item's service, and the Opportunity's stage and main service. *if_version* makes the
    write conditional.
    """

    order: OrderId
    activation: ActivationFields
    last_attempt_at: datetime | None = None
    billing_order: BillingOrderId | None = None
    services: Mapping[OrderItemId, ServiceId] = attrs.field(factory=dict[OrderItemId, ServiceId])
    stage: Stage | None = None
    opportunity_service: ServiceId | None = None
    mnp_application: str | None = None
    if_version: Version | None = None

    __repr__ = shown


@attrs.frozen(kw_only=True)
class PlacedOrder:
    """What placing left in Salesforce."""

    snapshot: OrderSnapshot
    opportunity: OpportunityId
    case: CaseId | None

    __repr__ = shown
