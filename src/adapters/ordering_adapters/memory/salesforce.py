"""
A Salesforce org in memory: what it holds, how it stamps every write, and the flow that tells of an approval.

The ports' adapters and an agent's hands all work on one `MemorySalesforce`. Every method is called with its
`lock` held, except where it says otherwise; an operation writes only after everything that can refuse it, so
that each is all or nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from threading import RLock
from types import MappingProxyType
from typing import Final

import attrs

from ordering_adapters.memory.hints import HintKind, MemoryHints
from ordering_core.domain.catalogue import Catalogue
from ordering_core.domain.customers import Account
from ordering_core.domain.identifiers import (
    AccountId,
    CaseId,
    FileId,
    OpportunityId,
    OrderId,
    RequestKey,
    SimCardId,
    Version,
)
from ordering_core.domain.opportunity import Opportunity
from ordering_core.domain.orders import AssignedSim, OrderSnapshot
from ordering_core.domain.vocabulary import OrderStatusText, OrderType, System
from ordering_core.errors import Refused
from ordering_core.ports.cases import NewCase
from ordering_core.ports.clock import Clock


COMMODITIES: Final = MappingProxyType(
    {
        OrderType.INTERNET: "Personal SonixNet Home Internet",
        OrderType.SIM: "SIM",
        OrderType.VPN: "VPN",
    }
)
"""How an Opportunity names what it is about (seed "Salesforce Opportunity Fields to Check")."""


@attrs.frozen(kw_only=True)
class OpportunityRecord:
    """An Opportunity with the fields that only staff look at."""

    opportunity: Opportunity
    name: str = attrs.field(repr=False)
    close_date: date


@attrs.frozen(kw_only=True)
class OrderRecord:
    """An Order with what is not on the snapshot; the assigned card is kept by its id, as a lookup."""

    snapshot: OrderSnapshot
    modified_at: datetime
    case: CaseId | None = None
    card: SimCardId | None = None


@attrs.frozen(kw_only=True)
class CaseRecord:
    """A Case; *closed* by the team."""

    case: NewCase
    closed: bool = False


@attrs.frozen(kw_only=True)
class FileRecord:
    """A file kept at an Account."""

    account: AccountId
    content: bytes = attrs.field(repr=False)
    media_type: str


class MemorySalesforce:
    """The records of one org; reentrantly locked by whoever works on them."""

    def __init__(self, clock: Clock, price_book: Catalogue, hints: MemoryHints) -> None:
        """Begin with a *price_book* only; *clock* stamps the records, *hints* hears of agents' edits."""
        self.lock = RLock()
        self.price_book = price_book
        self.accounts: dict[AccountId, Account] = {}
        self.opportunities: dict[OpportunityId, OpportunityRecord] = {}
        self.cases: dict[CaseId, CaseRecord] = {}
        self.files: dict[FileId, FileRecord] = {}
        self.cards: dict[SimCardId, AssignedSim] = {}
        self.orders: dict[OrderId, OrderRecord] = {}  # the least recently modified first
        self._clock = clock
        self._made = 0
        self._orders_of: dict[AccountId, list[OrderId]] = {}
        self._orders_on: dict[OpportunityId, list[OrderId]] = {}
        self._opportunities_of: dict[AccountId, list[OpportunityId]] = {}
        self._order_of_key: dict[RequestKey, OrderId] = {}
        self._hints = hints

    def now(self) -> datetime:
        """Return the org's present."""
        return self._clock.now()

    def new_id(self, prefix: str) -> str:
        """Return a record id of 18 characters; *prefix* tells the object, without capital letters."""
        return f"{prefix}{self.count():012d}AAA"

    def count(self) -> int:
        """Return a number never given before."""
        self._made += 1
        return self._made

    def known_account(self, account: AccountId) -> Account:
        """
        Return the Account.

        Raises:
            Refused: There is none (code NOT_FOUND).

        """
        found = self.accounts.get(account)
        if found is None:
            raise Refused(System.SALESFORCE, "NOT_FOUND", "there is no such Account")
        return found

    def save_account(self, account: Account) -> Account:
        """Keep *account*, stamped with its next version."""
        stamped = attrs.evolve(account, version=self._stamp())
        self.accounts[account.id] = stamped
        return stamped

    def edit_account(self, account: AccountId, change: Callable[[Account], Account]) -> None:
        """
        Let an agent *change* an Account, which is told for each of its orders; takes the lock itself.

        Raises:
            LookupError: There is no such Account.

        """
        with self.lock:
            self.save_account(change(self.accounts[account]))
            for order in self._orders_of.get(account, []):
                self._hints.tell(order, HintKind.CHANGED)

    def save_opportunity(self, record: OpportunityRecord) -> None:
        """Keep the Opportunity."""
        opportunity = record.opportunity
        if opportunity.id not in self.opportunities:
            self._opportunities_of.setdefault(opportunity.account, []).append(opportunity.id)
        self.opportunities[opportunity.id] = record

    def opportunity(self, opportunity: OpportunityId) -> Opportunity | None:
        """Return the Opportunity with what its orders say about it, or None."""
        record = self.opportunities.get(opportunity)
        if record is None:
            return None
        live = any(
            self.orders[order].snapshot.status != OrderStatusText.CANCELLED
            for order in self._orders_on.get(opportunity, [])
        )
        known = record.opportunity
        return known if known.has_live_order is live else attrs.evolve(known, has_live_order=live)

    def opportunities_of(self, account: AccountId) -> tuple[Opportunity, ...]:
        """Return the account's Opportunities, oldest first."""
        found = (self.opportunity(opportunity) for opportunity in self._opportunities_of.get(account, []))
        return tuple(opportunity for opportunity in found if opportunity)

    def save_order(self, record: OrderRecord) -> OrderSnapshot:
        """Keep the order, stamped; when its Status became Approved, the approval flow tells so."""
        snapshot = attrs.evolve(record.snapshot, version=self._stamp())
        before = self.orders.pop(snapshot.id, None)
        self.orders[snapshot.id] = attrs.evolve(record, snapshot=snapshot, modified_at=self.now())
        if before is None:
            self._orders_of.setdefault(snapshot.account, []).append(snapshot.id)
            if snapshot.opportunity is not None:
                self._orders_on.setdefault(snapshot.opportunity, []).append(snapshot.id)
        if snapshot.request_key is not None:
            self._order_of_key[snapshot.request_key] = snapshot.id
        approved = OrderStatusText.APPROVED
        if snapshot.status == approved and (before is None or before.snapshot.status != approved):
            self._hints.tell(snapshot.id, HintKind.PROVISION_REQUESTED)
        return self.joined(self.orders[snapshot.id])

    def edit_order(self, order: OrderId, change: Callable[[OrderRecord], OrderRecord]) -> None:
        """
        Let an agent *change* an order, which is told; takes the lock itself.

        Raises:
            LookupError: There is no such order.

        """
        with self.lock:
            self.save_order(change(self.orders[order]))
            self._hints.tell(order, HintKind.CHANGED)

    def order_of_key(self, key: RequestKey) -> OrderRecord | None:
        """Return the order placed under *key*, or None."""
        order = self._order_of_key.get(key)
        return None if order is None else self.orders[order]

    def orders_of(self, account: AccountId) -> tuple[OrderSnapshot, ...]:
        """Return the account's orders, newest first."""
        return tuple(self.joined(self.orders[order]) for order in reversed(self._orders_of.get(account, [])))

    def joined(self, record: OrderRecord) -> OrderSnapshot:
        """Return the snapshot with the assigned card as the inventory shows it."""
        card = None if record.card is None else self.cards[record.card]
        return record.snapshot if record.snapshot.sim is card else attrs.evolve(record.snapshot, sim=card)

    def _stamp(self) -> Version:
        return Version(str(self.count()))
