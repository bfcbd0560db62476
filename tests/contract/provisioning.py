"""
Orders of every kind from approval to Active over the three sandboxes, and what has to hold of them then.

One world carries many orders, each of a customer of its own, so that a grid of faults need not begin anew.
"""

from __future__ import annotations

import itertools

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Final

import attrs
import certifi
import pytest

from ordering_adapters.memory import MemoryLineBook, MemoryProfileBook, MemoryStore
from ordering_adapters.memory.world import Storage
from ordering_adapters.salesforce import SalesforceOrders
from ordering_adapters.sim_network.es2plus.api import Es2PlusApi
from ordering_adapters.sim_network.es2plus.profiles import Es2PlusProfiles
from ordering_adapters.sim_network.es2plus.settings import Es2PlusSettings, IccidRange
from ordering_adapters.sim_network.freebit.api import FreebitApi
from ordering_adapters.sim_network.freebit.lines import FreebitLines
from ordering_adapters.sim_network.freebit.settings import PATHS, FreebitSettings, Function
from ordering_adapters.storage import SqlLineBook, SqlProfileBook
from ordering_adapters.whmcs import FieldName, WhmcsBilling
from ordering_core import (
    CustomerId,
    Done,
    Draft,
    Held,
    HoldCode,
    OrderId,
    Policy,
    Rest,
)
from ordering_core.application.record import order_subject
from ordering_core.domain.calendar import business_date
from ordering_core.domain.identifiers import SimCardId
from ordering_core.domain.journal import CaseFile
from ordering_core.domain.runbooks import RUNBOOKS
from ordering_core.errors import PortError
from ordering_core.ports.profile_book import ProfileBook
from tests.contract import wire
from tests.contract.provisioning_kinds import (
    CARDS,
    NEW_ADDRESS,
    PORTS,
    PROFILES,
    SIMS,
    AnyKind,
    Extra,
    Kind,
    donor,
    draft,
)
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sandbox_world import SandboxWorld, sandbox_world
from tests.contract.sim_network_lines import STATUS_PATH
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.stand_in import Row
from tests.contract.whmcs_process import WhmcsProcess
from tests.contract.wire import Tap, tap_http, tap_org, wait_for


__all__ = [
    "MARK_PROVED",
    "Kind",
    "Ride",
    "Road",
    "assert_complete",
    "assert_once_or_held",
    "network_settings",
    "open_road",
    "profile_settings",
    "trusting",
]

MARK_PROVED: Final = Policy(billing_mark_proved=True)
"""As where `ordering whmcs check` has seen the mark read back: what is not found is added again."""

LIMIT: Final = timedelta(days=3)
"""How long an order is left to itself, nights outside of the activation window included."""

TOLD_AGAIN: Final = timedelta(seconds=5)
PAUSE: Final = timedelta(minutes=5)
"""What is due later than this after a rest is no work of the order's own any more."""

PROFILE_RANGES: Final = {
    "PASI_10G": IccidRange(first="898119904000000001", count=500),
}
"""The profiles of the network's shipped seed that the orders of these tests can take."""


@attrs.frozen(kw_only=True)
class Ride:
    """One order on its way: whose it is, what it is for, and what agents still have to do."""

    kind: AnyKind
    customer: CustomerId
    order: OrderId
    acts: tuple[Callable[[], object], ...]


