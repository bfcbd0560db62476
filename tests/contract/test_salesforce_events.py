"""The event bus over real sockets: every event handled, none passed over, whatever breaks (reference 4)."""

import logging

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Final

import attrs
import pytest

from ordering_adapters.clock import SystemClock
from ordering_adapters.memory.faults import MemoryFaults
from ordering_adapters.memory.store import MemoryStore
from ordering_adapters.salesforce.events import BusSettings
from ordering_adapters.salesforce.events.hints import (
    AccountsChanged,
    AnythingChanged,
    Hint,
    NothingOfOurs,
    OrdersChanged,
    ProvisionRequested,
)
from ordering_adapters.salesforce.events.settings import ACCOUNT_CHANGED, ORDER_CHANGED
from ordering_core.domain.identifiers import AccountId, OrderId
from ordering_core.errors import Unavailable
from ordering_core.testing.clocks import ManualClock
from tests.contract.event_bus import (
    PATIENCE,
    Follower,
    Heard,
    bus_settings,
    eventually,
    follower,
    following,
    org_of,
)
from tests.contract.sandbox_process import SalesforceProcess


PORTAL_BOOK: Final = "SELECT Id FROM Pricebook2 WHERE IsStandard = false"
EVENT: Final = "OrderProvisionRequested__e"


class Bus:
    """An org with one account, and an agent in it."""

    def __init__(self, process: SalesforceProcess) -> None:
        self.process = process
        self.process.admin("POST", "reset")
        self.process.admin("PUT", "switches", {"keepalive_seconds": 60, "captured": ["Order", "Account"]})
        self.org = org_of(process.ready)
        self.settings = bus_settings(process.ready)
        self.account = str(self.process.query("SELECT Id FROM Account LIMIT 1")[0]["Id"])
        self.book = str(self.process.query(PORTAL_BOOK)[0]["Id"])

    def order(self, status: str = "Approved") -> OrderId:
        fields = {
            "AccountId": self.account,
            "Pricebook2Id": self.book,
            "EffectiveDate": "2026-11-22",
            "Status": status,
            "Type": "SIM",
        }
        return OrderId(self.process.write("Order", fields))

    def approve(self, count: int) -> list[OrderId]:
        return [self.order() for _ in range(count)]

    def follower(
        self,
        heard: Heard | None = None,
        *,
        store: MemoryStore | None = None,
        settings: BusSettings | None = None,
    ) -> Follower:
        return follower(self.org, settings or self.settings, heard=heard, store=store)


@pytest.fixture
def bus(salesforce_process: SalesforceProcess) -> Iterator[Bus]:
    yield Bus(salesforce_process)
    salesforce_process.admin("DELETE", "faults")
    salesforce_process.admin("PUT", "fields", {f"{EVENT}.Source__c": {}})
    salesforce_process.admin("PUT", "switches", {"keepalive_seconds": 60})


def orders_of(hints: list[Hint]) -> list[OrderId]:
    return [hint.order for hint in hints if isinstance(hint, ProvisionRequested)]


@pytest.mark.parametrize("tls", [False, True])
def test_an_approval_is_heard_with_its_order_its_id_and_its_time(bus: Bus, tls: bool) -> None:
    begun = SystemClock().now() - timedelta(minutes=1)
    with following(follower(bus.org, bus_settings(bus.process.ready, tls=tls))) as one:
        order = bus.order()
        hint = one.heard.next()
    assert isinstance(hint, ProvisionRequested)
    assert (hint.order, len(hint.event)) == (order, 36)
    assert hint.published_at is not None
    assert begun < hint.published_at < begun + timedelta(minutes=2)


