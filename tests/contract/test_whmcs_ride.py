"""An order billed once on a WHMCS: in few calls, whatever gets lost, linked by its marks."""

import time

from collections import Counter
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

import attrs
import pytest

from ordering_adapters.whmcs import FieldName, Mark, WhmcsBilling, WhmcsInvoices
from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.identifiers import (
    BillingOrderId,
    ClientId,
    OpportunityId,
    OrderId,
    OrderItemId,
    ServiceId,
)
from ordering_core.domain.invoice import invoice_flaws
from ordering_core.domain.journal import Done, Held, RetryAt
from ordering_core.ports.billing import BilledOrder, BilledService, NewBillingOrder
from tests.contract.whmcs_world import WhmcsWorld


class Hooked(WhmcsBilling):
    """The adapter, on an installation that does something of its own after it has activated a service."""

    def __init__(self, billing: WhmcsBilling) -> None:
        self.__dict__ |= billing.__dict__
        self.afterwards: list[Callable[[ServiceId], None]] = []

    def activate_service(self, service: ServiceId, /, *, opportunity: OpportunityId | None) -> None:
        super().activate_service(service, opportunity=opportunity)
        for hook in self.afterwards:
            hook(service)


class WithoutLook(Hooked):
    """Never sees what is there already."""

    def __init__(self, billing: WhmcsBilling) -> None:
        super().__init__(billing)
        self.added: set[BillingOrderId] = set()

    def add(self, order: NewBillingOrder, /) -> BillingOrderId:
        made = super().add(order)
        self.added.add(made)
        return made

    def find(self, client: ClientId, reference: OrderId, /) -> tuple[BilledOrder, ...]:
        return tuple(order for order in super().find(client, reference) if order.id in self.added)


class WithoutReadBack(Hooked):
    """Takes its own request for what WHMCS made of it, services by their places."""

    def __init__(self, billing: WhmcsBilling) -> None:
        super().__init__(billing)
        self.asked: NewBillingOrder | None = None

    def add(self, order: NewBillingOrder, /) -> BillingOrderId:
        self.asked = order
        return super().add(order)

    def find(self, client: ClientId, reference: OrderId, /) -> tuple[BilledOrder, ...]:
        return tuple(
            attrs.evolve(order, services=self._by_place(order)) for order in super().find(client, reference)
        )

    def _by_place(self, order: BilledOrder) -> tuple[BilledService, ...]:
        lines = self.asked.lines if self.asked else ()
        services = sorted(order.services, key=lambda service: service.id)
        return tuple(
            attrs.evolve(service, item=line.item, product=line.product, cycle=line.cycle, price=line.price)
            for service, line in zip(services, lines, strict=True)
        )


class WithoutReread(Hooked):
    """Believes that a service it was told to activate is active."""

    def __init__(self, billing: WhmcsBilling) -> None:
        super().__init__(billing)
        self.told: dict[ServiceId, OpportunityId | None] = {}

    def activate_service(self, service: ServiceId, /, *, opportunity: OpportunityId | None) -> None:
        super().activate_service(service, opportunity=opportunity)
        self.told[service] = opportunity

    def find(self, client: ClientId, reference: OrderId, /) -> tuple[BilledOrder, ...]:
        return tuple(
            attrs.evolve(
                order,
                services=tuple(
                    attrs.evolve(service, status="Active", opportunity=self.told[service.id])
                    if service.id in self.told
                    else service
                    for service in order.services
                ),
            )
            for order in super().find(client, reference)
        )


