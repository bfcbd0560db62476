"""What the contracts of an order repository need: orders that can be placed."""

from __future__ import annotations

import abc

from collections.abc import Sequence
from datetime import UTC, date, datetime

import attrs
import pytest

from ordering_core.domain.catalogue import Product
from ordering_core.domain.drafts import Draft, InternetDraft, PortingDraft, SimDraft, VpnDraft
from ordering_core.domain.identifiers import (
    AccountId,
    OrderId,
    RequestKey,
)
from ordering_core.domain.opportunity import Link, OpenNew
from ordering_core.domain.orders import ActivationFields, NewOrder, PlacedOrder
from ordering_core.domain.quote import Amount, Quote
from ordering_core.domain.vocabulary import OrderStatusText, OrderType
from ordering_core.ports.orders import OrderRepository
from ordering_core.testing.contracts.outside import DAY, HOUSE
from ordering_core.testing.contracts.salesforce import SalesforceContract


UNKNOWN = OrderId("801000000000999AAA")
NOON = datetime(2026, 6, 10, 3, 0, tzinfo=UTC)
SOURCE = "Portal - SIM Checkout Registration"

PORTING = PortingDraft(
    reservation_number="1234567890",
    reservation_expires_on=date(2026, 6, 17),
    phone_number="09012345678",
    mvno_account_number="A-77",
    last_name="髙橋",
    first_name="さくら",
    last_name_katakana="タカハシ",
    first_name_katakana="サクラ",
    gender="Female",
    birth_date=date(1990, 2, 28),
)
DRAFTS: tuple[Draft, ...] = (
    SimDraft(sim_type="eSIM", eid="89049032000001000000012345678954", activation_type="Immediate"),
    SimDraft(
        sim_type="Physical SIM",
        activation_type="Scheduled",
        scheduled_on=date(2026, 6, 10),
        voice_mail=True,
        call_waiting=True,
        porting=PORTING,
    ),
    InternetDraft(access_mode="IPoE-HGW", installation="12-Month", weekend_install=True, hikari_denwa=True),
    VpnDraft(region="UK"),
)
ACTIVATING = ActivationFields(status="Activating")


class OrderContract(SalesforceContract):
    """What the contracts of an order repository need."""

    @pytest.fixture
    @abc.abstractmethod
    def orders(self) -> OrderRepository:
        """Return the repository under test, over an org without Accounts."""

    @abc.abstractmethod
    def products(self, order_type: OrderType) -> Sequence[Product]:
        """Return at least two products of the type that are in the org's price book."""

    def new_order(
        self,
        account: AccountId,
        *,
        key: str = "key-1",
        draft: Draft = DRAFTS[0],
        link: Link | None = None,
    ) -> NewOrder:
        """Return an order that can be placed."""
        products = tuple(self.products(draft.order_type))
        zero = Amount(net=products[0].price, tax=products[0].price // 10)
        return NewOrder(
            request_key=RequestKey(key),
            account=account,
            order_type=draft.order_type,
            status=OrderStatusText.DRAFT,
            link=link or OpenNew(draft.order_type, SOURCE),
            draft=attrs.evolve(draft, skus=tuple(product.sku for product in products)),
            quote=Quote(
                lines=products,
                monthly=zero,
                one_time=zero,
                first_bill=zero,
                catalogue_version="1",
                quoted_at=NOON,
            ),
            effective_date=DAY,
            address=HOUSE,
        )

    def placed(self, orders: OrderRepository, key: str = "key-1") -> PlacedOrder:
        """Place an order of a new account."""
        return orders.place(self.new_order(self.new_account(), key=key))
