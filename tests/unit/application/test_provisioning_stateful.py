"""Provisioning in memory bills once and opens once, and ends, whatever dies, gets lost or meets."""

from hypothesis import settings

from ordering_core.testing.provisioning_machine import ProvisioningMachine
from tests.unit.application.shop import World, new_world


class MemoryProvisioning(ProvisioningMachine):
    def new_world(self) -> World:
        return new_world()


TestProvisioning = MemoryProvisioning.TestCase
TestProvisioning.settings = settings(stateful_step_count=30)
