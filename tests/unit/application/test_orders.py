from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

import attrs
import pytest

from ordering_adapters.memory.salesforce import OrderRecord
from ordering_core import (
    Bucket,
    Cursor,
    CustomerId,
    Draft,
    EventKind,
    HoldCode,
    ItemClass,
    Language,
    NotFound,
    OrderEvent,
    OrderId,
    OrderLine,
    OrderState,
    OrderType,
    Owner,
    Policy,
    SimDraft,
    Sku,
    TimelineStep,
    Unavailable,
)
from ordering_core.application.own_orders import RECONCILED
from ordering_core.application.record import order_subject
from ordering_core.domain.events import Source
from ordering_core.domain.identifiers import OrderItemId, RequestKey, Version
from ordering_core.domain.journal import Held
from ordering_core.domain.orders import OrderSnapshot
from ordering_core.domain.vocabulary import BillingCycle
from ordering_core.ports.order_records import Decision, DecisionKind
from tests.unit.application.shop import ESIM, HOME, PORTED_CARD, ROUTER, World, new_world, place


START: Final = Cursor(0)
MAX_AGE: Final = Policy().orders_max_age


def foreign_order(world: World, customer: CustomerId, draft: Draft = ROUTER) -> OrderId:
    """Put an order into Salesforce that was not placed through us."""
    line = OrderLine(
        id=OrderItemId("802-hand"),
        sku=Sku("OLD"),
        name="An old router",
        item_class=ItemClass.SERVICE,
        cycle=BillingCycle.MONTHLY,
        unit_price=Decimal("999.5"),
        quantity=2,
    )
    snapshot = OrderSnapshot(
        id=OrderId("801-hand"),
        number="HAND-1",
        account=world.account_of(customer),
        opportunity=None,
        order_type=draft.order_type,
        status="Approved",
        draft=draft,
        lines=(line, attrs.evolve(line, id=OrderItemId("802-fee"), cycle=BillingCycle.ONE_TIME, quantity=1)),
        effective_date=world.clock.now().date(),
        created_at=world.clock.now(),
        version=Version(""),
    )
    with world.salesforce.lock:
        world.salesforce.save_order(OrderRecord(snapshot=snapshot, modified_at=world.clock.now()))
    world.hints.take()
    return snapshot.id


# --- whose ------------------------------------------------------------------------------------------


def test_a_stranger_cannot_tell_anothers_order_from_none() -> None:
    world = new_world()
    owner, stranger = world.new_customer(), world.new_customer()
    order = place(world, owner)
    for who in (stranger, CustomerId("nobody")):
        for wanted in (order, OrderId("801-no-such")):
            for use_case in (
                world.ordering.order,
                world.ordering.watch,
                world.ordering.sim_arrived,
                lambda wanted, customer: world.ordering.subscribe(wanted, print, customer=customer),
            ):
                with pytest.raises(NotFound) as caught:
                    use_case(wanted, customer=who)
                assert caught.value.args == ("order",)


def test_a_list_holds_the_customers_own_orders_alone() -> None:
    world = new_world()
    owner, other = world.new_customer(), world.new_customer()
    order = place(world, owner)
    assert [shown.id for shown in world.ordering.list_orders(customer=owner).orders] == [order]
    page = world.ordering.list_orders(customer=other)
    assert (page.orders, page.total, page.next) == ((), 0, None)
    assert page.counts == dict.fromkeys(Bucket, 0)


def test_a_portal_user_without_an_account_has_no_orders() -> None:
    world = new_world()
    page = world.ordering.list_orders(customer=CustomerId("nobody"))
    assert (page.orders, page.total, page.as_of) == ((), 0, world.clock.now())


# --- the list ---------------------------------------------------------------------------------------


def shop_around(world: World, customer: CustomerId) -> list[OrderId]:
    orders = []
    for draft in (ESIM, HOME, ROUTER, ESIM):
        orders.append(place(world, customer, draft))
        world.clock.advance(timedelta(minutes=1))
    return orders


