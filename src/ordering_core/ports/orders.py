"""Orders in Salesforce, which is their record (seed "What Happens in Salesforce")."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeAlias

import attrs

from ordering_core.domain.catalogue import Product
from ordering_core.domain.customers import Account
from ordering_core.domain.identifiers import AccountId, OrderId, RequestKey, Sku
from ordering_core.domain.opportunity import Opportunity
from ordering_core.domain.orders import NewOrder, OrderSnapshot, OrderWrite, PlacedOrder
from ordering_core.domain.representation import shown
from ordering_core.domain.vocabulary import OrderType


@attrs.frozen(kw_only=True)
class PlacingFacts:
    """What placing an order needs to know, read in one call; *existing* is the order of this key, if any."""

    account: Account
    products: Mapping[Sku, Product]
    opportunities: tuple[Opportunity, ...]
    existing: OrderSnapshot | None

    __repr__ = shown


@attrs.frozen(kw_only=True)
class ProvisioningFacts:
    """What a run begins with, read in one call: the order, its Account and the Account's Opportunities."""

    order: OrderSnapshot
    account: Account | None
    opportunities: tuple[Opportunity, ...]

    __repr__ = shown


LATE_BY: Final = timedelta(minutes=5)
"""How long after its stamp a change may come to be seen, and so how far a reader of changes reaches back."""

Changes: TypeAlias = tuple[datetime, tuple[OrderSnapshot, ...]]
"""Some changed orders, and up to when, by Salesforce's own clock, all changes are known with them."""


class OrderRepository(Protocol):
    """Reads and writes Salesforce Orders."""

    @abstractmethod
    def placing_facts(
        self, account: AccountId, /, *, order_type: OrderType, skus: Collection[Sku], key: RequestKey
    ) -> PlacingFacts | None:
        """
        Read in one call all that placing needs; None when there is no such account.

        Raises:
            Unavailable: It cannot be read now.

        """
        ...

    @abstractmethod
    def place(self, order: NewOrder, /) -> PlacedOrder:
        """
        Create Order, items and the team's Case, and open or move the Opportunity: all or nothing.

        Placing again under one request key returns the order that is there and changes nothing.

        Raises:
            Unavailable: Nothing was written.

            OutcomeUnknown: It may have been written; find it by its key before placing again.

            Conflict: Its Opportunity was taken meanwhile; nothing was written, link again and place.

            Refused: Salesforce will not take it.

        """
        ...

    @abstractmethod
    def find(self, key: RequestKey, /) -> PlacedOrder | None:
        """
        Return the order placed under *key*, or None when there is none.

        Raises:
            Unavailable: It cannot be read now.

        """
        ...

    @abstractmethod
    def read(self, order: OrderId, /) -> OrderSnapshot | None:
        """
        Return the order as it is now, or None.

        Raises:
            Unavailable: It cannot be read now.

        """
        ...

    @abstractmethod
    def provisioning_facts(self, order: OrderId, /) -> ProvisioningFacts | None:
        """
        Return in one call the order with its Account and that one's Opportunities; None without an order.

        Raises:
            Unavailable: They cannot be read now.

        """
        ...

    @abstractmethod
    def of_account(self, account: AccountId, /) -> tuple[OrderSnapshot, ...]:
        """
        Return all of the account's orders, ours or not, newest first.

        Raises:
            Unavailable: They cannot be read now.

        """
        ...

    @abstractmethod
    def changed_since(self, since: datetime, /) -> Iterator[Changes]:
        """
        Yield every order modified at or after *since*, oldest modification first, a page at a time.

        *since* is a moment of Salesforce's own clock, as what comes with a page is: all that is modified
        later is found by asking again from `LATE_BY` before it. It is never later than when the first page
        was read, nor than `LATE_BY` after the last change of all, whatever time it is said to be. A page is
        read when it is asked for, so that never more than one is held. An order that changes meanwhile may
        come twice; there may be a page without orders.

        Raises:
            Unavailable: A page cannot be read now; go on from the last one.

        """
        ...

    @abstractmethod
    def write(self, write: OrderWrite, /) -> OrderSnapshot:
        """
        Write activation fields, links and Opportunity in one composite; return the order as it then is.

        All or nothing. Writing the same again is the same as once. A service id is never written over a
        different one.

        Raises:
            Unavailable: Nothing was written.

            OutcomeUnknown: It may have been written; read before deciding.

            Conflict: *if_version* is not the order's version any more; nothing was written.

            Refused: Salesforce will not take it (code SERVICE_ID_DIFFERS when an id would be overwritten).

        """
        ...
