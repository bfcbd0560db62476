"""Our copy of the orders: never older than what was kept, read by account in pages."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.identifiers import AccountId, OrderId
from ordering_core.domain.order_status import OrderState, OrderStatus
from ordering_core.domain.vocabulary import OrderType
from ordering_core.ports.order_records import ProjectedOrder
from ordering_core.ports.store import Store
from ordering_core.testing.contracts.samples import SECOND, START, projected
from ordering_core.testing.contracts.store import StoreContract, roll_back
from ordering_core.testing.contracts.words import words_in


ACCOUNT = AccountId("001A")
ONE = OrderId("801-one")


def _put(store: Store, *orders: ProjectedOrder) -> None:
    with store.transaction() as tx:
        for order in orders:
            tx.projection.put(order)


def _get(store: Store, order: OrderId = ONE) -> ProjectedOrder | None:
    with store.transaction() as tx:
        return tx.projection.get(order)


def _numbered(count: int) -> list[ProjectedOrder]:
    """Return orders of one account, newest first."""
    return [
        projected(f"{number:02d}", number=f"000002{number:02d}", created_at=START + timedelta(hours=number))
        for number in reversed(range(count))
    ]


class ProjectionContract(StoreContract):
    """Copies of orders in a store."""

    def test_an_unknown_order_is_none_and_an_unknown_account_empty(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.projection.get(ONE) is None
            assert tx.projection.page(ACCOUNT) == ()
            assert dict(tx.projection.counts(ACCOUNT)) == {}
            assert tx.projection.refreshed_at(ACCOUNT) is None

    def test_an_order_is_kept_whole(self, store: Store) -> None:
        held = attrs.evolve(
            projected(),
            status=OrderStatus(OrderState.ON_HOLD, HoldCode.IDENTITY_METHOD, OrderState.APPROVED),
        )
        _put(store, projected("two"), held)
        assert _get(store) == held
        assert words_in(_get(store)) == words_in(held)
        assert _get(store, OrderId("801-two")) == projected("two")

    def test_a_newer_copy_replaces_an_older_one(self, store: Store) -> None:
        newer = projected(state=OrderState.APPROVED, as_of=START + SECOND)
        _put(store, projected())
        _put(store, newer)
        assert _get(store) == newer

    def test_a_late_answer_never_replaces_a_newer_copy(self, store: Store) -> None:
        newer = projected(state=OrderState.APPROVED, as_of=START + timedelta(microseconds=1))
        _put(store, newer)
        _put(store, projected())
        assert _get(store) == newer
        with store.transaction() as tx:
            assert dict(tx.projection.counts(ACCOUNT)) == {"Approved": 1}

    def test_of_two_copies_as_new_the_later_kept_stays(self, store: Store) -> None:
        _put(store, projected(), projected(state=OrderState.APPROVED))
        assert _get(store) == projected(state=OrderState.APPROVED)

    def test_keeping_a_copy_twice_is_the_same_as_once(self, store: Store) -> None:
        _put(store, projected())
        _put(store, projected())
        with store.transaction() as tx:
            assert tx.projection.page(ACCOUNT) == (projected(),)
            assert dict(tx.projection.counts(ACCOUNT)) == {"UnderReview": 1}

    def test_a_page_is_newest_first(self, store: Store) -> None:
        orders = _numbered(5)
        _put(store, orders[3], orders[0], orders[4], orders[1], orders[2])
        with store.transaction() as tx:
            assert tx.projection.page(ACCOUNT) == tuple(orders)

    def test_orders_of_one_instant_come_by_id_so_that_pages_do_not_overlap(self, store: Store) -> None:
        _put(store, *(projected(name) for name in "dbfcae"))
        with store.transaction() as tx:
            first = tx.projection.page(ACCOUNT, limit=3)
            rest = tx.projection.page(ACCOUNT, after=first[-1].snapshot.id)
        assert [order.snapshot.id for order in (*first, *rest)] == [f"801-{name}" for name in "fedcba"]

    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
    def test_pages_one_after_the_other_give_every_order_once(self, store: Store, limit: int) -> None:
        orders = _numbered(7)
        _put(store, *orders)
        seen: list[ProjectedOrder] = []
        after = None
        with store.transaction() as tx:
            while page := tx.projection.page(ACCOUNT, after=after, limit=limit):
                assert len(page) <= limit
                seen.extend(page)
                after = page[-1].snapshot.id
        assert seen == orders

    def test_a_page_may_begin_after_an_order_that_the_filter_leaves_out(self, store: Store) -> None:
        orders = _numbered(4)
        _put(store, *(attrs.evolve(order, status=OrderStatus(OrderState.ACTIVATED)) for order in orders[:2]))
        _put(store, *orders[2:])
        with store.transaction() as tx:
            page = tx.projection.page(ACCOUNT, states={"UnderReview"}, after=orders[0].snapshot.id)
        assert page == tuple(orders[2:])

    def test_after_an_order_that_is_not_the_accounts_comes_nothing(self, store: Store) -> None:
        _put(store, projected(), projected("other", account="001B"))
        with store.transaction() as tx:
            assert tx.projection.page(ACCOUNT, after=OrderId("801-other")) == ()
            assert tx.projection.page(ACCOUNT, after=OrderId("801-unknown")) == ()

    def test_nobody_sees_another_accounts_orders(self, store: Store) -> None:
        _put(store, projected("mine"), projected("theirs", account="001B"))
        with store.transaction() as tx:
            assert tx.projection.page(ACCOUNT) == (projected("mine"),)
            assert dict(tx.projection.counts(AccountId("001B"))) == {"UnderReview": 1}

    def test_an_order_that_moves_to_another_account_leaves_the_first(self, store: Store) -> None:
        _put(store, projected())
        _put(store, projected(account="001B", as_of=START + SECOND))
        with store.transaction() as tx:
            assert tx.projection.page(ACCOUNT) == ()
            assert dict(tx.projection.counts(ACCOUNT)) == {}
            assert len(tx.projection.page(AccountId("001B"))) == 1

    def test_filters_narrow_a_page_together(self, store: Store) -> None:
        sim = projected("sim", number="00000123")
        vpn = projected("vpn", number="00000124", order_type=OrderType.VPN)
        active = projected("active", number="00000125", state=OrderState.ACTIVATED)
        _put(store, sim, vpn, active)
        with store.transaction() as tx:
            page = tx.projection.page
            assert page(ACCOUNT, states={"UnderReview"}, order_type=OrderType.SIM) == (sim,)
            assert page(ACCOUNT, states={"Activated", "Cancelled"}) == (active,)
            assert page(ACCOUNT, states=()) == ()
            assert page(ACCOUNT, order_type=OrderType.INTERNET) == ()
            assert page(ACCOUNT, search="0124") == (vpn,)
            assert page(ACCOUNT, search="0124", order_type=OrderType.SIM) == ()
            assert len(page(ACCOUNT, search="00000")) == 3

    def test_search_takes_letters_in_either_case_and_no_patterns(self, store: Store) -> None:
        order = projected(number="Ord-0001")
        _put(store, order)
        with store.transaction() as tx:
            assert tx.projection.page(ACCOUNT, search="oRD-") == (order,)
            for pattern in ("%", "_", "Ord*", ".", "'"):
                assert tx.projection.page(ACCOUNT, search=pattern) == ()

    def test_counts_are_by_state_and_of_all_orders(self, store: Store) -> None:
        _put(
            store,
            *_numbered(25),
            projected("a", state=OrderState.ON_HOLD),
            projected("b", state=OrderState.ACTIVATED),
        )
        with store.transaction() as tx:
            assert dict(tx.projection.counts(ACCOUNT)) == {"UnderReview": 25, "OnHold": 1, "Activated": 1}

    def test_what_is_rolled_back_is_neither_found_nor_counted(self, store: Store) -> None:
        _put(store, projected())
        roll_back(
            store,
            lambda tx: (
                tx.projection.put(projected(state=OrderState.APPROVED)),
                tx.projection.put(projected("two")),
                tx.projection.mark_refreshed(ACCOUNT, START),
            ),
        )
        with store.transaction() as tx:
            assert tx.projection.page(ACCOUNT) == (projected(),)
            assert dict(tx.projection.counts(ACCOUNT)) == {"UnderReview": 1}
            assert tx.projection.refreshed_at(ACCOUNT) is None

    def test_the_last_refresh_counts_and_accounts_do_not_mix(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.projection.mark_refreshed(ACCOUNT, START)
            tx.projection.mark_refreshed(AccountId("001B"), START)
            tx.projection.mark_refreshed(ACCOUNT, START + SECOND)
        with store.transaction() as tx:
            assert tx.projection.refreshed_at(ACCOUNT) == START + SECOND
            assert tx.projection.refreshed_at(AccountId("001B")) == START