def ids(world: World, customer: CustomerId, **wanted: object) -> list[OrderId]:
    page = world.ordering.list_orders(customer=customer, **wanted)  # type: ignore[arg-type]  # any filter
    return [shown.id for shown in page.orders]


def test_orders_are_listed_newest_first_and_page_by_page() -> None:
    world = new_world()
    customer = world.new_customer()
    orders = shop_around(world, customer)
    first = world.ordering.list_orders(customer=customer, limit=3)
    assert [shown.id for shown in first.orders] == orders[:0:-1]
    assert first.next == orders[1]
    assert first.total == 4
    rest = world.ordering.list_orders(customer=customer, limit=3, after=first.next)
    assert [shown.id for shown in rest.orders] == orders[:1]
    assert rest.next is None
    assert world.ordering.list_orders(customer=customer, limit=4).next is None


@pytest.mark.parametrize("limit", [0, -1])
def test_a_page_without_room_for_an_order_is_refused(limit: int) -> None:
    world = new_world()
    with pytest.raises(ValueError, match="1 or more"):
        world.ordering.list_orders(customer=world.new_customer(), limit=limit)


def test_orders_are_found_by_type_by_bucket_and_by_a_part_of_their_number() -> None:
    world = new_world()
    customer = world.new_customer()
    sim, internet, vpn, cancelled = shop_around(world, customer)
    world.agent.cancel(cancelled)
    world.run_due()
    assert ids(world, customer, order_type=OrderType.SIM) == [cancelled, sim]
    assert ids(world, customer, bucket=Bucket.CANCELLED) == [cancelled]
    assert ids(world, customer, bucket=Bucket.PENDING) == [vpn, internet, sim]
    number = world.salesforce.orders[internet].snapshot.number
    assert ids(world, customer, search=f" {number} ") == [internet]
    page = world.ordering.list_orders(customer=customer, bucket=Bucket.ACTIVE)
    assert page.orders == ()
    assert page.counts == {Bucket.PENDING: 3, Bucket.PROCESSING: 0, Bucket.ACTIVE: 0, Bucket.CANCELLED: 1}
    assert page.total == 4


def test_a_card_of_the_list_shows_number_items_and_totals_with_tax() -> None:
    world = new_world()
    customer = world.new_customer()
    place(world, customer)
    (shown,) = world.ordering.list_orders(customer=customer).orders
    assert (shown.order_type, shown.label, shown.bucket) == (OrderType.SIM, "Under Review", Bucket.PENDING)
    assert shown.items == ("SIM data 5 GB", "SIM activation")
    assert shown.monthly.gross == Decimal(1078)
    assert shown.one_time.gross == Decimal(1650)
    (japanese,) = world.ordering.list_orders(customer=customer, language=Language.JAPANESE).orders
    assert japanese.label == "審査中"


# --- how fresh --------------------------------------------------------------------------------------


def test_the_first_visit_reads_all_of_the_accounts_orders_once_ours_or_not() -> None:
    world = new_world()
    customer = world.new_customer()
    ours = place(world, customer)
    world.clock.advance(timedelta(minutes=1))
    theirs = foreign_order(world, customer)
    for _ in range(3):
        assert ids(world, customer) == [theirs, ours]
    assert world.faults.calls("orders.of_account") == 1
    page = world.ordering.order(theirs, customer=customer)
    assert page.label == "Processing"
    assert page.quote is None
    assert (page.monthly.net, page.one_time.net) == (Decimal(1999), Decimal(1000))
    assert page.cursor == START
    assert world.faults.calls("orders.of_account") == 1


