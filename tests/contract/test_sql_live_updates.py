"""Live updates of a database keep their contract."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ordering_adapters.storage import SqlLiveUpdates, SqlStore
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.live_updates import Live, LiveUpdatesContract
from tests.contract.sql_database import new_database


class TestSqlLiveUpdates(LiveUpdatesContract):
    @pytest.fixture
    def live(self, clock: ManualClock, tmp_path: Path) -> Iterator[Live]:
        engine = new_database(tmp_path)
        with closing(SqlLiveUpdates(engine, interval=0.001)) as updates:
            yield Live(store=SqlStore(engine, clock), updates=updates)
        engine.dispose()
