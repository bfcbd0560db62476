"""
Orders on their way from approval to active, while processes die, replies get lost, and two runs meet.

Whatever happens, an order is billed once and its line opened once; and when the trouble is over and people
have done their part, every order has ended. A host binds its own world::

    class MyProvisioning(ProvisioningMachine):
        def new_world(self):
            return MyWorld()


    TestMyProvisioning = MyProvisioning.TestCase
"""

from __future__ import annotations

import abc

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ordering_core.application.record import order_subject
from ordering_core.domain.drafts import Draft, SimDraft
from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.identifiers import CustomerId, OrderId
from ordering_core.domain.journal import Done, Held, Rest
from ordering_core.domain.order_status import OrderState
from ordering_core.domain.vocabulary import ActivationStatusText, Offering, OrderStatusText
from ordering_core.errors import IllegalTransition, NothingToRetry, PortError
from ordering_core.testing.faults import Fault, Moment
from ordering_core.testing.strategies import drafts
from ordering_core.testing.world import World


MOST_ORDERS: Final = 2

NEVER_TWICE: Final = ("billing.add", "lines.submit")
"""The operations that are not the same when done twice."""

OPERATIONS: Final = (
    *NEVER_TWICE,
    "orders.write",
    "billing.accept",
    "billing.activate_service",
    "lines.set_voice_options",
    "profiles.reserve",
    "profiles.release",
    "profiles.cancel",
    "cases.open",
    "orders.provisioning_facts",
    "billing.payment_methods",
    "billing.find",
    "lines.find",
    "opportunities.of_account",
    "notifications.send",
)
"""What a run may be doing when something happens."""

INSIDE: Final = (timedelta(0), timedelta(seconds=30))
"""How long a request may be on its way: up to the time-out of its call."""

BEYOND: Final = (timedelta(seconds=89), timedelta(seconds=91), timedelta(minutes=10))
"""How long a reply may keep its run waiting: up to the settle time, and past it."""

STEPS: Final = (timedelta(seconds=90), timedelta(minutes=11), timedelta(hours=3), timedelta(days=1))

ENDS: Final = frozenset({HoldCode.MNP_TOO_SHORT})
"""The holds that nobody here can end: time has run out for them."""


FINAL: Final = frozenset({OrderState.ACTIVATED, OrderState.CANCELLED, OrderState.REJECTED})
"""Where every order ends."""


class Crash(Exception):
    """The process dies here."""


