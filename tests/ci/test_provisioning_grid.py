"""
Whatever happens to whichever call of an order, it is billed once and opened once, or held with a way on. [ci]

The calls are those of a recorded run. eSIM orders meet every fault at every call; the other kinds share a
cover, chosen by the commit, in which each fault meets each address that is called and each kind, and each
kind has something happen to each of its calls. SOAK=1 plays every cell, with every way to go on. On the
budget of tests/ci for WHMCS and the SIM network, 8 minutes in all.
"""

from __future__ import annotations

import random
import sys

from collections.abc import Iterator, Mapping, Sequence

import pytest

from tests.ci.grid_cover import SOAK, commit, cover
from tests.contract.provisioning_kinds import BUT_ESIM, EVERY, AnyKind, Kind
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess
from tests.contract.wire_faults import Call, Cell, Fault, Resume, Sandboxes, play, possible, recorded


__all__ = ["commit"]  # other grids let the commit choose too

pytestmark = pytest.mark.whmcs_sim


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[Sandboxes]:
    processes = Sandboxes(salesforce=SalesforceProcess(), whmcs=WhmcsProcess(), network=SimNetworkProcess())
    yield processes
    for process in (processes.salesforce, processes.whmcs, processes.network):
        process.close()


@pytest.fixture(scope="module")
def runs(sandboxes: Sandboxes) -> Mapping[AnyKind, Sequence[Call]]:
    """Return the calls of an order of each kind to which nothing happens."""
    return {kind: recorded(sandboxes, kind) for kind in EVERY}


def cells(kind: AnyKind, calls: Sequence[Call], chance: random.Random) -> list[Cell]:
    """Return every call of *kind* with every fault; each with every way to go on only in a soak."""
    return [
        Cell(kind=kind, call=call, fault=fault, resume=resume)
        for call in calls
        for fault in Fault
        if possible(fault, call)
        for resume in (Resume if SOAK else [chance.choice(list(Resume))])
    ]


def pairs(cell: Cell) -> set[tuple[object, object]]:
    """Return what meets what in *cell*."""
    return {
        ((cell.call.system, cell.call.name), cell.fault),
        (cell.kind, cell.fault),
        (cell.kind, cell.call),
        (cell.fault, cell.resume),
    }


def played(sandboxes: Sandboxes, calls: Sequence[Call], chosen: Sequence[Cell]) -> list[str]:
    """Play *chosen* and return what went wrong in which cell."""
    wrong: list[str] = []
    for cell in chosen:
        try:
            play(sandboxes, cell, number=calls.index(cell.call))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other cells are played too
            wrong.append(f"{cell.label}: {type(error).__name__}: {error}")
    return wrong


def chosen(runs: Mapping[AnyKind, Sequence[Call]]) -> tuple[list[Cell], list[Cell]]:
    """Return every cell of the other kinds, and those that are played."""
    chance = random.Random(commit())
    every = [cell for kind in BUT_ESIM for cell in cells(kind, runs[kind], chance)]
    return every, cover(every, pairs)


@pytest.mark.parametrize("fault", Fault)
def test_an_esim_order_survives_the_fault_at_every_call(
    sandboxes: Sandboxes, runs: Mapping[AnyKind, Sequence[Call]], fault: Fault
) -> None:
    every = cells(Kind.ESIM, runs[Kind.ESIM], random.Random(commit()))
    assert played(sandboxes, runs[Kind.ESIM], [cell for cell in every if cell.fault is fault]) == []


def test_the_cover_that_the_commit_chooses_leaves_no_call_out(
    runs: Mapping[AnyKind, Sequence[Call]], capsys: pytest.CaptureFixture[str]
) -> None:
    every, some = chosen(runs)
    with capsys.disabled():
        sys.stdout.write(f"\ncommit {commit()}: {len(some)} of {len(every)} cells of the other kinds\n")
    assert {(cell.kind, cell.call) for cell in some} == {
        (kind, call) for kind in BUT_ESIM for call in runs[kind]
    }
    assert {(cell.kind, cell.fault) for cell in some} == {
        (kind, fault) for kind in BUT_ESIM for fault in Fault
    }


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("kind", BUT_ESIM)
def test_an_order_of_another_kind_survives_the_fault_where_the_commit_chooses(
    sandboxes: Sandboxes, runs: Mapping[AnyKind, Sequence[Call]], kind: AnyKind, fault: Fault
) -> None:
    _, some = chosen(runs)
    mine = [cell for cell in some if (cell.kind, cell.fault) == (kind, fault)]
    assert mine
    assert played(sandboxes, runs[kind], mine) == []