def test_a_copy_too_old_is_read_anew_and_one_that_cannot_be_is_shown_with_its_age() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer)
    read_at = world.clock.now()
    assert world.ordering.list_orders(customer=customer).as_of == read_at
    world.agent.cancel(order)
    world.hints.take()  # the event is lost
    world.clock.move_to(read_at + MAX_AGE - timedelta(microseconds=1))
    assert world.ordering.order(order, customer=customer).label == "Under Review"
    world.clock.move_to(read_at + MAX_AGE)
    world.faults.set("orders.of_account", "down")
    stale = world.ordering.order(order, customer=customer)
    assert (stale.label, stale.as_of) == ("Under Review", read_at)
    fresh = world.ordering.order(order, customer=customer)
    assert (fresh.label, fresh.as_of) == ("Cancelled", world.clock.now())


def test_the_poll_keeps_copies_fresh_so_that_no_visit_has_to_read() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer)
    world.ordering.order(order, customer=customer)
    world.agent.cancel(order)
    world.hints.take()
    world.clock.advance(10 * MAX_AGE)
    world.ordering.reconcile()
    shown = world.ordering.order(order, customer=customer)
    assert (shown.label, shown.as_of) == ("Cancelled", world.clock.now())
    assert world.faults.calls("orders.of_account") == 1


def unheard_of(world: World, customer: CustomerId, order: OrderId) -> None:
    """Let *customer* be the first to see what somebody did to *order*, whose event is lost."""
    world.hints.take()
    world.clock.advance(MAX_AGE)
    world.ordering.list_orders(customer=customer)
    world.run_due()
    assert world.ordering.reconcile() == 0


def test_a_change_that_a_visit_sees_first_is_acted_on_as_if_its_event_had_come() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer)
    world.run_due()
    world.ordering.reconcile()
    world.agent.approve(order)
    unheard_of(world, customer, order)
    assert len(world.billed(order)) == 1
    with world.store.transaction() as tx:
        kinds = [decision.kind for decision in tx.decisions.of(order)]
    assert kinds == [DecisionKind.SUBMITTED, DecisionKind.APPROVED]


def test_a_day_that_a_visit_sees_first_is_told_and_one_that_stays_is_not() -> None:
    world = new_world()
    customer = world.new_customer(apartment=False)
    order = place(world, customer, HOME)
    world.run_due()
    world.ordering.reconcile()
    world.agent.set_status(order, "Approved")
    world.agent.set_activation(order, "Scheduled", at=world.clock.now() + timedelta(days=5))
    for _ in range(2):
        unheard_of(world, customer, order)
        kinds = [event.kind for event in world.ordering.watch(order, customer=customer)]
        assert kinds == [EventKind.SUBMITTED, EventKind.STATUS_CHANGED, EventKind.DATE_CHANGED]


def test_a_visit_does_not_put_an_older_reading_over_a_newer() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer)
    world.run_due()
    world.clock.advance(MAX_AGE)

    def approve() -> None:
        world.agent.approve(order)
        world.run_due()

    world.faults.hook("orders.of_account", "after", approve)
    page = world.ordering.list_orders(customer=customer)
    assert [shown.label for shown in page.orders] == ["Setting Up Service"]
    told = [event.status.state for event in world.ordering.watch(order, customer=customer)]
    assert told.count(OrderState.UNDER_REVIEW) == 1


def test_an_order_of_which_there_is_a_copy_alone_is_still_observed_by_the_poll() -> None:
    world = new_world()
    customer = world.new_customer()
    theirs = foreign_order(world, customer)
    world.ordering.list_orders(customer=customer)
    assert world.ordering.watch(theirs, customer=customer) == ()
    assert world.ordering.reconcile() == 1
    assert [event.kind for event in world.ordering.watch(theirs, customer=customer)] == [
        EventKind.STATUS_CHANGED
    ]
    assert world.ordering.reconcile() == 0


def test_a_first_visit_that_cannot_be_read_is_told_so() -> None:
    world = new_world()
    customer = world.new_customer()
    with world.store.transaction() as tx:
        tx.checkpoints.set(RECONCILED, world.clock.now().isoformat())
    world.faults.set("orders.of_account", "down")
    with pytest.raises(Unavailable):
        world.ordering.list_orders(customer=customer)


# --- one order --------------------------------------------------------------------------------------


