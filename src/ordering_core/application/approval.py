"""
The rule book's word on an order at the moment it is approved, kept with the decision.

An agent's approval is observed, not refused: the verdict says what the agent could have seen (DESIGN 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ordering_core.application.gate_facts import client_of, eligibility_of, eligibility_requests, gate_facts
from ordering_core.domain.catalogue import Product
from ordering_core.domain.history import Observation
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.journal import CaseFile
from ordering_core.domain.policy import Policy
from ordering_core.domain.rules import verdict
from ordering_core.domain.violations import Gate, Verdict
from ordering_core.domain.vocabulary import OrderStatusText, System
from ordering_core.ports.catalogue import ProductCatalogue
from ordering_core.ports.order_records import Decision, DecisionKind
from ordering_core.ports.orders import ProvisioningFacts
from ordering_core.ports.store import Store


def approval(
    before: CaseFile,
    seen: Observation,
    facts: ProvisioningFacts,
    *,
    catalogue: ProductCatalogue,
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
    word = approval_verdict(facts, catalogue=catalogue, store=store, policy=policy, at=at)
    return Decision(
        order=facts.order.id, kind=DecisionKind.APPROVED, at=at, by=System.SALESFORCE, verdict=word
    )


def approval_verdict(
    facts: ProvisioningFacts,
    *,
    catalogue: ProductCatalogue,
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
        client = client_of(tx, order)
        asked = eligibility_requests(tx, order)
    products: Mapping[Sku, Product]
    if placement:
        products = {line.sku: line for line in placement.order.quote.lines}
    else:
        products = catalogue.products(frozenset(order.draft.skus))
    return verdict(
        gate_facts(
            order,
            account,
            gate=Gate.APPROVE,
            products=products,
            client=client,
            eligibility=eligibility_of(order, account, asked, policy),
            opportunities=facts.opportunities,
            policy=policy,
            at=at,
        )
    )
