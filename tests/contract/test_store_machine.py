"""The store in memory does to placements and journal what plain dictionaries do."""

from ordering_adapters.memory.store import MemoryStore
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.store_machine import StoreMachine


class MemoryStoreMachine(StoreMachine):
    def new_store(self, clock: ManualClock) -> MemoryStore:
        return MemoryStore(clock)


TestMemoryStore = MemoryStoreMachine.TestCase
