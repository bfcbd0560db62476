"""
What goes wrong with one call on the wire, and how an order is gone on with afterwards.

A cell of a grid is one call of a recorded run, one fault, and one way to go on. The faults are the sandboxes'
own, switched on at their admin endpoints just before the call is sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Final

import attrs

from ordering_adapters.whmcs import WhmcsBilling, WhmcsProducts
from ordering_core import Done, Held, HoldCode, Ordering, Policy, Rest
from tests.contract import wire
from tests.contract.provisioning import (
    MARK_PROVED,
    Ride,
    Road,
    assert_complete,
    assert_once_or_held,
    open_road,
)
from tests.contract.provisioning_kinds import AnyKind
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess
from tests.contract.wire import WireCall


IMPATIENT: Final = 0.25
"""Seconds after which a call that arrives late is given up."""

LATE: Final = 2 * IMPATIENT


WRITES: Final = frozenset(
    {
        "UpdateClient",
        "AddOrder",
        "AcceptOrder",
        "UpdateClientProduct",
        "downloadOrder",
        "confirmOrder",
        "releaseProfile",
        "cancelOrder",
        "addAcnt",
        "changeOrder",
    }
)
"""What changes WHMCS or the network; the rest asks, or tells Salesforce."""


class Fault(StrEnum):
    """What happens to a call."""

    REFUSED = "refused"
    DOWN = "down"
    LOST_BEFORE = "lost_before"
    LOST_AFTER = "lost_after"
    SLOW = "slow_then_committed"
    PAGE = "html_200"
    PAGE_AFTER = "html_200_after"
    BUSY = "503"
    TWICE = "delivered_twice"


class Resume(StrEnum):
    """How an order is gone on with: when it is due, at once since somebody tells of it, or anew."""

    BY_ITSELF = "by_itself"
    TOLD_AGAIN = "told_again"
    ANEW = "anew"


_KINDS: Final = {
    Fault.LOST_BEFORE: "lost_before_commit",
    Fault.LOST_AFTER: "lost_after_commit",
    Fault.TWICE: "delivered_twice",
}
_PAGES: Final = {
    (Fault.PAGE, wire.SALESFORCE): "PAGE",
    (Fault.PAGE, wire.WHMCS): "HTML",
    (Fault.PAGE, wire.NETWORK): "HTML",
    (Fault.PAGE_AFTER, wire.WHMCS): "HTML_AFTER_COMMIT",
    (Fault.PAGE_AFTER, wire.NETWORK): "HTML_AFTER_COMMIT",
    (Fault.BUSY, wire.SALESFORCE): "SERVER_UNAVAILABLE",
    (Fault.BUSY, wire.WHMCS): "SERVICE_UNAVAILABLE",
    (Fault.BUSY, wire.NETWORK): "SERVICE_UNAVAILABLE",
    (Fault.REFUSED, wire.SALESFORCE): "INSUFFICIENT_ACCESS",
    (Fault.REFUSED, wire.NETWORK): "REFUSED",
}


@attrs.frozen(kw_only=True, order=True)
class Call:
    """One call of a recorded run: the *turn*-th to that address of that system."""

    system: str
    name: str
    turn: int

    @property
    def last_part(self) -> str:
        """What the call does: the action, the last part of the path."""
        return self.name.rstrip("/").rpartition("/")[2]

    @property
    def is_write(self) -> bool:
        """Whether the call changes WHMCS or the network."""
        return self.last_part in WRITES

    @property
    def label(self) -> str:
        return f"{self.system}:{self.last_part}#{self.turn}"


@attrs.frozen(kw_only=True, order=True)
class Cell:
    """One call of an order of *kind*, what happens to it, and how it is gone on."""

    kind: AnyKind
    call: Call
    fault: Fault
    resume: Resume

    @property
    def label(self) -> str:
        return f"{self.kind}-{self.call.label}-{self.fault}-{self.resume}"


@attrs.frozen(kw_only=True)
class Sandboxes:
    """The three processes that every cell begins anew on."""

    salesforce: SalesforceProcess
    whmcs: WhmcsProcess
    network: SimNetworkProcess

    def of(self, system: str) -> SalesforceProcess | WhmcsProcess | SimNetworkProcess:
        """Return the process that stands for *system*."""
        match system:
            case wire.SALESFORCE:
                return self.salesforce
            case wire.WHMCS:
                return self.whmcs
            case _:
                return self.network


def recorded(sandboxes: Sandboxes, kind: AnyKind) -> list[Call]:
    """Return the calls of a run in which nothing goes wrong, in their order, by the sandboxes' own logs."""
    with open_road(sandboxes.salesforce, sandboxes.whmcs, sandboxes.network) as road:
        ride = road.placed(kind)
        for process in (sandboxes.salesforce, sandboxes.whmcs, sandboxes.network):
            process.admin("DELETE", "calls")
        road.tap.begin()
        assert isinstance(road.ridden(ride), Done)
        assert_complete(road, ride)
        calls = numbered(road.tap.calls)
        assert {*_logged(sandboxes)} >= {(call.system, call.name) for call in calls}
    return calls


def numbered(calls: Iterable[WireCall]) -> list[Call]:
    """Return *calls*, each with how many of its address came before it."""
    turns: Counter[WireCall] = Counter()
    found: list[Call] = []
    for call in calls:
        found.append(Call(system=call.system, name=call.name, turn=turns[call]))
        turns[call] += 1
    return found


