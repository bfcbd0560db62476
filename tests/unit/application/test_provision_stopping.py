from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest

from ordering_core import Done, Draft, Fact, HoldCode, OrderId, OrderState, Sku, WaitFor
from ordering_core.domain.billing import BilledService
from ordering_core.domain.history import GO_AHEAD_TEXTS
from ordering_core.domain.identifiers import (
    BillingOrderId,
    BillingProductId,
    OrderItemId,
    RequestKey,
    ServiceId,
)
from ordering_core.domain.journal import Outcome, RetryAt, Step
from ordering_core.domain.policy import Policy
from ordering_core.domain.vocabulary import BillingCycle, Stage
from ordering_core.testing.faults import Fault
from tests.unit.application.riding import (
    LINE_OPENS,
    SETTLED,
    approved,
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
    ROUTER,
    WEDNESDAY,
    World,
    new_world,
    place,
)


PORTED_ESIM = attrs.evolve(ESIM, skus=(Sku("SIM-VOICE-10GB"), Sku("SIM-ACTIVATION")), porting=PORTING)


def stage(world: World, order: OrderId) -> str:
    opportunity = in_salesforce(world, order).opportunity
    assert opportunity is not None
    found = world.ordering.opportunities.read(opportunity)
    assert found is not None
    return found.stage


def test_an_order_cancelled_before_anything_happened_is_done_and_gives_up_its_opportunity() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    world.agent.cancel(order)
    assert world.ordering.provision(order) == Done()
    assert stage(world, order) == Stage.VOID
    assert mails(world, order) == ["received", "stopped"]
    assert counted(world, lambda: world.ordering.provision(order)) == {"orders.provisioning_facts": 1}


def test_an_opportunity_that_an_agent_has_moved_on_is_left_alone() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    world.agent.cancel(order)
    opportunity = in_salesforce(world, order).opportunity
    assert opportunity is not None
    world.ordering.opportunities.move(opportunity, Stage.READY)
    assert world.ordering.provision(order) == Done()
    assert stage(world, order) == Stage.READY


def test_giving_up_the_opportunity_is_a_setting() -> None:
    world = new_world(policy=Policy(void_opportunity_on_cancel=False))
    order = place(world, world.new_customer())
    world.agent.cancel(order)
    assert world.ordering.provision(order) == Done()
    assert stage(world, order) == Stage.POST_PROCESSING


def test_an_opportunity_that_cannot_be_given_up_now_is_given_up_later() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    world.run_due()
    world.agent.cancel(order)
    world.faults.set("opportunities.move", Fault.DOWN)
    assert isinstance(world.ordering.provision(order), RetryAt)
    assert carry_on(world, order) == Done()
    assert stage(world, order) == Stage.VOID


def test_an_opportunity_that_salesforce_will_not_give_up_is_somebodys_to_look_at() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    world.agent.cancel(order)
    world.faults.set("opportunities.move", Fault.REFUSE)
    held(world.ordering.provision(order), HoldCode.CONFIGURATION)
    world.ordering.retry(order, by="operator", reason="permission given")
    assert world.ordering.provision(order) == Done()
    assert stage(world, order) == Stage.VOID


def cancel_inside(world: World, order: OrderId, operation: str) -> None:
    world.faults.hook(operation, "after", lambda: world.agent.cancel(order))


def test_cancelled_while_it_is_marked_nothing_is_billed() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.hook("orders.provisioning_facts", "after", lambda: world.agent.cancel(order))
    assert world.ordering.provision(order) == Done()
    assert world.billed(order) == ()
    assert stage(world, order) == Stage.VOID


