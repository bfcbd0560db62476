from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core import (
    CheckoutIncomplete,
    Conflict,
    CustomerId,
    Draft,
    EventKind,
    InternetDraft,
    OpportunityId,
    OrderRejected,
    OrderState,
    OrderStatus,
    PlacementState,
    Policy,
    Refused,
    Requirement,
    Sku,
    Submitted,
    Unavailable,
)
from ordering_core.domain.identifiers import AccountId
from ordering_core.domain.opportunity import Opportunity
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.vocabulary import OrderStatusText, OrderType, Stage
from ordering_core.ports.order_records import DecisionKind
from tests.unit.application.shop import (
    APARTMENT,
    ESIM,
    HOME,
    OTHER_ADDRESS,
    PHYSICAL,
    PORTED_CARD,
    PORTING,
    ROUTER,
    World,
    new_world,
    picture,
    place,
    ready_checkout,
    submitted,
)


def orders_of(world: World, customer: CustomerId) -> list[OrderSnapshot]:
    account = world.account_of(customer)
    return [kept.snapshot for kept in world.salesforce.orders.values() if kept.snapshot.account == account]


def opportunity(world: World, customer: CustomerId) -> Opportunity:
    only = orders_of(world, customer)[0].opportunity
    assert only is not None
    return world.salesforce.opportunities[only].opportunity


def calls(world: World) -> dict[str, int]:
    return {name: count for name, count in world.faults._calls.items() if not name.startswith("store.")}


@pytest.mark.parametrize("draft", [ESIM, PHYSICAL, PORTED_CARD, HOME, APARTMENT, ROUTER])
def test_submitting_writes_the_seeds_records(draft: Draft) -> None:
    world = new_world()
    customer = world.new_customer()
    done = world.ordering.submit(ready_checkout(world, customer, draft).id, customer=customer)
    assert done.state is PlacementState.PLACED
    assert done.retry_after is None
    assert not done.repeated
    (order,) = orders_of(world, customer)
    assert order.id == done.order
    assert order.status == OrderStatusText.DRAFT
    assert order.order_type is draft.order_type
    assert order.effective_date == date(2026, 6, 3)
    assert order.draft == draft
    assert [(line.sku, line.quantity) for line in order.lines] == [(sku, 1) for sku in draft.skus]
    assert opportunity(world, customer).stage == Stage.POST_PROCESSING
    assert [case.case.order for case in world.salesforce.cases.values()].count(order.id) == 1
    assert world.billed(order.id) == ()
    assert world.opened(order.id) == ()


def test_placing_costs_two_calls_to_salesforce_and_one_to_whmcs() -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer, PORTED_CARD)
    before = calls(world)
    submitted(world, session.id, customer)
    assert {
        name: count - before.get(name, 0)
        for name, count in calls(world).items()
        if count != before.get(name, 0)
    } == {
        "orders.placing_facts": 1,
        "billing.payment_methods": 1,
        "orders.place": 1,
    }


def test_the_first_thing_told_about_an_order_is_its_submit_and_the_verdict_is_kept() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer)
    (event,) = world.ordering.changes(
        after=world.ordering.order(order, customer=customer).cursor.__class__(0)
    )
    assert (event.kind, event.status, event.by) == (
        EventKind.SUBMITTED,
        OrderStatus(OrderState.UNDER_REVIEW),
        customer,
    )
    with world.store.transaction() as tx:
        (decision,) = tx.decisions.of(order)
    assert (decision.kind, decision.by) == (DecisionKind.SUBMITTED, customer)
    assert decision.verdict is not None
    assert decision.verdict.passed
    assert decision.verdict.skus == ESIM.skus


def test_the_quote_is_frozen_at_submit() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer)
    assert world.ordering.order(order, customer=customer).quote == world.ordering.price(ESIM)


