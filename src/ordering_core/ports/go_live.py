"""
What an org and a WHMCS installation hold already when ordering begins to work on them (DESIGN 3.18).

Only the go-live reads through these ports, and it only reads. A host that brings adapters of its own needs
none of them.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from ordering_core.domain.billing import BilledService
from ordering_core.domain.identifiers import AccountId, ClientId, ServiceId
from ordering_core.domain.opportunity import Opportunity
from ordering_core.domain.orders import OrderSnapshot


class RecordsBefore(Protocol):
    """The orders, Opportunities and Accounts of an org, many at a time."""

    @abstractmethod
    def orders(self, *, after: AccountId | None = None) -> Iterator[tuple[OrderSnapshot, ...]]:
        """
        Yield every order in batches: Account by Account, all orders of an Account in one batch.

        *after* is the last Account of a batch that was yielded before: it goes on behind it. A batch is read
        when it is asked for, so that never more than one is held.

        Raises:
            Unavailable: A batch cannot be read now; go on after the last one.

        """
        ...

    @abstractmethod
    def last_change(self) -> datetime | None:
        """Return when an order was changed last, by the org's clock; None without one. Raises Unavailable."""
        ...

    @abstractmethod
    def opportunities(self, accounts: Collection[AccountId], /) -> tuple[Opportunity, ...]:
        """Return the Opportunities of our commodities of *accounts*. Raises Unavailable."""
        ...

    @abstractmethod
    def customer_numbers(self, accounts: Collection[AccountId], /) -> Mapping[AccountId, str]:
        """Return the customer numbers of those of *accounts* that are there. Raises Unavailable."""
        ...


class ServicesBefore(Protocol):
    """The services of an installation."""

    @abstractmethod
    def services(self, client: ClientId, /) -> tuple[BilledService, ...] | None:
        """Return every service of *client*, ended ones too; None for no such client. Raises Unavailable."""
        ...

    @abstractmethod
    def owner(self, service: ServiceId, /) -> ClientId | None:
        """Return whose *service* is, None when there is no such service. Raises Unavailable."""
        ...
