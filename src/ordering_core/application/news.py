"""
What Salesforce's event bus tells, each turned into something to look at (DESIGN 3.2; 5, Events).

Whatever is told early, twice, out of order or not at all changes nothing in the end: what counts is what is
read. An order that does not yet justify its event is looked at again a few times, by triggers that outlive
the process; after that it is the poll's to find.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from ordering_core.application.observe import PROVISION_REQUESTED
from ordering_core.application.record import order_subject
from ordering_core.domain.identifiers import AccountId, OrderId
from ordering_core.domain.order_status import OrderState
from ordering_core.domain.timeline import BUCKETS, Bucket
from ordering_core.errors import NotFound, Refused
from ordering_core.ports.store import Store


LOOKS_AGAIN: Final = (timedelta(seconds=5), timedelta(seconds=30), timedelta(seconds=120))
"""After how long an order is looked at again that does not yet justify its event (DESIGN 5, Events)."""

_OPEN: Final = frozenset(
    state for state in OrderState if BUCKETS[state] in {Bucket.PENDING, Bucket.PROCESSING}
)


def provision_requested(
    order: OrderId, *, event: str, observe: Callable[[OrderId, str], None], store: Store, at: datetime
) -> None:
    """
    Observe *order*, for which the event with the id *event* asks; twice is the same as once.

    An event may be out before what caused it can be read.

    Raises:
        Unavailable: It cannot be read now; the event is to be given again.

        Conflict: Others kept changing it; the event is to be given again.

    """
    cause = f"{PROVISION_REQUESTED}{event}"
    _look_at(order, cause, observe=observe, store=store)
    with store.transaction() as tx:
        copy = tx.projection.get(order)
        if copy is None or copy.status.state is OrderState.UNDER_REVIEW:
            for later in LOOKS_AGAIN:
                again = f"{cause}:again-{later.seconds}"
                tx.trigger(order_subject(order), cause=again, at=at + later)


def order_changed(
    order: OrderId, *, event: str, observe: Callable[[OrderId, str], None], store: Store
) -> None:
    """
    Observe *order*, which the event with the id *event* says has changed.

    Raises:
        Unavailable: It cannot be read now; the event is to be given again.

        Conflict: Others kept changing it; the event is to be given again.

    """
    _look_at(order, f"changed:{event}", observe=observe, store=store)


def account_changed(account: AccountId, *, event: str, store: Store) -> None:
    """
    Let the open orders of *account* run, which the event with the id *event* says has changed.

    What holds them may be cleared: a card verified, an address made complete. Raises Unavailable.
    """
    last: OrderId | None = None
    while True:
        with store.transaction() as tx:
            page = tx.projection.page(account, states=_OPEN, after=last)
            for copy in page:
                tx.trigger(order_subject(copy.snapshot.id), cause=f"changed:{event}")
        if not page:
            return
        last = page[-1].snapshot.id


def _look_at(order: OrderId, cause: str, *, observe: Callable[[OrderId, str], None], store: Store) -> None:
    """
    Observe *order*; one that was deleted or may not be read is left to its own run.

    That run says what is wrong where it is seen, and no later event has to wait for it.
    """
    try:
        observe(order, cause)
    except (NotFound, Refused) as error:
        with store.transaction() as tx:
            if isinstance(error, Refused) or tx.projection.get(order):
                tx.trigger(order_subject(order), cause=cause)
