"""The contract of a billing system: orders and services."""

from __future__ import annotations

import abc

from datetime import date
from decimal import Decimal
from typing import ClassVar

import attrs
import pytest

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.billing import BillingLine, NewBillingOrder
from ordering_core.domain.identifiers import (
    BillingOrderId,
    BillingProductId,
    ClientId,
    OpportunityId,
    OrderId,
    OrderItemId,
    ServiceId,
)
from ordering_core.domain.invoice import invoice_flaws
from ordering_core.domain.vocabulary import BillingCycle
from ordering_core.errors import Refused
from ordering_core.ports.billing import BillingSystem
from ordering_core.testing.contracts.outside import OutsideContract, both


ORDER = OrderId("801000000000001AAA")
OTHER_ORDER = OrderId("801000000000002AAA")
OPPORTUNITY = OpportunityId("006000000000001AAA")
PLAN_ITEM = OrderItemId("802000000000001AAA")
FEE_ITEM = OrderItemId("802000000000002AAA")


class BillingOrdersContract(OutsideContract):
    """How orders are billed, found by their marks, accepted, and their services activated."""

    gateway: ClassVar[str] = "stripe"
    """A gateway of the installation."""

    plan: ClassVar[BillingProductId] = BillingProductId(202)
    """A product of the installation that is billed monthly."""

    fee: ClassVar[BillingProductId] = BillingProductId(203)
    """A product of the installation that is billed once."""

    nobody: ClassVar[ClientId] = ClientId(999_999)
    """The id of a client that is not there."""

    @pytest.fixture
    @abc.abstractmethod
    def billing(self) -> BillingSystem:
        """Return the system under test, without clients."""

    @abc.abstractmethod
    def new_client(self) -> ClientId:
        """Make a client."""

    @abc.abstractmethod
    def store_payment_method(self, client: ClientId, *, gateway: str, expires: date | None) -> None:
        """Store a payment method for the client, by hand."""

    @abc.abstractmethod
    def address_of(self, client: ClientId) -> PostalAddress | None:
        """Return the client's address as the system's administrators see it."""

    @abc.abstractmethod
    def orders_of(self, client: ClientId) -> tuple[BillingOrderId, ...]:
        """Return every order of the client, oldest first, as the administrators see them."""

    @abc.abstractmethod
    def cancel(self, order: BillingOrderId) -> None:
        """Cancel the order with its services, by hand."""

    def order(self, client: ClientId, reference: OrderId = ORDER) -> NewBillingOrder:
        """Return an order of a plan and a fee, at prices that are not the products' own."""
        return NewBillingOrder(
            client=client,
            reference=reference,
            gateway=self.gateway,
            lines=(
                BillingLine(
                    item=PLAN_ITEM, product=self.plan, cycle=BillingCycle.MONTHLY, price=Decimal(1777)
                ),
                BillingLine(
                    item=FEE_ITEM, product=self.fee, cycle=BillingCycle.ONE_TIME, price=Decimal(1333)
                ),
            ),
            opportunity=OPPORTUNITY,
        )

    def service(self, billing: BillingSystem, client: ClientId, item: OrderItemId) -> ServiceId:
        """Return the service that *item* became."""
        (found,) = billing.find(client, ORDER)
        return next(service.id for service in found.services if service.item == item)

    def test_nothing_is_found_at_first(self, billing: BillingSystem) -> None:
        assert billing.find(self.new_client(), ORDER) == ()
        assert billing.find(self.nobody, ORDER) == ()

    def test_an_added_order_is_found_by_its_marks(self, billing: BillingSystem) -> None:
        client = self.new_client()
        added = billing.add(self.order(client))
        (found,) = billing.find(client, ORDER)
        assert (found.id, found.status) == (added, "Pending")
        assert {
            (service.item, service.product, service.cycle, service.price, service.status)
            for service in found.services
        } == {
            (PLAN_ITEM, self.plan, BillingCycle.MONTHLY, Decimal(1777), "Pending"),
            (FEE_ITEM, self.fee, BillingCycle.ONE_TIME, Decimal(1333), "Pending"),
        }
        assert len({service.id for service in found.services}) == 2

    def test_an_order_is_found_by_nothing_but_its_client_and_mark(self, billing: BillingSystem) -> None:
        client, other = self.new_client(), self.new_client()
        added = billing.add(self.order(client))
        billing.add(self.order(client, OTHER_ORDER))
        billing.add(self.order(other, OTHER_ORDER))
        assert [found.id for found in billing.find(client, ORDER)] == [added]
        assert billing.find(other, ORDER) == ()

    def test_adding_twice_bills_twice_and_both_are_found(self, billing: BillingSystem) -> None:
        client = self.new_client()
        first, second = billing.add(self.order(client)), billing.add(self.order(client))
        assert first != second
        assert [found.id for found in billing.find(client, ORDER)] == [first, second]

    def test_two_equal_lines_become_two_services(self, billing: BillingSystem) -> None:
        client = self.new_client()
        order = self.order(client)
        plan = order.lines[0]
        twins = (plan, attrs.evolve(plan, item=FEE_ITEM))
        billing.add(attrs.evolve(order, lines=twins))
        (found,) = billing.find(client, ORDER)
        assert {service.item for service in found.services} == {PLAN_ITEM, FEE_ITEM}

    def test_a_cancelled_order_is_not_found(self, billing: BillingSystem) -> None:
        client = self.new_client()
        gone = billing.add(self.order(client))
        self.cancel(gone)
        assert billing.find(client, ORDER) == ()
        added = billing.add(self.order(client))
        assert [found.id for found in billing.find(client, ORDER)] == [added]

    def test_an_order_without_lines_is_refused(self, billing: BillingSystem) -> None:
        client = self.new_client()
        with pytest.raises(Refused):
            billing.add(attrs.evolve(self.order(client), lines=()))
        assert self.orders_of(client) == ()

    def test_accepting_twice_is_the_same_as_once(self, billing: BillingSystem) -> None:
        client = self.new_client()
        added = billing.add(self.order(client))
        for _ in range(2):
            billing.accept(added)
            assert [found.status for found in billing.find(client, ORDER)] == ["Active"]

    def test_accepting_what_is_not_there_or_cancelled_is_refused(self, billing: BillingSystem) -> None:
        client = self.new_client()
        gone = billing.add(self.order(client))
        self.cancel(gone)
        for order in (gone, BillingOrderId(999_999)):
            with pytest.raises(Refused):
                billing.accept(order)
        assert billing.find(client, ORDER) == ()

    def test_activating_a_service_twice_is_the_same_as_once(self, billing: BillingSystem) -> None:
        client = self.new_client()
        billing.accept(billing.add(attrs.evolve(self.order(client), opportunity=None)))
        plan = self.service(billing, client, PLAN_ITEM)
        for _ in range(2):
            billing.activate_service(plan, opportunity=OPPORTUNITY)
            (found,) = billing.find(client, ORDER)
            known = {service.id: service for service in found.services}[plan]
            assert (known.status, known.opportunity) == ("Active", OPPORTUNITY)
            assert (known.item, known.price) == (PLAN_ITEM, Decimal(1777))

    def test_activating_a_service_that_is_not_there_is_refused(self, billing: BillingSystem) -> None:
        with pytest.raises(Refused):
            billing.activate_service(ServiceId(999_999), opportunity=None)

    def test_active_services_are_listed_with_their_products(self, billing: BillingSystem) -> None:
        client, other = self.new_client(), self.new_client()
        assert dict(billing.active_products(client)) == {}
        billing.accept(billing.add(self.order(client)))
        plan, fee = (self.service(billing, client, item) for item in (PLAN_ITEM, FEE_ITEM))
        for service in (plan, fee):
            billing.activate_service(service, opportunity=OPPORTUNITY)
        assert dict(billing.active_products(client)) == {plan: self.plan, fee: self.fee}
        assert dict(billing.active_products(other)) == {}

    def test_an_order_is_invoiced_at_its_own_prices_line_by_line(self, billing: BillingSystem) -> None:
        client = self.new_client()
        added, other = billing.add(self.order(client)), billing.add(self.order(client, OTHER_ORDER))
        invoice = billing.invoice(added)
        assert invoice is not None
        (found,) = billing.find(client, ORDER)
        prices = {service.id: service.price for service in found.services}
        assert {line.service: line.amount for line in invoice.lines} == prices
        assert sorted(prices.values()) == [Decimal(1333), Decimal(1777)]
        assert invoice_flaws(invoice, prices) == ()
        of_the_other = billing.invoice(other)
        assert of_the_other is not None
        assert of_the_other.id != invoice.id

    def test_an_order_that_is_not_there_has_no_invoice(self, billing: BillingSystem) -> None:
        assert billing.invoice(BillingOrderId(999_999)) is None

    def test_an_order_whose_reply_was_lost_is_found(self, billing: BillingSystem) -> None:
        client = self.new_client()
        self.reply_lost("add", lambda: billing.add(self.order(client)))
        assert tuple(found.id for found in billing.find(client, ORDER)) == self.orders_of(client)
        assert len(self.orders_of(client)) == 1

    def test_a_slow_order_is_not_found_at_first_and_then_once(self, billing: BillingSystem) -> None:
        client = self.new_client()
        self.slow("add", lambda: billing.add(self.order(client)))
        assert billing.find(client, ORDER) == ()
        self.let_late_work_arrive()
        assert len(billing.find(client, ORDER)) == 1

    def test_two_threads_add_two_orders(self, billing: BillingSystem) -> None:
        client = self.new_client()
        first, second = both(
            lambda: billing.add(self.order(client)),
            lambda: billing.add(self.order(client, OTHER_ORDER)),
        )
        assert [found.id for found in billing.find(client, ORDER)] == [first]
        assert [found.id for found in billing.find(client, OTHER_ORDER)] == [second]
