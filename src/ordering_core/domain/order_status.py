"""
The one status of an order, and the facts it is a function of (DESIGN 4, Order status).

The function itself is in `status`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import attrs

from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.representation import shown
from ordering_core.domain.vocabulary import OrderType


class OrderState(StrEnum):
    """Where an order stands."""

    UNDER_REVIEW = "UnderReview"
    APPROVED = "Approved"
    AWAITING_SIM_ASSIGNMENT = "AwaitingSimAssignment"
    SCHEDULED = "Scheduled"
    ACTIVATING = "Activating"
    ON_HOLD = "OnHold"
    ACTIVATED = "Activated"
    REJECTED = "Rejected"
    CANCELLED = "Cancelled"
    UNKNOWN = "Unknown"


@attrs.frozen(slots=False)
class OrderStatus:
    """
    An order's state; on hold, also why (*hold*) and the state *beneath* that the hold interrupts.

    *for_customer* says that the hold waits for the customer: the list then reads *Action Needed*.
    """

    state: OrderState
    hold: HoldCode | None = None
    beneath: OrderState | None = None
    for_customer: bool = False

    __repr__ = shown


@attrs.frozen(kw_only=True)
class GoAhead:
    """
    An agent's (or our own) word that an order may be activated: now, or at *at* (DESIGN 3.19).

    *undated* is a Scheduled without its date: a word that nobody can act on before the date is given
    (DESIGN 3.4).
    """

    at: datetime | None = None
    undated: bool = False

    __repr__ = shown

    @property
    def is_scheduled(self) -> bool:
        """Whether it was Scheduled, dated or not, rather than Activating."""
        return self.undated or self.at is not None


@attrs.frozen(kw_only=True)
class StatusFacts:
    """
    All that the status is a function of.

    *hold* is the code of our open hold, *hold_for_customer* whether the customer has to act on it.
    *foreign_error* says that the error code read was written by no run of ours. *ever_approved*,
    *approval_implied* and *withdrawn_by_customer* are facts of our own history.
    """

    order_type: OrderType
    status: str | None
    activation_status: str | None
    physical_sim: bool = False
    sim_assigned: bool = False
    hold: HoldCode | None = None
    hold_for_customer: bool = False
    foreign_error: bool = False
    go_ahead: GoAhead | None = None
    ever_approved: bool = False
    approval_implied: bool = False
    withdrawn_by_customer: bool = False

    __repr__ = shown
