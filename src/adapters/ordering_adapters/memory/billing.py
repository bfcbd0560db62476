"""WHMCS in memory: adding twice bills twice, marks find an order again, acceptance is a step of its own."""

from __future__ import annotations

import secrets

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from itertools import count
from threading import RLock

import attrs

from ordering_adapters.memory.faults import MemoryFaults
from ordering_core.domain.address import PostalAddress
from ordering_core.domain.identifiers import (
    BillingOrderId,
    BillingProductId,
    ClientId,
    OpportunityId,
    OrderId,
    ServiceId,
)
from ordering_core.domain.invoice import Invoice, InvoiceLine
from ordering_core.domain.money import consumption_tax
from ordering_core.domain.payment import PaymentMethod
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Refused
from ordering_core.ports.billing import BilledOrder, BilledService, BillingSystem, NewBillingOrder


PENDING = "Pending"
ACTIVE = "Active"
CANCELLED = "Cancelled"
UNPAID = "Unpaid"


@attrs.frozen(kw_only=True)
class ClientRecord:
    """A client with what is on file."""

    methods: tuple[PaymentMethod, ...] = ()
    address: PostalAddress | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class BillingRecord:
    """An order as it was added, its status, and the services it became."""

    order: NewBillingOrder
    status: str
    services: tuple[ServiceId, ...]


