"""
What an org that is in use means to us: which orders are left alone, and what does not fit together.

An order of before our time is read and shown, and never provisioned without an operator's word (DESIGN 3.18).
A conflict names one record, so that it can be put right there, or accepted by its id.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final

import attrs

from ordering_core.domain.billing import BilledService
from ordering_core.domain.customers import Identity
from ordering_core.domain.identifiers import AccountId, ClientId, OpportunityId, ServiceId
from ordering_core.domain.opportunity import Opportunity, stage_of
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.representation import shown
from ordering_core.domain.vocabulary import ActivationStatusText, OrderStatusText, Stage


class Standing(StrEnum):
    """What an order that is there already is to us."""

    LIVE = "live service"
    ENDED = "cancelled"
    LEFT_ALONE = "in flight, left alone"
    OURS = "in flight, ours"


class Flaw(StrEnum):
    """What does not fit together."""

    CUSTOMER_TWICE = "CUSTOMER_TWICE"
    ACCOUNT_TWICE = "ACCOUNT_TWICE"
    CLIENT_TWICE = "CLIENT_TWICE"
    MAPPED_DIFFERENTLY = "MAPPED_DIFFERENTLY"
    ACCOUNT_NOT_FOUND = "ACCOUNT_NOT_FOUND"
    NUMBER_DIFFERS = "NUMBER_DIFFERS"
    CLIENT_NOT_FOUND = "CLIENT_NOT_FOUND"
    ACCOUNT_WITHOUT_CLIENT = "ACCOUNT_WITHOUT_CLIENT"
    SERVICE_NOT_LINKED = "SERVICE_NOT_LINKED"
    SERVICE_MISSING = "SERVICE_MISSING"
    SERVICE_ENDED = "SERVICE_ENDED"
    SERVICE_OF_ANOTHER = "SERVICE_OF_ANOTHER"
    SERVICE_TWICE = "SERVICE_TWICE"
    OPPORTUNITY_SHARED = "OPPORTUNITY_SHARED"
    OPPORTUNITY_DIFFERS = "OPPORTUNITY_DIFFERS"
    UNKNOWN_TEXT = "UNKNOWN_TEXT"
    TAKEN_OVER_ALREADY = "TAKEN_OVER_ALREADY"
    NOT_IN_FLIGHT = "NOT_IN_FLIGHT"
    BILLED_ALREADY = "BILLED_ALREADY"
    ADDRESS_MISSING = "ADDRESS_MISSING"
    ITEM_UNKNOWN = "ITEM_UNKNOWN"
    ITEM_NOT_BILLABLE = "ITEM_NOT_BILLABLE"
    LIKE_SERVICE = "LIKE_SERVICE"


REMEDIES: Final[Mapping[Flaw, str]] = {
    Flaw.CUSTOMER_TWICE: "leave one line of this portal user in the map",
    Flaw.ACCOUNT_TWICE: "leave one line of this Account in the map",
    Flaw.CLIENT_TWICE: "leave one line of this client in the map",
    Flaw.MAPPED_DIFFERENTLY: "find out which is right; what is kept here is never written over",
    Flaw.ACCOUNT_NOT_FOUND: "correct the Account in the map",
    Flaw.NUMBER_DIFFERS: "correct the line of the map: number and Account belong to different customers",
    Flaw.CLIENT_NOT_FOUND: "correct the client in the map",
    Flaw.ACCOUNT_WITHOUT_CLIENT: "add the Account's portal user and client to the map",
    Flaw.SERVICE_NOT_LINKED: "write the WHMCS service ids into the order's items",
    Flaw.SERVICE_MISSING: "correct the service id in the order's item",
    Flaw.SERVICE_ENDED: "the service is over in WHMCS: end it in Salesforce too, or correct the id",
    Flaw.SERVICE_OF_ANOTHER: "correct the service id in the order's item, or the client in the map",
    Flaw.SERVICE_TWICE: "leave the service id in the items of one order",
    Flaw.OPPORTUNITY_SHARED: "give each live order an Opportunity of its own",
    Flaw.OPPORTUNITY_DIFFERS: "write the service of the order into its Opportunity",
    Flaw.UNKNOWN_TEXT: "correct the text, or add it to the names file",
    Flaw.TAKEN_OVER_ALREADY: "nothing is to be done; ordering show ORDER says how it stands",
    Flaw.NOT_IN_FLIGHT: "only an order that is under way can be taken over",
    Flaw.BILLED_ALREADY: "finish it in WHMCS by hand, then set it Activated in Salesforce",
    Flaw.ADDRESS_MISSING: "complete the address of the order or of its Account",
    Flaw.ITEM_UNKNOWN: "add the product to the catalogue, or correct the item",
    Flaw.ITEM_NOT_BILLABLE: "write one item a product, quantity 1, at whole yen",
    Flaw.LIKE_SERVICE: "if it is this order's, link it and finish by hand; if it is another, except its id",
}
"""The way out of each."""

ENDED_SERVICE: Final = frozenset({"Cancelled", "Terminated", "Fraud"})
"""The states of a WHMCS service that no longer is one."""

_STATUS_TEXTS: Final = frozenset(OrderStatusText)
_ACTIVATION_TEXTS: Final = frozenset({None, *ActivationStatusText})


@attrs.frozen(kw_only=True)
class Conflict:
    """*flaw* at *record*, which is an id; *about* says with what, free of personal data."""

    flaw: Flaw
    record: str
    about: str

    __repr__ = shown


@attrs.frozen(kw_only=True)
class AccountBefore:
    """
    What is there of one Account.

    *services* are those of its client, None when WHMCS was not asked; *owners* tells of services that its
    orders name and that are not among them.
    """

    account: AccountId
    identity: Identity | None
    orders: tuple[OrderSnapshot, ...]
    opportunities: tuple[Opportunity, ...]
    services: tuple[BilledService, ...] | None
    owners: Mapping[ServiceId, ClientId | None] = attrs.field(factory=dict[ServiceId, "ClientId | None"])

    __repr__ = shown


def standing(order: OrderSnapshot, *, placed_here: bool) -> Standing:
    """
    Return what *order* is to us; *placed_here* says that our own store has its submit.

    Only those are ever provisioned by themselves: who did not promise a price does not bill.
    """
    if order.status == OrderStatusText.CANCELLED:
        return Standing.ENDED
    if order.activation.status == ActivationStatusText.ACTIVATED:
        return Standing.LIVE
    return Standing.OURS if placed_here else Standing.LEFT_ALONE


def named_services(order: OrderSnapshot) -> tuple[ServiceId, ...]:
    """Return the WHMCS services that the items of *order* name."""
    return tuple(line.service for line in order.lines if line.service is not None)


def claimed_twice(identities: Iterable[Identity]) -> Iterator[Conflict]:
    """Yield every portal user, Account and client that more than one of *identities* claims."""
    customers, accounts, clients = Counter[str](), Counter[str](), Counter[str]()
    for identity in identities:
        customers[identity.customer] += 1
        accounts[identity.account] += 1
        clients[str(identity.client)] += 1
    for flaw, counted in (
        (Flaw.CUSTOMER_TWICE, customers),
        (Flaw.ACCOUNT_TWICE, accounts),
        (Flaw.CLIENT_TWICE, clients),
    ):
        for record, times in counted.items():
            if times > 1:
                yield Conflict(flaw=flaw, record=record, about=f"on {times} lines of the map")


def mapping_conflicts(
    identity: Identity, *, kept: Iterable[Identity], number: str | None, has_client: bool
) -> Iterator[Conflict]:
    """
    Yield what is wrong with one line of the map.

    *kept* are the mappings here of the same portal user, Account or client; *number* is the Account's
    customer number, None when there is no such Account.
    """
    if any(_key(known) != _key(identity) for known in kept):
        about = "mapped to others here already"
        yield Conflict(flaw=Flaw.MAPPED_DIFFERENTLY, record=identity.account, about=about)
    if number is None:
        yield Conflict(flaw=Flaw.ACCOUNT_NOT_FOUND, record=identity.account, about="not in Salesforce")
    elif identity.customer_number and identity.customer_number != number:
        about = "its customer number is another one"
        yield Conflict(flaw=Flaw.NUMBER_DIFFERS, record=identity.account, about=about)
    if not has_client:
        yield Conflict(flaw=Flaw.CLIENT_NOT_FOUND, record=str(identity.client), about="not in WHMCS")


def account_conflicts(before: AccountBefore) -> Iterator[Conflict]:
    """Yield what does not fit together in the orders of one Account."""
    going_on = [order for order in before.orders if order.status != OrderStatusText.CANCELLED]
    if before.identity is None and going_on:
        about = f"{len(going_on)} orders, no client in the map"
        yield Conflict(flaw=Flaw.ACCOUNT_WITHOUT_CLIENT, record=before.account, about=about)
    stages = {known.id: known for known in before.opportunities}
    for order in going_on:
        yield from _unknown_texts(order, stages)
        if order.activation.status == ActivationStatusText.ACTIVATED:
            yield from _service_conflicts(order, before, stages)
    yield from _shared_opportunities(going_on)
    yield from _doubled_services(going_on)


def _unknown_texts(
    order: OrderSnapshot, opportunities: Mapping[OpportunityId, Opportunity]
) -> Iterator[Conflict]:
    if order.status not in _STATUS_TEXTS:
        yield Conflict(flaw=Flaw.UNKNOWN_TEXT, record=order.id, about=f"Status {order.status}")
    if order.activation.status not in _ACTIVATION_TEXTS:
        about = f"Activation Status {order.activation.status}"
        yield Conflict(flaw=Flaw.UNKNOWN_TEXT, record=order.id, about=about)
    linked = opportunities.get(order.opportunity) if order.opportunity else None
    if linked is not None and stage_of(linked.stage) is None:
        yield Conflict(flaw=Flaw.UNKNOWN_TEXT, record=linked.id, about=f"Stage {linked.stage}")


def _service_conflicts(
    order: OrderSnapshot, before: AccountBefore, opportunities: Mapping[OpportunityId, Opportunity]
) -> Iterator[Conflict]:
    """Yield what is wrong with the services of an active order."""
    named = named_services(order)
    if not named:
        yield Conflict(flaw=Flaw.SERVICE_NOT_LINKED, record=order.id, about="active, without a service")
        return
    linked = opportunities.get(order.opportunity) if order.opportunity else None
    # A service that was cancelled ends in WHMCS; its order stays Activated for ever.
    may_end = linked is not None and stage_of(linked.stage) is Stage.CANCELLED
    if before.services is not None:
        known = {service.id: service for service in before.services}
        for service in named:
            if service not in known:
                owner = before.owners.get(service)
                flaw = Flaw.SERVICE_MISSING if owner is None else Flaw.SERVICE_OF_ANOTHER
                about = f"WHMCS service {service}" + (f" of client {owner}" if owner is not None else "")
                yield Conflict(flaw=flaw, record=order.id, about=about)
            elif known[service].status in ENDED_SERVICE and not may_end:
                about = f"WHMCS service {service} is {known[service].status}"
                yield Conflict(flaw=Flaw.SERVICE_ENDED, record=order.id, about=about)
    if linked is not None and linked.service not in {None, *named}:
        about = f"names WHMCS service {linked.service}, order {order.id} does not"
        yield Conflict(flaw=Flaw.OPPORTUNITY_DIFFERS, record=linked.id, about=about)


def _shared_opportunities(orders: Iterable[OrderSnapshot]) -> Iterator[Conflict]:
    on: defaultdict[OpportunityId, list[str]] = defaultdict(list)
    for order in orders:
        if order.opportunity is not None:
            on[order.opportunity].append(order.id)
    for opportunity, sharing in on.items():
        if len(sharing) > 1:
            about = f"orders {', '.join(sorted(sharing))}"
            yield Conflict(flaw=Flaw.OPPORTUNITY_SHARED, record=opportunity, about=about)


def _doubled_services(orders: Iterable[OrderSnapshot]) -> Iterator[Conflict]:
    of: defaultdict[ServiceId, set[str]] = defaultdict(set)
    for order in orders:
        for service in named_services(order):
            of[service].add(order.id)
    for service, naming in of.items():
        if len(naming) > 1:
            about = f"named by orders {', '.join(sorted(naming))}"
            yield Conflict(flaw=Flaw.SERVICE_TWICE, record=str(service), about=about)


def _key(identity: Identity) -> tuple[str, str, int]:
    return identity.customer, identity.account, identity.client
