"""One shape for everything that leaves, from the command line as over HTTP, and nothing too much."""

import json

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest

from litestar.serialization import encode_json

from ordering_core import OrderState, OrderStatus
from ordering_core.domain.events import EventKind, OrderEvent, Source
from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.identifiers import AccountId, Cursor, OrderId
from ordering_core.domain.timeline import timeline
from ordering_core.domain.vocabulary import OrderType
from ordering_entrypoints.wire import (
    CatalogueView,
    ChangesView,
    CheckoutReviewView,
    CheckoutSessionView,
    CheckView,
    OrderDetailView,
    OrderEventView,
    OrderPageView,
    QuoteView,
    TimelineView,
    unstructure,
)
from ordering_entrypoints.wire.progress import shown_state
from tests.unit.application.shop import APARTMENT, EID, ESIM, PORTED_CARD, new_world, place, ready_checkout


NOW = datetime(2026, 6, 3, 1, 0, tzinfo=UTC)


def event(status: OrderStatus, *, cursor: int = 1) -> OrderEvent:
    return OrderEvent(
        order=OrderId("801"),
        account=AccountId("001"),
        kind=EventKind.STATUS_CHANGED,
        at=NOW,
        source=Source.AGENT,
        status=status,
        by="user:jane",
        why="looked fine",
        cursor=Cursor(cursor),
    )


def test_the_framework_and_the_command_line_write_the_same_json() -> None:
    world = new_world()
    customer = world.new_customer(apartment=True)
    session = ready_checkout(world, customer, APARTMENT)
    review = world.ordering.requirements(session.id, customer=customer)
    order = place(world, customer, PORTED_CARD)
    views = [
        CatalogueView.of(world.ordering.catalogue_for()),
        CheckView.of(world.ordering.check(ESIM)),
        QuoteView.of(world.ordering.price(ESIM)),
        CheckoutSessionView.of(session),
        CheckoutReviewView.of(review),
        OrderPageView.of(world.ordering.list_orders(customer=customer)),
        OrderDetailView.of(world.ordering.order(order, customer=customer)),
        ChangesView.of(world.ordering.changes(after=Cursor(0)), after=0),
    ]
    for view in views:
        assert json.loads(encode_json(view)) == json.loads(json.dumps(unstructure(view)))


def test_amounts_are_whole_yen_with_and_without_tax() -> None:
    quote = QuoteView.of(new_world().ordering.price(ESIM))
    assert quote.monthly.gross == quote.monthly.net + quote.monthly.tax
    assert all(isinstance(line.price, int) for line in quote.lines)


def test_an_instalment_shows_what_all_of_it_costs() -> None:
    products = CatalogueView.of(new_world().ordering.catalogue_for(OrderType.INTERNET)).products
    instalments = [product for product in products if product.instalments]
    assert instalments
    for product in products:
        total = product.instalments and product.price * product.instalments
        assert product.instalment_total == total


def test_instants_are_written_in_utc_with_a_z() -> None:
    assert unstructure(NOW) == "2026-06-03T01:00:00Z"
    tokyo = NOW.astimezone(ZoneInfo("Asia/Tokyo"))
    assert unstructure(tokyo) == "2026-06-03T01:00:00Z"
    assert unstructure(NOW + timedelta(microseconds=5)) == "2026-06-03T01:00:00.000005Z"


def test_what_is_personal_does_not_show_in_the_repr_of_a_view() -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer, PORTED_CARD)
    review = CheckoutReviewView.of(world.ordering.requirements(session.id, customer=customer))
    shown = repr(review) + repr(CheckView.of(world.ordering.check(ESIM)))
    assert review.address is not None
    for secret in (review.address.city, review.address.town_and_number, EID, "08012345678", "ヤマダ", "4242"):
        assert secret not in shown


@pytest.mark.parametrize("state", [state for state in OrderState if state is not OrderState.ON_HOLD])
def test_a_customer_is_told_the_state(state: OrderState) -> None:
    assert shown_state(OrderStatus(state)) == state


def test_a_hold_that_others_end_does_not_show_and_ones_own_does() -> None:
    held = OrderStatus(OrderState.ON_HOLD, HoldCode.RULES_VIOLATED, OrderState.APPROVED)
    assert shown_state(held) == "Approved"
    assert shown_state(attrs.evolve(held, for_customer=True)) == "OnHold"


def test_an_event_for_a_customer_does_not_say_whose_doing_it_was() -> None:
    shown = unstructure(OrderEventView.of(event(OrderStatus(OrderState.SCHEDULED)), OrderType.INTERNET))
    assert shown == {
        "cursor": 1,
        "kind": "status_changed",
        "at": "2026-06-03T01:00:00Z",
        "state": "Scheduled",
        "label": "Installation Scheduled",
        "detail": "",
    }


def test_changes_say_where_to_go_on() -> None:
    events = (
        event(OrderStatus(OrderState.APPROVED), cursor=7),
        event(OrderStatus(OrderState.ACTIVATED), cursor=9),
    )
    assert ChangesView.of(events, after=3).next == 9
    assert ChangesView.of((), after=3).next == 3
    assert ChangesView.of(events, after=3).changes[0].by == "user:jane"


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (OrderState.UNDER_REVIEW, ["done", "current", "upcoming", "upcoming"]),
        (OrderState.SCHEDULED, ["done", "done", "current", "upcoming"]),
        (OrderState.ACTIVATED, ["done", "done", "done", "done"]),
        (OrderState.REJECTED, ["done", "stopped", "upcoming", "upcoming"]),
    ],
)
def test_each_step_of_the_progress_bar_says_what_it_is(state: OrderState, shown: list[str]) -> None:
    bar = TimelineView.of(timeline(OrderType.INTERNET, OrderStatus(state)))
    assert [step.state for step in bar.steps] == shown
    assert bar.complete == (state is OrderState.ACTIVATED)
    assert bar.stopped == (state is OrderState.REJECTED)
