"""Live updates of PostgreSQL keep their contract."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from ordering_adapters.storage import SqlLiveUpdates, SqlStore
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.live_updates import Live, LiveUpdatesContract
from tests.contract.postgres_database import Databases, opened


class TestPostgresLiveUpdates(LiveUpdatesContract):
    @pytest.fixture
    def live(self, clock: ManualClock, postgres: Databases) -> Iterator[Live]:
        with (
            opened(postgres.empty()) as engine,
            closing(SqlLiveUpdates(engine, interval=0.001)) as updates,
        ):
            yield Live(store=SqlStore(engine, clock), updates=updates)