def possible(fault: Fault, call: Call) -> bool:
    """Whether *fault* can happen to *call*: an edge of Salesforce shows no page instead of what was done."""
    return fault is not Fault.PAGE_AFTER or call.system != wire.SALESFORCE


@contextmanager
def struck_road(
    sandboxes: Sandboxes, cell: Cell, *, number: int, policy: Policy = MARK_PROVED
) -> Iterator[tuple[Road, Ride]]:
    """
    Yield a road and an order on it to which happens what *cell* says.

    *number* is the place of the call in the recorded run.
    """
    with open_road(sandboxes.salesforce, sandboxes.whmcs, sandboxes.network, policy=policy) as road:
        ride = road.placed(cell.kind)
        match cell.resume:
            case Resume.TOLD_AGAIN:
                road.once_struck = lambda: road.hear(ride.order)
            case Resume.ANEW:
                road.once_struck = lambda: anew(road)
            case Resume.BY_ITSELF:
                pass
        road.tap.begin(
            number,
            before=lambda call: switch_on(road, sandboxes, cell.fault, call),
            nowhere=cell.fault is Fault.DOWN,
            patience=IMPATIENT if cell.fault is Fault.SLOW else None,
        )
        yield road, ride


def play(sandboxes: Sandboxes, cell: Cell, *, number: int, policy: Policy = MARK_PROVED) -> Rest:
    """Take an order through *cell*, hold what has to hold, go on to its end; return how it rested."""
    with struck_road(sandboxes, cell, number=number, policy=policy) as (road, ride):
        rest = road.ridden(ride)
        assert road.tap.struck, "the call was made"
        assert numbered(road.tap.calls)[number] == cell.call
        assert_once_or_held(road, ride, rest)
        resolved(road, ride, rest)
    return rest


def anew(road: Road) -> None:
    """Let another process go on, which remembers nothing that is not in the store."""
    billing = road.world.ordering.billing
    assert isinstance(billing, WhmcsBilling)
    api = billing._api
    fresh = WhmcsBilling(api, WhmcsProducts(api), mark_proved=road.world.ordering.policy.billing_mark_proved)
    road.world.ordering = attrs.evolve(road.world.ordering, billing=fresh)


def resolved(road: Road, ride: Ride, rest: Rest) -> None:
    """Do what the hold says and see the order complete, with one of everything."""
    for _ in range(3):
        if not isinstance(rest, Held):
            break
        if rest.code is HoldCode.DUPLICATE_EFFECT:
            for bill in road.bills(ride.order)[1:]:
                road.world.whmcs.change("orders", bill["id"], status="Cancelled")
                for service in road.world.whmcs.rows("services", orderid=bill["id"]):
                    road.world.whmcs.change("services", service["id"], status="Cancelled")
            if len(road.lines(ride.order)) > 1:
                return  # a second line is ended with the network, which takes days
        road.world.ordering.retry(ride.order, by="operator", reason="looked, and did what the runbook says")
        road.carried()
        rest = road.rest(ride.order)
    assert isinstance(rest, Done), rest
    assert_complete(road, ride)


def switch_on(road: Road, sandboxes: Sandboxes, fault: Fault, call: WireCall) -> None:
    """Let the sandbox do *fault* to the next call."""
    process = sandboxes.of(call.system)
    path = "/services/data" if call.system == wire.SALESFORCE else ""
    if fault is Fault.DOWN:
        return
    if fault is Fault.SLOW:
        road.arrives_late(call.system)
        process.fault(kind="slow_then_committed", path=path, seconds=LATE)
    elif fault in _KINDS:
        process.fault(kind=_KINDS[fault], path=path)
    elif fault is Fault.REFUSED and call.system == wire.WHMCS:
        process.fault(kind="error", target=call.name, failure="An unexpected error occurred")
    else:
        process.fault(kind="answer", path=path, failure=_PAGES[fault, call.system])


def make_blind(ordering: Ordering) -> None:
    """Let our system find only what it was told in the answers to its own requests."""
    billing, lines = ordering.billing, ordering.lines
    told: set[object] = set()

    def telling(make: Callable[..., object]) -> Callable[..., object]:
        def made(*asked: object) -> object:
            answer = make(*asked)
            told.add(answer)
            return answer

        return made

    def seeing(find: Callable[..., object]) -> Callable[..., object]:
        def found(*asked: object) -> object:
            there = find(*asked)
            assert isinstance(there, tuple)
            return tuple(thing for thing in there if thing.id in told)

        return found

    vars(billing).update(add=telling(billing.add), find=seeing(billing.find))
    vars(lines).update(submit=telling(lines.submit), find=seeing(lines.find))


def _logged(sandboxes: Sandboxes) -> Iterable[tuple[str, str]]:
    """Yield what the sandboxes' call logs name, by system."""
    for call in sandboxes.salesforce.data_calls():
        yield wire.SALESFORCE, str(call["path"]).rpartition("/")[2]
    for action in sandboxes.whmcs.actions():
        yield wire.WHMCS, action
    counted = sandboxes.network.admin("GET", "calls")
    assert isinstance(counted, dict)
    for call in counted["calls"]:
        yield wire.NETWORK, str(call["path"])
