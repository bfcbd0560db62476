"""The contract of a billing system: clients, and all of it in one."""

from __future__ import annotations

from datetime import date

import pytest

from ordering_core.domain.identifiers import BillingOrderId
from ordering_core.errors import Refused
from ordering_core.ports.billing import BillingSystem
from ordering_core.testing.contracts.billing_orders import (
    OPPORTUNITY,
    ORDER,
    PLAN_ITEM,
    BillingOrdersContract,
)
from ordering_core.testing.contracts.outside import FLAT, HOUSE


class BillingSystemContract(BillingOrdersContract):
    """What a `BillingSystem` keeps to."""

    def test_a_client_begins_without_payment_methods(self, billing: BillingSystem) -> None:
        assert billing.payment_methods(self.new_client()) == ()

    def test_payment_methods_keep_their_order(self, billing: BillingSystem) -> None:
        client, other = self.new_client(), self.new_client()
        self.store_payment_method(client, gateway=self.gateway, expires=date(2031, 12, 1))
        self.store_payment_method(client, gateway="banktransfer", expires=None)
        self.store_payment_method(other, gateway=self.gateway, expires=date(2030, 1, 1))
        methods = billing.payment_methods(client)
        assert [method.gateway for method in methods] == [self.gateway, "banktransfer"]
        assert len({method.id for method in methods}) == 2
        card, account = methods
        assert card.expires is not None
        assert (card.expires.year, card.expires.month, account.expires) == (2031, 12, None)

    def test_an_unknown_client_is_refused(self, billing: BillingSystem) -> None:
        for ask in (
            lambda: billing.payment_methods(self.nobody),
            lambda: billing.card_entry_url(self.nobody),
            lambda: billing.add(self.order(self.nobody)),
            lambda: billing.update_address(self.nobody, HOUSE),
        ):
            with pytest.raises(Refused) as refusal:
                ask()
            assert refusal.value.code == "CLIENT_NOT_FOUND"

    def test_an_address_to_add_a_card_is_made_each_time(self, billing: BillingSystem) -> None:
        client = self.new_client()
        made = {billing.card_entry_url(client) for _ in range(3)}
        assert len(made) == 3
        assert all(url.startswith("https://") for url in made)

    def test_a_new_address_is_taken(self, billing: BillingSystem) -> None:
        client, other = self.new_client(), self.new_client()
        before = self.address_of(other)
        for address in (HOUSE, FLAT, FLAT):
            billing.update_address(client, address)
            assert self.address_of(client) == address
        assert self.address_of(other) == before

    def test_reading_while_the_system_is_down_is_unavailable(self, billing: BillingSystem) -> None:
        client = self.new_client()
        self.down("payment_methods", lambda: billing.payment_methods(client))
        self.down("card_entry_url", lambda: billing.card_entry_url(client))
        self.down("find", lambda: billing.find(client, ORDER))
        self.down("active_products", lambda: billing.active_products(client))
        self.down("invoice", lambda: billing.invoice(BillingOrderId(1)))
        assert billing.payment_methods(client) == ()

    def test_writing_while_the_system_is_down_does_nothing(self, billing: BillingSystem) -> None:
        client = self.new_client()
        self.down("add", lambda: billing.add(self.order(client)))
        assert self.orders_of(client) == ()
        added = billing.add(self.order(client))
        plan = self.service(billing, client, PLAN_ITEM)
        self.down("accept", lambda: billing.accept(added))
        self.down("activate_service", lambda: billing.activate_service(plan, opportunity=None))
        (found,) = billing.find(client, ORDER)
        assert {found.status, *(service.status for service in found.services)} == {"Pending"}
        before = self.address_of(client)
        self.down("update_address", lambda: billing.update_address(client, FLAT))
        assert self.address_of(client) == before

    def test_what_may_be_done_again_may_be_done_after_a_lost_reply(self, billing: BillingSystem) -> None:
        client = self.new_client()
        added = billing.add(self.order(client))
        self.reply_lost("accept", lambda: billing.accept(added))
        billing.accept(added)
        plan = self.service(billing, client, PLAN_ITEM)
        self.reply_lost("activate_service", lambda: billing.activate_service(plan, opportunity=OPPORTUNITY))
        billing.activate_service(plan, opportunity=OPPORTUNITY)
        self.reply_lost("update_address", lambda: billing.update_address(client, FLAT))
        billing.update_address(client, FLAT)
        # where accepting activates services by itself, the fee is among them
        assert billing.active_products(client)[plan] == self.plan
        assert self.address_of(client) == FLAT
