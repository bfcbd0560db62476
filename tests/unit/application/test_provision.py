from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

from ordering_core import (
    Done,
    Fact,
    HoldCode,
    OrderState,
    Policy,
    Sku,
    WaitFor,
    WaitUntil,
)
from ordering_core.domain.journal import Outcome, Step
from ordering_core.domain.policy import InternetOnDate, PhysicalPortStart
from ordering_core.domain.vocabulary import Stage
from ordering_core.ports.cases import CaseKind
from tests.unit.application.riding import (
    LINE_OPENS,
    approved,
    calls_to,
    carry_on,
    case_file,
    counted,
    findings,
    finish,
    held,
    in_salesforce,
    mails,
    outcomes,
    readdressed,
    state,
)
from tests.unit.application.shop import (
    ESIM,
    HOME,
    PHYSICAL,
    PORTED_CARD,
    PORTING,
    ROUTER,
    WEDNESDAY,
    new_world,
    place,
)


VOICE = attrs.evolve(
    ESIM,
    skus=(Sku("SIM-VOICE-10GB"), Sku("SIM-ACTIVATION"), Sku("SIM-VOICE-MAIL")),
    voice_mail=True,
)
PORTED_ESIM = attrs.evolve(ESIM, skus=(Sku("SIM-VOICE-10GB"), Sku("SIM-ACTIVATION")), porting=PORTING)
FIVE_PM = WEDNESDAY.replace(hour=8)
SEVEN_PM = WEDNESDAY.replace(hour=10)
NEXT_OPENING = datetime(2026, 6, 4, 1, 0, tzinfo=UTC)


def test_an_approved_esim_order_is_billed_opened_accepted_and_linked() -> None:
    world = new_world()
    customer = world.new_customer()
    order = approved(world, customer)

    assert world.ordering.provision(order) == WaitFor(Fact.LINE_COMPLETION, WEDNESDAY + LINE_OPENS)
    assert state(world, order) is OrderState.ACTIVATING
    world.clock.advance(LINE_OPENS)
    assert world.ordering.provision(order) == Done()

    [billed] = world.billing.orders_of(order)
    snapshot = in_salesforce(world, order)
    assert snapshot.billing_order == billed.id
    assert {line.id: line.service for line in snapshot.lines} == {s.item: s.id for s in billed.services}
    assert {service.status for service in billed.services} == {"Active"}
    assert {service.opportunity for service in billed.services} == {snapshot.opportunity}
    assert snapshot.activation == attrs.evolve(snapshot.activation, status="Activated", error_code=None)
    assert snapshot.last_attempt_at == WEDNESDAY + LINE_OPENS
    assert snapshot.opportunity is not None
    opportunity = world.ordering.opportunities.read(snapshot.opportunity)
    assert opportunity is not None
    assert opportunity.stage == Stage.ACTIVE
    assert opportunity.service == next(s.id for s in billed.services if s.item == snapshot.lines[0].id)
    assert len(world.opened(order)) == 1
    assert state(world, order) is OrderState.ACTIVATED
    assert mails(world, order) == ["received", "approved", "active"]


def test_each_line_is_billed_at_the_price_of_the_quote_and_under_its_own_mark() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), VOICE)
    finish(world, order)

    [billed] = world.billing.orders_of(order)
    by_item = {line.id: line for line in in_salesforce(world, order).lines}
    assert len(billed.services) == 3
    for service in billed.services:
        assert service.item is not None
        assert service.price == by_item[service.item].unit_price
        assert service.cycle is by_item[service.item].cycle


def test_running_a_finished_order_again_only_reads_it() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    finish(world, order)
    kept = case_file(world, order)

    assert counted(world, lambda: world.ordering.provision(order)) == {"orders.provisioning_facts": 1}
    assert case_file(world, order) == kept


@pytest.mark.parametrize("draft", [ESIM, VOICE, PORTED_ESIM])
def test_a_sim_order_costs_at_most_five_calls_to_salesforce_and_seven_and_one_per_line_to_whmcs(
    draft: object,
) -> None:
    world = new_world()
    sim = {id(ESIM): ESIM, id(VOICE): VOICE, id(PORTED_ESIM): PORTED_ESIM}[id(draft)]
    order = place(world, world.new_customer(), sim)
    world.run_due()
    world.agent.approve(order)
    for hint in world.hints.take():
        world.ordering.observe(hint.order, cause=hint.id)

    counts = counted(world, lambda: finish(world, order))

    assert case_file(world, order).rest == Done()
    assert calls_to(counts, "orders", "customers", "opportunities", "cases") <= 5
    assert calls_to(counts, "billing") <= 7 + len(sim.skus)
    assert counts["billing.find"] == 4


