"""Kills at every moment of every step of orders, and what has to hold of the orders then."""

from __future__ import annotations

import itertools

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import cycle
from typing import Final

import attrs

from ordering_core.application.record import order_subject
from ordering_core.domain.journal import Outcome, Step
from ordering_core.domain.vocabulary import Stage as Selling
from tests.contract.durable_stage import KILLED, Stage
from tests.contract.durable_ways import Killed, RoadOfOne, Way, placed, tend, with_profiles
from tests.contract.durable_worker import AFTER, BEFORE, MOMENTS, Job
from tests.contract.provisioning import Kind, Ride, assert_complete
from tests.contract.provisioning_kinds import PORTS, PROFILES, Extra


_ALWAYS: Final = (
    Step.MARK_ACTIVATING,
    Step.ADD_BILLING_ORDER,
    Step.ACCEPT_BILLING_ORDER,
    Step.VERIFY_SERVICES,
    Step.COMPLETE,
    Step.NOTIFY,
)
_OPENED: Final = (*_ALWAYS, Step.SUBMIT_LINE)
STEPS: Final[Mapping[Killed, tuple[Step, ...]]] = {
    Kind.INTERNET: _ALWAYS,
    Kind.VPN: (*_ALWAYS, Step.OPEN_SHIPPING_CASE),
    Kind.ESIM: _OPENED,
    Kind.PORTED_ESIM: _OPENED,
    Kind.CARD: _OPENED,
    Kind.PORTED_CARD: _OPENED,
    Extra.WHOLE_ESIM: (
        *_OPENED,
        Step.UPDATE_BILLING_ADDRESS,
        Step.RESERVE_PROFILE,
        Step.VOICE_OPTIONS,
        Step.RELEASE_PROFILE,
    ),
    Extra.REFUSED_PORT: (
        *_OPENED,
        Step.RESERVE_PROFILE,
        Step.CANCEL_PROFILE,
        Step.REPORT_HOLD,
        Step.RELEASE_PROFILE,
    ),
    Way.SCHEDULED: (*_OPENED, Step.MARK_SCHEDULED),
    Way.TAKEN_BACK: (*_OPENED, Step.RESET_ACTIVATION),
    Way.CANCELLED: (Step.VOID_OPPORTUNITY, Step.NOTIFY),
}
"""
What is done for an order of each kind once agents have done their part; suites check that it is all.

Of a number that is refused at first, what is done for both attempts.
"""

OWN_STEPS: Final[Mapping[Killed, frozenset[Step]]] = {
    kind: frozenset(STEPS[kind]).difference(*(STEPS[each] for each in Kind)) for kind in (*Extra, *Way)
}
"""The steps that no order of the usual kinds takes."""

KILLED_ELSEWHERE: Final[Mapping[Step, str]] = {
    Step.PLACE_ORDER: "a checkout's: tests/ci/test_submit_grid.py and tests/ci/test_durable_submits.py",
    Step.REQUEST_ELIGIBILITY: "a checkout's: tests/ci/test_submit_grid.py",
    Step.UPLOAD_CARD: "no order's: tests/ci/test_durable_uploads.py",
}
"""The steps that provisioning does not take, and where processes are killed at them."""


@attrs.frozen(kw_only=True)
class Kill:
    """A worker is killed at *moment* of *step* of an order of *kind*."""

    kind: Killed
    step: Step
    moment: str

    @property
    def label(self) -> str:
        return f"{self.kind}-{self.step}-{self.moment}"

    @property
    def leaves_doubt(self) -> bool:
        """Whether it is for an operator to say that nothing happened: a number moves once, and for good."""
        moves = self.kind in PORTS
        return moves and (self.step, self.moment) == (Step.SUBMIT_LINE, BEFORE)


def kills_of(kind: Killed) -> list[Kill]:
    """Return a kill at every moment of every step of an order of *kind*."""
    return [
        Kill(kind=kind, step=step, moment=moment) for step, moment in itertools.product(STEPS[kind], MOMENTS)
    ]