@pytest.mark.parametrize(
    ("operation", "lines"), [("billing.add", 0), ("lines.submit", 1), ("billing.accept", 1)]
)
def test_cancelled_in_flight_lists_exactly_what_exists_and_goes_no_further(
    operation: str, lines: int
) -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    cancel_inside(world, order, operation)

    hold = held(finish(world, order), HoldCode.CANCELLED_IN_FLIGHT)

    [billed] = world.billed(order)
    assert hold.facts["billing_order"] == str(billed)
    assert hold.facts["undo:billing_order"] == "cancel_billing_order"
    assert ("line" in hold.facts) == bool(lines)
    assert hold.facts.get("line", "") == ", ".join(world.opened(order))
    assert len(world.opened(order)) == lines
    assert Outcome.DONE not in outcomes(world, order, Step.COMPLETE)
    assert stage(world, order) == Stage.POST_PROCESSING
    assert state(world, order) is OrderState.CANCELLED
    assert mails(world, order)[-1] == "stopped"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_cancelled_while_its_new_address_is_written_nothing_is_billed(moment: str) -> None:
    world = new_world()
    order = readdressed(world, world.new_customer())
    world.faults.hook("billing.update_address", moment, lambda: world.agent.cancel(order))
    assert finish(world, order) == Done()
    assert world.billed(order) == ()


def test_activated_by_hand_and_taken_up_again_it_is_read_once_more_after_its_new_address() -> None:
    world = new_world()
    order = readdressed(world, world.new_customer())
    world.agent.set_activation(order, "Activated")
    held(world.ordering.provision(order), HoldCode.ACTIVATED_BY_HAND)
    world.ordering.retry(order, by="operator", reason="it is to be billed after all")
    cancel_inside(world, order, "billing.update_address")
    assert finish(world, order) == Done()
    assert world.billed(order) == ()


def test_a_line_that_completes_after_the_order_was_cancelled_is_an_urgent_finding() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    cancel_inside(world, order, "lines.submit")
    world.ordering.provision(order)
    held(world.ordering.provision(order), HoldCode.CANCELLED_IN_FLIGHT)
    assert findings(world) == []

    carry_on(world, order, at_most=LINE_OPENS)

    [finding] = findings(world)
    assert finding.code.value == "line_active_order_cancelled"
    assert finding.urgent
    assert finding.facts == {"line": world.opened(order)[0]}


def test_what_was_undone_is_no_longer_held() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    cancel_inside(world, order, "billing.add")
    held(world.ordering.provision(order), HoldCode.CANCELLED_IN_FLIGHT)
    world.billing.cancel_order(world.billed(order)[0])
    assert world.ordering.provision(order) == Done()
    assert stage(world, order) == Stage.VOID


def test_a_persons_word_that_it_is_undone_is_enough() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    finish(world, order)
    world.agent.cancel(order)
    held(world.ordering.provision(order), HoldCode.CANCELLED_IN_FLIGHT)
    assert findings(world)
    world.ordering.retry(order, by="operator", reason="line terminated, order cancelled in WHMCS")
    assert world.ordering.provision(order) == Done()
    assert findings(world) == []
    assert stage(world, order) == Stage.ACTIVE


def told_again_by(world: World, order: OrderId, way: str) -> None:
    """Ask for the held order again without a person's word that anything was undone or done."""
    world.clock.advance(timedelta(minutes=1))
    match way:
        case "an event":
            world.ordering.provision_requested(order, event="late")
        case "the code emptied":
            world.agent.clear_error(order)
        case _:
            world.agent.set_activation(order, "Activating")


@pytest.mark.parametrize("way", ["an event", "the code emptied", "set going"])
def test_nothing_but_a_retry_says_that_what_exists_of_a_cancelled_order_is_undone(way: str) -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    cancel_inside(world, order, "lines.submit")
    world.ordering.provision(order)
    before = held(world.ordering.provision(order), HoldCode.CANCELLED_IN_FLIGHT)
    told_again_by(world, order, way)
    hold = held(world.ordering.provision(order), HoldCode.CANCELLED_IN_FLIGHT)
    assert hold.facts == before.facts

    carry_on(world, order, at_most=LINE_OPENS)

    assert [finding.code.value for finding in findings(world)] == ["line_active_order_cancelled"]


