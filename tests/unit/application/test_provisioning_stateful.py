"""Provisioning in memory bills once and opens once, and ends, whatever dies, gets lost or meets."""

from hypothesis import settings
from hypothesis.stateful import invariant

from ordering_adapters.memory.world import MemoryWorld
from ordering_core import OrderId, Policy, SimDraft
from ordering_core.application.record import order_subject
from ordering_core.domain.journal import Outcome, Step
from ordering_core.ports.profile_delivery import ProfileState
from ordering_core.testing.provisioning_machine import ProvisioningMachine
from tests.unit.application.shop import World, new_world


class MemoryProvisioning(ProvisioningMachine):
    def new_world(self) -> World:
        return new_world()


class MemoryProfiles(MemoryProvisioning):
    """The profiles of eSIMs are delivered beside their lines."""

    def new_world(self) -> World:
        return new_world(policy=Policy(billing_mark_proved=True, esim_profile_delivery=True))

    @invariant()
    def a_profile_follows_its_line(self) -> None:
        """An eSIM that is active has its profile; no other order has one on its way to a device."""
        for order, (_, draft) in self.orders.items():
            world = self.world
            assert isinstance(world, MemoryWorld)
            profile, active = world.profiles.find(order), self._is_active(order)
            if isinstance(draft, SimDraft) and draft.eid:
                assert not active or (profile is not None and profile.state is ProfileState.RELEASED)
            else:
                assert profile is None

    def _is_active(self, order: OrderId) -> bool:
        with self.world.ordering.store.transaction() as tx:
            rows = tx.journal.rows(order_subject(order))
        return any(row.step is Step.COMPLETE and row.outcome is Outcome.DONE for row in rows)


TestProvisioning = MemoryProvisioning.TestCase
TestProvisioning.settings = settings(stateful_step_count=30)

TestProfiles = MemoryProfiles.TestCase
TestProfiles.settings = settings(stateful_step_count=30)
