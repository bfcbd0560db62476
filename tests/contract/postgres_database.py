"""Databases on PostgreSQL for tests: one for each process of a run, emptied for each test."""

import os

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Final

import psycopg
import pytest

from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from ordering_adapters.storage import SqlStore, SqlWorkQueue, open_engine, schema, upgrade
from ordering_core.testing.clocks import ManualClock


SERVER: Final = "ORDERING_TEST_POSTGRES_URL"
"""Names a server to test on, on which databases may be made; without it the tests start one."""

_numbers: Final = count()


class Databases:
    """The databases of this process on the server at *url*, gone with it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._made: list[str] = []

    def new(self, template: str = "template0") -> str:
        """Return the URL of a new database without tables, or with what is in *template*."""
        name = f"ordering_{os.getpid()}_{next(_numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        self._made.append(name)
        return make_url(self._url).set(database=name).render_as_string(hide_password=False)

    @cache  # noqa: B019 - lives as long as its one instance
    def migrated(self) -> str:
        """Return the URL of the database that tests share."""
        url = self.new()
        engine = open_engine(url)
        upgrade(engine)
        engine.dispose()
        return url

    def copied(self) -> str:
        """Return the URL of a database of its own, migrated and empty."""
        name = make_url(self.empty()).database
        assert name is not None
        return self.new(template=name)

    def empty(self) -> str:
        """Return the URL of the database that tests share, empty."""
        tables = "".join(f"DELETE FROM {table};" for table in schema.metadata.tables)
        with psycopg.connect(self.migrated(), autocommit=True) as connection:
            connection.execute(tables.encode())
        return self.migrated()

    def remove(self) -> None:
        for name in self._made:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement.encode())


def end_sessions(engine: Engine) -> None:
    """End every session of the database, as a restart of the server does."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """Yield an engine on *url*."""
    engine = open_engine(url)
    yield engine
    engine.dispose()


class OnPostgres:
    """Fixtures of the contracts of stores and work queues."""

    @pytest.fixture
    def engine(self, postgres: Databases) -> Iterator[Engine]:
        with opened(postgres.empty()) as engine:
            yield engine

    @pytest.fixture
    def store(self, engine: Engine, clock: ManualClock) -> SqlStore:
        return SqlStore(engine, clock)

    @pytest.fixture
    def queue(self, store: SqlStore) -> SqlWorkQueue:
        return SqlWorkQueue(store)
