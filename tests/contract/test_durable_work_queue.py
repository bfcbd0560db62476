"""The work queue on DBOS keeps its contract, over SQLite and over PostgreSQL."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from ordering_adapters.storage.outbox import SqlOutbox
from ordering_adapters.storage.store import SqlStore
from ordering_adapters.storage.triggers import Trigger
from ordering_adapters.work_queue import DbosWorkQueue, EngineSettings, Outbox
from ordering_core.domain.journal import Subject
from ordering_core.testing.contracts.triggers import TriggersContract
from ordering_core.testing.contracts.work_queue import WorkQueueContract
from ordering_entrypoints.worker import runs_url
from tests.contract.postgres_database import Databases, OnPostgres
from tests.contract.sql_database import OnSqlite


class Latest(Outbox):
    """The triggers of whichever store a test has, so that one engine serves many tests."""

    outbox: SqlOutbox

    def first(self, at: datetime, *, without: Collection[int]) -> Trigger | None:
        return self.outbox.first(at, without=without)

    def waiting(self, number: int, at: datetime) -> Subject | None:
        return self.outbox.waiting(number, at)

    def settle(self, number: int, *, again: datetime | None) -> None:
        self.outbox.settle(number, again=again)

    def next_due(self, *, without: Collection[int]) -> datetime | None:
        return self.outbox.next_due(without=without)


Running = tuple[DbosWorkQueue, Latest]


@contextmanager
def started(url: str) -> Iterator[Running]:
    settings = EngineSettings(url=url, look_every=timedelta(milliseconds=5))
    latest = Latest()
    queue = DbosWorkQueue(settings, latest, handle=lambda _: None)
    queue.start()
    yield queue, latest
    queue.stop()


@pytest.fixture(scope="class")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run an engine on a file of its own."""
    with started(f"sqlite:///{tmp_path_factory.mktemp('engine') / 'runs.db'}") as running:
        yield running


@pytest.fixture(scope="class")
def on_postgres(postgres: Databases) -> Iterator[Running]:
    """Run an engine whose schema is beside our tables."""
    with started(runs_url(postgres.migrated())) as running:
        yield running


def of(running: Running, store: SqlStore) -> DbosWorkQueue:
    queue, latest = running
    latest.outbox = SqlOutbox(store)
    return queue


class OnDbosAndSqlite(OnSqlite):
    @pytest.fixture
    def queue(self, on_sqlite: Running, store: SqlStore) -> DbosWorkQueue:
        return of(on_sqlite, store)


class OnDbosAndPostgres(OnPostgres):
    @pytest.fixture
    def queue(self, on_postgres: Running, store: SqlStore) -> DbosWorkQueue:
        return of(on_postgres, store)


class TestDurableTriggers(OnDbosAndSqlite, TriggersContract): ...


class TestDurableWorkQueue(OnDbosAndSqlite, WorkQueueContract): ...


class TestDurableTriggersOnPostgres(OnDbosAndPostgres, TriggersContract): ...


class TestDurableWorkQueueOnPostgres(OnDbosAndPostgres, WorkQueueContract): ...
