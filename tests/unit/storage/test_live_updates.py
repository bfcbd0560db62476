"""Live updates of a database, beyond the contract: whoever wrote, however the reader fares, until closed."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, active_count
from threading import enumerate as threads

import pytest

from sqlalchemy import Engine, QueuePool, text

from ordering_adapters.storage import SqlLiveUpdates, SqlStore, open_engine
from ordering_core.domain.events import OrderEvent
from ordering_core.domain.identifiers import OrderId
from ordering_core.errors import Unavailable
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.live_updates import Follower
from ordering_core.testing.contracts.samples import START, event
from tests.contract.sql_database import new_database


INTERVAL = 0.001


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = new_database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> SqlStore:
    return SqlStore(engine, ManualClock(START))


def _append(store: SqlStore, *details: str, order: str = "801-one") -> OrderEvent:
    with store.transaction() as tx:
        return [tx.events.append(event(order, detail=detail)) for detail in details][-1]


def test_what_was_there_before_the_first_follower_is_not_told(store: SqlStore, engine: Engine) -> None:
    _append(store, "before")
    follower = Follower()
    with closing(SqlLiveUpdates(engine, interval=INTERVAL)) as updates:
        updates.subscribe(None, follower)
        assert follower.seen_with(_append(store, "after")) == ["after"]


def test_what_another_process_writes_is_told(engine: Engine, tmp_path: Path) -> None:
    elsewhere = open_engine(f"sqlite:///{tmp_path}/ordering.db")
    follower = Follower()
    with closing(SqlLiveUpdates(engine, interval=INTERVAL)) as updates:
        updates.subscribe(None, follower)
        last = _append(SqlStore(elsewhere, ManualClock(START)), "1", "2")
        assert follower.seen_with(last) == ["1", "2"]
    elsewhere.dispose()


def test_more_than_a_page_at_once_is_told_in_order(store: SqlStore, engine: Engine) -> None:
    follower = Follower()
    with closing(SqlLiveUpdates(engine, interval=INTERVAL)) as updates:
        updates.subscribe(OrderId("801-one"), follower)
        details = [str(number) for number in range(1203)]
        assert follower.seen_with(_append(store, *details)) == details


def test_no_event_is_told_twice_without_need(store: SqlStore, engine: Engine) -> None:
    follower, told = Follower(), list[str]()
    with closing(SqlLiveUpdates(engine, interval=INTERVAL)) as updates:
        updates.subscribe(None, lambda new: told.append(new.detail))
        updates.subscribe(None, follower)
        for detail in "123":
            follower.seen_with(_append(store, detail))
    assert told == ["1", "2", "3"]


def test_one_reader_serves_all_and_ends_when_closed(store: SqlStore, engine: Engine) -> None:
    before = active_count()
    updates = SqlLiveUpdates(engine, interval=INTERVAL)
    assert active_count() == before
    followers = [Follower() for _ in range(5)]
    for number, follower in enumerate(followers):
        updates.subscribe(None if number % 2 else OrderId("801-one"), follower)
    assert active_count() == before + 1
    last = _append(store, "1")
    assert [follower.seen_with(last) for follower in followers] == [["1"]] * 5
    updates.close()
    updates.close()
    assert active_count() == before
    assert isinstance(engine.pool, QueuePool)
    assert engine.pool.checkedout() == 0
    with pytest.raises(RuntimeError, match="closed"):
        updates.subscribe(None, followers[0])


def test_closing_without_a_follower_ever_is_nothing(engine: Engine) -> None:
    SqlLiveUpdates(engine).close()


def test_a_follower_may_close_the_live_updates(store: SqlStore, engine: Engine) -> None:
    updates = SqlLiveUpdates(engine, interval=INTERVAL)
    told: list[str] = []

    def close(new: OrderEvent) -> None:
        told.append(new.detail)
        updates.close()

    updates.subscribe(None, close)
    _append(store, "1", "2")
    for thread in threads():
        if thread.name == "ordering live updates":
            thread.join()
    assert told == ["1"]


def test_after_closing_nobody_is_told(store: SqlStore, engine: Engine) -> None:
    updates = SqlLiveUpdates(engine, interval=INTERVAL)
    follower = Follower()
    updates.subscribe(None, follower)
    first = _append(store, "1")
    follower.seen_with(first)
    updates.close()
    _append(store, "2")
    assert follower.seen_with(first) == ["1"]


def test_a_database_that_cannot_be_read_for_a_while_costs_no_event(
    store: SqlStore, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    follower = Follower()
    with closing(SqlLiveUpdates(engine, interval=INTERVAL)) as updates:
        updates.subscribe(None, follower)
        follower.seen_with(_append(store, "1"))
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE oc_events RENAME TO elsewhere"))
        moment = Event()
        while not caplog.messages:
            moment.wait(INTERVAL)
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO oc_events"))
        assert follower.seen_with(_append(store, "2", "3")) == ["1", "2", "3"]
        assert not follower.out_of_order
    assert "the event log cannot be read now" in caplog.messages[0]


def test_an_event_that_nobody_can_read_is_passed_over(
    store: SqlStore, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    follower = Follower()
    with closing(SqlLiveUpdates(engine, interval=INTERVAL)) as updates:
        updates.subscribe(None, follower)
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO oc_events (order_id, payload) VALUES ('801-one', '佐藤')"))
        assert follower.seen_with(_append(store, "2")) == ["2"]
    assert caplog.messages == ["event 1 cannot be read: Refused"]


def test_without_a_log_nobody_can_follow(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE oc_events"))
    with pytest.raises(Unavailable):
        SqlLiveUpdates(engine).subscribe(None, Follower())
