"""Kills at every moment of every step of orders, and what has to hold of the orders then."""

from __future__ import annotations

import itertools

from collections.abc import Iterable, Mapping
from functools import partial
from itertools import cycle
from typing import Final

import attrs

from ordering_core.application.record import order_subject
from ordering_core.domain.journal import Outcome, Step
from tests.contract.durable_stage import KILLED, Stage
from tests.contract.durable_worker import AFTER, BEFORE, MOMENTS
from tests.contract.provisioning import Kind, Ride, assert_complete


_ALWAYS: Final = (
    Step.MARK_ACTIVATING,
    Step.ADD_BILLING_ORDER,
    Step.ACCEPT_BILLING_ORDER,
    Step.VERIFY_SERVICES,
    Step.COMPLETE,
    Step.NOTIFY,
)
STEPS: Final[Mapping[str, tuple[Step, ...]]] = {
    Kind.INTERNET: _ALWAYS,
    Kind.VPN: (*_ALWAYS, Step.OPEN_SHIPPING_CASE),
    **dict.fromkeys((Kind.ESIM, Kind.PORTED_ESIM, Kind.CARD, Kind.PORTED_CARD), (*_ALWAYS, Step.SUBMIT_LINE)),
}
"""What is done for an order of each kind once agents have done their part; suites check that it is all."""


@attrs.frozen(kw_only=True)
class Kill:
    """A worker is killed at *moment* of *step* of an order of *kind*."""

    kind: Kind
    step: Step
    moment: str

    @property
    def label(self) -> str:
        return f"{self.kind}-{self.step}-{self.moment}"

    @property
    def leaves_doubt(self) -> bool:
        """Whether it is for an operator to say that nothing happened: a number moves once, and for good."""
        moves = self.kind in {Kind.PORTED_ESIM, Kind.PORTED_CARD}
        return moves and (self.step, self.moment) == (Step.SUBMIT_LINE, BEFORE)


def kills_of(kind: Kind) -> list[Kill]:
    """Return a kill at every moment of every step of an order of *kind*."""
    return [
        Kill(kind=kind, step=step, moment=moment) for step, moment in itertools.product(STEPS[kind], MOMENTS)
    ]


def sweep(stage: Stage, kills: Iterable[Kill]) -> dict[Kill, Ride]:
    """
    Kill one worker after the other, each in an order of its own; return the orders once all are finished.

    Every worker goes on with what the one before left, and the last one finishes everything; where that
    `leaves_doubt`, an operator gives their word.
    """
    rides: dict[Kill, Ride] = {}
    names = cycle(("one", "two"))
    for kill in kills:
        ride = rides[kill] = stage.placed(kill.kind)
        job = stage.job(next(names), order=ride.order, step=kill.step.value, moment=kill.moment)
        with stage.working(job) as worker:
            stage.pass_time_until(partial(stage.workers.is_dead, worker))
            assert stage.workers.end(worker) == KILLED, kill
    with stage.working(stage.job(next(names))):
        for kill, ride in rides.items():
            if kill.leaves_doubt:
                stage.pass_time_until(partial(stage.is_in_doubt, ride.order))
                assert stage.road.lines(ride.order) == []
                stage.world.ordering.retry(ride.order, by="operator", reason="the network has no such line")
            stage.pass_time_until(partial(stage.is_done, ride.order))
    return rides


def assert_once(stage: Stage, ride: Ride) -> None:
    """Hold that the order is finished with one of everything, and that `STEPS` leaves no step of it out."""
    assert_complete(stage.road, ride)
    with stage.world.store.transaction() as tx:
        rows = tx.journal.rows(order_subject(ride.order))
    assert {row.step for row in rows} - {Step.REPORT_HOLD} == {*STEPS[ride.kind]}
    mails = [row.mark for row in rows if row.step is Step.NOTIFY and row.outcome is not Outcome.ABSENT]
    assert len(mails) == len({*mails}) > 0, "a mail is sent once at most"


def bill_twice(stage: Stage) -> None:
    """Let a worker die whose bill was added, and one go on that does not look; return when there are two."""
    ride = stage.placed()
    died = stage.job("one", order=ride.order, step=Step.ADD_BILLING_ORDER.value, moment=AFTER)
    with stage.working(died) as worker:
        stage.pass_time_until(partial(stage.workers.is_dead, worker))
    with stage.working(stage.job("two", blind=True)):
        stage.pass_time_until(lambda: len(stage.road.bills(ride.order)) > 1)
