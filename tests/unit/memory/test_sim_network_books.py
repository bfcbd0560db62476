"""The books of the mobile network in memory keep their contracts."""

import pytest

from ordering_adapters.memory import MemoryLineBook, MemoryProfileBook, MemoryStore, MemoryWorkQueue
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.line_book import LineBookContract, ProfileBookContract
from ordering_core.testing.contracts.samples import START


class TestMemoryLineBook(LineBookContract):
    @pytest.fixture
    def store(self, clock: ManualClock) -> MemoryStore:
        return MemoryStore(clock)

    @pytest.fixture
    def queue(self, store: MemoryStore) -> MemoryWorkQueue:
        return MemoryWorkQueue(store)

    @pytest.fixture
    def book(self, store: MemoryStore) -> MemoryLineBook:
        return MemoryLineBook(store)


class TestMemoryProfileBook(ProfileBookContract):
    @pytest.fixture
    def profiles(self) -> MemoryProfileBook:
        return MemoryProfileBook(MemoryStore(ManualClock(START)))
