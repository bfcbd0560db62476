"""Images in transit are kept sealed on PostgreSQL."""

from collections.abc import Iterator

import pytest

from sqlalchemy import Engine

from ordering_adapters.storage import open_engine
from ordering_core.testing.contracts.uploads import UploadsContract
from tests.contract.postgres_database import Databases, OnPostgres
from tests.contract.test_sql_uploads import KEYS


class TestPostgresUploads(OnPostgres, UploadsContract):
    @pytest.fixture
    def engine(self, postgres: Databases) -> Iterator[Engine]:
        engine = open_engine(postgres.empty(), keys=KEYS)
        yield engine
        engine.dispose()
