from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import attrs
import pytest

from ordering_core import (
    CustomerId,
    Done,
    EventKind,
    Fact,
    HoldCode,
    OrderId,
    OrderState,
    Owner,
    Sku,
    WaitFor,
    WaitUntil,
)
from ordering_core.domain.identifiers import OpportunityId
from ordering_core.domain.journal import Outcome, Step
from ordering_core.domain.orders import AssignedSim, OrderSnapshot
from ordering_core.domain.policy import Policy
from ordering_core.testing.faults import Fault
from tests.unit.application.riding import (
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
    PORTING,
    WEDNESDAY,
    World,
    new_world,
    place,
)


HOUR = timedelta(hours=1)
PORTED_ESIM = attrs.evolve(ESIM, skus=(Sku("SIM-VOICE-10GB"), Sku("SIM-ACTIVATION")), porting=PORTING)


def edit(world: World, order: OrderId, change: Callable[[OrderSnapshot], OrderSnapshot]) -> None:
    """Edit the order in Salesforce by hand."""
    world.salesforce.edit_order(order, lambda record: attrs.evolve(record, snapshot=change(record.snapshot)))


def without_card(world: World) -> tuple[CustomerId, OrderId]:
    """Return an approved order whose customer has removed the payment method since."""
    customer = world.new_customer()
    order = approved(world, customer)
    world.agent.remove_payment_methods(world.client_of(customer))
    return customer, order


def test_a_missing_payment_method_holds_the_order_before_anything_is_billed() -> None:
    world = new_world()
    _, order = without_card(world)
    hold = held(world.ordering.provision(order), HoldCode.PAYMENT_METHOD_MISSING)

    assert (hold.owner, hold.reported, hold.since) == (Owner.CUSTOMER, True, WEDNESDAY)
    activation = in_salesforce(world, order).activation
    assert (activation.status, activation.error_code) == (None, "PAYMENT_METHOD_MISSING")
    assert activation.error_message
    assert world.billed(order) == ()
    assert state(world, order) is OrderState.ON_HOLD
    assert mails(world, order) == ["received", "approved", "action_needed"]


def test_a_held_order_is_asked_about_hourly_and_goes_on_by_itself_once_there_is_a_card() -> None:
    world = new_world()
    customer, order = without_card(world)
    world.ordering.provision(order)
    world.run_due()
    asked = counted(world, lambda: carry_on(world, order, at_most=3 * HOUR))
    assert asked["billing.payment_methods"] == 3
    assert "orders.write" not in asked

    world.agent.add_payment_method(world.client_of(customer))
    assert carry_on(world, order, at_most=2 * HOUR) == Done()
    activation = in_salesforce(world, order).activation
    assert (activation.status, activation.error_code, activation.error_message) == ("Activated", None, None)
    assert len(world.billed(order)) == 1
    assert mails(world, order).count("action_needed") == 1


def test_the_hold_and_its_end_are_events() -> None:
    world = new_world()
    customer, order = without_card(world)
    world.ordering.provision(order)
    world.agent.add_payment_method(world.client_of(customer))
    finish(world, order)
    kinds = [event.kind for event in world.ordering.watch(order, customer=customer)]
    assert kinds.index(EventKind.HELD) < kinds.index(EventKind.HOLD_CLEARED)
    assert kinds.count(EventKind.HELD) == kinds.count(EventKind.HOLD_CLEARED) == 1


def test_a_hold_that_waited_for_its_fact_too_long_waits_for_an_agent() -> None:
    world = new_world()
    customer, order = without_card(world)
    world.ordering.provision(order)
    world.agent.add_payment_method(world.client_of(customer))
    world.clock.advance(Policy().holds_self_clear)
    exactly = world.clock.now()
    world.clock.advance(timedelta(microseconds=1))
    held(world.ordering.provision(order), HoldCode.PAYMENT_METHOD_MISSING)

    world.agent.set_activation(order, "Activating")
    assert finish(world, order) == Done()
    assert exactly - WEDNESDAY == timedelta(days=14)


def test_on_its_last_day_a_hold_still_ends_by_its_fact() -> None:
    world = new_world()
    customer, order = without_card(world)
    world.ordering.provision(order)
    world.agent.add_payment_method(world.client_of(customer))
    world.clock.advance(Policy().holds_self_clear)
    assert finish(world, order) == Done()


