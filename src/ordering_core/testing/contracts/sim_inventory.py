"""The contract of the stock of SIM cards: a card is given to one order only, and both say so."""

from __future__ import annotations

import abc

import pytest

from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.identifiers import OrderId, SimCardId
from ordering_core.domain.orders import AssignedSim
from ordering_core.errors import Conflict, Refused
from ordering_core.ports.orders import OrderRepository
from ordering_core.ports.sim_inventory import IN_STOCK, USED, SimInventory
from ordering_core.testing.contracts.order_base import DRAFTS, PORTING, UNKNOWN, OrderContract
from ordering_core.testing.contracts.threads import at_once


NO_CARD = SimCardId("a0s000000000999AAA")
PHYSICAL = SimDraft(sim_type="Physical SIM", activation_type="Immediate")


class SimInventoryContract(OrderContract):
    """What a `SimInventory` keeps to."""

    @pytest.fixture
    @abc.abstractmethod
    def inventory(self) -> SimInventory:
        """Return the inventory under test, without cards, over the org of *orders*."""

    @abc.abstractmethod
    def new_card(self, status: str = IN_STOCK) -> SimCardId:
        """Put a card into the inventory by hand."""

    def order_for_card(self, orders: OrderRepository, key: str = "key-1") -> OrderId:
        """Place an order of a physical SIM."""
        return orders.place(self.new_order(self.new_account(), key=key, draft=PHYSICAL)).snapshot.id

    def sim_of(self, orders: OrderRepository, order: OrderId) -> AssignedSim | None:
        """Return the card that *order* has."""
        read = orders.read(order)
        assert read is not None
        return read.sim

    def test_cards_in_stock_are_listed_as_the_inventory_shows_them(self, inventory: SimInventory) -> None:
        assert inventory.in_stock() == ()
        cards = [self.new_card() for _ in range(3)]
        self.new_card("Defective")
        assert [card.id for card in inventory.in_stock()] == cards
        assert inventory.in_stock(limit=2) == tuple(self.card_in_org(card) for card in cards[:2])

    def test_order_and_card_agree(self, orders: OrderRepository, inventory: SimInventory) -> None:
        order, card = self.order_for_card(orders), self.new_card()
        before = self.card_in_org(card)
        written = inventory.assign(card, order)
        assert written == orders.read(order)
        assert written.sim == self.card_in_org(card)
        assert written.sim is not None
        assert (written.sim.order, written.sim.stock_status) == (order, USED)
        assert (written.sim.iccid, written.sim.phone_number) == (before.iccid, before.phone_number)
        assert inventory.in_stock() == ()

    def test_assigning_again_changes_nothing(self, orders: OrderRepository, inventory: SimInventory) -> None:
        order, card = self.order_for_card(orders), self.new_card()
        first = inventory.assign(card, order)
        assert inventory.assign(card, order) == first

    def test_a_number_that_moves_is_written_onto_the_card(
        self, orders: OrderRepository, inventory: SimInventory
    ) -> None:
        placed = orders.place(self.new_order(self.new_account(), draft=DRAFTS[1]))
        written = inventory.assign(self.new_card(), placed.snapshot.id)
        assert written.sim is not None
        assert written.sim.phone_number == PORTING.phone_number

    @pytest.mark.parametrize("status", [USED, "Defective", ""])
    def test_a_card_that_is_not_in_stock_is_not_given(
        self, orders: OrderRepository, inventory: SimInventory, status: str
    ) -> None:
        order, card = self.order_for_card(orders), self.new_card(status)
        before = self.card_in_org(card), orders.read(order)
        with pytest.raises(Conflict):
            inventory.assign(card, order)
        assert (self.card_in_org(card), orders.read(order)) == before

    def test_a_card_is_used_by_one_order_only(self, orders: OrderRepository, inventory: SimInventory) -> None:
        first, second = self.order_for_card(orders, "key-1"), self.order_for_card(orders, "key-2")
        card = self.new_card()
        inventory.assign(card, first)
        with pytest.raises(Conflict):
            inventory.assign(card, second)
        assert self.sim_of(orders, second) is None
        assert self.sim_of(orders, first) == self.card_in_org(card)
        assert self.card_in_org(card).order == first

    def test_an_order_gets_no_second_card(self, orders: OrderRepository, inventory: SimInventory) -> None:
        order, first, second = self.order_for_card(orders), self.new_card(), self.new_card()
        inventory.assign(first, order)
        with pytest.raises(Conflict):
            inventory.assign(second, order)
        assert self.sim_of(orders, order) == self.card_in_org(first)
        assert self.card_in_org(second).stock_status == IN_STOCK
        assert self.card_in_org(second).order is None

    def test_of_two_orders_that_want_one_card_at_once_one_gets_it(
        self, orders: OrderRepository, inventory: SimInventory
    ) -> None:
        wanting = [self.order_for_card(orders, "key-1"), self.order_for_card(orders, "key-2")]
        card = self.new_card()
        raised = at_once(*(lambda order=order: inventory.assign(card, order) for order in wanting))
        assert [type(error) for error in raised if error] == [Conflict]
        got = [order for order in wanting if self.sim_of(orders, order)]
        assert got == [order for order, error in zip(wanting, raised, strict=True) if error is None]
        assert [self.card_in_org(card).order] == got

    def test_of_two_cards_given_to_one_order_at_once_it_has_one(
        self, orders: OrderRepository, inventory: SimInventory
    ) -> None:
        order, cards = self.order_for_card(orders), [self.new_card(), self.new_card()]
        raised = at_once(*(lambda card=card: inventory.assign(card, order) for card in cards))
        assert [type(error) for error in raised if error] == [Conflict]
        sim = self.sim_of(orders, order)
        assert sim is not None
        used = [card for card in cards if self.card_in_org(card).stock_status == USED]
        assert used == [sim.id]

    def test_what_is_not_there_is_refused(self, orders: OrderRepository, inventory: SimInventory) -> None:
        order, card = self.order_for_card(orders), self.new_card()
        for wrong_card, wrong_order in ((card, UNKNOWN), (NO_CARD, order)):
            with pytest.raises(Refused) as caught:
                inventory.assign(wrong_card, wrong_order)
            assert caught.value.code == "NOT_FOUND"
        assert self.card_in_org(card).stock_status == IN_STOCK
        assert self.sim_of(orders, order) is None

    def test_nothing_is_written_while_salesforce_is_down(
        self, orders: OrderRepository, inventory: SimInventory
    ) -> None:
        order, card = self.order_for_card(orders), self.new_card()
        self.down("assign", lambda: inventory.assign(card, order))
        self.down("in_stock", inventory.in_stock)
        assert self.sim_of(orders, order) is None
        assert self.card_in_org(card).stock_status == IN_STOCK

    def test_a_card_whose_reply_was_lost_is_given_once(
        self, orders: OrderRepository, inventory: SimInventory
    ) -> None:
        order, card = self.order_for_card(orders), self.new_card()
        self.reply_lost("assign", lambda: inventory.assign(card, order))
        assert inventory.assign(card, order).sim == self.card_in_org(card)

    def test_a_late_gift_is_no_second_one(self, orders: OrderRepository, inventory: SimInventory) -> None:
        order, card = self.order_for_card(orders), self.new_card()
        self.slow("assign", lambda: inventory.assign(card, order))
        inventory.assign(card, order)
        self.let_late_work_arrive()
        assert self.sim_of(orders, order) == self.card_in_org(card)
        assert self.card_in_org(card).order == order
