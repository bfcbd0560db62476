"""Decisions about orders: kept whole and for ever, oldest first."""

from __future__ import annotations

import pytest

from ordering_core.domain.identifiers import OrderId, Sku
from ordering_core.domain.violations import Gate, Severity, Verdict, Violation
from ordering_core.ports.order_records import Decision, DecisionKind
from ordering_core.ports.store import Store
from ordering_core.testing.contracts.samples import START
from ordering_core.testing.contracts.store import StoreContract, roll_back
from ordering_core.testing.contracts.words import words_in


ONE = OrderId("801-one")

VERDICT = Verdict(
    gate=Gate.SUBMIT,
    at=START,
    violations=(
        Violation(
            code="DUPLICATE_SERVICE",
            rule="one_internet_service",
            pointer="/skus/0",
            message="There is another service.",
            message_ja="他のサービスがあります。",
            remedy="Cancel the other one first.",
            severity=Severity.WARNING,
            facts={"services": 2, "active": True, "kind": "VPN"},
        ),
    ),
    satisfied=("esim_carries_an_eid",),
    skus=(Sku("SIM-DV-10"),),
)


class DecisionsContract(StoreContract):
    """Decisions about orders."""

    def test_a_new_order_has_none(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.decisions.of(ONE) == ()

    @pytest.mark.parametrize("verdict", [None, VERDICT])
    @pytest.mark.parametrize("kind", DecisionKind)
    def test_a_decision_is_kept_whole(
        self, store: Store, kind: DecisionKind, verdict: Verdict | None
    ) -> None:
        decision = Decision(
            order=ONE,
            kind=kind,
            at=START,
            by="agent-1",
            reason="確認済み",
            customer_sentence="ありがとうございます",
            verdict=verdict,
        )
        with store.transaction() as tx:
            tx.decisions.record(decision)
        with store.transaction() as tx:
            assert tx.decisions.of(ONE) == (decision,)
            assert words_in(tx.decisions.of(ONE)) == words_in(decision)
            assert tx.decisions.of(OrderId("801-two")) == ()

    def test_every_decision_stays_oldest_first_and_a_repeated_one_too(self, store: Store) -> None:
        first = Decision(order=ONE, kind=DecisionKind.SUBMITTED, at=START, by="customer")
        second = Decision(order=ONE, kind=DecisionKind.RETRIED, at=START, by="agent")
        for decision in (first, second, second):
            with store.transaction() as tx:
                tx.decisions.record(decision)
        roll_back(store, lambda tx: tx.decisions.record(first))
        with store.transaction() as tx:
            assert tx.decisions.of(ONE) == (first, second, second)