def test_a_hold_outlives_the_evening() -> None:
    world = new_world()
    customer = world.new_customer()
    order = approved(world, customer, PORTED_ESIM)
    world.agent.remove_payment_methods(world.client_of(customer))
    first = held(world.ordering.provision(order), HoldCode.PAYMENT_METHOD_MISSING)
    world.run_due()
    asked = counted(world, lambda: carry_on(world, order, at_most=26 * HOUR))
    assert "orders.write" not in asked
    assert held(case_file(world, order).rest, HoldCode.PAYMENT_METHOD_MISSING).since == first.since
    assert state(world, order) is OrderState.ON_HOLD
    assert mails(world, order).count("action_needed") == 1


def test_a_hold_whose_fact_comes_true_in_the_evening_ends_and_the_port_waits_for_the_morning() -> None:
    world = new_world()
    customer = world.new_customer()
    order = approved(world, customer, PORTED_ESIM)
    world.agent.remove_payment_methods(world.client_of(customer))
    held(world.ordering.provision(order), HoldCode.PAYMENT_METHOD_MISSING)
    world.clock.advance(10 * HOUR)
    world.agent.add_payment_method(world.client_of(customer))
    assert world.ordering.provision(order) == WaitUntil(WEDNESDAY + timedelta(days=1))
    assert in_salesforce(world, order).activation.error_code is None
    assert world.billed(order) == ()


def test_a_port_waits_for_its_first_morning_before_the_gate_is_asked() -> None:
    world = new_world(at=WEDNESDAY + 10 * HOUR)
    customer = world.new_customer()
    order = approved(world, customer, PORTED_ESIM)
    world.agent.remove_payment_methods(world.client_of(customer))
    assert world.ordering.provision(order) == WaitUntil(WEDNESDAY + timedelta(days=1))


def test_a_date_moved_clears_no_hold() -> None:
    world = new_world()
    customer = world.new_customer()
    order = approved(world, customer, HOME)
    world.agent.remove_payment_methods(world.client_of(customer))
    first = held(world.ordering.provision(order), HoldCode.PAYMENT_METHOD_MISSING)
    later = WEDNESDAY + timedelta(days=7)
    world.agent.set_activation(order, None, at=later)
    second = held(world.ordering.provision(order), HoldCode.PAYMENT_METHOD_MISSING)
    assert second.since == first.since
    assert in_salesforce(world, order).activation.error_code == "PAYMENT_METHOD_MISSING"

    world.agent.add_payment_method(world.client_of(customer))
    assert world.ordering.provision(order) == WaitUntil(later)
    assert mails(world, order).count("action_needed") == 1


def test_approved_alone_never_clears_a_hold() -> None:
    world = new_world()
    customer, order = without_card(world)
    world.faults.set("billing.add", Fault.REFUSE, code="NO_STOCK")
    world.agent.add_payment_method(world.client_of(customer))
    held(world.ordering.provision(order), HoldCode.BILLING_REFUSED)
    world.agent.approve(order)
    held(world.ordering.provision(order), HoldCode.BILLING_REFUSED)
    assert world.faults.calls("billing.add") == 1


def agent_sets_activating(world: World, order: OrderId) -> None:
    world.agent.set_activation(order, "Activating")


def agent_empties_the_error(world: World, order: OrderId) -> None:
    world.agent.clear_error(order)


def a_new_event_arrives(world: World, order: OrderId) -> None:
    world.clock.advance(timedelta(seconds=1))
    world.ordering.observe(order, cause="provision-requested:99", published_at=world.clock.now())


def somebody_retries(world: World, order: OrderId) -> None:
    world.ordering.retry(order, by="operator", reason="put right")


WORDS = [agent_sets_activating, agent_empties_the_error, a_new_event_arrives, somebody_retries]


@pytest.mark.parametrize("say", WORDS)
def test_somebodys_word_ends_a_hold_that_no_fact_can_end(say: Callable[[World, OrderId], None]) -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.set("billing.add", Fault.REFUSE, code="NO_STOCK")
    hold = held(world.ordering.provision(order), HoldCode.BILLING_REFUSED)
    assert hold.facts["code"] == "NO_STOCK"
    assert in_salesforce(world, order).activation.status is None

    say(world, order)

    assert finish(world, order) == Done()
    assert len(world.billed(order)) == 1
    assert in_salesforce(world, order).activation.error_code is None