class MemoryBilling(BillingSystem):
    """
    One WHMCS installation.

    The public methods beside the port's are what its administrators and clients do there by themselves.
    """

    def __init__(self, faults: MemoryFaults) -> None:
        """Begin without clients."""
        self._faults = faults
        self._lock = RLock()
        self._ids = count(1001)
        self._clients: dict[ClientId, ClientRecord] = {}
        self._orders: dict[BillingOrderId, BillingRecord] = {}
        self._services: dict[ServiceId, BilledService] = {}
        self._invoices: dict[BillingOrderId, Invoice] = {}
        self._orders_of: defaultdict[OrderId, list[BillingOrderId]] = defaultdict(list)
        self._services_of: defaultdict[ClientId, list[ServiceId]] = defaultdict(list)

    def payment_methods(self, client: ClientId, /) -> tuple[PaymentMethod, ...]:
        return self._faults.call("billing.payment_methods", lambda: self.client(client).methods)

    def card_entry_url(self, client: ClientId, /) -> str:
        def make() -> str:
            self.client(client)
            return f"https://billing.example/oauth/singlesignon.php?access_token={secrets.token_urlsafe(24)}"

        return self._faults.call("billing.card_entry_url", make)

    def find(self, client: ClientId, reference: OrderId, /) -> tuple[BilledOrder, ...]:
        return self._faults.call(
            "billing.find",
            lambda: tuple(
                order for order in self.orders_of(reference, client=client) if order.status != CANCELLED
            ),
        )

    def add(self, order: NewBillingOrder, /) -> BillingOrderId:
        def work() -> BillingOrderId:
            self.client(order.client)
            if not order.lines:
                raise Refused(System.WHMCS, "NO_ITEMS", "no items were added to the cart")
            with self._lock:
                added = BillingOrderId(next(self._ids))
                services = [
                    BilledService(
                        id=ServiceId(next(self._ids)),
                        item=line.item,
                        product=line.product,
                        cycle=line.cycle,
                        price=line.price,
                        status=PENDING,
                        opportunity=order.opportunity,
                    )
                    for line in order.lines
                ]
                if invoice := self._invoice(services):
                    self._invoices[added] = invoice
                self._orders_of[order.reference].append(added)
                self._services_of[order.client].extend(service.id for service in services)
                self._services.update({service.id: service for service in services})
                self._orders[added] = BillingRecord(
                    order=order,
                    status=PENDING,
                    # not in the order of the lines: nobody may trust positions (DESIGN 5)
                    services=tuple(service.id for service in reversed(services)),
                )
                return added

        return self._faults.call("billing.add", work)

    def accept(self, order: BillingOrderId, /) -> None:
        def work() -> None:
            with self._lock:
                record = self._orders.get(order)
                if record is None:
                    raise Refused(System.WHMCS, "ORDER_NOT_FOUND", "order id not found")
                if record.status == CANCELLED:
                    raise Refused(System.WHMCS, "ORDER_NOT_PENDING", "the order is cancelled")
                self._orders[order] = attrs.evolve(record, status=ACTIVE)

        self._faults.call("billing.accept", work)

    def activate_service(self, service: ServiceId, /, *, opportunity: OpportunityId | None) -> None:
        def work() -> None:
            with self._lock:
                known = self._services.get(service)
                if known is None:
                    raise Refused(System.WHMCS, "SERVICE_NOT_FOUND", "service id not found")
                self._services[service] = attrs.evolve(known, status=ACTIVE, opportunity=opportunity)

        self._faults.call("billing.activate_service", work)

    def update_address(self, client: ClientId, address: PostalAddress, /) -> None:
        def work() -> None:
            with self._lock:
                self._clients[client] = attrs.evolve(self.client(client), address=address)

        self._faults.call("billing.update_address", work)

    def active_products(self, client: ClientId, /) -> Mapping[ServiceId, BillingProductId]:
        def read() -> Mapping[ServiceId, BillingProductId]:
            with self._lock:
                services = [self._services[service] for service in self._services_of.get(client, [])]
            return {service.id: service.product for service in services if service.status == ACTIVE}

        return self._faults.call("billing.active_products", read)

    def invoice(self, order: BillingOrderId, /) -> Invoice | None:
        def read() -> Invoice | None:
            with self._lock:
                return self._invoices.get(order)

        return self._faults.call("billing.invoice", read)

    def new_client(self, address: PostalAddress | None = None) -> ClientId:
        """Make a client."""
        with self._lock:
            client = ClientId(next(self._ids))
            self._clients[client] = ClientRecord(address=address)
            return client

    def client(self, client: ClientId) -> ClientRecord:
        """
        Return what is on file of the client.

        Raises:
            Refused: There is no such client (code CLIENT_NOT_FOUND).

        """
        with self._lock:
            known = self._clients.get(client)
        if known is None:
            raise Refused(System.WHMCS, "CLIENT_NOT_FOUND", "client id not found")
        return known

    def give_payment_method(self, client: ClientId, *, gateway: str, expires: date | None) -> None:
        """Store a payment method for the client."""
        with self._lock:
            known = self._clients[client]
            method = PaymentMethod(
                id=next(self._ids), gateway=gateway, description="Visa", last_four="4242", expires=expires
            )
            self._clients[client] = attrs.evolve(known, methods=(*known.methods, method))

    def remove_payment_methods(self, client: ClientId) -> None:
        """Remove all of the client's payment methods."""
        with self._lock:
            self._clients[client] = attrs.evolve(self._clients[client], methods=())

    def change_price(self, service: ServiceId, price: Decimal) -> None:
        """Give the service another price, net yen, from the next invoice on."""
        with self._lock:
            self._services[service] = attrs.evolve(self._services[service], price=price)

    def change_invoice(self, order: BillingOrderId, service: ServiceId, amount: Decimal) -> None:
        """Charge *amount*, net yen, for the service on the order's invoice."""
        with self._lock:
            invoice = self._invoices[order]
            lines = tuple(
                attrs.evolve(line, amount=amount) if line.service == service else line
                for line in invoice.lines
            )
            self._invoices[order] = _added_up(attrs.evolve(invoice, lines=lines))

    def delete_invoice(self, order: BillingOrderId) -> None:
        """Delete the order's invoice."""
        with self._lock:
            del self._invoices[order]

    def cancel_order(self, order: BillingOrderId) -> None:
        """Cancel the order and its services."""
        with self._lock:
            record = self._orders[order]
            self._orders[order] = attrs.evolve(record, status=CANCELLED)
            for service in record.services:
                self._services[service] = attrs.evolve(self._services[service], status=CANCELLED)

    def services_of(self, client: ClientId) -> tuple[BilledService, ...]:
        """Return every service of *client*, ended ones too."""
        with self._lock:
            return tuple(self._services[service] for service in self._services_of.get(client, []))

    def owner_of(self, service: ServiceId) -> ClientId | None:
        """Return whose *service* is, None when there is none."""
        with self._lock:
            return next((client for client, of in self._services_of.items() if service in of), None)

    def orders_of(self, reference: OrderId, *, client: ClientId | None = None) -> tuple[BilledOrder, ...]:
        """Return every order that bills *reference*, oldest first, cancelled too; of *client* or of all."""
        with self._lock:
            records = [(order, self._orders[order]) for order in self._orders_of.get(reference, [])]
            return tuple(
                BilledOrder(
                    id=order,
                    status=record.status,
                    services=tuple(self._services[service] for service in record.services),
                )
                for order, record in records
                if client in (None, record.order.client)
            )

    def _invoice(self, services: Collection[BilledService]) -> Invoice | None:
        """Return the invoice of a new order, None when nothing is to be paid."""
        lines = tuple(
            InvoiceLine(service=service.id, amount=service.price, taxed=True) for service in services
        )
        nothing = Decimal(0)
        made = Invoice(
            id=next(self._ids),
            status=UNPAID,
            due=None,
            subtotal=nothing,
            tax=nothing,
            total=nothing,
            lines=lines,
        )
        return _added_up(made) if any(line.amount for line in lines) else None


def _added_up(invoice: Invoice) -> Invoice:
    """Return *invoice* with the sums of its lines."""
    net = sum((line.amount for line in invoice.lines), Decimal(0))
    tax = consumption_tax(net)
    return attrs.evolve(invoice, subtotal=net, tax=tax, total=net + tax)
