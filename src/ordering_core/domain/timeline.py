"""
Where an order stands on the steps its customer sees, and in which part of the orders list (DESIGN 4, table).

Every state of every order type has a place, so nothing that Salesforce says can leave the page without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from ordering_core.domain.order_status import OrderState, OrderStatus
from ordering_core.domain.representation import shown
from ordering_core.domain.vocabulary import OrderType


class Bucket(StrEnum):
    """The status filters of the orders list (seed "Orders List Page")."""

    PENDING = "Pending"
    PROCESSING = "Processing"
    ACTIVE = "Active"
    CANCELLED = "Cancelled"


class TimelineStep(StrEnum):
    """The steps of the progress bar, by the seed's names ("Order Progress Timeline")."""

    SUBMITTED = "Submitted"
    UNDER_REVIEW = "Under Review"
    PROCESSING = "Processing"
    SCHEDULED = "Scheduled"
    ACTIVATING = "Activating"
    ACTIVE = "Active"


_S = OrderState
_T = TimelineStep

BUCKETS: Final[Mapping[OrderState, Bucket]] = MappingProxyType(
    {
        _S.UNDER_REVIEW: Bucket.PENDING,
        _S.APPROVED: Bucket.PROCESSING,
        _S.AWAITING_SIM_ASSIGNMENT: Bucket.PROCESSING,
        _S.SCHEDULED: Bucket.PROCESSING,
        _S.ACTIVATING: Bucket.PROCESSING,
        _S.ON_HOLD: Bucket.PROCESSING,
        _S.ACTIVATED: Bucket.ACTIVE,
        _S.REJECTED: Bucket.CANCELLED,
        _S.CANCELLED: Bucket.CANCELLED,
        _S.UNKNOWN: Bucket.PROCESSING,
    }
)
"""Which filter finds an order in each state; an order on hold is processing, whatever it stopped in."""

STEPS: Final[Mapping[OrderType, tuple[TimelineStep, ...]]] = MappingProxyType(
    {
        OrderType.INTERNET: (_T.SUBMITTED, _T.UNDER_REVIEW, _T.SCHEDULED, _T.ACTIVE),
        OrderType.SIM: (_T.SUBMITTED, _T.PROCESSING, _T.ACTIVATING, _T.ACTIVE),
        OrderType.VPN: (_T.SUBMITTED, _T.PROCESSING, _T.ACTIVE),
    }
)
"""The steps that an order of each type goes through."""


def _places(early: TimelineStep, late: TimelineStep) -> Mapping[OrderState, TimelineStep]:
    """Place the states under way: *early* until there is a date or work has begun, *late* from then on."""
    return MappingProxyType(
        {
            _S.UNDER_REVIEW: early,
            _S.APPROVED: early,
            _S.AWAITING_SIM_ASSIGNMENT: early,
            _S.SCHEDULED: late,
            _S.ACTIVATING: late,
            _S.ACTIVATED: _T.ACTIVE,
        }
    )


_PLACES: Final[Mapping[OrderType, Mapping[OrderState, TimelineStep]]] = MappingProxyType(
    {
        OrderType.INTERNET: _places(_T.UNDER_REVIEW, _T.SCHEDULED),
        OrderType.SIM: _places(_T.PROCESSING, _T.ACTIVATING),
        OrderType.VPN: _places(_T.PROCESSING, _T.PROCESSING),
    }
)


@attrs.frozen(kw_only=True)
class Timeline:
    """
    The progress bar of one order.

    *current* is the index of the highlighted step. *complete* says that every step is done; *stopped* that
    the order was rejected or cancelled at the current one.
    """

    steps: tuple[TimelineStep, ...]
    current: int
    complete: bool = False
    stopped: bool = False

    __repr__ = shown

    @property
    def step(self) -> TimelineStep:
        """The highlighted step."""
        return self.steps[self.current]


def timeline(order_type: OrderType, status: OrderStatus, *, last_known: OrderState | None = None) -> Timeline:
    """
    Place *status* on the steps an order of *order_type* goes through.

    *last_known* says where an order stopped, or was before its texts became unreadable (`machine.Standing`).
    Without it a rejected order stopped under review, for it was never approved, and any other at the start.
    """
    steps = STEPS[order_type]
    stopped = BUCKETS[status.state] is Bucket.CANCELLED
    reached = status.beneath or status.state
    if stopped or reached is OrderState.UNKNOWN:
        reached = last_known or (OrderState.UNDER_REVIEW if reached is OrderState.REJECTED else reached)
    return Timeline(
        steps=steps,
        current=steps.index(_PLACES[order_type].get(reached, TimelineStep.SUBMITTED)),
        complete=status.state is OrderState.ACTIVATED,
        stopped=stopped,
    )