def test_an_event_that_was_seen_before_does_not_end_a_hold() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.set("billing.add", Fault.REFUSE, times=2)
    world.ordering.provision(order)
    a_new_event_arrives(world, order)
    held(world.ordering.provision(order), HoldCode.BILLING_REFUSED)
    world.ordering.observe(order, cause="provision-requested:99")
    held(world.ordering.provision(order), HoldCode.BILLING_REFUSED)
    assert world.faults.calls("billing.add") == 2


def test_a_word_that_could_not_be_acted_on_is_not_forgotten() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.set("billing.add", Fault.REFUSE)
    world.ordering.provision(order)
    world.ordering.retry(order, by="operator", reason="put right")
    world.faults.set("orders.provisioning_facts", Fault.DOWN)
    held(world.ordering.provision(order), HoldCode.BILLING_REFUSED)
    assert case_file(world, order).retry_requested
    assert carry_on(world, order) == Done()
    assert not case_file(world, order).retry_requested


def unverified(world: World, order: OrderId) -> None:
    world.agent.reject_identity(in_salesforce(world, order).account, "unreadable")


def waiting_for_review(world: World, order: OrderId) -> None:
    account = in_salesforce(world, order).account
    world.salesforce.edit_account(
        account, lambda known: attrs.evolve(known, identity=attrs.evolve(known.identity, status="Pending"))
    )


def verified_by_picture(world: World, order: OrderId) -> None:
    world.agent.verify_identity(in_salesforce(world, order).account, method="image")


def verified(world: World, order: OrderId) -> None:
    world.agent.verify_identity(in_salesforce(world, order).account)


def reservation_nearly_over(world: World, order: OrderId) -> None:
    reserve_until(world, order, date(2026, 6, 8))


def reserved_anew(world: World, order: OrderId) -> None:
    reserve_until(world, order, date(2026, 6, 17))


def reserve_until(world: World, order: OrderId, day: date) -> None:
    porting = attrs.evolve(PORTING, reservation_expires_on=day)
    edit(world, order, lambda known: attrs.evolve(known, draft=attrs.evolve(PORTED_ESIM, porting=porting)))


def wrong_eid(world: World, order: OrderId) -> None:
    edit(world, order, lambda known: attrs.evolve(known, draft=attrs.evolve(PORTED_ESIM, eid="1" * 32)))


def right_eid(world: World, order: OrderId) -> None:
    edit(world, order, lambda known: attrs.evolve(known, draft=PORTED_ESIM))


def name_that_no_carrier_writes(world: World, order: OrderId) -> None:
    porting = attrs.evolve(PORTING, first_name="José")
    edit(world, order, lambda known: attrs.evolve(known, draft=attrs.evolve(PORTED_ESIM, porting=porting)))


def name_of_the_present_contract(world: World, order: OrderId) -> None:
    edit(world, order, lambda known: attrs.evolve(known, draft=PORTED_ESIM))


def ordered_twice(world: World, order: OrderId) -> None:
    of_quantity(world, order, 2)


def ordered_once(world: World, order: OrderId) -> None:
    of_quantity(world, order, 1)


def of_quantity(world: World, order: OrderId, quantity: int) -> None:
    first, *others = in_salesforce(world, order).lines
    lines = (attrs.evolve(first, quantity=quantity), *others)
    edit(world, order, lambda known: attrs.evolve(known, lines=lines))


def somebody_elses_error(world: World, order: OrderId) -> None:
    edit(
        world,
        order,
        lambda known: attrs.evolve(
            known, activation=attrs.evolve(known.activation, error_code="NTT_PROBLEM")
        ),
    )


def solved(world: World, order: OrderId) -> None:
    world.agent.clear_error(order)


