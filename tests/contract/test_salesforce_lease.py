"""One holder at a time, another soon after it died: on every store."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pytest

from ordering_adapters.memory.store import MemoryStore
from ordering_adapters.salesforce.events.lease import Lease
from ordering_core.ports.store import Store
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.store import StoreContract
from ordering_core.testing.contracts.threads import at_once
from tests.contract.sql_database import OnSqlite


LASTS: Final = timedelta(seconds=8)
INSTANT: Final = timedelta(microseconds=1)


class LeaseContract(StoreContract):
    """A lease on a store."""

    @pytest.fixture
    def first(self, store: Store, clock: ManualClock) -> Lease:
        return Lease(store, clock, holder="first", lasts=LASTS)

    @pytest.fixture
    def second(self, store: Store, clock: ManualClock) -> Lease:
        return Lease(store, clock, holder="second", lasts=LASTS)

    def test_who_comes_first_has_it(self, store: Store, first: Lease, second: Lease) -> None:
        assert first.take()
        assert not second.take()
        with store.transaction() as tx:
            assert first.is_ours(tx)
            assert not second.is_ours(tx)

    def test_renewing_keeps_it_for_ever(self, clock: ManualClock, first: Lease, second: Lease) -> None:
        assert first.take()
        for _ in range(5):
            clock.advance(LASTS - INSTANT)
            assert not second.take()
            assert first.take()

    def test_who_does_not_renew_loses_it_to_the_next_and_not_before(
        self, store: Store, clock: ManualClock, first: Lease, second: Lease
    ) -> None:
        assert first.take()
        clock.advance(LASTS - INSTANT)
        assert not second.take()
        clock.advance(INSTANT)
        with store.transaction() as tx:
            assert first.is_ours(tx)  # nobody has taken it yet
        assert second.take()
        assert not first.take()
        with store.transaction() as tx:
            assert not first.is_ours(tx)

    def test_who_lets_go_lets_the_next_one_in_at_once(self, first: Lease, second: Lease) -> None:
        assert first.take()
        first.release()
        assert second.take()
        first.release()
        assert not first.take()

    def test_letting_go_of_what_nobody_has_changes_nothing(self, first: Lease, second: Lease) -> None:
        first.release()
        assert second.take()

    def test_leases_of_other_names_are_others(self, store: Store, clock: ManualClock, first: Lease) -> None:
        assert first.take()
        assert Lease(store, clock, holder="second", lasts=LASTS, name="lease:other").take()

    @pytest.mark.parametrize("is_there", [True, False])
    def test_of_many_that_take_it_at_once_one_has_it(
        self, store: Store, clock: ManualClock, is_there: bool
    ) -> None:
        if is_there:
            assert Lease(store, clock, holder="dead", lasts=LASTS).take()
            clock.advance(LASTS)
        leases = [Lease(store, clock, holder=f"holder-{number}", lasts=LASTS) for number in range(4)]
        took: list[bool] = []
        assert at_once(*(lambda lease=lease: took.append(lease.take()) for lease in leases)) == [None] * 4
        assert took.count(True) == 1
        with store.transaction() as tx:
            assert [lease.is_ours(tx) for lease in leases].count(True) == 1


class TestMemoryLease(LeaseContract):
    @pytest.fixture
    def store(self, clock: ManualClock) -> MemoryStore:
        return MemoryStore(clock)


class TestSqlLease(OnSqlite, LeaseContract): ...
