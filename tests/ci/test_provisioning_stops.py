"""
An agent cancels an order, or sets it Activated by hand, before and after every call of its provisioning. [ci]

From then on nothing is billed, opened or accepted any more, but for the one request that is on its way; a
hold lists exactly what exists. After a question is before the next call, so that of orders other than eSIMs
what follows a question is left to SOAK=1. On the budget of tests/ci for WHMCS and the SIM network, 8 minutes
in all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import pytest

from ordering_adapters.salesforce import SalesforceOrders
from ordering_core import Done, Held, HoldCode
from tests.ci.grid_cover import SOAK
from tests.contract import wire
from tests.contract.provisioning import Ride, Road, assert_complete, open_road
from tests.contract.provisioning_kinds import EVERY, AnyKind, Kind
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess
from tests.contract.wire_faults import Call, Sandboxes, numbered, recorded


pytestmark = pytest.mark.whmcs_sim

MOMENTS: Final = ("before", "after")
STEPS: Final[tuple[frozenset[str], ...]] = (
    frozenset({"UpdateClient"}),
    frozenset({"AddOrder", "downloadOrder", "confirmOrder"}),
    frozenset({"addAcnt"}),
    frozenset({"releaseProfile", "changeOrder", "AcceptOrder", "UpdateClientProduct"}),
    frozenset({"cancelOrder"}),
)
"""
What changes WHMCS or the network, in groups: each is done on one reading of the order.

A profile is reserved before the reading that comes before its line, and can be given back; what an open line
gets, and the bill with its services, belong to one reading after it opened. The rest asks, or tells
Salesforce.
"""


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[Sandboxes]:
    processes = Sandboxes(salesforce=SalesforceProcess(), whmcs=WhmcsProcess(), network=SimNetworkProcess())
    yield processes
    for process in (processes.salesforce, processes.whmcs, processes.network):
        process.close()


@pytest.fixture(scope="module")
def runs(sandboxes: Sandboxes) -> Mapping[AnyKind, Sequence[Call]]:
    return {kind: recorded(sandboxes, kind) for kind in EVERY}


def stops(kind: AnyKind, calls: Sequence[Call], moment: str) -> Iterator[int]:
    """Yield the numbers of the calls around which somebody stops an order at *moment*."""
    for number, call in enumerate(calls):
        tells = call.system == wire.SALESFORCE or call.is_write or call is calls[-1]
        if moment == "before" or tells or kind is Kind.ESIM or SOAK:
            yield number


def interfered(
    road: Road, kind: AnyKind, act: Callable[[Road, Ride], None], *, number: int, moment: str
) -> tuple[Ride, list[Call]]:
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
    return ride, numbered(road.tap.calls)[first:]


def cancel(road: Road, ride: Ride) -> None:
    road.world.agent.cancel(ride.order, reason="customer")


def activate_by_hand(road: Road, ride: Ride) -> None:
    road.world.agent.set_activation(ride.order, "Activated")


def assert_no_further(calls: Sequence[Call]) -> None:
    """Hold that outside of Salesforce only the step was done that was under way."""
    reads = [place for place, call in enumerate(calls) if call.system == wire.SALESFORCE]
    under_way = calls[: reads[0]] if reads else calls
    assert not any(call.is_write for call in calls[len(under_way) :])
    writes = [call.last_part for call in under_way if call.is_write]
    assert any(step.issuperset(writes) for step in STEPS)
    assert all(writes.count(name) == 1 for name in set(writes) - {"UpdateClientProduct"})


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
    if road.profiles():
        expected |= {"profile": f"profile of {ride.order}", "undo:profile": "cancel_profile"}
    assert dict(rest.facts) == expected
    assert rest.reported
    told = road.order_row(ride.order, "Activation_Error_Code__c")
    assert told["Activation_Error_Code__c"] == rest.code.value


def stopped(
    sandboxes: Sandboxes, calls: Sequence[Call], kind: AnyKind, moment: str, *, hold: HoldCode
) -> list[str]:
    """Let somebody stop an order around each of *calls*; return what was wrong where."""
    act = cancel if hold is HoldCode.CANCELLED_IN_FLIGHT else activate_by_hand
    wrong: list[str] = []
    for number in stops(kind, calls, moment):
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
                wrong.append(f"{calls[number].label}: {rest}: {str(error)[:300]}")
    return wrong


def assert_rightly_done(road: Road, ride: Ride, hold: HoldCode) -> None:
    """Hold that nothing of a cancelled order exists, and that an active one is complete."""
    if hold is HoldCode.CANCELLED_IN_FLIGHT:
        assert (road.bills(ride.order), road.lines(ride.order), road.profiles()) == ([], [], [])
    else:
        assert_complete(road, ride)


CASES: Final = [(kind, moment) for kind in EVERY for moment in MOMENTS]


@pytest.mark.parametrize(("kind", "moment"), CASES)
def test_a_cancelled_order_goes_no_further_and_lists_what_exists(
    sandboxes: Sandboxes, runs: Mapping[AnyKind, Sequence[Call]], kind: AnyKind, moment: str
) -> None:
    assert stopped(sandboxes, runs[kind], kind, moment, hold=HoldCode.CANCELLED_IN_FLIGHT) == []


@pytest.mark.parametrize(("kind", "moment"), CASES)
def test_an_order_activated_by_hand_goes_no_further_and_lists_what_exists(
    sandboxes: Sandboxes, runs: Mapping[AnyKind, Sequence[Call]], kind: AnyKind, moment: str
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
