"""
Finishing an order: mark it as begun, accept the bill, verify the services, ship the router, link it all.

The last write is one composite: order id, every line's service id, Activated, empty error fields, and the
Opportunity Active with its main service (seed "How WHMCS and Salesforce Stay Linked").
"""

from __future__ import annotations

from typing import Final

from ordering_core.domain.billing import BilledOrder, BilledService
from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.journal import Fact, Held, Outcome, Rest, RetryAt, Step, WaitFor
from ordering_core.domain.orders import ActivationFields, OrderWrite
from ordering_core.domain.provisioning.actions import (
    AcceptBillingOrder,
    ActivateService,
    OpenShippingCase,
    Question,
    WriteOrder,
)
from ordering_core.domain.provisioning.billing import billing_order
from ordering_core.domain.provisioning.flight import Standing, delayed, evidence, last, mine, standing
from ordering_core.domain.provisioning.gate import to_bill
from ordering_core.domain.provisioning.holds import held
from ordering_core.domain.provisioning.run import Run
from ordering_core.domain.quote import Quote
from ordering_core.domain.vocabulary import ActivationStatusText, ItemClass, OrderType, Stage


MNP_DONE: Final = "Done"
"""MNP_Application__c of a number that was moved (DESIGN 3.25)."""

LINKS: Final = "links"
"""The mark of the last write, with every link."""

STATUS_ONLY: Final = "status"
"""
The mark of the last write without links, where Salesforce refuses those: the customer's service is active.
"""

_PENDING: Final = "Pending"
_RUNNING: Final = frozenset({"Active", "Completed"})


def mark_activating(run: Run) -> WriteOrder | Rest | None:
    """Show Activating and the attempt, without an error, before billing; the answer is a reading."""
    row = last(run, Step.MARK_ACTIVATING)
    present = run.snapshot.activation
    if present.status == ActivationStatusText.ACTIVATED:
        return None
    if row is not None and mine(run, row):
        match standing(run, Step.MARK_ACTIVATING):
            case Standing.DONE:
                return None
            case Standing.DELAYED:
                return delayed(run, Step.MARK_ACTIVATING)
            case Standing.REFUSED:
                return held(run, HoldCode.CONFIGURATION, facts=evidence(run, Step.MARK_ACTIVATING))
            case _:
                pass
    clean = present.status == ActivationStatusText.ACTIVATING and present.error_code is None
    if clean and not to_bill(run):
        return None
    activating = ActivationFields(status=ActivationStatusText.ACTIVATING, scheduled_at=present.scheduled_at)
    write = OrderWrite(
        order=run.order, activation=activating, last_attempt_at=run.at, if_version=run.snapshot.version
    )
    return WriteOrder(step=Step.MARK_ACTIVATING, mark="activating", write=write)


def accept(run: Run) -> Question | AcceptBillingOrder | Rest | None:
    """Accept the billing order of an order that, read again, still stands."""
    match standing(run, Step.ACCEPT_BILLING_ORDER):
        case Standing.DONE:
            return None
        case Standing.DELAYED:
            return delayed(run, Step.ACCEPT_BILLING_ORDER)
        case Standing.REFUSED:
            return _refused(run, Step.ACCEPT_BILLING_ORDER)
        case _:
            return AcceptBillingOrder(billing_order(run)) if run.fresh else Question.ORDER


def verify_services(run: Run) -> Question | ActivateService | Rest | None:
    """Read the services, make Active and link each that is not, and read them once more."""
    if run.billed is None:
        return Question.BILLING_ORDERS
    services = [known for known in _order(run, run.billed).services if not _is_running(run, known)]
    answers = (_make_active(run, service) for service in services)
    answer = next((answer for answer in answers if answer is not None), None)
    if answer is None and run.services_changed:
        return Question.BILLING_ORDERS
    return answer


def ship_router(run: Run) -> Question | OpenShippingCase | Rest | None:
    """Ask the team to send the router of a VPN order, and wait for it where the reseller wants that."""
    if run.snapshot.order_type is not OrderType.VPN:
        return None
    match standing(run, Step.OPEN_SHIPPING_CASE):
        case Standing.DONE:
            pass
        case Standing.DELAYED:
            return delayed(run, Step.OPEN_SHIPPING_CASE)
        case Standing.REFUSED:
            return held(run, HoldCode.CONFIGURATION, facts=evidence(run, Step.OPEN_SHIPPING_CASE))
        case _:
            return OpenShippingCase(run.order)
    if not run.policy.vpn_active_waits_for_sent:
        return None
    if run.shipment_sent is None:
        return Question.SHIPMENT
    if run.shipment_sent:
        return None
    return WaitFor(Fact.SHIPMENT_SENT, run.at + run.policy.holds_ask_again)