def test_voice_options_are_set_once_the_line_is_open() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), VOICE)
    world.ordering.provision(order)
    assert outcomes(world, order, Step.VOICE_OPTIONS) == []

    world.clock.advance(LINE_OPENS)
    assert world.ordering.provision(order) == Done()

    assert outcomes(world, order, Step.VOICE_OPTIONS) == [Outcome.DONE]
    [line] = world.lines.lines_of(order)
    assert (line.voice_mail, line.call_waiting) == (True, False)


def test_an_order_rests_until_it_is_approved() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    world.run_due()
    assert case_file(world, order).rest == WaitFor(Fact.APPROVAL)
    assert world.billed(order) == ()
    assert mails(world, order) == ["received"]


def test_an_activation_status_that_reads_as_an_empty_text_is_empty() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.agent.set_activation(order, "")
    assert finish(world, order) == Done()
    assert state(world, order) is OrderState.ACTIVATED


def test_a_physical_sim_rests_until_a_card_is_assigned() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), PHYSICAL)
    assert world.ordering.provision(order) == WaitFor(Fact.SIM_ASSIGNMENT)
    assert state(world, order) is OrderState.AWAITING_SIM_ASSIGNMENT

    world.agent.assign_sim(order)
    assert finish(world, order) == Done()
    assert len(world.opened(order)) == 1


def test_a_number_moves_to_a_card_once_the_customer_says_that_it_has_arrived() -> None:
    world = new_world()
    customer = world.new_customer()
    order = approved(world, customer, PORTED_CARD)
    world.agent.assign_sim(order)
    world.agent.ship(order)
    world.hints.take()
    shipped_for = timedelta(days=Policy().sim_ship_days)
    assert world.ordering.provision(order) == WaitFor(Fact.SIM_DELIVERY, WEDNESDAY + shipped_for)

    world.ordering.sim_arrived(order, customer=customer)
    assert finish(world, order) == Done()
    assert in_salesforce(world, order).mnp_application == "Done"


def test_a_number_moves_once_an_agent_has_recorded_the_delivery() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), PORTED_CARD)
    world.agent.assign_sim(order)
    world.agent.deliver(order)
    assert finish(world, order) == Done()


def test_a_number_moves_once_a_shipped_card_must_have_arrived_and_not_a_moment_before() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), PORTED_CARD)
    world.agent.assign_sim(order)
    world.agent.ship(order)
    arrival = WEDNESDAY + timedelta(days=2)
    world.clock.move_to(arrival - timedelta(microseconds=1))
    assert world.ordering.provision(order) == WaitFor(Fact.SIM_DELIVERY, arrival)
    world.clock.move_to(arrival)
    world.ordering.provision(order)
    assert len(world.opened(order)) == 1


def test_a_number_moves_on_assignment_where_the_reseller_wants_that() -> None:
    world = new_world(policy=Policy(sim_mnp_activation=PhysicalPortStart.ON_ASSIGNMENT))
    order = approved(world, world.new_customer(), PORTED_CARD)
    world.agent.assign_sim(order)
    assert finish(world, order) == Done()


def test_a_card_without_a_shipping_date_is_a_finding_after_one_business_day() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), PORTED_CARD)
    world.agent.assign_sim(order)
    world.hints.take()
    missed = WEDNESDAY + timedelta(days=1)
    assert world.ordering.provision(order) == WaitFor(Fact.SIM_DELIVERY, missed)
    assert findings(world) == []

    world.clock.move_to(missed)
    world.run_due()
    assert case_file(world, order).rest == WaitFor(Fact.SIM_DELIVERY, None)
    assert [finding.code.value for finding in findings(world)] == ["SHIPMENT_NOT_RECORDED"]

    world.agent.ship(order)
    world.run_due()
    assert findings(world) == []


@pytest.mark.parametrize(
    ("at", "begins"),
    [
        (WEDNESDAY, WEDNESDAY),
        (FIVE_PM, FIVE_PM),
        (FIVE_PM.replace(hour=9), NEXT_OPENING),  # 18:00: the window has closed
        (SEVEN_PM, NEXT_OPENING),
    ],
)
def test_a_number_is_moved_inside_the_window_only_even_at_once(at: datetime, begins: datetime) -> None:
    world = new_world()
    order = approved(world, world.new_customer(), PORTED_ESIM)
    world.clock.move_to(at)
    rest = world.ordering.provision(order)
    if begins == at:
        assert len(world.opened(order)) == 1
    else:
        assert rest == WaitUntil(begins)
        assert world.billed(order) == ()


