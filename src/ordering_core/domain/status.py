"""
The one status of an order, out of Salesforce's two fields and our own history (DESIGN 4, Order status).

Agents type into both fields, so the function is total: whatever text it meets, it answers, and a text that it
does not know is Unknown instead of a guess (DESIGN 3.17). `docs/status.md` lists every combination.
"""

from __future__ import annotations

from typing import Final

from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.history import IN_REVIEW
from ordering_core.domain.order_status import OrderState, OrderStatus, StatusFacts
from ordering_core.domain.vocabulary import ActivationStatusText, OrderStatusText


_STATUS_TEXTS: Final = frozenset(text.value for text in OrderStatusText)
_ACTIVATION_TEXTS: Final = frozenset({None, "", *(text.value for text in ActivationStatusText)})


def status(facts: StatusFacts) -> OrderStatus:
    """
    Return the status that *facts* add up to; the first match wins.

    A cancelled order never approved, and not withdrawn by its customer, was rejected (DESIGN 3.6).
    An activated order is active whatever else is written beside it.
    """
    if facts.status == OrderStatusText.CANCELLED:
        stopped_later = facts.ever_approved or facts.approval_implied or facts.withdrawn_by_customer
        return OrderStatus(OrderState.CANCELLED if stopped_later else OrderState.REJECTED)
    if facts.activation_status == ActivationStatusText.ACTIVATED:
        return OrderStatus(OrderState.ACTIVATED)
    if facts.status not in _STATUS_TEXTS or facts.activation_status not in _ACTIVATION_TEXTS:
        return OrderStatus(OrderState.UNKNOWN)
    if facts.hold is not None:
        return OrderStatus(OrderState.ON_HOLD, facts.hold, _unheld(facts), facts.hold_for_customer)
    if facts.foreign_error:
        return OrderStatus(OrderState.ON_HOLD, HoldCode.FOREIGN_ERROR, _unheld(facts))
    return OrderStatus(_unheld(facts))


def _unheld(facts: StatusFacts) -> OrderState:
    """Return the state that *facts* give when no hold interrupts it."""
    if facts.status in IN_REVIEW and not facts.approval_implied:
        return OrderState.UNDER_REVIEW
    if facts.physical_sim and not facts.sim_assigned:
        return OrderState.AWAITING_SIM_ASSIGNMENT
    if facts.go_ahead is None:
        return OrderState.APPROVED
    return OrderState.SCHEDULED if facts.go_ahead.is_scheduled else OrderState.ACTIVATING