def complete(run: Run, quote: Quote) -> WriteOrder | Rest | None:
    """
    Write the links, Activated and the Opportunity; without the links where Salesforce refuses those.

    Refused links are tried again by later runs, and a finding until then (DESIGN 4, Provisioning).
    """
    row = last(run, Step.COMPLETE, LINKS)
    if row is None or not mine(run, row) or standing(run, Step.COMPLETE, LINKS) is Standing.TO_DO:
        return _links(run, quote)
    if row.outcome is not Outcome.REFUSED:
        return delayed(run, Step.COMPLETE, LINKS)
    fallback = last(run, Step.COMPLETE, STATUS_ONLY)
    tried = fallback is not None and mine(run, fallback)
    shown = run.snapshot.activation.status == ActivationStatusText.ACTIVATED
    if tried or shown:
        code = row.evidence.get("code", "")
        return RetryAt(run.at + run.policy.holds_ask_again, f"Salesforce refuses the links ({code})")
    write = OrderWrite(
        order=run.order, activation=_activated(run), last_attempt_at=run.at, if_version=run.snapshot.version
    )
    return WriteOrder(step=Step.COMPLETE, mark=STATUS_ONLY, write=write)


def is_complete(run: Run) -> bool:
    """Whether everything is done and linked."""
    return standing(run, Step.COMPLETE, LINKS) is Standing.DONE


def _is_running(run: Run, service: BilledService) -> bool:
    """Whether *service* is Active and linked to the order's Opportunity."""
    opportunity = run.snapshot.opportunity
    return service.status in _RUNNING and opportunity in {None, service.opportunity}


def _make_active(run: Run, service: BilledService) -> ActivateService | Rest | None:
    """Return what *service* still needs; None while what was done for it is still to be read."""
    mark = str(service.id)
    if service.status not in {_PENDING, *_RUNNING}:
        return _unusable(run, mark, f"is {service.status}")
    match standing(run, Step.VERIFY_SERVICES, mark):
        case Standing.DELAYED:
            return delayed(run, Step.VERIFY_SERVICES, mark)
        case Standing.REFUSED:
            return _refused(run, Step.VERIFY_SERVICES)
        case Standing.DONE if (row := last(run, Step.VERIFY_SERVICES, mark)) and mine(run, row):
            return None if run.services_changed else _unusable(run, mark, f"stays {service.status}")
        case _:
            return ActivateService(service.id, run.snapshot.opportunity)


def _unusable(run: Run, service: str, detail: str) -> Held:
    """Return the hold of a service that does not become one."""
    return held(
        run, HoldCode.BILLING_REFUSED, detail=f"service {service} {detail}", facts={"service": service}
    )


def _links(run: Run, quote: Quote) -> WriteOrder:
    """Return the last write with everything in it."""
    order = _order(run, run.billed or ())
    services = {service.item: service.id for service in order.services if service.item is not None}
    main = next(product.sku for product in quote.lines if product.item_class is ItemClass.SERVICE)
    main_item = next(line.id for line in run.snapshot.lines if line.sku == main)
    opportunity = run.snapshot.opportunity
    return WriteOrder(
        step=Step.COMPLETE,
        mark=LINKS,
        write=OrderWrite(
            order=run.order,
            activation=_activated(run),
            last_attempt_at=run.at,
            billing_order=order.id,
            services=services,
            stage=Stage.ACTIVE if opportunity else None,
            opportunity_service=services[main_item] if opportunity else None,
            mnp_application=MNP_DONE if run.is_port else None,
            if_version=run.snapshot.version,
        ),
    )


def _activated(run: Run) -> ActivationFields:
    """Return the activation fields of an order that is through."""
    return ActivationFields(
        status=ActivationStatusText.ACTIVATED, scheduled_at=run.snapshot.activation.scheduled_at
    )


def _order(run: Run, billed: tuple[BilledOrder, ...]) -> BilledOrder:
    """Return the billing order of this order; `as_quoted` has seen to it that it is there."""
    added = billing_order(run)
    return next(order for order in billed if order.id == added)


def _refused(run: Run, step: Step) -> Held:
    """Return the hold of what WHMCS refused."""
    known = evidence(run, step)
    return held(
        run, HoldCode.BILLING_REFUSED, detail=known.get("code", ""), facts={"step": step.value, **known}
    )
