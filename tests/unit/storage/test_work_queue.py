"""What runs triggers, beyond the contract: one process at a time, nothing lost with it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sqlalchemy import Engine

from ordering_adapters.storage import SqlStore, SqlWorkQueue
from ordering_adapters.storage.schema import MICROSECOND
from ordering_adapters.storage.triggers import SOON
from ordering_core.domain.journal import Subject
from ordering_core.errors import Unavailable
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.samples import MINUTE, START, subject
from tests.contract.sql_database import new_database


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = new_database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> SqlStore:
    return SqlStore(engine, ManualClock(START))


def _trigger(store: SqlStore, *keys: str) -> None:
    with store.transaction() as tx:
        for key in keys:
            tx.trigger(subject(key), cause="event-1")


@pytest.mark.parametrize(
    ("wait", "known", "left"),
    [
        (SOON + MICROSECOND, False, []),
        (SOON, False, ["needless"]),
        (MINUTE, True, ["needless"]),
    ],
)
def test_a_needless_trigger_that_waits_for_long_becomes_the_one_that_runs_instead(
    store: SqlStore, wait: timedelta, known: bool, left: list[str]
) -> None:
    queue = SqlWorkQueue(store)
    if known:
        _trigger(store, "wanted")
        queue.run_due(START, lambda _: None)
    with store.transaction() as tx:
        tx.trigger(subject("needless"), cause="waits", at=START + wait)
        tx.trigger(subject("needless"), cause="another", at=START + 2 * MINUTE)
    with store.transaction() as tx:
        tx.trigger_instead((subject("needless"), "waits"), subject("wanted"), cause="event-1")
    ran: list[str] = []
    queue.run_due(START, lambda which: ran.append(which.key))
    assert ran == ([] if known else ["wanted"])
    queue.run_due(START + MINUTE, lambda which: ran.append(which.key))
    assert ran == ([] if known else ["wanted"]) + left
    queue.run_due(START + 2 * MINUTE, lambda which: ran.append(which.key))
    assert ran[-1] == "needless"
    assert len(ran) == 2 + len(left) - known


def test_while_one_runs_another_queue_on_the_database_runs_nothing(store: SqlStore) -> None:
    first, second = SqlWorkQueue(store), SqlWorkQueue(store)
    _trigger(store, "one", "two")
    ran: list[tuple[str, int]] = []

    def run(which: Subject) -> None:
        ran.append((which.key, second.run_due(START, lambda _: ran.clear())))

    assert first.run_due(START, run) == 2
    assert ran == [("one", 0), ("two", 0)]


def test_when_one_has_run_another_queue_on_the_database_may(store: SqlStore) -> None:
    first, second = SqlWorkQueue(store), SqlWorkQueue(store)
    for key, queue in (("one", first), ("two", second), ("three", first)):
        _trigger(store, key)
        assert queue.run_due(START, lambda _: None) == 1


def test_a_trigger_stays_due_until_its_run_is_over(store: SqlStore) -> None:
    _trigger(store, "one")
    waiting = SqlWorkQueue(store)
    seen: list[object] = []
    SqlWorkQueue(store).run_due(START, lambda _: seen.append(waiting.next_due()))
    assert seen == [START]
    assert waiting.next_due() is None


def test_a_run_that_cannot_be_settled_comes_again(store: SqlStore, engine: Engine) -> None:
    _trigger(store, "one")
    queue = SqlWorkQueue(store)

    def lose_the_table(_: Subject) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE oc_triggers RENAME TO elsewhere")

    with pytest.raises(Unavailable):
        queue.run_due(START, lose_the_table)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO oc_triggers")
    assert queue.next_due() == START
    assert queue.run_due(START, lambda _: None) == 1


def test_a_failed_run_says_what_kind_of_error_it_was_and_no_more(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Subject) -> None:
        raise ValueError("佐藤 090-1234-5678")

    _trigger(store, "one")
    assert SqlWorkQueue(store).run_due(START, fail) == 1
    assert SqlWorkQueue(store).next_due() == START + MINUTE
    assert caplog.messages == ["a run of kind order failed: ValueError"]


def test_a_lock_that_cannot_be_made_is_unavailable(store: SqlStore) -> None:
    Path(f"{store.engine.url.database}-worker").mkdir()
    with pytest.raises(Unavailable, match="SQLITE_CANTOPEN"):
        SqlWorkQueue(store).run_due(START, lambda _: None)
