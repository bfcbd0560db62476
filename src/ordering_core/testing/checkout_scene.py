"""What the checkout machine is made of: a world with two customers, what is drawn, and how it is compared."""

from __future__ import annotations

import abc

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import attrs

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from ordering_core.application.views import Submitted
from ordering_core.domain.drafts import AddressDraft, Draft, SimDraft
from ordering_core.domain.identifiers import SessionId
from ordering_core.domain.vocabulary import ActivationType, Offering
from ordering_core.errors import NotFound, OrderingError
from ordering_core.ports.checkout_records import PlacementState
from ordering_core.testing.checkout_model import Checkout, Customer
from ordering_core.testing.strategies import internet_drafts, sim_drafts, vpn_drafts
from ordering_core.testing.world import World


ADDRESS_ELSEWHERE: Final = AddressDraft(
    postal_code="530-0001",
    prefecture="Osaka",
    city="大阪市北区",
    town_and_number="梅田1-2-3",
    building="青葉ハイツ",
    room="101",
)
JPEG: Final = b"\xff\xd8\xff\xe0" + bytes(64)
STEPS: Final = st.sampled_from(
    [timedelta(minutes=1), timedelta(hours=1), timedelta(hours=11), timedelta(hours=23, minutes=59)]
)


class CheckoutScene(RuleBasedStateMachine):
    """Two customers and the checkouts begun so far, in the world and in the model."""

    @abc.abstractmethod
    def new_world(self) -> World:
        """Return a new world in which nobody has ordered anything."""

    @initialize()
    def begin_world(self) -> None:
        """Begin with two customers, one of them without card and payment method."""
        self.world = self.new_world()
        self.ttl = self.world.ordering.policy.checkout_ttl
        self.customers = [self._customer(ready=True), self._customer(ready=False)]
        self.checkouts: list[Checkout] = []
        self.uploads = 0

    def _customer(self, *, ready: bool) -> Customer:
        customer = self.world.new_customer(with_payment_method=ready, verified=ready)
        return Customer(
            id=customer,
            account=self.world.account_of(customer),
            client=self.world.client_of(customer),
            pays=ready,
            card=ready,
        )

    def anybody(self, data: st.DataObject) -> Customer | None:
        return data.draw(st.sampled_from([*self.customers, *self.customers, None]), label="who")

    def some_customer(self, data: st.DataObject) -> Customer:
        return data.draw(st.sampled_from(self.customers), label="customer")

    def mostly_owner(self, data: st.DataObject, checkout: Checkout) -> Customer:
        """Return somebody who tries to get at a session: in most cases its owner."""
        owner = checkout.owner or self.customers[0]
        return data.draw(st.sampled_from([owner, owner, owner, *self.customers]), label="customer")

    def some_checkout(self, data: st.DataObject) -> Checkout:
        return data.draw(st.sampled_from(self.checkouts), label="session")

    def some_draft(self, data: st.DataObject) -> Draft:
        """Return a valid draft that stays valid, however late it is submitted."""
        ordering, at = self.world.ordering, self.world.clock.now()
        catalogue = ordering.catalogue_for()
        sims = sim_drafts(catalogue, at=at, policy=ordering.policy, porting=False).map(at_once)
        return data.draw(st.one_of(internet_drafts(catalogue), sims, vpn_drafts(catalogue)), label="draft")

    def sold_for(self, draft: Draft) -> tuple[frozenset[Offering], ...]:
        products = self.world.ordering.catalogue_for().products
        return tuple(products[sku].offerings for sku in draft.skus)

    def looked_at(self, session: SessionId, who: Customer | None) -> type[Exception] | None:
        return refusal(lambda: self.world.ordering.checkout(session, customer=who.id if who else None))

    def changes(self, checkout: Checkout, who: Customer | None, act: Callable[[], object]) -> bool:
        """Do a change and return whether it was taken, as the model says it is."""
        expected = checkout.change_refused(who, self.world.clock.now())
        assert refusal(act) is expected
        if expected is None:
            checkout.live_on(self.world.clock.now(), self.ttl)
        return expected is None

    def get_ready(self, checkout: Checkout) -> None:
        """Do everything that the owner is asked for."""
        owner = checkout.owner
        if owner is None or checkout.change_refused(owner, self.world.clock.now()):
            return
        offerings = frozenset(Offering).intersection(*filter(None, checkout.sold_for))
        owner.offering, owner.pays, owner.card = min(offerings), True, True
        self.world.agent.record_eligibility(owner.account, owner.offering.value)
        self.world.agent.add_payment_method(owner.client, gateway=self.world.ordering.policy.whmcs_gateway)
        self.world.agent.verify_identity(owner.account)
        self.world.ordering.confirm_address(checkout.id, customer=owner.id)
        checkout.address, checkout.confirmed = checkout.address or owner.at_home, True
        checkout.live_on(self.world.clock.now(), self.ttl)

    def press_submit(self, checkout: Checkout, who: Customer) -> Submitted | type[Exception]:
        try:
            return self.world.ordering.submit(checkout.id, customer=who.id)
        except OrderingError as error:
            return type(error)

    def submit_in_vain(self, checkout: Checkout, who: Customer, expected: type[Exception] | None) -> None:
        """Submit what cannot become a new order: it is refused, or the same order comes back."""
        got = self.press_submit(checkout, who)
        if checkout.order and checkout.owner is who:
            assert isinstance(got, Submitted)
            assert (got.state, got.order, got.repeated) == (PlacementState.PLACED, checkout.order, True)
        else:
            assert got is (expected or NotFound)


def at_once(draft: SimDraft) -> SimDraft:
    """Return *draft* to be activated as soon as possible."""
    return attrs.evolve(draft, activation_type=ActivationType.IMMEDIATE.value, scheduled_on=None)


def refusal(act: Callable[[], object]) -> type[Exception] | None:
    """Return how *act* is refused, None when it is not."""
    try:
        act()
    except OrderingError as error:
        return type(error)
    return None