def test_a_word_that_it_is_undone_is_about_what_existed_then() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    cancel_inside(world, order, "billing.add")
    held(world.ordering.provision(order), HoldCode.CANCELLED_IN_FLIGHT)
    world.ordering.retry(order, by="operator", reason="cancelled in WHMCS")
    assert world.ordering.provision(order) == Done()

    world.agent.set_status(order, "Approved")
    world.ordering.provision(order)
    world.agent.cancel(order)
    hold = held(world.ordering.provision(order), HoldCode.CANCELLED_IN_FLIGHT)
    assert hold.facts == {"line": world.opened(order)[0], "undo:line": "terminate_line"}


def test_each_stop_is_told_once_and_a_second_one_again() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    for stops in (1, 2, 3):
        world.agent.cancel(order)
        for reason in ("C1", "C2"):
            world.ordering.provision(order)
            world.agent.cancel(order, reason=reason)
            world.ordering.observe(order, cause=f"changed:{stops}:{reason}")
        assert mails(world, order).count("stopped") == stops
        world.agent.set_status(order, "Draft")
        world.ordering.provision(order)
        assert mails(world, order).count("stopped") == stops


def test_a_stop_before_approval_and_one_after_it_are_told_each() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    world.agent.cancel(order)
    world.ordering.provision(order)
    assert state(world, order) is OrderState.REJECTED
    world.agent.approve(order)
    world.ordering.observe(order, cause="changed:1")
    world.agent.cancel(order)
    world.ordering.provision(order)
    assert state(world, order) is OrderState.CANCELLED
    assert mails(world, order).count("stopped") == 2


def test_a_cancelled_order_that_is_taken_up_again_needs_a_word_to_go_on() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    cancel_inside(world, order, "billing.add")
    held(world.ordering.provision(order), HoldCode.CANCELLED_IN_FLIGHT)
    world.agent.set_status(order, "Approved")
    held(world.ordering.provision(order), HoldCode.CANCELLED_IN_FLIGHT)
    world.agent.set_activation(order, "Activating")
    assert finish(world, order) == Done()
    assert len(world.billed(order)) == 1


def test_a_cancelled_order_with_a_line_of_unknown_outcome_says_so() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), PORTED_ESIM)
    world.faults.hook("lines.submit", "before", lambda: world.agent.cancel(order))
    world.faults.set("lines.submit", Fault.LOSE_REPLY)
    world.ordering.provision(order)
    world.lines._lines.clear()
    world.lines._marked.clear()
    world.clock.advance(SETTLED)
    hold = held(world.ordering.provision(order), HoldCode.CANCELLED_IN_FLIGHT)
    assert hold.facts["line"] == "unknown"


def forget_mapping(world: World) -> None:
    identities = world.store._parts.identities
    identities._clients._rows.clear()


def test_a_cancelled_order_whose_client_is_no_longer_mapped_lists_what_the_journal_has() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    cancel_inside(world, order, "billing.add")
    world.ordering.provision(order)
    forget_mapping(world)
    hold = held(world.ordering.provision(order), HoldCode.CANCELLED_IN_FLIGHT)
    assert hold.facts["billing_order"] == str(world.billed(order)[0])


def test_an_order_whose_services_are_over_does_not_exist_any_more() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), ROUTER)
    world.ordering.provision(order)
    world.agent.cancel(order)
    [billed] = world.billing.orders_of(order)
    for service in billed.services:
        world.billing._services[service.id] = attrs.evolve(service, status="Terminated")
    assert world.ordering.provision(order) == Done()


def activate_by_hand(world: World, order: OrderId) -> None:
    world.agent.set_activation(order, "Activated")


def test_activated_by_another_hand_before_we_began_bills_nothing() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    activate_by_hand(world, order)
    hold = held(world.ordering.provision(order), HoldCode.ACTIVATED_BY_HAND)
    assert hold.facts == {}
    assert world.billed(order) == ()
    activation = in_salesforce(world, order).activation
    assert (activation.status, activation.error_code) == ("Activated", "ACTIVATED_BY_HAND")
    assert "active" not in mails(world, order)
    assert state(world, order) is OrderState.ACTIVATED