def test_changes_of_orders_and_accounts_are_heard_each_on_its_topic(bus: Bus) -> None:
    with following(
        bus.follower(settings=attrs.evolve(bus.settings, topics=(ORDER_CHANGED, ACCOUNT_CHANGED)))
    ) as one:
        order = bus.order("Draft")
        created = one.heard.next()
        assert isinstance(created, OrdersChanged)
        assert created.orders == (order,)
        bus.process.write("Account", {"Id_Verification_Status__c": "Rejected"}, bus.account)
        changed = one.heard.next()
        assert isinstance(changed, AccountsChanged)
        assert changed.accounts == (AccountId(bus.account),)
        bus.process.write("Account", {"BillingCity": "Osaka"}, bus.account)
        assert isinstance(one.heard.next(), AccountsChanged)
        bus.process.write("Account", {"Name": "Somebody else"}, bus.account)
        assert one.heard.next() == NothingOfOurs()
        bus.process.admin("POST", "agent", {"object": "Order", "id": order})
        deleted = one.heard.next()
        assert isinstance(deleted, OrdersChanged)
        assert deleted.orders == (order,)


def test_a_new_subscriber_hears_what_was_and_a_known_one_what_it_missed(bus: Bus) -> None:
    first = bus.approve(2)
    store = MemoryStore(SystemClock())
    with following(bus.follower(store=store)) as one:
        assert orders_of(one.heard.several(2)) == first
    missed = bus.approve(2)
    with following(bus.follower(store=store)) as other:
        assert orders_of(other.heard.several(2)) == missed
        assert other.heard.nothing_more()


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_more_events_are_asked_for_as_they_come(bus: Bus, batch: int) -> None:
    orders = bus.approve(7)
    with following(bus.follower(settings=attrs.evolve(bus.settings, batch=batch))) as one:
        assert orders_of(one.heard.several(7)) == orders
        later = bus.order()
        assert orders_of([one.heard.next()]) == [later]


def test_a_silent_bus_moves_the_place_on_by_saying_that_it_lives(bus: Bus) -> None:
    with following(bus.follower()) as one:
        order = bus.order()
        assert orders_of([one.heard.next()]) == [order]
        eventually(lambda: one.place() != "")
        handled = one.place()
        bus.order("Draft")  # on another topic: the bus goes on, this topic stays where it is
        bus.process.admin("PUT", "switches", {"keepalive_seconds": 0.05})
        bus.process.admin("DELETE", "streams")
        eventually(lambda: one.place() > handled)


def test_an_event_is_written_down_as_handled_only_when_it_is(bus: Bus) -> None:
    refuse = [True]
    heard = Heard(fails=lambda _: refuse[0])
    with following(bus.follower(heard)) as one:
        order = bus.order()
        eventually(lambda: len(heard.tried) > 3)
        assert one.place() == ""
        refuse.clear()
        refuse.append(False)
        assert orders_of([heard.next()]) == [order]
        eventually(lambda: one.place() != "")


def test_a_subscriber_stopped_in_the_middle_of_a_failing_event_leaves_it_to_the_next(bus: Bus) -> None:
    orders = bus.approve(3)
    store = MemoryStore(SystemClock())
    heard = Heard(fails=lambda hint: isinstance(hint, ProvisionRequested) and hint.order != orders[0])
    with following(bus.follower(heard, store=store)):
        heard.wait_for_tries(2)
    with following(bus.follower(store=store)) as next_one:
        assert orders_of(next_one.heard.several(2)) == orders[1:]


def test_a_stream_broken_after_every_event_and_a_handler_that_fails_once_for_each_lose_none(bus: Bus) -> None:
    seen = set[Hint]()

    def first_time(hint: Hint) -> bool:
        is_new = hint not in seen
        seen.add(hint)
        return is_new

    orders = bus.approve(10)
    bus.process.fault(kind="break_stream", target=EVENT, times=20)
    with following(bus.follower(Heard(fails=first_time))) as one:
        assert orders_of(one.heard.several(10)) == orders
        assert one.heard.nothing_more()


