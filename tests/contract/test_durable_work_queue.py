"""The work queue on DBOS over SQLite keeps its contract."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ordering_adapters.storage.outbox import SqlOutbox
from ordering_adapters.storage.store import SqlStore
from ordering_adapters.work_queue import DbosWorkQueue, EngineSettings
from ordering_core.testing.contracts.triggers import TriggersContract
from ordering_core.testing.contracts.work_queue import WorkQueueContract
from tests.contract.sql_database import OnSqlite


class OnDbos(OnSqlite):
    """Fixtures of the contracts, with an engine on a new file."""

    @pytest.fixture
    def queue(self, store: SqlStore, tmp_path: Path) -> Iterator[DbosWorkQueue]:
        settings = EngineSettings(
            url=f"sqlite:///{tmp_path / 'runs.db'}", look_every=timedelta(milliseconds=5)
        )
        queue = DbosWorkQueue(settings, SqlOutbox(store), handle=lambda _: None)
        queue.start()
        yield queue
        queue.stop()


class TestDurableTriggers(OnDbos, TriggersContract): ...


class TestDurableWorkQueue(OnDbos, WorkQueueContract): ...
