"""Orders from checkout to activation on the sandbox, driven as the shipped machines drive any world."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import attrs
import pytest

from ordering_core import (
    CustomerId,
    Done,
    Draft,
    Held,
    HoldCode,
    InternetDraft,
    OrderId,
    OrderState,
    Rest,
    SimDraft,
)
from ordering_core.application.record import order_subject
from ordering_core.domain.calendar import business_date
from ordering_core.testing.faults import Fault, Moment
from ordering_core.testing.world import World
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sandbox_world import SandboxWorld, sandbox_world
from tests.contract.stand_in import Row
from tests.contract.whmcs_process import WhmcsProcess
from tests.unit.application.shop import ESIM, HOME, PHYSICAL, PORTED_CARD, ROUTER


PORTED_ESIM: Final = attrs.evolve(PORTED_CARD, sim_type="eSIM", eid=ESIM.eid)
A_LONG_TIME: Final = timedelta(days=5)

pytestmark = pytest.mark.whmcs_sim


@pytest.fixture
def world(salesforce_process: SalesforceProcess, whmcs_process: WhmcsProcess) -> Iterator[SandboxWorld]:
    with sandbox_world(salesforce_process, whmcs_process) as opened:
        yield opened


def placed(world: World, customer: CustomerId, draft: Draft) -> OrderId:
    session = world.ordering.begin_checkout(draft, customer=customer)
    if isinstance(draft, InternetDraft):
        world.ordering.request_eligibility(session.id, customer=customer)
        world.agent.record_eligibility(world.account_of(customer), "Home 1G")
    world.ordering.confirm_address(session.id, customer=customer)
    order = world.ordering.submit(session.id, customer=customer).order
    assert order is not None
    return order


def carried_on(world: SandboxWorld, order: OrderId) -> Rest | None:
    """Let everything happen that happens by itself, and return how the order rests then."""
    limit = world.clock.now() + A_LONG_TIME
    world.run_due()
    while (due := world.queue.next_due()) and due <= limit:
        world.clock.move_to(max(due, world.clock.now()))
        world.run_due()
    with world.store.transaction() as tx:
        kept = tx.journal.case_file(order_subject(order))
    assert kept is not None
    return kept.rest


def in_org(world: SandboxWorld, kind: str, record: object, *fields: str) -> Row:
    return world.process.row(kind, str(record), *fields)


def services(world: SandboxWorld, order: OrderId) -> set[str]:
    rows = world.process.query(f"SELECT WHMCS_Service_ID__c FROM OrderItem WHERE OrderId = '{order}'")
    return {str(row["WHMCS_Service_ID__c"]) for row in rows}


@pytest.mark.parametrize(
    "draft",
    [HOME, ESIM, PORTED_ESIM, PHYSICAL, PORTED_CARD, ROUTER],
    ids=["internet", "esim", "ported esim", "card", "ported card", "vpn"],
)
def test_an_order_of_every_kind_is_billed_opened_and_linked_once(world: SandboxWorld, draft: Draft) -> None:
    customer = world.new_customer()
    order = placed(world, customer, draft)
    world.run_due()
    world.agent.approve(order)
    if isinstance(draft, InternetDraft):
        carried_on(world, order)
        world.agent.set_activation(order, "Activating")
    if isinstance(draft, SimDraft) and draft.eid is None:
        carried_on(world, order)
        world.agent.assign_sim(order)
        carried_on(world, order)
        world.agent.ship(order)
        world.agent.deliver(order)
    assert carried_on(world, order) == Done()
    assert world.ordering.order(order, customer=customer).status.state is OrderState.ACTIVATED
    (billed,) = world.billing.bills_of(order)
    assert {billed.status, *(item.status for item in billed.items)} == {"Active"}
    assert len(world.opened(order)) == isinstance(draft, SimDraft)
    row = in_org(
        world,
        "Order",
        order,
        "Status, Activation_Status__c, Activation_Error_Code__c, WHMCS_Order_ID__c, OpportunityId",
    )
    assert row["Status"] == "Approved"
    assert row["Activation_Status__c"] == "Activated"
    assert row["Activation_Error_Code__c"] is None
    assert row["WHMCS_Order_ID__c"] == str(billed.id)
    assert services(world, order) == {str(item.relid) for item in billed.items}
    linked = in_org(world, "Opportunity", row["OpportunityId"], "StageName, WHMCS_Service_ID__c")
    assert linked["StageName"] == "Active"
    assert linked["WHMCS_Service_ID__c"] in services(world, order)


def test_a_missing_card_is_a_hold_in_the_org_until_there_is_one(world: SandboxWorld) -> None:
    customer = world.new_customer()
    order = placed(world, customer, ESIM)
    world.agent.remove_payment_methods(world.client_of(customer))
    world.agent.approve(order)
    rest = carried_on(world, order)
    assert isinstance(rest, Held)
    assert rest.code is HoldCode.PAYMENT_METHOD_MISSING
    row = in_org(world, "Order", order, "Activation_Status__c, Activation_Error_Code__c")
    assert (row["Activation_Status__c"], row["Activation_Error_Code__c"]) == (None, "PAYMENT_METHOD_MISSING")
    world.agent.add_payment_method(world.client_of(customer))
    world.agent.clear_error(order)
    assert carried_on(world, order) == Done()
    assert len(world.billed(order)) == 1


def test_an_order_that_an_agent_cancels_is_neither_billed_nor_opened(world: SandboxWorld) -> None:
    customer = world.new_customer()
    order = placed(world, customer, ESIM)
    world.agent.cancel(order, reason="customer")
    carried_on(world, order)
    assert world.ordering.order(order, customer=customer).status.state is OrderState.REJECTED
    assert not world.billed(order)
    assert not world.opened(order)


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.LOSE_REPLY, Fault.SLOW])
@pytest.mark.parametrize(
    "operation", ["orders.write", "orders.provisioning_facts", "billing.add", "lines.submit"]
)
def test_whatever_call_fails_the_order_is_billed_and_opened_once(
    world: SandboxWorld, operation: str, fault: Fault
) -> None:
    customer = world.new_customer()
    order = placed(world, customer, ESIM)
    world.agent.approve(order)
    world.faults.set(operation, fault)
    before = world.faults.calls(operation)
    rest = carried_on(world, order)
    assert world.faults.calls(operation) > before
    assert rest == Done()
    assert len(world.billed(order)) == 1
    assert len(world.opened(order)) == 1


def test_an_agent_may_act_in_the_middle_of_a_call(world: SandboxWorld) -> None:
    customer = world.new_customer()
    order = placed(world, customer, ESIM)
    world.agent.approve(order)
    world.faults.hook("billing.add", Moment.AFTER, lambda: world.agent.cancel(order))
    rest = carried_on(world, order)
    assert isinstance(rest, Held)
    assert rest.code is HoldCode.CANCELLED_IN_FLIGHT
    assert (len(world.billed(order)), len(world.opened(order))) == (1, 0)


def test_the_clock_of_the_org_and_of_the_adapters_is_the_worlds(world: SandboxWorld) -> None:
    world.clock.advance(timedelta(days=3))
    customer = world.new_customer()
    order = placed(world, customer, HOME)
    row = in_org(world, "Order", order, "CreatedDate, OpportunityId")
    assert str(row["CreatedDate"]).startswith(f"{world.clock.now():%Y-%m-%dT%H:%M:%S}")
    linked = in_org(world, "Opportunity", row["OpportunityId"], "CloseDate")
    days = timedelta(days=world.ordering.policy.opportunity_close_days)
    assert linked["CloseDate"] == (business_date(world.clock.now()) + days).isoformat()
