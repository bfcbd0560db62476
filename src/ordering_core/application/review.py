"""
The checkout page: what is stored, what others say now, what still keeps the order from being submitted.

Seed "Checkout Requirements".
"""

from __future__ import annotations

from datetime import datetime

from ordering_core.application.asked import Asked, address_shown, ask, ours, still_outstanding, submit_facts
from ordering_core.application.configure import quote
from ordering_core.application.sessions import heard, live_session
from ordering_core.application.views import CheckoutReview
from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.identifiers import CustomerId, SessionId
from ordering_core.domain.identity import IdentityStanding
from ordering_core.domain.policy import Policy
from ordering_core.domain.rules import verdict
from ordering_core.domain.vocabulary import OrderType
from ordering_core.ports.billing import BillingSystem
from ordering_core.ports.catalogue import ProductCatalogue
from ordering_core.ports.order_records import Finding
from ordering_core.ports.orders import OrderRepository
from ordering_core.ports.store import Store


def review(
    session: SessionId,
    *,
    customer: CustomerId,
    catalogue: ProductCatalogue,
    orders: OrderRepository,
    billing: BillingSystem,
    store: Store,
    policy: Policy,
    at: datetime,
) -> CheckoutReview:
    """Return the checkout page of *session*. Raises CheckoutExpired, NotFound, Unavailable."""
    with store.transaction() as tx:
        live, known = live_session(tx, session, customer=customer, at=at), ours(tx, customer)
    asked = ask(live, known, catalogue=catalogue, orders=orders, billing=billing, policy=policy, at=at)
    live = heard(live, asked, store=store, policy=policy, at=at)
    note_eligibility(asked, store=store, at=at)
    return page(live, asked, policy=policy, at=at)


def page(session: CheckoutSession, asked: Asked, *, policy: Policy, at: datetime) -> CheckoutReview:
    """Put the page of *session* together from the facts just *asked*."""
    is_internet = session.draft.order_type is OrderType.INTERNET
    return CheckoutReview(
        session=session,
        quote=quote(session.draft, asked.products, policy=policy, at=at),
        verdict=verdict(submit_facts(session, asked, policy=policy, at=at)),
        address=address_shown(session, asked),
        outstanding=still_outstanding(session, asked),
        payment_method=asked.facts.payment_method,
        identity=asked.facts.identity,
        identity_message=_reviewers_note(asked),
        eligibility=asked.facts.eligibility if is_internet else None,
    )


def _reviewers_note(asked: Asked) -> str | None:
    """Return why the residence card was rejected, if it is (seed "Identity Verification")."""
    rejected = asked.facts.identity is IdentityStanding.REJECTED
    return asked.account.identity.rejection_message if asked.account and rejected else None


def note_eligibility(asked: Asked, *, store: Store, at: datetime) -> None:
    """Open a finding while an agent's eligibility text is one that nobody told us about (DESIGN 3.14)."""
    if asked.account is None:
        return
    with store.transaction() as tx:
        if asked.facts.eligibility.unrecognised is None:
            tx.findings.close(FindingCode.UNKNOWN_ELIGIBILITY, asked.account.id)
        else:
            tx.findings.open(
                Finding(code=FindingCode.UNKNOWN_ELIGIBILITY, subject=asked.account.id, since=at)
            )