class Road:
    """A world whose three outside systems are sandboxes, with a tap on every call of ours."""

    def __init__(self, world: SandboxWorld, network: SimNetworkProcess, tap: Tap) -> None:
        """Nobody has ordered anything; *once_struck* is what happens after the run with the tapped call."""
        self.world = world
        self.network = network
        self.tap = tap
        self.once_struck: Callable[[], None] | None = None
        self._numbers = itertools.count(1)
        self._causes = itertools.count(1)
        self._late: tuple[str, int] | None = None
        self._last: OrderId | None = None

    def placed(self, kind: AnyKind) -> Ride:
        """Return an order that was submitted, and that nobody has approved."""
        world, number = self.world, next(self._numbers)
        self._deliver_profiles(on=kind in PROFILES)
        customer = world.new_customer()
        session = world.ordering.begin_checkout(self._draft(kind, number), customer=customer)
        if kind is Extra.WHOLE_ESIM:
            world.ordering.update_address(session.id, NEW_ADDRESS, customer=customer)
        if kind is Extra.REFUSED_PORT:
            self.network.admin("POST", "stock", {"donors": [donor(number, unpaid=True)]})
        if kind is Kind.INTERNET:
            world.ordering.request_eligibility(session.id, customer=customer)
            world.agent.record_eligibility(world.account_of(customer), "Home 1G")
        world.ordering.confirm_address(session.id, customer=customer)
        order = world.ordering.submit(session.id, customer=customer).order
        assert order is not None
        self._last = order
        self.carried()
        return Ride(kind=kind, customer=customer, order=order, acts=tuple(self._acts(kind, order, number)))

    def ridden(self, ride: Ride) -> Rest:
        """Do what agents have to do, one act after another, and let everything happen that follows."""
        for act in ride.acts:
            act()
            self.hear(ride.order)
            self.carried()
        return self.rest(ride.order)

    def hear(self, order: OrderId) -> None:
        """Hear that somebody changed the order; what cannot be told is told again a little later."""
        cause = f"changed:{next(self._causes)}"
        for _ in range(5):
            try:
                self.world.ordering.observe(order, cause=cause)
            except PortError:
                self.settle()
                self.world.clock.advance(TOLD_AGAIN)
            else:
                return
        raise AssertionError("it can never be told")

    def carried(self) -> None:
        """Let everything happen that happens by itself."""
        world = self.world
        limit = world.clock.now() + LIMIT
        while True:
            ran = world.queue.run_due(world.clock.now(), world.ordering.run)
            if self.tap.struck and self.once_struck:
                act, self.once_struck = self.once_struck, None
                act()
                world.queue.run_due(world.clock.now(), world.ordering.run)
            self.settle()
            due = world.queue.next_due()
            if ran or (due and due <= world.clock.now()):
                continue
            if due is None or due > limit or (due > world.clock.now() + PAUSE and self._stands()):
                return
            world.clock.move_to(due)

    def settle(self) -> None:
        """Wait until what was given up on has arrived after all."""
        if self._late is not None:
            system, before = self._late
            since = [call for call in self.tap.calls[self.tap.number :] if call.system == system]
            wait_for(lambda: self._logged(system) >= before + len(since))
            self._late = None

    def arrives_late(self, system: str) -> None:
        """Say that the call which is about to be made to *system* arrives after it was given up."""
        self._late = (system, self._logged(system))

    def rest(self, order: OrderId) -> Rest:
        """Return how the order rests."""
        rest = self.case_file(order).rest
        assert rest is not None
        return rest

    def case_file(self, order: OrderId) -> CaseFile:
        with self.world.store.transaction() as tx:
            kept = tx.journal.case_file(order_subject(order))
        assert kept is not None
        return kept

    def bills(self, order: OrderId) -> list[Row]:
        """Return every living order in WHMCS that names *order*."""
        rows = self.world.whmcs.rows("orders")
        return [
            row for row in rows if order in str(row["notes"]) and row["status"] not in {"Cancelled", "Fraud"}
        ]

    def lines(self, order: OrderId) -> list[Row]:
        """Return every line of the network that carries *order* and has not failed."""
        return [line for line in self.network.lines(order) if line["state"] != "failed"]

    def profiles(self) -> list[Row]:
        """Return every profile that an order has, or had and did not give back."""
        found = self.network.admin("GET", "profiles")
        assert isinstance(found, list)
        return found

    def services(self, order: OrderId) -> list[Row]:
        """Return every service of *order* in WHMCS."""
        return [
            row for bill in self.bills(order) for row in self.world.whmcs.rows("services", orderid=bill["id"])
        ]

    def custom_fields(self, service: Row) -> dict[str, str]:
        """Return the custom fields of a service by their names."""
        names = {
            row["id"]: str(row["fieldname"])
            for row in self.world.whmcs.rows("customfields", relid=service["pid"])
        }
        values = self.world.whmcs.rows("fieldvalues", relid=service["id"])
        return {names[row["fieldid"]]: str(row["value"]) for row in values if row["fieldid"] in names}

    def order_row(self, order: OrderId, *fields: str) -> Row:
        return self.world.process.row("Order", order, *fields)

    def items(self, order: OrderId) -> list[Row]:
        return self.world.process.query(
            "SELECT Id, WHMCS_Service_ID__c, UnitPrice, Product2.Item_Class__c FROM OrderItem "
            f"WHERE OrderId = '{order}'"
        )

    def _stands(self) -> bool:
        """Whether the order that was placed last is finished or held, and its hold reported."""
        with self.world.store.transaction() as tx:
            kept = tx.journal.case_file(order_subject(self._last)) if self._last else None
        match kept and kept.rest:
            case Done():
                return True
            case Held(reported=reported):
                return reported
            case _:
                return False

    def _logged(self, system: str) -> int:
        """Return how many calls the sandbox has answered, those of agents included."""
        processes = {
            wire.SALESFORCE: self.world.process.admin,
            wire.WHMCS: self.world.whmcs.admin,
            wire.NETWORK: self.network.admin,
        }
        counted = processes[system]("GET", "calls")
        assert isinstance(counted, dict)
        return int(str(counted["total"]))

    def _draft(self, kind: AnyKind, number: int) -> Draft:
        """Return what is ordered the *number*-th time, with a reservation that lasts."""
        return draft(kind, number, expires=business_date(self.world.clock.now()) + timedelta(days=13))

    def _deliver_profiles(self, *, on: bool) -> None:
        """Deliver the profiles of eSIMs from now on, or have them come with their lines."""
        policy = attrs.evolve(self.world.ordering.policy, esim_profile_delivery=on)
        self.world.ordering = attrs.evolve(self.world.ordering, policy=policy)

    def _acts(self, kind: AnyKind, order: OrderId, number: int) -> Iterator[Callable[[], object]]:
        """Yield what agents do for an order, in their order."""
        agent = self.world.agent
        yield lambda: agent.approve(order)
        if kind is Kind.INTERNET:
            yield lambda: self._go_ahead(order)
        if kind in CARDS:
            yield lambda: self._assign(order, number)
        if kind is Kind.PORTED_CARD:
            yield lambda: agent.ship(order)
            yield lambda: agent.deliver(order)
        if kind is Extra.REFUSED_PORT:
            yield lambda: self._let_go(order, number)

    def _go_ahead(self, order: OrderId) -> None:
        """Set Activating, as an agent does who does not read that the order is active already."""
        if self.order_row(order, "Activation_Status__c")["Activation_Status__c"] != "Activated":
            self.world.agent.set_activation(order, "Activating")

    def _let_go(self, order: OrderId, number: int) -> None:
        """Have the losing carrier let the number go; who sees the port refused has it tried again."""
        self.network.admin("POST", "stock", {"donors": [donor(number, unpaid=False)]})
        rest = self.rest(order)
        if isinstance(rest, Held) and rest.code is HoldCode.MNP_REFUSED:
            self.world.ordering.retry(order, by="operator", reason="the number may move now")

    def _assign(self, order: OrderId, number: int) -> None:
        """Put a new card into the stock of the network and of Salesforce, and assign it."""
        card = {"productNumber": f"PT03{number:011d}", "phoneNumber": f"0702500{number:04d}"}
        self.network.admin("POST", "stock", {"cards": [card]})
        stored = self.world.process.write(
            "SIM_Inventory__c",
            {
                "Name": f"SIM-{number}",
                "ICCID__c": f"89811{number:014d}",
                "Product_Number__c": card["productNumber"],
                "Phone_Number__c": card["phoneNumber"],
                "Status__c": "In Stock",
            },
        )
        self.world.agent.assign_sim(order, SimCardId(stored))


