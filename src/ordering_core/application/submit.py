"""
Submitting a checkout: one submit is one order (DESIGN 6, Submit; seed "Order Summary and Submission").

Gather, decide, act. Everything is asked again, then decided at once, then written; nothing is decided after
the first write but which Opportunity is still free.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, assert_never

import attrs

from ordering_core.application.asked import Asked, ask, submit_facts
from ordering_core.application.configure import quote
from ordering_core.application.placing import Placing, opportunity_of
from ordering_core.application.sessions import heard, owned
from ordering_core.application.views import Submitted
from ordering_core.domain.calendar import business_date
from ordering_core.domain.checkout import CheckoutIncomplete, CheckoutSession, is_expired
from ordering_core.domain.eligibility import EligibilityState
from ordering_core.domain.identifiers import CustomerId, SessionId
from ordering_core.domain.journal import Runner
from ordering_core.domain.opportunity import link
from ordering_core.domain.orders import NewOrder
from ordering_core.domain.policy import Policy
from ordering_core.domain.rules import verdict
from ordering_core.domain.violations import OrderRejected, Verdict
from ordering_core.domain.vocabulary import System
from ordering_core.errors import CheckoutExpired, Conflict, Refused
from ordering_core.ports.billing import BillingSystem
from ordering_core.ports.catalogue import ProductCatalogue
from ordering_core.ports.checkout_records import Placement, PlacementState


READINGS: Final = 5
"""How often a submit begins again because the checkout was changed under its hands."""


def submit(
    session: SessionId,
    *,
    customer: CustomerId,
    catalogue: ProductCatalogue,
    billing: BillingSystem,
    placing: Placing,
) -> Submitted:
    """
    Place the session's order, or say what became of it.

    Raises:
        CheckoutExpired, CheckoutIncomplete, OrderRejected, NotFound: Nothing was written.

        Unavailable: Something could not be asked; nothing was written.

        Refused: Salesforce will not take the order; the session is open again.

        Conflict: The checkout was changed all the while.

    """
    for _ in range(READINGS - 1):
        with suppress(Conflict):
            return _submit(session, customer=customer, catalogue=catalogue, billing=billing, placing=placing)
    return _submit(session, customer=customer, catalogue=catalogue, billing=billing, placing=placing)


def _submit(
    session: SessionId,
    *,
    customer: CustomerId,
    catalogue: ProductCatalogue,
    billing: BillingSystem,
    placing: Placing,
) -> Submitted:
    """Submit once. Raises Conflict when the session was changed meanwhile; then nothing was written."""
    with placing.store.at_once() as tx:
        found, mapping, rows = tx.visit(session, customer)
    current = owned(found, customer)
    earlier = placing.resolve(current.request_key) if current.submitted else None
    if earlier:
        return attrs.evolve(answer(earlier, policy=placing.policy, at=placing.at), repeated=True)
    if is_expired(current, placing.at):
        raise CheckoutExpired
    asked = ask(
        current,
        (mapping, rows),
        catalogue=catalogue,
        orders=placing.orders,
        billing=billing,
        policy=placing.policy,
        at=placing.at,
    )
    current = heard(current, asked, store=placing.store, policy=placing.policy, at=placing.at)
    order, word = _decide(current, asked, policy=placing.policy, at=placing.at)
    placement = Placement(
        key=current.request_key,
        session=current.id,
        customer=customer,
        order=order,
        opportunity=opportunity_of(order),
        state=PlacementState.PLACING,
        runner=Runner(placing.ids.new()),
        since=placing.at,
        settles_at=placing.policy.settles_at(placing.at),
        verdict=word,
    )
    begun = placing.begin(placement, current, asked.opportunities)
    return answer(placing.send(begun), policy=placing.policy, at=placing.at)


def answer(placement: Placement, *, policy: Policy, at: datetime) -> Submitted:
    """
    Return what to tell about *placement*.

    Raises:
        Refused: Salesforce would not take it.

    """
    match placement.state:
        case PlacementState.PLACED:
            return Submitted(state=placement.state, order=placement.placed, retry_after=None)
        case PlacementState.PLACING:
            wait = min(placement.settles_at - at, policy.retry_after)
            return Submitted(
                state=placement.state,
                order=None,
                retry_after=wait if wait > timedelta() else policy.retry_after,
            )
        case PlacementState.REFUSED:
            raise Refused(System.SALESFORCE, placement.refusal)
        case _:
            assert_never(placement.state)


def _decide(
    session: CheckoutSession, asked: Asked, *, policy: Policy, at: datetime
) -> tuple[NewOrder, Verdict]:
    """
    Return the order to place, and the rule book's word on it.

    One that Salesforce has already under the session's key was decided before: it is only to be found again.

    Raises:
        CheckoutIncomplete: A requirement is outstanding.

        OrderRejected: A rule is violated, or nobody knows the customer.

    """
    facts = submit_facts(session, asked, policy=policy, at=at)
    word = verdict(facts)
    promised = quote(session.draft, asked.products, policy=policy, at=at)
    account, address = asked.account, facts.address
    if asked.existing is None and account and facts.outstanding:
        raise CheckoutIncomplete(facts.outstanding)
    is_right = word.passed or asked.existing is not None
    if not is_right or account is None or address is None or promised is None:
        raise OrderRejected(word.errors)
    update_account = session.address_changed and policy.update_account_address
    checked_elsewhere = asked.facts.eligibility.state is EligibilityState.NOT_REQUESTED
    order = NewOrder(
        request_key=session.request_key,
        account=account.id,
        order_type=session.draft.order_type,
        status=policy.initial_order_status,
        link=link(session.draft.order_type, asked.opportunities),
        draft=session.draft,
        quote=promised,
        effective_date=business_date(at),
        address=address,
        address_changed=session.address_changed,
        update_account=update_account,
        clear_eligibility=update_account and checked_elsewhere and bool(account.eligibility.status),
    )
    return order, word