@pytest.mark.parametrize(
    ("spoil", "code", "owner", "repair"),
    [
        (unverified, HoldCode.IDENTITY_NOT_VERIFIED, Owner.CUSTOMER, verified),
        (waiting_for_review, HoldCode.IDENTITY_NOT_VERIFIED, Owner.AGENT, verified),
        (verified_by_picture, HoldCode.IDENTITY_METHOD, Owner.AGENT, verified),
        (reservation_nearly_over, HoldCode.MNP_TOO_SHORT, Owner.CUSTOMER, reserved_anew),
        (wrong_eid, HoldCode.RULES_VIOLATED, Owner.AGENT, right_eid),
        (
            name_that_no_carrier_writes,
            HoldCode.RULES_VIOLATED,
            Owner.AGENT,
            name_of_the_present_contract,
        ),
        (ordered_twice, HoldCode.RULES_VIOLATED, Owner.AGENT, ordered_once),
        (somebody_elses_error, HoldCode.FOREIGN_ERROR, Owner.AGENT, solved),
    ],
)
def test_the_gate_holds_an_order_before_it_is_billed_and_the_fact_ends_the_hold(
    spoil: Callable[[World, OrderId], None],
    code: HoldCode,
    owner: Owner,
    repair: Callable[[World, OrderId], None],
) -> None:
    world = new_world()
    order = approved(world, world.new_customer(), PORTED_ESIM)
    spoil(world, order)
    hold = held(world.ordering.provision(order), code)
    assert hold.owner is owner
    assert hold.reported
    assert world.billed(order) == ()
    assert held(world.ordering.provision(order), code) == hold

    repair(world, order)
    assert finish(world, order) == Done()
    assert in_salesforce(world, order).activation.error_code is None


def test_a_hold_with_an_owner_of_its_own_is_not_hidden_behind_an_earlier_rule() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), PORTED_ESIM)
    ends_soon = attrs.evolve(PORTING, reservation_expires_on=date(2026, 6, 8))
    twice_wrong = attrs.evolve(PORTED_ESIM, eid="1" * 32, porting=ends_soon)
    edit(world, order, lambda known: attrs.evolve(known, draft=twice_wrong))
    hold = held(world.ordering.provision(order), HoldCode.MNP_TOO_SHORT)
    assert hold.facts["violations"].startswith("eid_")
    assert "mnp_too_short" in hold.facts["violations"]


def test_somebody_elses_error_is_never_written_over() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    somebody_elses_error(world, order)
    assert "orders.write" not in counted(world, lambda: world.ordering.provision(order))
    assert in_salesforce(world, order).activation.error_code == "NTT_PROBLEM"
    assert state(world, order) is OrderState.ON_HOLD


def test_another_active_internet_service_holds_the_order_until_it_is_gone() -> None:
    world = new_world()
    customer = world.new_customer()
    first = approved(world, customer, HOME)
    world.ordering.provision(first)
    order = approved(world, customer, HOME)
    held(world.ordering.provision(order), HoldCode.DUPLICATE_SERVICE)
    assert world.billed(order) == ()

    opportunity = in_salesforce(world, first).opportunity
    assert opportunity is not None
    record = world.salesforce.opportunities[OpportunityId(opportunity)]
    world.salesforce.save_opportunity(
        attrs.evolve(record, opportunity=attrs.evolve(record.opportunity, stage="Cancelled"))
    )
    assert world.ordering.provision(order) == Done()


def test_an_eligibility_that_changed_holds_the_order() -> None:
    world = new_world()
    customer = world.new_customer()
    order = approved(world, customer, HOME)
    world.agent.record_eligibility(world.account_of(customer), "Apartment 1G")
    held(world.ordering.provision(order), HoldCode.ELIGIBILITY_CHANGED)
    world.agent.record_eligibility(world.account_of(customer), "Home 1G")
    assert world.ordering.provision(order) == Done()


def test_an_item_that_nobody_quoted_holds_the_order() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    lines = in_salesforce(world, order).lines
    edit(world, order, lambda known: attrs.evolve(known, lines=lines[:1]))
    hold = held(world.ordering.provision(order), HoldCode.RULES_VIOLATED)
    assert hold.facts == {"skus": "SIM-ACTIVATION"}


def test_a_card_that_another_order_uses_holds_the_order_until_another_is_assigned() -> None:
    world = new_world()
    customer = world.new_customer()
    card = world.agent.assign_sim(approved(world, customer, PHYSICAL))
    order = approved(world, customer, PHYSICAL)
    world.agent.assign_sim(order, card)
    hold = held(world.ordering.provision(order), HoldCode.SIM_CARD_UNUSABLE)
    assert hold.facts == {"card": card}
    assert world.billed(order) == ()

    world.agent.assign_sim(order)
    assert finish(world, order) == Done()


@pytest.mark.parametrize(
    "damage",
    [
        lambda card: attrs.evolve(card, product_number="AX1"),
        lambda card: attrs.evolve(card, phone_number="12"),
        lambda card: attrs.evolve(card, stock_status="Lost"),
    ],
    ids=["product number", "phone number", "stock status"],
)
def test_a_card_whose_record_is_not_that_of_a_usable_card_holds_the_order(
    damage: Callable[[AssignedSim], AssignedSim],
) -> None:
    world = new_world()
    order = approved(world, world.new_customer(), PHYSICAL)
    card = world.agent.assign_sim(order)
    damaged = world.salesforce.cards[card] = damage(world.salesforce.cards[card])
    hold = held(world.ordering.provision(order), HoldCode.SIM_CARD_UNUSABLE)
    assert hold.facts == {"card": card}
    assert damaged.product_number not in hold.message
    assert world.billed(order) == ()