@pytest.mark.parametrize("operation", ["billing.add", "lines.submit", "billing.accept"])
def test_activated_by_another_hand_with_steps_open_goes_no_further(operation: str) -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.hook(operation, "after", lambda: activate_by_hand(world, order))
    hold = held(finish(world, order), HoldCode.ACTIVATED_BY_HAND)
    assert hold.facts["billing_order"] == str(world.billed(order)[0])
    assert Outcome.DONE not in outcomes(world, order, Step.COMPLETE)


@pytest.mark.parametrize("fails", [True, False])
def test_the_line_of_an_order_activated_by_hand_is_listed_unless_it_fails(fails: bool) -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.ordering.provision(order)
    activate_by_hand(world, order)
    [line] = world.opened(order)
    hold = held(world.ordering.provision(order), HoldCode.ACTIVATED_BY_HAND)
    assert hold.facts["line"] == line
    if fails:
        world.agent.fail_line(order, "NETWORK_BUSY")
    world.hints.take()
    carry_on(world, order, at_most=2 * LINE_OPENS)
    hold = held(case_file(world, order).rest, HoldCode.ACTIVATED_BY_HAND)
    assert hold.facts.get("line") == (None if fails else line)
    assert hold.facts["billing_order"] == str(world.billed(order)[0])
    assert world.queue.next_due() is None


def test_an_order_activated_by_hand_lists_no_bill_that_was_undone() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), HOME)
    world.faults.hook("billing.add", "after", lambda: activate_by_hand(world, order))
    held(world.ordering.provision(order), HoldCode.ACTIVATED_BY_HAND)
    world.billing.cancel_order(world.billed(order)[0])
    assert held(world.ordering.provision(order), HoldCode.ACTIVATED_BY_HAND).facts == {}


def test_who_empties_the_error_of_an_order_activated_by_hand_says_that_nothing_is_open() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    activate_by_hand(world, order)
    world.ordering.provision(order)
    world.agent.clear_error(order)
    assert world.ordering.provision(order) == Done()
    assert world.billed(order) == ()
    activation = in_salesforce(world, order).activation
    assert (activation.status, activation.error_code) == ("Activated", None)


def test_an_event_does_not_say_that_nothing_is_open_of_an_order_activated_by_hand() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    activate_by_hand(world, order)
    world.ordering.provision(order)
    told_again_by(world, order, "an event")
    held(world.ordering.provision(order), HoldCode.ACTIVATED_BY_HAND)
    assert world.billed(order) == ()


@pytest.mark.parametrize("texts", [["Activating"], [None], ["Weird", "Activating"]])
def test_who_takes_back_an_activation_by_hand_has_not_said_that_nothing_is_open(
    texts: list[str | None],
) -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    activate_by_hand(world, order)
    world.ordering.provision(order)
    world.faults.hook("billing.add", "after", lambda: activate_by_hand(world, order))
    for text in texts:
        world.agent.set_activation(order, text)
        world.agent.clear_error(order)
        world.ordering.provision(order)
    hold = held(case_file(world, order).rest, HoldCode.ACTIVATED_BY_HAND)
    assert hold.facts["billing_order"] == str(world.billed(order)[0])


def test_an_order_activated_by_hand_is_told_active_only_when_its_open_steps_are_done() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    activate_by_hand(world, order)
    world.ordering.provision(order)
    world.ordering.retry(order, by="operator", reason="was set by mistake")
    world.ordering.provision(order)
    assert len(world.opened(order)) == 1
    assert "active" not in mails(world, order)
    world.clock.advance(LINE_OPENS)
    assert world.ordering.provision(order) == Done()
    assert mails(world, order).count("active") == 1


def test_a_retry_of_an_order_activated_by_hand_that_nobody_approved_tells_nobody_that_it_is_active() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    activate_by_hand(world, order)
    world.ordering.provision(order)
    world.ordering.retry(order, by="operator", reason="go on")
    assert world.ordering.provision(order) == WaitFor(Fact.APPROVAL)
    assert world.billed(order) == ()
    assert "active" not in mails(world, order)