def test_submitting_again_gives_the_same_order_even_after_the_sessions_time() -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)
    first = submitted(world, session.id, customer)
    world.agent.remove_payment_methods(world.client_of(customer))
    world.clock.advance(10 * Policy().checkout_ttl)
    before = picture(world)
    again = world.ordering.submit(session.id, customer=customer)
    assert again == Submitted(state=PlacementState.PLACED, order=first, retry_after=None, repeated=True)
    assert picture(world) == before


# --- refused before anything is written -------------------------------------------------------------

Spoil = Callable[[World, CustomerId], object]


@pytest.mark.parametrize(
    ("spoil", "missing"),
    [
        (
            lambda world, who: world.agent.remove_payment_methods(world.client_of(who)),
            Requirement.PAYMENT_METHOD,
        ),
        (lambda world, who: world.agent.reject_identity(world.account_of(who), "x"), Requirement.IDENTITY),
        (
            lambda world, who: world.agent.record_eligibility(world.account_of(who), None),
            Requirement.ELIGIBILITY,
        ),
    ],
    ids=["payment", "card", "eligibility"],
)
def test_what_was_there_at_review_is_asked_again_at_submit(spoil: Spoil, missing: Requirement) -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer, HOME)
    assert world.ordering.requirements(session.id, customer=customer).outstanding == ()
    spoil(world, customer)
    before = picture(world)
    with pytest.raises(CheckoutIncomplete) as caught:
        world.ordering.submit(session.id, customer=customer)
    assert caught.value.outstanding == (missing,)
    assert picture(world) == before


def test_an_unconfirmed_address_keeps_an_order_from_being_submitted() -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)
    world.ordering.update_address(session.id, OTHER_ADDRESS, customer=customer)
    with pytest.raises(CheckoutIncomplete) as caught:
        world.ordering.submit(session.id, customer=customer)
    assert caught.value.outstanding == (Requirement.ADDRESS,)


def port(days_left: int) -> Draft:
    expiry = date(2026, 6, 3) + timedelta(days=days_left - 1)
    return attrs.evolve(PORTED_CARD, porting=attrs.evolve(PORTING, reservation_expires_on=expiry))


def test_a_port_that_was_long_enough_at_configure_may_be_too_short_at_submit() -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer, port(12))
    world.clock.advance(timedelta(hours=13, minutes=59))  # 23:59 in Tokyo
    assert submitted(world, session.id, customer)
    late = ready_checkout(world, customer, port(12))
    world.clock.advance(timedelta(minutes=1))  # 00:00
    before = picture(world)
    with pytest.raises(OrderRejected, match="mnp_too_short"):
        world.ordering.submit(late.id, customer=customer)
    assert picture(world) == before


@pytest.mark.parametrize(("days_left", "accepted"), [(1, False), (11, False), (12, True), (15, True)])
def test_the_days_a_port_needs_at_configure_are_counted_to_the_day(days_left: int, accepted: bool) -> None:
    verdict = new_world().ordering.check(port(days_left)).verdict
    assert verdict.passed is accepted


def test_a_changed_price_is_refused_until_the_customer_has_seen_it() -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)
    book = world.salesforce.price_book
    plan = book.products[Sku("SIM-DATA-5GB")]
    dearer = {**book.products, plan.sku: attrs.evolve(plan, price=plan.price + 1)}
    world.salesforce.price_book = attrs.evolve(book, products=dearer)
    world.ordering.refresh_catalogue()
    before = picture(world)
    with pytest.raises(OrderRejected, match="price_changed"):
        world.ordering.submit(session.id, customer=customer)
    assert picture(world) == before
    world.ordering.change_checkout(session.id, ESIM, customer=customer)
    order = submitted(world, session.id, customer)
    assert world.ordering.order(order, customer=customer).monthly.net == plan.price + 1


