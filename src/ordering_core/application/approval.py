"""
The rule book's word on an order at the moment it is approved, kept with the decision.

An agent's approval is observed, not refused: the verdict says what the agent could have seen (DESIGN 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ordering_core.application.asked import eligibility_subject, last_asked_for
from ordering_core.domain.catalogue import Product
from ordering_core.domain.customers import IdentityFields
from ordering_core.domain.eligibility import NOT_REQUESTED, standing_for_address
from ordering_core.domain.history import Observation
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.identity import identity_method, identity_standing
from ordering_core.domain.journal import CaseFile
from ordering_core.domain.opportunity import stage_of
from ordering_core.domain.policy import Policy
from ordering_core.domain.rules import RuleFacts, verdict
from ordering_core.domain.violations import Gate, Verdict
from ordering_core.domain.vocabulary import OrderStatusText, Stage, System
from ordering_core.ports.catalogue import ProductCatalogue
from ordering_core.ports.opportunities import OpportunityRepository
from ordering_core.ports.orders import ProvisioningFacts
from ordering_core.ports.store import Decision, DecisionKind, Store


def approval(
    before: CaseFile,
    seen: Observation,
    facts: ProvisioningFacts,
    *,
    catalogue: ProductCatalogue,
    opportunities: OpportunityRepository,
    store: Store,
    policy: Policy,
    at: datetime,
) -> Decision | None:
    """
    Return the agent's decision if what was *seen* is the first reading to show the approval, else None.

    *before* is the case file from before the reading. Raises Unavailable.
    """
    was_approved = before.approval_implied or before.seen_status == OrderStatusText.APPROVED
    if was_approved or not seen.approved:
        return None
    word = approval_verdict(
        facts, catalogue=catalogue, opportunities=opportunities, store=store, policy=policy, at=at
    )
    return Decision(
        order=facts.order.id, kind=DecisionKind.APPROVED, at=at, by=System.SALESFORCE, verdict=word
    )


def approval_verdict(
    facts: ProvisioningFacts,
    *,
    catalogue: ProductCatalogue,
    opportunities: OpportunityRepository,
    store: Store,
    policy: Policy,
    at: datetime,
) -> Verdict:
    """
    Return what the approve gate says of the order as it is now.

    What was promised decides: the products are those of the frozen quote, if the order was placed through us.
    """
    order, account = facts.order, facts.account
    with store.transaction() as tx:
        placement = tx.requests.of_order(order.id)
        mapping = tx.identities.of_account(order.account)
        rows = tx.journal.rows(eligibility_subject(order.account))
    products: Mapping[Sku, Product]
    if placement:
        products = {line.sku: line for line in placement.order.quote.lines}
    else:
        products = catalogue.products(frozenset(order.draft.skus))
    others = [
        known
        for known in opportunities.of_account(order.account)
        if known.order_type is order.order_type and known.id != order.opportunity
    ]
    identity = account.identity if account else IdentityFields()
    return verdict(
        RuleFacts(
            draft=order.draft,
            products=products,
            gate=Gate.APPROVE,
            at=at,
            policy=policy,
            account=account,
            client=mapping.client if mapping else None,
            address=order.address,
            eligibility=standing_for_address(
                account.eligibility,
                address=order.address,
                account_address=account.address,
                asked_for=last_asked_for(rows),
                offerings=policy.offering_texts,
            )
            if account
            else NOT_REQUESTED,
            identity=identity_standing(identity),
            identity_method=identity_method(identity),
            other_active_service=any(stage_of(known.stage) is Stage.ACTIVE for known in others),
        )
    )