def network_settings(ready: Mapping[str, str]) -> FreebitSettings:
    """Return the way to the network that says *ready*, which can be asked how lines stand."""
    return FreebitSettings(
        url=f"{ready['http']}/emptool/api/",
        oem_id=ready["oem_id"],
        oem_key=ready["oem_key"],
        paths={**PATHS, Function.STATUS: STATUS_PATH},
    )


def profile_settings(ready: Mapping[str, str]) -> Es2PlusSettings:
    """Return the way to the SM-DP+ beside that network, from whose profiles we choose."""
    return Es2PlusSettings(url=ready["http"], requester="1.3.6.1.4.1.99999.2", iccids=PROFILE_RANGES)


@contextmanager
def trusting(ca_file: str) -> Iterator[None]:
    """Trust the sandbox's authority alone, which takes no time; the world's are read anew by every client."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SSL_CERT_FILE", ca_file)
        patched.setattr(certifi, "where", lambda: ca_file)
        yield


@contextmanager
def open_road(
    process: SalesforceProcess,
    whmcs: WhmcsProcess,
    network: SimNetworkProcess,
    *,
    policy: Policy = MARK_PROVED,
    storage: Storage | None = None,
) -> Iterator[Road]:
    """Yield a road on which nobody is under way; what is ours is in memory, or in a database."""
    network.admin("POST", "reset")
    tap = Tap()
    with ExitStack() as opened:
        opened.enter_context(trusting(process.ready["ca_file"]))
        world = opened.enter_context(sandbox_world(process, whmcs, policy=policy, storage=storage))
        fields = [
            {"relid": product["id"], "fieldname": FieldName.ORDER.value} for product in whmcs.rows("products")
        ]
        whmcs.admin("POST", "rows", {"customfields": fields})

        def follow(at: object) -> None:
            network.admin("PUT", "clock", {"at": str(at), "stopped": True})

        follow(world.clock.now())
        world.clock.tell(follow)
        api = FreebitApi(network_settings(network.ready), world.clock)
        opened.callback(api.close)
        profiles = Es2PlusApi(profile_settings(network.ready))
        opened.callback(profiles.close)
        store = world.store
        in_memory = isinstance(store, MemoryStore)
        lines = FreebitLines(api, MemoryLineBook(store) if in_memory else SqlLineBook(store))
        book: ProfileBook = MemoryProfileBook(store) if in_memory else SqlProfileBook(store)
        for connection in (api.connection, profiles.connection):
            tap_http(connection._client, wire.NETWORK, tap)
        billing, orders = world.ordering.billing, world.ordering.orders
        assert isinstance(billing, WhmcsBilling)
        assert isinstance(orders, SalesforceOrders)
        tap_http(billing._api._client, wire.WHMCS, tap)
        orders._org._sleep = lambda _seconds: None
        tap_org(orders._org, tap)
        world.ordering = attrs.evolve(world.ordering, lines=lines, profiles=Es2PlusProfiles(profiles, book))
        yield Road(world, network, tap)


def product_of(item: Row) -> Mapping[str, object]:
    """Return the product in a row of OrderItem that was asked for it."""
    product = item["Product2"]
    assert isinstance(product, dict)
    return product


def assert_complete(road: Road, ride: Ride) -> None:
    """Hold that the order is billed and opened once, Active, and linked in all four directions."""
    world, order = road.world, ride.order
    [bill] = road.bills(order)
    services = road.services(order)
    row = road.order_row(
        order,
        "Status, Activation_Status__c, Activation_Error_Code__c, WHMCS_Order_ID__c, OpportunityId, "
        "MNP_Application__c",
    )
    assert (row["Status"], row["Activation_Status__c"]) == ("Approved", "Activated")
    assert row["Activation_Error_Code__c"] is None
    assert row["WHMCS_Order_ID__c"] == str(bill["id"])
    assert {bill["status"], *(service["status"] for service in services)} == {"Active"}
    items = road.items(order)
    by_service = {str(item["WHMCS_Service_ID__c"]): str(item["Id"]) for item in items}
    assert len(by_service) == len(services) == len(items)
    for service in services:
        marks = road.custom_fields(service)
        assert marks[FieldName.ITEM.value] == by_service[str(service["id"])]
        assert marks[FieldName.ORDER.value] == order
        assert marks[FieldName.OPPORTUNITY.value] == row["OpportunityId"]
    linked = "StageName, WHMCS_Service_ID__c"
    opportunity = world.process.row("Opportunity", str(row["OpportunityId"]), linked)
    assert opportunity["StageName"] == "Active"
    [main] = [item for item in items if product_of(item)["Item_Class__c"] == "Service"]
    assert opportunity["WHMCS_Service_ID__c"] == main["WHMCS_Service_ID__c"]
    assert [line["state"] for line in road.lines(order)] == ["open"] * (ride.kind in SIMS)
    assert [profile["state"] for profile in road.profiles()] == ["Released"] * (ride.kind in PROFILES)
    assert (row["MNP_Application__c"] == "Done") == (ride.kind in PORTS)
    if ride.kind is Extra.WHOLE_ESIM:
        [line] = road.lines(order)
        assert line["talkOption"] == {"voiceMail": "10", "callWaiting": "10"}
        [client] = world.whmcs.rows("clients", id=world.client_of(ride.customer))
        assert client["postcode"] == NEW_ADDRESS.postal_code


def assert_once_or_held(road: Road, ride: Ride, rest: Rest) -> None:
    """Hold that the order is complete, or held with a way on; what is there twice is named."""
    if isinstance(rest, Done):
        assert_complete(road, ride)
        return
    assert isinstance(rest, Held), rest
    bills, lines = road.bills(ride.order), road.lines(ride.order)
    if len(bills) > 1:
        assert rest.code is HoldCode.DUPLICATE_EFFECT
        assert rest.facts["billing_orders"] == ", ".join(str(bill["id"]) for bill in bills)
    if len(lines) > 1:
        assert rest.code is HoldCode.DUPLICATE_EFFECT
        assert len(rest.facts["lines"].split(", ")) == len(lines)
    assert len(road.profiles()) <= 1
    if rest.code is HoldCode.DUPLICATE_EFFECT:
        assert len(bills) > 1 or len(lines) > 1
    assert RUNBOOKS[rest.code.value].steps
    assert rest.reported
    told = road.order_row(ride.order, "Activation_Error_Code__c, Activation_Error_Message__c")
    assert told["Activation_Error_Code__c"] == rest.code.value
    assert told["Activation_Error_Message__c"]
