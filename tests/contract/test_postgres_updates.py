"""Live updates of PostgreSQL, beyond the contract: whoever wrote, however the connection fares."""

from collections.abc import Iterator
from contextlib import closing
from threading import Event, active_count

import pytest

from sqlalchemy import Engine, QueuePool, insert, text
from sqlalchemy import event as hook

from ordering_adapters.storage import SqlLiveUpdates, SqlStore, news, schema
from ordering_adapters.storage.converter import dump
from ordering_core.domain.events import OrderEvent
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.live_updates import Follower
from ordering_core.testing.contracts.samples import START, event
from tests.contract.postgres_database import Databases, end_sessions, opened


INTERVAL = 0.01


@pytest.fixture
def engine(postgres: Databases) -> Iterator[Engine]:
    with opened(postgres.empty()) as engine:
        yield engine


@pytest.fixture
def store(engine: Engine) -> SqlStore:
    return SqlStore(engine, ManualClock(START))


def _append(store: SqlStore, *details: str) -> OrderEvent:
    with store.transaction() as tx:
        return [tx.events.append(event(detail=detail)) for detail in details][-1]


def test_what_another_process_writes_is_told_at_once(
    engine: Engine, postgres: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "READ_AGAIN", 3600.0)
    follower = Follower()
    with (
        closing(SqlLiveUpdates(engine, interval=INTERVAL)) as updates,
        opened(postgres.migrated()) as elsewhere,
    ):
        updates.subscribe(None, follower)
        follower.seen_with(_append(SqlStore(elsewhere, ManualClock(START)), "1"))
        last = _append(SqlStore(elsewhere, ManualClock(START)), "2", "3")
        assert follower.seen_with(last) == ["1", "2", "3"]


def test_what_nobody_told_of_is_found_by_reading_again(
    store: SqlStore, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "READ_AGAIN", 0.05)
    follower = Follower()
    with closing(SqlLiveUpdates(engine, interval=INTERVAL)) as updates:
        updates.subscribe(None, follower)
        follower.seen_with(_append(store, "1"))
        with engine.begin() as connection:
            silent = insert(schema.events).values(order_id="801-one", payload=dump(event(detail="2")))
            cursor = connection.execute(silent).inserted_primary_key
        assert cursor is not None
        with store.transaction() as tx:
            last = tx.events.last(event().order)
        assert last is not None
        assert follower.seen_with(last) == ["1", "2"]


def test_an_idle_reader_asks_for_nothing_between_two_readings(
    store: SqlStore, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "READ_AGAIN", 3600.0)
    asked: list[str] = []
    follower = Follower()
    with closing(SqlLiveUpdates(engine, interval=INTERVAL)) as updates:
        updates.subscribe(None, follower)
        follower.seen_with(_append(store, "1"))
        hook.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
        Event().wait(10 * INTERVAL)
    assert len(asked) <= 1  # it may have been about to find that "1" was the last


def test_sessions_that_are_ended_cost_no_event(
    store: SqlStore, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    follower = Follower()
    with closing(SqlLiveUpdates(engine, interval=INTERVAL)) as updates:
        updates.subscribe(None, follower)
        follower.seen_with(_append(store, "0"))
        for number in range(1, 6):
            end_sessions(engine)
            follower.seen_with(_append(store, str(number)))
        assert follower.seen_with(_append(store, "6", "7")) == list("01234567")
        assert not follower.out_of_order
    assert "the event log cannot be read now" in caplog.messages[0]


def test_a_log_that_cannot_be_read_for_a_while_costs_no_event(
    postgres: Databases, caplog: pytest.LogCaptureFixture
) -> None:
    follower = Follower()
    with opened(postgres.copied()) as engine, closing(SqlLiveUpdates(engine, interval=INTERVAL)) as updates:
        store = SqlStore(engine, ManualClock(START))
        updates.subscribe(None, follower)
        follower.seen_with(_append(store, "1"))
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE oc_events RENAME TO elsewhere"))
            connection.execute(text("NOTIFY oc_events"))
        while not caplog.messages:
            Event().wait(INTERVAL)
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO oc_events"))
        assert follower.seen_with(_append(store, "2", "3")) == ["1", "2", "3"]


def test_one_reader_serves_all_and_its_connection_ends_with_it(store: SqlStore, engine: Engine) -> None:
    before = active_count()
    updates = SqlLiveUpdates(engine, interval=INTERVAL)
    followers = [Follower() for _ in range(5)]
    for follower in followers:
        updates.subscribe(None, follower)
    last = _append(store, "1")
    assert [follower.seen_with(last) for follower in followers] == [["1"]] * 5
    assert active_count() == before + 1
    updates.close()
    assert active_count() == before
    assert isinstance(engine.pool, QueuePool)
    assert engine.pool.checkedout() == 0
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM pg_listening_channels()").scalar_one() == 0
