"""The sources of names keep their contract."""

import pytest

from ordering_adapters.memory.ids import MemoryIds, SequentialIds
from ordering_core.testing.contracts.ids import IdSourceContract


class TestMemoryIds(IdSourceContract):
    @pytest.fixture
    def ids(self) -> MemoryIds:
        return MemoryIds()


class TestSequentialIds(IdSourceContract):
    @pytest.fixture
    def ids(self) -> SequentialIds:
        return SequentialIds()
