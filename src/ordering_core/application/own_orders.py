"""
Which orders a customer may see: their own, read from our copy (DESIGN 6, Reads).

The copy is renewed by submits, hints and the poll. When nobody has looked at Salesforce for longer than
`Policy.orders_max_age`, or never, all of the account's orders are read once; a copy that cannot be renewed is
shown with its age rather than nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from ordering_core.application.record import order_subject, record
from ordering_core.domain.customers import Identity
from ordering_core.domain.events import Source
from ordering_core.domain.history import observe
from ordering_core.domain.identifiers import AccountId, CustomerId, OrderId
from ordering_core.domain.journal import CaseFile
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.policy import Policy
from ordering_core.domain.status import status
from ordering_core.errors import NotFound, Unavailable
from ordering_core.ports.order_records import ProjectedOrder
from ordering_core.ports.orders import OrderRepository
from ordering_core.ports.store import Store, Transaction


RECONCILED: Final = "orders.reconciled"
"""The checkpoint that keeps when, by our clock, the last poll began that read everything, an ISO instant."""

POLLING_SINCE: Final = "orders.polling_since"
"""The checkpoint that keeps when, by our clock, the first poll was tried, an ISO instant."""


def reconciled_at(tx: Transaction) -> datetime | None:
    """Return when the poll last saw every change in Salesforce, or None before its first run."""
    return instant_of(tx, RECONCILED)


def polling_since(tx: Transaction) -> datetime | None:
    """Return when the first poll was tried, whether it read anything or not, or None before that."""
    return instant_of(tx, POLLING_SINCE)


def instant_of(tx: Transaction, reader: str) -> datetime | None:
    """Return the place of *reader*, whose places are instants, or None before its first."""
    place = tx.checkpoints.get(reader)
    return datetime.fromisoformat(place) if place else None


def known_at(tx: Transaction, account: AccountId) -> datetime | None:
    """Return up to when our copy of *account*'s orders is known to be complete, None when it never was."""
    moments = (tx.projection.refreshed_at(account), reconciled_at(tx))
    refreshed = moments[0]
    if refreshed is None:
        return None
    return max(moment for moment in moments if moment is not None)


def mapping_of(store: Store, customer: CustomerId) -> Identity | None:
    """Return the customer's mapping, or None for a portal user without an Account."""
    with store.at_once() as tx:
        return tx.identities.of_customer(customer)


def renew(account: AccountId, *, orders: OrderRepository, store: Store, policy: Policy, at: datetime) -> None:
    """
    Read all of *account*'s orders, if nobody did for too long.

    Raises:
        Unavailable: They were never read, and cannot be now.

    """
    with store.transaction() as tx:
        known = known_at(tx, account)
    if known is not None and at - known < policy.orders_max_age:
        return
    try:
        snapshots = orders.of_account(account)
    except Unavailable:
        if known is None:
            raise
        return
    with store.transaction() as tx:
        for snapshot in snapshots:
            _renew_copy(tx, snapshot, at=at)
        tx.projection.mark_refreshed(account, at)


def _renew_copy(tx: Transaction, snapshot: OrderSnapshot, *, at: datetime) -> None:
    """
    Keep the copy of one order, read not before *at*, unless somebody has read it since.

    A visit can be the first to see a change whose hint was lost. It is told and acted on like any other: the
    poll passes over what the copy has already.
    """
    subject = order_subject(snapshot.id)
    known, copy = tx.journal.case_file(subject), tx.projection.get(snapshot.id)
    seen = observe(known or CaseFile(subject=subject), snapshot, billing_intended=False)
    if known is None:
        tx.projection.put(ProjectedOrder(snapshot=snapshot, status=status(seen.facts), as_of=at))
    elif copy is None or copy.as_of < at:
        record(tx, snapshot, seen.case_file, at=at, source=Source.OBSERVED)
        if copy is None or copy.snapshot.version != snapshot.version:
            tx.trigger(subject, cause=f"visit:{snapshot.id}:{snapshot.version}")


def own_order(
    order: OrderId,
    *,
    customer: CustomerId,
    orders: OrderRepository,
    store: Store,
    policy: Policy,
    at: datetime,
) -> ProjectedOrder:
    """Return our copy of the customer's *order*; NotFound for anybody else's, and for none at all."""
    mapping = mapping_of(store, customer)
    if mapping is None:
        raise NotFound("order")
    renew(mapping.account, orders=orders, store=store, policy=policy, at=at)
    with store.at_once() as tx:
        found = tx.projection.get(order)
    if found is None or found.snapshot.account != mapping.account:
        raise NotFound("order")
    return found
