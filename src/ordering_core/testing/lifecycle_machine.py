"""
One customer's orders in the hands of agents, who edit what they like, while outside systems fail.

Nothing that people do in Salesforce breaks the reading of it: status, timeline, list and event log tell one
story, and an order is billed and its line opened once at most. A host binds its own world::

    class MyLifecycle(LifecycleMachine):
        def new_world(self):
            return MyWorld()


    TestMyLifecycle = MyLifecycle.TestCase
"""

from __future__ import annotations

import abc

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ordering_core.domain.drafts import Draft
from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.vocabulary import ActivationStatusText, Offering, OrderStatusText
from ordering_core.errors import IllegalTransition, NothingToRetry, PortError
from ordering_core.testing.faults import Fault
from ordering_core.testing.stories import Story, tell
from ordering_core.testing.strategies import drafts
from ordering_core.testing.world import World


MOST_ORDERS: Final = 3
STATUS_TEXTS: Final = st.sampled_from([text.value for text in OrderStatusText]) | st.none() | st.text()
ACTIVATION_TEXTS: Final = (
    st.sampled_from([text.value for text in ActivationStatusText]) | st.none() | st.text(max_size=20)
)
STEPS: Final = st.sampled_from(
    [timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=2), timedelta(days=1), timedelta(days=9)]
)
OPERATIONS: Final = st.sampled_from(
    [
        "orders.provisioning_facts",
        "orders.write",
        "orders.of_account",
        "orders.changed_since",
        "opportunities.of_account",
        "opportunities.move",
        "billing.payment_methods",
        "billing.find",
        "billing.add",
        "billing.accept",
        "billing.activate_service",
        "lines.find",
        "lines.submit",
        "notifications.send",
    ]
)


