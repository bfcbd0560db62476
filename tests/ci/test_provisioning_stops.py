"""
An agent cancels an order, or sets it Activated by hand, before and after every call of its provisioning. [ci]

From then on nothing is billed, opened or accepted any more, but for the one request that is on its way; a
hold lists exactly what exists. SOAK=1 takes every kind of order. On the budget of tests/ci for WHMCS and the
SIM network: 1.5 minutes.
"""

from __future__ import annotations

import os

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import pytest

from ordering_adapters.salesforce import SalesforceOrders
from ordering_core import Done, Held, HoldCode
from tests.contract import wire
from tests.contract.provisioning import Kind, Ride, Road, assert_complete, open_road
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess
from tests.contract.wire import WireCall
from tests.contract.wire_faults import Call, Sandboxes, recorded


pytestmark = pytest.mark.whmcs_sim

KINDS: Final = tuple(Kind) if os.environ.get("SOAK") else (Kind.ESIM, Kind.VPN)
MOMENTS: Final = ("before", "after")
WRITES: Final = frozenset({"AddOrder", "AcceptOrder", "UpdateClientProduct", "addAcnt", "changeOrder"})
"""What bills, opens or accepts; the rest asks, or tells Salesforce."""

ALLOWED: Final[tuple[set[str], ...]] = (
    set(),
    {"AddOrder"},
    {"addAcnt"},
    {"AcceptOrder", "UpdateClientProduct"},
    {"UpdateClientProduct"},
)
"""The writes of one step: what may be done yet of the step that is under way."""


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[Sandboxes]:
    processes = Sandboxes(salesforce=SalesforceProcess(), whmcs=WhmcsProcess(), network=SimNetworkProcess())
    yield processes
    for process in (processes.salesforce, processes.whmcs, processes.network):
        process.close()


@pytest.fixture(scope="module")
def runs(sandboxes: Sandboxes) -> Mapping[Kind, Sequence[Call]]:
    return {kind: recorded(sandboxes, kind) for kind in KINDS}


def is_write(call: WireCall) -> bool:
    return call.name.rstrip("/").rpartition("/")[2] in WRITES


def interfered(
    road: Road, kind: Kind, act: Callable[[Road, Ride], None], *, number: int, moment: str
) -> tuple[Ride, list[WireCall]]:
    """Ride on while somebody does *act* around one call; return the calls that were begun afterwards."""
    ride = road.placed(kind)
    done: list[int] = []

    def interfere(*_: object) -> None:
        act(road, ride)
        done.append(number)

    if moment == "before":
        road.tap.begin(number, before=interfere)
    else:
        road.tap.begin(number, after=interfere)
    road.ridden(ride)
    assert done == [number]
    first = number if moment == "before" else number + 1
    return ride, road.tap.calls[first:]


def cancel(road: Road, ride: Ride) -> None:
    road.world.agent.cancel(ride.order, reason="customer")


def activate_by_hand(road: Road, ride: Ride) -> None:
    road.world.agent.set_activation(ride.order, "Activated")


def assert_no_further(calls: Sequence[WireCall]) -> None:
    """Hold that of what bills, opens or accepts only the step was done that was under way."""
    reads = [place for place, call in enumerate(calls) if call.system == wire.SALESFORCE]
    under_way = calls[: reads[0]] if reads else calls
    assert not any(map(is_write, calls[len(under_way) :]))
    writes = [call.name.rstrip("/").rpartition("/")[2] for call in under_way if is_write(call)]
    assert set(writes) in ALLOWED


def assert_lists_exactly(road: Road, ride: Ride, rest: Held) -> None:
    """Hold that the hold lists what exists, each with the act that undoes it, and nothing else."""
    expected: dict[str, str] = {}
    if bills := road.bills(ride.order):
        expected |= {
            "billing_order": ", ".join(str(bill["id"]) for bill in bills),
            "undo:billing_order": "cancel_billing_order",
        }
    if lines := road.lines(ride.order):
        expected |= {
            "line": ", ".join(str(line["receiptNumber"]) for line in lines),
            "undo:line": "terminate_line",
        }
    assert dict(rest.facts) == expected
    assert rest.reported
    told = road.order_row(ride.order, "Activation_Error_Code__c")
    assert told["Activation_Error_Code__c"] == rest.code.value


def stopped(
    sandboxes: Sandboxes, calls: Sequence[Call], kind: Kind, moment: str, *, hold: HoldCode
) -> list[str]:
    """Let somebody stop an order around each of *calls*; return what was wrong where."""
    act = cancel if hold is HoldCode.CANCELLED_IN_FLIGHT else activate_by_hand
    wrong: list[str] = []
    for number, call in enumerate(calls):
        with open_road(sandboxes.salesforce, sandboxes.whmcs, sandboxes.network) as road:
            ride, since = interfered(road, kind, act, number=number, moment=moment)
            road.hear(ride.order)
            road.carried()
            rest = road.rest(ride.order)
            try:
                assert_no_further(since)
                if isinstance(rest, Done):
                    assert_rightly_done(road, ride, hold)
                else:
                    assert isinstance(rest, Held), rest
                    assert rest.code is hold
                    assert_lists_exactly(road, ride, rest)
            except AssertionError as error:
                wrong.append(f"{call.label}: {rest}: {str(error)[:300]}")
    return wrong


def assert_rightly_done(road: Road, ride: Ride, hold: HoldCode) -> None:
    """Hold that nothing of a cancelled order exists, and that an active one is complete."""
    if hold is HoldCode.CANCELLED_IN_FLIGHT:
        assert (road.bills(ride.order), road.lines(ride.order)) == ([], [])
    else:
        assert_complete(road, ride)


CASES: Final = [(kind, moment) for kind in KINDS for moment in MOMENTS]


@pytest.mark.parametrize(("kind", "moment"), CASES)
def test_a_cancelled_order_goes_no_further_and_lists_what_exists(
    sandboxes: Sandboxes, runs: Mapping[Kind, Sequence[Call]], kind: Kind, moment: str
) -> None:
    assert stopped(sandboxes, runs[kind], kind, moment, hold=HoldCode.CANCELLED_IN_FLIGHT) == []


@pytest.mark.parametrize(("kind", "moment"), CASES)
def test_an_order_activated_by_hand_goes_no_further_and_lists_what_exists(
    sandboxes: Sandboxes, runs: Mapping[Kind, Sequence[Call]], kind: Kind, moment: str
) -> None:
    assert stopped(sandboxes, runs[kind], kind, moment, hold=HoldCode.ACTIVATED_BY_HAND) == []


def test_without_the_reading_before_each_step_a_cancelled_order_goes_on(sandboxes: Sandboxes) -> None:
    with open_road(sandboxes.salesforce, sandboxes.whmcs, sandboxes.network) as road:
        ride = road.placed(Kind.ESIM)
        ride.acts[0]()
        road.hear(ride.order)

        def forget() -> None:
            if road.tap.calls[-1].name == "AddOrder":
                forget_to_read(road, ride)

        road.tap.begin(after=forget)
        road.world.queue.run_due(road.world.clock.now(), road.world.ordering.run)
        assert road.order_row(ride.order, "Status")["Status"] == "Cancelled"
        assert len(road.lines(ride.order)) == 1


def forget_to_read(road: Road, ride: Ride) -> None:
    """Let our system believe from now on what it reads of the order at this moment, then cancel it."""
    orders = road.world.ordering.orders
    assert isinstance(orders, SalesforceOrders)
    facts = orders.provisioning_facts(ride.order)
    vars(orders)["provisioning_facts"] = lambda _order: facts
    cancel(road, ride)
