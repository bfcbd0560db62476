"""
The checkout session: opened by "Proceed to Checkout", kept on our side, adopted on login.

Seed "Checkout"; DESIGN 3.16.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from ordering_core.application.configure import accept
from ordering_core.application.sessions import own_session, told
from ordering_core.domain import checkout as decide
from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.drafts import Draft
from ordering_core.domain.identifiers import CustomerId, RequestKey, SessionId, Sku
from ordering_core.domain.policy import Policy
from ordering_core.domain.quote import Quote
from ordering_core.errors import NotFound
from ordering_core.ports.catalogue import ProductCatalogue
from ordering_core.ports.ids import IdSource
from ordering_core.ports.store import Store


def begin(
    draft: Draft,
    *,
    customer: CustomerId | None,
    catalogue: ProductCatalogue,
    store: Store,
    ids: IdSource,
    policy: Policy,
    at: datetime,
) -> CheckoutSession:
    """Open a session around *draft*, with the prices that are shown. Raises OrderRejected."""
    accepted, quote = accept(draft, catalogue=catalogue, policy=policy, at=at)
    session = decide.begin(
        session=SessionId(ids.new()),
        request_key=RequestKey(ids.new()),
        draft=accepted,
        prices=_shown(quote),
        owner=customer,
        at=at,
        policy=policy,
    )
    with store.at_once() as tx:
        tx.sessions.add(session)
    return session


def change(
    session: SessionId,
    draft: Draft,
    *,
    customer: CustomerId | None,
    catalogue: ProductCatalogue,
    store: Store,
    policy: Policy,
    at: datetime,
) -> CheckoutSession:
    """Put *draft* into the session. Raises OrderRejected, CheckoutClosed, CheckoutExpired, NotFound."""
    with store.transaction() as tx:
        decide.require_open(own_session(tx, session, customer=customer), at)
    accepted, quote = accept(draft, catalogue=catalogue, policy=policy, at=at)
    with store.transaction() as tx:
        current = own_session(tx, session, customer=customer)
        return tx.sessions.replace(decide.changed(current, accepted, _shown(quote), at=at, policy=policy))


def adopt(
    session: SessionId,
    *,
    customer: CustomerId,
    store: Store,
    ids: IdSource,
    policy: Policy,
    at: datetime,
) -> CheckoutSession:
    """Give the session to *customer* under a new id. Raises CheckoutClosed, CheckoutExpired, NotFound."""
    with store.transaction() as tx:
        found = tx.sessions.get(session)
        if found is None:
            raise NotFound("checkout session")
        owned = decide.adopted(
            told(tx, found), new_id=SessionId(ids.new()), customer=customer, at=at, policy=policy
        )
        return tx.sessions.replace(owned, replacing=session)


def _shown(quote: Quote) -> Mapping[Sku, Decimal]:
    """Return the net price of each line, as the customer sees it."""
    return {line.sku: line.price for line in quote.lines}
