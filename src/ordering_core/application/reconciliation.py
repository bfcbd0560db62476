"""
Comparing an active order with what was promised: what WHMCS bills for it, and whether its ids agree.

It runs beside provisioning, once the order is active, and again as long as something differs. Nothing is
changed outside: what differs is a finding, which closes when it agrees (DESIGN 1, 3.12).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import attrs

from ordering_core.application.record import keep, order_subject
from ordering_core.domain.billing import BilledOrder
from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.identifiers import BillingOrderId, ClientId, OrderId
from ordering_core.domain.invoice import Invoice, InvoiceFlaw, invoice_flaws
from ordering_core.domain.journal import (
    CaseFile,
    Done,
    Evidence,
    JournalRow,
    Outcome,
    Rest,
    RetryAt,
    Step,
    Subject,
    SubjectKind,
)
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.policy import Policy
from ordering_core.domain.provisioning.finishing import LINKS
from ordering_core.domain.quote import Quote
from ordering_core.domain.vocabulary import ActivationStatusText, ItemClass, OrderStatusText
from ordering_core.errors import OutcomeUnknown, Refused, Unavailable
from ordering_core.ports.billing import BillingSystem
from ordering_core.ports.order_records import Finding
from ordering_core.ports.orders import OrderRepository, ProvisioningFacts
from ordering_core.ports.store import Store, Transaction


RECONCILE_AFTER: Final = timedelta(minutes=1)
"""How long after its last step an order is compared: apart from it, and while somebody still looks."""

COMPARED: Final = (FindingCode.INVOICE_DIFFERS, FindingCode.LINKS_DIFFER)
"""The findings that a comparison opens and closes."""


def reconcile_when_complete(
    tx: Transaction, order: OrderId, rows: Iterable[JournalRow], *, at: datetime
) -> None:
    """Have *order* compared, once for each last step of which *rows* tell."""
    completed = _last_done(rows, Step.COMPLETE)
    if completed is not None:
        tx.trigger(_subject(order), cause=f"completed:{completed.id}", at=at + RECONCILE_AFTER)


def reconcile_order(
    order: OrderId,
    *,
    orders: OrderRepository,
    billing: BillingSystem,
    store: Store,
    policy: Policy,
    at: datetime,
) -> Rest:
    """
    Compare *order* with its frozen quote and return when that is to be done again, if ever.

    An order that is not active, or that was not billed by us, agrees with everything. What cannot be read
    leaves the findings as they are.

    Raises:
        Unavailable: The store cannot be reached.

        Conflict: Another comparison of the order was first.

    """
    with store.transaction() as tx:
        case_file = tx.journal.case_file(_subject(order)) or CaseFile(subject=_subject(order))
        rows = tx.journal.rows(order_subject(order))
        placement = tx.requests.of_order(order)
        identity = tx.identities.of_customer(placement.customer) if placement else None
    if placement is None or identity is None:
        return Done()
    client, quote = identity.client, placement.order.quote
    found: Mapping[FindingCode, Evidence] | None = None
    rest: Rest = Done()
    try:
        found = _compared(order, client, quote, rows, orders=orders, billing=billing, policy=policy)
    except (Unavailable, OutcomeUnknown) as error:
        rest = RetryAt(at + policy.retry_after, f"{error.system} does not answer")
    except Refused as refusal:
        reason = f"{refusal.system} refuses to answer ({refusal.code})"
        rest = RetryAt(at + policy.holds_ask_again, reason)
    else:
        if any(found.values()):
            rest = RetryAt(at + policy.holds_ask_again, "what is billed or linked differs")
    with store.transaction() as tx:
        keep(tx, attrs.evolve(case_file, rest=rest), before=case_file)
        if found is not None:
            _note(tx, order, found, at=at)
        if isinstance(rest, RetryAt):
            tx.trigger(_subject(order), cause=f"due:{order}:{rest.at.isoformat()}", at=rest.at)
    return rest


def _compared(
    order: OrderId,
    client: ClientId,
    quote: Quote,
    rows: Sequence[JournalRow],
    *,
    orders: OrderRepository,
    billing: BillingSystem,
    policy: Policy,
) -> Mapping[FindingCode, Evidence]:
    """Return what differs by its finding; empty facts where nothing does. Raises Unavailable, Refused."""
    added = _last_done(rows, Step.ADD_BILLING_ORDER)
    facts = orders.provisioning_facts(order) if added else None
    if added is None or facts is None or not _is_active(facts.order):
        return {}
    number = BillingOrderId(int(added.evidence["order"]))
    known = billing.find(client, order)
    billed = next((each for each in known if each.id == number), None)
    bill = bill_differences(facts.order, quote, billed, billing.invoice(number), policy=policy)
    is_linked = _last_done(rows, Step.COMPLETE, LINKS) is not None
    links: Evidence = link_differences(facts, quote, billed, number) if is_linked else {}
    return {FindingCode.INVOICE_DIFFERS: bill, FindingCode.LINKS_DIFFER: links}


def bill_differences(
    order: OrderSnapshot,
    quote: Quote,
    billed: BilledOrder | None,
    invoice: Invoice | None,
    *,
    policy: Policy,
) -> Evidence:
    """Return how *invoice*, and the prices of the services of *billed*, differ from *quote*; net yen."""
    prices = {product.sku: product.price for product in quote.lines}
    quoted = {line.id: prices[line.sku] for line in order.lines if line.sku in prices}
    services = billed.services if billed else ()
    linked = {line.id: line.service for line in order.lines}
    linked |= {service.item: service.id for service in services if service.item in quoted}
    owed = {service: price for item, price in quoted.items() if (service := linked.get(item)) is not None}
    flaws = list(invoice_flaws(invoice, owed, rate=policy.tax_rate, rounding=policy.tax_rounding))
    dearer = [service for service in services if owed.get(service.id, service.price) != service.price]
    if dearer:
        flaws.append(InvoiceFlaw.OTHER_PRICE)
    if not flaws:
        return {}
    facts = {"differs": ", ".join(flaws), "quoted": str(sum(owed.values(), Decimal(0)))}
    if invoice is not None:
        facts |= {"invoice": str(invoice.id), "invoiced": str(invoice.subtotal)}
    prices_now = {
        f"service {service.id}": f"{owed[service.id]} quoted, {service.price} now" for service in dearer
    }
    return facts | prices_now


def link_differences(
    facts: ProvisioningFacts, quote: Quote, billed: BilledOrder | None, number: BillingOrderId
) -> Evidence:
    """
    Return where the ids of order, items and Opportunity differ from those that WHMCS order *number* carries.

    Each line counts in both directions, one-time ones too: the item names its service, and that service the
    item and the Opportunity (seed "How WHMCS and Salesforce Stay Linked").
    """
    order = facts.order
    if billed is None:
        return {"billing order": f"{number} is not there under our mark"}
    told: dict[str, tuple[object, object]] = {"billing order": (order.billing_order, billed.id)}
    skus = {product.sku for product in quote.lines}
    services = {service.item: service.id for service in billed.services}
    told |= {
        f"item {line.id}": (line.service, services.get(line.id)) for line in order.lines if line.sku in skus
    }
    opportunity = next((each for each in facts.opportunities if each.id == order.opportunity), None)
    if opportunity is not None:
        main = next(product.sku for product in quote.lines if product.item_class is ItemClass.SERVICE)
        item = next((line.id for line in order.lines if line.sku == main), None)
        told[f"opportunity {opportunity.id}"] = (opportunity.service, services.get(item))
    linked = opportunity.id if opportunity is not None else None
    told |= {
        f"service {service.id}": (linked, service.opportunity)
        for service in billed.services
        if linked != service.opportunity
    }
    return {
        what: f"{ours or 'nothing'} in Salesforce, {theirs or 'nothing'} in WHMCS"
        for what, (ours, theirs) in told.items()
        if ours is None or ours != theirs
    }


def _subject(order: OrderId) -> Subject:
    return Subject(SubjectKind.RECONCILIATION, order)


def _is_active(order: OrderSnapshot) -> bool:
    is_cancelled = order.status == OrderStatusText.CANCELLED
    return not is_cancelled and order.activation.status == ActivationStatusText.ACTIVATED


def _last_done(rows: Iterable[JournalRow], step: Step, mark: str | None = None) -> JournalRow | None:
    """Return the latest row of *step* that is done, of any mark or of *mark*."""
    done = [
        row for row in rows if (row.step, row.outcome) == (step, Outcome.DONE) and mark in {None, row.mark}
    ]
    return done[-1] if done else None


def _note(tx: Transaction, order: OrderId, found: Mapping[FindingCode, Evidence], *, at: datetime) -> None:
    """Open what differs, close what agrees; a finding that tells something else now begins again."""
    before = {each.code: each.facts for each in tx.findings.all_open() if each.subject == order}
    for code in COMPARED:
        facts = found.get(code, {})
        if facts == before.get(code, {}):
            continue
        tx.findings.close(code, order)
        if facts:
            tx.findings.open(Finding(code=code, subject=order, since=at, facts=facts))
