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
from ordering_core.domain.representation import shown
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

    __repr__ = shown


@attrs.frozen
class UseExisting:
    """Link the order to an Opportunity that is already there; its source stays as it is."""

    opportunity: OpportunityId

    __repr__ = shown


@attrs.frozen
class OpenNew:
    """Open a new Opportunity for the order."""

    order_type: OrderType
    source: str

    __repr__ = shown


Link: TypeAlias = UseExisting | OpenNew
"""The decision, carried out by the placing composite."""

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

LINKABLE: Final = frozenset(
    stage for stage, targets in STAGE_MOVES.items() if Stage.POST_PROCESSING in targets
)
"""The stages in which an Opportunity still waits for its order: Introduction and Ready."""

_READINGS: Final[Mapping[str, Stage]] = MappingProxyType(
    {stage.value: stage for stage in Stage}
    # The seed writes these with and without the triangle (DESIGN 3.7).
    | {"Cancelling": Stage.CANCELLING, "△Cancelled": Stage.CANCELLED}
)


def stage_of(text: str) -> Stage | None:
    """Return the stage that Salesforce's *text* means, with the triangle or without; None if unknown."""
    return _READINGS.get(text)


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


def may_write_service(present: ServiceId | None, service: ServiceId) -> bool:
    """Whether *service* may be written where *present* is: never over a different one (DESIGN 3.11)."""
    return present in {None, service}


def void_on_stop(opportunity: Opportunity) -> bool:
    """
    Whether the Opportunity of an order that was stopped before a service existed becomes Void (DESIGN 3.11).

    One that agents have moved elsewhere waits for something else, and one with a service or with another live
    order is not lost.
    """
    return (
        stage_of(opportunity.stage) is Stage.POST_PROCESSING
        and opportunity.service is None
        and not opportunity.has_live_order
    )