def test_a_retry_does_the_open_steps_of_an_order_activated_by_hand() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    activate_by_hand(world, order)
    world.ordering.provision(order)
    world.ordering.retry(order, by="operator", reason="was set by mistake")
    assert finish(world, order) == Done()
    snapshot = in_salesforce(world, order)
    assert snapshot.billing_order == world.billed(order)[0]
    assert (snapshot.activation.status, snapshot.activation.error_code) == ("Activated", None)


@pytest.mark.parametrize("text", [None, "Activating"])
@pytest.mark.parametrize("draft", [ESIM, ROUTER, HOME])
def test_a_finished_order_that_somebody_sets_back_shows_again_that_its_service_is_active(
    draft: Draft, text: str | None
) -> None:
    world = new_world()
    order = approved(world, world.new_customer(), draft)
    assert finish(world, order) == Done()
    world.agent.set_activation(order, text)
    carry_on(world, order)
    assert state(world, order) is OrderState.ACTIVATED
    assert in_salesforce(world, order).activation.status == "Activated"
    assert len(world.billed(order)) == 1
    assert mails(world, order).count("active") == 1


def test_a_finished_order_that_somebody_puts_back_into_review_has_an_owner() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    finish(world, order)
    world.agent.set_activation(order, None)
    world.agent.set_status(order, "Draft")
    held(world.ordering.provision(order), HoldCode.APPROVAL_WITHDRAWN)
    world.agent.approve(order)
    world.agent.set_activation(order, "Activating")
    assert world.ordering.provision(order) == Done()
    assert state(world, order) is OrderState.ACTIVATED


def test_an_order_done_by_hand_with_every_link_is_done() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    record = world.salesforce.orders[order]
    linked = attrs.evolve(
        record.snapshot,
        billing_order=BillingOrderId(77),
        activation=attrs.evolve(record.snapshot.activation, status="Activated"),
    )
    world.salesforce.edit_order(order, lambda known: attrs.evolve(known, snapshot=linked))
    assert world.ordering.provision(order) == Done()


def test_an_order_that_whmcs_ids_show_to_be_others_is_left_alone() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    record = world.salesforce.orders[order]
    lines = record.snapshot.lines
    linked = (attrs.evolve(lines[0], service=ServiceId(5)), *lines[1:])
    world.salesforce.edit_order(
        order,
        lambda known: attrs.evolve(known, snapshot=attrs.evolve(known.snapshot, lines=linked)),
    )
    assert world.ordering.provision(order) == WaitFor(Fact.ADOPTION)
    assert world.billed(order) == ()


def test_an_order_from_before_our_time_is_left_alone_until_an_operator_takes_it_over() -> None:
    world = new_world(policy=Policy(provisioning_not_before=WEDNESDAY + timedelta(seconds=1)))
    order = approved(world, world.new_customer())
    assert world.ordering.provision(order) == WaitFor(Fact.ADOPTION)
    take_over(world, order)
    assert finish(world, order) == Done()


def test_an_order_from_our_first_moment_is_ours() -> None:
    world = new_world(policy=Policy(provisioning_not_before=WEDNESDAY))
    assert finish(world, approved(world, world.new_customer())) == Done()


def take_over(world: World, order: OrderId) -> None:
    """Let an operator say that the order is ours to provision."""
    kept = case_file(world, order)
    with world.store.transaction() as tx:
        tx.journal.keep(attrs.evolve(kept, adopted=True))


def made_by_hand(world: World) -> OrderId:
    """Return an approved order that no submit of ours has placed."""
    order = approved(world, world.new_customer())
    record = world.salesforce.orders[order]
    copy = attrs.evolve(
        record.snapshot, id=OrderId("801-by-hand"), request_key=RequestKey("nobody's"), number="77"
    )
    with world.salesforce.lock:
        world.salesforce.save_order(attrs.evolve(record, snapshot=copy))
    return copy.id


