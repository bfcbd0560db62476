"""
How an order moves from state to state (DESIGN 4, Machine).

The table says what our own commands may do. What happens in Salesforce is observed: it becomes a change of
the history whether the table has it or not, only marked as unexpected. Asking for the state one is in changes
nothing. A history is the changes in order: who, when, why, and how we know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

import attrs

from ordering_core.domain.events import EventKind, OrderEvent, Source
from ordering_core.domain.identifiers import AccountId, OrderId
from ordering_core.domain.order_status import OrderState, OrderStatus
from ordering_core.domain.representation import shown
from ordering_core.errors import IllegalTransition


_S = OrderState

TRANSITIONS: Final[Mapping[OrderState, frozenset[OrderState]]] = MappingProxyType(
    {
        _S.UNDER_REVIEW: frozenset(
            {
                _S.AWAITING_SIM_ASSIGNMENT,
                _S.APPROVED,
                _S.SCHEDULED,
                _S.ACTIVATING,
                _S.ON_HOLD,
                _S.REJECTED,
                _S.CANCELLED,
            }
        ),
        _S.AWAITING_SIM_ASSIGNMENT: frozenset(
            {_S.APPROVED, _S.SCHEDULED, _S.ACTIVATING, _S.ON_HOLD, _S.CANCELLED}
        ),
        _S.APPROVED: frozenset({_S.SCHEDULED, _S.ACTIVATING, _S.ON_HOLD, _S.CANCELLED}),
        _S.SCHEDULED: frozenset({_S.ACTIVATING, _S.ON_HOLD, _S.CANCELLED}),
        _S.ACTIVATING: frozenset({_S.SCHEDULED, _S.ACTIVATED, _S.ON_HOLD, _S.CANCELLED}),
        _S.ON_HOLD: frozenset(
            {_S.UNDER_REVIEW, _S.AWAITING_SIM_ASSIGNMENT, _S.APPROVED, _S.SCHEDULED, _S.ACTIVATING}
        ),
        _S.ACTIVATED: frozenset(),
        _S.REJECTED: frozenset(),
        _S.CANCELLED: frozenset(),
        _S.UNKNOWN: frozenset(),
    }
)
"""The states that may follow each; of a hold only the one beneath it, and only a hold of the state itself."""

INITIAL: Final = OrderState.UNDER_REVIEW
"""Where every order begins (DESIGN 3.1)."""

OPEN_STATES: Final = TRANSITIONS[OrderState.ON_HOLD]
"""The states in which an order is under way, and which a hold can interrupt."""

_PLACES: Final = OPEN_STATES | {OrderState.ACTIVATED}

# Finding a member of an enum by its name takes as long as comparing it; these are asked for at every step.
_ON_HOLD: Final = OrderState.ON_HOLD
_OURS: Final = Source.SYSTEM


# without slots: setting frozen fields is faster, and every step of an order makes one
@attrs.frozen(kw_only=True, slots=False)
class StateChange:
    """
    One entry of an order's history.

    *before* is None for the first. *by* names the person or system, *why* the reason given. *expected* is
    False for what was observed although nothing that we know of leads there.
    """

    before: OrderStatus | None
    after: OrderStatus
    at: datetime
    source: Source
    by: str = ""
    why: str = ""
    expected: bool = True

    __repr__ = shown


def may_follow(current: OrderStatus, target: OrderStatus) -> bool:
    """Whether the table lets *target* follow *current*."""
    before, after = current.state, target.state
    if after not in TRANSITIONS[before]:
        return False
    if after is _ON_HOLD:
        return target.beneath is before
    return before is not _ON_HOLD or current.beneath is after


def command(
    current: OrderStatus, target: OrderStatus, *, at: datetime, by: str, why: str = ""
) -> tuple[StateChange, ...]:
    """
    Decide what bringing an order from *current* to *target* changes; nothing, if it is there already.

    Raises:
        IllegalTransition: *target* cannot follow *current*.

    """
    if not may_follow(current, target):
        if current == target:
            return ()
        raise IllegalTransition(_name(current), _name(target))
    return (StateChange(before=current, after=target, at=at, source=_OURS, by=by, why=why, expected=True),)


def observed(
    current: OrderStatus | None,
    seen: OrderStatus,
    *,
    at: datetime,
    source: Source = Source.OBSERVED,
    by: str = "",
    why: str = "",
) -> tuple[StateChange, ...]:
    """
    Return what seeing *seen* changes; nothing, if *current* is the same. Never refuses.

    A hold that came or went between two readings is no surprise: what counts is whether the state beneath it
    may follow.
    """
    if current == seen:
        return ()
    return (
        StateChange(
            before=current,
            after=seen,
            at=at,
            source=source,
            by=by,
            why=why,
            expected=current is None or _is_expected(current, seen),
        ),
    )


def to_event(change: StateChange, *, order: OrderId, account: AccountId) -> OrderEvent:
    """Return *change* as an entry of the event log, for everyone who follows the order."""
    return OrderEvent(
        order=order,
        account=account,
        kind=_kind(change),
        at=change.at,
        source=change.source,
        status=change.after,
        before=change.before,
        by=change.by,
        why=change.why,
        detail=change.after.hold or change.after.state,
    )


@attrs.frozen(kw_only=True)
class Standing:
    """
    Where a history has brought an order.

    *last_known* is the last state under way or active: where an order stopped, or was when its texts became
    unreadable (DESIGN 4, table). None while there was none.
    """

    status: OrderStatus
    last_known: OrderState | None

    __repr__ = shown


def evolve(standing: Standing | None, after: OrderStatus) -> Standing:
    """Return where an order stands once its status is *after*."""
    reached = after.beneath or after.state
    if reached in _PLACES:
        return Standing(status=after, last_known=reached)
    return Standing(status=after, last_known=standing.last_known if standing else None)


def fold(history: Iterable[OrderStatus]) -> Standing | None:
    """Return where the statuses of *history*, oldest first, have brought an order; None without any."""
    standing: Standing | None = None
    for status in history:
        standing = evolve(standing, status)
    return standing


def _is_expected(current: OrderStatus, seen: OrderStatus) -> bool:
    """Whether what lies beneath *seen* is, or may follow, what lies beneath *current*."""
    before, after = current.beneath or current.state, seen.beneath or seen.state
    return after is before or after in TRANSITIONS[before]


def _kind(change: StateChange) -> EventKind:
    """Return what kind of thing *change* is to somebody who follows the order."""
    if not change.expected:
        return EventKind.UNEXPECTED_CHANGE
    if change.after.state is OrderState.ON_HOLD:
        return EventKind.HELD
    was_held = change.before is not None and change.before.state is OrderState.ON_HOLD
    return EventKind.HOLD_CLEARED if was_held and change.after.state in _PLACES else EventKind.STATUS_CHANGED


def _name(status: OrderStatus) -> str:
    """Name *status* for an error."""
    return f"{status.state} ({status.hold})" if status.hold else status.state.value
