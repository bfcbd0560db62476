"""
Taking over one order that was left alone, so that ordering provisions it (DESIGN 3.18).

Nobody here promised its prices: what stands in its items counts as the promise. What WHMCS holds of its
customer is looked at first, for what is billed there already is never billed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime

import attrs

from ordering_core.application.record import order_subject
from ordering_core.domain.address import PostalAddress
from ordering_core.domain.billing import BilledOrder
from ordering_core.domain.catalogue import Product
from ordering_core.domain.customers import Identity
from ordering_core.domain.go_live import Conflict, Flaw, named_services
from ordering_core.domain.identifiers import OrderId, RequestKey, SessionId, Sku
from ordering_core.domain.journal import CaseFile, Held, Runner
from ordering_core.domain.opportunity import OpenNew, UseExisting
from ordering_core.domain.orders import NewOrder
from ordering_core.domain.policy import Policy
from ordering_core.domain.pricing import price
from ordering_core.domain.representation import shown
from ordering_core.domain.taking_over import promised, take_over_conflicts
from ordering_core.domain.vocabulary import OrderStatusText
from ordering_core.errors import NotFound
from ordering_core.ports.billing import BillingSystem
from ordering_core.ports.catalogue import ProductCatalogue
from ordering_core.ports.checkout_records import Placement, PlacementState
from ordering_core.ports.go_live import ServicesBefore
from ordering_core.ports.order_records import Decision, DecisionKind
from ordering_core.ports.orders import OrderRepository, ProvisioningFacts
from ordering_core.ports.store import Store


@attrs.frozen(kw_only=True)
class TakeOver:
    """
    What taking over an order would mean.

    *facts* are the order and its Account as read; *billed* are the orders of WHMCS that carry its mark, which
    provisioning goes on from. *conflicts* keep it from being taken over, those about a service until its id
    is accepted as another one.
    """

    facts: ProvisioningFacts
    identity: Identity | None
    products: Mapping[Sku, Product]
    billed: tuple[BilledOrder, ...]
    conflicts: tuple[Conflict, ...]

    __repr__ = shown

    def in_the_way(self, accepted: AbstractSet[str]) -> tuple[Conflict, ...]:
        """Return the conflicts that are not about a service whose id is *accepted*."""
        return tuple(
            conflict
            for conflict in self.conflicts
            if not (conflict.flaw is Flaw.LIKE_SERVICE and conflict.record in accepted)
        )


def look_before_taking_over(
    order: OrderId,
    *,
    catalogue: ProductCatalogue,
    orders: OrderRepository,
    billing: BillingSystem,
    services: ServicesBefore,
    store: Store,
) -> TakeOver:
    """
    Look at everything that there is of *order* and return it; nothing is kept.

    Raises:
        NotFound: Salesforce has no such order.

        Unavailable: Something cannot be read now.

    """
    facts = orders.provisioning_facts(order)
    if facts is None:
        raise NotFound("order")
    with store.transaction() as tx:
        identity = tx.identities.of_account(facts.order.account)
        case_file = tx.journal.case_file(order_subject(order))
        placement = tx.requests.of_order(order)
    products = catalogue.products(frozenset(line.sku for line in facts.order.lines))
    theirs = services.services(identity.client) if identity else None
    siblings = orders.of_account(facts.order.account)
    found = billing.find(identity.client, order) if identity else ()
    claimed = {service for known in siblings for service in named_services(known)}
    claimed |= {service.id for bill in found for service in bill.services}
    return TakeOver(
        facts=facts,
        identity=identity,
        products=products,
        billed=found,
        conflicts=tuple(
            take_over_conflicts(
                facts.order,
                address=_address(facts),
                taken_over=placement is not None and case_file is not None and case_file.adopted,
                mapped=identity is not None,
                products=products,
                unclaimed=tuple(known for known in theirs or () if known.id not in claimed),
            )
        ),
    )


def take_over(
    found: TakeOver,
    *,
    by: str,
    reason: str,
    accepted: AbstractSet[str],
    store: Store,
    policy: Policy,
    runner: Runner,
    at: datetime,
) -> None:
    """
    Have the order of *found* provisioned from now on, on the word of *by*.

    Raises:
        ValueError: *reason* is empty, or something is in the way that is not *accepted*.

        Conflict: Its Opportunity belongs to another live order of ours, or somebody else was first.

    """
    if not reason.strip():
        raise ValueError("a decision needs a reason; say what was found or put right")
    order, identity, address = found.facts.order, found.identity, _address(found.facts)
    if found.in_the_way(accepted) or identity is None or address is None:
        raise ValueError("something is in the way of taking it over")
    subject = order_subject(order.id)
    with store.transaction() as tx:
        if tx.requests.of_order(order.id) is None:
            tx.requests.add(_promise(found, identity, address, policy=policy, runner=runner, at=at))
        known = tx.journal.case_file(subject) or CaseFile(subject=subject)
        # A hold that began while nobody had promised a price is over with this word.
        retried = isinstance(known.rest, Held)
        kept = tx.journal.keep(attrs.evolve(known, adopted=True, retry_requested=retried))
        for kind in (DecisionKind.ADOPTED, *([DecisionKind.RETRIED] if retried else [])):
            tx.decisions.record(Decision(order=order.id, kind=kind, at=at, by=by, reason=reason))
        tx.trigger(subject, cause=f"adopted:{order.id}:{kept.version}")


def _promise(
    found: TakeOver,
    identity: Identity,
    address: PostalAddress,
    *,
    policy: Policy,
    runner: Runner,
    at: datetime,
) -> Placement:
    """Return the order as if it had been submitted here, at the prices of its items."""
    order = found.facts.order
    key = RequestKey(f"adopted-{order.id}")
    products = promised(order, found.products)
    linked = order.opportunity
    return Placement(
        key=key,
        session=SessionId(key),
        customer=identity.customer,
        order=NewOrder(
            request_key=key,
            account=order.account,
            order_type=order.order_type,
            status=OrderStatusText.APPROVED,
            link=UseExisting(linked) if linked else OpenNew(order.order_type, ""),
            draft=order.draft,
            quote=price(products, policy=policy, at=at, catalogue_version=f"order {order.number}"),
            effective_date=order.effective_date,
            address=address,
        ),
        state=PlacementState.PLACED,
        runner=runner,
        since=at,
        settles_at=at,
        opportunity=linked,
        placed=order.id,
    )


def _address(facts: ProvisioningFacts) -> PostalAddress | None:
    return facts.order.address or (facts.account.address if facts.account else None)