class ProvisioningMachine(RuleBasedStateMachine):
    """Drives approved orders through crashes, lost replies, meetings of runs, and agents' hands."""

    @abc.abstractmethod
    def new_world(self) -> World:
        """Return a new world in which nobody has ordered anything."""

    @initialize()
    def begin_world(self) -> None:
        """Begin with nobody."""
        self.world = self.new_world()
        self.orders: dict[OrderId, tuple[CustomerId, Draft]] = {}
        self.failed: dict[OrderId, int] = {}
        self.meeting = False

    @precondition(lambda self: len(self.orders) < MOST_ORDERS)
    @rule(data=st.data(), told=st.booleans())
    def order(self, data: st.DataObject, *, told: bool) -> None:
        """Submit a valid order of a new customer and approve it; *told*, also tell it to go ahead."""
        ordering, agent = self.world.ordering, self.world.agent
        self.world.faults.clear()  # what waits is meant for runs
        self.meeting = False
        catalogue = ordering.catalogue_for()
        valid = drafts(catalogue, at=self.world.clock.now(), policy=ordering.policy)
        draft = data.draw(valid, label="draft")
        customer = self.world.new_customer()
        sold_for = [catalogue.products[sku].offerings for sku in draft.skus]
        offering = min(frozenset(Offering).intersection(*filter(None, sold_for)))
        agent.record_eligibility(self.world.account_of(customer), offering.value)
        session = ordering.begin_checkout(draft, customer=customer)
        ordering.confirm_address(session.id, customer=customer)
        placed = ordering.submit(session.id, customer=customer).order
        assert placed is not None
        self.orders[placed] = (customer, draft)
        agent.approve(placed)
        if told:
            agent.set_activation(placed, ActivationStatusText.ACTIVATING.value)

    # --- what goes wrong -----------------------------------------------------------------------------

    @rule(operation=st.sampled_from(OPERATIONS), moment=st.sampled_from(Moment))
    def die(self, operation: str, moment: Moment) -> None:
        """Let the process die inside the next call of *operation*."""
        self.world.faults.hook(operation, moment, _die)

    @rule(operation=st.sampled_from(OPERATIONS), fault=st.sampled_from(Fault), times=st.integers(1, 2))
    def trouble(self, operation: str, fault: Fault, times: int) -> None:
        """Let an outside call go wrong."""
        self.world.faults.set(operation, fault, times=times)

    @precondition(lambda self: self.orders and not self.meeting)
    @rule(
        data=st.data(),
        operation=st.sampled_from(OPERATIONS),
        moment=st.sampled_from(Moment),
        wait=st.sampled_from((*INSIDE, *BEYOND)),
    )
    def meet(self, data: st.DataObject, operation: str, moment: Moment, wait: timedelta) -> None:
        """Suspend the next run inside a call, and let a second run begin there after *wait*."""
        order = self._one(data)
        on_its_way = moment is Moment.BEFORE and operation in NEVER_TWICE
        self.meeting = True

        def second_run() -> None:
            self.meeting = False
            self.world.clock.advance(min(wait, max(INSIDE)) if on_its_way else wait)
            self._survive(lambda: self.world.ordering.provision(order))

        self.world.faults.hook(operation, moment, second_run)

    # --- what people and the network do --------------------------------------------------------------

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), text=st.sampled_from([*OrderStatusText, "Aproved"]))
    def set_status(self, data: st.DataObject, text: str) -> None:
        """Cancel an order, take it up again, or mistype its status."""
        self.world.agent.set_status(self._one(data), str(text))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), text=st.sampled_from([*ActivationStatusText, None]), days=st.integers(-1, 3))
    def set_activation(self, data: st.DataObject, text: str | None, days: int) -> None:
        """Tell an order to go ahead, to wait for a day, or that it is active."""
        at = self.world.clock.now() + timedelta(days=days)
        self.world.agent.set_activation(self._one(data), text and str(text), at=at if days else None)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), act=st.sampled_from(["clear_error", "assign_sim", "ship", "deliver"]))
    def handle(self, data: st.DataObject, act: str) -> None:
        """Do one of the other things that agents do to an order."""
        agent = self.world.agent
        acts: dict[str, Callable[[OrderId], object]] = {
            "clear_error": agent.clear_error,
            "assign_sim": agent.assign_sim,
            "ship": agent.ship,
            "deliver": agent.deliver,
        }
        with suppress(LookupError):  # no card is assigned
            acts[act](self._one(data))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), verified=st.booleans(), pays=st.booleans())
    def change_customer(self, data: st.DataObject, *, verified: bool, pays: bool) -> None:
        """Verify the customer or reject the card, add a payment method or remove all."""
        customer, _ = self.orders[self._one(data)]
        account, client = self.world.account_of(customer), self.world.client_of(customer)
        if verified:
            self.world.agent.verify_identity(account)
        else:
            self.world.agent.reject_identity(account, "unreadable")
        if pays:
            self._give_card(customer)
        else:
            self.world.agent.remove_payment_methods(client)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), failure=st.sampled_from([None, "OUT_OF_RANGE", "MNP_NAME_MISMATCH"]))
    def network_answers(self, data: st.DataObject, failure: str | None) -> None:
        """Let the network open a submitted line, or fail it."""
        order = self._one(data)
        with suppress(LookupError):  # no line is submitted
            if failure is None:
                self.world.agent.complete_line(order)
            else:
                self.world.agent.fail_line(order, failure)
                self.failed[order] = self.failed.get(order, 0) + 1

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def sim_arrived(self, data: st.DataObject) -> None:
        """Say that the card is there, whether it can be or not."""
        order = self._one(data)
        with suppress(IllegalTransition, PortError, Crash):
            self.world.ordering.sim_arrived(order, customer=self.orders[order][0])

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        """Let a person ask for an order again."""
        with suppress(NothingToRetry):
            self.world.ordering.retry(self._one(data), by="operator", reason="put right")

    # --- what runs -----------------------------------------------------------------------------------

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def provision(self, data: st.DataObject) -> None:
        """Run an order now, whatever it waits for."""
        order = self._one(data)
        self._survive(lambda: self.world.ordering.provision(order))

    @rule(step=st.sampled_from(STEPS))
    def time_passes(self, step: timedelta) -> None:
        """Let time pass, sweep, and let everything that is due happen."""
        self.world.clock.advance(step)
        self.world.ordering.sweep()
        self._survive(self.world.run_due)

    # --- what always holds ---------------------------------------------------------------------------

    @invariant()
    def nothing_happens_twice(self) -> None:
        """An order is billed once at most, and a line more than once only after the network failed one."""
        for order in self.orders:
            assert len(self.world.billed(order)) <= 1
            assert len(self.world.opened(order)) <= 1 + self.failed.get(order, 0)

    @invariant()
    def a_run_ends_in_a_rest(self) -> None:
        """A hold names who has to act."""
        for order in self.orders:
            rest = self._rest(order)
            assert not isinstance(rest, Held) or (rest.message and rest.owner)

    def teardown(self) -> None:
        """When the trouble is over and people have done their part, every order has ended."""
        if not getattr(self, "orders", None):
            return
        self.world.faults.clear()
        for _ in range(16):
            self.world.clock.advance(timedelta(hours=3))
            for order in self.orders:
                self._do_ones_part(order)
            self.world.ordering.sweep()
            self.world.run_due()
            self.world.clock.advance(timedelta(minutes=11))
            self.world.run_due()
        for order in self.orders:
            self._assert_ended(order)
        self.nothing_happens_twice()

    def _do_ones_part(self, order: OrderId) -> None:
        """Repair everything that people can repair of an order that is not through."""
        agent = self.world.agent
        customer, draft = self.orders[order]
        if isinstance(self._rest(order), Done) and self._state(order) in FINAL:
            return
        agent.verify_identity(self.world.account_of(customer))
        self._give_card(customer)
        agent.set_status(order, OrderStatusText.APPROVED.value)
        with suppress(LookupError):
            agent.complete_line(order)
        if isinstance(draft, SimDraft) and draft.eid is None:
            if self._needs_card(order):
                agent.assign_sim(order)
            agent.deliver(order)
        agent.set_activation(order, ActivationStatusText.ACTIVATING.value)
        with suppress(NothingToRetry):
            self.world.ordering.retry(order, by="operator", reason="put right")

    def _needs_card(self, order: OrderId) -> bool:
        """Whether no card is assigned, or one that cannot be used."""
        rest = self._rest(order)
        unusable = isinstance(rest, Held) and rest.code is HoldCode.SIM_CARD_UNUSABLE
        try:
            self.world.agent.ship(order)
        except LookupError:
            return True
        return unusable

    def _assert_ended(self, order: OrderId) -> None:
        """Look at how an order has ended, and at what its customer reads."""
        rest = self._rest(order)
        if isinstance(rest, Held):
            assert rest.code in ENDS
            return
        assert rest == Done()
        state = self._state(order)
        assert state in FINAL
        if state is OrderState.ACTIVATED and self.world.billed(order):
            assert bool(self.world.opened(order)) == isinstance(self.orders[order][1], SimDraft)

    def _survive(self, act: Callable[[], object]) -> None:
        """Do *act*, which may die."""
        with suppress(Crash, PortError):
            act()

    def _give_card(self, customer: CustomerId) -> None:
        gateway = self.world.ordering.policy.whmcs_gateway
        self.world.agent.add_payment_method(self.world.client_of(customer), gateway=gateway)

    def _rest(self, order: OrderId) -> Rest | None:
        """Return how the order's last run ended."""
        with self.world.ordering.store.transaction() as tx:
            kept = tx.journal.case_file(order_subject(order))
        return kept.rest if kept else None

    def _state(self, order: OrderId) -> OrderState:
        """Return where the order stands, as its customer reads it."""
        return self.world.ordering.order(order, customer=self.orders[order][0]).status.state

    def _one(self, data: st.DataObject) -> OrderId:
        return data.draw(st.sampled_from(sorted(self.orders)), label="order")


def _die() -> None:
    raise Crash
