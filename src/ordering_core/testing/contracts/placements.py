"""Submits by their request key: one placing per key, one live order per Opportunity, one runner at a time."""

from __future__ import annotations

import attrs
import pytest

from ordering_core.domain.drafts import Draft
from ordering_core.domain.identifiers import OpportunityId, OrderId, RequestKey
from ordering_core.domain.journal import Runner
from ordering_core.errors import Conflict
from ordering_core.ports.checkout_records import Placement, PlacementState
from ordering_core.ports.store import Store
from ordering_core.testing.contracts.samples import DRAFTS, MINUTE, SECOND, START, placement
from ordering_core.testing.contracts.store import StoreContract, roll_back
from ordering_core.testing.contracts.threads import one_wins
from ordering_core.testing.contracts.words import words_in


KEY = RequestKey("key-one")
RUNNER = Runner("runner-one")
ORDER = OrderId("801-one")
OPPORTUNITY = OpportunityId("006-one")


def _kept(store: Store, key: RequestKey = KEY) -> Placement | None:
    with store.transaction() as tx:
        return tx.requests.get(key)


def _add(store: Store, *placements: Placement) -> None:
    with store.transaction() as tx:
        for one in placements:
            tx.requests.add(one)


def _replace(store: Store, new: Placement, runner: Runner = RUNNER) -> None:
    with store.transaction() as tx:
        tx.requests.replace(new, runner=runner)


def _placed(before: Placement, order: OrderId = ORDER) -> Placement:
    return attrs.evolve(before, state=PlacementState.PLACED, placed=order)


