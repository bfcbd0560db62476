"""
[ci] Workers killed with SIGKILL at steps of orders of every kind, on both databases.

An eSIM is killed at every moment of every step; the other kinds share a cover, chosen by the commit, in which
any two of database, kind, step and moment have met. SOAK=1 kills at every moment of every step of every kind.
tests/contract/test_durable_kills.py has the eSIM on SQLite. Budget: three minutes.
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

from tests.ci.test_provisioning_grid import commit
from tests.contract.durable_stage import Stage, open_stage
from tests.contract.durable_sweep import Kill, assert_once, bill_twice, kills_of, sweep
from tests.contract.postgres_database import Databases
from tests.contract.provisioning import Kind
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess


SOAK: Final = bool(os.environ.get("SOAK"))
SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
OTHERS: Final = tuple(kind for kind in Kind if kind is not Kind.ESIM)
GRIDS: Final = [
    (database, kind)
    for database, kind in itertools.product((POSTGRESQL, SQLITE), Kind)
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


@pytest.mark.parametrize(("database", "kind"), GRIDS)
def test_every_order_is_finished_with_one_of_everything(
    stage: Stage, database: str, kind: Kind, capsys: pytest.CaptureFixture[str]
) -> None:
    everything = kills_of(kind)
    kills = [kill for kill in everything if SOAK or kind is Kind.ESIM or (database, kill) in cover()]
    began = monotonic()
    rides = sweep(stage, kills)
    took = monotonic() - began
    for ride in rides.values():
        assert_once(stage, ride)
    with capsys.disabled():
        sys.stdout.write(f"\n{database}: {len(kills)} of {len(everything)} kills of {kind}, {took:.0f} s\n")


@pytest.mark.parametrize("database", [POSTGRESQL])
def test_a_worker_that_does_not_look_before_it_adds_bills_twice(stage: Stage) -> None:
    bill_twice(stage)
