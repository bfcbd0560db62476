"""
One customer of an org, from the eligibility request to an order that is given up, over a database of ours.

Everything a process needs to go on with it is in a `Place`, which can be handed to another process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Final

import attrs

from ordering_adapters.memory import MemoryIds, MemoryWorld
from ordering_adapters.salesforce import (
    ClientCredentials,
    Field,
    Names,
    SalesforceCases,
    SalesforceCatalogue,
    SalesforceCustomers,
    SalesforceFiles,
    SalesforceOpportunities,
    SalesforceOrders,
    SalesforceOrg,
    SalesforceSettings,
)
from ordering_adapters.storage import SqlStore, SqlWorkQueue, open_engine
from ordering_core import Ordering
from ordering_core.domain.customers import Identity
from ordering_core.domain.identifiers import AccountId, CustomerId, OrderId, SessionId
from ordering_core.domain.policy import Policy
from ordering_core.errors import PortError
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.outside import HOUSE
from tests.contract.salesforce_org import SandboxOrg


CARD: Final = b"\x89PNG\r\n\x1a\n" + bytes(64)
PATIENCE: Final = 5.0
"""Seconds that a call is waited for; nothing that works takes as long on a busy machine."""
DOUBT_LASTS: Final = timedelta(minutes=10)


@attrs.frozen(kw_only=True)
class Place:
    """Where the customer's checkout is: org, database, session, and what time it is."""

    plain_address: str
    client_id: str
    client_secret: str
    price_book: str
    database: str
    account: str
    at: str
    unique: bool
    session: str = ""
    order: str = ""
    patience: float = PATIENCE


def new_place(org: SandboxOrg, database: str, *, unique: bool) -> Place:
    """Return where a new customer of *org* shops; the time is the org's."""
    org.process.admin("DELETE", "faults")
    told = org.process.admin("GET", "clock")
    assert isinstance(told, dict)
    return Place(
        plain_address=org.process.ready["http"],
        client_id=org.process.ready["client_id"],
        client_secret=org.process.ready["client_secret"],
        price_book=org.price_book,
        database=database,
        account=org.new_account(),
        at=str(told["now"]),
        unique=unique,
    )


def move(org: SandboxOrg, shop: Shop, by: timedelta) -> None:
    """Let time pass, here and in the org."""
    shop.clock.advance(by)
    shop.place = attrs.evolve(shop.place, at=shop.clock.now().isoformat())
    org.process.admin("PUT", "clock", {"advance_seconds": by.total_seconds()})


class Shop:
    """What one process holds; another process opens its own at the same `Place`."""

    def __init__(self, place: Place) -> None:
        """Read what is kept at *place*; nothing is sent yet."""
        self.place = place
        self.clock = ManualClock(datetime.fromisoformat(place.at))
        self.engine = open_engine(place.database)
        store = SqlStore(self.engine, self.clock)
        self.queue = SqlWorkQueue(store)
        # Without a key field whose values Salesforce keeps apart, an outcome stays in doubt for ten minutes.
        policy = Policy() if place.unique else Policy(settle=DOUBT_LASTS)
        world = MemoryWorld(clock=self.clock, policy=policy, ids=MemoryIds())
        self.org = SalesforceOrg(_settings(place), self.clock)
        self.attributes = world.ordering.catalogue
        self.ordering: Ordering = attrs.evolve(
            world.ordering,
            store=store,
            catalogue=SalesforceCatalogue(self.org, self.attributes),
            customers=SalesforceCustomers(self.org),
            orders=SalesforceOrders(self.org, self.attributes),
            opportunities=SalesforceOpportunities(self.org),
            cases=SalesforceCases(self.org),
            files=SalesforceFiles(self.org),
        )
        client = world.billing.new_client(HOUSE)
        world.billing.give_payment_method(client, gateway=policy.whmcs_gateway, expires=date(2031, 12, 1))
        with store.transaction() as tx:
            if tx.identities.of_customer(self.customer) is None:
                account = AccountId(place.account)
                tx.identities.put(Identity(customer=self.customer, account=account, client=client))

    @property
    def customer(self) -> CustomerId:
        """The one customer of the place."""
        return CustomerId(f"customer-{self.place.account}")

    @property
    def session(self) -> SessionId:
        """The session of the place."""
        return SessionId(self.place.session)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def ask(self) -> str:
        """Ask whether the address can be served."""
        self.ordering.request_eligibility(self.session, customer=self.customer)
        return ""

    def upload(self) -> str:
        """Send in the card."""
        self.ordering.upload_card(CARD, customer=self.customer, key="card-1")
        return ""

    def submit(self) -> str:
        """Submit, and return the id of the order, or nothing while nobody knows."""
        return self.ordering.submit(self.session, customer=self.customer).order or ""

    def hear(self) -> str:
        """Hear that somebody changed the order, and run what is due."""
        self.ordering.observe(OrderId(self.place.order), cause=f"changed:{self.clock.now().isoformat()}")
        self.run()
        return ""

    def sweep(self) -> str:
        """Run what was forgotten."""
        self.ordering.sweep()
        self.run()
        return ""

    def run(self) -> None:
        """Run what is due."""
        self.queue.run_due(self.clock.now(), self.ordering.run)


ACTS: Final[Mapping[str, Callable[[Shop], str]]] = {
    act.__name__: act for act in (Shop.ask, Shop.upload, Shop.submit, Shop.hear, Shop.sweep)
}


def attempt(shop: Shop, act: str) -> str:
    """Do *act* as far as the org lets it."""
    with suppress(PortError):
        return ACTS[act](shop)
    return ""


def _settings(place: Place) -> SalesforceSettings:
    names, unique = Names(), frozenset({Field.ORDER_KEY, Field.CASE_KEY})
    if not place.unique:
        names = Names(fields={Field.ORDER_KEY: "OrderReferenceNumber", Field.CASE_KEY: "SuppliedCompany"})
        unique = frozenset()
    return SalesforceSettings(
        domain="sandbox.my.salesforce.com",
        credentials=ClientCredentials(client_id=place.client_id, client_secret=place.client_secret),
        price_book=place.price_book,
        names=names,
        unique=unique,
        read_timeout=place.patience,
        doubt_lasts=DOUBT_LASTS,
        plain_address=place.plain_address,
    )