class Scenarios(WhmcsWorld):
    """What may not happen, whatever WHMCS does."""

    def bills_once_after_a_lost_answer(self) -> None:
        order = self.approved()
        self.process.fault(kind="lost_after_commit", body="action=AddOrder&")
        rest = self.carry_on(order)
        assert len(self.living_orders()) == 1
        assert isinstance(rest, Done)

    def links_each_line_to_its_own_service(self) -> None:
        self.process.switch(services_in_order=False)
        order = self.approved()
        assert isinstance(self.carry_on(order), Done)
        lines = self.memory.salesforce.orders[order].snapshot.lines
        linked = {line.id: line.service for line in lines}
        marks = {
            OrderItemId(str(value["value"])): value["relid"]
            for value in self.process.rows("fieldvalues")
            if str(value["fieldid"]).endswith("1")
        }
        assert linked == marks

    def says_active_only_when_it_is(self) -> None:
        order = self.approved()
        self.ordering.provision(order)
        assert isinstance(self.ordering.billing, Hooked)
        # A hook of the installation puts the status back: that it was written proves nothing.
        self.ordering.billing.afterwards.append(
            lambda service: self.process.change("services", service, status="Pending")
        )
        self.carry_on(order)
        shown = self.memory.salesforce.orders[order].snapshot.activation.status
        statuses = {row["status"] for row in self.process.rows("services")}
        assert (shown == "Activated") == (statuses == {"Active"})


class TestRide(Scenarios):
    @pytest.fixture(autouse=True)
    def _begin(self, installation: None) -> None:
        self.world()

    def test_an_order_is_billed_linked_and_active_in_every_place(self) -> None:
        order = self.approved()
        self.process.actions()
        assert isinstance(self.finish(order), Done)
        snapshot = self.memory.salesforce.orders[order].snapshot
        (billed,) = self.process.rows("orders")
        services = self.process.rows("services")
        assert snapshot.billing_order == billed["id"]
        assert {line.service for line in snapshot.lines} == {row["id"] for row in services}
        assert {row["status"] for row in services} == {"Active"}
        assert billed["status"] == "Active"
        quote = self.ordering.order(order, customer=self.customer).quote
        assert quote is not None
        prices = {line.sku: line.price for line in quote.lines}
        owed = {line.service: prices[line.sku] for line in snapshot.lines if line.service}
        invoice = WhmcsInvoices(self.api).of_order(BillingOrderId(int(str(billed["id"]))))
        assert invoice is not None
        assert invoice_flaws(invoice, owed) == ()
        assert invoice.total == quote.first_bill.gross

    def test_a_sim_takes_seven_calls_and_one_for_each_pending_line(self) -> None:
        self.finish(self.approved())  # a process that has run for a while knows the custom fields
        customer = self.memory.new_customer()
        client = self.memory.client_of(customer)
        self.process.plant(
            "clients", {"id": client, "firstname": "a", "lastname": "b", "email": "c@d.example"}
        )
        self.store_payment_method(client, gateway="stripe", expires=None)
        order = self.approved(customer)
        self.process.actions()
        assert isinstance(self.finish(order), Done)
        called = Counter(self.process.actions())
        lines = len(self.memory.salesforce.orders[order].snapshot.lines)
        assert called == {
            "GetPayMethods": 1,
            "GetClientsProducts": 4,
            "AddOrder": 1,
            "AcceptOrder": 1,
            "UpdateClientProduct": lines,
        }
        assert called.total() == 7 + lines

    def test_where_accepting_activates_the_lines_are_only_linked(self) -> None:
        self.process.switch(accept_activates=True)
        order = self.approved()
        self.process.actions()
        assert isinstance(self.finish(order), Done)
        assert Counter(self.process.actions())["UpdateClientProduct"] == 0

    def test_a_card_that_expired_last_month_or_of_another_gateway_does_not_count(self) -> None:
        for values in ({"expiry_date": "05/26"}, {"gateway_name": "banktransfer"}):
            self.world()
            order = self.approved()
            (method,) = self.process.rows("paymethods")
            self.process.change("paymethods", method["id"], **values)
            rest = self.ordering.provision(order)
            assert isinstance(rest, Held)
            assert rest.code is HoldCode.PAYMENT_METHOD_MISSING
            assert self.living_orders() == []

    def test_a_card_that_expires_this_month_counts(self) -> None:
        order = self.approved()
        (method,) = self.process.rows("paymethods")
        self.process.change("paymethods", method["id"], expiry_date="06/26")
        assert isinstance(self.finish(order), Done)


