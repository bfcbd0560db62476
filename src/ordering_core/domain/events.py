"""
What happened to an order.

Customers follow it live, hosts by the change feed, staff as history.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import attrs

from ordering_core.domain.identifiers import AccountId, Cursor, OrderId
from ordering_core.domain.order_status import OrderStatus
from ordering_core.domain.representation import shown


class EventKind(StrEnum):
    """What kind of thing happened."""

    SUBMITTED = "submitted"
    STATUS_CHANGED = "status_changed"
    UNEXPECTED_CHANGE = "unexpected_change"
    PROGRESS = "progress"
    HELD = "held"
    HOLD_CLEARED = "hold_cleared"
    DATE_CHANGED = "date_changed"


class Source(StrEnum):
    """Whose doing a change was."""

    CUSTOMER = "customer"
    AGENT = "agent"
    SYSTEM = "system"
    OBSERVED = "observed"


@attrs.frozen(kw_only=True)
class OrderEvent:
    """
    One entry of the event log.

    *cursor* is given by the store on appending (0 before). *detail* is a short stable word (a step, a hold
    code), free of personal data. *before* is None for the first event of an order.
    """

    order: OrderId
    account: AccountId
    kind: EventKind
    at: datetime
    source: Source
    status: OrderStatus
    before: OrderStatus | None = None
    by: str = ""
    why: str = ""
    detail: str = ""
    cursor: Cursor = Cursor(0)

    __repr__ = shown
