"""
[ci] Two workers on one database, disturbed at random: everything is billed and opened once at the end.

They are killed, stopped and woken again, their sessions of PostgreSQL are ended, and an operator pauses and
resumes. What happens and when is chosen by a seed, which is printed; CHAOS_SEED chooses the same again, as
far as processes that run beside each other do the same. One minute; SOAK=1 disturbs more orders more often.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import psycopg
import pytest

from ordering_core import Pause
from ordering_core.errors import PortError
from tests.ci.grid_cover import SOAK, commit
from tests.contract.durable_stage import KILLED, LOOK, Stage, open_stage
from tests.contract.postgres_server import PostgresServer
from tests.contract.provisioning import Kind, Ride, assert_complete
from tests.contract.provisioning_kinds import SIMS
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess


SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
ORDERS: Final = 32 if SOAK else 8
DISTURBANCES: Final = 60 if SOAK else 12
MOST_BETWEEN: Final = 1.2
"""Seconds between two disturbances at most."""

HANGS: Final = 900.0
"""Seconds after which nothing will come any more."""

LOST: Final = 1
"""How a worker ends by itself that cannot go on without its database: it is started again."""

WHILE_STOPPED: Final = timedelta(seconds=30)
"""
How far time goes on while a worker is stopped, of the 90 s for which a call of its may still be on its way.

Nobody can tell a call that is not sent yet from one that never will be, once they are over.
"""


class Chaos:
    """Two workers of *stage*, and what *chance* lets happen to them."""

    def __init__(self, stage: Stage, chance: random.Random, *, sessions: str = "") -> None:
        """Start them; *sessions* is the URL of the database whose sessions end, if it has any."""
        self.happened: Counter[str] = Counter()
        self._stage = stage
        self._chance = chance
        self._sessions = sessions
        self._live = {name: stage.workers.start(stage.job(name)) for name in ("one", "two")}
        self._stopped: str = ""
        self._until: datetime | None = None
        self._pauses = False

    def disturb(self) -> Iterator[None]:
        """Let one thing after the other happen, each as often as any other, in an order that is chance's."""
        acts = [self._kill, self._stop_or_wake, self._pause_or_resume]
        if self._sessions:
            acts.append(self._end_sessions)
        chosen = [*islice(cycle(acts), DISTURBANCES)]
        self._chance.shuffle(chosen)
        for act in chosen:
            act()
            self.happened[act.__name__.strip("_")] += 1
            yield

    def keep(self) -> None:
        """Start again what has ended, and let time go on when nothing else does."""
        for name, worker in self._live.items():
            if self._stage.workers.is_dead(worker):
                assert self._stage.workers.end(worker) in {KILLED, LOST}
                self._live[name] = self._stage.workers.start(self._stage.job(name))
                self._forget_stop(name)
        clock = self._stage.world.clock
        with suppress(PortError):  # a session of ours was ended too
            due = self._stage.outbox.next_due(without=())
            to = min(filter(None, (due, self._until)), default=None) if due else None
            if to is not None and to > clock.now():
                clock.move_to(to)

    def calm(self) -> None:
        """Let nothing be stopped or paused any more."""
        if self._stopped:
            self._stop_or_wake()
        while self._pauses:
            self._pause_or_resume()

    def close(self) -> None:
        for worker in self._live.values():
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
            self._stage.workers.end(worker)

    def _kill(self) -> None:
        name = self._chance.choice([*self._live])
        with suppress(ProcessLookupError):
            os.kill(self._live[name], signal.SIGKILL)
        self._forget_stop(name)

    def _stop_or_wake(self) -> None:
        name = self._stopped or self._chance.choice([*self._live])
        with suppress(ProcessLookupError):
            os.kill(self._live[name], signal.SIGCONT if self._stopped else signal.SIGSTOP)
        if self._stopped:
            self._forget_stop(name)
        else:
            self._stopped, self._until = name, self._stage.world.clock.now() + WHILE_STOPPED

    def _forget_stop(self, name: str) -> None:
        if self._stopped == name:
            self._stopped, self._until = "", None

    def _pause_or_resume(self) -> None:
        ordering = self._stage.world.ordering
        with suppress(PortError):
            if self._pauses:
                ordering.resume({Pause.BILLING, Pause.SIM, Pause.ALL})
            else:
                ordering.pause(self._chance.choice((Pause.BILLING, Pause.SIM, Pause.ALL)))
            self._pauses = not self._pauses

    def _end_sessions(self) -> None:
        with psycopg.connect(self._sessions, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' AND random() < 0.5"
            )


@pytest.fixture
def server(database: str) -> Iterator[PostgresServer | None]:
    """Yield a server of this test's own, whose every session may be ended."""
    if database == SQLITE:
        yield None
        return
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def stage(server: PostgresServer | None, tmp_path: Path) -> Iterator[Stage]:
    url = server.url() if server else f"sqlite:///{tmp_path / 'ordering.db'}"
    with (
        closing(SalesforceProcess()) as salesforce,
        closing(WhmcsProcess()) as whmcs,
        closing(SimNetworkProcess()) as network,
        open_stage(salesforce, whmcs, network, url=url, directory=tmp_path) as stage,
    ):
        yield stage


@pytest.mark.parametrize("database", [SQLITE, POSTGRESQL])
def test_whatever_happens_to_two_workers_everything_is_billed_and_opened_once(
    stage: Stage, server: PostgresServer | None, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = os.environ.get("CHAOS_SEED", commit()[:8])
    chance = random.Random(seed)
    kinds = islice(cycle((Kind.ESIM, Kind.VPN, Kind.ESIM, Kind.CARD)), ORDERS)
    rides = [stage.placed(kind) for kind in kinds]
    with capsys.disabled():
        sys.stdout.write(f"\n{database}: CHAOS_SEED={seed}, {ORDERS} orders\n")
    began = time.monotonic()
    with closing(Chaos(stage, chance, sessions=server.url() if server else "")) as chaos:
        for _ in chaos.disturb():
            until = time.monotonic() + chance.uniform(0.1, MOST_BETWEEN)
            while time.monotonic() < until:
                chaos.keep()
                time.sleep(LOOK)
        chaos.calm()
        while not _finished(stage, rides):
            assert time.monotonic() - began < HANGS, stage.unfinished()
            chaos.keep()
            time.sleep(LOOK)
    for ride in rides:
        assert_complete(stage.road, ride)
    opened = [ride for ride in rides if ride.kind in SIMS]
    assert len(stage.world.whmcs.rows("orders")) == len(rides), "no bill that names no order either"
    assert [line["state"] for line in stage.road.network.lines()] == ["open"] * len(opened)
    with capsys.disabled():
        took = time.monotonic() - began
        sys.stdout.write(f"{database}: {dict(chaos.happened)}, {len(rides)} billed once,")
        sys.stdout.write(f" {len(opened)} opened once, {took:.0f} s\n")


def _finished(stage: Stage, rides: list[Ride]) -> bool:
    try:
        return all(stage.is_done(ride.order) for ride in rides)
    except PortError:  # a session of ours was ended too
        return False