def sweep(stage: Stage, kills: Iterable[Kill], *, serves: bool = False) -> dict[Kill, Ride]:
    """
    Kill one worker after the other, each in an order of its own; return the orders once all are finished.

    Every worker goes on with what the one before left, and the last one finishes everything; where that
    `leaves_doubt`, an operator gives their word, and what else somebody has to do they do in time. With
    *serves* the workers are processes that serve the API, and do the work beside.
    """
    rides: dict[Kill, Ride] = {}
    untended: set[Kill] = set()
    names = cycle(("one", "two"))

    def told(job: Job) -> Job:
        job = attrs.evolve(job, serves=serves)
        return with_profiles(job) if any(kill.kind in PROFILES for kill in rides) else job

    def until(happened: Callable[[], bool]) -> None:
        def tended() -> bool:
            untended.difference_update({kill for kill in untended if tend(stage, rides[kill])})
            return happened()

        stage.pass_time_until(tended)

    for kill in kills:
        ride = rides[kill] = placed(stage, kill.kind)
        if ride.acts:
            untended.add(kill)
        job = stage.job(next(names), order=ride.order, step=kill.step.value, moment=kill.moment)
        with stage.working(told(job)) as worker:
            until(partial(stage.workers.is_dead, worker))
            assert stage.workers.end(worker) == KILLED, kill
    with stage.working(told(stage.job(next(names)))):
        for kill, ride in rides.items():
            if kill.leaves_doubt:
                until(partial(stage.is_in_doubt, ride.order))
                assert stage.road.lines(ride.order) == []
                stage.world.ordering.retry(ride.order, by="operator", reason="the network has no such line")
            until(partial(is_over, stage, ride))
    return rides


def is_over(stage: Stage, ride: Ride) -> bool:
    """Whether the order is finished and its customer told, which comes last, after all else is kept."""
    return stage.is_done(ride.order) and bool(mails_of(stage, ride))


def mails_of(stage: Stage, ride: Ride) -> list[str]:
    """Return the marks of the mails that were sent about the order, or may have been."""
    with stage.world.store.transaction() as tx:
        rows = tx.journal.rows(order_subject(ride.order))
    return [row.mark for row in rows if row.step is Step.NOTIFY and row.outcome is not Outcome.ABSENT]


def assert_once(stage: Stage, kill: Kill, ride: Ride) -> None:
    """Hold that the order is finished with one of everything, and that `STEPS` leaves no step of it out."""
    if kill.kind is Way.CANCELLED:
        assert_given_up(stage, ride)
    else:
        assert_complete(RoadOfOne(stage, ride.order), ride)
    with stage.world.store.transaction() as tx:
        rows = tx.journal.rows(order_subject(ride.order))
    taken, known = {row.step for row in rows} - {Step.REPORT_HOLD}, {*STEPS[kill.kind]} - {Step.REPORT_HOLD}
    assert taken == known, f"{kill}: {taken ^ known} in {[(row.step, row.outcome) for row in rows]}"
    mails = mails_of(stage, ride)
    assert len(mails) == len({*mails}) > 0, "a mail is sent once at most"


def assert_given_up(stage: Stage, ride: Ride) -> None:
    """Hold that nothing was billed or opened for the order, and that nothing waits for it any more."""
    road = stage.road
    assert (road.bills(ride.order), road.lines(ride.order)) == ([], [])
    row = road.order_row(ride.order, "Status, OpportunityId")
    assert row["Status"] == "Cancelled"
    opportunity = stage.world.process.row("Opportunity", str(row["OpportunityId"]), "StageName")
    assert opportunity["StageName"] == Selling.VOID


def assert_no_profile_left_over(stage: Stage, rides: Iterable[Ride]) -> None:
    """Hold that the network has one profile for each order that is to have one, and kept none else."""
    wanted = sum(ride.kind in PROFILES for ride in rides)
    found = [row for row in stage.road.network.profiles() if row["state"] != "Available"]
    assert [row["state"] for row in found] == ["Released"] * wanted


def bill_twice(stage: Stage) -> None:
    """Let a worker die whose bill was added, and one go on that does not look; return when there are two."""
    ride = stage.placed()
    died = stage.job("one", order=ride.order, step=Step.ADD_BILLING_ORDER.value, moment=AFTER)
    with stage.working(died) as worker:
        stage.pass_time_until(partial(stage.workers.is_dead, worker))
    with stage.working(stage.job("two", blind=True)):
        stage.pass_time_until(lambda: len(stage.road.bills(ride.order)) > 1)