def test_the_page_of_an_order_tells_where_it_stands_and_what_comes_next() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer, HOME)
    page = world.ordering.order(order, customer=customer)
    assert (page.label, page.bucket, page.status.state) == (
        "Under Review",
        Bucket.PENDING,
        OrderState.UNDER_REVIEW,
    )
    assert page.timeline.step is TimelineStep.UNDER_REVIEW
    assert page.next_steps
    assert page.notices
    assert page.reason is None
    assert page.hold is None
    assert [line.sku for line in page.lines] == list(HOME.skus)
    assert page.placed_at == world.clock.now()
    japanese = world.ordering.order(order, customer=customer, language=Language.JAPANESE)
    assert japanese.label == "審査中"
    assert set(japanese.next_steps).isdisjoint(page.next_steps)


@pytest.mark.parametrize(("approved", "state"), [(False, OrderState.REJECTED), (True, OrderState.CANCELLED)])
def test_a_stopped_order_stays_where_it_stopped_and_says_why(approved: bool, state: OrderState) -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer, HOME)
    if approved:
        world.agent.approve(order)
        world.run_due()
        world.agent.set_activation(order, "Scheduled", at=world.clock.now() + timedelta(days=7))
        world.run_due()
    world.agent.cancel(order, reason="DUPLICATE_SERVICE")
    world.run_due()
    page = world.ordering.order(order, customer=customer)
    assert page.status.state is state
    assert page.timeline.stopped
    assert page.timeline.step is (TimelineStep.SCHEDULED if approved else TimelineStep.UNDER_REVIEW)
    assert page.reason == "You already have an active service of this kind."


def test_the_sentence_written_with_a_decision_comes_before_the_code_and_notes_are_never_shown() -> None:
    world = new_world()
    customer = world.new_customer()
    notes = attrs.evolve(HOME, notes="the customer shouted")
    order = place(world, customer, notes)
    world.agent.cancel(order, reason="DUPLICATE_SERVICE")
    world.run_due()
    with world.store.transaction() as tx:
        for sentence in ("Please wait.", "Please call us.", ""):
            tx.decisions.record(
                Decision(
                    order=order,
                    kind=DecisionKind.REJECTED,
                    at=world.clock.now(),
                    by="agent-7",
                    reason="rude",
                    customer_sentence=sentence,
                )
            )
    page = world.ordering.order(order, customer=customer)
    assert page.reason == "Please call us."
    assert "shouted" not in repr(page)
    assert "rude" not in repr(page)
    assert "agent-7" not in repr(page)


def hold(world: World, order: OrderId, code: HoldCode, owner: Owner) -> None:
    """Let a run have left *order* on hold."""
    held = Held(code=code, owner=owner, message="x", since=world.clock.now(), reported=True)
    subject = order_subject(order)
    with world.store.transaction() as tx:
        known = tx.journal.case_file(subject)
        assert known is not None
        kept = tx.journal.keep(attrs.evolve(known, rest=held))
        from ordering_core.application.record import record

        copy = tx.projection.get(order)
        assert copy is not None
        record(tx, copy.snapshot, kept, at=world.clock.now(), source=Source.SYSTEM, by="run", why="because")


def test_a_hold_that_is_the_customers_says_what_to_do() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer)
    hold(world, order, HoldCode.PAYMENT_METHOD_MISSING, Owner.CUSTOMER)
    page = world.ordering.order(order, customer=customer)
    assert page.label == "Action Needed"
    assert page.hold is not None
    assert page.hold.code is HoldCode.PAYMENT_METHOD_MISSING
    assert "payment method" in page.hold.sentence
    (event,) = world.ordering.watch(order, customer=customer, after=page.cursor.__class__(1))
    assert (event.kind, event.detail) == (EventKind.HELD, "PAYMENT_METHOD_MISSING")


