"""
Two processes provision one order at once, the first of them suspended inside a call (DESIGN 6). [ci]

The processes share a database, a clock and the three sandboxes, and nothing else. On the budget of tests/ci
for WHMCS and the SIM network: half a minute.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import attrs
import pytest

from ordering_adapters.storage import SqlLiveUpdates, SqlStore, SqlWorkQueue
from ordering_core import Done, Held, HoldCode
from ordering_entrypoints.demo import DemoClock
from tests.ci import provision_processes
from tests.ci.provision_processes import FileClock, Job
from tests.contract.provisioning import Kind, Ride, Road, assert_complete, open_road
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sandbox_world import WEDNESDAY
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.sql_database import new_database
from tests.contract.whmcs_process import WhmcsProcess
from tests.contract.wire_faults import Sandboxes


pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="suspends processes as POSIX systems do"),
    pytest.mark.whmcs_sim,
    pytest.mark.xdist_group("two_runs"),
]

SETTLES: Final = timedelta(seconds=90)
"""After its intent a call belongs to its runner for as long (policy: call time-out and settle)."""

MOMENT: Final = timedelta(seconds=1)
REPEATABLE: Final = ("AcceptOrder", "UpdateClientProduct")
ONCE: Final = ("AddOrder", "mvno/esim/addAcnt/")


class Runs:
    """Processes of ours beside this one."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", provision_processes.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def ask(self, wanted: Mapping[str, object]) -> Mapping[str, object]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(wanted)}\n")
        self._process.stdin.flush()
        answer: Mapping[str, object] = json.loads(self._process.stdout.readline())
        assert not answer.get("failed")
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[Sandboxes]:
    processes = Sandboxes(salesforce=SalesforceProcess(), whmcs=WhmcsProcess(), network=SimNetworkProcess())
    yield processes
    for process in (processes.salesforce, processes.whmcs, processes.network):
        process.close()


@pytest.fixture(scope="module")
def runs() -> Iterator[Runs]:
    processes = Runs()
    yield processes
    processes.close()


@attrs.frozen(kw_only=True)
class Scene:
    """An approved order that nobody has run, on a road whose time other processes share."""

    road: Road
    ride: Ride
    runs: Runs
    job: Job

    def begin(self, name: str = "", moment: str = "") -> Mapping[str, object]:
        """Let a process run the order until it rests, or is suspended inside the call *name*."""
        return self.runs.ask(attrs.asdict(attrs.evolve(self.job, name=name, moment=moment)))

    def suspend(self, name: str, moment: str) -> object:
        """Let a process run the order and suspend it inside the call *name*; return which one it is."""
        told = self.begin(name, moment)
        if "suspended" not in told and self.road.lines(self.ride.order):
            self.pass_by(timedelta(minutes=10))  # the network opens the line
            told = self.begin(name, moment)
        return told["suspended"]

    def go_on(self, process: object) -> Mapping[str, object]:
        """Let a suspended process go on, and return how the order rests for it."""
        return self.runs.ask({"go_on": process})

    def pass_by(self, by: timedelta) -> None:
        self.road.world.clock.advance(by)

    def finish(self) -> None:
        """See the order complete in the end, with one of everything."""
        self.pass_by(SETTLES)
        self.road.hear(self.ride.order)
        self.road.carried()
        assert self.road.rest(self.ride.order) == Done()
        assert_complete(self.road, self.ride)


@pytest.fixture
def scene(sandboxes: Sandboxes, runs: Runs, tmp_path: Path) -> Iterator[Scene]:
    told = tmp_path / "clock"
    told.write_text(WEDNESDAY.isoformat())
    engine = new_database(tmp_path)
    clock = FileClock(told)
    store = SqlStore(engine, clock)
    live_updates = SqlLiveUpdates(engine)
    with open_road(
        sandboxes.salesforce,
        sandboxes.whmcs,
        sandboxes.network,
        storage=(store, SqlWorkQueue(store), live_updates),
    ) as road:

        def tell(at: datetime) -> None:
            told.write_text(at.isoformat())

        assert isinstance(road.world.clock, DemoClock)
        road.world.clock.tell(tell)
        ride = road.placed(Kind.ESIM)
        road.world.agent.approve(ride.order)
        job = Job(
            salesforce=sandboxes.salesforce.ready,
            whmcs=sandboxes.whmcs.ready,
            network=sandboxes.network.ready,
            database=str(engine.url),
            clock=str(told),
            order=ride.order,
        )
        yield Scene(road=road, ride=ride, runs=runs, job=job)
    live_updates.close()
    engine.dispose()


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("name", [*ONCE, *REPEATABLE])
def test_a_second_run_before_the_first_has_settled_does_nothing(scene: Scene, name: str, moment: str) -> None:
    first = scene.suspend(name, moment)
    scene.pass_by(SETTLES - MOMENT)
    counts = (len(scene.road.bills(scene.ride.order)), len(scene.road.lines(scene.ride.order)))
    assert scene.begin()["rest"] == "RetryAt"
    assert counts == (len(scene.road.bills(scene.ride.order)), len(scene.road.lines(scene.ride.order)))
    assert scene.go_on(first)["rest"] in {"WaitFor", "Done"}
    scene.finish()


@pytest.mark.parametrize("name", [*ONCE, *REPEATABLE])
def test_a_second_run_after_the_request_was_received_takes_what_it_finds(scene: Scene, name: str) -> None:
    first = scene.suspend(name, "after")
    scene.pass_by(SETTLES + MOMENT)
    assert scene.begin()["rest"] in {"WaitFor", "Done"}
    assert scene.go_on(first)["rest"] in {"WaitFor", "Done"}
    scene.finish()


@pytest.mark.parametrize("name", REPEATABLE)
def test_what_may_be_sent_twice_is_done_once_even_if_it_is_sent_too_late(scene: Scene, name: str) -> None:
    first = scene.suspend(name, "before")
    scene.pass_by(SETTLES + MOMENT)
    assert scene.begin()["rest"] in {"WaitFor", "Done"}
    scene.go_on(first)
    scene.finish()


def test_a_bill_that_is_sent_too_late_is_an_urgent_hold_that_names_both(scene: Scene) -> None:
    first = scene.suspend("AddOrder", "before")
    scene.pass_by(SETTLES + MOMENT)
    assert scene.begin()["rest"] == "WaitFor"
    told = scene.go_on(first)
    bills = [str(bill["id"]) for bill in scene.road.bills(scene.ride.order)]
    assert len(bills) == 2
    assert told["code"] == HoldCode.DUPLICATE_EFFECT
    assert told["facts"] == {"billing_orders": ", ".join(bills)}
    rest = scene.road.rest(scene.ride.order)
    assert isinstance(rest, Held)
    assert rest.code is HoldCode.DUPLICATE_EFFECT
    assert rest.reported


def test_a_line_that_is_sent_too_late_is_an_urgent_hold_that_names_both(scene: Scene) -> None:
    first = scene.suspend("mvno/esim/addAcnt/", "before")
    scene.pass_by(SETTLES + MOMENT)
    assert scene.begin()["rest"] == "WaitFor"
    told = scene.go_on(first)
    lines = [str(line["receiptNumber"]) for line in scene.road.lines(scene.ride.order)]
    assert len(lines) == 2
    assert told["code"] == HoldCode.DUPLICATE_EFFECT
    assert told["facts"] == {"lines": ", ".join(lines)}
