"""
Asking the team whether an address can be served with Internet.

Seed "Internet Eligibility Process"; DESIGN 3.14, 3.23.
"""

from __future__ import annotations

from datetime import datetime

from ordering_core.application.asked import address_shown, ask, broken, eligibility_subject, ours
from ordering_core.application.effects import Effects
from ordering_core.application.review import page, review
from ordering_core.application.sessions import heard, live_session
from ordering_core.application.views import CheckoutReview
from ordering_core.domain import checkout as decide
from ordering_core.domain.address import PostalAddress
from ordering_core.domain.eligibility import EligibilityState, address_fingerprint
from ordering_core.domain.identifiers import AccountId, CustomerId, RequestKey, SessionId
from ordering_core.domain.journal import Evidence, Outcome, Runner, Step
from ordering_core.domain.policy import Policy
from ordering_core.domain.rules.account import the_customer_is_known_everywhere
from ordering_core.domain.rules.location import the_address_is_complete
from ordering_core.domain.violations import OrderRejected
from ordering_core.domain.vocabulary import OrderType, System
from ordering_core.ports.billing import BillingSystem
from ordering_core.ports.catalogue import ProductCatalogue
from ordering_core.ports.customers import CustomerDirectory
from ordering_core.ports.ids import IdSource
from ordering_core.ports.orders import OrderRepository
from ordering_core.ports.store import Store


def request_eligibility(
    session: SessionId,
    *,
    customer: CustomerId,
    catalogue: ProductCatalogue,
    customers: CustomerDirectory,
    orders: OrderRepository,
    billing: BillingSystem,
    store: Store,
    ids: IdSource,
    policy: Policy,
    at: datetime,
) -> CheckoutReview:
    """
    Have the session's address checked, unless that is going on or has succeeded; a SIM or VPN needs none.

    An address that could not be served may be asked about again: buildings are connected later.

    Raises:
        OrderRejected: There is no complete address to check, or no Account to keep the answer.

        CheckoutClosed, CheckoutExpired, NotFound: The session cannot be changed.

        Unavailable, OutcomeUnknown, Refused: Salesforce; asking again is safe; while an earlier request may
        still arrive it is Unavailable.

    """
    with store.transaction() as tx:
        live, known = live_session(tx, session, customer=customer, at=at), ours(tx, customer)
    decide.require_open(live, at)
    asked = ask(live, known, catalogue=catalogue, orders=orders, billing=billing, policy=policy, at=at)
    live = heard(live, asked, store=store, policy=policy, at=at)
    standing = asked.facts.eligibility.state
    if live.draft.order_type is not OrderType.INTERNET or standing is EligibilityState.ELIGIBLE:
        return page(live, asked, policy=policy, at=at)
    address = address_shown(live, asked)
    missing = broken(
        live,
        asked,
        the_customer_is_known_everywhere.__name__,
        the_address_is_complete.__name__,
        policy=policy,
        at=at,
    )
    if asked.account is None or address is None or missing:
        raise OrderRejected(missing)
    if standing is not EligibilityState.PENDING:
        effects = Effects(store=store, policy=policy, runner=Runner(ids.new()), at=at)
        _request(asked.account.id, address, customers=customers, store=store, effects=effects)
    if live.expires_at != decide.UNTIL_ANSWERED:
        with store.transaction() as tx:
            tx.sessions.replace(decide.waiting(live, at=at))
    return review(
        session,
        customer=customer,
        catalogue=catalogue,
        orders=orders,
        billing=billing,
        store=store,
        policy=policy,
        at=at,
    )


def _request(
    account: AccountId,
    address: PostalAddress,
    *,
    customers: CustomerDirectory,
    store: Store,
    effects: Effects,
) -> None:
    """Open the request in Salesforce, under a key that a repetition shares and a later request does not."""
    subject = eligibility_subject(account)
    with store.transaction() as tx:
        answered = [row for row in tx.journal.rows(subject) if row.outcome is Outcome.DONE]
    fingerprint = address_fingerprint(address)
    key = RequestKey(f"{account}-{len(answered)}-{fingerprint[:16]}")

    def request() -> Evidence:
        case, opportunity = customers.request_eligibility(account, address=address, key=key)
        return {"address": fingerprint, "case": case, "opportunity": opportunity}

    effects.make(subject, Step.REQUEST_ELIGIBILITY, mark=key, system=System.SALESFORCE, act=request)
