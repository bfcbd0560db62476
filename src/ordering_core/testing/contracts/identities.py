"""The identity map: one customer, one Account, one billing client."""

from __future__ import annotations

import attrs
import pytest

from ordering_core.domain.customers import Identity
from ordering_core.domain.identifiers import AccountId, ClientId, CustomerId
from ordering_core.errors import Conflict
from ordering_core.ports.store import Store
from ordering_core.testing.contracts.store import StoreContract, roll_back
from ordering_core.testing.contracts.threads import one_wins


IDENTITY = Identity(
    customer=CustomerId("customer-1"), account=AccountId("001A"), client=ClientId(7), customer_number="C-1"
)


class IdentitiesContract(StoreContract):
    """The identity map."""

    def test_the_unknown_are_none(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.identities.of_customer(IDENTITY.customer) is None
            assert tx.identities.of_account(IDENTITY.account) is None
            assert tx.identities.of_client(IDENTITY.client) is None

    def test_a_mapping_is_found_from_all_three_sides(self, store: Store) -> None:
        other = Identity(customer=CustomerId("customer-2"), account=AccountId("001B"), client=ClientId(8))
        with store.transaction() as tx:
            tx.identities.put(IDENTITY)
            tx.identities.put(other)
        with store.transaction() as tx:
            for identity in (IDENTITY, other):
                assert tx.identities.of_customer(identity.customer) == identity
                assert tx.identities.of_account(identity.account) == identity
                assert tx.identities.of_client(identity.client) == identity

    def test_keeping_a_mapping_twice_is_the_same_as_once(self, store: Store) -> None:
        for _ in range(2):
            with store.transaction() as tx:
                tx.identities.put(IDENTITY)
        with store.transaction() as tx:
            assert tx.identities.of_customer(IDENTITY.customer) == IDENTITY

    def test_a_customer_number_may_be_learnt_later(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.identities.put(attrs.evolve(IDENTITY, customer_number=""))
            tx.identities.put(IDENTITY)
        with store.transaction() as tx:
            assert tx.identities.of_client(IDENTITY.client) == IDENTITY

    @pytest.mark.parametrize(
        "other",
        [
            attrs.evolve(IDENTITY, customer=CustomerId("customer-2")),
            attrs.evolve(IDENTITY, account=AccountId("001B")),
            attrs.evolve(IDENTITY, client=ClientId(8)),
            attrs.evolve(IDENTITY, account=AccountId("001B"), client=ClientId(8)),
            attrs.evolve(IDENTITY, customer=CustomerId("customer-2"), client=ClientId(8)),
            attrs.evolve(IDENTITY, customer=CustomerId("customer-2"), account=AccountId("001B")),
        ],
        ids=[
            "another customer",
            "another account",
            "another client",
            "only the customer in common",
            "only the account in common",
            "only the client in common",
        ],
    )
    def test_a_different_mapping_is_a_conflict_and_changes_nothing(
        self, store: Store, other: Identity
    ) -> None:
        with store.transaction() as tx:
            tx.identities.put(IDENTITY)
        with pytest.raises(Conflict), store.transaction() as tx:
            tx.identities.put(other)
        with store.transaction() as tx:
            assert tx.identities.of_customer(IDENTITY.customer) == IDENTITY
            assert tx.identities.of_account(IDENTITY.account) == IDENTITY
            assert tx.identities.of_client(IDENTITY.client) == IDENTITY

    def test_what_is_rolled_back_may_be_mapped_differently(self, store: Store) -> None:
        roll_back(store, lambda tx: tx.identities.put(IDENTITY))
        other = attrs.evolve(IDENTITY, account=AccountId("001B"))
        with store.transaction() as tx:
            tx.identities.put(other)
        with store.transaction() as tx:
            assert tx.identities.of_customer(IDENTITY.customer) == other
            assert tx.identities.of_account(IDENTITY.account) is None

    def test_of_two_threads_mapping_one_account_one_wins(self, store: Store) -> None:
        def put(identity: Identity) -> None:
            with store.transaction() as tx:
                tx.identities.put(identity)

        other = attrs.evolve(IDENTITY, customer=CustomerId("customer-2"), client=ClientId(8))
        one_wins(lambda: put(IDENTITY), lambda: put(other))