def test_every_stream_and_schema_is_told_of_and_how_it_came_out(bus: Bus) -> None:
    told = list[tuple[str, type[BaseException] | None]]()

    def observe(operation: str, error: type[BaseException] | None, seconds: float) -> None:
        assert 0 <= seconds < 10 * PATIENCE
        told.append((operation, error))

    orders = bus.approve(2)
    bus.process.fault(kind="break_stream", target=EVENT, failure="UNAVAILABLE", skip=1)
    with following(follower(bus.org, bus.settings, observe=observe)) as one:
        assert orders_of(one.heard.several(2)) == orders
        eventually(lambda: ("stream", Unavailable) in told)
    assert told[:2] == [("subscribe", None), ("schema", None)]
    assert set(told[2:]) <= {("stream", Unavailable), ("subscribe", None), ("subscribe", Unavailable)}
    assert told.count(("stream", Unavailable)) == 1, "the stream that we end ourselves is not broken"


def test_a_bus_that_cannot_be_reached_is_told_of_as_such(bus: Bus) -> None:
    told = list[tuple[str, type[BaseException] | None]]()
    nowhere = attrs.evolve(bus.settings, address="127.0.0.1:1")
    with following(follower(bus.org, nowhere, observe=lambda *call: told.append(call[:2]))):
        eventually(lambda: len(told) > 0)
    assert set(told) == {("subscribe", Unavailable)}


@pytest.mark.parametrize("failure", ["LIMIT", "CLIENTS", "UNAVAILABLE"])
def test_a_stream_that_ends_for_another_reason_is_opened_again(bus: Bus, failure: str) -> None:
    orders = bus.approve(2)
    bus.process.fault(kind="break_stream", target=EVENT, failure=failure, skip=1)
    with following(bus.follower()) as one:
        assert orders_of(one.heard.several(2)) == orders


def test_a_token_that_ends_is_renewed_and_nothing_is_missed(bus: Bus) -> None:
    with following(bus.follower()) as one:
        first = bus.order()
        assert orders_of([one.heard.next()]) == [first]
        before = bus.org.tokens.token()
        bus.process.admin("DELETE", "tokens")
        second = bus.order()
        assert orders_of([one.heard.next()]) == [second]
    assert bus.org.tokens.token() != before


def test_a_schema_that_changes_in_the_middle_is_read_by_its_new_id(bus: Bus) -> None:
    with following(bus.follower()) as one:
        first = bus.order()
        assert orders_of([one.heard.next()]) == [first]
        bus.process.admin("PUT", "fields", {f"{EVENT}.Source__c": {"access": "edit"}})
        second = bus.order()
        assert orders_of([one.heard.next()]) == [second]
        bus.process.admin("PUT", "fields", {f"{EVENT}.Source__c": {}})
        third = bus.order()
        assert orders_of([one.heard.next()]) == [third]


def test_a_place_that_the_bus_does_not_know_is_reconciled_before_the_earliest_event_is_read(bus: Bus) -> None:
    fails = [True, True]
    heard = Heard(fails=lambda hint: isinstance(hint, AnythingChanged) and bool(fails) and fails.pop())
    order = bus.order()
    with following(bus.follower(heard)) as one:
        assert orders_of([heard.next()]) == [order]
        eventually(lambda: one.place() != "")
        bus.process.admin("POST", "events/move")
        bus.process.admin("DELETE", "streams")
        assert isinstance(heard.next(), AnythingChanged)
        assert orders_of([heard.next()]) == [order]
        assert heard.nothing_more()
    assert [type(hint) for hint in heard.tried].count(AnythingChanged) == 3


def test_a_place_older_than_what_the_bus_keeps_is_reconciled_too(bus: Bus) -> None:
    store = MemoryStore(SystemClock())
    with following(bus.follower(store=store)) as one:
        bus.order()
        one.heard.next()
        eventually(lambda: one.place() != "")
    bus.process.admin("PUT", "clock", {"advance_seconds": 3600})
    bus.order()
    bus.process.admin("PUT", "clock", {"advance_seconds": 73 * 3600})
    kept = bus.order()
    with following(bus.follower(store=store)) as one:
        assert isinstance(one.heard.next(), AnythingChanged)
        assert orders_of([one.heard.next()]) == [kept]


