"""
What stops an order: it was cancelled, activated by hand, never ours, or something was done twice.

Nothing is undone here. A hold lists exactly what exists, with one act of undoing for each thing, for a person
to do (DESIGN 4, Provisioning).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ordering_core.domain.billing import BilledOrder
from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.journal import Done, Fact, Held, Outcome, Rest, Step, WaitFor
from ordering_core.domain.opportunity import void_on_stop
from ordering_core.domain.provisioning.actions import Question, VoidOpportunity
from ordering_core.domain.provisioning.flight import (
    Standing,
    delayed,
    evidence,
    last,
    profile_kept,
    standing,
)
from ordering_core.domain.provisioning.holds import LEFT_BY_HAND, RESUMED_BY_HAND, held, undone_answer
from ordering_core.domain.provisioning.run import Run
from ordering_core.domain.vocabulary import ActivationStatusText, OrderStatusText


_GONE: Final = frozenset({"Cancelled", "Terminated", "Fraud"})
"""The states of a WHMCS service that no longer is one."""


def doubled(run: Run) -> Question | Held | None:
    """Hold an order that carries its mark twice, naming both; look, where there is reason to (DESIGN 6)."""
    doubts = run.hold is not None and run.hold.code is HoldCode.DUPLICATE_EFFECT
    billing_doubted = doubts or Step.ADD_BILLING_ORDER in run.late
    if billing_doubted and run.billed is None and run.client is not None:
        return Question.BILLING_ORDERS
    if (
        run.lines is None
        and run.searchable
        and ((doubts and run.sim is not None) or Step.SUBMIT_LINE in run.late)
    ):
        return Question.LINES
    billed, lines = run.billed or (), run.live_lines
    facts: dict[str, str] = {}
    if len(billed) > 1:
        facts["billing_orders"] = ", ".join(str(order.id) for order in billed)
    if len(lines) > 1:
        facts["lines"] = ", ".join(line.id for line in lines)
    if not facts:
        return None
    return held(run, HoldCode.DUPLICATE_EFFECT, detail=_listed(facts), facts=facts)


def cancelled(run: Run) -> Question | VoidOpportunity | Rest | None:
    """Let a cancelled order rest, once nothing of it exists any more."""
    if run.snapshot.status != OrderStatusText.CANCELLED:
        return None
    if _may_exist(run):
        if question := _what_exists(run):
            return question
        if exists := existing(run):
            return held(run, HoldCode.CANCELLED_IN_FLIGHT, facts=exists)
    return _void(run) or Done()


def activated_by_hand(run: Run) -> Question | Rest | None:
    """Hold an order that somebody else set Activated with steps open; nothing is billed by itself."""
    if run.snapshot.activation.status != ActivationStatusText.ACTIVATED or _may_be_done(run, Step.COMPLETE):
        return None
    if RESUMED_BY_HAND in run.case_file.causes:
        return None
    begun = _may_exist(run)
    finished_elsewhere = not begun and (_linked(run) or run.quote is None)
    if finished_elsewhere or LEFT_BY_HAND in run.case_file.causes:
        return Done()
    question = _what_exists(run) if begun else None
    return question or held(run, HoldCode.ACTIVATED_BY_HAND, facts=existing(run))


def not_ours(run: Run) -> WaitFor | None:
    """Leave an order alone that others billed or that was there before us (DESIGN 3.18)."""
    if run.case_file.adopted or last(run, Step.ADD_BILLING_ORDER):
        return None
    start = run.policy.provisioning_not_before
    older = start is not None and run.snapshot.created_at < start
    return WaitFor(Fact.ADOPTION) if older or _linked(run) or run.quote is None else None


def existing(run: Run) -> Mapping[str, str]:
    """
    Return exactly what exists of the order and nobody has undone, each with the act that undoes it.

    Keys are ``billing_order``, ``line``, ``profile`` and, for each, ``undo:`` and the thing; what could not
    be asked is as the journal has it.
    """
    facts: dict[str, str] = {}
    for thing, undo, names in (
        ("billing_order", "cancel_billing_order", _billed(run)),
        ("line", "terminate_line", _lines(run)),
        ("profile", "cancel_profile", (f"profile of {run.order}",) if profile_kept(run) else ()),
    ):
        known = ", ".join(names)
        if known and undone_answer(known) not in run.case_file.causes:
            facts |= {thing: known, f"undo:{thing}": undo}
    return facts


def _what_exists(run: Run) -> Question | None:
    """Return what has still to be asked before it can be listed what exists."""
    if run.billed is None and run.client is not None:
        return Question.BILLING_ORDERS
    return Question.LINES if run.sim is not None and run.lines is None and run.searchable else None


def _billed(run: Run) -> tuple[str, ...]:
    """Return the billing orders that exist."""
    if run.billed is not None:
        return tuple(str(order.id) for order in run.billed if _alive(order))
    known = evidence(run, Step.ADD_BILLING_ORDER).get("order")
    return (known,) if known else ()


def _lines(run: Run) -> tuple[str, ...]:
    """Return the lines that exist or may exist."""
    if run.live_lines:
        return tuple(line.id for line in run.live_lines)
    row = last(run, Step.SUBMIT_LINE)
    if row is None or row.outcome in {Outcome.ABSENT, Outcome.REFUSED}:
        return ()
    if row.outcome is Outcome.DONE:
        return () if run.lines is not None else (row.evidence["line"],)
    return ("unknown",)


def _alive(order: BilledOrder) -> bool:
    """Whether any service of *order* still is one; an order without services counts."""
    return not order.services or any(service.status not in _GONE for service in order.services)


def _may_exist(run: Run) -> bool:
    """Whether anything was billed or opened, or may have been."""
    return _may_be_done(run, Step.ADD_BILLING_ORDER, Step.SUBMIT_LINE)


def _may_be_done(run: Run, *steps: Step) -> bool:
    """Whether any of *steps* was done, or may have been."""
    rows = (row for row in run.rows if row.step in steps)
    return any(row.outcome not in {Outcome.ABSENT, Outcome.REFUSED} for row in rows)


def _linked(run: Run) -> bool:
    """Whether Salesforce names something in WHMCS for this order."""
    return run.snapshot.billing_order is not None or any(line.service for line in run.snapshot.lines)


def _void(run: Run) -> Question | VoidOpportunity | Rest | None:
    """Give up the Opportunity that was waiting for this order alone (DESIGN 3.11)."""
    opportunity = run.snapshot.opportunity
    if opportunity is None or run.quote is None or not run.policy.void_opportunity_on_cancel:
        return None
    match standing(run, Step.VOID_OPPORTUNITY):
        case Standing.DONE:
            return None
        case Standing.DELAYED:
            return delayed(run, Step.VOID_OPPORTUNITY)
        case Standing.REFUSED:
            return held(run, HoldCode.CONFIGURATION, facts=evidence(run, Step.VOID_OPPORTUNITY))
        case _:
            pass
    if run.opportunities is None:
        return Question.OPPORTUNITIES
    lost = any(known.id == opportunity and void_on_stop(known) for known in run.opportunities)
    return VoidOpportunity(opportunity) if lost else None


def _listed(facts: Mapping[str, str]) -> str:
    """Name what was found twice."""
    names: Iterable[str] = (f"{name.replace('_', ' ')} {ids}" for name, ids in facts.items())
    return "; ".join(names)
