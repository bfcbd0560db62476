"""Billing and services (WHMCS), without idempotency of its own: mark, look, add, look (DESIGN 3.21, 5)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Protocol

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.billing import BilledOrder, BilledService, BillingLine, NewBillingOrder
from ordering_core.domain.identifiers import (
    BillingOrderId,
    BillingProductId,
    ClientId,
    OpportunityId,
    OrderId,
    ServiceId,
)
from ordering_core.domain.invoice import Invoice
from ordering_core.domain.payment import PaymentMethod


__all__ = ["BilledOrder", "BilledService", "BillingLine", "BillingSystem", "NewBillingOrder"]


class BillingSystem(Protocol):
    """Where customers are billed and services are kept."""

    @abstractmethod
    def payment_methods(self, client: ClientId, /) -> tuple[PaymentMethod, ...]:
        """
        Return the client's stored payment methods in the system's order.

        Raises:
            Unavailable: They cannot be read now.

            Refused: There is no such client (code CLIENT_NOT_FOUND).

        """
        ...

    @abstractmethod
    def card_entry_url(self, client: ClientId, /) -> str:
        """
        Return a single-use address at which the client adds a card: a secret of one minute, never stored.

        Raises:
            Unavailable: It cannot be made now.

            Refused: There is no such client.

        """
        ...

    @abstractmethod
    def find(self, client: ClientId, reference: OrderId, /) -> tuple[BilledOrder, ...]:
        """
        Return every uncancelled order of *client* that carries the mark of *reference*, oldest first.

        More than one means that something was billed twice.

        Raises:
            Unavailable: It cannot be read now.

        """
        ...

    @abstractmethod
    def add(self, order: NewBillingOrder, /) -> BillingOrderId:
        """
        Add the order under its marks, without mail. **Adding twice bills twice**: look first, look after.

        Raises:
            Unavailable: Nothing was added.

            OutcomeUnknown: It may have been added; look before adding again.

            Refused: The billing system will not add it.

        """
        ...

    @abstractmethod
    def accept(self, order: BillingOrderId, /) -> None:
        """
        Accept a pending order; accepting an accepted one changes nothing.

        Raises:
            Unavailable: Nothing happened.

            OutcomeUnknown: It may have happened; accepting again is safe.

            Refused: It cannot be accepted (for example cancelled or fraud).

        """
        ...

    @abstractmethod
    def activate_service(self, service: ServiceId, /, *, opportunity: OpportunityId | None) -> None:
        """
        Make one service Active and link it to *opportunity*; doing it twice is the same as once.

        Raises:
            Unavailable: Nothing happened.

            OutcomeUnknown: It may have happened; doing it again is safe.

            Refused: There is no such service.

        """
        ...

    @abstractmethod
    def update_address(self, client: ClientId, address: PostalAddress, /) -> None:
        """
        Give the client a new address; doing it twice is the same as once.

        Raises:
            Unavailable: Nothing happened.

            OutcomeUnknown: It may have happened; doing it again is safe.

            Refused: There is no such client, or the address is not taken.

        """
        ...

    @abstractmethod
    def active_products(self, client: ClientId, /) -> Mapping[ServiceId, BillingProductId]:
        """
        Return the client's active services and the product of each (for the duplicate-service rule).

        Raises:
            Unavailable: They cannot be read now.

        """
        ...

    @abstractmethod
    def invoice(self, order: BillingOrderId, /) -> Invoice | None:
        """
        Return the first invoice of *order*; None without such an order, or when it was free of charge.

        Raises:
            Unavailable: It cannot be read now.

        """
        ...
