"""
Who may reach a checkout session (DESIGN 3.16).

A session belongs to whoever knows its unguessable id until a customer adopts it, then to that customer alone.
To everybody else it does not exist: an unknown session and a stranger's cannot be told apart.
"""

from __future__ import annotations

from datetime import datetime

import attrs

from ordering_core.application.asked import Asked
from ordering_core.domain.checkout import CheckoutSession, answered, is_expired
from ordering_core.domain.eligibility import EligibilityState
from ordering_core.domain.identifiers import CustomerId, RequestKey, SessionId
from ordering_core.domain.policy import Policy
from ordering_core.errors import CheckoutExpired, NotFound
from ordering_core.ports.store import Store, Transaction


_ANSWERS = frozenset({EligibilityState.ELIGIBLE, EligibilityState.INELIGIBLE})


def own_session(tx: Transaction, session: SessionId, *, customer: CustomerId | None) -> CheckoutSession:
    """Return *customer*'s session, or the anonymous one; NotFound otherwise."""
    return told(tx, owned(tx.sessions.get(session), customer))


def told(tx: Transaction, session: CheckoutSession) -> CheckoutSession:
    """Return *session* with the order that it became, if it did: it is kept with the submit."""
    placement = tx.requests.get(session.request_key) if session.submitted and not session.order else None
    return attrs.evolve(session, order=placement.placed) if placement else session


def owned(found: CheckoutSession | None, customer: CustomerId | None) -> CheckoutSession:
    """Return the session *found* if it is *customer*'s; NotFound otherwise."""
    if found is None or found.owner != customer:
        raise NotFound("checkout session")
    return found


def live_session(
    tx: Transaction, session: SessionId, *, customer: CustomerId | None, at: datetime
) -> CheckoutSession:
    """
    Return *customer*'s session, submitted or not.

    Raises:
        NotFound: As `own_session`.

        CheckoutExpired: Its time is over.

    """
    found = own_session(tx, session, customer=customer)
    if is_expired(found, at):
        raise CheckoutExpired
    return found


def heard(
    session: CheckoutSession, asked: Asked, *, store: Store, policy: Policy, at: datetime
) -> CheckoutSession:
    """
    Return the session as it is once the eligibility result in *asked*, if it waits for one, is known.

    Raises:
        CheckoutExpired: The result is known for too long.

    """
    if asked.account is None or asked.facts.eligibility.state not in _ANSWERS:
        return session
    settled = answered(session, result_at=asked.account.eligibility.checked_at or at, policy=policy)
    if settled is session:
        return session
    with store.transaction() as tx:
        settled = tx.sessions.replace(settled)
    if is_expired(settled, at):
        raise CheckoutExpired
    return settled


def reopened(session: CheckoutSession, *, key: RequestKey, policy: Policy, at: datetime) -> CheckoutSession:
    """Return a session whose order was refused: it may be changed, and is submitted under a new *key*."""
    return attrs.evolve(
        session,
        submitted=False,
        request_key=key,
        expires_at=max(session.expires_at, at + policy.checkout_ttl),
    )