def test_an_order_that_was_not_placed_through_us_is_left_alone_and_nobody_is_written_to() -> None:
    world = new_world()
    order = made_by_hand(world)
    assert world.ordering.provision(order) == WaitFor(Fact.ADOPTION)
    assert mails(world, order) == []


def test_an_order_without_a_quote_cannot_be_billed_even_when_taken_over() -> None:
    world = new_world()
    order = made_by_hand(world)
    world.ordering.provision(order)
    take_over(world, order)
    hold = held(world.ordering.provision(order), HoldCode.CONFIGURATION)
    assert "quote" in hold.message
    world.agent.cancel(order)
    assert world.ordering.provision(order) == Done()


def test_a_billing_order_that_salesforce_names_and_whmcs_does_not_know_is_never_billed_again() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    record = world.salesforce.orders[order]
    linked = attrs.evolve(record.snapshot, billing_order=BillingOrderId(4711))
    world.salesforce.edit_order(order, lambda known: attrs.evolve(known, snapshot=linked))
    world.ordering.provision(order)
    take_over(world, order)
    hold = held(world.ordering.provision(order), HoldCode.OUTCOME_AMBIGUOUS)
    assert hold.facts == {"billing_order": "4711"}
    assert world.billed(order) == ()


def test_an_order_that_salesforce_has_lost_is_done_unless_something_of_it_exists() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    other = approved(world, world.new_customer())
    world.ordering.provision(other)
    del world.salesforce.orders[order]
    del world.salesforce.orders[other]
    assert world.ordering.provision(order) == Done()
    hold = held(world.ordering.provision(other), HoldCode.CANCELLED_IN_FLIGHT)
    assert hold.facts["line"] == world.opened(other)[0]
    assert hold.reported


def test_an_approval_taken_back_before_billing_waits_for_the_next_one() -> None:
    world = new_world()
    order = place(world, world.new_customer(), HOME)
    world.agent.approve(order)
    world.agent.set_activation(order, "Scheduled", at=WEDNESDAY + timedelta(days=7))
    world.ordering.provision(order)
    world.agent.set_status(order, "Draft")
    assert world.ordering.provision(order) == WaitFor(Fact.APPROVAL)
    assert in_salesforce(world, order).activation.status is None
    assert state(world, order) is OrderState.UNDER_REVIEW

    world.agent.approve(order)
    assert world.ordering.provision(order) == WaitFor(Fact.AGENT_GO_AHEAD)


def test_an_approval_taken_back_after_billing_was_begun_is_a_hold() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.hook("billing.add", "after", lambda: world.agent.set_status(order, "Draft"))
    held(world.ordering.provision(order), HoldCode.APPROVAL_WITHDRAWN)
    assert world.opened(order) == ()
    world.agent.approve(order)
    held(world.ordering.provision(order), HoldCode.APPROVAL_WITHDRAWN)
    world.agent.set_activation(order, "Activating")
    assert finish(world, order) == Done()


def test_activating_without_approval_is_taken_as_one_and_found() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    world.ordering.provision(order)
    world.agent.set_activation(order, "Activating")
    assert finish(world, order) == Done()
    assert [finding.code.value for finding in findings(world)] == ["APPROVAL_IMPLIED"]


@pytest.mark.parametrize(
    ("spoil", "rest"),
    [
        (lambda world, order: world.agent.set_status(order, "Aproved"), WaitFor(Fact.APPROVAL)),
        (lambda world, order: world.agent.set_status(order, None), WaitFor(Fact.APPROVAL)),
        (lambda world, order: world.agent.set_activation(order, "Go!"), WaitFor(Fact.AGENT_GO_AHEAD)),
    ],
)
def test_a_text_that_nobody_knows_is_not_guessed_at(
    spoil: Callable[[World, OrderId], None], rest: WaitFor
) -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    spoil(world, order)
    assert world.ordering.provision(order) == rest
    assert world.billed(order) == ()
    assert state(world, order) is OrderState.UNKNOWN
    assert [finding.code.value for finding in findings(world)] == ["UNKNOWN_STATUS"]
    assert "Go!" not in GO_AHEAD_TEXTS


