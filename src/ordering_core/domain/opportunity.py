"""
Which Opportunity an order belongs to, and how it moves on with the order.

Sources: seed "Links to an Opportunity" and "Opportunity Stage Lifecycle"; DESIGN 3.7, 3.11, 3.25.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

from ordering_core.domain.identifiers import AccountId, OpportunityId, ServiceId
from ordering_core.domain.order_status import OrderState
from ordering_core.domain.vocabulary import OrderType, Stage


@attrs.frozen(kw_only=True)
class Opportunity:
    """
    An Opportunity as read.

    *stage* keeps Salesforce's text; *has_live_order* says whether an order already lives on it.
    """

    id: OpportunityId
    account: AccountId
    order_type: OrderType
    stage: str
    created_at: datetime
    source: str = ""
    service: ServiceId | None = None
    has_live_order: bool = False


@attrs.frozen
class UseExisting:
    """Link the order to an Opportunity that is already there; its source stays as it is."""

    opportunity: OpportunityId


@attrs.frozen
class OpenNew:
    """Open a new Opportunity for the order."""

    order_type: OrderType
    source: str


Link: TypeAlias = UseExisting | OpenNew
"""The decision, carried out by the placing composite."""

LINKABLE: Final = frozenset({Stage.INTRODUCTION, Stage.READY})
"""The stages in which an Opportunity still waits for its order."""

CHECKOUT_SOURCES: Final[Mapping[OrderType, str]] = MappingProxyType(
    {
        OrderType.INTERNET: "Portal - Internet Checkout Registration",
        OrderType.SIM: "Portal - SIM Checkout Registration",
        OrderType.VPN: "Portal - VPN Checkout Registration",
    }
)
"""Opportunity_Source__c of an Opportunity that an order opens (DESIGN 3.25)."""

ELIGIBILITY_SOURCE: Final = "Portal - Internet Eligibility Request"
"""Opportunity_Source__c of an Opportunity that an eligibility request opens (DESIGN 3.25)."""

STAGE_MOVES: Final[Mapping[Stage, frozenset[Stage]]] = MappingProxyType(
    {
        Stage.INTRODUCTION: frozenset({Stage.READY, Stage.POST_PROCESSING, Stage.VOID}),
        Stage.READY: frozenset({Stage.POST_PROCESSING, Stage.VOID}),
        Stage.POST_PROCESSING: frozenset({Stage.ACTIVE, Stage.VOID}),
        Stage.ACTIVE: frozenset({Stage.CANCELLING}),
        Stage.CANCELLING: frozenset({Stage.ACTIVE, Stage.CANCELLED}),
        Stage.CANCELLED: frozenset(),
        Stage.VOID: frozenset(),
    }
)
"""The stages that may follow each; a withdrawn cancellation leads back to Active (DESIGN 3.15)."""

_READINGS: Final[Mapping[str, Stage]] = MappingProxyType(
    {stage.value: stage for stage in Stage}
    # The seed writes these with and without the triangle (DESIGN 3.7).
    | {"Cancelling": Stage.CANCELLING, "△Cancelled": Stage.CANCELLED}
)


def stage_of(text: str) -> Stage | None:
    """Return the stage that Salesforce's *text* means, with the triangle or without; None if unknown."""
    return _READINGS.get(text)


def may_move(opportunity: Opportunity, target: Stage) -> bool:
    """Whether *target* may follow the present stage; what agents write there themselves is not asked."""
    stage = stage_of(opportunity.stage)
    return stage is not None and target in STAGE_MOVES[stage]


def link(order_type: OrderType, candidates: Iterable[Opportunity]) -> Link:
    """
    Choose the Opportunity that an order of *order_type* belongs to; a new one, when none waits for an order.

    Ready comes before Introduction, then the newest, then the smallest id: how *candidates* are sorted says
    nothing.
    """
    waiting = [
        candidate
        for candidate in candidates
        if candidate.order_type is order_type
        and stage_of(candidate.stage) in LINKABLE
        and not candidate.has_live_order
    ]
    if not waiting:
        return OpenNew(order_type, CHECKOUT_SOURCES[order_type])
    ready = [candidate for candidate in waiting if candidate.stage == Stage.READY]
    by_id = sorted(ready or waiting, key=lambda candidate: candidate.id)
    return UseExisting(max(by_id, key=lambda candidate: candidate.created_at).id)


def takes_service(opportunity: Opportunity, service: ServiceId) -> bool:
    """Whether *service* may be written to the Opportunity: never over a different one (DESIGN 3.11)."""
    return opportunity.service in {None, service}


def void_on_stop(
    opportunity: Opportunity, stopped: OrderState, *, service_exists: bool, enabled: bool
) -> bool:
    """
    Whether stopping its order makes the Opportunity Void (DESIGN 3.11).

    *stopped* is the order's state; *service_exists* says that something was billed or opened for it, which is
    then a cancellation of a service and moves on as one. *enabled* is the setting.
    """
    never_served = not service_exists and opportunity.service is None
    return (
        enabled
        and stopped in {OrderState.REJECTED, OrderState.CANCELLED}
        and never_served
        and not opportunity.has_live_order
        and may_move(opportunity, Stage.VOID)
    )
