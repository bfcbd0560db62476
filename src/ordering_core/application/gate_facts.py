"""What the rules look at once an order is placed, alike at the approve and the provision gate (DESIGN 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from ordering_core.application.asked import eligibility_subject, last_asked_for
from ordering_core.domain.catalogue import Product
from ordering_core.domain.customers import Account, IdentityFields
from ordering_core.domain.eligibility import NOT_REQUESTED, EligibilityStanding, standing_for_address
from ordering_core.domain.identifiers import ClientId, Sku
from ordering_core.domain.identity import identity_method, identity_standing
from ordering_core.domain.journal import JournalRow
from ordering_core.domain.opportunity import Opportunity, stage_of
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.policy import Policy
from ordering_core.domain.rules import RuleFacts
from ordering_core.domain.violations import Gate
from ordering_core.domain.vocabulary import OrderType, Stage
from ordering_core.ports.store import Transaction


def gate_facts(
    order: OrderSnapshot,
    account: Account | None,
    *,
    gate: Gate,
    products: Mapping[Sku, Product],
    client: ClientId | None,
    eligibility: EligibilityStanding,
    opportunities: Iterable[Opportunity],
    policy: Policy,
    at: datetime,
) -> RuleFacts:
    """
    Return all that the rules look at; *products* are those of the quote, for what was promised decides.

    Another service of the type is active when another of the *opportunities* is, or when the order's own
    carries a service already: then an order before this one has used it. An item of quantity 2 is one that is
    there twice: it would be billed once.
    """
    more = tuple(line.sku for line in order.lines if line.quantity != 1)
    identity = account.identity if account else IdentityFields()
    return RuleFacts(
        draft=attrs.evolve(order.draft, skus=(*order.draft.skus, *more)) if more else order.draft,
        products=products,
        gate=gate,
        at=at,
        policy=policy,
        account=account,
        client=client,
        address=order.address,
        eligibility=eligibility,
        identity=identity_standing(identity),
        identity_method=identity_method(identity),
        other_active_service=any(
            known.order_type is order.order_type
            and (known.id != order.opportunity or known.service is not None)
            and stage_of(known.stage) is Stage.ACTIVE
            for known in opportunities
        ),
    )


def client_of(tx: Transaction, order: OrderSnapshot) -> ClientId | None:
    """Return the WHMCS client of the order's Account, None while nobody has mapped it."""
    mapping = tx.identities.of_account(order.account)
    return mapping.client if mapping else None


def eligibility_requests(tx: Transaction, order: OrderSnapshot) -> tuple[JournalRow, ...]:
    """Return our requests for the eligibility of the order's address: only Internet is laid to one."""
    if order.order_type is not OrderType.INTERNET:
        return ()
    return tx.journal.rows(eligibility_subject(order.account))


def eligibility_of(
    order: OrderSnapshot, account: Account | None, asked: Iterable[JournalRow], policy: Policy
) -> EligibilityStanding:
    """Return what is known of the order's address, by what our requests *asked* about (DESIGN 3.23)."""
    if account is None:
        return NOT_REQUESTED
    return standing_for_address(
        account.eligibility,
        address=order.address,
        account_address=account.address,
        asked_for=last_asked_for(asked),
        offerings=policy.offering_texts,
    )
