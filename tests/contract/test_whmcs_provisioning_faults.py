"""
An eSIM order with one call gone wrong: each call of a run, each fault in turn.

The whole grid, of every kind of order, is in `tests/ci/test_provisioning_grid.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pytest

from ordering_core import Held, HoldCode, Policy
from tests.contract.provisioning import assert_once_or_held
from tests.contract.provisioning_kinds import Kind
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess
from tests.contract.wire_faults import (
    Call,
    Cell,
    Fault,
    Resume,
    Sandboxes,
    make_blind,
    play,
    possible,
    recorded,
    struck_road,
)


FAULTS: Final = tuple(Fault)
RESUMES: Final = tuple(Resume)
EVERY: Final = 6
"""Each fault meets one call in so many, another one for each fault."""


@pytest.fixture(scope="module")
def sandboxes(
    salesforce_process: SalesforceProcess, whmcs_process: WhmcsProcess, sim_network_process: SimNetworkProcess
) -> Sandboxes:
    return Sandboxes(salesforce=salesforce_process, whmcs=whmcs_process, network=sim_network_process)


@pytest.fixture(scope="module")
def calls(sandboxes: Sandboxes) -> Sequence[Call]:
    """Return the calls of an eSIM order to which nothing happens."""
    return recorded(sandboxes, Kind.ESIM)


def test_a_run_calls_all_three_systems(calls: Sequence[Call]) -> None:
    assert len(calls) > 15
    assert len({call.system for call in calls}) == 3


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_happens_to_a_call_it_is_billed_and_opened_once_or_held(
    sandboxes: Sandboxes, calls: Sequence[Call], fault: Fault
) -> None:
    shift = FAULTS.index(fault)
    for number, call in enumerate(calls):
        if (number + shift) % EVERY == 0 and possible(fault, call):
            resume = RESUMES[(number + shift) // EVERY % len(RESUMES)]
            play(sandboxes, Cell(kind=Kind.ESIM, call=call, fault=fault, resume=resume), number=number)


@pytest.mark.parametrize("name", ["AddOrder", "addAcnt/"], ids=["billing", "line"])
def test_without_the_look_what_got_lost_is_there_twice(
    sandboxes: Sandboxes, calls: Sequence[Call], name: str
) -> None:
    number = next(place for place, call in enumerate(calls) if call.name.endswith(name))
    cell = Cell(kind=Kind.ESIM, call=calls[number], fault=Fault.LOST_AFTER, resume=Resume.BY_ITSELF)
    play(sandboxes, cell, number=number)
    with struck_road(sandboxes, cell, number=number) as (road, ride):
        make_blind(road.world.ordering)
        rest = road.ridden(ride)
        with pytest.raises((AssertionError, ValueError)):
            assert_once_or_held(road, ride, rest)
        assert len(road.bills(ride.order)) + len(road.lines(ride.order)) == 3


def test_where_the_mark_is_not_proved_a_lost_bill_is_a_persons_matter(
    sandboxes: Sandboxes, calls: Sequence[Call]
) -> None:
    number = next(place for place, call in enumerate(calls) if call.name == "AddOrder")
    cell = Cell(kind=Kind.ESIM, call=calls[number], fault=Fault.LOST_BEFORE, resume=Resume.BY_ITSELF)
    rest = play(sandboxes, cell, number=number, policy=Policy(billing_mark_proved=False))
    assert isinstance(rest, Held)
    assert rest.code is HoldCode.OUTCOME_AMBIGUOUS