def test_a_new_number_does_not_wait_for_the_window() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.clock.move_to(SEVEN_PM)
    world.ordering.provision(order)
    assert len(world.opened(order)) == 1


def test_the_customers_day_is_shown_at_approval_and_kept() -> None:
    world = new_world()
    day = date(2026, 6, 10)
    order = approved(
        world, world.new_customer(), attrs.evolve(ESIM, activation_type="Scheduled", scheduled_on=day)
    )
    opening = datetime(2026, 6, 10, 1, 0, tzinfo=UTC)
    assert world.ordering.provision(order) == WaitUntil(opening)
    activation = in_salesforce(world, order).activation
    assert activation.status == "Scheduled"
    assert activation.scheduled_at == datetime(2026, 6, 9, 15, 0, tzinfo=UTC)
    assert state(world, order) is OrderState.SCHEDULED
    assert mails(world, order) == ["received", "approved", "date_set"]

    world.clock.move_to(opening - timedelta(seconds=1))
    assert world.ordering.provision(order) == WaitUntil(opening)
    assert outcomes(world, order, Step.MARK_SCHEDULED) == [Outcome.DONE]
    world.clock.move_to(opening)
    assert finish(world, order) == Done()


def test_an_agents_activating_before_the_customers_day_means_now() -> None:
    world = new_world()
    draft = attrs.evolve(ESIM, activation_type="Scheduled", scheduled_on=date(2026, 6, 10))
    order = approved(world, world.new_customer(), draft)
    world.ordering.provision(order)
    world.agent.set_activation(order, "Activating")
    assert finish(world, order) == Done()


def test_an_agent_may_move_the_day_and_the_customer_hears_of_it() -> None:
    world = new_world()
    draft = attrs.evolve(ESIM, activation_type="Scheduled", scheduled_on=date(2026, 6, 10))
    order = approved(world, world.new_customer(), draft)
    world.ordering.provision(order)
    world.agent.set_activation(order, "Scheduled", at=datetime(2026, 6, 19, 15, 0, tzinfo=UTC))
    assert world.ordering.provision(order) == WaitUntil(datetime(2026, 6, 20, 1, 0, tzinfo=UTC))
    assert mails(world, order)[-2:] == ["date_set", "date_set"]


def test_a_day_that_is_moved_back_is_told_again_and_none_is_told_twice() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), HOME)
    first, second = (WEDNESDAY + timedelta(days=days) for days in (7, 14))
    for day in (first, second, first, first):
        world.agent.set_activation(order, "Scheduled", at=day)
        world.ordering.provision(order)
        world.ordering.provision(order)
    told = [mail.detail for mail in world.notifications.sent if mail.kind.value == "date_set"]
    assert told == ["2026-06-10", "2026-06-17", "2026-06-10"]


def test_a_day_that_an_agent_has_emptied_is_not_shown_again_and_still_waited_for() -> None:
    world = new_world()
    draft = attrs.evolve(ESIM, activation_type="Scheduled", scheduled_on=date(2026, 6, 10))
    order = approved(world, world.new_customer(), draft)
    waits = world.ordering.provision(order)
    world.agent.set_activation(order, None, at=in_salesforce(world, order).activation.scheduled_at)
    assert world.ordering.provision(order) == waits
    assert in_salesforce(world, order).activation.status is None


def test_an_agents_time_of_day_is_meant_as_it_says() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    world.agent.approve(order)
    tonight = datetime(2026, 6, 3, 12, 30, tzinfo=UTC)
    world.agent.set_activation(order, "Scheduled", at=tonight)
    assert world.ordering.provision(order) == WaitUntil(tonight)


def test_internet_rests_after_approval_until_an_agent_says_go() -> None:
    world = new_world()
    order = place(world, world.new_customer(), HOME)
    world.agent.approve(order)
    assert world.ordering.provision(order) == WaitFor(Fact.AGENT_GO_AHEAD)
    assert state(world, order) is OrderState.APPROVED

    world.agent.set_activation(order, "Activating")
    assert world.ordering.provision(order) == Done()
    assert len(world.billed(order)) == 1
    assert world.opened(order) == ()


