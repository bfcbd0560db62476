"""Opportunities of an org over its REST API keep the contract."""

import pytest

from ordering_adapters.salesforce import SalesforceOpportunities
from ordering_core.testing.contracts.opportunities import OpportunityRepositoryContract
from tests.contract.salesforce_org import SandboxOrg


class TestSalesforceOpportunities(SandboxOrg, OpportunityRepositoryContract):
    @pytest.fixture
    def opportunities(self) -> SalesforceOpportunities:
        return SalesforceOpportunities(self.connected())
