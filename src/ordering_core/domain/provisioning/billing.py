"""
Billing the order exactly once: mark, look, intend, check, add, look (DESIGN 3.18, 3.21, 6).

WHMCS has no idempotency of its own. What carries our mark is ours, whoever put it there; what should carry it
and does not is nobody's to guess.
"""

from __future__ import annotations

from ordering_core.domain.billing import BilledOrder, BillingLine, NewBillingOrder
from ordering_core.domain.catalogue import Product
from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.identifiers import BillingOrderId, ClientId, OrderItemId
from ordering_core.domain.journal import Evidence, Held, JournalRow, Outcome, Rest, Step
from ordering_core.domain.provisioning.actions import (
    AddBillingOrder,
    Adopt,
    Question,
    Settle,
    UpdateBillingAddress,
)
from ordering_core.domain.provisioning.flight import REPLY, Standing, delayed, evidence, last, standing
from ordering_core.domain.provisioning.holds import absent_answer, held
from ordering_core.domain.provisioning.run import Run
from ordering_core.domain.quote import Quote


ADOPTED = "adopted"
"""The evidence of an effect that was found without a row: what came after it is unknown, not absent."""


def what_became_of_billing(run: Run) -> Question | Settle | None:
    """Look for a billing order of unknown outcome and write down what the look shows."""
    row = last(run, Step.ADD_BILLING_ORDER)
    stands = standing(run, Step.ADD_BILLING_ORDER)
    if row is None or run.client is None or stands not in {Standing.REPLIED, Standing.UNKNOWN}:
        return None
    if run.billed is None:
        return Question.BILLING_ORDERS
    if run.billed:
        return Settle(row=row.id, outcome=Outcome.DONE, evidence=_found(run.billed[0]))
    return Settle(row=row.id, outcome=Outcome.ABSENT) if _is_absent(run, row) else None


def new_address(run: Run, client: ClientId) -> UpdateBillingAddress | Rest | None:
    """Give WHMCS the address that was changed at checkout, before the invoice is made (DESIGN 3.23)."""
    address = run.snapshot.address
    if not run.snapshot.address_changed or address is None or not run.policy.update_account_address:
        return None
    match standing(run, Step.UPDATE_BILLING_ADDRESS):
        case Standing.DONE:
            return None
        case Standing.DELAYED:
            return delayed(run, Step.UPDATE_BILLING_ADDRESS)
        case Standing.REFUSED:
            return _refused(run, Step.UPDATE_BILLING_ADDRESS)
        case _:
            return UpdateBillingAddress(client, address)


def bill(run: Run, quote: Quote, client: ClientId) -> Question | AddBillingOrder | Adopt | Rest | None:
    """Add the billing order, unless there is one."""
    match standing(run, Step.ADD_BILLING_ORDER):
        case Standing.DONE:
            return None
        case Standing.DELAYED:
            return delayed(run, Step.ADD_BILLING_ORDER)
        case Standing.REFUSED:
            return _refused(run, Step.ADD_BILLING_ORDER)
        case Standing.TO_DO:
            return _add(run, quote, client)
        case _:
            return held(run, HoldCode.OUTCOME_AMBIGUOUS, facts=_doubt(run))


def as_quoted(run: Run, quote: Quote) -> Held | None:
    """
    Hold an order whose billing order is not the one that was asked for, before it is accepted.

    Each item has one service of its own, of the quoted product, cycle and price; positions of ids prove
    nothing.
    """
    if run.billed is None:
        return None
    added = billing_order(run)
    order = next((known for known in run.billed if known.id == added), None)
    if order is None:
        return held(
            run,
            HoldCode.OUTCOME_AMBIGUOUS,
            detail=f"WHMCS order {added} does not carry our mark",
            facts={"billing_order": str(added)},
        )
    wanted = {(line.item, line.product, line.cycle, line.price) for line in _billing_lines(run, quote)}
    got = [(service.item, service.product, service.cycle, service.price) for service in order.services]
    if set(got) == wanted and len(got) == len(wanted):
        return None
    return held(
        run,
        HoldCode.CONFIGURATION,
        detail=f"WHMCS order {added} is not what was ordered",
        facts={"billing_order": str(added), "undo:billing_order": "cancel_billing_order"},
    )


def billing_order(run: Run) -> BillingOrderId:
    """Return the WHMCS order of a billed order."""
    return BillingOrderId(int(evidence(run, Step.ADD_BILLING_ORDER)["order"]))


def was_adopted(run: Run) -> bool:
    """Whether our mark was found without a row: nobody knows what else was done (DESIGN 3.18)."""
    return ADOPTED in evidence(run, Step.ADD_BILLING_ORDER)


def _add(run: Run, quote: Quote, client: ClientId) -> Question | AddBillingOrder | Adopt | Held:
    """Look, then add what nobody has added; the order is read again where a step lay between."""
    if run.billed is None:
        return Question.BILLING_ORDERS
    if run.billed:
        return Adopt(
            step=Step.ADD_BILLING_ORDER, mark=run.order, evidence={**_found(run.billed[0]), ADOPTED: "found"}
        )
    linked = run.snapshot.billing_order
    if linked is not None:
        detail = f"Salesforce names WHMCS order {linked}, which does not carry our mark"
        return held(run, HoldCode.OUTCOME_AMBIGUOUS, detail=detail, facts={"billing_order": str(linked)})
    services = ", ".join(str(line.service) for line in run.snapshot.lines if line.service is not None)
    if services:
        detail = f"Salesforce names WHMCS services {services}, which do not carry our mark"
        return held(run, HoldCode.OUTCOME_AMBIGUOUS, detail=detail, facts={"services": services})
    if not run.fresh:
        return Question.ORDER
    return AddBillingOrder(
        NewBillingOrder(
            client=client,
            reference=run.order,
            gateway=run.policy.whmcs_gateway,
            lines=_billing_lines(run, quote),
            opportunity=run.snapshot.opportunity,
        )
    )


def _billing_lines(run: Run, quote: Quote) -> tuple[BillingLine, ...]:
    """Return what is billed: each item of the order at the quote's price (DESIGN 3.12)."""
    items = {line.sku: line.id for line in run.snapshot.lines}
    return tuple(
        _billing_line(product, items[product.sku]) for product in quote.lines if product.sku in items
    )


def _billing_line(product: Product, item: OrderItemId) -> BillingLine:
    """Return *product* as a line to bill under the mark of *item*."""
    return BillingLine(item=item, product=product.billing_product, cycle=product.cycle, price=product.price)


def _found(order: BilledOrder) -> dict[str, str]:
    """Return what proves that *order* is there."""
    return {"order": str(order.id)}


def _is_absent(run: Run, row: JournalRow) -> bool:
    """Whether an empty look means that nothing was added: no reply said so, and the mark can be relied on."""
    if absent_answer(row) in run.case_file.causes:
        return True
    return REPLY not in row.evidence and run.policy.billing_mark_proved


def _doubt(run: Run) -> Evidence:
    """Return what is known of an attempt that a look could not settle."""
    reply = evidence(run, Step.ADD_BILLING_ORDER).get(REPLY)
    return {"step": Step.ADD_BILLING_ORDER.value} | ({"billing_order": reply} if reply else {})


def _refused(run: Run, step: Step) -> Held:
    """Return the hold of what WHMCS refused."""
    known = evidence(run, step)
    return held(
        run, HoldCode.BILLING_REFUSED, detail=known.get("code", ""), facts={"step": step.value, **known}
    )
