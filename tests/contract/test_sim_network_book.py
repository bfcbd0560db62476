"""The books of the mobile network in a database keep their contracts."""

import pytest

from sqlalchemy import Engine

from ordering_adapters.storage import SqlLineBook, SqlProfileBook, SqlStore
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.line_book import LineBookContract, ProfileBookContract
from ordering_core.testing.contracts.samples import START
from tests.contract.sql_database import OnSqlite


class TestSqlLineBook(OnSqlite, LineBookContract):
    @pytest.fixture
    def book(self, store: SqlStore) -> SqlLineBook:
        return SqlLineBook(store)


class TestSqlProfileBook(OnSqlite, ProfileBookContract):
    @pytest.fixture
    def profiles(self, engine: Engine) -> SqlProfileBook:
        return SqlProfileBook(SqlStore(engine, ManualClock(START)))