def test_a_product_that_went_off_sale_can_neither_be_priced_nor_submitted() -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)
    book = world.salesforce.price_book
    world.salesforce.price_book = attrs.evolve(
        book, products={sku: product for sku, product in book.products.items() if sku != "SIM-DATA-5GB"}
    )
    world.ordering.refresh_catalogue()
    assert world.ordering.requirements(session.id, customer=customer).quote is None
    with pytest.raises(OrderRejected, match="sku_unknown"):
        world.ordering.submit(session.id, customer=customer)


def test_a_plan_for_another_building_is_refused() -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer, HOME)
    world.agent.record_eligibility(world.account_of(customer), "Apartment 1G")
    with pytest.raises(OrderRejected, match="offering_differs"):
        world.ordering.submit(session.id, customer=customer)


@pytest.mark.parametrize("operation", ["orders.placing_facts", "billing.payment_methods"])
def test_when_a_question_cannot_be_asked_nothing_is_written(operation: str) -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)
    world.faults.set(operation, "down")
    before = picture(world)
    with pytest.raises(Unavailable):
        world.ordering.submit(session.id, customer=customer)
    assert picture(world) == before
    assert submitted(world, session.id, customer)


# --- the address ------------------------------------------------------------------------------------


def move(world: World, customer: CustomerId, draft: Draft = ESIM) -> None:
    session = ready_checkout(world, customer, draft)
    world.ordering.update_address(session.id, OTHER_ADDRESS, customer=customer)
    if isinstance(draft, InternetDraft):
        world.ordering.request_eligibility(session.id, customer=customer)
        world.agent.record_eligibility(world.account_of(customer), "Home 1G")
    world.ordering.confirm_address(session.id, customer=customer)
    submitted(world, session.id, customer)


def test_submit_writes_a_changed_address_to_the_order_and_the_account() -> None:
    world = new_world()
    customer = world.new_customer()
    move(world, customer)
    (order,) = orders_of(world, customer)
    assert order.address_changed
    assert order.address is not None
    assert order.address.prefecture == "Osaka"
    assert world.salesforce.accounts[world.account_of(customer)].address == order.address


def test_the_account_keeps_its_address_if_the_setting_says_so() -> None:
    world = new_world(policy=Policy(update_account_address=False))
    customer = world.new_customer()
    before = world.salesforce.accounts[world.account_of(customer)].address
    move(world, customer)
    assert world.salesforce.accounts[world.account_of(customer)].address == before
    assert orders_of(world, customer)[0].address_changed


def test_moving_with_a_sim_empties_the_eligibility_of_the_old_address() -> None:
    world = new_world()
    customer = world.new_customer()
    world.agent.record_eligibility(world.account_of(customer), "Home 1G")
    move(world, customer)
    assert world.salesforce.accounts[world.account_of(customer)].eligibility.status is None


def test_moving_with_internet_keeps_the_eligibility_that_was_asked_for_the_new_address() -> None:
    world = new_world()
    customer = world.new_customer()
    move(world, customer, HOME)
    assert world.salesforce.accounts[world.account_of(customer)].eligibility.status == "Checked"


# --- opportunities ----------------------------------------------------------------------------------


def interest(world: World, account: AccountId, number: int, stage: str = "Introduction") -> OpportunityId:
    from ordering_adapters.memory.salesforce import OpportunityRecord

    known = Opportunity(
        id=OpportunityId(f"006-{number}"),
        account=account,
        order_type=OrderType.SIM,
        stage=stage,
        created_at=world.clock.now() + timedelta(minutes=number),
        source="A campaign",
    )
    with world.salesforce.lock:
        world.salesforce.save_opportunity(
            OpportunityRecord(opportunity=known, name="x", close_date=date(2026, 7, 1))
        )
    return known.id


def test_an_order_takes_the_opportunity_that_waits_for_it_and_leaves_its_source() -> None:
    world = new_world()
    customer = world.new_customer()
    waiting = interest(world, world.account_of(customer), 1)
    place(world, customer)
    assert opportunity(world, customer).id == waiting
    assert opportunity(world, customer).source == "A campaign"


