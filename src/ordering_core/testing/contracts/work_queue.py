"""The work queue: runs are handed out once, to one caller, and again only when they failed."""

from __future__ import annotations

from threading import Event

import pytest

from ordering_core.domain.journal import Subject
from ordering_core.ports.store import Store, Transaction
from ordering_core.ports.work_queue import SWEPT, RunBroke, WorkQueue
from ordering_core.testing.contracts.samples import MINUTE, SECOND, START, subject
from ordering_core.testing.contracts.store import Stopped
from ordering_core.testing.contracts.threads import PATIENCE, all_get_through
from ordering_core.testing.contracts.triggers import LATER, QueueContract, Runs, trigger


class WorkQueueContract(QueueContract):
    """The running side of a store's triggers."""

    def test_a_handler_may_use_the_store_and_trigger_what_is_due_at_once(
        self, store: Store, queue: WorkQueue
    ) -> None:
        ran: list[str] = []

        def chain(which: Subject) -> None:
            ran.append(which.key)
            if len(ran) < 3:
                trigger(store, f"after {which.key}")

        trigger(store)
        assert queue.run_due(START, chain) == 3
        assert ran == ["one", "after one", "after after one"]

    def test_a_chain_without_end_stops_at_the_limit(self, store: Store, queue: WorkQueue) -> None:
        ran: list[str] = []

        def again(which: Subject) -> None:
            ran.append(which.key)
            trigger(store, str(len(ran)))

        trigger(store)
        assert queue.run_due(START, again, limit=10) == 10

    def test_a_failed_run_is_due_again_a_minute_later_and_the_others_go_on(
        self, store: Store, queue: WorkQueue, runs: Runs
    ) -> None:
        trigger(store, "one")
        trigger(store, "two")
        runs.fails = ValueError("no")
        assert queue.run_due(START, runs) == 2
        assert sorted(runs.keys) == ["one", "two"]
        assert queue.next_due() == START + MINUTE
        runs.fails = None
        assert queue.run_due(START + MINUTE - SECOND, runs) == 0
        assert queue.run_due(START + MINUTE, runs) == 2
        assert queue.run_due(LATER, runs) == 0

    def test_a_run_that_says_when_to_try_again_is_due_then(
        self, store: Store, queue: WorkQueue, runs: Runs
    ) -> None:
        trigger(store)
        runs.fails = RunBroke(ValueError("no"), again=START + 7 * MINUTE)
        assert queue.run_due(START, runs) == 1
        assert queue.next_due() == START + 7 * MINUTE
        runs.fails = None
        assert queue.run_due(START + 7 * MINUTE, runs) == 1
        assert queue.next_due() is None

    def test_a_run_may_fail_many_times_and_is_never_given_up(
        self, store: Store, queue: WorkQueue, runs: Runs
    ) -> None:
        trigger(store)
        runs.fails = ValueError("no")
        for minute in range(150):
            assert queue.run_due(START + minute * MINUTE, runs) == 1
        runs.fails = None
        assert queue.run_due(LATER, runs) == 1
        assert queue.run_due(LATER, runs) == 0

    def test_a_subject_that_fails_does_not_gather_triggers(
        self, store: Store, queue: WorkQueue, runs: Runs
    ) -> None:
        runs.fails = ValueError("no")
        for minute in range(5):
            trigger(store, cause=f"event-{minute}")
            trigger(store, cause=f"event-{minute}-again")
            queue.run_due(START + minute * MINUTE, runs)
        runs.fails, runs.keys = None, []
        assert queue.run_due(LATER, runs) == 1

    def test_what_waits_for_a_later_day_or_another_subject_is_not_taken_along_by_a_failed_run(
        self, store: Store, queue: WorkQueue, runs: Runs
    ) -> None:
        trigger(store, cause="later", at=START + 2 * MINUTE)
        trigger(store, "other", cause="later", at=START + SECOND)
        trigger(store)
        runs.fails = ValueError("no")
        assert queue.run_due(START, runs) == 1
        runs.fails, runs.keys = None, []
        assert queue.run_due(LATER, runs) == 3
        assert sorted(runs.keys) == ["one", "one", "other"]

    @pytest.mark.parametrize("fails", [True, False])
    def test_what_the_sweep_wanted_is_served_by_any_run_of_the_subject_that_ends_well(
        self, store: Store, queue: WorkQueue, runs: Runs, *, fails: bool
    ) -> None:
        trigger(store)
        for number in range(3):
            trigger(store, cause=f"{SWEPT}{number}")
        trigger(store, "other", cause=f"{SWEPT}0")
        runs.fails = ValueError("no") if fails else None
        queue.run_due(START, runs, limit=1)
        runs.fails = None
        assert queue.run_due(START, runs) == (2 if fails else 1)

    def test_a_repeated_cause_does_not_hurry_a_failed_run(
        self, store: Store, queue: WorkQueue, runs: Runs
    ) -> None:
        trigger(store)
        runs.fails = ValueError("no")
        queue.run_due(START, runs)
        trigger(store)
        assert queue.run_due(START, runs) == 0
        assert queue.next_due() == START + MINUTE

    def test_a_run_that_is_torn_down_is_due_again_as_it_was(
        self, store: Store, queue: WorkQueue, runs: Runs
    ) -> None:
        trigger(store)
        runs.fails = Stopped()
        with pytest.raises(Stopped):
            queue.run_due(START, runs)
        runs.fails = None
        assert queue.next_due() == START
        assert queue.run_due(START, runs) == 1
        assert runs.keys == ["one", "one"]

    def test_no_trigger_is_handed_to_two_callers(self, store: Store, queue: WorkQueue, runs: Runs) -> None:
        def trigger_all(tx: Transaction) -> None:
            for number in range(30):
                tx.trigger(subject(f"{number:02d}"), cause="event-1")

        with store.transaction() as tx:
            trigger_all(tx)

        def drain() -> None:
            while queue.run_due(START, runs, limit=3):
                pass

        all_get_through(drain, drain, drain)
        assert sorted(runs.keys) == [f"{number:02d}" for number in range(30)]

    def test_what_one_caller_is_running_no_other_caller_gets(self, store: Store, queue: WorkQueue) -> None:
        inside, finish = Event(), Event()
        second: list[int] = []

        def slow(_: Subject) -> None:
            inside.set()
            finish.wait(PATIENCE)

        def look() -> None:
            inside.wait(PATIENCE)
            second.append(queue.run_due(LATER, slow))
            finish.set()

        trigger(store)
        all_get_through(lambda: queue.run_due(START, slow), look)
        assert second == [0]
        assert queue.next_due() is None