class LifecycleMachine(RuleBasedStateMachine):
    """Drives orders through everything that may happen to them after submit."""

    @abc.abstractmethod
    def new_world(self) -> World:
        """Return a new world in which nobody has ordered anything."""

    @initialize()
    def begin_world(self) -> None:
        """Begin with one customer who may order."""
        self.world = self.new_world()
        self.customer = self.world.new_customer()
        self.account = self.world.account_of(self.customer)
        self.client = self.world.client_of(self.customer)
        self.orders: list[OrderId] = []
        self.failed: dict[OrderId, int] = {}
        self.typed: set[str] = set()

    @precondition(lambda self: len(self.orders) < MOST_ORDERS)
    @rule(data=st.data())
    def order(self, data: st.DataObject) -> None:
        """Submit a valid order of any kind."""
        ordering, at = self.world.ordering, self.world.clock.now()
        catalogue = ordering.catalogue_for()
        draft: Draft = data.draw(drafts(catalogue, at=at, policy=ordering.policy), label="draft")
        sold_for = [catalogue.products[sku].offerings for sku in draft.skus]
        offering = min(frozenset(Offering).intersection(*filter(None, sold_for)))
        with suppress(PortError):  # a fault that waits may hit it
            self.world.faults.clear()
            self.world.agent.record_eligibility(self.account, offering.value)
            self.world.agent.verify_identity(self.account)
            self.world.agent.add_payment_method(self.client, gateway=ordering.policy.whmcs_gateway)
        session = ordering.begin_checkout(draft, customer=self.customer)
        ordering.confirm_address(session.id, customer=self.customer)
        placed = ordering.submit(session.id, customer=self.customer).order
        assert placed is not None
        self.orders.append(placed)

    # --- agents' hands -------------------------------------------------------------------------------

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def approve(self, data: st.DataObject) -> None:
        """Approve an order."""
        self.world.agent.approve(self._one(data))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), text=STATUS_TEXTS)
    def set_status(self, data: st.DataObject, text: str | None) -> None:
        """Type anything into Status."""
        self.world.agent.set_status(self._one(data), text)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), text=ACTIVATION_TEXTS, days=st.none() | st.integers(-2, 9))
    def set_activation(self, data: st.DataObject, text: str | None, days: int | None) -> None:
        """Type anything into Activation_Status__c, with a date or without."""
        at = None if days is None else self.world.clock.now() + timedelta(days=days)
        self.world.agent.set_activation(self._one(data), text, at=at)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), act=st.sampled_from(["cancel", "clear", "assign", "ship", "deliver"]))
    def handle(self, data: st.DataObject, act: str) -> None:
        """Do one of the other things that agents do to an order, whether it makes sense or not."""
        order, agent = self._one(data), self.world.agent
        acts: dict[str, Callable[[OrderId], object]] = {
            "cancel": agent.cancel,
            "clear": agent.clear_error,
            "assign": agent.assign_sim,
            "ship": agent.ship,
            "deliver": agent.deliver,
        }
        with suppress(LookupError):  # no card is assigned
            acts[act](order)

    @rule(verified=st.booleans())
    def look_at_card(self, *, verified: bool) -> None:
        """Verify or reject the customer's identity."""
        if verified:
            self.world.agent.verify_identity(self.account)
        else:
            self.world.agent.reject_identity(self.account, "unreadable")

    # --- the customer, the network, staff ------------------------------------------------------------

    @rule(pays=st.booleans())
    def payment_method(self, *, pays: bool) -> None:
        """Add a payment method that counts, or remove all."""
        if pays:
            gateway = self.world.ordering.policy.whmcs_gateway
            self.world.agent.add_payment_method(self.client, gateway=gateway)
        else:
            self.world.agent.remove_payment_methods(self.client)

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def sim_arrived(self, data: st.DataObject) -> None:
        """Say that the card is there, whether it can be or not."""
        with suppress(IllegalTransition, PortError):
            self.world.ordering.sim_arrived(self._one(data), customer=self.customer)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), fails=st.booleans())
    def network_answers(self, data: st.DataObject, *, fails: bool) -> None:
        """Let the network open a submitted line, or fail it."""
        order = self._one(data)
        with suppress(LookupError):  # no line is submitted
            if fails:
                self.world.agent.fail_line(order, "OUT_OF_RANGE")
                self.failed[order] = self.failed.get(order, 0) + 1
            else:
                self.world.agent.complete_line(order)

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        """Let a person ask for an order again."""
        with suppress(NothingToRetry):
            self.world.ordering.retry(self._one(data), by="agent-7", reason="asked by phone")

    # --- time and trouble ----------------------------------------------------------------------------

    @rule(operation=OPERATIONS, fault=st.sampled_from(Fault), times=st.integers(1, 3))
    def trouble(self, operation: str, fault: Fault, times: int) -> None:
        """Let an outside call go wrong."""
        self.world.faults.set(operation, fault, times=times)

    @rule(step=STEPS)
    def time_passes(self, step: timedelta) -> None:
        """Let time pass, and everything that is due happen."""
        self.world.clock.advance(step)
        self.world.run_due()

    @rule()
    def look_after_everything(self) -> None:
        """Poll, sweep, and run what is due; what fails now is done the next time."""
        with suppress(PortError):
            self.world.ordering.reconcile()
        self.world.ordering.sweep()
        self.world.run_due()

    # --- what always holds ---------------------------------------------------------------------------

    @invariant()
    def every_order_tells_one_story(self) -> None:
        """What the customer reads of an order agrees with itself and with its events, whatever was typed."""
        with suppress(PortError):  # a first visit that cannot be read
            self._stories()

    @invariant()
    def nothing_happens_twice(self) -> None:
        """An order is billed once at most, and a line more than once only after the network failed one."""
        for order in self.orders:
            assert len(self.world.billed(order)) <= 1
            assert len(self.world.opened(order)) <= 1 + self.failed.get(order, 0)

    def teardown(self) -> None:
        """When the trouble is over and everybody has looked, the copy is what the events say."""
        if not getattr(self, "orders", ()):
            return
        self.world.faults.clear()
        for _ in range(3):
            self.world.clock.advance(timedelta(minutes=5))
            self.look_after_everything()
        for story in self._stories():
            assert story.page.status == story.events[-1].status
            before = story.events
            self.world.ordering.observe(story.page.id, cause="changed:once-more")
            assert tell(self.world, self.customer, story.page.id).events == before
        self.nothing_happens_twice()

    def _stories(self) -> list[Story]:
        return [tell(self.world, self.customer, order) for order in self.orders]

    def _one(self, data: st.DataObject) -> OrderId:
        return data.draw(st.sampled_from(self.orders), label="order")
