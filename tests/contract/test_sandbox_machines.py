"""The shipped machines find over sockets what they find in memory: one bill, one line, one story, an end."""

from contextlib import ExitStack
from typing import ClassVar

import pytest

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine

from ordering_core.testing.lifecycle_machine import LifecycleMachine
from ordering_core.testing.provisioning_machine import ProvisioningMachine
from tests.contract.sandbox_process import SalesforceProcess
from tests.contract.sandbox_world import SandboxWorld, sandbox_world
from tests.contract.whmcs_process import WhmcsProcess


pytestmark = pytest.mark.whmcs_sim


class OnSandbox(RuleBasedStateMachine):
    """Worlds on one org and one installation, which begin anew for each."""

    salesforce: ClassVar[SalesforceProcess]
    whmcs: ClassVar[WhmcsProcess]

    def __init__(self) -> None:
        super().__init__()
        self.opened = ExitStack()

    def new_world(self) -> SandboxWorld:
        return self.opened.enter_context(sandbox_world(self.salesforce, self.whmcs))

    def teardown(self) -> None:
        with self.opened:
            super().teardown()


class SandboxLifecycle(OnSandbox, LifecycleMachine): ...


class SandboxProvisioning(OnSandbox, ProvisioningMachine): ...


@pytest.fixture(autouse=True)
def processes(salesforce_process: SalesforceProcess, whmcs_process: WhmcsProcess) -> None:
    OnSandbox.salesforce, OnSandbox.whmcs = salesforce_process, whmcs_process


# A call over a socket takes as long as a whole order in memory, where the same machines run for longer.
BRIEFLY = settings(max_examples=max(5, settings().max_examples // 10), stateful_step_count=12)

TestSandboxLifecycle = SandboxLifecycle.TestCase
TestSandboxLifecycle.settings = BRIEFLY
TestSandboxProvisioning = SandboxProvisioning.TestCase
TestSandboxProvisioning.settings = BRIEFLY
