"""Which Opportunity an order belongs to (seed "Links to an Opportunity"; DESIGN 3.11)."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

import attrs

from ordering_core.domain.identifiers import AccountId, OpportunityId, ServiceId
from ordering_core.domain.vocabulary import OrderType


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
