"""When a resting order is looked at again though nobody says anything (DESIGN 6, *The engine triggers*)."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.journal import Done, Held, Rest, RetryAt, WaitFor, WaitUntil
from ordering_core.domain.lines import LineState
from ordering_core.domain.provisioning.run import Run


def again_at(run: Run, rest: Rest) -> datetime | None:
    """Return when to run again; None when only somebody's move can change anything."""
    match rest:
        case Done():
            return None
        case RetryAt() | WaitUntil() | WaitFor():
            return rest.at
        case Held():
            return _held_again_at(run, rest)
        case _:
            assert_never(rest)


def _held_again_at(run: Run, hold: Held) -> datetime | None:
    """Return when to look at a held order; WHMCS tells nobody of a card, nor the network of a line."""
    if not hold.reported:
        return run.at + run.policy.retry_after
    if hold.code is HoldCode.PAYMENT_METHOD_MISSING:
        return run.at + run.policy.holds_ask_again
    opening = any(line.state is LineState.SUBMITTED for line in run.lines or ())
    if "line" in hold.facts and (
        hold.code is HoldCode.CANCELLED_IN_FLIGHT or (hold.code is HoldCode.ACTIVATED_BY_HAND and opening)
    ):
        return run.at + run.policy.line_poll
    return None
