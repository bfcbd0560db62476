"""Files of an org in memory keep the contract."""

import pytest

from ordering_adapters.memory.files import MemoryFiles
from ordering_core.testing.contracts.files import FileStoreContract
from tests.contract.memory_org import MemoryOrg


class TestMemoryFiles(MemoryOrg, FileStoreContract):
    port = "files"

    @pytest.fixture
    def files(self) -> MemoryFiles:
        return MemoryFiles(self.org, self.faults)
