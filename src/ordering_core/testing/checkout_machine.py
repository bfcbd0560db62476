"""
Checkouts of two customers and of nobody, in any order, against a plain model.

Whatever is done, by whom and when: everybody is answered as the model says, one session becomes at most one
order, and a stranger never learns that a session exists. A host binds its own world::

    class MyCheckouts(CheckoutMachine):
        def new_world(self):
            return MyWorld()


    TestMyCheckouts = MyCheckouts.TestCase
"""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from ordering_core.application.views import Submitted
from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.violations import OrderRejected
from ordering_core.domain.vocabulary import Offering
from ordering_core.errors import CheckoutExpired, NotFound, Refused
from ordering_core.ports.checkout_records import PlacementState
from ordering_core.testing.checkout_model import ELSEWHERE, Checkout
from ordering_core.testing.checkout_scene import ADDRESS_ELSEWHERE, JPEG, STEPS, CheckoutScene, refusal
from ordering_core.testing.faults import Fault
from ordering_core.testing.near_misses import near_misses


class CheckoutMachine(CheckoutScene):
    """Drives the checkout of a world; every rule compares with the model."""

    @rule(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """Open a session, logged in or not."""
        who, draft = self.anybody(data), self.some_draft(data)
        session = self.world.ordering.begin_checkout(draft, customer=who.id if who else None)
        assert session.id not in {known.id for known in self.checkouts}
        assert session.expires_at == self.world.clock.now() + self.ttl
        self.checkouts.append(
            Checkout(
                id=session.id,
                draft=draft,
                sold_for=self.sold_for(draft),
                owner=who,
                expires_at=session.expires_at,
            )
        )

    @rule(data=st.data())
    def begin_wrongly(self, data: st.DataObject) -> None:
        """Try to open a session around a draft with one thing wrong."""
        ordering = self.world.ordering
        misses = near_misses(ordering.catalogue_for(), at=self.world.clock.now(), policy=ordering.policy)
        miss = data.draw(misses, label="near miss")
        assert refusal(lambda: ordering.begin_checkout(miss.draft)) is OrderRejected

    @precondition(lambda self: self.checkouts)
    @rule(data=st.data())
    def adopt(self, data: st.DataObject) -> None:
        """Log in with a session."""
        checkout, who = self.some_checkout(data), self.some_customer(data)
        old, at = checkout.id, self.world.clock.now()
        adopted: list[CheckoutSession] = []
        got = refusal(lambda: adopted.append(self.world.ordering.adopt_checkout(old, customer=who.id)))
        assert got is checkout.change_refused(who if checkout.owner else None, at)
        if adopted:
            assert adopted[0].id != old
            checkout.id, checkout.owner = adopted[0].id, who
            checkout.live_on(at, self.ttl)
            assert all(self.looked_at(old, customer) is NotFound for customer in (None, *self.customers))

    @precondition(lambda self: self.checkouts)
    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        """Put another configuration into a session."""
        checkout, draft = self.some_checkout(data), self.some_draft(data)
        who = data.draw(st.sampled_from([checkout.owner, checkout.owner, *self.customers, None]), label="who")
        customer = who.id if who else None
        if self.changes(
            checkout,
            who,
            lambda: self.world.ordering.change_checkout(checkout.id, draft, customer=customer),
        ):
            checkout.draft, checkout.sold_for = draft, self.sold_for(draft)

    @precondition(lambda self: self.checkouts)
    @rule(data=st.data())
    def confirm_address(self, data: st.DataObject) -> None:
        """Confirm the address that is shown."""
        checkout = self.some_checkout(data)
        who = self.mostly_owner(data, checkout)
        if self.changes(
            checkout, who, lambda: self.world.ordering.confirm_address(checkout.id, customer=who.id)
        ):
            checkout.address, checkout.confirmed = checkout.address or who.at_home, True

    @precondition(lambda self: self.checkouts)
    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        """Give a session another address."""
        checkout = self.some_checkout(data)
        who = self.mostly_owner(data, checkout)
        moved = self.changes(
            checkout,
            who,
            lambda: self.world.ordering.update_address(checkout.id, ADDRESS_ELSEWHERE, customer=who.id),
        )
        if moved and checkout.address != ELSEWHERE:
            checkout.address, checkout.confirmed = ELSEWHERE, False

    @precondition(lambda self: self.checkouts)
    @rule(data=st.data(), ready=st.booleans(), fault=st.sampled_from([None, None, *Fault]))
    def submit(self, data: st.DataObject, fault: Fault | None, *, ready: bool) -> None:
        """Submit, while Salesforce works or does not; in the end there is an order, or nothing."""
        checkout = self.some_checkout(data)
        who = self.mostly_owner(data, checkout)
        if ready:
            self.get_ready(checkout)
        expected = checkout.submit_refused(who, self.world.clock.now())
        if checkout.order or expected:
            self.submit_in_vain(checkout, who, expected)
            return
        if fault:
            self.world.faults.set("orders.place", fault)
        if fault is Fault.REFUSE:
            assert self.press_submit(checkout, who) is Refused
            checkout.live_on(self.world.clock.now(), self.ttl)
            return
        first = self.press_submit(checkout, who)
        if fault:
            assert isinstance(first, Submitted)
            assert (first.state, first.order) == (PlacementState.PLACING, None)
            assert isinstance(self.press_submit(checkout, who), Submitted)
            self.world.clock.advance(timedelta(minutes=3))
            self.world.run_due()
        last = self.press_submit(checkout, who)
        assert isinstance(last, Submitted)
        assert last.order is not None
        assert last.order not in {known.order for known in self.checkouts}
        checkout.placed(last.order)

    # --- the world around ----------------------------------------------------------------------------

    @rule(data=st.data(), pays=st.booleans())
    def payment_method(self, data: st.DataObject, *, pays: bool) -> None:
        """Add a payment method that counts, or remove all."""
        who = self.some_customer(data)
        if pays:
            self.world.agent.add_payment_method(who.client, gateway=self.world.ordering.policy.whmcs_gateway)
        else:
            self.world.agent.remove_payment_methods(who.client)
        who.pays = pays

    @rule(data=st.data(), verdict=st.sampled_from(["verified", "rejected", "uploaded"]))
    def card(self, data: st.DataObject, verdict: str) -> None:
        """Send in a card, or let an agent look at it."""
        who = self.some_customer(data)
        match verdict:
            case "verified":
                self.world.agent.verify_identity(who.account)
            case "rejected":
                self.world.agent.reject_identity(who.account, "unreadable")
            case _:
                self.uploads += 1
                self.world.ordering.upload_card(JPEG, customer=who.id, key=str(self.uploads))
        who.card = verdict != "rejected"

    @rule(data=st.data(), offering=st.sampled_from(Offering))
    def check_building(self, data: st.DataObject, offering: Offering) -> None:
        """Let an agent record what the address on file can be served with."""
        who = self.some_customer(data)
        self.world.agent.record_eligibility(who.account, offering.value)
        who.offering = offering

    @rule(step=STEPS)
    def time_passes(self, step: timedelta) -> None:
        """Let time pass, and everything that is due happen."""
        self.world.clock.advance(step)
        self.world.run_due()

    # --- what always holds ---------------------------------------------------------------------------

    @invariant()
    def everybody_sees_their_own_sessions_alone(self) -> None:
        """Every session is there for its owner, until it is over, and for nobody else."""
        for checkout in self.checkouts:
            over = not checkout.order and self.world.clock.now() >= checkout.expires_at
            for who in (None, *self.customers):
                expected = NotFound if checkout.owner is not who else CheckoutExpired if over else None
                assert self.looked_at(checkout.id, who) is expected

    @invariant()
    def the_page_lists_what_is_outstanding(self) -> None:
        """The checkout page names exactly the requirements that submit will ask for."""
        for checkout in self.checkouts:
            if checkout.owner and self.world.clock.now() < checkout.expires_at:
                page = self.world.ordering.requirements(checkout.id, customer=checkout.owner.id)
                assert page.outstanding == checkout.outstanding()

    def teardown(self) -> None:
        """In the end every customer has the orders of their submitted sessions and no other."""
        for customer in getattr(self, "customers", ()):
            listed = self.world.ordering.list_orders(customer=customer.id, limit=100)
            mine = {known.order for known in self.checkouts if known.owner is customer and known.order}
            assert {order.id for order in listed.orders} == mine
            assert listed.total == len(mine)
