"""Live updates in memory keep their contract."""

import pytest

from ordering_adapters.memory.live_updates import MemoryLiveUpdates
from ordering_adapters.memory.store import MemoryStore
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.live_updates import Live, LiveUpdatesContract


class TestMemoryLiveUpdates(LiveUpdatesContract):
    @pytest.fixture
    def live(self, clock: ManualClock) -> Live:
        updates = MemoryLiveUpdates()
        return Live(store=MemoryStore(clock, live_updates=updates), updates=updates)
