"""One file of SQLite, many processes: nothing is lost between them, and the dead leave nothing behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sqlalchemy import Engine

from ordering_adapters.storage import SqlStore, SqlWorkQueue, open_engine
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.samples import START, subject
from tests.contract.sql_database import new_database
from tests.journeys.many_processes import ManyProcesses
from tests.journeys.storage_writers import seen, write_everything


class TestOneFile(ManyProcesses):
    @pytest.fixture
    def engine(self, tmp_path: Path) -> Iterator[Engine]:
        engine = new_database(tmp_path)
        yield engine
        engine.dispose()

    def url(self, engine: Engine) -> str:
        return str(engine.url)

    def runs_what_the_dead_left(self, queue: SqlWorkQueue, ran: list[str]) -> None:
        assert queue.run_due(START, lambda which: ran.append(which.key)) == 1

    def test_what_was_written_is_there_when_the_file_is_opened_again(
        self, store: SqlStore, engine: Engine
    ) -> None:
        with store.transaction() as tx:
            write_everything(tx)
        engine.dispose()
        again = open_engine(str(engine.url))
        reopened = SqlStore(again, ManualClock(START))
        with reopened.transaction() as tx:
            assert all(seen(tx))
        ran: list[str] = []
        assert SqlWorkQueue(reopened).run_due(START, lambda which: ran.append(which.key)) == 1
        assert ran == [subject().key]
        again.dispose()
