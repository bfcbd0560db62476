"""Provisioning over Salesforce, WHMCS and the SIM network of the sandbox, end to end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import pytest

from ordering_adapters.whmcs import WhmcsBilling, WhmcsInvoices
from ordering_core import Done, Fact, Held, HoldCode, OrderState, Owner, WaitFor, WaitUntil
from ordering_core.domain.calendar import JST
from ordering_core.domain.identifiers import BillingOrderId, ServiceId, Sku
from ordering_core.domain.invoice import invoice_flaws
from ordering_core.domain.quote import Quote
from ordering_core.ports.cases import CaseKind
from tests.contract import wire
from tests.contract.provisioning import Ride, Road, assert_complete, open_road
from tests.contract.provisioning_kinds import CARDS, EVERY, SIMS, AnyKind, Kind
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess


@pytest.fixture
def road(
    salesforce_process: SalesforceProcess, whmcs_process: WhmcsProcess, sim_network_process: SimNetworkProcess
) -> Iterator[Road]:
    with open_road(salesforce_process, whmcs_process, sim_network_process) as opened:
        yield opened


def quote_of(road: Road, ride: Ride) -> Quote:
    quote = road.world.ordering.order(ride.order, customer=ride.customer).quote
    assert quote is not None
    return quote


def owed(road: Road, ride: Ride) -> dict[ServiceId, Decimal]:
    """Return what each service of the order was promised for, net."""
    prices = {line.sku: line.price for line in quote_of(road, ride).lines}
    asked = "SELECT WHMCS_Service_ID__c, Product2.StockKeepingUnit FROM OrderItem"
    promised: dict[ServiceId, Decimal] = {}
    for item in road.world.process.query(f"{asked} WHERE OrderId = '{ride.order}'"):
        product = item["Product2"]
        assert isinstance(product, dict)
        service = ServiceId(int(str(item["WHMCS_Service_ID__c"])))
        promised[service] = prices[Sku(str(product["StockKeepingUnit"]))]
    return promised


@pytest.mark.parametrize("kind", EVERY)
def test_an_order_of_every_kind_is_active_and_linked_in_all_four_directions(
    road: Road, kind: AnyKind
) -> None:
    ride = road.placed(kind)
    begun = road.world.clock.now()
    assert road.ridden(ride) == Done()
    assert_complete(road, ride)
    attempt = road.order_row(ride.order, "Activation_Last_Attempt_At__c")["Activation_Last_Attempt_At__c"]
    assert begun < datetime.fromisoformat(str(attempt)) <= road.world.clock.now()
    detail = road.world.ordering.order(ride.order, customer=ride.customer)
    assert detail.status.state is OrderState.ACTIVATED


@pytest.mark.parametrize("kind", EVERY)
def test_the_invoice_is_what_the_quote_promised(road: Road, kind: AnyKind) -> None:
    ride = road.placed(kind)
    road.ridden(ride)
    [bill] = road.bills(ride.order)
    billing = road.world.ordering.billing
    assert isinstance(billing, WhmcsBilling)
    invoice = WhmcsInvoices(billing._api).of_order(BillingOrderId(int(str(bill["id"]))))
    assert invoice is not None
    assert invoice_flaws(invoice, owed(road, ride)) == ()
    assert invoice.total == quote_of(road, ride).first_bill.gross


@pytest.mark.parametrize("kind", [Kind.ESIM, Kind.CARD])
def test_it_is_seen_activating_before_anything_is_billed(road: Road, kind: AnyKind) -> None:
    ride = road.placed(kind)
    seen: list[object] = []

    def look(call: wire.WireCall) -> None:
        if call.name == "AddOrder":
            seen.append(road.order_row(ride.order, "Activation_Status__c")["Activation_Status__c"])

    road.tap.begin(before=look)
    assert road.ridden(ride) == Done()
    assert seen == ["Activating"]


# What a steady run costs (DESIGN 10).


def steady(road: Road, kind: AnyKind) -> Counter[tuple[str, str]]:
    """
    Return the calls of an order that was heard of, in a process that has run for a while.

    What a process asks every few minutes, whatever is ordered, is not an order's: logins, products. What
    compares an active order with its quote afterwards is not on its way, and not counted.
    """
    road.ridden(road.placed(kind))
    ride = road.placed(kind)
    for act in ride.acts:
        act()
        road.hear(ride.order)
        road.tap.begin()
        road.carried()
    assert road.rest(ride.order) == Done()
    called = Counter((call.system, call.name) for call in road.tap.calls if call.name != "GetProducts")
    road.tap.begin()
    assert road.world.ordering.reconcile_order(ride.order) == Done()
    return called - Counter((call.system, call.name) for call in road.tap.calls)


@pytest.mark.parametrize("kind", [Kind.ESIM, Kind.PORTED_ESIM, Kind.CARD])
def test_a_steady_sim_takes_five_calls_of_salesforce_and_seven_and_its_lines_of_whmcs(
    road: Road, kind: AnyKind
) -> None:
    calls = steady(road, kind)
    updates = calls[wire.WHMCS, "UpdateClientProduct"]
    assert updates == 2
    by_system = Counter({system: 0 for system, _ in calls})
    for (system, _), times in calls.items():
        by_system[system] += times
    assert by_system[wire.SALESFORCE] <= 5
    assert by_system[wire.WHMCS] <= 7 + updates


# Payment methods (DESIGN 3.20), and the last checklist of the seed.

NOT_COUNTING: Final = {
    "expired": {"expiry_date": "05/26"},
    "another gateway": {"gateway_name": "banktransfer"},
}


def held_for_a_card(road: Road, ride: Ride, which: str | None) -> None:
    """Leave the customer without a card that counts, and see the order held for it, in Salesforce too."""
    client = road.world.client_of(ride.customer)
    road.world.agent.remove_payment_methods(client)
    if which:
        road.world.agent.add_payment_method(client)
        [method] = road.world.whmcs.rows("paymethods", clientid=client)
        road.world.whmcs.change("paymethods", method["id"], **NOT_COUNTING[which])
    rest = road.ridden(ride)
    assert isinstance(rest, Held)
    assert rest.code is HoldCode.PAYMENT_METHOD_MISSING
    row = road.order_row(
        ride.order, "Activation_Status__c, Activation_Error_Code__c, Activation_Error_Message__c"
    )
    assert (row["Activation_Status__c"], row["Activation_Error_Code__c"]) == (None, "PAYMENT_METHOD_MISSING")
    assert row["Activation_Error_Message__c"]
    assert road.bills(ride.order) == []


@pytest.mark.parametrize("which", [None, *NOT_COUNTING])
def test_a_card_that_does_not_count_is_a_hold_that_a_card_clears_within_the_hour(
    road: Road, which: str | None
) -> None:
    ride = road.placed(Kind.ESIM)
    held_for_a_card(road, ride, which)
    road.world.agent.add_payment_method(road.world.client_of(ride.customer))
    road.world.clock.advance(timedelta(minutes=61))
    road.carried()
    assert road.rest(ride.order) == Done()
    assert_complete(road, ride)


def test_services_that_are_counted_and_never_shown_are_for_an_operator_and_never_taken_for_none(
    road: Road,
) -> None:
    ride = road.placed(Kind.ESIM)
    road.world.whmcs.switch(miscounted=["GetClientsProducts"])
    began = road.world.clock.now()
    rest = road.ridden(ride)
    assert isinstance(rest, Held)
    assert (rest.code, rest.owner) == (HoldCode.CONFIGURATION, Owner.OPERATOR)
    assert "LIST_INCOMPLETE" in rest.message
    assert rest.since - began < timedelta(minutes=10)
    assert road.bills(ride.order) == []

    road.world.ordering.retry(ride.order, by="operator", reason="seen to")
    road.carried()
    again = road.rest(ride.order)
    assert isinstance(again, Held)
    assert again.code is HoldCode.CONFIGURATION
    assert road.bills(ride.order) == [], "nobody's word makes it absent"

    road.world.whmcs.switch(miscounted=[])
    road.world.ordering.retry(ride.order, by="operator", reason="put right")
    road.carried()
    assert road.rest(ride.order) == Done()
    assert_complete(road, ride)


@pytest.mark.parametrize("kind", [Kind.ESIM, Kind.INTERNET, Kind.VPN])
def test_an_agent_triggers_a_held_order_again_as_the_checklist_says(road: Road, kind: AnyKind) -> None:
    ride = road.placed(kind)
    held_for_a_card(road, ride, None)
    road.world.agent.add_payment_method(road.world.client_of(ride.customer))
    road.world.agent.set_activation(ride.order, "Activating")
    road.hear(ride.order)
    road.carried()
    assert road.rest(ride.order) == Done()
    assert_complete(road, ride)


def test_an_agent_who_triggers_without_a_card_meets_the_same_hold(road: Road) -> None:
    ride = road.placed(Kind.ESIM)
    held_for_a_card(road, ride, None)
    road.world.agent.set_activation(ride.order, "Activating")
    road.hear(ride.order)
    road.carried()
    rest = road.rest(ride.order)
    assert isinstance(rest, Held)
    assert rest.code is HoldCode.PAYMENT_METHOD_MISSING
    row = road.order_row(ride.order, "Activation_Status__c, Activation_Error_Code__c")
    assert (row["Activation_Status__c"], row["Activation_Error_Code__c"]) == (None, "PAYMENT_METHOD_MISSING")


# Internet and its date: every word of the org is lost, the poll alone sees what changed.

DAY: Final = datetime(2026, 6, 17, tzinfo=JST)


def evening(day: datetime) -> datetime:
    return day.replace(hour=18)


def dated(road: Road) -> Ride:
    """Return an Internet order to be activated on DAY."""
    ride = road.placed(Kind.INTERNET)
    road.world.agent.approve(ride.order)
    set_day(road, ride, DAY)
    assert road.rest(ride.order) == WaitUntil(evening(DAY))
    return ride


def set_day(road: Road, ride: Ride, day: datetime | None) -> None:
    road.world.agent.set_activation(ride.order, "Scheduled", at=day)
    road.world.run_due()


def pass_until(road: Road, instant: datetime) -> None:
    """Let time pass, a poll a day, until just after *instant*."""
    world = road.world
    while world.clock.now() < instant:
        world.clock.move_to(min(instant, world.clock.now() + timedelta(days=1)))
        world.run_due()


def test_internet_is_active_on_the_evening_of_its_date_and_not_before(road: Road) -> None:
    ride = dated(road)
    pass_until(road, evening(DAY) - timedelta(seconds=1))
    assert road.bills(ride.order) == []
    pass_until(road, evening(DAY))
    assert road.rest(ride.order) == Done()
    assert_complete(road, ride)


@pytest.mark.parametrize("polled", [True, False], ids=["polled", "not even polled"])
def test_a_date_moved_later_is_kept(road: Road, polled: bool) -> None:
    ride = dated(road)
    later = DAY + timedelta(days=7)
    road.world.agent.set_activation(ride.order, "Scheduled", at=later)
    if polled:
        road.world.run_due()
        assert road.rest(ride.order) == WaitUntil(evening(later))
    road.world.clock.move_to(evening(DAY))
    road.world.queue.run_due(road.world.clock.now(), road.world.ordering.run)
    assert road.bills(ride.order) == []
    assert road.rest(ride.order) == WaitUntil(evening(later))
    pass_until(road, evening(later))
    assert_complete(road, ride)


def test_a_date_moved_earlier_is_kept(road: Road) -> None:
    ride = dated(road)
    earlier = DAY - timedelta(days=7)
    set_day(road, ride, earlier)
    pass_until(road, evening(earlier) - timedelta(seconds=1))
    assert road.bills(ride.order) == []
    pass_until(road, evening(earlier))
    assert_complete(road, ride)


def test_a_date_moved_to_yesterday_means_now(road: Road) -> None:
    ride = dated(road)
    set_day(road, ride, datetime(2026, 6, 2, tzinfo=JST))
    road.carried()
    assert road.rest(ride.order) == Done()
    assert_complete(road, ride)


def test_a_date_that_was_cleared_is_a_hold_until_there_is_another(road: Road) -> None:
    ride = dated(road)
    set_day(road, ride, None)
    road.carried()
    rest = road.rest(ride.order)
    assert isinstance(rest, Held)
    assert rest.code is HoldCode.SCHEDULE_DATE_MISSING
    pass_until(road, evening(DAY) + timedelta(days=1))
    assert road.bills(ride.order) == []
    later = DAY + timedelta(days=3)
    set_day(road, ride, later)
    assert road.rest(ride.order) == WaitUntil(evening(later))
    pass_until(road, evening(later))
    assert_complete(road, ride)


@pytest.mark.parametrize("polled", [True, False], ids=["polled", "not even polled"])
def test_an_order_cancelled_the_day_before_is_never_billed(road: Road, polled: bool) -> None:
    ride = dated(road)
    pass_until(road, DAY - timedelta(days=1))
    road.world.agent.cancel(ride.order, reason="customer")
    if polled:
        road.world.run_due()
        assert road.rest(ride.order) == Done()
    road.world.clock.move_to(evening(DAY))
    road.world.queue.run_due(road.world.clock.now(), road.world.ordering.run)
    assert road.rest(ride.order) == Done()
    assert road.bills(ride.order) == []


# What else an order brings about.


def test_a_router_is_a_task_for_the_team_until_it_is_sent(road: Road) -> None:
    ride = road.placed(Kind.VPN)
    assert road.ridden(ride) == Done()
    account = road.world.account_of(ride.customer)
    asked = f"SELECT Subject, Origin, Description, IsClosed FROM Case WHERE AccountId = '{account}'"
    [task] = [row for row in road.world.process.query(asked) if "ship" in str(row["Subject"]).lower()]
    assert task["Origin"] == "Portal Notification"
    assert ride.order in str(task["Description"])
    assert not task["IsClosed"]
    road.world.agent.close_cases(ride.order, CaseKind.SHIP_ROUTER)
    [task] = [row for row in road.world.process.query(asked) if "ship" in str(row["Subject"]).lower()]
    assert task["IsClosed"]


@pytest.mark.parametrize("kind", sorted(SIMS))
def test_the_network_is_told_of_one_line_with_the_orders_reference(road: Road, kind: AnyKind) -> None:
    ride = road.placed(kind)
    road.ridden(ride)
    [line] = road.lines(ride.order)
    assert line["requestKey"] == ride.order
    assert bool(line["eid"]) == (kind not in CARDS)


def test_a_card_waits_for_its_assignment_and_a_port_for_its_delivery(road: Road) -> None:
    ride = road.placed(Kind.PORTED_CARD)
    rests: list[object] = []
    for act in ride.acts:
        act()
        road.hear(ride.order)
        road.world.run_due()
        rests.append(road.rest(ride.order))
    assert rests[0] == WaitFor(Fact.SIM_ASSIGNMENT)
    assert isinstance(rests[1], WaitFor)
    assert rests[1].fact is Fact.SIM_DELIVERY
    assert isinstance(rests[2], WaitFor)
    assert rests[2].fact is Fact.SIM_DELIVERY
    road.carried()
    assert road.rest(ride.order) == Done()