@pytest.mark.parametrize("number", [None, "", "020-1234-5678", "0200 1234 567890"])
def test_a_card_without_a_number_or_with_that_of_a_machine_is_opened_all_the_same(number: str | None) -> None:
    world = new_world()
    order = approved(world, world.new_customer(), PHYSICAL)
    card = world.agent.assign_sim(order)
    world.salesforce.cards[card] = attrs.evolve(world.salesforce.cards[card], phone_number=number)
    assert finish(world, order) == Done()


@pytest.mark.parametrize(
    ("draft", "refusal", "code"),
    [
        (ESIM, "EID_UNKNOWN", HoldCode.LINE_REFUSED),
        (PORTED_ESIM, "MNP_NAME_MISMATCH", HoldCode.MNP_REFUSED),
        (PORTED_ESIM, "PLAN_UNKNOWN", HoldCode.LINE_REFUSED),
    ],
)
def test_a_line_that_the_network_refuses_holds_the_order_and_a_word_sends_it_again(
    draft: object, refusal: str, code: HoldCode
) -> None:
    world = new_world()
    sim = ESIM if draft is ESIM else PORTED_ESIM
    order = approved(world, world.new_customer(), sim)
    world.faults.set("lines.submit", Fault.REFUSE, code=refusal)
    hold = held(world.ordering.provision(order), code)
    assert refusal in hold.message
    assert len(world.billed(order)) == 1
    [billed] = world.billing.orders_of(order)
    assert billed.status == "Pending"

    world.agent.set_activation(order, "Activating")
    assert finish(world, order) == Done()
    assert len(world.opened(order)) == 1
    assert len(world.billed(order)) == 1


def test_a_line_that_fails_later_holds_the_order_and_a_word_submits_a_new_one() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.ordering.provision(order)
    world.agent.fail_line(order, "EID_BLOCKED")
    hold = held(world.ordering.provision(order), HoldCode.LINE_REFUSED)
    assert hold.facts["code"] == "EID_BLOCKED"
    held(world.ordering.provision(order), HoldCode.LINE_REFUSED)

    world.agent.clear_error(order)
    world.faults.set("lines.submit", Fault.DOWN)
    world.ordering.provision(order)
    assert carry_on(world, order) == Done()
    assert outcomes(world, order, Step.SUBMIT_LINE) == [Outcome.DONE, Outcome.ABSENT, Outcome.DONE]


def test_a_refused_port_goes_on_by_itself_once_its_data_are_corrected() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), PORTED_ESIM)
    world.ordering.provision(order)
    world.agent.fail_line(order, "MNP_NAME_MISMATCH")
    hold = held(world.ordering.provision(order), HoldCode.MNP_REFUSED)
    assert in_salesforce(world, order).mnp_application == "Failed"
    assert str(PORTING.phone_number) not in repr(hold)
    held(world.ordering.provision(order), HoldCode.MNP_REFUSED)

    corrected = attrs.evolve(PORTED_ESIM, porting=attrs.evolve(PORTING, first_name_katakana="タロー"))
    edit(world, order, lambda known: attrs.evolve(known, draft=corrected))
    assert finish(world, order) == Done()
    assert in_salesforce(world, order).mnp_application == "Done"


def test_voice_options_that_the_network_refuses_hold_the_order() -> None:
    world = new_world()
    voice = attrs.evolve(
        ESIM, skus=(Sku("SIM-VOICE-10GB"), Sku("SIM-ACTIVATION"), Sku("SIM-VOICE-MAIL")), voice_mail=True
    )
    order = approved(world, world.new_customer(), voice)
    world.faults.set("lines.set_voice_options", Fault.REFUSE)
    held(finish(world, order), HoldCode.LINE_REFUSED)
    world.agent.clear_error(order)
    assert world.ordering.provision(order) == Done()