class PlacementsContract(StoreContract):
    """Submits of a store."""

    def test_an_unknown_key_is_none(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.requests.get(KEY) is None
            assert tx.requests.of_order(ORDER) is None
            assert tx.requests.unresolved(START + MINUTE) == ()

    @pytest.mark.parametrize("draft", DRAFTS.values(), ids=DRAFTS)
    @pytest.mark.parametrize("opportunity", [None, OPPORTUNITY])
    def test_a_placement_is_kept_whole(
        self, store: Store, draft: Draft, opportunity: OpportunityId | None
    ) -> None:
        kept = placement(draft=draft, opportunity=opportunity)
        _add(store, kept)
        assert _kept(store) == kept
        assert words_in(_kept(store)) == words_in(kept)

    def test_each_of_many_is_found_by_its_key(self, store: Store) -> None:
        _add(store, placement("one"), placement("two"))
        assert _kept(store, RequestKey("key-two")) == placement("two")

    def test_a_key_is_placed_once(self, store: Store) -> None:
        _add(store, placement())
        with pytest.raises(Conflict):
            _add(store, attrs.evolve(placement(), runner=Runner("another")))
        assert _kept(store) == placement()

    def test_of_two_threads_submitting_one_key_one_wins(self, store: Store) -> None:
        one_wins(lambda: _add(store, placement()), lambda: _add(store, placement()))

    def test_a_placed_one_is_found_by_its_order(self, store: Store) -> None:
        _add(store, placement(), placement("two"))
        _replace(store, _placed(placement()))
        with store.transaction() as tx:
            assert tx.requests.of_order(ORDER) == _placed(placement())
            assert tx.requests.of_order(OrderId("801-two")) is None

    def test_the_placements_of_several_orders_are_found_together(self, store: Store) -> None:
        another = attrs.evolve(_placed(placement("two")), placed=OrderId("801-two"))
        _add(store, placement(), placement("two"), placement("three"))
        _replace(store, _placed(placement()))
        _replace(store, another, Runner("runner-two"))
        with store.transaction() as tx:
            assert tx.requests.of_orders(()) == {}
            assert tx.requests.of_orders([OrderId("801-none")]) == {}
            found = tx.requests.of_orders([OrderId("801-two"), OrderId("801-none"), ORDER, ORDER])
            assert found == {ORDER: _placed(placement()), OrderId("801-two"): another}
            assert words_in(found[ORDER]) == words_in(_placed(placement()))

    def test_another_runner_may_take_over_and_shuts_the_first_one_out(self, store: Store) -> None:
        _add(store, placement())
        taken = attrs.evolve(placement(), runner=Runner("second"), settles_at=START + 5 * MINUTE)
        _replace(store, taken)
        with pytest.raises(Conflict):
            _replace(store, _placed(placement()))
        assert _kept(store) == taken
        _replace(store, _placed(taken), Runner("second"))
        assert _kept(store) == _placed(taken)

    def test_replacing_an_unknown_placement_is_a_conflict(self, store: Store) -> None:
        with pytest.raises(Conflict):
            _replace(store, placement())
        assert _kept(store) is None

    def test_of_two_threads_taking_over_one_wins(self, store: Store) -> None:
        _add(store, placement())
        one_wins(
            lambda: _replace(store, attrs.evolve(placement(), runner=Runner("left"))),
            lambda: _replace(store, attrs.evolve(placement(), runner=Runner("right"))),
        )

    def test_an_opportunity_belongs_to_one_live_placement(self, store: Store) -> None:
        _add(store, placement(opportunity=OPPORTUNITY))
        with pytest.raises(Conflict):
            _add(store, placement("two", opportunity=OPPORTUNITY))
        assert _kept(store, RequestKey("key-two")) is None
        _add(store, placement("two", opportunity=OpportunityId("006-two")), placement("three"))

    def test_of_two_threads_choosing_one_opportunity_one_wins(self, store: Store) -> None:
        one_wins(
            lambda: _add(store, placement("one", opportunity=OPPORTUNITY)),
            lambda: _add(store, placement("two", opportunity=OPPORTUNITY)),
        )

    def test_many_may_open_a_new_opportunity(self, store: Store) -> None:
        _add(store, placement("one"), placement("two"))
        assert _kept(store, RequestKey("key-two")) == placement("two")

    def test_a_placement_may_not_move_to_anothers_opportunity(self, store: Store) -> None:
        _add(store, placement(opportunity=OPPORTUNITY), placement("two"))
        with pytest.raises(Conflict):
            _replace(store, attrs.evolve(placement("two"), opportunity=OPPORTUNITY), Runner("runner-two"))
        assert _kept(store, RequestKey("key-two")) == placement("two")

    def test_a_placement_that_moves_lets_its_opportunity_go(self, store: Store) -> None:
        _add(store, placement(opportunity=OPPORTUNITY))
        _replace(store, attrs.evolve(placement(), opportunity=OpportunityId("006-two")))
        _add(store, placement("two", opportunity=OPPORTUNITY))
        assert _kept(store, RequestKey("key-two")) == placement("two", opportunity=OPPORTUNITY)

    def test_a_placed_order_keeps_its_opportunity(self, store: Store) -> None:
        _add(store, placement(opportunity=OPPORTUNITY))
        _replace(store, _placed(placement(opportunity=OPPORTUNITY)))
        with pytest.raises(Conflict):
            _add(store, placement("two", opportunity=OPPORTUNITY))

    def test_a_refused_placement_lets_its_opportunity_go(self, store: Store) -> None:
        _add(store, placement(opportunity=OPPORTUNITY))
        refused = attrs.evolve(
            placement(opportunity=OPPORTUNITY), state=PlacementState.REFUSED, refusal="INVALID"
        )
        _replace(store, refused)
        _add(store, placement("two", opportunity=OPPORTUNITY))
        assert _kept(store) == refused

    def test_a_released_opportunity_may_be_linked_again(self, store: Store) -> None:
        _add(store, placement(opportunity=OPPORTUNITY))
        _replace(store, _placed(placement(opportunity=OPPORTUNITY)))
        for _ in range(2):
            with store.transaction() as tx:
                tx.requests.release_opportunity(ORDER)
        _add(store, placement("two", opportunity=OPPORTUNITY))
        assert _kept(store) == attrs.evolve(_placed(placement(opportunity=OPPORTUNITY)), opportunity=None)
        with store.transaction() as tx:
            tx.requests.release_opportunity(ORDER)
        with pytest.raises(Conflict):
            _add(store, placement("three", opportunity=OPPORTUNITY))

    def test_releasing_the_opportunity_of_an_unknown_order_changes_nothing(self, store: Store) -> None:
        _add(store, placement(opportunity=OPPORTUNITY))
        with store.transaction() as tx:
            tx.requests.release_opportunity(OrderId("801-unknown"))
        with pytest.raises(Conflict):
            _add(store, placement("two", opportunity=OPPORTUNITY))

    def test_what_is_rolled_back_takes_no_opportunity(self, store: Store) -> None:
        roll_back(store, lambda tx: tx.requests.add(placement(opportunity=OPPORTUNITY)))
        _add(store, placement("two", opportunity=OPPORTUNITY))
        assert _kept(store) is None

    def test_a_placing_is_unresolved_from_the_end_of_its_runners_time_on(self, store: Store) -> None:
        _add(store, placement())
        end = placement().settles_at
        with store.transaction() as tx:
            assert tx.requests.unresolved(end - SECOND) == ()
            assert tx.requests.unresolved(end) == (placement(),)

    def test_the_unresolved_come_oldest_first_and_the_resolved_never(self, store: Store) -> None:
        late = attrs.evolve(placement("a"), since=START + SECOND)
        _add(store, late, placement("b"), placement("one"), placement("refused"))
        _replace(store, _placed(placement("one")))
        refused = attrs.evolve(placement("refused"), state=PlacementState.REFUSED, refusal="X")
        _replace(store, refused, Runner("runner-refused"))
        with store.transaction() as tx:
            assert tx.requests.unresolved(START + 9 * MINUTE) == (placement("b"), late)

    def test_the_refused_are_forgotten_oldest_first_from_their_instant_on_and_no_others(
        self, store: Store
    ) -> None:
        names = ("a", "b", "c", "placing")
        _add(store, *(placement(name, opportunity=OPPORTUNITY if name == "a" else None) for name in names))
        for number, name in enumerate(names[:3]):
            refused = attrs.evolve(
                placement(name), state=PlacementState.REFUSED, settles_at=START + number * SECOND
            )
            _replace(store, refused, Runner(f"runner-{name}"))
        with store.transaction() as tx:
            assert tx.requests.forget_refused(START - SECOND, limit=9) == 0
            assert tx.requests.forget_refused(START + SECOND, limit=1) == 1
        assert [_kept(store, RequestKey(f"key-{name}")) is None for name in names] == [True] + [False] * 3
        with store.transaction() as tx:
            assert tx.requests.forget_refused(START + SECOND, limit=9) == 1
            assert tx.requests.forget_refused(START + 99 * MINUTE, limit=9) == 1
        assert _kept(store, RequestKey("key-placing")) == placement("placing")
        _add(store, placement("a", opportunity=OPPORTUNITY))
