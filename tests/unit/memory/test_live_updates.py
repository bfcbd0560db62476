"""Live updates in memory: closing is final even in the middle of a delivery, and leaves nothing behind."""

from datetime import UTC, datetime

from ordering_adapters.memory.live_updates import MemoryLiveUpdates
from ordering_adapters.memory.store import MemoryStore
from ordering_core.domain.events import OrderEvent
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.samples import event


def test_a_follower_closed_by_the_one_before_it_gets_nothing_and_is_forgotten() -> None:
    updates = MemoryLiveUpdates()
    store = MemoryStore(ManualClock(datetime(2026, 6, 3, 1, tzinfo=UTC)), live_updates=updates)
    second: list[OrderEvent] = []
    first = updates.subscribe(None, lambda _: later.close())
    later = updates.subscribe(None, second.append)
    with store.transaction() as tx:
        tx.events.append(event())
    assert second == []
    first.close()
    assert updates._subscriptions == []
