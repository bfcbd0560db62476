"""Idempotency keys: begun once, answered again, forgotten in time."""

from __future__ import annotations

import attrs

from ordering_core.ports.checkout_records import Answer, AnswerState
from ordering_core.ports.store import Store
from ordering_core.testing.contracts.samples import SECOND, START
from ordering_core.testing.contracts.store import StoreContract, roll_back
from ordering_core.testing.contracts.threads import at_once, keep
from ordering_core.testing.contracts.words import words_in


RUNNING = Answer(
    scope="customer-1 POST /orders",
    key="0b5c",
    fingerprint="sha256:00",
    state=AnswerState.RUNNING,
    since=START,
)
ANSWERED = attrs.evolve(RUNNING, state=AnswerState.ANSWERED, status=201, reference="801-one")


class AnswersContract(StoreContract):
    """Idempotency keys."""

    def test_a_new_key_begins_and_a_second_time_meets_it_running(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.answers.begin(RUNNING) is None
        with store.transaction() as tx:
            assert tx.answers.begin(attrs.evolve(RUNNING, fingerprint="sha256:11")) == RUNNING
            assert tx.answers.begin(RUNNING) == RUNNING

    def test_an_answered_key_returns_its_answer(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.answers.begin(RUNNING)
            tx.answers.finish(ANSWERED)
        with store.transaction() as tx:
            assert tx.answers.begin(RUNNING) == ANSWERED
            assert words_in(tx.answers.begin(RUNNING)) == words_in(ANSWERED)

    def test_finishing_says_that_it_is_answered(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.answers.begin(RUNNING)
            tx.answers.finish(attrs.evolve(ANSWERED, state=AnswerState.RUNNING))
        with store.transaction() as tx:
            assert tx.answers.begin(RUNNING) == ANSWERED

    def test_keys_belong_to_their_scope(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.answers.begin(RUNNING) is None
            assert tx.answers.begin(attrs.evolve(RUNNING, scope="customer-2 POST /orders")) is None
            assert tx.answers.begin(attrs.evolve(RUNNING, key="0b5d")) is None

    def test_an_abandoned_key_may_begin_again_and_abandoning_twice_changes_nothing(
        self, store: Store
    ) -> None:
        with store.transaction() as tx:
            tx.answers.begin(RUNNING)
        for _ in range(2):
            with store.transaction() as tx:
                tx.answers.abandon(RUNNING.scope, RUNNING.key)
        with store.transaction() as tx:
            assert tx.answers.begin(RUNNING) is None

    def test_an_answered_key_is_not_abandoned(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.answers.begin(RUNNING)
            tx.answers.finish(ANSWERED)
            tx.answers.abandon(RUNNING.scope, RUNNING.key)
            assert tx.answers.begin(RUNNING) == ANSWERED

    def test_what_began_before_an_instant_is_forgotten(self, store: Store) -> None:
        later = attrs.evolve(RUNNING, key="later", since=START + SECOND)
        with store.transaction() as tx:
            tx.answers.begin(RUNNING)
            tx.answers.finish(ANSWERED)
            tx.answers.begin(later)
        with store.transaction() as tx:
            assert tx.answers.forget_before(START) == 0
            assert tx.answers.forget_before(START + SECOND) == 1
            assert tx.answers.forget_before(START + SECOND) == 0
        with store.transaction() as tx:
            assert tx.answers.begin(RUNNING) is None
            assert tx.answers.begin(later) == later

    def test_what_is_rolled_back_never_began(self, store: Store) -> None:
        roll_back(store, lambda tx: tx.answers.begin(RUNNING))
        with store.transaction() as tx:
            assert tx.answers.begin(RUNNING) is None

    def test_of_two_threads_with_one_key_one_begins(self, store: Store) -> None:
        met: list[Answer | None] = []

        def begin() -> None:
            met.append(keep(store, lambda tx: tx.answers.begin(RUNNING)))

        assert at_once(begin, begin) == [None, None]
        assert sorted(met, key=lambda answer: answer is None) == [RUNNING, None]
