"""Everything around the orders of the demo: the sandboxes, our adapters on them, and a clock for all."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from typing import Final, Generic, Protocol, TypeVar

import attrs

from ordering_adapters.memory.ids import SequentialIds
from ordering_adapters.memory.residents import resident
from ordering_core.application.ordering import Ordering
from ordering_core.domain.address import PostalAddress
from ordering_core.domain.customers import Identity
from ordering_core.domain.identifiers import AccountId, ClientId, CustomerId
from ordering_core.ports.work_queue import WorkQueue
from ordering_entrypoints.container import open_system
from ordering_entrypoints.demo_agent import Cards, DemoAgent
from ordering_entrypoints.demo_org import DemoOrg
from ordering_entrypoints.demo_stand_in import SharedClock
from ordering_entrypoints.demo_whmcs import DemoWhmcs
from ordering_entrypoints.sandboxes import Ready, environment
from ordering_entrypoints.settings import Settings


MOST_ROUNDS: Final = 1000
"""Rounds of work at one instant after which something must be triggering itself for ever."""


class Billing(Cards, Protocol):
    """WHMCS, as far as the people of the demo have to do with it."""

    @abstractmethod
    def new_client(self, address: PostalAddress, /) -> ClientId:
        """Make a client who lives at *address*."""
        ...


ClockT = TypeVar("ClockT", bound=SharedClock)
BillingT = TypeVar("BillingT", bound=Billing)


class DemoWorld(Generic[ClockT, BillingT]):
    """
    Our system, the people and the systems around it, on one clock.

    *org* is Salesforce as its staff sees it, *billing* is WHMCS.
    """

    def __init__(
        self,
        *,
        ordering: Ordering,
        queue: WorkQueue,
        org: DemoOrg,
        billing: BillingT,
        clock: ClockT,
    ) -> None:
        """Begin with nobody."""
        self.ordering = ordering
        self.org = org
        self.billing = billing
        self.clock = clock
        self.agent = DemoAgent(org, billing, clock)
        self._queue = queue
        self._numbers = count(1)
        self._identities: dict[CustomerId, Identity] = {}

    def new_customer(self, *, apartment: bool = False) -> CustomerId:
        """Make a portal user in a house or an *apartment*: Account, Contact, WHMCS client, identity map."""
        number = next(self._numbers)
        person = resident(number, apartment=apartment)
        street = (person.address.town_and_number, person.address.building, person.address.room)
        account = self.org.insert(
            "Account",
            {
                "Name": person.name,
                "AccountNumber": f"C{number:06d}",
                "BillingStreet": "\n".join(filter(None, street)),
                "BillingCity": person.address.city,
                "BillingState": person.address.prefecture,
                "BillingPostalCode": str(person.address.postal_code),
                "BillingCountry": "Japan",
            },
        )
        family, given = person.name.split(" ")
        self.org.insert(
            "Contact",
            {
                "AccountId": account,
                "LastName": family,
                "FirstName": given,
                "Email": f"customer{number}@example.com",
            },
        )
        identity = Identity(
            customer=CustomerId(f"customer-{number}"),
            account=AccountId(account),
            client=self.billing.new_client(person.address),
            customer_number=f"C{number:06d}",
        )
        with self.ordering.store.transaction() as tx:
            tx.identities.put(identity)
        self._identities[identity.customer] = identity
        return identity.customer

    def account_of(self, customer: CustomerId, /) -> AccountId:
        """Return the customer's Account."""
        return self._identities[customer].account

    def client_of(self, customer: CustomerId, /) -> ClientId:
        """Return the customer's WHMCS client."""
        return self._identities[customer].client

    def next_due(self) -> datetime | None:
        """Return when the next work falls due, None when none waits."""
        return self._queue.next_due()

    def run_due(self) -> int:
        """
        Hear what changed in Salesforce and run everything that is due now; return how many subjects ran.

        Raises:
            RuntimeError: Work triggers itself without an end.

        """
        ran = 0
        for _ in range(MOST_ROUNDS):
            self.ordering.reconcile()
            handled = self._queue.run_due(self.clock.now(), self.ordering.run)
            ran += handled
            if not handled:
                return ran
        raise RuntimeError("work at one instant triggers more work without an end")


@contextmanager
def open_world(
    ready: Mapping[str, Ready], *, clock: ClockT, database: str
) -> Generator[DemoWorld[ClockT, DemoWhmcs]]:
    """
    Yield a world on the sandboxes that *ready* tells of, wired as `ordering serve` is by their settings.

    What is ours is kept in *database*, an address as the settings take it.
    """
    settings = attrs.evolve(Settings.from_env(environment(ready)), database=database)
    with (
        DemoOrg(ready["salesforce"], clock) as org,
        DemoWhmcs(ready["whmcs"], clock) as billing,
        open_system(settings, clock=clock, ids=SequentialIds()) as (ordering, queue),
    ):
        yield DemoWorld(ordering=ordering, queue=queue, org=org, billing=billing, clock=clock)
