"""Files of an org over its REST API keep the contract."""

import pytest

from ordering_adapters.salesforce import SalesforceFiles
from ordering_core.testing.contracts.files import FileStoreContract
from tests.contract.salesforce_org import SandboxOrg


class TestSalesforceFiles(SandboxOrg, FileStoreContract):
    @pytest.fixture
    def files(self) -> SalesforceFiles:
        return SalesforceFiles(self.connected())
