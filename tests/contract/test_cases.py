"""Cases of an org in memory keep the contract."""

import pytest

from ordering_adapters.memory.cases import MemoryCases
from ordering_core.testing.contracts.cases import CaseDeskContract
from tests.contract.memory_org import MemoryOrg


class TestMemoryCases(MemoryOrg, CaseDeskContract):
    port = "cases"

    @pytest.fixture
    def cases(self) -> MemoryCases:
        return MemoryCases(self.org, self.faults)
