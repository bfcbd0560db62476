"""The checkout in memory does what the plain model of a checkout does."""

from hypothesis import settings

from ordering_core.testing.checkout_machine import CheckoutMachine
from tests.unit.application.shop import World, new_world


class MemoryCheckouts(CheckoutMachine):
    def new_world(self) -> World:
        return new_world()


TestCheckout = MemoryCheckouts.TestCase
TestCheckout.settings = settings(stateful_step_count=30)