def test_links_that_salesforce_refuses_are_found_and_tried_again_while_the_service_is_active() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.ordering.provision(order)
    world.clock.advance(LINE_OPENS)
    world.faults.set("orders.write", Fault.REFUSE, code="FIELD_NOT_WRITEABLE")
    assert isinstance(world.ordering.provision(order), RetryAt)
    assert state(world, order) is OrderState.ACTIVATED
    assert in_salesforce(world, order).billing_order is None
    assert [finding.code.value for finding in findings(world)] == ["LINKS_NOT_WRITTEN"]
    assert mails(world, order)[-1] == "active"

    assert carry_on(world, order) == Done()
    assert in_salesforce(world, order).billing_order == world.billed(order)[0]
    assert findings(world) == []


def test_links_that_are_still_refused_an_hour_later_write_nothing_more() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), ROUTER)
    world.faults.hook("billing.accept", "before", lambda: world.faults.set("orders.write", Fault.REFUSE))
    world.ordering.provision(order)
    world.faults.set("orders.write", Fault.REFUSE, times=1)
    counts = counted(world, lambda: carry_on(world, order, at_most=timedelta(minutes=61)))
    assert counts["orders.write"] == 1
    assert carry_on(world, order) == Done()


def test_a_service_is_active_for_its_customer_though_salesforce_takes_nothing_at_all() -> None:
    world = new_world()
    customer = world.new_customer()
    order = approved(world, customer, ROUTER)
    world.faults.hook(
        "billing.accept", "before", lambda: world.faults.set("orders.write", Fault.REFUSE, times=4)
    )
    assert isinstance(world.ordering.provision(order), RetryAt)
    assert in_salesforce(world, order).activation.status == "Activating"
    assert world.ordering.order(order, customer=customer).label == "Service Active"
    assert [finding.code.value for finding in findings(world)] == ["LINKS_NOT_WRITTEN"]
    assert mails(world, order)[-1] == "active"

    assert carry_on(world, order) == Done()
    assert in_salesforce(world, order).activation.status == "Activated"
    assert findings(world) == []
    assert not case_file(world, order).served


def test_a_service_id_is_never_written_over_another() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    snapshot = in_salesforce(world, order)
    assert snapshot.opportunity is not None
    record = world.salesforce.opportunities[snapshot.opportunity]
    world.salesforce.save_opportunity(
        attrs.evolve(record, opportunity=attrs.evolve(record.opportunity, service=ServiceId(5)))
    )
    assert isinstance(finish(world, order), RetryAt)
    codes = {finding.code.value for finding in findings(world)}
    assert codes == {"LINKS_NOT_WRITTEN", "SERVICE_ID_DIFFERS"}
    found = world.ordering.opportunities.read(snapshot.opportunity)
    assert found is not None
    assert found.service == ServiceId(5)
    assert state(world, order) is OrderState.ACTIVATED


def test_an_order_without_an_opportunity_is_linked_as_far_as_it_goes() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), ROUTER)
    record = world.salesforce.orders[order]
    orphan = attrs.evolve(record.snapshot, opportunity=None)
    world.salesforce.edit_order(order, lambda known: attrs.evolve(known, snapshot=orphan))
    assert world.ordering.provision(order) == Done()
    assert in_salesforce(world, order).billing_order == world.billed(order)[0]


def spoil_service(world: World, order: OrderId, spoil: Callable[[BilledService], BilledService]) -> None:
    [billed, *_] = world.billing.orders_of(order)
    service = billed.services[0]
    world.billing._services[service.id] = spoil(service)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda service: attrs.evolve(service, price=service.price + 1),
        lambda service: attrs.evolve(service, product=BillingProductId(9)),
        lambda service: attrs.evolve(service, cycle=next(c for c in BillingCycle if c != service.cycle)),
        lambda service: attrs.evolve(service, item=None),
        lambda service: attrs.evolve(service, item=OrderItemId("802-other")),
    ],
    ids=["price", "product", "cycle", "no mark", "another mark"],
)
def test_a_bill_that_is_not_what_was_ordered_is_not_accepted(
    spoil: Callable[[BilledService], BilledService],
) -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.hook("billing.add", "after", lambda: spoil_service(world, order, spoil))
    hold = held(world.ordering.provision(order), HoldCode.CONFIGURATION)
    assert hold.facts["billing_order"] == str(world.billed(order)[0])
    assert outcomes(world, order, Step.ACCEPT_BILLING_ORDER) == []
    assert world.opened(order) == ()