def test_an_order_opens_an_opportunity_when_none_waits() -> None:
    world = new_world()
    customer = world.new_customer()
    place(world, customer)
    assert opportunity(world, customer).source == "Portal - SIM Checkout Registration"


def test_two_orders_of_one_account_have_two_opportunities() -> None:
    world = new_world()
    customer = world.new_customer()
    interest(world, world.account_of(customer), 1)
    first, second = (place(world, customer) for _ in range(2))
    linked = {order.opportunity for order in orders_of(world, customer)}
    assert first != second
    assert len(linked) == 2


def test_of_two_sessions_submitted_at_once_each_gets_its_own_opportunity() -> None:
    world = new_world()
    customer = world.new_customer()
    taken = interest(world, world.account_of(customer), 2, "Ready")
    spare = interest(world, world.account_of(customer), 1, "Ready")
    one, two = (ready_checkout(world, customer) for _ in range(2))

    def other_submit() -> None:
        submitted(world, two.id, customer)

    world.faults.hook("orders.place", "before", other_submit)
    submitted(world, one.id, customer)
    assert {order.opportunity for order in orders_of(world, customer)} == {taken, spare}


def taken() -> None:
    raise Conflict("Salesforce", "the Opportunity has an order")


def test_an_opportunity_that_salesforce_gave_away_meanwhile_is_not_used_but_the_next_best_is() -> None:
    world = new_world()
    customer = world.new_customer()
    spare, best = (interest(world, world.account_of(customer), number) for number in (1, 2))
    session = ready_checkout(world, customer)
    world.faults.hook("orders.place", "before", taken)
    submitted(world, session.id, customer)
    assert opportunity(world, customer).id == spare
    assert world.salesforce.opportunities[best].opportunity.stage == Stage.INTRODUCTION


def test_without_a_next_best_a_new_opportunity_is_opened() -> None:
    world = new_world()
    customer = world.new_customer()
    interest(world, world.account_of(customer), 1)
    session = ready_checkout(world, customer)
    world.faults.hook("orders.place", "before", taken)
    submitted(world, session.id, customer)
    assert opportunity(world, customer).source == "Portal - SIM Checkout Registration"


def test_linking_again_leaves_out_what_another_submit_holds() -> None:
    world = new_world()
    customer = world.new_customer()
    low, middle, high = (interest(world, world.account_of(customer), number) for number in (1, 2, 3))
    one, two = (ready_checkout(world, customer) for _ in range(2))

    def other_submit() -> None:
        world.faults.set("orders.place", "slow")
        assert world.ordering.submit(two.id, customer=customer).state is PlacementState.PLACING
        taken()

    world.faults.hook("orders.place", "before", other_submit)
    submitted(world, one.id, customer)
    linked = [order.opportunity for order in orders_of(world, customer)]
    assert linked == [low]
    world.clock.advance(timedelta(minutes=1))
    world.run_due()
    assert {order.opportunity for order in orders_of(world, customer)} == {low, middle}
    assert world.salesforce.opportunities[high].opportunity.stage == Stage.INTRODUCTION


@pytest.mark.parametrize("problem", ["taken twice", "cannot be asked"])
def test_when_no_opportunity_can_be_agreed_on_the_order_is_placed_a_little_later(problem: str) -> None:
    world = new_world()
    customer = world.new_customer()
    interest(world, world.account_of(customer), 1)
    session = ready_checkout(world, customer)

    def twice() -> None:
        world.faults.hook("orders.place", "before", taken)
        taken()

    world.faults.hook("orders.place", "before", twice if problem == "taken twice" else taken)
    if problem == "cannot be asked":
        world.faults.set("opportunities.of_account", "down")
    done = world.ordering.submit(session.id, customer=customer)
    assert (done.state, done.retry_after) == (PlacementState.PLACING, Policy().retry_after)
    assert orders_of(world, customer) == []
    world.clock.advance(Policy().retry_after)
    world.run_due()
    assert len(orders_of(world, customer)) == 1


