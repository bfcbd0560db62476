"""
Whatever happens to whichever call of an order, it is billed once and opened once, or held with a way on. [ci]

The calls are those of a recorded run. eSIM orders meet every fault at every call; the other kinds share a
cover, chosen by the commit, in which each fault meets each address that is called and each kind, and each
kind has something happen to each of its calls. SOAK=1 plays every cell. On the budget of tests/ci for WHMCS
and the SIM network, 8 minutes in all: 5 minutes here.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.contract.provisioning import Kind
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess
from tests.contract.wire_faults import Call, Cell, Fault, Resume, Sandboxes, play, possible, recorded


pytestmark = pytest.mark.whmcs_sim

OTHERS: Final = tuple(kind for kind in Kind if kind is not Kind.ESIM)
SOAK: Final = bool(os.environ.get("SOAK"))


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[Sandboxes]:
    processes = Sandboxes(salesforce=SalesforceProcess(), whmcs=WhmcsProcess(), network=SimNetworkProcess())
    yield processes
    for process in (processes.salesforce, processes.whmcs, processes.network):
        process.close()


@pytest.fixture(scope="module")
def runs(sandboxes: Sandboxes) -> Mapping[Kind, Sequence[Call]]:
    """Return the calls of an order of each kind to which nothing happens."""
    return {kind: recorded(sandboxes, kind) for kind in Kind}


@cache
def commit() -> str:
    """Return the hash of the commit these tests belong to; without one the cover is always the same."""
    told = subprocess.run(
        ["git", "rev-parse", "HEAD"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "no commit"


def cells(kind: Kind, calls: Sequence[Call], chance: random.Random) -> list[Cell]:
    """Return every call of *kind* with every fault; each with every way to go on only in a soak."""
    return [
        Cell(kind=kind, call=call, fault=fault, resume=resume)
        for call in calls
        for fault in Fault
        if possible(fault, call)
        for resume in (Resume if SOAK else [chance.choice(list(Resume))])
    ]


def cover(everything: Sequence[Cell], chance: random.Random) -> list[Cell]:
    """Choose cells until addresses, faults, kinds and ways to go on have met, and all calls of each kind."""
    shuffled = chance.sample(everything, len(everything))
    met: set[tuple[object, object]] = set()
    chosen: list[Cell] = []
    for cell in shuffled:
        pairs = {
            ((cell.call.system, cell.call.name), cell.fault),
            (cell.kind, cell.fault),
            (cell.kind, cell.call),
            (cell.fault, cell.resume),
        }
        if not pairs <= met:
            met |= pairs
            chosen.append(cell)
    return chosen


def played(sandboxes: Sandboxes, calls: Sequence[Call], chosen: Sequence[Cell]) -> list[str]:
    """Play *chosen* and return what went wrong in which cell."""
    wrong: list[str] = []
    for cell in chosen:
        try:
            play(sandboxes, cell, number=calls.index(cell.call))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other cells are played too
            wrong.append(f"{cell.label}: {type(error).__name__}: {error}")
    return wrong


@pytest.mark.parametrize("fault", Fault)
def test_an_esim_order_survives_the_fault_at_every_call(
    sandboxes: Sandboxes, runs: Mapping[Kind, Sequence[Call]], fault: Fault
) -> None:
    every = cells(Kind.ESIM, runs[Kind.ESIM], random.Random(commit()))
    assert played(sandboxes, runs[Kind.ESIM], [cell for cell in every if cell.fault is fault]) == []


@pytest.mark.parametrize("kind", OTHERS)
def test_an_order_of_another_kind_survives_the_faults_that_the_commit_chooses(
    sandboxes: Sandboxes,
    runs: Mapping[Kind, Sequence[Call]],
    kind: Kind,
    capsys: pytest.CaptureFixture[str],
) -> None:
    chance = random.Random(commit())
    every = [cell for other in OTHERS for cell in cells(other, runs[other], chance)]
    chosen = every if SOAK else cover(every, chance)
    mine = [cell for cell in chosen if cell.kind is kind]
    with capsys.disabled():
        sys.stdout.write(f"\ncommit {commit()}: {len(mine)} of {len(every)} cells are of {kind}\n")
    assert mine
    assert played(sandboxes, runs[kind], mine) == []
