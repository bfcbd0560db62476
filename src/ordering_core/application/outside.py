"""The outside systems that provisioning an order reads and changes, and what it asks and sends there."""

from __future__ import annotations

from typing import assert_never

import attrs

from ordering_core.domain.identifiers import CaseId, RequestKey
from ordering_core.domain.journal import Evidence, Step
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.provisioning.actions import (
    AcceptBillingOrder,
    ActivateService,
    AddBillingOrder,
    Effect,
    MoveProfile,
    OpenShippingCase,
    SetVoiceOptions,
    SubmitLine,
    UpdateBillingAddress,
    VoidOpportunity,
    WriteOrder,
)
from ordering_core.domain.provisioning.flight import REPLY, evidence
from ordering_core.domain.provisioning.run import Run
from ordering_core.domain.vocabulary import Stage
from ordering_core.ports.billing import BillingSystem
from ordering_core.ports.cases import CaseDesk, CaseKind, NewCase
from ordering_core.ports.catalogue import ProductCatalogue
from ordering_core.ports.line_provisioning import LineProvisioning
from ordering_core.ports.opportunities import OpportunityRepository
from ordering_core.ports.orders import OrderRepository
from ordering_core.ports.profile_delivery import ProfileDelivery


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Outside:
    """The systems, each behind its port."""

    catalogue: ProductCatalogue
    orders: OrderRepository
    opportunities: OpportunityRepository
    cases: CaseDesk
    billing: BillingSystem
    lines: LineProvisioning
    profiles: ProfileDelivery


def payment_methods(outside: Outside, run: Run) -> Run:
    """Return *run* knowing the client's payment methods. Raises Unavailable, Refused."""
    methods = () if run.client is None else outside.billing.payment_methods(run.client)
    return attrs.evolve(run, payment_methods=methods)


def billing_orders(outside: Outside, run: Run) -> Run:
    """Return *run* knowing which billing orders carry our mark. Raises Unavailable."""
    found = () if run.client is None else outside.billing.find(run.client, run.order)
    return attrs.evolve(run, billed=found, services_changed=False)


def lines(outside: Outside, run: Run) -> Run:
    """Return *run* knowing which lines carry our mark, or that nobody can be asked. Raises Unavailable."""
    found = outside.lines.find(run.order)
    return attrs.evolve(run, lines=found, searchable=found is not None)


def shipment(outside: Outside, run: Run) -> Run:
    """Return *run* knowing whether the router was sent. Raises Unavailable, Refused."""
    case = CaseId(evidence(run, Step.OPEN_SHIPPING_CASE)["case"])
    return attrs.evolve(run, shipment_sent=outside.cases.is_closed(case))


def send(outside: Outside, run: Run, effect: Effect) -> tuple[Evidence, OrderSnapshot | None]:
    """
    Make *effect* and return what proves it; with the order as it is afterwards, where that was written.

    Raises:
        Unavailable: Nothing happened.

        OutcomeUnknown: It may have happened.

        Refused: The system said no.

        Conflict: Somebody had changed the order; nothing was written.

    """
    match effect:
        case WriteOrder():
            return {}, outside.orders.write(effect.write)
        case UpdateBillingAddress() | AcceptBillingOrder() | ActivateService():
            _change_billing(outside, effect)
        case AddBillingOrder():
            return {REPLY: str(outside.billing.add(effect.order))}, None
        case SubmitLine():
            return {"line": outside.lines.submit(effect.request)}, None
        case SetVoiceOptions():
            outside.lines.set_voice_options(
                effect.line, voice_mail=effect.voice_mail, call_waiting=effect.call_waiting
            )
        case MoveProfile():
            _move_profile(outside, effect)
        case OpenShippingCase():
            return {"case": outside.cases.open(_shipping_case(run))}, None
        case VoidOpportunity():
            outside.opportunities.move(effect.opportunity, Stage.VOID)
        case _:
            assert_never(effect)
    return {}, None


def _change_billing(
    outside: Outside, effect: UpdateBillingAddress | AcceptBillingOrder | ActivateService
) -> None:
    """Make a change in WHMCS that may be made again."""
    match effect:
        case UpdateBillingAddress():
            outside.billing.update_address(effect.client, effect.address)
        case AcceptBillingOrder():
            outside.billing.accept(effect.order)
        case ActivateService():
            outside.billing.activate_service(effect.service, opportunity=effect.opportunity)
        case _:
            assert_never(effect)


def _move_profile(outside: Outside, effect: MoveProfile) -> None:
    """Reserve, release or cancel a profile."""
    if effect.request and effect.request.eid:
        outside.profiles.reserve(
            effect.order, eid=effect.request.eid, profile_type=effect.request.network_plan
        )
    elif effect.step is Step.RELEASE_PROFILE:
        outside.profiles.release(effect.order)
    else:
        outside.profiles.cancel(effect.order)


def _shipping_case(run: Run) -> NewCase:
    """Return the Case that asks the team to send the router (DESIGN 3.26)."""
    order = run.snapshot
    return NewCase(
        key=RequestKey(f"ship-{order.id}"),
        kind=CaseKind.SHIP_ROUTER,
        account=order.account,
        subject=f"Ship the router of order {order.number}",
        order=order.id,
        opportunity=order.opportunity,
    )
