"""Cases of an org over its REST API keep the contract."""

import pytest

from ordering_adapters.salesforce import SalesforceCases
from ordering_core.testing.contracts.cases import CaseDeskContract
from tests.contract.salesforce_org import SandboxOrg


class TestSalesforceCases(SandboxOrg, CaseDeskContract):
    @pytest.fixture
    def cases(self) -> SalesforceCases:
        return SalesforceCases(self.connected())
