"""
[ci] Workers as processes: what one holds when it dies another one finishes, and no cause is lost.

Budget: six minutes; the sweep comes every 30 seconds of the machine's own clock.
"""

from __future__ import annotations

import os
import signal
import time

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from ordering_core import OrderId
from ordering_core.application.sweeping import STANDS_IN_AFTER
from ordering_core.domain.journal import Step, Subject, SubjectKind
from tests.contract.durable_stage import LOOK, PATIENCE, Stage, open_stage
from tests.contract.durable_worker import RECORDED
from tests.contract.postgres_database import Databases
from tests.contract.provisioning import assert_complete
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess


KILLED = -9
TWO = 2
"""Sweeps; more are not made."""
AT_ONCE = 0.01
PAIRS = 100


@pytest.fixture(scope="module")
def salesforce() -> Iterator[SalesforceProcess]:
    process = SalesforceProcess()
    yield process
    process.close()


@pytest.fixture(scope="module")
def whmcs() -> Iterator[WhmcsProcess]:
    process = WhmcsProcess()
    yield process
    process.close()


@pytest.fixture(scope="module")
def network() -> Iterator[SimNetworkProcess]:
    process = SimNetworkProcess()
    yield process
    process.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def stage(
    request: pytest.FixtureRequest,
    salesforce: SalesforceProcess,
    whmcs: WhmcsProcess,
    network: SimNetworkProcess,
    tmp_path: Path,
) -> Iterator[Stage]:
    url = f"sqlite:///{tmp_path / 'ordering.db'}"
    if request.param == "postgresql":
        databases = request.getfixturevalue("postgres")
        assert isinstance(databases, Databases)
        url = databases.new()
    with open_stage(salesforce, whmcs, network, url=url, directory=tmp_path) as stage:
        yield stage


def until(happened: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < PATIENCE, "it never happened"
        time.sleep(LOOK)


def killed_holding(stage: Stage, executor: str, *, has_rested: bool = False) -> OrderId:
    """Return an order whose run *executor* held when it was killed, its bill made and recorded."""
    order = stage.placed(has_rested=has_rested).order
    job = stage.job(executor, order=order, step=Step.ADD_BILLING_ORDER.value, moment=RECORDED)
    with stage.working(job) as worker:
        stage.pass_time_until(partial(stage.workers.is_dead, worker))
        assert stage.workers.end(worker) == KILLED
    return order


@pytest.mark.parametrize("other", ["two", "one"], ids=["another_name", "the_same_name"])
def test_what_a_killed_worker_held_is_finished_within_two_sweeps(stage: Stage, other: str) -> None:
    order = killed_holding(stage, "one")
    with stage.working(stage.job(other, sweeps=TWO)):
        stage.pass_time_until(lambda: stage.is_done(order))
    assert len(stage.road.bills(order)) == 1
    assert len(stage.road.lines(order)) == 1


@pytest.mark.parametrize("has_rested", [False, True], ids=["never_run", "waited_for_approval"])
def test_it_is_finished_within_two_sweeps_though_nobody_notices_the_death(
    stage: Stage, *, has_rested: bool
) -> None:
    order = killed_holding(stage, "one", has_rested=has_rested)
    assert_others_finish(stage, order, reaps=False)


def assert_others_finish(stage: Stage, order: OrderId, *, reaps: bool) -> None:
    held: set[int] = set()
    while trigger := stage.outbox.first(stage.world.clock.now(), without=held):
        held.add(trigger.number)
    assert held
    stage.world.clock.advance(STANDS_IN_AFTER)
    with stage.working(stage.job("two", reaps=reaps, sweeps=TWO)):
        stage.pass_time_until(lambda: stage.is_done(order), stuck=held)
    assert stage.outbox.first(stage.world.clock.now(), without=()) is not None, "it was the sweep's doing"
    assert len(stage.road.bills(order)) == 1
    assert len(stage.road.lines(order)) == 1


def test_two_causes_at_once_and_one_again_after_the_first_run_are_all_handled(
    stage: Stage, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    # Nobody else triggers it, neither the sweep nor the poll.
    subject = Subject(SubjectKind.ELIGIBILITY, "nobody's")
    runs.touch()

    def cause(name: str) -> None:
        with stage.world.store.transaction() as tx:
            tx.trigger(subject, cause=name)

    def ran() -> int:
        return runs.read_text(encoding="utf-8").count(subject.key)

    with stage.working(stage.job("one", runs=str(runs))):
        for pair in range(PAIRS):
            began = time.monotonic()
            cause(f"first of {pair}")
            cause(f"second of {pair}")
            within = time.monotonic() - began
            until(partial(lambda expected: ran() == expected, 2 * pair + 2))
            if within < AT_ONCE:
                break
        else:
            raise AssertionError("no two causes came at once")
        before = ran()
        cause("third")
        until(lambda: ran() == before + 1)
        cause("third")
        cause("first of 0")
        cause("fourth")
        until(lambda: ran() == before + 2)
        until(lambda: stage.outbox.first(stage.world.clock.now(), without=()) is None)
        assert ran() == before + 2, "a cause counts once"


def test_a_worker_that_is_told_to_stop_finishes_the_run_in_hand(stage: Stage) -> None:
    ride = stage.placed()
    stage.world.whmcs.fault(kind="delay", target="AddOrder", seconds=3)
    with stage.working(stage.job("one")) as worker:
        until(lambda: Step.MARK_ACTIVATING in stage.done_steps(ride.order))
        os.kill(worker, signal.SIGTERM)
        assert stage.workers.end(worker) == 0
    assert Step.ADD_BILLING_ORDER in stage.done_steps(ride.order)
    assert stage.outbox.first(stage.world.clock.now(), without=()) is None, "the run came to its rest"
    with stage.working(stage.job("two")):
        stage.pass_time_until(lambda: stage.is_done(ride.order))
    assert_complete(stage.road, ride)


def test_a_second_worker_of_one_name_is_refused(stage: Stage) -> None:
    ride = stage.placed()
    with stage.working(stage.job("one")):
        stage.pass_time_until(lambda: stage.is_done(ride.order))
        second = stage.workers.start(stage.job("one"))
        assert stage.workers.end(second) == 1
        again = stage.placed()
        stage.pass_time_until(lambda: stage.is_done(again.order))
