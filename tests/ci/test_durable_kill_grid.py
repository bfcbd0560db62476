"""
[ci] Workers killed with SIGKILL at steps of orders of every kind, on both databases.

An eSIM is killed at every moment of every step; the other kinds share a cover, chosen by the commit, in which
any two of database, kind, step and moment have met, and the ways that an order can go beside join it with the
steps of their own. SOAK=1 kills at every moment of every step of everything. Both leave no step out that
provisioning takes. Those who do the work are workers, and in one test the process that serves the API, as
where nothing is set. tests/contract/test_durable_kills.py has the eSIM on SQLite. Budget: four minutes.
"""

from __future__ import annotations

import itertools
import os
import random
import sys

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Final

import pytest

from ordering_core.domain.journal import Step
from tests.ci.test_provisioning_grid import commit
from tests.contract.durable_stage import Stage, open_stage
from tests.contract.durable_sweep import (
    KILLED_ELSEWHERE,
    OWN_STEPS,
    STEPS,
    Kill,
    assert_no_profile_left_over,
    assert_once,
    bill_twice,
    kills_of,
    sweep,
)
from tests.contract.durable_ways import EVERY, Killed
from tests.contract.durable_worker import MOMENTS
from tests.contract.postgres_database import Databases
from tests.contract.provisioning import Kind
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess


SOAK: Final = bool(os.environ.get("SOAK"))
SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
OTHERS: Final = tuple(kind for kind in EVERY if kind is not Kind.ESIM)
GRIDS: Final = [
    (database, kind)
    for database, kind in itertools.product((POSTGRESQL, SQLITE), EVERY)
    if SOAK or (database, kind) != (SQLITE, Kind.ESIM)
]

Outside = tuple[SalesforceProcess, WhmcsProcess, SimNetworkProcess]


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    processes = SalesforceProcess(), WhmcsProcess(), SimNetworkProcess()
    yield processes
    for process in processes:
        process.close()


@pytest.fixture
def stage(database: str, outside: Outside, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """Yield a stage on *database*, on which nobody has ordered anything."""
    url = f"sqlite:///{tmp_path / 'ordering.db'}"
    if database == POSTGRESQL:
        databases = request.getfixturevalue("postgres")
        assert isinstance(databases, Databases)
        url = databases.new()
    with open_stage(*outside, url=url, directory=tmp_path) as stage:
        yield stage


@cache
def cover() -> frozenset[tuple[str, Kill]]:
    """Choose kills of the other kinds until any two of database, kind, step and moment have met."""
    everything = [
        (database, kill)
        for database, kind in itertools.product((POSTGRESQL, SQLITE), OTHERS)
        for kill in kills_of(kind)
        if kill.step in OWN_STEPS.get(kind, {kill.step})
    ]
    random.Random(commit()).shuffle(everything)
    met: set[tuple[object, object]] = set()
    chosen: set[tuple[str, Kill]] = set()
    for database, kill in everything:
        pairs = {*itertools.combinations((database, kill.kind, kill.step, kill.moment), 2)}
        if not pairs <= met:
            met |= pairs
            chosen.add((database, kill))
    return frozenset(chosen)


def chosen(database: str, kind: Killed) -> list[Kill]:
    """Return the kills of orders of *kind* on *database*."""
    everything = SOAK or kind is Kind.ESIM
    return [kill for kill in kills_of(kind) if everything or (database, kill) in cover()]


def test_no_step_is_left_out_and_no_moment_of_one() -> None:
    killed = {(kill.step, kill.moment) for database, kind in GRIDS for kill in chosen(database, kind)}
    assert killed == set(itertools.product(set(Step) - set(KILLED_ELSEWHERE), MOMENTS))


@pytest.mark.parametrize(("database", "kind"), GRIDS)
def test_every_order_is_finished_with_one_of_everything(
    stage: Stage, database: str, kind: Killed, capsys: pytest.CaptureFixture[str]
) -> None:
    kills = chosen(database, kind)
    began = monotonic()
    rides = sweep(stage, kills)
    took = monotonic() - began
    for kill, ride in rides.items():
        assert_once(stage, kill, ride)
    assert_no_profile_left_over(stage, rides.values())
    with capsys.disabled():
        sys.stdout.write(
            f"\n{database}: {len(kills)} of {len(kills_of(kind))} kills of {kind}, {took:.0f} s\n"
        )


@pytest.mark.parametrize("database", [SQLITE])
def test_a_process_that_serves_the_api_and_does_the_work_inside_is_killed_at_every_step(stage: Stage) -> None:
    chance = random.Random(commit())
    kills = [
        Kill(kind=Kind.ESIM, step=step, moment=moment)
        for step in STEPS[Kind.ESIM]
        for moment in (MOMENTS if SOAK else [chance.choice(MOMENTS)])
    ]
    for kill, ride in sweep(stage, kills, serves=True).items():
        assert_once(stage, kill, ride)


@pytest.mark.parametrize("database", [POSTGRESQL])
def test_a_worker_that_does_not_look_before_it_adds_bills_twice(stage: Stage) -> None:
    bill_twice(stage)
