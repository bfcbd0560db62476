"""
What a run is told to do, as data: questions to outside systems, effects in them, and notes in the journal.

Every effect belongs to one journaled step and carries a mark. A note changes only what we remember.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, TypeAlias, assert_never

import attrs

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.billing import NewBillingOrder
from ordering_core.domain.identifiers import (
    BillingOrderId,
    ClientId,
    LineId,
    OpportunityId,
    OrderId,
    ServiceId,
)
from ordering_core.domain.journal import Evidence, Held, Outcome, RowId, Step
from ordering_core.domain.lines import LineRequest
from ordering_core.domain.orders import OrderWrite
from ordering_core.domain.representation import shown


class Question(StrEnum):
    """What a run can ask; asking changes nothing anywhere."""

    ORDER = "order"
    PAYMENT_METHODS = "payment_methods"
    BILLING_ORDERS = "billing_orders"
    LINES = "lines"
    OPPORTUNITIES = "opportunities"
    SHIPMENT = "shipment"


@attrs.frozen(kw_only=True)
class WriteOrder:
    """
    Write activation fields, and at the end the links, to Salesforce.

    *step* says what for; *held* is the hold that a report tells of.
    """

    step: Step
    mark: str
    write: OrderWrite
    held: Held | None = None

    __repr__ = shown


@attrs.frozen
class UpdateBillingAddress:
    """Give the WHMCS client the address that the order changed (DESIGN 3.23)."""

    client: ClientId
    address: PostalAddress = attrs.field(repr=False)

    __repr__ = shown


@attrs.frozen
class AddBillingOrder:
    """Add the order to be billed; the point of no return."""

    order: NewBillingOrder

    __repr__ = shown


@attrs.frozen
class SubmitLine:
    """Submit the line to the network; a port cannot be undone."""

    request: LineRequest

    __repr__ = shown


@attrs.frozen(kw_only=True)
class SetVoiceOptions:
    """Give the open line its voice options."""

    line: LineId
    voice_mail: bool
    call_waiting: bool

    __repr__ = shown


class MoveProfile(NamedTuple):
    """
    Reserve, release or cancel the eSIM profile of *order*, as *step* says; each may be made again.

    *request*, which reserving needs, says for which device and of which plan.
    """

    step: Step
    order: OrderId
    request: LineRequest | None = None


@attrs.frozen
class AcceptBillingOrder:
    """Accept the pending order in WHMCS."""

    order: BillingOrderId

    __repr__ = shown


@attrs.frozen
class ActivateService:
    """Make one service Active and link it to the Opportunity."""

    service: ServiceId
    opportunity: OpportunityId | None

    __repr__ = shown


@attrs.frozen
class OpenShippingCase:
    """Ask the team to send the router of *order* (DESIGN 3.26)."""

    order: OrderId

    __repr__ = shown


@attrs.frozen
class VoidOpportunity:
    """Give up the Opportunity of an order that was stopped before a service existed (DESIGN 3.11)."""

    opportunity: OpportunityId

    __repr__ = shown


Effect: TypeAlias = (
    WriteOrder
    | UpdateBillingAddress
    | AddBillingOrder
    | SubmitLine
    | SetVoiceOptions
    | MoveProfile
    | AcceptBillingOrder
    | ActivateService
    | OpenShippingCase
    | VoidOpportunity
)
"""What changes an outside system; intended in the journal before, settled after."""


@attrs.frozen(kw_only=True)
class Settle:
    """Write into the journal what a look has shown of an attempt whose outcome was unknown."""

    row: RowId
    outcome: Outcome
    evidence: Evidence = attrs.field(factory=dict[str, str])

    __repr__ = shown


@attrs.frozen(kw_only=True)
class Adopt:
    """Take an effect that carries our mark, but that no row tells of, into the journal (DESIGN 3.18)."""

    step: Step
    mark: str
    evidence: Evidence

    __repr__ = shown


@attrs.frozen
class ClearHold:
    """End the open hold; *answers* are the refusals and doubts that somebody's word has answered."""

    answers: frozenset[str]

    __repr__ = shown


Note: TypeAlias = Settle | Adopt | ClearHold
"""What changes only our own memory."""

Action: TypeAlias = Question | Effect | Note
"""One thing to do."""


def step_of(effect: Effect) -> Step:
    """Return the step that *effect* is an attempt at."""
    match effect:
        case WriteOrder() | MoveProfile():
            return effect.step
        case UpdateBillingAddress():
            return Step.UPDATE_BILLING_ADDRESS
        case AddBillingOrder():
            return Step.ADD_BILLING_ORDER
        case SubmitLine():
            return Step.SUBMIT_LINE
        case SetVoiceOptions():
            return Step.VOICE_OPTIONS
        case AcceptBillingOrder():
            return Step.ACCEPT_BILLING_ORDER
        case ActivateService():
            return Step.VERIFY_SERVICES
        case OpenShippingCase():
            return Step.OPEN_SHIPPING_CASE
        case VoidOpportunity():
            return Step.VOID_OPPORTUNITY
        case _:
            assert_never(effect)


def mark_of(effect: Effect) -> str:
    """Return what *effect* carries in the outside system, or what tells it from others of its step."""
    match effect:
        case WriteOrder():
            return effect.mark
        case UpdateBillingAddress():
            return str(effect.client)
        case AddBillingOrder():
            return effect.order.reference
        case SubmitLine():
            return effect.request.mark
        case SetVoiceOptions():
            return effect.line
        case AcceptBillingOrder():
            return str(effect.order)
        case ActivateService():
            return str(effect.service)
        case OpenShippingCase() | MoveProfile():
            return effect.order
        case VoidOpportunity():
            return effect.opportunity
        case _:
            assert_never(effect)
