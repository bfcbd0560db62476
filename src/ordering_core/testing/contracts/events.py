"""The event log: appended in the order of its cursors, none lost, none seen before it is kept."""

from __future__ import annotations

from functools import partial

import attrs
import pytest

from ordering_core.domain.events import OrderEvent
from ordering_core.domain.identifiers import Cursor, OrderId
from ordering_core.errors import CursorTooOld
from ordering_core.ports.store import Store, Transaction
from ordering_core.testing.contracts.samples import event
from ordering_core.testing.contracts.store import StoreContract, roll_back
from ordering_core.testing.contracts.threads import all_get_through, keep
from ordering_core.testing.contracts.words import words_in


START_OF_LOG = Cursor(0)
ONE = OrderId("801-one")
TWO = OrderId("801-two")


def _append(store: Store, *events: OrderEvent) -> list[OrderEvent]:
    with store.transaction() as tx:
        return [tx.events.append(one) for one in events]


def _append_in(new: OrderEvent, tx: Transaction) -> OrderEvent:
    return tx.events.append(new)


def _read_after(cursor: Cursor, tx: Transaction) -> tuple[OrderEvent, ...]:
    return tx.events.after(cursor, limit=10)


def _details(events: tuple[OrderEvent, ...]) -> list[str]:
    return [one.detail for one in events]


class EventsContract(StoreContract):
    """The event log of a store."""

    def test_an_empty_log_has_nothing(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.events.after(START_OF_LOG) == ()
            assert tx.events.after(START_OF_LOG, order=ONE) == ()
            assert tx.events.last(ONE) is None

    @pytest.mark.parametrize("first", [True, False])
    def test_an_event_is_kept_whole_with_its_cursor(self, store: Store, *, first: bool) -> None:
        new = attrs.evolve(event(), before=None) if first else event()
        (kept,) = _append(store, new)
        assert kept.cursor > START_OF_LOG
        assert attrs.evolve(kept, cursor=START_OF_LOG) == new
        with store.transaction() as tx:
            assert tx.events.after(START_OF_LOG) == (kept,)
            assert tx.events.last(ONE) == kept
            assert words_in(tx.events.last(ONE)) == words_in(new)

    def test_the_cursor_is_the_stores_to_give(self, store: Store) -> None:
        first, second = _append(store, event(), attrs.evolve(event(), cursor=Cursor(99_999)))
        assert START_OF_LOG < first.cursor < second.cursor
        assert second.cursor != Cursor(99_999)

    def test_the_same_event_appended_twice_is_two_entries(self, store: Store) -> None:
        first, second = _append(store, event(), event())
        assert first.cursor < second.cursor
        with store.transaction() as tx:
            assert tx.events.after(START_OF_LOG) == (first, second)

    def test_reading_goes_on_after_a_cursor_and_stops_at_the_limit(self, store: Store) -> None:
        kept = _append(store, *(event(detail=str(number)) for number in range(7)))
        with store.transaction() as tx:
            assert tx.events.after(START_OF_LOG, limit=3) == tuple(kept[:3])
            assert tx.events.after(kept[2].cursor, limit=3) == tuple(kept[3:6])
            assert tx.events.after(kept[5].cursor, limit=3) == (kept[6],)
            assert tx.events.after(kept[6].cursor) == ()
            assert tx.events.after(Cursor(kept[6].cursor + 1000)) == ()

    def test_orders_are_read_apart_or_together(self, store: Store) -> None:
        kept = _append(store, event("801-one"), event("801-two"), event("801-one", detail="x"))
        with store.transaction() as tx:
            assert tx.events.after(START_OF_LOG, order=ONE) == (kept[0], kept[2])
            assert tx.events.after(kept[0].cursor, order=ONE, limit=1) == (kept[2],)
            assert tx.events.after(START_OF_LOG, order=TWO) == (kept[1],)
            assert tx.events.last(ONE) == kept[2]
            assert tx.events.last(TWO) == kept[1]

    def test_what_is_rolled_back_is_never_read_and_later_cursors_stay_larger(self, store: Store) -> None:
        (before,) = _append(store, event(detail="before"))
        roll_back(store, lambda tx: tx.events.append(event(detail="undone")))
        (after,) = _append(store, event(detail="after"))
        assert after.cursor > before.cursor
        with store.transaction() as tx:
            assert _details(tx.events.after(START_OF_LOG)) == ["before", "after"]
            assert tx.events.last(ONE) == after

    def test_two_writers_lose_nothing_and_a_reader_misses_nothing(self, store: Store) -> None:
        written = 25
        seen: list[OrderEvent] = []

        def write(order: str) -> None:
            for number in range(written):
                keep(store, partial(_append_in, event(order, detail=str(number))))

        def read() -> None:
            cursor = START_OF_LOG
            while len(seen) < 2 * written:
                page = keep(store, partial(_read_after, cursor))
                seen.extend(page)
                cursor = page[-1].cursor if page else cursor

        all_get_through(lambda: write("801-one"), lambda: write("801-two"), read)
        for order in (ONE, TWO):
            assert [one.detail for one in seen if one.order == order] == [str(n) for n in range(written)]
        cursors = [one.cursor for one in seen]
        assert cursors == sorted(set(cursors))

    def test_forgetting_an_orders_events_leaves_the_latest_and_those_of_others(self, store: Store) -> None:
        kept = _append(store, *(event(order, detail=order) for order in ("801-one", "801-two") * 2))
        with store.transaction() as tx:
            assert tx.events.forget(ONE) == 1
            assert tx.events.forget(ONE) == 0
            assert tx.events.forget(OrderId("801-unknown")) == 0
        with store.transaction() as tx:
            assert tx.events.after(START_OF_LOG) == tuple(kept[1:])
            assert tx.events.after(START_OF_LOG, order=ONE) == (kept[2],)
            assert tx.events.last(ONE) == kept[2]
        (later,) = _append(store, event("801-one"))
        assert later.cursor > kept[3].cursor

    def test_a_cursor_after_which_events_were_forgotten_is_too_old_and_no_other(self, store: Store) -> None:
        kept = _append(store, *(event(order) for order in ("801-two", "801-one", "801-one", "801-one")))
        first, gone, also_gone, last = (one.cursor for one in kept)
        with store.transaction() as tx:
            assert tx.events.forget(ONE) == 2
        for order in (None, ONE):
            for too_old in (first, gone):
                with pytest.raises(CursorTooOld) as told, store.transaction() as tx:
                    tx.events.after(too_old, order=order)
                assert told.value.resume_after == also_gone
            with store.transaction() as tx:
                assert tx.events.after(also_gone, order=order) == (kept[3],)
                assert tx.events.after(last, order=order) == ()
        with store.transaction() as tx:
            assert tx.events.after(first, order=TWO) == ()

    def test_what_was_forgotten_in_a_transaction_that_failed_is_there(self, store: Store) -> None:
        kept = _append(store, event(), event())
        roll_back(store, lambda tx: tx.events.forget(ONE))
        with store.transaction() as tx:
            assert tx.events.after(START_OF_LOG) == tuple(kept)
            assert tx.events.after(kept[0].cursor, order=ONE) == (kept[1],)