def test_an_item_that_became_two_services_is_not_accepted() -> None:
    world = new_world()
    order = approved(world, world.new_customer())

    def double() -> None:
        [billed, *_] = world.billing.orders_of(order)
        twin = ServiceId(billed.services[0].id + 500)
        world.billing._services[twin] = attrs.evolve(billed.services[0], id=twin)
        record = world.billing._orders[billed.id]
        world.billing._orders[billed.id] = attrs.evolve(record, services=(*record.services, twin))

    world.faults.hook("billing.add", "after", double)
    held(world.ordering.provision(order), HoldCode.CONFIGURATION)
    assert outcomes(world, order, Step.ACCEPT_BILLING_ORDER) == []
    assert world.opened(order) == ()


def defrauded(service: BilledService) -> BilledService:
    return attrs.evolve(service, status="Fraud")


def pending(service: BilledService) -> BilledService:
    return attrs.evolve(service, status="Pending")


def test_a_service_that_is_over_before_it_began_holds_the_order() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.hook("billing.accept", "after", lambda: spoil_service(world, order, defrauded))
    held(finish(world, order), HoldCode.BILLING_REFUSED)


def test_a_service_that_does_not_become_active_holds_the_order() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), ROUTER)

    def undo() -> None:
        spoil_service(world, order, pending)

    world.faults.hook("billing.activate_service", "after", undo)
    hold = held(world.ordering.provision(order), HoldCode.BILLING_REFUSED)
    assert "stays Pending" in hold.message
    world.agent.clear_error(order)
    assert world.ordering.provision(order) == Done()


def test_a_bill_that_disappeared_is_nobodys_to_add_again() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.ordering.provision(order)
    world.billing.cancel_order(world.billed(order)[0])
    world.clock.advance(LINE_OPENS)
    held(world.ordering.provision(order), HoldCode.BILLING_REFUSED)
    world.agent.clear_error(order)
    held(world.ordering.provision(order), HoldCode.BILLING_REFUSED)
    assert len(world.billed(order)) == 1


def test_a_bill_that_disappears_once_it_was_accepted_is_a_persons_matter() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), ROUTER)
    world.faults.hook("billing.accept", "after", lambda: world.billing.cancel_order(world.billed(order)[0]))
    hold = held(world.ordering.provision(order), HoldCode.OUTCOME_AMBIGUOUS)
    assert hold.facts == {"billing_order": str(world.billed(order)[0])}


def test_a_line_that_the_network_no_longer_knows_is_nobodys_to_submit_again() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.ordering.provision(order)
    world.lines._lines.clear()
    world.lines._marked.clear()
    assert isinstance(world.ordering.provision(order), WaitFor)  # it may become visible a little later
    world.clock.advance(SETTLED)
    hold = held(world.ordering.provision(order), HoldCode.OUTCOME_AMBIGUOUS)
    assert "line" in hold.facts
    assert world.faults.calls("lines.submit") == 1


def test_a_card_taken_away_after_billing_waits_for_another() -> None:
    world = new_world()
    order = approved(world, world.new_customer(), PHYSICAL)
    world.agent.assign_sim(order)

    def take_away() -> None:
        world.salesforce.edit_order(order, lambda record: attrs.evolve(record, card=None))

    world.faults.hook("billing.add", "after", take_away)
    assert world.ordering.provision(order) == WaitFor(Fact.SIM_ASSIGNMENT)
    world.agent.assign_sim(order)
    assert finish(world, order) == Done()
    assert outcomes(world, order, Step.ADD_BILLING_ORDER) == [Outcome.DONE]
