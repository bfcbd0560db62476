"""
What is ordered in the sweeps of kills, and what agents and carriers do on the way of those that need it.

Beside the kinds of the provisioning grids there are ways that an order of any kind can go, each with a step
that no order takes that is simply approved.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final, TypeAlias

import attrs

from ordering_adapters.storage import SqlProfileBook
from ordering_core import Fact, Held, HoldCode, OrderId, SimDraft, WaitFor
from ordering_core.domain.calendar import business_date
from tests.contract.durable_stage import Stage
from tests.contract.durable_worker import Job
from tests.contract.provisioning import PROFILE_RANGES, Ride, Road
from tests.contract.provisioning_kinds import NEW_ADDRESS, PROFILES, Extra, Kind, donor
from tests.contract.stand_in import Row
from tests.unit.application.shop import ESIM


LATER: Final = timedelta(days=3)
"""How long before their day customers order who choose one."""


class Way(StrEnum):
    """
    What happens to the order of an eSIM.

    *SCHEDULED* is for a day that the customer chose. *TAKEN_BACK* was approved and told to go ahead, and both
    was taken back before anything happened; it is approved again once Salesforce shows no go-ahead any more.
    *CANCELLED* was cancelled before anything happened.
    """

    SCHEDULED = "scheduled"
    TAKEN_BACK = "taken_back"
    CANCELLED = "cancelled"


Killed: TypeAlias = Kind | Extra | Way

EVERY: Final[tuple[Killed, ...]] = (*Kind, *Extra, *Way)


def placed(stage: Stage, kind: Killed) -> Ride:
    """
    Return an order for which everything has been done that can be done before a worker has seen it.

    Its *acts* are what is left for somebody to do then (`tend`).
    """
    match kind:
        case Extra():
            return _with_profile(stage, kind)
        case Way.SCHEDULED:
            day = business_date(stage.world.clock.now() + LATER)
            draft: SimDraft = attrs.evolve(ESIM, activation_type="Scheduled", scheduled_on=day)
            return stage.placed(draft=draft)
        case Way.TAKEN_BACK:
            return _taken_back(stage)
        case Way.CANCELLED:
            ride = stage.placed()
            stage.world.agent.cancel(ride.order, reason="customer")
            stage.world.ordering.observe(ride.order, cause=f"cancelled:{ride.order}")
            return ride
        case _:
            return stage.placed(kind)


def tend(stage: Stage, ride: Ride) -> bool:
    """Do what is left for somebody to do, if it is time for it; return whether it was."""
    kept = stage.case_file(ride.order)
    match kept.rest if kept is not None else None:
        case Held(code=HoldCode.MNP_REFUSED, reported=True):
            pass
        case WaitFor(fact=Fact.APPROVAL) if not _shows_go_ahead(stage, ride):
            pass
        case _:
            return False
    for act in ride.acts:
        act()
    return True


def _shows_go_ahead(stage: Stage, ride: Ride) -> bool:
    return bool(stage.road.order_row(ride.order, "Activation_Status__c")["Activation_Status__c"])


def with_profiles(job: Job) -> Job:
    """Return *job* for a worker that delivers the profiles of eSIMs, over the ES2+ of the network."""
    ranges = (f"{name}={each.first}+{each.count}" for name, each in PROFILE_RANGES.items())
    settings = {
        "ORDERING_POLICY_ESIM_PROFILE_DELIVERY": "true",
        "ORDERING_ES2PLUS_URL": job.network["http"],
        "ORDERING_ES2PLUS_REQUESTER": "1.3.6.1.4.1.99999.2",
        "ORDERING_ES2PLUS_ICCIDS": ";".join(ranges),
    }
    return attrs.evolve(job, settings={**job.settings, **settings})


class RoadOfOne(Road):
    """What can be seen from outside of one order among many."""

    def __init__(self, stage: Stage, order: OrderId) -> None:
        super().__init__(stage.world, stage.road.network, stage.road.tap)
        self._order = order

    def profiles(self) -> list[Row]:
        """Return the profile that the order has, according to our own book."""
        kept = SqlProfileBook(self.world.store).get(self._order)
        if kept is None or kept.iccid is None:
            return []
        return [row for row in super().profiles() if row["iccid"] == kept.iccid.value]


def _with_profile(stage: Stage, kind: Extra) -> Ride:
    """Return an approved order of *kind*, whose number its carrier does not let go if one is to move."""
    world, road, number = stage.world, stage.road, next(stage._numbers)
    road._deliver_profiles(on=kind in PROFILES)
    customer = world.new_customer()
    session = world.ordering.begin_checkout(road._draft(kind, number), customer=customer)
    if kind is Extra.WHOLE_ESIM:
        world.ordering.update_address(session.id, NEW_ADDRESS, customer=customer)
    if kind is Extra.REFUSED_PORT:
        road.network.admin("POST", "stock", {"donors": [donor(number, unpaid=True)]})
    world.ordering.confirm_address(session.id, customer=customer)
    order = world.ordering.submit(session.id, customer=customer).order
    assert order is not None
    approve, *later = road._acts(kind, order, number)
    approve()
    world.ordering.observe(order, cause=f"approved:{order}")
    return Ride(kind=kind, customer=customer, order=order, acts=tuple(later))


def _taken_back(stage: Stage) -> Ride:
    """Return an order whose approval and go-ahead came and went before any worker was there."""
    world, ride = stage.world, stage.placed()
    order = ride.order
    world.agent.set_activation(order, "Activating")
    world.ordering.observe(order, cause=f"told:{order}")
    world.agent.set_status(order, "Draft")
    world.ordering.observe(order, cause=f"taken_back:{order}")

    def approve_again() -> None:
        world.agent.approve(order)
        world.ordering.observe(order, cause=f"approved_again:{order}")

    return attrs.evolve(ride, acts=(approve_again,))
