"""What the store in memory insists on beyond its contract: mistakes in using it are loud."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from ordering_adapters.memory.store import MemoryStore
from ordering_adapters.memory.work_queue import MemoryWorkQueue
from ordering_core.domain.journal import Subject, SubjectKind
from ordering_core.testing.clocks import ManualClock


START = datetime(2026, 6, 3, 1, tzinfo=UTC)
ORDER = Subject(SubjectKind.ORDER, "801")


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(ManualClock(START))


def test_a_thread_has_one_transaction_open_at_a_time(store: MemoryStore) -> None:
    with store.transaction() as tx:
        tx.checkpoints.set("poll", "1")
        with pytest.raises(RuntimeError, match="open already"), store.transaction():
            pytest.fail("it would wait for itself")
    with store.transaction() as tx:
        assert tx.checkpoints.get("poll") == "1"


def test_a_part_is_used_inside_its_transaction_only(store: MemoryStore) -> None:
    with store.transaction() as tx:
        checkpoints, events = tx.checkpoints, tx.events
    with pytest.raises(RuntimeError, match="outside"):
        checkpoints.get("poll")
    with pytest.raises(RuntimeError, match="outside"):
        checkpoints.set("poll", "1")
    with pytest.raises(RuntimeError, match="outside"):
        events.last(ORDER.key)  # type: ignore[arg-type]  # any text will do
    with store.transaction() as tx:
        assert tx.checkpoints.get("poll") is None


def test_a_part_is_used_by_the_thread_that_opened_the_transaction(store: MemoryStore) -> None:
    errors: list[RuntimeError] = []

    def use() -> None:
        try:
            tx.checkpoints.get("poll")
        except RuntimeError as error:
            errors.append(error)

    with store.transaction() as tx:
        other = Thread(target=use, daemon=True)
        other.start()
        other.join(30)
    assert len(errors) == 1


def test_failed_runs_are_kept_for_whoever_looks_after_them(store: MemoryStore) -> None:
    queue = MemoryWorkQueue(store)
    with store.transaction() as tx:
        tx.trigger(ORDER, cause="event-1")
    error = ValueError("no")

    def fail(_: Subject) -> None:
        raise error

    queue.run_due(START, fail)
    assert [(failed.subject, failed.error) for failed in queue.failures] == [(ORDER, error)]


def test_a_failed_run_is_logged_without_what_it_said(
    store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    queue = MemoryWorkQueue(store)
    with store.transaction() as tx:
        tx.trigger(ORDER, cause="event-1")

    def fail(_: Subject) -> None:
        raise ValueError("09012345678")

    queue.run_due(START, fail)
    assert "ValueError" in caplog.text
    assert "0901" not in caplog.text


def test_a_transaction_costs_what_it_changes_not_what_is_stored(store: MemoryStore) -> None:
    """Ten thousand waiting triggers, then one more: no part of the store is copied for it."""
    with store.transaction() as tx:
        for number in range(10_000):
            tx.trigger(Subject(SubjectKind.ORDER, str(number)), cause="c", at=START + timedelta(days=number))
    with store.transaction() as tx:
        tx.checkpoints.set("poll", "1")
        assert len(store._log._undo) == 1
