"""Checkout sessions: kept whole, replaced by who read the latest version, rotated without a trace."""

from __future__ import annotations

import attrs
import pytest

from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.drafts import Draft
from ordering_core.domain.identifiers import OrderId, SessionId
from ordering_core.errors import Conflict
from ordering_core.ports.store import Store
from ordering_core.testing.contracts.samples import DRAFTS, SECOND, START, session
from ordering_core.testing.contracts.store import StoreContract, roll_back
from ordering_core.testing.contracts.threads import one_wins
from ordering_core.testing.contracts.words import words_in


ONE = SessionId("session-one")
ROTATED = SessionId("session-rotated")


def _kept(store: Store, which: SessionId = ONE) -> CheckoutSession | None:
    with store.transaction() as tx:
        return tx.sessions.get(which)


def _add(store: Store, *sessions: CheckoutSession) -> None:
    with store.transaction() as tx:
        for one in sessions:
            tx.sessions.add(one)


class SessionsContract(StoreContract):
    """Checkout sessions of a store."""

    def test_an_unknown_session_is_none(self, store: Store) -> None:
        assert _kept(store) is None

    @pytest.mark.parametrize("draft", DRAFTS.values(), ids=DRAFTS)
    def test_a_session_is_kept_whole(self, store: Store, draft: Draft) -> None:
        _add(store, session(draft=draft))
        assert _kept(store) == session(draft=draft)
        assert words_in(_kept(store)) == words_in(session(draft=draft))

    def test_a_session_without_owner_and_address_is_kept_whole(self, store: Store) -> None:
        bare = attrs.evolve(session(), owner=None, address=None, eligibility_requested_at=None, prices={})
        _add(store, bare)
        assert _kept(store) == bare

    def test_each_of_many_is_found_by_its_id(self, store: Store) -> None:
        _add(store, session("one"), session("two"), session("three"))
        for name in ("one", "two", "three"):
            assert _kept(store, SessionId(f"session-{name}")) == session(name)

    def test_adding_under_a_taken_id_is_a_conflict_and_changes_nothing(self, store: Store) -> None:
        _add(store, session())
        with pytest.raises(Conflict):
            _add(store, attrs.evolve(session(), owner=None))
        assert _kept(store) == session()

    def test_of_two_threads_adding_one_id_one_wins(self, store: Store) -> None:
        one_wins(lambda: _add(store, session()), lambda: _add(store, session()))

    def test_replacing_returns_the_next_version(self, store: Store) -> None:
        _add(store, session())
        with store.transaction() as tx:
            second = tx.sessions.replace(attrs.evolve(session(), submitted=True, order=OrderId("801")))
            third = tx.sessions.replace(attrs.evolve(second, address_changed=True))
        assert [second.version, third.version] == [1, 2]
        assert third == attrs.evolve(
            session(), submitted=True, order=OrderId("801"), address_changed=True, version=2
        )
        assert _kept(store) == third

    def test_replacing_an_older_version_is_a_conflict_and_changes_nothing(self, store: Store) -> None:
        _add(store, session())
        with store.transaction() as tx:
            kept = tx.sessions.replace(session())
        with pytest.raises(Conflict), store.transaction() as tx:
            tx.sessions.replace(attrs.evolve(session(), submitted=True))
        assert _kept(store) == kept

    def test_replacing_a_version_that_was_never_kept_is_a_conflict(self, store: Store) -> None:
        _add(store, session())
        with pytest.raises(Conflict), store.transaction() as tx:
            tx.sessions.replace(attrs.evolve(session(), version=1))

    def test_replacing_an_unknown_session_is_a_conflict(self, store: Store) -> None:
        with pytest.raises(Conflict), store.transaction() as tx:
            tx.sessions.replace(session())
        assert _kept(store) is None

    def test_of_two_threads_replacing_one_version_one_wins(self, store: Store) -> None:
        _add(store, session())

        def submit() -> None:
            with store.transaction() as tx:
                tx.sessions.replace(attrs.evolve(session(), submitted=True))

        one_wins(submit, submit, submit)

    def test_rotating_moves_the_session_to_its_new_id(self, store: Store) -> None:
        _add(store, session())
        with store.transaction() as tx:
            moved = tx.sessions.replace(attrs.evolve(session(), id=ROTATED), replacing=ONE)
        assert moved == attrs.evolve(session(), id=ROTATED, version=1)
        assert _kept(store) is None
        assert _kept(store, ROTATED) == moved

    def test_rotating_a_second_time_is_a_conflict(self, store: Store) -> None:
        _add(store, session())
        with store.transaction() as tx:
            moved = tx.sessions.replace(attrs.evolve(session(), id=ROTATED), replacing=ONE)
        with pytest.raises(Conflict), store.transaction() as tx:
            tx.sessions.replace(attrs.evolve(session(), id=SessionId("session-again")), replacing=ONE)
        assert _kept(store, ROTATED) == moved

    def test_rotating_to_a_taken_id_is_a_conflict_and_changes_nothing(self, store: Store) -> None:
        _add(store, session(), session("two"))
        with pytest.raises(Conflict), store.transaction() as tx:
            tx.sessions.replace(attrs.evolve(session(), id=SessionId("session-two")), replacing=ONE)
        assert _kept(store) == session()
        assert _kept(store, SessionId("session-two")) == session("two")

    def test_a_rotation_that_is_rolled_back_leaves_the_old_id(self, store: Store) -> None:
        _add(store, session())
        roll_back(store, lambda tx: tx.sessions.replace(attrs.evolve(session(), id=ROTATED), replacing=ONE))
        assert _kept(store) == session()
        assert _kept(store, ROTATED) is None

    def test_a_session_is_expired_from_its_last_instant_on(self, store: Store) -> None:
        _add(store, session())
        over = session().expires_at
        with store.transaction() as tx:
            assert tx.sessions.expired(over - SECOND) == ()
            assert tx.sessions.expired(over) == (ONE,)
            assert tx.sessions.expired(over + SECOND) == (ONE,)

    def test_the_expired_come_oldest_first_and_the_submitted_never(self, store: Store) -> None:
        first, second = START + SECOND, START + 2 * SECOND
        _add(
            store,
            attrs.evolve(session("late"), expires_at=second),
            attrs.evolve(session("early"), expires_at=first),
            attrs.evolve(session("placed"), expires_at=first, submitted=True),
            session("alive"),
        )
        with store.transaction() as tx:
            assert tx.sessions.expired(second) == ("session-early", "session-late")

    def test_a_removed_session_is_gone_and_removing_again_changes_nothing(self, store: Store) -> None:
        _add(store, session(), session("two"))
        for _ in range(2):
            with store.transaction() as tx:
                tx.sessions.remove(ONE)
        assert _kept(store) is None
        assert _kept(store, SessionId("session-two")) == session("two")