def test_a_stream_without_a_word_is_taken_for_dead_and_opened_again(
    bus: Bus, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.WARNING),
        following(
            bus.follower(settings=attrs.evolve(bus.settings, silence=timedelta(milliseconds=100)))
        ) as one,
    ):
        eventually(lambda: caplog.text.count("no word on") > 1)
        order = bus.order()
        assert orders_of([one.heard.next()]) == [order]


def test_an_org_that_cannot_be_reached_is_tried_until_it_can(bus: Bus) -> None:
    bus.process.fault(kind="answer", failure="SERVER_UNAVAILABLE_PAGE", path="/oauth2/token", times=3)
    order = bus.order()
    with following(bus.follower()) as one:
        assert orders_of([one.heard.next()]) == [order]


def test_a_store_that_fails_costs_a_second_handling_and_no_event(bus: Bus) -> None:
    orders = bus.approve(6)
    faults = MemoryFaults(SystemClock())
    store = MemoryStore(SystemClock(), faults=faults)

    turns = cycle([True, False])

    def now_and_then(_hint: Hint) -> bool:
        if next(turns):
            faults.set("store.transaction", "down")
        return False

    with following(bus.follower(Heard(fails=now_and_then), store=store)) as one:
        found = orders_of(one.heard.several(6))
        while set(found) != set(orders):
            found += orders_of([one.heard.next()])
    assert list(dict.fromkeys(found)) == orders
    assert len(found) > len(orders)


# --- one at a time ---------------------------------------------------------------------------------------


def test_one_subscriber_hears_at_a_time_and_another_follows_when_it_stops(bus: Bus) -> None:
    store = MemoryStore(SystemClock())
    first, second = bus.follower(store=store), bus.follower(store=store)
    with following(first):
        bus.order()
        first.heard.next()
        with following(second):
            bus.order()
            first.heard.next()
            assert second.heard.nothing_more()
            first.subscriber.stop()
            order = bus.order()
            assert orders_of([second.heard.next()]) == [order]


def test_who_dies_is_followed_by_another_within_ten_seconds(bus: Bus) -> None:
    assert BusSettings().lease_lasts + BusSettings().look_every < timedelta(seconds=10)
    clock = ManualClock(datetime(2026, 11, 22, tzinfo=UTC))
    store = MemoryStore(clock)
    dead = follower(bus.org, bus.settings, store=store, clock=clock)
    # It took the lease, and was never heard of again.
    assert dead.subscriber._lease.take()
    with following(follower(bus.org, bus.settings, store=store, clock=clock)) as one:
        order = bus.order()
        clock.advance(bus.settings.lease_lasts - timedelta(microseconds=1))
        assert one.heard.nothing_more()
        clock.advance(timedelta(microseconds=1))
        assert orders_of([one.heard.next()]) == [order]


def test_who_was_taken_over_writes_nothing_down_any_more(bus: Bus) -> None:
    clock = ManualClock(datetime(2026, 11, 22, tzinfo=UTC))
    store = MemoryStore(clock)
    other = follower(bus.org, bus.settings, store=store, clock=clock)

    def overtaken(_hint: Hint) -> bool:
        clock.advance(bus.settings.lease_lasts)
        assert other.subscriber._lease.take()
        return False

    slow = follower(
        bus.org,
        attrs.evolve(bus.settings, renew_every=timedelta(seconds=3)),
        store=store,
        heard=Heard(fails=overtaken),
        clock=clock,
    )
    bus.order()
    with following(slow):
        slow.heard.next()
        assert slow.heard.nothing_more()
        assert slow.place() == ""


def test_a_subscriber_is_started_once(bus: Bus) -> None:
    with following(bus.follower()) as one, pytest.raises(RuntimeError):
        one.subscriber.start()
