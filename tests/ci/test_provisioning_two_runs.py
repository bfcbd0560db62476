"""
Two processes provision one order at once, the first suspended around any of its calls (DESIGN 6). [ci]

The processes share a database, a clock and the three sandboxes, and nothing else. The second runs before the
first one's call settles, or after it; the first had been suspended before its call was sent, or after it was
answered. eSIM orders meet it at every call; the other kinds share a cover that the commit chooses; SOAK=1
plays everything. On the budget of tests/ci for WHMCS and the SIM network, 8 minutes in all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import attrs
import pytest

from ordering_adapters.storage import SqlLiveUpdates, SqlStore, SqlWorkQueue
from ordering_core import Held, HoldCode
from ordering_core.application.record import order_subject
from ordering_entrypoints.demo import DemoClock
from tests.ci import provision_processes
from tests.ci.grid_cover import SOAK, commit, cover
from tests.ci.provision_processes import FileClock, Job
from tests.contract import wire
from tests.contract.provisioning import Ride, Road, assert_complete, assert_once_or_held, open_road
from tests.contract.provisioning_kinds import BUT_ESIM, PROFILES, AnyKind, Kind
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sandbox_world import WEDNESDAY
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.sql_database import new_database
from tests.contract.whmcs_process import WhmcsProcess
from tests.contract.wire import WireCall
from tests.contract.wire_faults import Call, Sandboxes, numbered, resolved


pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="suspends processes as POSIX systems do"),
    pytest.mark.whmcs_sim,
]

SETTLES: Final = timedelta(seconds=90)
"""After its intent a call belongs to its runner for as long (policy: call time-out and settle)."""

SECOND: Final = timedelta(seconds=1)
BILLS: Final = "AddOrder"
OPENS: Final = "addAcnt"


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


class Moment(StrEnum):
    """
    Where the first process is suspended, and when the second runs.

    The three cases are: before it settles, received, too late; the first of them on both sides of the call.
    """

    UNSENT = "not sent, second before it settles"
    ANSWERED = "answered, second before it settles"
    RECEIVED = "answered, second after it settled"
    TOO_LATE = "not sent, second after it settled"

    @property
    def is_unsent(self) -> bool:
        return self in {Moment.UNSENT, Moment.TOO_LATE}

    @property
    def is_settled(self) -> bool:
        return self in {Moment.RECEIVED, Moment.TOO_LATE}


@attrs.frozen(kw_only=True)
class Cell:
    """One call of an order of *kind*, and what happens around it."""

    kind: AnyKind
    number: int
    call: Call
    moment: Moment

    @property
    def label(self) -> str:
        return f"{self.kind}-{self.call.label}-{self.moment}"

    @property
    def is_received(self) -> bool:
        """Whether the effect itself was made, and not what is asked before it, such as a price."""
        return not self.moment.is_unsent and self.call.last_part in {BILLS, OPENS}


@attrs.frozen(kw_only=True)
class Scene:
    """An order that nobody has approved, on a road whose time other processes share."""

    road: Road
    ride: Ride
    runs: Runs
    job: Job

    def begin(self, number: int | None = None, moment: str = "") -> Mapping[str, object]:
        """Let a process run the order until it rests, or is suspended around its call *number*."""
        return self.runs.ask(attrs.asdict(self.job) | {"number": number, "moment": moment})

    def ridden(self, number: int | None, moment: str = "") -> Iterator[Mapping[str, object]]:
        """
        Do what agents have to do, each followed by processes until nothing goes on by itself.

        Yield what the processes say. The one with the call *number*, of all of their calls, is suspended.
        """
        made = 0
        for act in self.ride.acts:
            act()
            goes_on = self.road.world.clock.now().isoformat()
            while goes_on:
                self.road.world.clock.move_to(datetime.fromisoformat(str(goes_on)))
                told = self.begin(None if number is None else number - made, moment)
                yield told
                if "suspended" in told:
                    number = None
                    goes_on = ""
                else:
                    made += len(calls_of(told))
                    goes_on = str(told["goes_on"])

    def intends(self) -> bool:
        """Whether something is intended of which nobody knows yet what came of it."""
        with self.road.world.store.transaction() as tx:
            return any(row.outcome is None for row in tx.journal.rows(order_subject(self.ride.order)))

    def exists(self) -> tuple[int, int, list[object]]:
        """Return how much exists outside."""
        road, order = self.road, self.ride.order
        return len(road.bills(order)), len(road.lines(order)), [row["state"] for row in road.profiles()]

    def pass_by(self, by: timedelta) -> None:
        self.road.world.clock.advance(by)


def calls_of(told: Mapping[str, object]) -> list[WireCall]:
    """Return the calls that a process says it made."""
    calls = told["calls"]
    assert isinstance(calls, list)
    return [WireCall(system=system, name=name) for system, name in calls]


@contextmanager
def scene(sandboxes: Sandboxes, runs: Runs, kind: AnyKind) -> Iterator[Scene]:
    """Yield an order of *kind* on a database of its own."""
    with TemporaryDirectory() as directory, ExitStack() as opened:
        told = Path(directory) / "clock"
        told.write_text(WEDNESDAY.isoformat())
        engine = new_database(Path(directory))
        opened.callback(engine.dispose)
        store = SqlStore(engine, FileClock(told))
        live_updates = SqlLiveUpdates(engine)
        opened.callback(live_updates.close)
        storage = (store, SqlWorkQueue(store), live_updates)
        road = opened.enter_context(
            open_road(sandboxes.salesforce, sandboxes.whmcs, sandboxes.network, storage=storage)
        )

        def tell(at: datetime) -> None:
            told.write_text(at.isoformat())

        assert isinstance(road.world.clock, DemoClock)
        road.world.clock.tell(tell)
        ride = road.placed(kind)
        job = Job(
            salesforce=sandboxes.salesforce.ready,
            whmcs=sandboxes.whmcs.ready,
            network=sandboxes.network.ready,
            database=str(engine.url),
            clock=str(told),
            order=ride.order,
            profiles=kind in PROFILES,
        )
        yield Scene(road=road, ride=ride, runs=runs, job=job)


@pytest.fixture(scope="module")
def calls(sandboxes: Sandboxes, runs: Runs) -> Callable[[AnyKind], Sequence[Call]]:
    """Return who says which calls are made by the processes of an order to which nothing happens."""

    @cache
    def made(kind: AnyKind) -> Sequence[Call]:
        with scene(sandboxes, runs, kind) as alone:
            told = list(alone.ridden(None))
            assert told[-1]["rest"] == "Done", told[-1]
            assert_complete(alone.road, alone.ride)
            return numbered(call for each in told for call in calls_of(each))

    return made


def cells(kind: AnyKind, calls: Sequence[Call]) -> list[Cell]:
    """Return every call of *kind* at every moment; a question has nothing to settle."""
    return [
        Cell(kind=kind, number=number, call=call, moment=moment)
        for number, call in enumerate(calls)
        for moment in Moment
        if SOAK or moment.is_settled or call.system == wire.SALESFORCE or call.is_write
    ]


def pairs(cell: Cell) -> set[tuple[object, object]]:
    """Return what meets what in *cell*."""
    address = (cell.call.system, cell.call.name)
    return {(address, cell.moment), (cell.kind, cell.moment), (cell.kind, address)}


def play(sandboxes: Sandboxes, runs: Runs, cell: Cell) -> None:
    """Let two processes meet as *cell* says, hold that there is one of everything, go on to the end."""
    with scene(sandboxes, runs, cell.kind) as met:
        walk = met.ridden(cell.number, "before" if cell.moment.is_unsent else "after")
        first = next((told["suspended"] for told in walk if "suspended" in told), None)
        assert first is not None, "the call was made"
        intends, exists = met.intends(), met.exists()
        met.pass_by(SETTLES + (SECOND if cell.moment.is_settled else -SECOND))
        second = met.begin()
        if intends and not cell.moment.is_settled:
            assert (second["rest"], met.exists()) == ("RetryAt", exists)
        met.runs.ask({"go_on": first})
        for _ in walk:
            pass
        met.pass_by(SETTLES)
        met.road.hear(met.ride.order)
        met.road.carried()
        rest = met.road.rest(met.ride.order)
        assert_once_or_held(met.road, met.ride, rest)
        is_double = isinstance(rest, Held) and rest.code is HoldCode.DUPLICATE_EFFECT
        sent_too_late = intends and cell.moment.is_settled and not cell.is_received
        assert sent_too_late or not is_double
        resolved(met.road, met.ride, rest)


def played(sandboxes: Sandboxes, runs: Runs, chosen: Sequence[Cell]) -> list[str]:
    """Play *chosen* and return what went wrong in which cell."""
    wrong: list[str] = []
    for cell in chosen:
        try:
            play(sandboxes, runs, cell)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other cells are played too
            wrong.append(f"{cell.label}: {type(error).__name__}: {error}")
    return wrong


@pytest.mark.parametrize("moment", Moment)
def test_two_runs_of_an_esim_order_bill_and_open_it_once_whichever_call_they_meet_at(
    sandboxes: Sandboxes, runs: Runs, calls: Callable[[AnyKind], Sequence[Call]], moment: Moment
) -> None:
    every = cells(Kind.ESIM, calls(Kind.ESIM))
    assert played(sandboxes, runs, [cell for cell in every if cell.moment is moment]) == []


@pytest.mark.parametrize("kind", BUT_ESIM)
def test_two_runs_of_another_order_bill_and_open_it_once_where_the_commit_lets_them_meet(
    sandboxes: Sandboxes,
    runs: Runs,
    calls: Callable[[AnyKind], Sequence[Call]],
    kind: AnyKind,
    capsys: pytest.CaptureFixture[str],
) -> None:
    every = [cell for other in BUT_ESIM for cell in cells(other, calls(other))]
    mine = [cell for cell in cover(every, pairs) if cell.kind is kind]
    with capsys.disabled():
        sys.stdout.write(f"\ncommit {commit()}: {len(mine)} of {len(every)} cells are of {kind}\n")
    assert played(sandboxes, runs, mine) == []


# What is there twice is an urgent hold that names both; and without the rules it is found twice.


def suspended_at(met: Scene, calls: Sequence[Call], name: str, moment: str) -> object:
    """Let a process run the order, and suspend it around its call *name*; return which one it is."""
    number = next(place for place, call in enumerate(calls) if call.last_part == name)
    return next(told["suspended"] for told in met.ridden(number, moment) if "suspended" in told)


@pytest.mark.parametrize(("name", "fact"), [(BILLS, "billing_orders"), (OPENS, "lines")])
def test_what_is_sent_too_late_is_an_urgent_hold_that_names_both(
    sandboxes: Sandboxes,
    runs: Runs,
    calls: Callable[[AnyKind], Sequence[Call]],
    name: str,
    fact: str,
) -> None:
    made = calls(Kind.ESIM)
    with scene(sandboxes, runs, Kind.ESIM) as met:
        first = suspended_at(met, made, name, "before")
        met.pass_by(SETTLES + SECOND)
        assert met.begin()["rest"] == "WaitFor"
        told = met.runs.ask({"go_on": first})
        there = {
            "billing_orders": [str(bill["id"]) for bill in met.road.bills(met.ride.order)],
            "lines": [str(line["receiptNumber"]) for line in met.road.lines(met.ride.order)],
        }[fact]
        assert len(there) == 2
        assert told["code"] == HoldCode.DUPLICATE_EFFECT
        assert told["facts"] == {fact: ", ".join(there)}


@pytest.mark.parametrize("name", [BILLS, OPENS])
@pytest.mark.parametrize("without", ["look", "settling"])
def test_without_the_look_or_the_time_to_settle_two_runs_do_it_twice(
    sandboxes: Sandboxes, runs: Runs, calls: Callable[[AnyKind], Sequence[Call]], name: str, without: str
) -> None:
    made = calls(Kind.ESIM)
    with scene(sandboxes, runs, Kind.ESIM) as sighted:
        if without == "look":
            met, moment, by = (
                attrs.evolve(sighted, job=attrs.evolve(sighted.job, blind=True)),
                "after",
                SETTLES,
            )
        else:
            met, moment, by = (
                attrs.evolve(sighted, job=attrs.evolve(sighted.job, settle=0.0)),
                "before",
                SECOND,
            )
        first = suspended_at(met, made, name, moment)
        met.pass_by(by + SECOND)
        met.begin()
        met.runs.ask({"go_on": first})
        assert max(len(met.road.bills(met.ride.order)), len(met.road.lines(met.ride.order))) == 2
