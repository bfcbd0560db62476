"""The SM-DP+ in memory keeps the contract."""

import pytest

from ordering_adapters.memory.profiles import MemoryProfileDelivery
from ordering_core.domain.identifiers import OrderId
from ordering_core.testing.contracts.profiles import ProfileDeliveryContract
from tests.contract.memory_org import MemoryFaultSwitches


class TestMemoryProfileDelivery(MemoryFaultSwitches, ProfileDeliveryContract):
    port = "profiles"

    @pytest.fixture
    def profiles(self) -> MemoryProfileDelivery:
        self.smdp = MemoryProfileDelivery(self.faults)
        return self.smdp

    def limit_stock(self, left: int) -> None:
        self.smdp.stock = left

    def in_stock(self) -> int:
        return self.smdp.stock

    def install(self, mark: OrderId) -> None:
        self.smdp.install(mark)