def test_internet_with_a_date_begins_at_six_in_the_evening() -> None:
    world = new_world()
    order = place(world, world.new_customer(), HOME)
    world.agent.approve(order)
    world.agent.set_activation(order, "Scheduled", at=datetime(2026, 6, 9, 15, 0, tzinfo=UTC))
    evening = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
    assert world.ordering.provision(order) == WaitUntil(evening)
    assert state(world, order) is OrderState.SCHEDULED
    world.clock.move_to(evening)
    assert world.ordering.provision(order) == Done()


def test_internet_waits_on_its_day_where_the_reseller_wants_a_confirmation() -> None:
    world = new_world(policy=Policy(internet_on_date=InternetOnDate.CONFIRM))
    order = place(world, world.new_customer(), HOME)
    world.agent.approve(order)
    world.agent.set_activation(order, "Scheduled", at=datetime(2026, 6, 9, 15, 0, tzinfo=UTC))
    world.ordering.provision(order)
    world.clock.move_to(datetime(2026, 6, 10, 9, 0, tzinfo=UTC))
    assert world.ordering.provision(order) == WaitFor(Fact.AGENT_GO_AHEAD)
    world.agent.set_activation(order, "Activating")
    assert world.ordering.provision(order) == Done()


def test_scheduled_without_a_date_is_a_hold_that_the_date_ends() -> None:
    world = new_world()
    order = place(world, world.new_customer(), HOME)
    world.agent.approve(order)
    world.agent.set_activation(order, "Scheduled")
    held(world.ordering.provision(order), HoldCode.SCHEDULE_DATE_MISSING)
    assert in_salesforce(world, order).activation.status is None
    assert in_salesforce(world, order).activation.error_code == "SCHEDULE_DATE_MISSING"

    world.agent.set_activation(order, None, at=datetime(2026, 6, 9, 15, 0, tzinfo=UTC))
    assert world.ordering.provision(order) == WaitUntil(datetime(2026, 6, 10, 9, 0, tzinfo=UTC))
    activation = in_salesforce(world, order).activation
    assert (activation.status, activation.error_code) == ("Scheduled", None)


def test_a_scheduled_sim_whose_day_is_gone_is_held_for_the_date() -> None:
    world = new_world()
    draft = attrs.evolve(ESIM, activation_type="Scheduled", scheduled_on=date(2026, 6, 10))
    order = approved(world, world.new_customer(), draft)
    without = attrs.evolve(draft, scheduled_on=None)
    record = world.salesforce.orders[order]
    emptied = attrs.evolve(
        record.snapshot, draft=without, activation=attrs.evolve(record.snapshot.activation, scheduled_at=None)
    )
    world.salesforce.edit_order(order, lambda known: attrs.evolve(known, snapshot=emptied))
    held(world.ordering.provision(order), HoldCode.SCHEDULE_DATE_MISSING)


def test_a_router_is_asked_to_be_shipped_once() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), ROUTER)
    assert world.ordering.provision(order) == Done()
    shipping = [r.case for r in world.salesforce.cases.values() if r.case.kind is CaseKind.SHIP_ROUTER]
    assert [case.order for case in shipping] == [order]
    assert state(world, order) is OrderState.ACTIVATED


def test_a_router_may_have_to_be_sent_before_the_service_counts_as_active() -> None:
    world = new_world(policy=Policy(vpn_active_waits_for_sent=True))
    order = approved(world, world.new_customer(), ROUTER)
    rest = world.ordering.provision(order)
    assert rest == WaitFor(Fact.SHIPMENT_SENT, WEDNESDAY + timedelta(hours=1))
    assert state(world, order) is OrderState.ACTIVATING

    world.agent.close_cases(order, CaseKind.SHIP_ROUTER)
    assert world.ordering.provision(order) == Done()


def test_a_changed_address_reaches_whmcs_before_the_bill() -> None:
    world = new_world()
    customer = world.new_customer()
    order = readdressed(world, customer)
    log: list[str] = []
    world.faults.hook("billing.update_address", "before", lambda: log.append("address"))
    world.faults.hook("billing.add", "before", lambda: log.append("bill"))

    assert finish(world, order) == Done()

    address = world.billing.client(world.client_of(customer)).address
    assert address is not None
    assert address.prefecture == "Osaka"
    assert log == ["address", "bill"]


def test_an_unchanged_address_costs_no_call() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    assert "billing.update_address" not in counted(world, lambda: finish(world, order))


def test_everything_goes_on_by_itself_from_submit_to_active() -> None:
    world = new_world()
    order = place(world, world.new_customer(), VOICE)
    world.run_due()
    world.agent.approve(order)
    assert carry_on(world, order) == Done()
    assert state(world, order) is OrderState.ACTIVATED
