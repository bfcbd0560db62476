"""
A whole ordering system in memory: the outside systems, the caller's clock, an agent's hands, switches.

`in_memory_ordering` gives the system alone, for a host that only wants to call it.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Final, Generic, TypeAlias, TypeVar

from ordering_adapters.clock import SystemClock
from ordering_adapters.memory.agent import MemoryAgent
from ordering_adapters.memory.billing import MemoryBilling
from ordering_adapters.memory.cases import MemoryCases
from ordering_adapters.memory.catalogue import MemoryCatalogue
from ordering_adapters.memory.closed_days import MemoryClosedDays
from ordering_adapters.memory.customers import MemoryCustomers
from ordering_adapters.memory.faults import MemoryFaults
from ordering_adapters.memory.files import MemoryFiles
from ordering_adapters.memory.hints import Hint, MemoryHints
from ordering_adapters.memory.ids import MemoryIds, SequentialIds
from ordering_adapters.memory.image_cleaner import MemoryImageCleaner
from ordering_adapters.memory.lines import OPENS_AFTER, MemoryLineProvisioning
from ordering_adapters.memory.live_updates import MemoryLiveUpdates
from ordering_adapters.memory.notifications import MemoryNotifications
from ordering_adapters.memory.opportunities import MemoryOpportunities
from ordering_adapters.memory.orders import MemoryOrders
from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_adapters.memory.profiles import MemoryProfileDelivery
from ordering_adapters.memory.residents import resident
from ordering_adapters.memory.salesforce import MemorySalesforce
from ordering_adapters.memory.store import MemoryStore
from ordering_adapters.memory.switched_store import SwitchedStore
from ordering_adapters.memory.work_queue import MemoryWorkQueue
from ordering_core.application.ordering import Ordering
from ordering_core.domain.catalogue import Catalogue
from ordering_core.domain.customers import Account, Identity, IdentityFields
from ordering_core.domain.identifiers import AccountId, BillingOrderId, ClientId, CustomerId, LineId, OrderId
from ordering_core.domain.policy import Policy
from ordering_core.errors import PortError
from ordering_core.ports.clock import Clock
from ordering_core.ports.ids import IdSource
from ordering_core.ports.live_updates import LiveUpdates
from ordering_core.ports.store import Store
from ordering_core.ports.work_queue import WorkQueue


ClockT = TypeVar("ClockT", bound=Clock)

Storage: TypeAlias = tuple[Store, WorkQueue, LiveUpdates]
"""A store, what runs its triggers, and what follows its events."""

MOST_ROUNDS: Final = 1000
"""Rounds of work at one instant after which something must be triggering itself for ever."""


class MemoryWorld(Generic[ClockT]):
    """
    One of everything, wired together; fits `ordering_core.testing.world.World`.

    The public attributes beside that protocol's are the systems themselves: *salesforce*, *billing*, *lines*,
    *profiles*, *notifications*, *hints*, *store* and *queue*.
    """

    def __init__(
        self,
        *,
        clock: ClockT,
        policy: Policy | None = None,
        catalogue: Catalogue = SMALL_CATALOGUE,
        ids: IdSource | None = None,
        lines_open_after: timedelta = OPENS_AFTER,
        lines_searchable: bool = True,
        storage: Storage | None = None,
    ) -> None:
        """
        Begin with nobody, on *clock*; *ids* are the same in every run unless given.

        The network opens a line *lines_open_after* its submission and, with *lines_searchable*, can be asked.
        *storage*, a store with what runs its triggers and what follows its events, is used in place of
        *store* and *queue*, which then stay empty. Without a *policy* its defaults hold, but our mark in
        WHMCS counts as proved: in memory every mark is kept.
        """
        policy = policy or Policy(billing_mark_proved=True)
        close_after = timedelta(days=policy.opportunity_close_days)
        self.clock = clock
        self.faults = MemoryFaults(clock)
        self.hints = MemoryHints()
        self.salesforce = MemorySalesforce(clock, catalogue, self.hints)
        self.billing = MemoryBilling(self.faults)
        self.lines = MemoryLineProvisioning(
            clock,
            self.faults,
            opens_after=lines_open_after,
            port_days=policy.mnp_carrier_days,
            searchable=lines_searchable,
        )
        self.profiles = MemoryProfileDelivery(self.faults)
        self.notifications = MemoryNotifications(self.faults)
        self.agent = MemoryAgent(self.salesforce, self.billing, self.lines, self.hints)
        in_memory = MemoryLiveUpdates()
        self.store = MemoryStore(clock, live_updates=in_memory, faults=self.faults)
        self.queue = MemoryWorkQueue(self.store)
        store, self._queue, live_updates = self._kept_in(storage) or (self.store, self.queue, in_memory)
        self.ordering = Ordering(
            catalogue=MemoryCatalogue(self.salesforce, self.faults),
            customers=MemoryCustomers(self.salesforce, self.faults, close_after=close_after),
            orders=MemoryOrders(self.salesforce, self.faults, close_after=close_after),
            opportunities=MemoryOpportunities(self.salesforce, self.faults),
            cases=MemoryCases(self.salesforce, self.faults),
            files=MemoryFiles(self.salesforce, self.faults),
            billing=self.billing,
            lines=self.lines,
            profiles=self.profiles,
            store=store,
            live_updates=live_updates,
            closed_days=MemoryClosedDays(),
            image_cleaner=MemoryImageCleaner(),
            notifications=self.notifications,
            clock=clock,
            ids=ids or SequentialIds(),
            policy=policy,
        )
        self._numbers = count(1)
        self._identities: dict[CustomerId, Identity] = {}

    def new_customer(
        self, *, with_payment_method: bool = True, verified: bool = True, apartment: bool = True
    ) -> CustomerId:
        """
        Make a portal user with Account, complete address, WHMCS client and identity map.

        An *apartment* has a building and a room in its address, a house has not.
        """
        number = next(self._numbers)
        person = resident(number, apartment=apartment)
        client = self.billing.new_client(person.address)
        with self.salesforce.lock:
            account = self.salesforce.save_account(
                Account(
                    id=AccountId(self.salesforce.new_id("001")),
                    number=f"C{number:06d}",
                    name=person.name,
                    address=person.address,
                    identity=self._verified() if verified else IdentityFields(),
                    email=f"customer{number}@example.com",
                )
            )
        identity = Identity(
            customer=CustomerId(f"customer-{number}"),
            account=account.id,
            client=client,
            customer_number=account.number,
        )
        with self.ordering.store.transaction() as tx:
            tx.identities.put(identity)
        self._identities[identity.customer] = identity
        if with_payment_method:
            self.agent.add_payment_method(client, gateway=self.ordering.policy.whmcs_gateway)
        return identity.customer

    def account_of(self, customer: CustomerId, /) -> AccountId:
        """Return the customer's Account."""
        return self._identities[customer].account

    def client_of(self, customer: CustomerId, /) -> ClientId:
        """Return the customer's WHMCS client."""
        return self._identities[customer].client

    @property
    def work_queue(self) -> WorkQueue:
        """What runs the triggers of whichever store is used."""
        return self._queue

    def run_due(self) -> int:
        """
        Deliver pending hints and run everything that is due now; return how many subjects ran.

        A hint that an outside system kept from being observed stays for the next call, as an event would.

        Raises:
            RuntimeError: Work triggers itself without an end.

        """
        ran = 0
        for _ in range(MOST_ROUNDS):
            self.faults.settle()
            delivered = self._deliver()
            handled = self._queue.run_due(self.clock.now(), self.ordering.run)
            ran += handled
            if not delivered and not handled:
                return ran
        raise RuntimeError("work at one instant triggers more work without an end")

    def billed(self, order: OrderId, /) -> tuple[BillingOrderId, ...]:
        """Return every WHMCS order that bills *order*, however it came about, cancelled ones too."""
        return tuple(billed.id for billed in self.billing.orders_of(order))

    def opened(self, order: OrderId, /) -> tuple[LineId, ...]:
        """Return every line submitted for *order*, however it came about."""
        return tuple(line.id for line in self.lines.lines_of(order))

    def _kept_in(self, storage: Storage | None) -> Storage | None:
        """Return *storage* behind the switches of this world."""
        return storage and (SwitchedStore(storage[0], self.faults), *storage[1:])

    def _verified(self) -> IdentityFields:
        return IdentityFields(status="Verified", method="ic_chip", verified_at=self.clock.now())

    def _deliver(self) -> int:
        """Let the waiting hints be observed, and return how many were."""
        delivered = 0
        undelivered: list[Hint] = []
        hints = deque(self.hints.take())
        try:
            while hints:
                hint = hints.popleft()
                undelivered.append(hint)
                with suppress(PortError):
                    self.ordering.observe(hint.order, cause=hint.id)
                    undelivered.pop()
                    delivered += 1
        finally:
            self.hints.give_back((*undelivered, *hints))
        return delivered


def in_memory_ordering(
    *, clock: Clock | None = None, policy: Policy | None = None, catalogue: Catalogue = SMALL_CATALOGUE
) -> Ordering:
    """Return an ordering system kept in memory, on the machine's clock unless given another."""
    return MemoryWorld(
        clock=clock or SystemClock(), policy=policy, catalogue=catalogue, ids=MemoryIds()
    ).ordering