@pytest.mark.parametrize("operation", ["billing.accept", "billing.activate_service"])
def test_what_whmcs_refuses_holds_the_order_and_a_word_goes_on(operation: str) -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.set(operation, Fault.REFUSE, code="FRAUD")
    hold = held(finish(world, order), HoldCode.BILLING_REFUSED)
    assert hold.facts["code"] == "FRAUD"
    world.agent.set_activation(order, "Activating")
    assert world.ordering.provision(order) == Done()


def test_a_client_that_whmcs_does_not_know_is_a_matter_of_configuration() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.set("billing.payment_methods", Fault.REFUSE, code="CLIENT_NOT_FOUND")
    hold = held(world.ordering.provision(order), HoldCode.CONFIGURATION)
    assert "CLIENT_NOT_FOUND" in hold.message
    world.ordering.retry(order, by="operator", reason="mapped again")
    assert finish(world, order) == Done()


def test_an_address_that_whmcs_refuses_holds_the_order_before_it_is_billed() -> None:
    world = new_world()
    order = readdressed(world, world.new_customer())
    world.faults.set("billing.update_address", Fault.REFUSE, code="STATE")
    hold = held(world.ordering.provision(order), HoldCode.BILLING_REFUSED)
    assert hold.facts == {"step": "update_billing_address", "code": "STATE"}
    assert world.billed(order) == ()
    world.agent.clear_error(order)
    assert finish(world, order) == Done()


def test_a_customer_whose_whmcs_client_is_not_known_is_a_matter_of_configuration() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.store._parts.identities._accounts._rows.clear()
    hold = held(world.ordering.provision(order), HoldCode.CONFIGURATION)
    assert "WHMCS client" in hold.message


def test_an_order_whose_account_is_gone_is_a_matter_of_configuration() -> None:
    world = new_world()
    customer = world.new_customer()
    order = approved(world, customer)
    del world.salesforce.accounts[world.account_of(customer)]
    hold = held(world.ordering.provision(order), HoldCode.CONFIGURATION)
    assert hold.facts["violations"].startswith("account_not_mapped")
    assert mails(world, order) == ["received"]


def test_a_refused_port_goes_on_as_a_new_number_when_the_customer_gives_the_port_up() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), PORTED_ESIM)
    world.faults.set("lines.submit", Fault.REFUSE, code="MNP_RESERVATION_EXPIRED")
    held(world.ordering.provision(order), HoldCode.MNP_REFUSED)
    new_number = attrs.evolve(PORTED_ESIM, porting=None)
    edit(world, order, lambda known: attrs.evolve(known, draft=new_number))
    assert finish(world, order) == Done()


def take_the_card_back(world: World, order: OrderId) -> None:
    world.salesforce.edit_order(order, lambda record: attrs.evolve(record, card=None))


def test_a_cleared_hold_gives_the_activating_back_that_it_had_emptied() -> None:
    world = new_world()
    customer = world.new_customer()
    order = approved(world, customer, PHYSICAL)
    world.agent.set_activation(order, "Activating")
    world.agent.assign_sim(order)
    world.agent.reject_identity(world.account_of(customer), "blurred")
    held(world.ordering.provision(order), HoldCode.IDENTITY_NOT_VERIFIED)
    assert in_salesforce(world, order).activation.status is None

    take_the_card_back(world, order)
    world.agent.verify_identity(world.account_of(customer))
    assert world.ordering.provision(order) == WaitFor(Fact.SIM_ASSIGNMENT)
    activation = in_salesforce(world, order).activation
    assert (activation.status, activation.error_code) == ("Activating", None)


@pytest.mark.parametrize("code", [HoldCode.PAYMENT_METHOD_MISSING, HoldCode.IDENTITY_NOT_VERIFIED])
def test_a_card_taken_back_ends_no_hold_that_waits_for_something_else(code: HoldCode) -> None:
    world = new_world()
    paid = code is not HoldCode.PAYMENT_METHOD_MISSING
    customer = world.new_customer()
    order = approved(world, customer, PHYSICAL)
    world.agent.assign_sim(order)
    if paid:
        world.agent.reject_identity(world.account_of(customer), "blurred")
    else:
        world.agent.remove_payment_methods(world.client_of(customer))
    hold = held(world.ordering.provision(order), code)

    take_the_card_back(world, order)
    assert world.ordering.provision(order) == hold
    assert in_salesforce(world, order).activation.error_code == code

    world.agent.add_payment_method(world.client_of(customer))
    world.agent.verify_identity(world.account_of(customer))
    assert world.ordering.provision(order) == WaitFor(Fact.SIM_ASSIGNMENT)
    assert in_salesforce(world, order).activation.error_code is None


