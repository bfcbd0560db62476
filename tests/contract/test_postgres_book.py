"""The books of the mobile network keep their contracts on PostgreSQL."""

import pytest

from sqlalchemy import Engine

from ordering_adapters.storage import SqlLineBook, SqlProfileBook, SqlStore
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.line_book import LineBookContract, ProfileBookContract
from ordering_core.testing.contracts.samples import START
from tests.contract.postgres_database import OnPostgres


class TestPostgresLineBook(OnPostgres, LineBookContract):
    @pytest.fixture
    def book(self, store: SqlStore) -> SqlLineBook:
        return SqlLineBook(store)


class TestPostgresProfileBook(OnPostgres, ProfileBookContract):
    @pytest.fixture
    def profiles(self, engine: Engine) -> SqlProfileBook:
        return SqlProfileBook(SqlStore(engine, ManualClock(START)))
