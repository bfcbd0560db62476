"""Customers of an org over its REST API keep the contract."""

import pytest

from ordering_adapters.salesforce import SalesforceCustomers
from ordering_core.testing.contracts.customers import CustomerDirectoryContract
from tests.contract.salesforce_org import SandboxOrg


class TestSalesforceCustomers(SandboxOrg, CustomerDirectoryContract):
    @pytest.fixture
    def customers(self) -> SalesforceCustomers:
        return SalesforceCustomers(self.connected())