def test_an_unusable_card_that_is_taken_back_is_held_until_a_usable_one_is_assigned() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), PHYSICAL)
    card = world.agent.assign_sim(order)
    world.salesforce.cards[card] = attrs.evolve(world.salesforce.cards[card], stock_status="Lost")
    hold = held(world.ordering.provision(order), HoldCode.SIM_CARD_UNUSABLE)

    take_the_card_back(world, order)
    still = held(world.ordering.provision(order), HoldCode.SIM_CARD_UNUSABLE)
    assert still.since == hold.since

    world.agent.assign_sim(order)
    assert finish(world, order) == Done()


@pytest.mark.parametrize("code", [HoldCode.PAYMENT_METHOD_MISSING, HoldCode.IDENTITY_NOT_VERIFIED])
def test_a_text_that_nobody_knows_ends_no_hold(code: HoldCode) -> None:
    world = new_world()
    paid = code is not HoldCode.PAYMENT_METHOD_MISSING
    customer = world.new_customer()
    order = approved(world, customer)
    if paid:
        world.agent.reject_identity(world.account_of(customer), "blurred")
    else:
        world.agent.remove_payment_methods(world.client_of(customer))
    hold = held(world.ordering.provision(order), code)
    world.agent.set_activation(order, "Paused")
    assert world.ordering.provision(order) == hold
    assert state(world, order) is OrderState.UNKNOWN
    assert in_salesforce(world, order).activation.error_code == code

    world.agent.add_payment_method(world.client_of(customer))
    world.agent.verify_identity(world.account_of(customer))
    world.agent.set_activation(order, "Activating")
    assert finish(world, order) == Done()


def test_a_plan_without_a_network_code_is_a_matter_of_configuration() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    with world.store.transaction() as tx:
        placement = tx.requests.of_order(order)
        assert placement is not None
        quote = placement.order.quote
        lines = tuple(attrs.evolve(line, network_plan=None) for line in quote.lines)
        asked = attrs.evolve(placement.order, quote=attrs.evolve(quote, lines=lines))
        tx.requests.replace(attrs.evolve(placement, order=asked), runner=placement.runner)
    world.agent.approve(order)
    held(world.ordering.provision(order), HoldCode.CONFIGURATION)
    assert world.billed(order) == ()


def test_a_hold_that_salesforce_refuses_to_store_is_a_hold_here_and_reported_again() -> None:
    world = new_world()
    customer, order = without_card(world)
    world.faults.set("orders.write", Fault.REFUSE)
    hold = held(world.ordering.provision(order), HoldCode.PAYMENT_METHOD_MISSING)
    assert not hold.reported
    assert in_salesforce(world, order).activation.error_code is None
    assert state(world, order) is OrderState.ON_HOLD
    assert [finding.code.value for finding in findings(world)] == ["HOLD_NOT_REPORTED"]

    carry_on(world, order, at_most=timedelta(minutes=2))
    assert in_salesforce(world, order).activation.error_code == "PAYMENT_METHOD_MISSING"
    assert findings(world) == []
    world.agent.add_payment_method(world.client_of(customer))
    assert carry_on(world, order) == Done()


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.LOSE_REPLY, Fault.SLOW])
def test_a_hold_that_cannot_be_reported_now_is_a_hold_all_the_same(fault: Fault) -> None:
    world = new_world()
    _, order = without_card(world)
    world.faults.set("orders.write", fault)
    world.ordering.provision(order)
    assert state(world, order) is OrderState.ON_HOLD
    carry_on(world, order, at_most=timedelta(minutes=5))
    hold = held(case_file(world, order).rest, HoldCode.PAYMENT_METHOD_MISSING)
    assert (hold.reported, hold.since) == (True, WEDNESDAY)
    assert in_salesforce(world, order).activation.error_code == "PAYMENT_METHOD_MISSING"


def test_a_hold_may_leave_the_activation_status_as_it_is() -> None:
    world = new_world(policy=Policy(hold_empties_activation=False))
    customer = world.new_customer()
    order = approved(world, customer, HOME)
    world.agent.remove_payment_methods(world.client_of(customer))
    held(world.ordering.provision(order), HoldCode.PAYMENT_METHOD_MISSING)
    assert in_salesforce(world, order).activation.status == "Activating"


