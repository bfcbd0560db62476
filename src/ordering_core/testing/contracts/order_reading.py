"""The contract of an order repository: reading."""

from __future__ import annotations

import abc

from datetime import datetime, timedelta

import pytest

from ordering_core.domain.identifiers import (
    OrderId,
    RequestKey,
    Sku,
)
from ordering_core.domain.orders import ActivationFields, OrderSnapshot, OrderWrite
from ordering_core.domain.vocabulary import OrderStatusText, OrderType, Stage
from ordering_core.ports.orders import LATE_BY, OrderRepository
from ordering_core.testing.contracts.order_base import (
    ACTIVATING,
    NOON,
    UNKNOWN,
    OrderContract,
)
from ordering_core.testing.contracts.outside import FLAT


def changed(orders: OrderRepository, since: datetime) -> list[OrderSnapshot]:
    """Return the orders of every page."""
    return [order for _, page in orders.changed_since(since) for order in page]


class OrderReadingContract(OrderContract):
    """How orders are read."""

    @abc.abstractmethod
    def orders_by(self, page: int) -> OrderRepository:
        """Return a repository over the org of `orders` which reads changed orders *page* at a time."""

    def test_an_account_begins_without_orders(self, orders: OrderRepository) -> None:
        assert orders.of_account(self.new_account()) == ()
        assert orders.of_account(self.nobody) == ()

    def test_what_is_unknown_is_none(self, orders: OrderRepository) -> None:
        assert orders.read(UNKNOWN) is None
        assert orders.provisioning_facts(UNKNOWN) is None
        assert orders.find(RequestKey("key-nobody")) is None

    def test_orders_are_listed_newest_first_and_by_account(self, orders: OrderRepository) -> None:
        account = self.new_account()
        first = orders.place(self.new_order(account, key="key-1"))
        second = orders.place(self.new_order(account, key="key-2"))
        self.placed(orders, "key-3")
        assert [order.id for order in orders.of_account(account)] == [second.snapshot.id, first.snapshot.id]

    def test_an_order_is_read_with_its_account(self, orders: OrderRepository) -> None:
        self.placed(orders, "key-2")
        placed = self.placed(orders)
        account = placed.snapshot.account
        waiting = self.new_opportunity(account, OrderType.VPN, Stage.READY)
        facts = orders.provisioning_facts(placed.snapshot.id)
        assert facts is not None
        assert facts.order == orders.read(placed.snapshot.id)
        assert facts.account == self.account_in_org(account)
        linked = {known.id: known.has_live_order for known in facts.opportunities}
        assert linked == {placed.opportunity: True, waiting: False}

    def test_an_order_without_our_key_is_read_too(self, orders: OrderRepository) -> None:
        account = self.new_account()
        opportunity = self.new_opportunity(account, OrderType.SIM, Stage.POST_PROCESSING)
        order = self.order_on(opportunity, status=OrderStatusText.PENDING_REVIEW)
        read = orders.read(order)
        assert read is not None
        assert (read.request_key, read.status) == (None, "Pending Review")
        assert orders.of_account(account) == (read,)

    @pytest.mark.parametrize("text", ["Approved", "Activated", "", "承認済", None])
    def test_a_status_is_read_as_it_stands(self, orders: OrderRepository, text: str | None) -> None:
        order = self.placed(orders).snapshot.id
        self.set_status(order, text)
        read = orders.read(order)
        assert read is not None
        assert (read.status or None) == (text or None)

    def test_activation_fields_are_read_as_they_stand(self, orders: OrderRepository) -> None:
        order = self.placed(orders).snapshot.id
        fields = ActivationFields(
            status="Waiting", scheduled_at=NOON, error_code="E-1", error_message="確認中"
        )
        self.set_activation(order, fields)
        read = orders.read(order)
        assert read is not None
        assert read.activation == fields

    def test_an_assigned_card_is_read_with_the_order(self, orders: OrderRepository) -> None:
        placed = self.placed(orders)
        assert placed.snapshot.sim is None
        card = self.assign_card(placed.snapshot.id)
        read = orders.read(placed.snapshot.id)
        assert read is not None
        assert read.sim is not None
        assert read.sim == self.card_in_org(card)
        assert read.sim.order == read.id

    def test_every_change_changes_the_version(self, orders: OrderRepository) -> None:
        placed = self.placed(orders)
        order = placed.snapshot.id
        versions = [placed.snapshot.version]
        self.set_status(order, OrderStatusText.APPROVED)
        versions += [read.version for read in (orders.read(order),) if read]
        versions += [orders.write(OrderWrite(order=order, activation=ACTIVATING)).version]
        assert len(set(versions)) == 3
        assert [read.version for read in (orders.read(order),) if read] == versions[-1:]

    def test_changed_orders_are_read_since_their_change(self, orders: OrderRepository) -> None:
        first, second = self.placed(orders, "key-1").snapshot, self.placed(orders, "key-2").snapshot
        assert [order.id for order in changed(orders, first.created_at)] == [first.id, second.id]
        self.set_status(first.id, OrderStatusText.APPROVED)
        assert changed(orders, first.created_at) == [orders.read(second.id), orders.read(first.id)]
        assert changed(orders, second.created_at + timedelta(days=1)) == []

    @pytest.mark.parametrize("page", [1, 2, 3, 4])
    def test_changed_orders_come_in_pages_each_once_though_one_moment_has_many(self, page: int) -> None:
        orders = self.orders_by(page)
        made = [self.placed(orders, f"key-{number}").snapshot for number in range(3)]
        pages = [found for _, found in orders.changed_since(made[0].created_at)]
        assert [len(found) for found in pages if found] == [page] * (3 // page) + [3 % page] * (3 % page > 0)
        assert {order.id for found in pages for order in found} == {order.id for order in made}
        assert sum(map(len, pages)) == 3

    @pytest.mark.parametrize("page", [1, 2, 3])
    def test_whoever_goes_on_from_where_any_page_ended_misses_nothing(self, page: int) -> None:
        orders = self.orders_by(page)
        made = [self.placed(orders, f"key-{number}").snapshot for number in range(3)]
        self.set_status(made[0].id, OrderStatusText.APPROVED)
        read, last = set[OrderId](), made[0].created_at
        for upto, found in orders.changed_since(made[0].created_at):
            read, last = read | {order.id for order in found}, upto
            assert read | {order.id for order in changed(orders, upto)} == {order.id for order in made}
        assert read == {order.id for order in made}
        self.set_status(made[1].id, OrderStatusText.APPROVED)
        assert changed(orders, last - LATE_BY)[-1] == orders.read(made[1].id)

    def test_an_org_without_changes_says_how_far_it_was_read(self, orders: OrderRepository) -> None:
        order = self.placed(orders).snapshot
        [(upto, found)] = orders.changed_since(order.created_at + timedelta(days=1))
        assert found == ()
        self.set_status(order.id, OrderStatusText.APPROVED)
        assert changed(orders, upto - LATE_BY)[-1] == orders.read(order.id)

    def test_a_reader_never_comes_further_than_a_while_behind_the_last_change(
        self, orders: OrderRepository
    ) -> None:
        order = self.placed(orders).snapshot
        *_, (upto, _) = orders.changed_since(order.created_at)
        assert upto <= order.created_at + LATE_BY + timedelta(seconds=1)
        *_, (again, found) = orders.changed_since(upto - LATE_BY)
        assert [each.id for each in found] == [order.id]
        assert again >= upto

    def test_reading_while_salesforce_is_down_is_unavailable(self, orders: OrderRepository) -> None:
        order = self.placed(orders).snapshot
        self.down("read", lambda: orders.read(order.id))
        self.down("find", lambda: orders.find(RequestKey("key-1")))
        self.down("of_account", lambda: orders.of_account(order.account))
        self.down("changed_since", lambda: changed(orders, order.created_at))
        self.down("provisioning_facts", lambda: orders.provisioning_facts(order.id))
        assert orders.read(order.id) == order

    def test_placing_facts_of_an_unknown_account_are_none(self, orders: OrderRepository) -> None:
        facts = orders.placing_facts(self.nobody, order_type=OrderType.SIM, skus=[], key=RequestKey("key-1"))
        assert facts is None

    def test_placing_facts_come_together(self, orders: OrderRepository) -> None:
        account = self.new_account(FLAT)
        waiting = self.new_opportunity(account, OrderType.SIM, Stage.READY)
        plan, option, *_ = self.products(OrderType.SIM)
        facts = orders.placing_facts(
            account,
            order_type=OrderType.SIM,
            skus=[plan.sku, option.sku, Sku("NO-SUCH-PRODUCT")],
            key=RequestKey("key-1"),
        )
        assert facts is not None
        assert facts.account == self.account_in_org(account)
        assert dict(facts.products) == {plan.sku: plan, option.sku: option}
        assert waiting in [known.id for known in facts.opportunities]
        assert facts.existing is None

    def test_placing_facts_show_an_order_of_this_key(self, orders: OrderRepository) -> None:
        account = self.new_account()
        placed = orders.place(self.new_order(account))
        facts = orders.placing_facts(account, order_type=OrderType.SIM, skus=[], key=RequestKey("key-1"))
        assert facts is not None
        assert facts.existing == placed.snapshot
        assert [known.has_live_order for known in facts.opportunities] == [True]

    def test_placing_facts_while_salesforce_is_down_are_unavailable(self, orders: OrderRepository) -> None:
        account = self.new_account()
        self.down(
            "placing_facts",
            lambda: orders.placing_facts(account, order_type=OrderType.SIM, skus=[], key=RequestKey("key-1")),
        )
