"""Open findings: one per code and subject, urgent ones first."""

from __future__ import annotations

import attrs

from ordering_core.domain.fallout import FindingCode
from ordering_core.ports.order_records import Finding
from ordering_core.ports.store import Store
from ordering_core.testing.contracts.samples import SECOND, START
from ordering_core.testing.contracts.store import StoreContract, roll_back
from ordering_core.testing.contracts.threads import at_once, keep
from ordering_core.testing.contracts.words import words_in


def _finding(subject: str = "801-one", code: FindingCode = FindingCode.UNKNOWN_STATUS) -> Finding:
    return Finding(code=code, subject=subject, since=START, facts={"status": "保留"})


class FindingsContract(StoreContract):
    """Open findings."""

    def test_at_first_there_are_none(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.findings.all_open() == ()

    def test_a_finding_is_new_once(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.findings.open(_finding())
            assert not tx.findings.open(attrs.evolve(_finding(), since=START + SECOND))
        with store.transaction() as tx:
            assert not tx.findings.open(_finding())
            assert tx.findings.all_open() == (_finding(),)
            assert words_in(tx.findings.all_open()) == words_in(_finding())

    def test_other_subjects_and_other_codes_are_other_findings(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.findings.open(_finding())
            assert tx.findings.open(_finding("801-two"))
            assert tx.findings.open(_finding(code=FindingCode.APPROVAL_IMPLIED))
            assert len(tx.findings.all_open()) == 3

    def test_a_closed_finding_is_gone_and_may_be_opened_again(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.findings.open(_finding())
            tx.findings.open(_finding("801-two"))
        for _ in range(2):
            with store.transaction() as tx:
                tx.findings.close(FindingCode.UNKNOWN_STATUS, "801-one")
        with store.transaction() as tx:
            assert tx.findings.all_open() == (_finding("801-two"),)
            assert tx.findings.open(_finding())

    def test_several_of_a_subject_are_closed_at_once_and_no_others(self, store: Store) -> None:
        codes = (FindingCode.UNKNOWN_STATUS, FindingCode.APPROVAL_IMPLIED, FindingCode.LINKS_DIFFER)
        with store.transaction() as tx:
            for code in codes:
                tx.findings.open(_finding(code=code))
            tx.findings.open(_finding("801-two"))
        with store.transaction() as tx:
            tx.findings.close_all((), "801-one")
            assert len(tx.findings.all_open()) == 4
            tx.findings.close_all([*codes[:2], FindingCode.INVOICE_DIFFERS], "801-one")
        with store.transaction() as tx:
            left = [_finding(code=codes[2]), _finding("801-two")]
            assert sorted(tx.findings.all_open(), key=lambda found: found.subject) == left

    def test_those_of_one_code_are_told_oldest_first_and_that_of_one_subject_alone(
        self, store: Store
    ) -> None:
        new, old = attrs.evolve(_finding("new"), since=START + SECOND), _finding("old")
        with store.transaction() as tx:
            for finding in (new, old, _finding("old", code=FindingCode.LINKS_DIFFER)):
                tx.findings.open(finding)
        with store.transaction() as tx:
            assert tx.findings.of(FindingCode.UNKNOWN_STATUS) == (old, new)
            assert tx.findings.of(FindingCode.UNKNOWN_STATUS, "new") == (new,)
            assert tx.findings.of(FindingCode.UNKNOWN_STATUS, "other") == ()
            assert tx.findings.of(FindingCode.APPROVAL_IMPLIED) == ()

    def test_urgent_ones_come_first_then_the_oldest(self, store: Store) -> None:
        new = attrs.evolve(_finding("new"), since=START + SECOND)
        urgent = attrs.evolve(_finding("urgent"), since=START + 2 * SECOND, urgent=True)
        with store.transaction() as tx:
            for finding in (new, _finding("old"), urgent):
                tx.findings.open(finding)
        with store.transaction() as tx:
            assert tx.findings.all_open() == (urgent, _finding("old"), new)

    def test_what_is_rolled_back_is_neither_opened_nor_closed(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.findings.open(_finding())
        roll_back(
            store,
            lambda tx: (
                tx.findings.close(FindingCode.UNKNOWN_STATUS, "801-one"),
                tx.findings.open(_finding("801-two")),
            ),
        )
        with store.transaction() as tx:
            assert tx.findings.all_open() == (_finding(),)

    def test_of_two_threads_finding_the_same_one_finds_it_new(self, store: Store) -> None:
        new: list[bool] = []

        def find() -> None:
            new.append(keep(store, lambda tx: tx.findings.open(_finding())))

        assert at_once(find, find) == [None, None]
        assert sorted(new) == [False, True]
