"""
What other systems say of a checkout at this moment.

Asked at every review and again at submit (DESIGN 3.20, 4): one call to Salesforce and one to WHMCS, however
large the catalogue is (DESIGN 10, Call economy).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

import attrs

from ordering_core.domain.address import PostalAddress
from ordering_core.domain.catalogue import Product
from ordering_core.domain.checkout import AskedFacts, CheckoutSession, Requirement, outstanding
from ordering_core.domain.customers import Account, Identity, IdentityFields
from ordering_core.domain.eligibility import NOT_REQUESTED, EligibilityStanding, standing_for_address
from ordering_core.domain.identifiers import AccountId, CustomerId, Sku
from ordering_core.domain.identity import identity_method, identity_standing
from ordering_core.domain.journal import JournalRow, Outcome, Step, Subject, SubjectKind
from ordering_core.domain.opportunity import Opportunity, stage_of
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.payment import PaymentMethod, payment_method_that_counts
from ordering_core.domain.policy import Policy
from ordering_core.domain.rules import RuleFacts, violations
from ordering_core.domain.violations import Gate, Violation
from ordering_core.domain.vocabulary import Stage
from ordering_core.ports.billing import BillingSystem
from ordering_core.ports.catalogue import ProductCatalogue
from ordering_core.ports.orders import OrderRepository, PlacingFacts
from ordering_core.ports.store import Transaction


Ours: TypeAlias = tuple[Identity | None, tuple[JournalRow, ...]]
"""A customer's mapping, and what was done for their eligibility requests."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Asked:
    """
    The asked facts of one checkout; *mapping* is None for a portal user whom no Account belongs to.

    *existing* is the order that Salesforce already has under the session's key.
    """

    mapping: Identity | None
    products: Mapping[Sku, Product] = attrs.field(repr=False)
    account: Account | None = attrs.field(default=None, repr=False)
    opportunities: tuple[Opportunity, ...] = ()
    existing: OrderSnapshot | None = attrs.field(default=None, repr=False)
    facts: AskedFacts


def ours(tx: Transaction, customer: CustomerId | None) -> Ours:
    """Return what we know of *customer* ourselves, to be read in one transaction with their session."""
    mapping = tx.identities.of_customer(customer) if customer else None
    return mapping, tx.journal.rows(eligibility_subject(mapping.account)) if mapping else ()


def ask(
    session: CheckoutSession,
    known: Ours,
    *,
    catalogue: ProductCatalogue,
    orders: OrderRepository,
    billing: BillingSystem,
    policy: Policy,
    at: datetime,
) -> Asked:
    """Ask everything that reviewing or submitting *session* needs. Raises Unavailable."""
    mapping, placing = known[0], _placing_facts(session, known, orders=orders)
    if mapping is None or placing is None:
        return _asked(session, known, None, None, catalogue=catalogue, policy=policy)
    method = payment_method_that_counts(
        billing.payment_methods(mapping.client), gateway=policy.whmcs_gateway, at=at
    )
    return _asked(session, known, placing, method, catalogue=catalogue, policy=policy)


def ask_salesforce(
    session: CheckoutSession,
    known: Ours,
    *,
    catalogue: ProductCatalogue,
    orders: OrderRepository,
    policy: Policy,
) -> Asked:
    """Ask what Salesforce knows, the payment method left out. Raises Unavailable."""
    placing = _placing_facts(session, known, orders=orders)
    return _asked(session, known, placing, None, catalogue=catalogue, policy=policy)


def _placing_facts(session: CheckoutSession, known: Ours, *, orders: OrderRepository) -> PlacingFacts | None:
    """Return what Salesforce says of *session*, None when it has no Account for its customer."""
    mapping, _ = known
    if mapping is None:
        return None
    draft = session.draft
    return orders.placing_facts(
        mapping.account, order_type=draft.order_type, skus=frozenset(draft.skus), key=session.request_key
    )


def _asked(
    session: CheckoutSession,
    known: Ours,
    placing: PlacingFacts | None,
    method: PaymentMethod | None,
    *,
    catalogue: ProductCatalogue,
    policy: Policy,
) -> Asked:
    """Put the answers together; for a customer without an Account the products are the catalogue's."""
    mapping, rows = known
    if placing is None:
        products = catalogue.products(frozenset(session.draft.skus))
        unknown = _asked_facts(IdentityFields(), NOT_REQUESTED, None)
        return Asked(mapping=mapping, products=products, facts=unknown)
    account = placing.account
    eligibility = standing_for_address(
        account.eligibility,
        address=session.address,
        account_address=account.address,
        asked_for=last_asked_for(rows),
        offerings=policy.offering_texts,
    )
    return Asked(
        mapping=mapping,
        products=placing.products,
        account=account,
        opportunities=placing.opportunities,
        existing=placing.existing,
        facts=_asked_facts(account.identity, eligibility, method),
    )


def _asked_facts(
    identity: IdentityFields, eligibility: EligibilityStanding, method: PaymentMethod | None
) -> AskedFacts:
    """Return the facts of the requirements."""
    return AskedFacts(payment_method=method, identity=identity_standing(identity), eligibility=eligibility)


def address_shown(session: CheckoutSession, asked: Asked) -> PostalAddress | None:
    """Return the address that the checkout shows: the session's, else the one on file."""
    return session.address or (asked.account.address if asked.account else None)


def submit_facts(session: CheckoutSession, asked: Asked, *, policy: Policy, at: datetime) -> RuleFacts:
    """Return what the rules of the submit gate look at."""
    account = asked.account
    return RuleFacts(
        draft=session.draft,
        products=asked.products,
        gate=Gate.SUBMIT,
        at=at,
        policy=policy,
        prices=session.prices,
        account=account,
        client=asked.mapping.client if asked.mapping else None,
        address=address_shown(session, asked),
        eligibility=asked.facts.eligibility,
        identity=asked.facts.identity,
        identity_method=identity_method(account.identity if account else IdentityFields()),
        other_active_service=any(stage_of(known.stage) is Stage.ACTIVE for known in asked.opportunities),
        session_expires_at=session.expires_at,
        outstanding=still_outstanding(session, asked),
    )


def broken(
    session: CheckoutSession, asked: Asked, *rules: str, policy: Policy, at: datetime
) -> tuple[Violation, ...]:
    """Return what the submit gate will say on account of *rules*, names of the rule book."""
    return violations(submit_facts(session, asked, policy=policy, at=at), rules)


def still_outstanding(session: CheckoutSession, asked: Asked) -> tuple[Requirement, ...]:
    """Return what still keeps the session from being submitted, in the page's order."""
    return outstanding(session, asked.facts)


def eligibility_subject(account: AccountId) -> Subject:
    """Return the subject under which *account*'s eligibility requests are journaled."""
    return Subject(SubjectKind.ELIGIBILITY, account)


def last_asked_for(rows: Iterable[JournalRow]) -> str | None:
    """
    Return the fingerprint of the address that our last request asked about, None when we never asked.

    While the outcome of a request is unknown, nobody knows what the Account's answer is about: no address
    matches.
    """
    asked = [
        row
        for row in rows
        if row.step is Step.REQUEST_ELIGIBILITY and row.outcome not in {Outcome.ABSENT, Outcome.REFUSED}
    ]
    if not asked:
        return None
    return asked[-1].evidence["address"] if asked[-1].outcome is Outcome.DONE else ""
