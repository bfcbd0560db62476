"""The password hasher on the standard library keeps its contract."""

import pytest

from ordering_adapters.memory.password_hasher import MemoryPasswordHasher
from ordering_core.testing.contracts.password_hasher import PasswordHasherContract


class TestMemoryPasswordHasher(PasswordHasherContract):
    @pytest.fixture
    def hasher(self) -> MemoryPasswordHasher:
        return MemoryPasswordHasher(cost=16)