def test_a_held_internet_order_goes_on_from_the_word_that_stood() -> None:
    world = new_world()
    customer = world.new_customer()
    order = approved(world, customer, HOME)
    world.agent.remove_payment_methods(world.client_of(customer))
    held(world.ordering.provision(order), HoldCode.PAYMENT_METHOD_MISSING)
    world.agent.add_payment_method(world.client_of(customer))
    assert world.ordering.provision(order) == Done()


def test_another_reason_to_be_held_takes_the_place_of_the_first() -> None:
    world = new_world()
    customer, order = without_card(world)
    first = held(world.ordering.provision(order), HoldCode.PAYMENT_METHOD_MISSING)
    world.clock.advance(HOUR)
    unverified(world, order)
    second = held(world.ordering.provision(order), HoldCode.IDENTITY_NOT_VERIFIED)
    assert second.since > first.since
    assert in_salesforce(world, order).activation.error_code == "IDENTITY_NOT_VERIFIED"
    world.agent.add_payment_method(world.client_of(customer))
    verified(world, order)
    assert finish(world, order) == Done()


def test_a_card_that_comes_up_for_review_changes_the_owner_of_the_hold() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    unverified(world, order)
    first = held(world.ordering.provision(order), HoldCode.IDENTITY_NOT_VERIFIED)
    world.clock.advance(HOUR)
    waiting_for_review(world, order)
    second = held(world.ordering.provision(order), HoldCode.IDENTITY_NOT_VERIFIED)
    assert (first.owner, second.owner) == (Owner.CUSTOMER, Owner.AGENT)
    assert second.since == first.since


def test_a_cleared_hold_gives_the_day_back_that_it_had_emptied() -> None:
    world = new_world()
    day = date(2026, 6, 10)
    order = approved(
        world, world.new_customer(), attrs.evolve(ESIM, activation_type="Scheduled", scheduled_on=day)
    )
    waits = world.ordering.provision(order)
    assert isinstance(waits, WaitUntil)
    somebody_elses_error(world, order)
    held(world.ordering.provision(order), HoldCode.FOREIGN_ERROR)
    solved(world, order)
    assert world.ordering.provision(order) == waits


def test_an_order_that_is_held_and_no_longer_approved_shows_neither_error_nor_word() -> None:
    world = new_world()
    customer, order = without_card(world)
    world.ordering.provision(order)
    world.agent.set_status(order, "Draft")
    assert world.ordering.provision(order) == WaitFor(Fact.APPROVAL)
    activation = in_salesforce(world, order).activation
    assert (activation.status, activation.error_code) == (None, None)
    assert state(world, order) is OrderState.UNDER_REVIEW
    world.agent.add_payment_method(world.client_of(customer))
    world.agent.approve(order)
    assert finish(world, order) == Done()


def test_what_cannot_be_tidied_up_is_no_reason_to_do_more() -> None:
    world = new_world()
    _, order = without_card(world)
    world.ordering.provision(order)
    world.agent.set_status(order, "Draft")
    world.faults.set("orders.write", Fault.REFUSE)
    counts = counted(world, lambda: world.ordering.provision(order))
    assert calls_to(counts, "orders") == 2
    assert case_file(world, order).rest == WaitFor(Fact.APPROVAL)
    world.ordering.provision(order)
    assert in_salesforce(world, order).activation.error_code is None


def test_mails_name_what_the_customer_has_to_do() -> None:
    world = new_world()
    _, order = without_card(world)
    world.ordering.provision(order)
    mail = world.notifications.sent[-1]
    assert mail.kind.value == "action_needed"
    assert "payment method" in mail.detail


def test_a_port_that_opened_with_another_number_goes_on_once_the_order_says_that_number() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), PORTED_ESIM)
    world.ordering.provision(order)
    typed = attrs.evolve(PORTED_ESIM, porting=attrs.evolve(PORTING, phone_number="08000000001"))
    edit(world, order, lambda known: attrs.evolve(known, draft=typed))
    world.clock.advance(timedelta(minutes=10))
    held(world.ordering.provision(order), HoldCode.CONFIGURATION)
    world.ordering.retry(order, by="operator", reason="nothing was corrected")
    held(world.ordering.provision(order), HoldCode.CONFIGURATION)
    edit(world, order, lambda known: attrs.evolve(known, draft=PORTED_ESIM))
    world.ordering.retry(order, by="operator", reason="the number in the order is the line's now")
    assert world.ordering.provision(order) == Done()
