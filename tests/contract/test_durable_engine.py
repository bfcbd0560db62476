"""What could go wrong with an engine in a process of ours, and what is done about it (ADR 14)."""

from __future__ import annotations

import json
import sqlite3

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Semaphore
from time import monotonic

import attrs
import pytest

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions

from ordering_adapters.storage.outbox import SqlOutbox
from ordering_adapters.storage.store import SqlStore
from ordering_adapters.work_queue import DbosWorkQueue, Duty, EngineSettings, engine
from ordering_adapters.work_queue.engine import APPLICATION, DUTY, RUNS
from ordering_adapters.work_queue.slots import Slot, take
from ordering_core.domain.journal import Subject
from ordering_core.errors import Refused
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.samples import START
from ordering_core.testing.contracts.triggers import Runs, trigger
from tests.contract.sql_database import OnSqlite


OFTEN = timedelta(milliseconds=5)
PATIENCE = 20
TRIES = 3
EVERY_SECOND = "* * * * * *"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_client(settings: EngineSettings) -> DBOSClient:
    return DBOSClient(
        system_database_url=settings.url,
        serializer=DBOSPortableJSONSerializer(),
        application_name=APPLICATION,
    )


def schedules() -> set[str]:
    return {schedule["schedule_name"] for schedule in DBOS.list_schedules()}


def waiting_in(queue: str) -> int:
    return len([run for run in DBOS.list_queued_workflows() if run.queue_name == queue])


