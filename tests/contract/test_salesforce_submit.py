"""
A submit over an org and a database: once, whatever is lost. The whole grid is in tests/ci.
"""

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from ordering_adapters.salesforce import SalesforceOrders
from ordering_core.domain.customers import IdentityFields
from ordering_core.domain.drafts import SimDraft
from ordering_core.domain.identifiers import AccountId, RequestKey, Sku
from ordering_core.domain.orders import PlacedOrder
from ordering_core.testing.contracts.outside import both
from tests.contract.checkout_shop import DOUBT_LASTS, Shop, attempt, move, new_place
from tests.contract.salesforce_org import SandboxOrg
from tests.contract.sql_database import new_database


ESIM = SimDraft(
    skus=(Sku("SIM-DATA-5GB"), Sku("SIM-ACTIVATION")),
    sim_type="eSIM",
    eid="89049032123451234512345678901235",
    activation_type="Immediate",
)
PLACING = '"EffectiveDate"'


class Forgetful(SalesforceOrders):
    """Orders that are placed without a look for what is there already."""

    def find(self, key: RequestKey, /) -> PlacedOrder | None:
        return None


class TestSubmit(SandboxOrg):
    @pytest.fixture(params=[True, False], ids=["unique_key", "lent_key"])
    def shop(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
        engine = new_database(tmp_path)
        engine.dispose()
        place = new_place(self, str(engine.url), unique=bool(request.param))
        shop = Shop(place)
        self.set_identity(AccountId(place.account), IdentityFields(status="Pending"))
        session = shop.ordering.begin_checkout(ESIM, customer=shop.customer)
        shop.place = attrs.evolve(shop.place, session=session.id)
        shop.ordering.confirm_address(session.id, customer=shop.customer)
        yield shop
        shop.close()

    def kept(self, shop: Shop, kind: str) -> list[str]:
        rows = self.process.query(f"SELECT Id FROM {kind} WHERE AccountId = '{shop.place.account}'")
        return [str(row["Id"]) for row in rows]

    def assert_one(self, shop: Shop) -> None:
        order = shop.submit()
        assert self.kept(shop, "Order") == [order]
        assert [len(self.kept(shop, kind)) for kind in ("Opportunity", "Case")] == [1, 1]

    @pytest.mark.parametrize("retry", ["submit", "sweep"])
    @pytest.mark.parametrize("lost", ["lost_before_commit", "lost_after_commit"])
    def test_a_lost_submit_is_one_order(self, shop: Shop, lost: str, retry: str) -> None:
        self.process.fault(kind=lost, path="/composite", body=PLACING)
        assert attempt(shop, "submit") == ""
        attempt(shop, retry)
        assert len(self.kept(shop, "Order")) == (1 if lost == "lost_after_commit" else 0)
        move(self, shop, DOUBT_LASTS * 1.1)
        attempt(shop, retry)
        self.assert_one(shop)

    def test_two_threads_that_submit_one_session_place_one_order(self, shop: Shop) -> None:
        answers = both(lambda: attempt(shop, "submit"), lambda: attempt(shop, "submit"))
        assert {*answers} - {""} == {*self.kept(shop, "Order")}
        self.assert_one(shop)

    def test_without_the_look_an_order_is_placed_twice_where_keys_are_not_kept_apart(
        self, shop: Shop
    ) -> None:
        shop.ordering = attrs.evolve(shop.ordering, orders=Forgetful(shop.org, shop.attributes))
        self.process.fault(kind="lost_after_commit", path="/composite", body=PLACING)
        for _ in range(2):
            attempt(shop, "submit")
            move(self, shop, DOUBT_LASTS * 1.1)
        assert len(self.kept(shop, "Order")) == (1 if shop.place.unique else 2)
