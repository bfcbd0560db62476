"""What Salesforce shows while an order is under way, write by write."""

from __future__ import annotations

from ordering_core import HoldCode, OrderId
from ordering_core.domain.orders import ActivationFields
from tests.unit.application.riding import approved, held, in_salesforce
from tests.unit.application.shop import World, new_world


def after_each_write(world: World, order: OrderId, seen: list[ActivationFields]) -> None:
    """Note the activation fields after the next write, and after every one that follows it."""

    def look() -> None:
        seen.append(in_salesforce(world, order).activation)
        after_each_write(world, order, seen)

    world.faults.hook("orders.write", "after", look)


def test_the_first_write_after_a_hold_shows_activating_again_and_no_error() -> None:
    world = new_world()
    customer = world.new_customer()
    order = approved(world, customer)
    world.agent.remove_payment_methods(world.client_of(customer))
    held(world.ordering.provision(order), HoldCode.PAYMENT_METHOD_MISSING)
    world.agent.add_payment_method(world.client_of(customer))

    seen: list[ActivationFields] = []
    after_each_write(world, order, seen)
    world.ordering.provision(order)
    assert seen[0] == ActivationFields(status="Activating")
