"""What several contract tests share."""

from collections.abc import Iterator

import pytest

from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sim_network_process import SimNetworkProcess
from tests.contract.whmcs_process import WhmcsProcess


@pytest.fixture(scope="session")
def salesforce_process() -> Iterator[SalesforceProcess]:
    """Run one org for all tests of this worker; each test resets it."""
    process = SalesforceProcess()
    yield process
    process.close()


@pytest.fixture(scope="session")
def whmcs_process() -> Iterator[WhmcsProcess]:
    """Run one installation for all tests of this worker; each test resets it."""
    process = WhmcsProcess()
    yield process
    process.close()


@pytest.fixture(scope="session")
def sim_network_process() -> Iterator[SimNetworkProcess]:
    """Run one network for all tests of this worker; each test resets it."""
    process = SimNetworkProcess()
    yield process
    process.close()
