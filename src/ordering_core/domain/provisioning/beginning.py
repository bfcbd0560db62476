"""
Whether the time for an order has come: approved, told to go ahead, its SIM at hand, its day here.

An Activating means now, a Scheduled means its date. A date without a time, midnight in Japan, means the
opening of the activation window, for Internet the evening of the day. A port never begins outside the window.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from ordering_core.domain.calendar import BusinessHours, at_jst, business_date, start_of_day
from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.history import foreign_error
from ordering_core.domain.journal import Fact, Held, Rest, Step, WaitFor, WaitUntil
from ordering_core.domain.orders import ActivationFields, AssignedSim, OrderWrite
from ordering_core.domain.policy import InternetOnDate, PhysicalPortStart
from ordering_core.domain.provisioning.actions import WriteOrder
from ordering_core.domain.provisioning.flight import Standing, delayed, evidence, standing
from ordering_core.domain.provisioning.holds import held
from ordering_core.domain.provisioning.run import Run
from ordering_core.domain.vocabulary import (
    ActivationStatusText,
    ActivationType,
    OrderType,
)


_KNOWN_ACTIVATIONS: Final = frozenset({None, *ActivationStatusText})


def approval(run: Run) -> Rest | None:
    """
    Wait for approval; what nobody here can read is not guessed at (DESIGN 3.17).

    Nor does it end an open hold: a text without a meaning is no fact (DESIGN 3.19).
    """
    seen = run.observation
    if seen.approval_withdrawn:
        return held(run, HoldCode.APPROVAL_WITHDRAWN)
    if not seen.approved:
        return WaitFor(Fact.APPROVAL)
    if run.snapshot.activation.status not in _KNOWN_ACTIVATIONS:
        return run.hold or WaitFor(Fact.AGENT_GO_AHEAD)
    return None


def somebody_elses_error(run: Run) -> Held | None:
    """Hold an order on which somebody else has reported an error, unless a hold of ours is open."""
    open_code = run.hold.code if run.hold else HoldCode.FOREIGN_ERROR
    if open_code is HoldCode.FOREIGN_ERROR and foreign_error(run.case_file, run.snapshot):
        return held(
            run, HoldCode.FOREIGN_ERROR, facts={"error_code": run.snapshot.activation.error_code or ""}
        )
    return None


def card_assigned(run: Run) -> WaitFor | None:
    """Wait until an agent has assigned a card to a physical SIM."""
    return WaitFor(Fact.SIM_ASSIGNMENT) if run.is_physical and run.snapshot.sim is None else None


def told_to_go_ahead(run: Run) -> Rest | WriteOrder | None:
    """Wait for the agent's go-ahead, for its date, or for the day the customer chose."""
    go_ahead = run.case_file.go_ahead
    if go_ahead is None and run.policy.waits_for_agent(run.snapshot.order_type):
        return WaitFor(Fact.AGENT_GO_AHEAD)
    if go_ahead is not None and go_ahead.undated:
        return held(run, HoldCode.SCHEDULE_DATE_MISSING)
    chosen = _day_chosen(run) if go_ahead is None else go_ahead.at
    if go_ahead is None and chosen is None and _is_scheduled(run):
        return held(run, HoldCode.SCHEDULE_DATE_MISSING)
    due = _due(run, chosen)
    if chosen is not None and due > run.at:
        return (_mark_scheduled(run, chosen) if go_ahead is None else None) or WaitUntil(due)
    if (
        go_ahead is not None
        and go_ahead.is_scheduled
        and run.snapshot.order_type is OrderType.INTERNET
        and run.policy.internet_on_date is InternetOnDate.CONFIRM
    ):
        return WaitFor(Fact.AGENT_GO_AHEAD)
    return None


def card_delivered(run: Run) -> WaitFor | None:
    """Wait until the customer holds the card to which a number moves (DESIGN 3.5)."""
    sim = run.snapshot.sim
    waits = run.is_physical and run.is_port and run.policy.sim_mnp_activation is PhysicalPortStart.ON_DELIVERY
    if not waits or sim is None or _has_arrived(sim, run):
        return None
    if sim.shipped_at is None:
        missed = shipment_missed_at(run)
        return WaitFor(Fact.SIM_DELIVERY, missed if missed and missed > run.at else None)
    arrives = sim.shipped_at + timedelta(days=run.policy.sim_ship_days)
    return WaitFor(Fact.SIM_DELIVERY, arrives) if arrives > run.at else None


def shipment_missed_at(run: Run) -> datetime | None:
    """
    Return when it counts as missed that the assigned card has no shipping date; None once one is known.

    One business day after it was assigned, or after the order came where nobody wrote that down (DESIGN
    3.27).
    """
    sim = run.snapshot.sim
    if sim is None or sim.shipped_at is not None or _has_arrived(sim, run):
        return None
    hours = BusinessHours(closed_days=run.closed_days)
    return hours.add_business_days(sim.assigned_at or run.snapshot.created_at, 1)


def inside_the_window(run: Run) -> WaitUntil | None:
    """Wait for the opening of the activation window with a number that is to be moved (DESIGN 3.4)."""
    if not run.is_port:
        return None
    opening = run.policy.activation_window.next_opening(run.at)
    return WaitUntil(opening) if opening > run.at else None


def _is_scheduled(run: Run) -> bool:
    """Whether the customer asked for a day."""
    draft = run.snapshot.draft
    return isinstance(draft, SimDraft) and draft.activation_type == ActivationType.SCHEDULED


def _has_arrived(sim: AssignedSim, run: Run) -> bool:
    """Whether an agent or the customer has said so of this very card: it may have replaced another."""
    return sim.delivered_at is not None or run.case_file.delivered == sim.id


def _day_chosen(run: Run) -> datetime | None:
    """Return the instant that the customer's day, as it stands in Salesforce, means."""
    draft = run.snapshot.draft
    if not (_is_scheduled(run) and isinstance(draft, SimDraft)):
        return None
    if run.snapshot.activation.scheduled_at is not None:
        return run.snapshot.activation.scheduled_at
    return start_of_day(draft.scheduled_on) if draft.scheduled_on else None


def _due(run: Run, chosen: datetime | None) -> datetime:
    """Return when an order may begin that is meant for *chosen*; now, when that is None."""
    if chosen is None:
        return run.at
    day = business_date(chosen)
    if chosen != start_of_day(day):
        return chosen
    if run.snapshot.order_type is OrderType.INTERNET:
        return at_jst(day, run.policy.internet_activation_time)
    return run.policy.activation_window.opening_on(day)


def _mark_scheduled(run: Run, chosen: datetime) -> WriteOrder | Rest | None:
    """Show the customer's day in Salesforce, once for each day (DESIGN 3.4)."""
    mark = chosen.isoformat()
    match standing(run, Step.MARK_SCHEDULED, mark):
        case Standing.DONE:
            return None
        case Standing.DELAYED:
            return delayed(run, Step.MARK_SCHEDULED)
        case Standing.REFUSED:
            return held(run, HoldCode.CONFIGURATION, facts=evidence(run, Step.MARK_SCHEDULED))
        case _:
            return WriteOrder(
                step=Step.MARK_SCHEDULED,
                mark=mark,
                write=OrderWrite(
                    order=run.order,
                    activation=ActivationFields(status=ActivationStatusText.SCHEDULED, scheduled_at=chosen),
                    if_version=run.snapshot.version,
                ),
            )
