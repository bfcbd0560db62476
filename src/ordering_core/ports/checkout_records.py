"""
What the store keeps on the way to an order: checkouts, how placing stands, answers, images in transit.

DESIGN 2, 6. Parts of the one store port; `ordering_core.ports.store` says how they are used.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import attrs

from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.identifiers import (
    AccountId,
    CustomerId,
    OpportunityId,
    OrderId,
    RequestKey,
    SessionId,
)
from ordering_core.domain.journal import (
    Runner,
)
from ordering_core.domain.orders import NewOrder
from ordering_core.domain.representation import shown
from ordering_core.domain.violations import Verdict


class Sessions(Protocol):
    """Checkout sessions."""

    @abstractmethod
    def add(self, session: CheckoutSession, /) -> None:
        """Keep a new session. Raises Conflict when its id is taken."""
        ...

    @abstractmethod
    def get(self, session: SessionId, /) -> CheckoutSession | None:
        """Return the session, expired or not, or None."""
        ...

    @abstractmethod
    def replace(self, session: CheckoutSession, /, *, replacing: SessionId | None = None) -> CheckoutSession:
        """
        Keep *session* in place of the stored one with the same version, and return it with its next version.

        *replacing* names the stored session when its id rotates: afterwards the old id is gone.

        Raises:
            Conflict: The stored session has another version, or is gone.

        """
        ...

    @abstractmethod
    def expired(self, at: datetime, /) -> tuple[SessionId, ...]:
        """Return the sessions whose time was over at *at* and that were never submitted, oldest first."""
        ...

    @abstractmethod
    def remove(self, session: SessionId, /) -> None:
        """Forget the session; forgetting an unknown one changes nothing."""
        ...


class PlacementState(StrEnum):
    """Where the placing of a submitted session stands (DESIGN 6, Submit)."""

    PLACING = "placing"
    PLACED = "placed"
    REFUSED = "refused"


@attrs.frozen(kw_only=True)
class Placement:
    """
    One submit: what it asked Salesforce to place, and what became of it.

    While placing or placed with a live order, *opportunity* belongs to it alone (DESIGN 3.11); None when a
    new one is opened. *runner* and *settles_at* say who may act on it until when.
    """

    key: RequestKey
    session: SessionId
    customer: CustomerId
    order: NewOrder
    state: PlacementState
    runner: Runner
    since: datetime
    settles_at: datetime
    verdict: Verdict | None = None
    opportunity: OpportunityId | None = None
    placed: OrderId | None = None
    refusal: str = ""

    __repr__ = shown


class Placements(Protocol):
    """Submits by their request key, as `tx.requests`."""

    @abstractmethod
    def add(self, placement: Placement, /) -> None:
        """
        Keep a new placing.

        Raises:
            Conflict: Its key is taken, or its opportunity belongs to another live placement.

        """
        ...

    @abstractmethod
    def get(self, key: RequestKey, /) -> Placement | None:
        """Return the placement, or None."""
        ...

    @abstractmethod
    def of_order(self, order: OrderId, /) -> Placement | None:
        """Return the placement that became *order*, or None."""
        ...

    def of_orders(self, orders: Collection[OrderId], /) -> Mapping[OrderId, Placement]:
        """Return the placement that became each of *orders*, if any; a database is asked once for all."""
        known = ((order, self.of_order(order)) for order in orders)
        return {order: placement for order, placement in known if placement is not None}

    @abstractmethod
    def replace(self, placement: Placement, /, *, runner: Runner) -> None:
        """
        Keep *placement* in place of the stored one, which must still be of *runner*.

        Naming another runner in it takes the placing over. A refused placement lets its opportunity go.

        Raises:
            Conflict: Another runner took it over, it is gone, or its opportunity (or its order) belongs to
            another placement.

        """
        ...

    @abstractmethod
    def release_opportunity(self, order: OrderId, /) -> None:
        """Let the opportunity of a stopped order be linked again: its placement then names none."""
        ...

    @abstractmethod
    def unresolved(self, at: datetime, /) -> tuple[Placement, ...]:
        """
        Return the placements still placing whose *settles_at* is at or before *at*, oldest first.

        One that cannot be read is left out: its own trigger runs it, and says what is wrong.
        """
        ...

    @abstractmethod
    def forget_refused(self, at: datetime, /, *, limit: int) -> int:
        """Forget at most *limit* refused placements that had settled at *at*, and return how many."""
        ...


class AnswerState(StrEnum):
    """Where an idempotent request stands."""

    RUNNING = "running"
    ANSWERED = "answered"


@attrs.frozen(kw_only=True)
class Answer:
    """
    One idempotent HTTP request: *scope* is principal and route, *fingerprint* a digest of the payload.

    *reference* is what the answer is rendered from again (an id), never the rendered answer.
    """

    scope: str
    key: str
    fingerprint: str
    state: AnswerState
    since: datetime
    status: int = 0
    reference: str = ""

    __repr__ = shown


class Answers(Protocol):
    """Idempotency keys of the HTTP API (DESIGN 7)."""

    @abstractmethod
    def begin(self, answer: Answer, /) -> Answer | None:
        """Keep *answer* as running and return None, or return the one already under its scope and key."""
        ...

    @abstractmethod
    def finish(self, answer: Answer, /) -> None:
        """Keep *answer* as answered, in place of the running one."""
        ...

    @abstractmethod
    def abandon(self, scope: str, key: str, /) -> None:
        """Forget a running request that failed, so that it may be tried again; an answered one stays."""
        ...

    @abstractmethod
    def forget_before(self, at: datetime, /) -> int:
        """Forget everything begun before *at* and return how much that was."""
        ...


@attrs.frozen(kw_only=True)
class Upload:
    """An image of a customer's card on its way to their Account, kept since *since*."""

    key: RequestKey
    account: AccountId
    media_type: str
    content: bytes = attrs.field(repr=False)
    since: datetime

    __repr__ = shown


class Uploads(Protocol):
    """Images in transit: kept until Salesforce has them, and never where others could read them."""

    @abstractmethod
    def keep(self, upload: Upload, /) -> bool:
        """
        Keep *upload*, unless one is kept under its key, and tell whether one is.

        False: nothing can be kept here that nobody else can read; nothing was kept.
        """
        ...

    @abstractmethod
    def get(self, key: RequestKey, /) -> Upload | None:
        """Return the upload, or None."""
        ...

    @abstractmethod
    def remove(self, key: RequestKey, /) -> None:
        """Forget the upload; forgetting an unknown one changes nothing."""
        ...

    @abstractmethod
    def forget_before(self, at: datetime, /) -> int:
        """Forget every upload kept since before *at* or since then, and return how many that was."""
        ...

    @abstractmethod
    def oldest(self) -> datetime | None:
        """Return since when the oldest upload is kept, or None."""
        ...
