"""Accounts of an org in memory keep the contract."""

import pytest

from ordering_adapters.memory.customers import MemoryCustomers
from ordering_core.testing.contracts.customers import CustomerDirectoryContract
from tests.contract.memory_org import MemoryOrg


class TestMemoryCustomers(MemoryOrg, CustomerDirectoryContract):
    port = "customers"

    @pytest.fixture
    def customers(self) -> MemoryCustomers:
        return MemoryCustomers(self.org, self.faults)