def test_a_hold_that_is_others_is_no_business_of_the_customers() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer)
    heard: list[OrderEvent] = []
    world.ordering.subscribe(order, heard.append, customer=customer)
    hold(world, order, HoldCode.OUTCOME_AMBIGUOUS, Owner.OPERATOR)
    page = world.ordering.order(order, customer=customer)
    assert (page.label, page.hold) == ("Processing", None)
    told = (
        page,
        world.ordering.list_orders(customer=customer),
        world.ordering.watch(order, customer=customer),
        heard,
    )
    assert "AMBIGUOUS" not in repr(told)
    assert "because" not in repr(told)
    assert "OUTCOME_AMBIGUOUS" in repr(world.ordering.changes(after=START))
    assert heard == list(world.ordering.watch(order, customer=customer, after=Cursor(1)))


def test_the_agreed_day_is_told_in_tokyos_calendar() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer, HOME)
    world.agent.approve(order)
    world.run_due()
    world.agent.set_activation(order, "Scheduled", at=world.clock.now().replace(day=9, hour=15))
    world.run_due()
    page = world.ordering.order(order, customer=customer)
    assert page.label == "Installation Scheduled"
    assert page.next_steps == ("Your installation is scheduled for 10 June 2026.",)


def test_the_customer_of_a_port_is_asked_to_say_when_the_card_is_there() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer, PORTED_CARD)
    world.agent.approve(order)
    world.run_due()
    assert "on its way" not in str(world.ordering.order(order, customer=customer).next_steps)
    world.agent.assign_sim(order)
    world.run_due()
    assert "on its way" in str(world.ordering.order(order, customer=customer).next_steps)
    world.ordering.sim_arrived(order, customer=customer)
    assert "on its way" not in str(world.ordering.order(order, customer=customer).next_steps)


# --- following --------------------------------------------------------------------------------------


def test_watching_goes_on_from_a_cursor_and_sees_nothing_of_other_orders() -> None:
    world = new_world()
    customer = world.new_customer()
    order, other = place(world, customer), place(world, customer, ROUTER)
    page = world.ordering.order(order, customer=customer)
    assert world.ordering.watch(order, customer=customer, after=page.cursor) == ()
    world.agent.cancel(other)
    world.agent.cancel(order)
    world.run_due()
    (event,) = world.ordering.watch(order, customer=customer, after=page.cursor)
    assert (event.order, event.status.state) == (order, OrderState.REJECTED)


def test_a_subscriber_hears_of_its_order_alone_until_it_stops() -> None:
    world = new_world()
    customer = world.new_customer()
    order, other = place(world, customer), place(world, customer, ROUTER)
    heard: list[OrderEvent] = []
    subscription = world.ordering.subscribe(order, heard.append, customer=customer)
    world.agent.approve(order)
    world.agent.approve(other)
    world.run_due()
    assert heard
    assert {event.order for event in heard} == {order}
    subscription.close()
    before = len(heard)
    world.agent.cancel(order)
    world.run_due()
    assert len(heard) == before


def test_a_host_reads_the_changes_of_all_orders_in_pieces() -> None:
    world = new_world()
    customer = world.new_customer()
    orders = shop_around(world, customer)
    whole = world.ordering.changes(after=START)
    assert [event.order for event in whole] == orders
    pieces: list[OrderEvent] = []
    cursor = START
    while piece := world.ordering.changes(after=cursor, limit=1):
        pieces.extend(piece)
        cursor = piece[-1].cursor
    assert tuple(pieces) == whole


@pytest.mark.parametrize("limit", [0, -5])
def test_a_piece_of_the_changes_has_at_least_one(limit: int) -> None:
    with pytest.raises(ValueError, match="limit of 1 or more"):
        new_world().ordering.changes(after=START, limit=limit)


def test_the_hand_made_order_of_these_tests_is_not_ours() -> None:
    world = new_world()
    customer = world.new_customer()
    order = foreign_order(world, customer, SimDraft())
    assert world.salesforce.orders[order].snapshot.request_key is None
    with world.store.transaction() as tx:
        assert tx.requests.get(RequestKey("none")) is None
