"""An active order is compared with its quote and its links: what differs is a finding, until it agrees."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

import attrs
import pytest

from hypothesis import given, settings
from hypothesis import strategies as st

from ordering_core import Done, Draft, OrderId, RetryAt
from ordering_core.application.reconciliation import RECONCILE_AFTER
from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.identifiers import BillingOrderId, OpportunityId, ServiceId
from ordering_core.domain.journal import Outcome, Step, Subject, SubjectKind
from ordering_core.ports.order_records import Finding
from ordering_core.testing.faults import Fault
from tests.unit.application.riding import (
    approved,
    counted,
    findings,
    finish,
    in_salesforce,
    outcomes,
)
from tests.unit.application.shop import ESIM, HOME, ROUTER, World, new_world, place


HOURLY: Final = timedelta(hours=1)
DRAFTS: Final[tuple[Draft, ...]] = (ESIM, HOME, ROUTER)


def active(world: World, draft: Draft = ESIM) -> OrderId:
    """Return an order that has just become active."""
    order = approved(world, world.new_customer(), draft)
    assert isinstance(finish(world, order), Done)
    return order


def compared(world: World) -> list[Finding]:
    """Let the comparison happen that is due next, and return what is found then."""
    world.clock.advance(RECONCILE_AFTER)
    world.run_due()
    return findings(world)


def hour_later(world: World) -> list[Finding]:
    world.clock.advance(HOURLY)
    world.run_due()
    return findings(world)


def services(world: World, order: OrderId) -> dict[ServiceId, Decimal]:
    (billed,) = world.billing.orders_of(order)
    return {service.id: service.price for service in billed.services}


def billing_order(world: World, order: OrderId) -> BillingOrderId:
    (billed,) = world.billed(order)
    return billed


def relinked(world: World, order: OrderId, item: int, service: ServiceId | None) -> None:
    """Write another service id beside the item at *item*, by hand."""
    with world.salesforce.lock:
        record = world.salesforce.orders[order]
        lines = list(record.snapshot.lines)
        lines[item] = attrs.evolve(lines[item], service=service)
        snapshot = attrs.evolve(record.snapshot, lines=tuple(lines))
        world.salesforce.orders[order] = attrs.evolve(record, snapshot=snapshot)


@pytest.mark.parametrize("draft", DRAFTS)
def test_what_is_billed_and_linked_as_promised_is_no_finding_and_compared_once(draft: Draft) -> None:
    world = new_world()
    order = active(world, draft)
    counts = counted(world, lambda: compared(world))
    assert (counts["billing.invoice"], counts["billing.find"]) == (1, 1)
    assert findings(world) == []
    assert counted(world, lambda: (hour_later(world), world.ordering.sweep(), world.run_due())) == {}
    again = counted(world, lambda: world.ordering.reconcile_order(order))
    assert again == {"orders.provisioning_facts": 1, "billing.find": 1, "billing.invoice": 1}
    assert world.ordering.reconcile_order(order) == Done()


def test_the_comparison_is_not_on_the_way_of_provisioning() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    counts = counted(world, lambda: finish(world, order))
    assert "billing.invoice" not in counts
    assert (counts["orders.provisioning_facts"], counts["billing.find"]) == (3, 4)


@given(draft=st.sampled_from(DRAFTS), data=st.data())
@settings(max_examples=40)
def test_any_other_net_amount_on_the_invoice_is_a_finding_that_closes_when_it_is_corrected(
    draft: Draft, data: st.DataObject
) -> None:
    world = new_world()
    order = active(world, draft)
    service, price = data.draw(st.sampled_from(sorted(services(world, order).items())))
    other = data.draw(st.integers(0, 99_999).map(Decimal).filter(lambda amount: amount != price))
    world.billing.change_invoice(billing_order(world, order), service, other)
    (found,) = compared(world)
    assert (found.code, found.subject) == (FindingCode.INVOICE_DIFFERS, order)
    net = sum(services(world, order).values(), Decimal(0))
    assert (found.facts["quoted"], found.facts["invoiced"]) == (str(net), str(net - price + other))
    assert hour_later(world) == [found]
    world.billing.change_invoice(billing_order(world, order), service, price)
    assert hour_later(world) == []
    assert world.ordering.reconcile_order(order) == Done()


def test_a_price_changed_by_hand_is_found_before_the_next_invoice_shows_it() -> None:
    world = new_world()
    order = active(world)
    service, price = next(iter(services(world, order).items()))
    world.billing.change_price(service, price + 1)
    (found,) = compared(world)
    assert found.facts["differs"] == "other_price"
    assert found.facts[f"service {service}"] == f"{price} quoted, {price + 1} now"


def test_a_finding_that_tells_something_else_now_is_told_anew() -> None:
    world = new_world()
    order = active(world)
    service, price = next(iter(services(world, order).items()))
    world.billing.change_invoice(billing_order(world, order), service, price + 5)
    (first,) = compared(world)
    world.billing.change_invoice(billing_order(world, order), service, price + 7)
    (second,) = hour_later(world)
    assert second.facts["invoiced"] == str(Decimal(first.facts["invoiced"]) + 2)
    assert second.since == first.since + HOURLY


@pytest.mark.parametrize("item", [0, 1])
@pytest.mark.parametrize("wrong", [ServiceId(999_999), None])
def test_a_link_of_any_line_that_was_changed_or_emptied_is_a_finding(
    item: int, wrong: ServiceId | None
) -> None:
    world = new_world()
    order = active(world)
    right = in_salesforce(world, order).lines[item]
    relinked(world, order, item, wrong)
    (found,) = compared(world)
    assert found.code is FindingCode.LINKS_DIFFER
    told = f"{wrong or 'nothing'} in Salesforce, {right.service} in WHMCS"
    assert found.facts == {f"item {right.id}": told}
    relinked(world, order, item, right.service)
    assert hour_later(world) == []


def test_a_service_that_names_another_opportunity_is_a_finding() -> None:
    world = new_world()
    order = active(world)
    opportunity = in_salesforce(world, order).opportunity
    *_, fee = services(world, order)
    world.billing.activate_service(fee, opportunity=OpportunityId("006-other"))
    (found,) = compared(world)
    assert found.facts == {f"service {fee}": f"{opportunity} in Salesforce, 006-other in WHMCS"}
    world.billing.activate_service(fee, opportunity=opportunity)
    assert hour_later(world) == []


def test_an_opportunity_without_its_service_is_a_finding() -> None:
    world = new_world()
    order = active(world)
    opportunity = in_salesforce(world, order).opportunity
    assert opportunity is not None
    with world.salesforce.lock:
        known = world.salesforce.opportunities[opportunity]
        world.salesforce.opportunities[opportunity] = attrs.evolve(
            known, opportunity=attrs.evolve(known.opportunity, service=None)
        )
    (found,) = compared(world)
    assert found.facts.keys() == {f"opportunity {opportunity}"}


def test_an_order_that_lost_its_opportunity_is_a_finding_of_every_service_of_it() -> None:
    world = new_world()
    order = active(world)
    opportunity = in_salesforce(world, order).opportunity
    with world.salesforce.lock:
        record = world.salesforce.orders[order]
        alone = attrs.evolve(record.snapshot, opportunity=None)
        world.salesforce.orders[order] = attrs.evolve(record, snapshot=alone)
    (found,) = compared(world)
    assert found.facts == {
        f"service {service}": f"nothing in Salesforce, {opportunity} in WHMCS"
        for service in services(world, order)
    }


def test_an_order_whose_invoice_was_deleted_is_a_finding() -> None:
    world = new_world()
    order = active(world)
    world.billing.delete_invoice(billing_order(world, order))
    (found,) = compared(world)
    net = sum(services(world, order).values(), Decimal(0))
    assert (found.code, found.facts) == (
        FindingCode.INVOICE_DIFFERS,
        {"differs": "no_invoice", "quoted": str(net)},
    )


def test_an_order_that_was_cancelled_in_whmcs_is_a_finding() -> None:
    world = new_world()
    order = active(world)
    world.billing.cancel_order(billing_order(world, order))
    (found,) = compared(world)
    assert found.facts == {"billing order": f"{billing_order(world, order)} is not there under our mark"}


def test_an_order_that_is_active_no_longer_is_not_compared_and_its_findings_close() -> None:
    world = new_world()
    order = active(world)
    relinked(world, order, 0, None)
    assert len(compared(world)) == 1
    world.agent.cancel(order)
    world.hints.take()
    hour_later(world)
    assert FindingCode.LINKS_DIFFER not in {found.code for found in findings(world)}


@pytest.mark.parametrize("asked", ["orders.provisioning_facts", "billing.find", "billing.invoice"])
@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.REFUSE])
def test_what_cannot_be_read_leaves_the_finding_and_is_asked_again(asked: str, fault: Fault) -> None:
    world = new_world()
    order = active(world)
    relinked(world, order, 0, None)
    (found,) = compared(world)
    world.faults.set(asked, fault)
    rest = world.ordering.reconcile_order(order)
    again = timedelta(minutes=1) if fault is Fault.DOWN else HOURLY
    assert isinstance(rest, RetryAt)
    assert rest.at == world.clock.now() + again
    assert findings(world) == [found]
    world.faults.clear()
    world.clock.move_to(rest.at)
    assert counted(world, world.run_due)["billing.invoice"] == 1


def test_the_sweep_lets_a_comparison_go_on_whose_trigger_was_lost() -> None:
    world = new_world()
    order = active(world)
    relinked(world, order, 0, None)
    compared(world)
    world.clock.advance(2 * HOURLY)
    asked: list[Subject] = []
    world.queue.run_due(world.clock.now(), asked.append)
    asked.clear()
    world.ordering.sweep()
    world.queue.run_due(world.clock.now(), asked.append)
    assert asked == [Subject(SubjectKind.RECONCILIATION, order)]


def test_links_that_salesforce_refuses_are_one_finding_and_the_bill_is_compared_all_the_same() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.ordering.provision(order)
    world.clock.advance(timedelta(minutes=10))
    world.faults.hook(
        "billing.accept", "after", lambda: world.faults.set("orders.write", Fault.REFUSE, code="FIELD")
    )
    world.ordering.provision(order)
    assert outcomes(world, order, Step.COMPLETE) == [Outcome.REFUSED, Outcome.DONE]
    service, price = next(iter(services(world, order).items()))
    world.billing.change_invoice(billing_order(world, order), service, price + 1)
    world.faults.set("orders.write", Fault.REFUSE, code="FIELD")
    codes = {found.code for found in compared(world)}
    assert codes == {FindingCode.LINKS_NOT_WRITTEN, FindingCode.INVOICE_DIFFERS}


def test_an_order_that_was_not_billed_here_is_not_compared() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    for nobodys in (order, OrderId("801-unknown")):
        assert world.ordering.reconcile_order(nobodys) == Done()
    assert findings(world) == []