class TestRideWithTheDesignsFieldsAlone(TestRide):
    """Without a field for the order, its reference stands in the notes alone."""

    fields: ClassVar[tuple[str, ...]] = (FieldName.OPPORTUNITY.value, FieldName.ITEM.value)


class TestRideByTheDomain(TestRide):
    fields: ClassVar[tuple[str, ...]] = (FieldName.OPPORTUNITY.value,)
    mark: ClassVar[Mark] = Mark.DOMAIN


FAULTS: Final[Mapping[str, Mapping[str, object]]] = {
    "lost before": {"kind": "lost_before_commit"},
    "lost after": {"kind": "lost_after_commit"},
    "page": {"kind": "answer", "failure": "HTML"},
    "page after": {"kind": "answer", "failure": "HTML_AFTER_COMMIT"},
    "notice": {"kind": "answer", "failure": "PHP_NOTICE"},
    "503": {"kind": "answer", "failure": "SERVICE_UNAVAILABLE"},
    "504 after": {"kind": "answer", "failure": "GATEWAY_TIMEOUT_AFTER_COMMIT"},
    "429": {"kind": "answer", "failure": "TOO_MANY_REQUESTS"},
}
WRITES: Final = ("AddOrder", "AcceptOrder", "UpdateClientProduct")
READS: Final = ("GetPayMethods", "GetClientsProducts")


class TestFaults(Scenarios):
    @pytest.mark.parametrize("action", [*WRITES, *READS])
    @pytest.mark.parametrize("fault", FAULTS)
    def test_whatever_happens_to_a_call_it_is_billed_once(self, action: str, fault: str) -> None:
        self.world()
        order = self.approved()
        self.process.fault(body=f"action={action}&", **FAULTS[fault])
        assert isinstance(self.carry_on(order), Done)
        assert len(self.living_orders()) == 1
        assert {row["status"] for row in self.process.rows("services")} == {"Active"}

    def test_an_order_that_arrives_twice_is_an_urgent_hold(self) -> None:
        self.world()
        order = self.approved()
        self.process.fault(kind="delivered_twice", body="action=AddOrder&")
        rest = self.carry_on(order, times=2)
        assert isinstance(rest, Held)
        assert rest.code is HoldCode.DUPLICATE_EFFECT

    def test_an_order_that_arrives_after_we_gave_up_is_found_and_not_added_again(self) -> None:
        self.world()
        order = self.approved()
        self.api.timeout = 0.3
        self.process.fault(kind="slow_then_committed", body="action=AddOrder&", seconds=0.6)
        assert isinstance(self.ordering.provision(order), RetryAt)
        assert isinstance(self.ordering.provision(order), RetryAt)
        assert self.living_orders() == []
        until = time.monotonic() + 10
        while not self.living_orders() and time.monotonic() < until:
            time.sleep(0.05)  # the installation's work takes real time
        self.api.timeout = 10.0
        assert isinstance(self.carry_on(order), Done)
        assert len(self.living_orders()) == 1

    def test_a_refusal_bills_nothing_and_says_why(self) -> None:
        self.world()
        order = self.approved()
        self.process.change("clients", self.client, status="Closed")
        rest = self.carry_on(order, times=1)
        assert isinstance(rest, Held)
        assert rest.code is HoldCode.BILLING_REFUSED
        assert rest.facts["code"] == "CLIENT_CLOSED"
        assert self.living_orders() == []


class TestPrecautions(Scenarios):
    """Each precaution holds something up: without it, its scenario fails."""

    @pytest.mark.parametrize(
        ("scenario", "without"),
        [
            (Scenarios.bills_once_after_a_lost_answer, WithoutLook),
            (Scenarios.links_each_line_to_its_own_service, WithoutReadBack),
            (Scenarios.says_active_only_when_it_is, WithoutReread),
        ],
        ids=["look", "read-back", "re-read"],
    )
    def test_it_holds_with_and_fails_without(
        self, scenario: Callable[[Scenarios], None], without: type[Hooked]
    ) -> None:
        self.world(Hooked)
        scenario(self)
        self.world(without)
        with pytest.raises(AssertionError):
            scenario(self)
