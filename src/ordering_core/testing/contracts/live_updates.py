"""Live updates: every kept event reaches its followers, in order, and nothing else does."""

from __future__ import annotations

import abc

from threading import Condition

import attrs
import pytest

from ordering_core.domain.events import OrderEvent
from ordering_core.domain.identifiers import Cursor, OrderId
from ordering_core.ports.live_updates import LiveUpdates
from ordering_core.ports.store import Store, Transaction
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.samples import START, event
from ordering_core.testing.contracts.store import roll_back
from ordering_core.testing.contracts.threads import PATIENCE, all_get_through, keep


ONE = OrderId("801-one")


@attrs.frozen(kw_only=True)
class Live:
    """A store, and the live updates that follow its event log."""

    store: Store
    updates: LiveUpdates


class Follower:
    """Someone who follows: drops what is delivered again, as followers do, and can be waited for."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._seen: list[OrderEvent] = []
        self.out_of_order = False

    def __call__(self, new: OrderEvent) -> None:
        with self._changed:
            if new in self._seen:
                return
            self.out_of_order |= bool(self._seen) and new.cursor < self._seen[-1].cursor
            self._seen.append(new)
            self._changed.notify_all()

    def seen_with(self, last: OrderEvent) -> list[str]:
        """Wait until *last* was delivered, and return the details of all that was."""
        with self._changed:
            assert self._changed.wait_for(lambda: last in self._seen, PATIENCE), "it was never delivered"
            return [one.detail for one in self._seen]


def _append(live: Live, *details: str, order: str = "801-one") -> OrderEvent:
    """Append events in one transaction and return the last."""
    with live.store.transaction() as tx:
        return [tx.events.append(event(order, detail=detail)) for detail in details][-1]


class LiveUpdatesContract(abc.ABC):
    """Followers of an event log."""

    @pytest.fixture
    def clock(self) -> ManualClock:
        """Return the clock on which the store runs."""
        return ManualClock(START)

    @pytest.fixture
    @abc.abstractmethod
    def live(self, clock: ManualClock) -> Live:
        """Return an empty store on *clock*, and the live updates of its log."""

    def test_an_event_without_followers_is_kept(self, live: Live) -> None:
        last = _append(live, "nobody listens")
        with live.store.transaction() as tx:
            assert tx.events.last(ONE) == last

    def test_a_follower_gets_the_events_of_its_order_with_their_cursors_in_order(self, live: Live) -> None:
        follower = Follower()
        live.updates.subscribe(ONE, follower)
        _append(live, "1", "2")
        _append(live, "not mine", order="801-two")
        last = _append(live, "3")
        assert follower.seen_with(last) == ["1", "2", "3"]
        assert last.cursor > Cursor(0)

    def test_a_follower_of_everything_gets_everything(self, live: Live) -> None:
        follower = Follower()
        live.updates.subscribe(None, follower)
        _append(live, "1")
        last = _append(live, "2", order="801-two")
        assert follower.seen_with(last) == ["1", "2"]

    def test_every_one_of_many_followers_gets_it(self, live: Live) -> None:
        followers = [Follower() for _ in range(5)]
        for follower in followers:
            live.updates.subscribe(ONE, follower)
        last = _append(live, "1")
        assert [follower.seen_with(last) for follower in followers] == [["1"]] * 5

    def test_what_was_rolled_back_reaches_nobody(self, live: Live) -> None:
        follower = Follower()
        live.updates.subscribe(ONE, follower)
        roll_back(live.store, lambda tx: tx.events.append(event(detail="undone")))
        assert follower.seen_with(_append(live, "kept")) == ["kept"]

    def test_a_closed_subscription_gets_nothing_and_closing_twice_changes_nothing(self, live: Live) -> None:
        gone, staying = Follower(), Follower()
        subscription = live.updates.subscribe(ONE, gone)
        live.updates.subscribe(ONE, staying)
        first = _append(live, "1")
        staying.seen_with(first)
        gone.seen_with(first)
        subscription.close()
        subscription.close()
        staying.seen_with(_append(live, "2"))
        assert gone.seen_with(first) == ["1"]

    def test_one_order_may_have_one_follower_twice(self, live: Live) -> None:
        follower = Follower()
        first = live.updates.subscribe(ONE, follower)
        live.updates.subscribe(ONE, follower)
        first.close()
        last = _append(live, "1")
        assert follower.seen_with(last) == ["1"]

    def test_a_follower_that_fails_harms_neither_the_writer_nor_the_others(self, live: Live) -> None:
        def fails(_: OrderEvent) -> None:
            raise ValueError("no")

        follower = Follower()
        live.updates.subscribe(ONE, fails)
        live.updates.subscribe(ONE, follower)
        _append(live, "1")
        last = _append(live, "2")
        assert follower.seen_with(last) == ["1", "2"]

    def test_a_follower_may_read_and_write_the_store_and_close_itself(self, live: Live) -> None:
        follower = Follower()
        answers: list[OrderEvent] = []

        def answer(new: OrderEvent) -> None:
            subscription.close()
            answers.append(_append(live, f"answer to {new.detail}"))

        subscription = live.updates.subscribe(ONE, answer)
        live.updates.subscribe(ONE, follower)
        first = _append(live, "1")
        follower.seen_with(first)
        last = _append(live, "2")
        assert follower.seen_with(last) == ["1", "answer to 1", "2"]
        assert len(answers) == 1

    def test_of_two_writers_every_event_arrives_once_in_the_order_of_the_log(self, live: Live) -> None:
        follower = Follower()
        live.updates.subscribe(None, follower)

        def write(order: str) -> None:
            def append(tx: Transaction) -> None:
                tx.events.append(event(order))

            for _ in range(25):
                keep(live.store, append)

        all_get_through(lambda: write("801-one"), lambda: write("801-two"))
        last = _append(live, "last")
        assert len(follower.seen_with(last)) == 51
        assert not follower.out_of_order
