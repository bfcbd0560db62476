"""Triggers: kept with the transaction that wants them, once per subject and cause, run at their time."""

from __future__ import annotations

import abc

from datetime import datetime, timedelta
from threading import Event, Lock

import pytest

from ordering_core.domain.journal import Subject, SubjectKind
from ordering_core.ports.store import Store
from ordering_core.ports.work_queue import WorkQueue
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.samples import SECOND, START, subject
from ordering_core.testing.contracts.store import StoreContract, roll_back
from ordering_core.testing.contracts.threads import PATIENCE, at_once


LATER = START + timedelta(days=60)


class Runs:
    """A handler that remembers whom it ran, from any thread, and fails on request."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.keys: list[str] = []
        self.fails: BaseException | None = None

    def __call__(self, ran: Subject) -> None:
        with self._lock:
            self.keys.append(ran.key)
        if self.fails:
            raise self.fails


def trigger(store: Store, key: str = "one", *, cause: str = "event-1", at: datetime | None = None) -> None:
    """Have the subject called *key* run, in a transaction of its own."""
    with store.transaction() as tx:
        tx.trigger(subject(key), cause=cause, at=at)


class QueueContract(StoreContract):
    """What the contracts of triggers need: the running side of an empty store."""

    @pytest.fixture
    @abc.abstractmethod
    def queue(self, store: Store) -> WorkQueue:
        """Return the work queue of *store*."""

    @pytest.fixture
    def runs(self) -> Runs:
        """Return a handler that remembers."""
        return Runs()


class TriggersContract(QueueContract):
    """Triggers of a store."""

    def test_an_empty_queue_runs_nothing(self, queue: WorkQueue, runs: Runs) -> None:
        assert queue.next_due() is None
        assert queue.run_due(LATER, runs) == 0
        assert runs.keys == []

    def test_a_trigger_without_a_time_is_due_at_once_and_runs_once(
        self, store: Store, queue: WorkQueue, runs: Runs
    ) -> None:
        trigger(store)
        assert queue.next_due() == START
        assert queue.run_due(START, runs) == 1
        assert queue.run_due(LATER, runs) == 0
        assert runs.keys == ["one"]
        assert queue.next_due() is None

    def test_the_subject_arrives_whole(self, store: Store, queue: WorkQueue) -> None:
        seen: list[Subject] = []
        for kind in SubjectKind:
            with store.transaction() as tx:
                tx.trigger(Subject(kind, "鍵-1"), cause=kind)
        queue.run_due(START, seen.append)
        assert set(seen) == {Subject(kind, "鍵-1") for kind in SubjectKind}

    def test_a_trigger_runs_from_its_instant_on_and_not_before(
        self, store: Store, queue: WorkQueue, runs: Runs
    ) -> None:
        trigger(store, at=LATER)
        assert queue.next_due() == LATER
        assert queue.run_due(LATER - SECOND, runs) == 0
        assert queue.run_due(LATER, runs) == 1

    def test_a_time_that_has_passed_is_due_at_once(self, store: Store, queue: WorkQueue, runs: Runs) -> None:
        trigger(store, at=START - timedelta(days=1))
        assert queue.run_due(START, runs) == 1

    def test_the_earliest_runs_first(self, store: Store, queue: WorkQueue, runs: Runs) -> None:
        trigger(store, "third", at=START + 3 * SECOND)
        trigger(store, "first", at=START + SECOND)
        trigger(store, "second", at=START + 2 * SECOND)
        assert queue.next_due() == START + SECOND
        assert queue.run_due(LATER, runs) == 3
        assert runs.keys == ["first", "second", "third"]

    def test_no_more_than_the_limit_run(self, store: Store, queue: WorkQueue, runs: Runs) -> None:
        for number in range(5):
            trigger(store, str(number))
        assert [queue.run_due(START, runs, limit=2) for _ in range(4)] == [2, 2, 1, 0]
        assert sorted(runs.keys) == ["0", "1", "2", "3", "4"]

    def test_one_cause_triggers_a_subject_once(
        self, store: Store, queue: WorkQueue, runs: Runs, clock: ManualClock
    ) -> None:
        trigger(store)
        trigger(store)
        trigger(store, at=LATER)
        assert queue.run_due(START, runs) == 1
        clock.advance(timedelta(days=61))
        trigger(store)
        assert queue.run_due(clock.now(), runs) == 0
        assert runs.keys == ["one"]

    def test_a_cause_repeated_within_its_transaction_triggers_once(
        self, store: Store, queue: WorkQueue, runs: Runs
    ) -> None:
        with store.transaction() as tx:
            tx.trigger(subject("one"), cause="event-1")
            tx.trigger(subject("one"), cause="event-1")
        assert queue.run_due(START, runs) == 1

    def test_another_cause_triggers_the_subject_again(
        self, store: Store, queue: WorkQueue, runs: Runs
    ) -> None:
        trigger(store, cause="event-1")
        trigger(store, cause="event-2")
        assert queue.run_due(START, runs) == 2
        assert runs.keys == ["one", "one"]

    def test_one_cause_may_trigger_several_subjects(self, store: Store, queue: WorkQueue, runs: Runs) -> None:
        trigger(store, "one")
        trigger(store, "two")
        assert queue.run_due(START, runs) == 2

    def test_a_trigger_that_is_rolled_back_does_not_exist(
        self, store: Store, queue: WorkQueue, runs: Runs
    ) -> None:
        roll_back(store, lambda tx: tx.trigger(subject("one"), cause="event-1"))
        assert queue.next_due() is None
        assert queue.run_due(LATER, runs) == 0
        trigger(store)
        assert queue.run_due(START, runs) == 1

    def test_nothing_runs_before_its_transaction_is_kept(
        self, store: Store, queue: WorkQueue, runs: Runs
    ) -> None:
        written, ran = Event(), Event()

        def trigger() -> None:
            with store.transaction() as tx:
                tx.trigger(subject("one"), cause="event-1")
                written.set()
                # A store may make the queue wait for this transaction, or show it nothing yet.
                assert not ran.wait(0.05)

        def run() -> None:
            written.wait(PATIENCE)
            queue.run_due(START, lambda _: ran.set())

        assert at_once(trigger, run) == [None, None]
        queue.run_due(START, lambda _: ran.set())
        assert ran.is_set()

    def test_what_triggers_instead_of_something_else_runs_once_whether_that_is_there_or_not(
        self, store: Store, queue: WorkQueue, runs: Runs
    ) -> None:
        trigger(store, "needless", cause="waits", at=LATER)
        for needless in ("needless", "unknown"):
            for _ in range(2):
                with store.transaction() as tx:
                    tx.trigger_instead(
                        (subject(needless), "waits"), subject(f"no {needless}"), cause="event-1"
                    )
        queue.run_due(START, runs)
        assert sorted(runs.keys) == ["no needless", "no unknown"]
        runs.keys.clear()
        queue.run_due(LATER, runs)
        assert runs.keys in ([], ["needless"])

    def test_what_may_be_running_already_is_never_forgotten(
        self, store: Store, queue: WorkQueue, runs: Runs
    ) -> None:
        trigger(store, "soon", cause="waits", at=START + SECOND)
        roll_back(
            store,
            lambda tx: tx.trigger_instead((subject("soon"), "waits"), subject("never"), cause="event-1"),
        )
        with store.transaction() as tx:
            tx.trigger_instead((subject("soon"), "waits"), subject("now"), cause="event-1")
        queue.run_due(START, runs)
        queue.run_due(START + SECOND, runs)
        assert runs.keys == ["now", "soon"]

    def test_who_has_a_trigger_that_nobody_has_served_is_told_with_its_first_instant(
        self, store: Store, queue: WorkQueue, runs: Runs
    ) -> None:
        for cause, at in (("second", START + SECOND), ("first", START), ("third", START + 2 * SECOND)):
            trigger(store, cause=cause, at=at)
        trigger(store, "other", at=START + SECOND)
        asked = [START - SECOND, START, START + SECOND, LATER]
        with store.transaction() as tx:
            told = [tx.due_since(at) for at in asked]
        one, other = (subject("one"), START), (subject("other"), START + SECOND)
        assert told == [{}, dict([one]), dict([one, other]), dict([one, other])]
        queue.run_due(START, runs)
        with store.transaction() as tx:
            assert tx.due_since(LATER) == {subject("one"): START + SECOND, subject("other"): START + SECOND}
        queue.run_due(LATER, runs)
        with store.transaction() as tx:
            assert tx.due_since(LATER) == {}

    @pytest.mark.parametrize("waiting", [True, False])
    def test_what_has_run_is_forgotten_and_what_waits_only_when_told(
        self, store: Store, queue: WorkQueue, runs: Runs, *, waiting: bool
    ) -> None:
        trigger(store, cause="ran")
        queue.run_due(START, runs)
        trigger(store, cause="waits", at=LATER)
        trigger(store, "other", cause="waits", at=LATER)
        with store.transaction() as tx:
            assert tx.forget_triggers(subject("one"), waiting=waiting) == 1 + waiting
            assert tx.forget_triggers(subject("one"), waiting=waiting) == 0
        runs.keys.clear()
        queue.run_due(LATER, runs)
        assert sorted(runs.keys) == (["other"] if waiting else ["one", "other"])

    def test_a_cause_that_was_forgotten_may_trigger_again(
        self, store: Store, queue: WorkQueue, runs: Runs
    ) -> None:
        trigger(store)
        queue.run_due(START, runs)
        roll_back(store, lambda tx: tx.forget_triggers(subject("one"), waiting=True))
        trigger(store)
        assert queue.run_due(START, runs) == 0
        with store.transaction() as tx:
            tx.forget_triggers(subject("one"), waiting=False)
        trigger(store)
        assert queue.run_due(START, runs) == 1
