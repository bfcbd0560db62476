"""Opportunities of an org in memory keep the contract."""

import pytest

from ordering_adapters.memory.opportunities import MemoryOpportunities
from ordering_core.testing.contracts.opportunities import OpportunityRepositoryContract
from tests.contract.memory_org import MemoryOrg


class TestMemoryOpportunities(MemoryOrg, OpportunityRepositoryContract):
    port = "opportunities"

    @pytest.fixture
    def opportunities(self) -> MemoryOpportunities:
        return MemoryOpportunities(self.org, self.faults)
