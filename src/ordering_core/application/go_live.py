"""
Beginning to work on an org and a WHMCS that are in use: what is there is read, compared and taken in.

Nothing is written outside. First everything is only looked at; what is kept here then is the identity map,
our copy of every order, and a case file of each that is in flight, which rests until an operator adopts it
(DESIGN 3.18). Orders are read Account by Account, so that what is held does not grow with their number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final

import attrs

from ordering_core.application.record import keep_reading, order_subject
from ordering_core.application.recovery import BEGINNING, WATERMARK
from ordering_core.domain.billing import BilledService
from ordering_core.domain.customers import Identity
from ordering_core.domain.fingerprint import fingerprint
from ordering_core.domain.go_live import (
    AccountBefore,
    Conflict,
    Standing,
    account_conflicts,
    claimed_twice,
    mapping_conflicts,
    named_services,
    standing,
)
from ordering_core.domain.history import observe
from ordering_core.domain.identifiers import AccountId, ClientId, OrderId, ServiceId
from ordering_core.domain.journal import CaseFile, Fact, WaitFor
from ordering_core.domain.opportunity import Opportunity
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.representation import shown
from ordering_core.domain.status import status
from ordering_core.ports.clock import Clock
from ordering_core.ports.go_live import RecordsBefore, ServicesBefore
from ordering_core.ports.order_records import ProjectedOrder
from ordering_core.ports.store import Store, Transaction


ADOPTED_UP_TO: Final = "go_live.adopted"
"""The checkpoint that keeps which map is being taken in, and up to which Account; empty once all of it is."""

AT_ONCE: Final = 200
"""How many lines of the map are looked at, or kept, in one go."""


@attrs.frozen(kw_only=True)
class Plan:
    """
    What a go-live would take in.

    *mapped* lines of the map, *new* of them not kept here yet; *accounts* that have orders; *orders* by what
    they are to us. *ours* are the orders in flight that ordering provisions by itself.
    """

    mapped: int
    new: int
    accounts: int
    orders: Mapping[Standing, int]
    ours: tuple[OrderId, ...]
    conflicts: tuple[Conflict, ...]

    __repr__ = shown

    def in_the_way(self, accepted: AbstractSet[str]) -> tuple[Conflict, ...]:
        """Return the conflicts at records that are not *accepted*."""
        return tuple(conflict for conflict in self.conflicts if conflict.record not in accepted)


def plan(
    identities: Sequence[Identity], *, records: RecordsBefore, services: ServicesBefore, store: Store
) -> Plan:
    """
    Look at everything that is there, and return what taking it in would mean; nothing is kept.

    *identities* is the map of the portal before us.

    Raises:
        Unavailable: Something cannot be read now.

    """
    # of an Account on two lines the first one counts until somebody has decided
    mapping = {identity.account: identity for identity in reversed(identities)}
    look = _Look(mapping, records, services, store)
    conflicts = list(claimed_twice(identities))
    for batch in records.orders():
        conflicts += look.at_orders(batch)
    for lines in _slices(identities):
        conflicts += look.at_lines(lines)
    return Plan(
        mapped=len(identities),
        new=look.new,
        accounts=look.accounts,
        orders={each: look.counted[each] for each in Standing},
        ours=tuple(look.ours),
        # an Account on two lines would be told twice of what is wrong with it
        conflicts=tuple(dict.fromkeys(conflicts)),
    )


def carry_out(
    identities: Sequence[Identity],
    *,
    accepted: AbstractSet[str],
    records: RecordsBefore,
    store: Store,
    clock: Clock,
) -> None:
    """
    Keep the map, our copies of the orders, and what is in flight; to be done only as `plan` allows.

    A line of which an id is *accepted* is left out. It is done in parts: one that was stopped goes on where
    it was, and doing it again changes nothing. The poll begins with what changed since this did.

    Raises:
        Unavailable: Something cannot be read or kept now; what was kept stays.

        Conflict: A line was mapped differently meanwhile, or somebody else does the same at this moment.

    """
    lines = [identity for identity in identities if accepted.isdisjoint(_ids(identity))]
    wanted = fingerprint(_ids(line) for line in lines)
    after = _reached(store, wanted, began=records.last_change() or BEGINNING)
    if after is None:
        for some in _slices(lines):
            with store.transaction() as tx:
                for identity in some:
                    known = tx.identities.of_account(identity.account)
                    if known is None or _ids(known) != _ids(identity):
                        tx.identities.put(identity)
    while True:
        at = clock.now()
        batch = next(records.orders(after=after), None)
        if batch is None:
            break
        with store.transaction() as tx:
            for account, orders in _by_account(batch).items():
                for order in orders:
                    _take_in(tx, order, at=at)
                if tx.projection.refreshed_at(account) is None:
                    tx.projection.mark_refreshed(account, at)
                after = account
            tx.checkpoints.set(ADOPTED_UP_TO, f"{wanted} {after}")
    with store.transaction() as tx:
        tx.checkpoints.set(ADOPTED_UP_TO, "")


@attrs.define(eq=False, repr=False)
class _Look:
    """One look at everything, and what it has counted so far."""

    mapping: Mapping[AccountId, Identity]
    records: RecordsBefore
    services: ServicesBefore
    store: Store
    counted: Counter[Standing] = attrs.field(factory=Counter[Standing])
    accounts: int = 0
    new: int = 0
    ours: list[OrderId] = attrs.field(factory=list[OrderId])
    clients: set[ClientId] = attrs.field(factory=set[ClientId])

    def at_orders(self, batch: Sequence[OrderSnapshot]) -> Iterator[Conflict]:
        """Count the orders of some Accounts, and yield what does not fit together there."""
        orders_of = _by_account(batch)
        found = self.records.opportunities(orders_of.keys())
        linked: defaultdict[AccountId, list[Opportunity]] = defaultdict(list)
        for opportunity in found:
            linked[opportunity.account].append(opportunity)
        for account, orders in orders_of.items():
            self.accounts += 1
            with self.store.transaction() as tx:
                identity = tx.identities.of_account(account) or self.mapping.get(account)
                placed = {order.id for order in orders if tx.requests.of_order(order.id)}
            for order in orders:
                is_to_us = standing(order, placed_here=order.id in placed)
                self.counted[is_to_us] += 1
                if is_to_us is Standing.OURS:
                    self.ours.append(order.id)
            yield from account_conflicts(self._asked(account, identity, orders, linked[account]))

    def at_lines(self, lines: Sequence[Identity]) -> Iterator[Conflict]:
        """Yield what is wrong with some *lines* of the map."""
        numbers = self.records.customer_numbers({line.account for line in lines})
        for line in lines:
            with self.store.transaction() as tx:
                kept = [
                    known
                    for known in (
                        tx.identities.of_customer(line.customer),
                        tx.identities.of_account(line.account),
                        tx.identities.of_client(line.client),
                    )
                    if known is not None
                ]
            self.new += not kept
            has_client = line.client in self.clients or self.services.services(line.client) is not None
            number = numbers.get(line.account)
            yield from mapping_conflicts(line, kept=kept, number=number, has_client=has_client)

    def _asked(
        self,
        account: AccountId,
        identity: Identity | None,
        orders: tuple[OrderSnapshot, ...],
        opportunities: Sequence[Opportunity],
    ) -> AccountBefore:
        """Return what is there of *account*; WHMCS is asked where an active order names a service of its."""
        named = {
            service
            for order in orders
            if standing(order, placed_here=False) is Standing.LIVE
            for service in named_services(order)
        }
        theirs: tuple[BilledService, ...] | None = None
        if identity is not None and named:
            theirs = self.services.services(identity.client)
            if theirs is not None:
                self.clients.add(identity.client)
        strays = named - {service.id for service in theirs} if theirs is not None else set[ServiceId]()
        return AccountBefore(
            account=account,
            identity=identity,
            orders=orders,
            opportunities=tuple(opportunities),
            services=theirs,
            owners={service: self.services.owner(service) for service in sorted(strays)},
        )


def _take_in(tx: Transaction, order: OrderSnapshot, *, at: datetime) -> None:
    """
    Keep a copy of *order*, read not before *at*, and a case file of one in flight, which is left alone.

    What is known here already is left to those who read it since.
    """
    subject = order_subject(order.id)
    if tx.journal.case_file(subject) is not None:
        return
    new = CaseFile(subject=subject)
    seen = observe(new, order, billing_intended=False)
    if standing(order, placed_here=False) is Standing.LEFT_ALONE:
        resting = attrs.evolve(seen.case_file, rest=WaitFor(Fact.ADOPTION))
        keep_reading(tx, attrs.evolve(seen, case_file=resting), order, before=new, decision=None, at=at)
    elif tx.projection.get(order.id) is None:
        tx.projection.put(ProjectedOrder(snapshot=order, status=status(seen.facts), as_of=at))


def _reached(store: Store, wanted: str, *, began: datetime) -> AccountId | None:
    """
    Return up to which Account the map *wanted* was taken in, None for one that is to be begun.

    A poll that has no place yet is given this one: what changed before *began* is read now, but what changes
    then and before the first start would be seen by nobody.
    """
    with store.transaction() as tx:
        if tx.checkpoints.get(WATERMARK) is None:
            tx.checkpoints.set(WATERMARK, began.isoformat())
        digest, _, account = (tx.checkpoints.get(ADOPTED_UP_TO) or "").partition(" ")
    return AccountId(account) if digest == wanted else None


def _by_account(orders: Iterable[OrderSnapshot]) -> Mapping[AccountId, tuple[OrderSnapshot, ...]]:
    found: defaultdict[AccountId, list[OrderSnapshot]] = defaultdict(list)
    for order in orders:
        found[order.account].append(order)
    return {account: tuple(theirs) for account, theirs in found.items()}


def _slices(identities: Sequence[Identity]) -> Iterator[Sequence[Identity]]:
    for start in range(0, len(identities), AT_ONCE):
        yield identities[start : start + AT_ONCE]


def _ids(identity: Identity) -> tuple[str, str, str]:
    return identity.customer, identity.account, str(identity.client)