# --- at the same time -------------------------------------------------------------------------------


@pytest.mark.parametrize("attempt", range(20))
def test_two_submits_at_once_in_two_threads_make_one_order(attempt: int) -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)
    start = Barrier(2)
    answers: list[Submitted] = []

    def press() -> None:
        start.wait()
        answers.append(world.ordering.submit(session.id, customer=customer))

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 2
    (order,) = orders_of(world, customer)
    assert world.ordering.submit(session.id, customer=customer).order == order.id
    assert {answer.order for answer in answers} <= {order.id, None}


def test_a_submit_that_meets_its_own_placing_answers_at_once() -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)
    met: list[Submitted] = []
    world.faults.hook(
        "orders.place", "before", lambda: met.append(world.ordering.submit(session.id, customer=customer))
    )
    order = submitted(world, session.id, customer)
    assert met == [
        Submitted(state=PlacementState.PLACING, order=None, retry_after=Policy().retry_after, repeated=True)
    ]
    assert [known.id for known in orders_of(world, customer)] == [order]


def test_a_change_that_slips_in_while_facts_are_asked_is_what_gets_ordered() -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)

    def change() -> None:
        world.ordering.change_checkout(session.id, ROUTER, customer=customer)

    world.faults.hook("billing.payment_methods", "after", change)
    submitted(world, session.id, customer)
    assert [order.draft for order in orders_of(world, customer)] == [ROUTER]


def test_a_checkout_that_keeps_changing_is_given_up_with_nothing_written() -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)

    def change() -> None:
        world.faults.hook("billing.payment_methods", "after", change)
        world.ordering.change_checkout(session.id, ROUTER, customer=customer)

    change()
    with pytest.raises(Conflict):
        world.ordering.submit(session.id, customer=customer)
    assert orders_of(world, customer) == []


@given(st.lists(st.sampled_from(["lose_reply", "down", "slow"]), max_size=4))
def test_however_often_placing_fails_one_session_becomes_one_order_in_the_end(faults: list[str]) -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)
    for fault in faults:
        world.faults.set("orders.place", fault)
    for _ in range(10):
        world.ordering.submit(session.id, customer=customer)
        world.clock.advance(timedelta(minutes=2))
        world.run_due()
    done = world.ordering.submit(session.id, customer=customer)
    assert [order.id for order in orders_of(world, customer)] == [done.order]


def test_an_order_that_salesforce_has_but_our_store_forgot_is_found_again() -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)
    order = submitted(world, session.id, customer)
    forgotten = new_world()
    assert forgotten.new_customer() == customer
    restored = attrs.evolve(ready_checkout(forgotten, customer), request_key=session.request_key)
    with forgotten.store.transaction() as tx:
        tx.sessions.replace(restored)
    forgotten.salesforce.orders.update(world.salesforce.orders)
    forgotten.salesforce.opportunities.update(world.salesforce.opportunities)
    forgotten.salesforce._order_of_key.update(world.salesforce._order_of_key)
    forgotten.agent.remove_payment_methods(forgotten.client_of(customer))
    assert submitted(forgotten, restored.id, customer) == order


def test_refusals_of_a_submit_are_told_with_the_systems_code() -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)
    world.faults.set("orders.place", "refuse", code="FIELD_CUSTOM_VALIDATION_EXCEPTION")
    with pytest.raises(Refused) as caught:
        world.ordering.submit(session.id, customer=customer)
    assert caught.value.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    reopened = world.ordering.checkout(session.id, customer=customer)
    assert not reopened.submitted
    assert reopened.request_key != session.request_key
    world.ordering.change_checkout(session.id, ROUTER, customer=customer)
    submitted(world, session.id, customer)
    assert [order.draft for order in orders_of(world, customer)] == [ROUTER]
