"""What a checkout is expected to do: the plain model that `checkout_machine` compares with."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from ordering_core.domain.checkout import CheckoutIncomplete, Requirement
from ordering_core.domain.drafts import Draft, InternetDraft
from ordering_core.domain.identifiers import AccountId, ClientId, CustomerId, OrderId, SessionId
from ordering_core.domain.violations import OrderRejected
from ordering_core.domain.vocabulary import Offering
from ordering_core.errors import CheckoutClosed, CheckoutExpired, NotFound


ON_FILE = "on file"
ELSEWHERE = "elsewhere"


@attrs.define(kw_only=True)
class Customer:
    """One customer; *offering* is what the address *at_home* can be served with, None when nobody checked."""

    id: CustomerId
    account: AccountId
    client: ClientId
    pays: bool = True
    card: bool = True
    at_home: str = ON_FILE
    offering: Offering | None = None


@attrs.define(kw_only=True)
class Checkout:
    """One session; *sold_for* is what each line is for (empty: anything), *address* the one of its own."""

    id: SessionId
    draft: Draft
    sold_for: tuple[frozenset[Offering], ...]
    owner: Customer | None
    expires_at: datetime
    address: str | None = None
    confirmed: bool = False
    order: OrderId | None = None

    def live_on(self, at: datetime, ttl: timedelta) -> None:
        """Let the session's time begin again."""
        self.expires_at = max(self.expires_at, at + ttl)

    def change_refused(self, who: Customer | None, at: datetime) -> type[Exception] | None:
        """Return what a change by *who* is answered with, None when it is taken."""
        if self.owner is not who:
            return NotFound
        if self.order:
            return CheckoutClosed
        return CheckoutExpired if at >= self.expires_at else None

    def submit_refused(self, who: Customer, at: datetime) -> type[Exception] | None:
        """Return what a first submit by *who* is answered with, None when an order is placed."""
        if self.owner is not who:
            return NotFound
        if at >= self.expires_at:
            return CheckoutExpired
        if self.outstanding():
            return CheckoutIncomplete
        return None if self._fits(who.offering) else OrderRejected

    def outstanding(self) -> tuple[Requirement, ...]:
        """Return what still keeps its owner from submitting."""
        owner = self.owner
        if owner is None:
            return tuple(Requirement)
        checked = (self.address or owner.at_home) == owner.at_home and owner.offering is not None
        met = {
            Requirement.ELIGIBILITY: checked or not isinstance(self.draft, InternetDraft),
            Requirement.ADDRESS: self.confirmed,
            Requirement.PAYMENT_METHOD: owner.pays,
            Requirement.IDENTITY: owner.card,
        }
        return tuple(requirement for requirement in Requirement if not met[requirement])

    def placed(self, order: OrderId) -> None:
        """Remember the order, and that its owner lives where it goes: other addresses count no more."""
        self.order = order
        owner = self.owner
        if owner and self.address not in {None, owner.at_home}:
            owner.at_home = self.address or owner.at_home
            owner.offering = owner.offering if isinstance(self.draft, InternetDraft) else None

    def _fits(self, offering: Offering | None) -> bool:
        """Whether every line can be had where *offering* is; what is not Internet can be had anywhere."""
        return not isinstance(self.draft, InternetDraft) or all(
            offering in offerings for offerings in self.sold_for if offerings
        )
