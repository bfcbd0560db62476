"""Orders in memory survive whatever agents type, in one story."""

from hypothesis import settings

from ordering_core.testing.lifecycle_machine import LifecycleMachine
from tests.unit.application.shop import World, new_world


class MemoryLifecycle(LifecycleMachine):
    def new_world(self) -> World:
        return new_world()


TestLifecycle = MemoryLifecycle.TestCase
TestLifecycle.settings = settings(stateful_step_count=30)
