"""Databases for tests: each a file of its own, migrated once and copied."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sqlalchemy import Engine

from ordering_adapters.storage import SqlStore, SqlWorkQueue, open_engine, upgrade
from ordering_core.testing.clocks import ManualClock


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as directory:
        file = Path(directory) / "template.db"
        engine = open_engine(f"sqlite:///{file}")
        upgrade(engine)
        engine.dispose()
        return file.read_bytes()


def new_database(directory: Path) -> Engine:
    """Return an engine on a new database in *directory*; to be disposed of."""
    file = directory / "ordering.db"
    file.write_bytes(_migrated())
    return open_engine(f"sqlite:///{file}")


class OnSqlite:
    """Fixtures of the contracts of stores and work queues."""

    @pytest.fixture
    def engine(self, tmp_path: Path) -> Iterator[Engine]:
        engine = new_database(tmp_path)
        yield engine
        engine.dispose()

    @pytest.fixture
    def store(self, engine: Engine, clock: ManualClock) -> SqlStore:
        return SqlStore(engine, clock)

    @pytest.fixture
    def queue(self, store: SqlStore) -> SqlWorkQueue:
        return SqlWorkQueue(store)
