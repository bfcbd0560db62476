"""Workers killed with SIGKILL at every step of an eSIM order: each effect once, and the order finished."""

from __future__ import annotations

import itertools

from collections.abc import Iterator
from functools import partial

import pytest

from ordering_core.domain.journal import Step
from tests.contract.durable_stage import Stage, open_stage
from tests.contract.durable_worker import AFTER, MOMENTS
from tests.contract.provisioning import Ride, assert_complete
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess


STEPS = (
    Step.MARK_ACTIVATING,
    Step.ADD_BILLING_ORDER,
    Step.SUBMIT_LINE,
    Step.ACCEPT_BILLING_ORDER,
    Step.VERIFY_SERVICES,
    Step.COMPLETE,
)
CELLS = list(itertools.product(STEPS, MOMENTS))
KILLED = -9


@pytest.fixture(scope="module")
def stage(
    salesforce_process: SalesforceProcess,
    whmcs_process: WhmcsProcess,
    sim_network_process: SimNetworkProcess,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stage]:
    directory = tmp_path_factory.mktemp("durable")
    url = f"sqlite:///{directory / 'ordering.db'}"
    with open_stage(
        salesforce_process, whmcs_process, sim_network_process, url=url, directory=directory
    ) as stage:
        yield stage


@pytest.fixture(scope="module")
def swept(stage: Stage) -> dict[tuple[Step, str], Ride]:
    """Kill one worker after the other, each at another step of an order of its own; the next goes on."""
    rides: dict[tuple[Step, str], Ride] = {}
    names = itertools.cycle(("one", "two"))
    for (step, moment), name in zip(CELLS, names, strict=False):
        ride = stage.placed()
        rides[step, moment] = ride
        job = stage.job(name, order=ride.order, step=step.value, moment=moment)
        with stage.working(job) as worker:
            stage.pass_time_until(partial(stage.workers.is_dead, worker))
            assert stage.workers.end(worker) == KILLED
    with stage.working(stage.job(next(names))):
        stage.pass_time_until(lambda: all(stage.is_done(ride.order) for ride in rides.values()))
    return rides


@pytest.mark.parametrize(("step", "moment"), CELLS)
def test_an_order_whose_worker_was_killed_is_finished_with_one_of_everything(
    stage: Stage, swept: dict[tuple[Step, str], Ride], step: Step, moment: str
) -> None:
    ride = swept[step, moment]
    assert_complete(stage.road, ride)
    assert {*stage.done_steps(ride.order)} == {*STEPS, Step.NOTIFY}, "no step is left out of the grid"


def test_a_worker_that_does_not_look_before_it_adds_bills_twice(stage: Stage) -> None:
    ride = stage.placed()
    died = stage.job("one", order=ride.order, step=Step.ADD_BILLING_ORDER.value, moment=AFTER)
    with stage.working(died) as worker:
        stage.pass_time_until(partial(stage.workers.is_dead, worker))
    with stage.working(stage.job("two", blind=True)):
        stage.pass_time_until(lambda: len(stage.road.bills(ride.order)) > 1)