class TestEngine(OnSqlite):
    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock(START)

    @pytest.fixture
    def settings(self, tmp_path: Path) -> EngineSettings:
        return EngineSettings(url=f"sqlite:///{tmp_path / 'runs.db'}", look_every=OFTEN)

    @pytest.fixture
    def started(self, store: SqlStore, settings: EngineSettings) -> Iterator[Callable[..., DbosWorkQueue]]:
        begun: list[DbosWorkQueue] = []

        def start(
            handle: Callable[[Subject], None] = lambda _: None, *, duties: dict[str, Duty] | None = None
        ) -> DbosWorkQueue:
            for former in begun:
                former.stop()
            begun[:] = [DbosWorkQueue(settings, SqlOutbox(store), handle=handle, duties=duties or {})]
            begun[0].start()
            return begun[0]

        yield start
        for last in begun:
            last.stop()

    def test_a_second_engine_in_a_process_is_refused(
        self, store: SqlStore, started: Callable[..., DbosWorkQueue], tmp_path: Path
    ) -> None:
        queue, runs = started(), Runs()
        other = EngineSettings(url=f"sqlite:///{tmp_path / 'other.db'}", executor="other")
        with pytest.raises(RuntimeError, match="has an engine already"):
            DbosWorkQueue(other, SqlOutbox(store), handle=runs).start()
        trigger(store)
        assert queue.run_due(START, runs) == 1

    def test_a_name_that_another_process_holds_is_refused_and_free_once_it_is_given_back(
        self, settings: EngineSettings, store: SqlStore
    ) -> None:
        slot = take(settings.url, settings.executor)
        assert slot is not None
        settings = attrs.evolve(settings, take_within=timedelta(0))
        queue = DbosWorkQueue(settings, SqlOutbox(store), handle=lambda _: None)
        with pytest.raises(Refused, match="ORDERING_WORKER_EXECUTOR"):
            queue.start()
        slot.give_back()
        queue.start()
        assert queue.is_ours
        assert take(settings.url, settings.executor) is None
        queue.stop()
        assert not queue.is_ours

    def test_a_name_that_is_held_for_a_moment_while_others_clear_away_is_waited_for(
        self, settings: EngineSettings, store: SqlStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        held = take(settings.url, settings.executor)
        assert held is not None
        tries: list[bool] = []

        def tried(url: str, executor: str) -> Slot | None:
            slot = take(url, executor)
            tries.append(slot is not None)
            if len(tries) == TRIES:
                held.give_back()
            return slot

        monkeypatch.setattr(engine, "take", tried)
        patient = attrs.evolve(settings, take_within=timedelta(seconds=PATIENCE))
        queue = DbosWorkQueue(patient, SqlOutbox(store), handle=lambda _: None)
        queue.start()
        assert tries == [False] * TRIES + [True]
        assert queue.is_ours
        queue.stop()

    def test_runs_of_a_name_that_this_version_does_not_know_are_not_stranded(
        self, settings: EngineSettings, started: Callable[..., DbosWorkQueue]
    ) -> None:
        started().stop()
        client = new_client(settings)
        newer = EnqueueOptions(workflow_name="ordering.run.v9", queue_name=RUNS)
        client.enqueue(newer, 1, 1)
        with pytest.raises(Refused, match=r"ordering\.run\.v9"):
            started()
        client.destroy()

    def test_what_the_release_before_queued_is_run_by_this_one_however_often_it_was_begun(
        self,
        store: SqlStore,
        settings: EngineSettings,
        started: Callable[..., DbosWorkQueue],
        tmp_path: Path,
    ) -> None:
        started().stop()
        trigger(store)
        # As it is written in databases of that release, whatever this one calls it.
        queued = EnqueueOptions(
            workflow_name="ordering.run.v1", queue_name="ordering-runs", app_version="ordering-1"
        )
        client = new_client(settings)
        run = client.enqueue(queued, 1, (START - EPOCH) // timedelta(microseconds=1)).workflow_id
        client.destroy()
        with closing(sqlite3.connect(tmp_path / "runs.db")) as file, file:
            file.execute("UPDATE workflow_status SET recovery_attempts = 1000")
        runs = Runs()
        started(runs)
        until = monotonic() + PATIENCE
        while (status := DBOS.list_workflows(workflow_ids=[run])[0].status) in {"ENQUEUED", "PENDING"}:
            assert monotonic() < until
        assert status == "SUCCESS"
        assert runs.keys == ["one"]

    def test_what_the_engine_keeps_is_json_in_a_file_of_its_own_beside_ours(
        self, store: SqlStore, started: Callable[..., DbosWorkQueue], tmp_path: Path
    ) -> None:
        queue, runs = started(), Runs()
        trigger(store)
        queue.run_due(START, runs)
        with closing(sqlite3.connect(tmp_path / "runs.db")) as file:
            assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            [(inputs,)] = file.execute("SELECT inputs FROM workflow_input").fetchall()
        assert json.loads(inputs)["positionalArgs"][0] == 1
        with closing(sqlite3.connect(tmp_path / "ordering.db")) as ours:
            tables = ours.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        assert [name for (name,) in tables if not name.startswith(("oc_", "sqlite_"))] == []

    def test_a_process_that_uses_the_engine_otherwise_is_refused(
        self, store: SqlStore, settings: EngineSettings, tmp_path: Path
    ) -> None:
        DBOS(config=DBOSConfig(name="theirs", system_database_url=f"sqlite:///{tmp_path / 'theirs.db'}"))
        try:
            with pytest.raises(RuntimeError, match="uses DBOS already"):
                DbosWorkQueue(settings, SqlOutbox(store), handle=lambda _: None).start()
        finally:
            DBOS.destroy(destroy_registry=True)

    def test_a_trigger_that_a_backup_brought_back_runs_again(
        self, store: SqlStore, started: Callable[..., DbosWorkQueue]
    ) -> None:
        queue, runs = started(), Runs()
        trigger(store)
        assert queue.run_due(START, runs) == 1
        with store.transaction() as tx:
            tx.triggers.settle(1, again=START)
        assert queue.run_due(START, runs) == 1
        assert runs.keys == ["one", "one"]

    def test_what_ran_when_the_process_ended_is_given_back_and_run_once_by_the_next(
        self, store: SqlStore, started: Callable[..., DbosWorkQueue]
    ) -> None:
        entered, go_on, ran = Event(), Event(), Runs()

        def stuck(_: Subject) -> None:
            entered.set()
            go_on.wait(PATIENCE)
            raise SystemExit  # as if the process had ended there

        trigger(store)
        started(stuck).start_due(START)
        assert entered.wait(PATIENCE)
        started(ran)
        go_on.set()
        assert [run.status for run in DBOS.list_workflows()] == ["CANCELLED"]
        assert DBOS.list_queued_workflows() == []
        assert started(ran).run_due(START, ran) == 1
        assert ran.keys == ["one"]

    def test_what_another_process_has_queued_is_not_queued_again(
        self, store: SqlStore, settings: EngineSettings
    ) -> None:
        go_on, entered, runs = Event(), Event(), Runs()

        def slow(subject: Subject) -> None:
            entered.set()
            go_on.wait(PATIENCE)
            runs(subject)

        queue = DbosWorkQueue(settings, SqlOutbox(store), handle=slow)
        queue.start()
        try:
            trigger(store)
            assert queue.start_due(START) == 1
            assert entered.wait(PATIENCE)
            with queue._lock:
                queue._claims.clear()  # what another process knows of it
            assert queue.start_due(START) == 0
            assert queue.run_due(START, slow) == 0
            go_on.set()
        finally:
            queue.stop(timedelta(seconds=PATIENCE))
        assert runs.keys == ["one"]

    def test_a_run_whose_trigger_is_settled_meanwhile_does_nothing(
        self, store: SqlStore, started: Callable[..., DbosWorkQueue]
    ) -> None:
        queue, runs = started(), Runs()
        trigger(store)
        with store.transaction() as tx:
            tx.triggers.settle(1, again=START + timedelta(days=1))
        assert queue._queue(1, START, runs) is not None
        until = monotonic() + PATIENCE
        while not all(run.status == "SUCCESS" for run in DBOS.list_workflows()):
            assert monotonic() < until
        assert runs.keys == []

    def test_runs_that_were_over_long_ago_are_forgotten(
        self, store: SqlStore, settings: EngineSettings, tmp_path: Path
    ) -> None:
        queue = DbosWorkQueue(
            attrs.evolve(settings, keep=timedelta(seconds=-5)), SqlOutbox(store), handle=lambda _: None
        )
        queue.start()
        try:
            trigger(store)
            queue.run_due(START, lambda _: None)
            assert len(DBOS.list_workflows()) == 1
            assert queue.forget() == 1
            assert DBOS.list_workflows() == []
            with closing(sqlite3.connect(tmp_path / "runs.db")) as file:
                for table in ("workflow_input", "workflow_output"):
                    assert file.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
            assert queue.run_due(START, lambda _: None) == 0
        finally:
            queue.stop()

    def test_what_recurs_is_done_until_it_is_retired(
        self, started: Callable[..., DbosWorkQueue], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        done = Event()
        started(duties={"sweep": Duty(cron=EVERY_SECOND, act=done.set)})
        assert done.wait(PATIENCE)
        assert schedules() == {"sweep"}
        monkeypatch.setattr(engine, "RETIRED", frozenset({"sweep"}))
        started()
        assert schedules() == set()

    def test_what_only_a_newer_version_knows_is_left_to_it(
        self, started: Callable[..., DbosWorkQueue]
    ) -> None:
        old, new = Event(), Event()
        known = {"sweep": Duty(cron=EVERY_SECOND, act=old.set)}
        both = {**known, "news": Duty(cron=EVERY_SECOND, act=new.set)}
        started(duties=both)
        assert new.wait(PATIENCE)
        started(duties=known)
        new.clear()
        old.clear()
        until = monotonic() + PATIENCE
        while not waiting_in(engine.queue_of("news")):
            assert monotonic() < until
            assert old.wait(PATIENCE)
        assert schedules() == {"sweep", "news"}
        assert not new.is_set()
        assert DBOS.list_workflows(status="ERROR") == []
        started(duties=both)
        assert new.wait(PATIENCE), "what waited is done by who knows it"

    def test_a_duty_that_hangs_keeps_no_other_waiting_and_is_not_done_beside_itself(
        self, started: Callable[..., DbosWorkQueue]
    ) -> None:
        go_on, swept, polls = Event(), Semaphore(0), list[str]()

        def poll() -> None:
            polls.append("begun")
            go_on.wait(PATIENCE * 5)

        every_second = "* * * * * *"
        started(
            duties={
                "poll": Duty(cron=every_second, act=poll),
                "sweep": Duty(cron=every_second, act=swept.release),
                "retention": Duty(cron="0 0 1 1 *", act=lambda: None),
            }
        )
        try:
            until = monotonic() + PATIENCE
            while not polls:
                assert monotonic() < until
            # More often than all duties together have room.
            for _ in range(6):
                assert swept.acquire(timeout=PATIENCE)
            assert polls == ["begun"]
            waiting = DBOS.list_workflows(name=DUTY, status=["ENQUEUED", "PENDING"])
            assert len([run for run in waiting if run.deduplication_id == "poll"]) == 1
        finally:
            go_on.set()
        until = monotonic() + PATIENCE
        while len(polls) < 2:
            assert monotonic() < until, "it is done again once it is over"

    @pytest.mark.parametrize("executor", ["", "Worker", "a b", "-a", "a" * 41])
    def test_a_name_that_cannot_be_a_file_is_refused(self, executor: str) -> None:
        with pytest.raises(ValueError, match="executor"):
            EngineSettings(url="sqlite:///runs.db", executor=executor)
