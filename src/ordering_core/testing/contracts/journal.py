"""The journal: intents, outcomes that stay, and case files that two writers never overwrite."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs
import pytest

from ordering_core.domain.fallout import HoldCode, Owner
from ordering_core.domain.identifiers import SimCardId
from ordering_core.domain.journal import (
    CaseFile,
    Done,
    Fact,
    Held,
    JournalRow,
    Outcome,
    Rest,
    RetryAt,
    RowId,
    Runner,
    Step,
    Subject,
    SubjectKind,
    WaitFor,
    WaitUntil,
)
from ordering_core.domain.order_status import GoAhead
from ordering_core.domain.orders import ActivationFields
from ordering_core.errors import Conflict
from ordering_core.ports.store import Store
from ordering_core.testing.contracts.samples import MINUTE, SECOND, START, subject
from ordering_core.testing.contracts.store import StoreContract, roll_back
from ordering_core.testing.contracts.threads import one_wins
from ordering_core.testing.contracts.words import words_in


RESTS: Final[Mapping[str, Rest | None]] = MappingProxyType(
    {
        "no run yet": None,
        "retry at": RetryAt(START + MINUTE, "Salesforce: Unavailable"),
        "wait until": WaitUntil(START + MINUTE),
        "wait for": WaitFor(Fact.APPROVAL),
        "wait for, at the latest": WaitFor(Fact.SIM_DELIVERY, START + MINUTE),
        "held": Held(
            code=HoldCode.OUTCOME_AMBIGUOUS,
            owner=Owner.SUPERVISOR,
            message="確認してください",
            since=START,
            facts={"billing_order": "5001"},
            reported=True,
        ),
    }
)
"""A rest of every kind that is not the end."""


def _intend(
    store: Store, of: Subject, step: Step = Step.ADD_BILLING_ORDER, *, runner: str = "one"
) -> JournalRow:
    with store.transaction() as tx:
        return tx.journal.intend(
            of, step, mark="801-one", runner=Runner(runner), at=START, settles_at=START + MINUTE
        )


def _settle(store: Store, row: RowId, outcome: Outcome, **evidence: str) -> JournalRow:
    with store.transaction() as tx:
        return tx.journal.settle(row, outcome=outcome, at=START + SECOND, evidence=evidence)


def _rows(store: Store, of: Subject) -> tuple[JournalRow, ...]:
    with store.transaction() as tx:
        return tx.journal.rows(of)


class JournalContract(StoreContract):
    """Outside effects of a store."""

    def test_a_new_subject_has_no_rows(self, store: Store) -> None:
        assert _rows(store, subject()) == ()

    def test_an_intent_is_an_open_row(self, store: Store) -> None:
        row = _intend(store, subject())
        assert row == JournalRow(
            id=row.id,
            subject=subject(),
            step=Step.ADD_BILLING_ORDER,
            attempt=1,
            mark="801-one",
            runner=Runner("one"),
            intent_at=START,
            settles_at=START + MINUTE,
        )
        assert _rows(store, subject()) == (row,)

    def test_settling_adds_outcome_time_and_evidence(self, store: Store) -> None:
        row = _intend(store, subject())
        settled = _settle(store, row.id, Outcome.DONE, billing_order="5001", 証拠="有")
        assert settled == attrs.evolve(
            row,
            outcome=Outcome.DONE,
            settled_at=START + SECOND,
            evidence={"billing_order": "5001", "証拠": "有"},
        )
        assert _rows(store, subject()) == (settled,)
        assert words_in(_rows(store, subject())) == words_in((row, Outcome.DONE))

    def test_evidence_is_kept_as_it_was_when_settled(self, store: Store) -> None:
        row = _intend(store, subject())
        evidence = {"billing_order": "5001"}
        with store.transaction() as tx:
            tx.journal.settle(row.id, outcome=Outcome.DONE, at=START, evidence=evidence)
        evidence["billing_order"] = "changed afterwards"
        assert dict(_rows(store, subject())[0].evidence) == {"billing_order": "5001"}

    def test_a_step_has_one_open_row(self, store: Store) -> None:
        row = _intend(store, subject())
        with pytest.raises(Conflict):
            _intend(store, subject(), runner="two")
        assert _rows(store, subject()) == (row,)

    def test_of_two_threads_intending_one_step_one_wins(self, store: Store) -> None:
        one_wins(lambda: _intend(store, subject()), lambda: _intend(store, subject(), runner="two"))

    def test_other_steps_and_other_subjects_are_free(self, store: Store) -> None:
        rows = [
            _intend(store, subject()),
            _intend(store, subject(), Step.SUBMIT_LINE),
            _intend(store, subject("801-two")),
            _intend(store, subject(kind=SubjectKind.CANCELLATION)),
        ]
        assert [row.attempt for row in rows] == [1, 1, 1, 1]
        assert len({row.id for row in rows}) == 4
        assert _rows(store, subject()) == tuple(rows[:2])
        assert _rows(store, subject(kind=SubjectKind.CANCELLATION)) == (rows[3],)

    @pytest.mark.parametrize("outcome", Outcome)
    def test_after_any_outcome_the_next_attempt_may_begin(self, store: Store, outcome: Outcome) -> None:
        first = _settle(store, _intend(store, subject()).id, outcome)
        second = _intend(store, subject())
        assert second.attempt == 2
        assert _rows(store, subject()) == (first, second)

    @pytest.mark.parametrize("outcome", Outcome)
    def test_what_was_unknown_may_become_known(self, store: Store, outcome: Outcome) -> None:
        row = _intend(store, subject())
        _settle(store, row.id, Outcome.UNKNOWN, reply="lost")
        known = _settle(store, row.id, outcome, found="yes")
        assert known.outcome is outcome
        assert dict(known.evidence) == {"found": "yes"}
        assert _rows(store, subject()) == (known,)

    @pytest.mark.parametrize("second", Outcome)
    @pytest.mark.parametrize("first", [Outcome.DONE, Outcome.REFUSED, Outcome.ABSENT])
    def test_a_known_outcome_stays(self, store: Store, first: Outcome, second: Outcome) -> None:
        settled = _settle(store, _intend(store, subject()).id, first, n="1")
        with pytest.raises(Conflict):
            _settle(store, settled.id, second, n="2")
        assert _rows(store, subject()) == (settled,)

    def test_of_two_threads_settling_one_row_one_wins(self, store: Store) -> None:
        row = _intend(store, subject())
        one_wins(lambda: _settle(store, row.id, Outcome.DONE), lambda: _settle(store, row.id, Outcome.ABSENT))

    def test_settling_an_unknown_row_is_a_conflict(self, store: Store) -> None:
        with pytest.raises(Conflict):
            _settle(store, RowId(999_999), Outcome.DONE)

    def test_an_intent_that_is_rolled_back_was_never_there(self, store: Store) -> None:
        roll_back(
            store,
            lambda tx: tx.journal.intend(
                subject(),
                Step.ACCEPT_BILLING_ORDER,
                mark="m",
                runner=Runner("one"),
                at=START,
                settles_at=START,
            ),
        )
        assert _rows(store, subject()) == ()
        assert _intend(store, subject(), Step.ACCEPT_BILLING_ORDER).attempt == 1


class CaseFilesContract(StoreContract):
    """What the runs of a subject remember between them."""

    def test_a_new_subject_has_no_case_file(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.journal.case_file(subject()) is None
            assert tx.journal.unfinished() == ()

    @pytest.mark.parametrize("rest", [*RESTS.values(), Done()], ids=[*RESTS, "done"])
    def test_a_case_file_is_kept_whole_with_its_next_version(self, store: Store, rest: Rest | None) -> None:
        case_file = CaseFile(
            subject=subject(),
            rest=rest,
            go_ahead=GoAhead(at=START),
            written=ActivationFields(status="Activating"),
            seen=ActivationFields(error_code="X", error_message="停止"),
            seen_status="Approved",
            ever_approved=True,
            delivered=SimCardId("a01"),
            causes=frozenset({"event-1", "event-2"}),
        )
        with store.transaction() as tx:
            kept = tx.journal.keep(case_file)
        assert kept == attrs.evolve(case_file, version=1)
        with store.transaction() as tx:
            assert tx.journal.case_file(subject()) == kept
            assert words_in(tx.journal.case_file(subject())) == words_in(case_file)
            assert tx.journal.case_file(subject(kind=SubjectKind.IDENTITY)) is None

    def test_keeping_an_older_version_is_a_conflict_and_changes_nothing(self, store: Store) -> None:
        with store.transaction() as tx:
            first = tx.journal.keep(CaseFile(subject=subject()))
            second = tx.journal.keep(attrs.evolve(first, delivered=SimCardId("a01")))
        assert second.version == 2
        for stale in (CaseFile(subject=subject()), first):
            with pytest.raises(Conflict), store.transaction() as tx:
                tx.journal.keep(stale)
        with store.transaction() as tx:
            assert tx.journal.case_file(subject()) == second

    def test_a_first_case_file_has_version_0(self, store: Store) -> None:
        with pytest.raises(Conflict), store.transaction() as tx:
            tx.journal.keep(CaseFile(subject=subject(), version=1))

    def test_of_two_threads_keeping_one_version_one_wins(self, store: Store) -> None:
        def keep_first() -> None:
            with store.transaction() as tx:
                tx.journal.keep(CaseFile(subject=subject()))

        one_wins(keep_first, keep_first, keep_first)

    def test_everything_but_done_is_unfinished(self, store: Store) -> None:
        with store.transaction() as tx:
            kept = [
                tx.journal.keep(CaseFile(subject=subject(str(number)), rest=rest))
                for number, rest in enumerate(RESTS.values())
            ]
            tx.journal.keep(CaseFile(subject=subject("done"), rest=Done()))
        with store.transaction() as tx:
            found = tx.journal.unfinished()
        assert sorted(found, key=lambda case_file: case_file.subject.key) == kept

    def test_a_case_file_that_is_finished_leaves_the_sweep_and_may_come_back(self, store: Store) -> None:
        with store.transaction() as tx:
            waiting = tx.journal.keep(CaseFile(subject=subject(), rest=WaitFor(Fact.APPROVAL)))
        roll_back(store, lambda tx: tx.journal.keep(attrs.evolve(waiting, rest=Done())))
        with store.transaction() as tx:
            assert tx.journal.unfinished() == (waiting,)
            done = tx.journal.keep(attrs.evolve(waiting, rest=Done()))
        with store.transaction() as tx:
            assert tx.journal.unfinished() == ()
            again = tx.journal.keep(attrs.evolve(done, rest=None))
        with store.transaction() as tx:
            assert tx.journal.unfinished() == (again,)

    def test_those_that_wait_are_asleep_until_their_instant_and_all_others_awake(self, store: Store) -> None:
        with store.transaction() as tx:
            for name, rest in {**RESTS, "done": Done()}.items():
                tx.journal.keep(CaseFile(subject=subject(name), rest=rest))
        dated = {"wait until", "wait for, at the latest"}
        awake = {*RESTS} - {"wait for"} - dated
        for at, names in ((START + MINUTE - SECOND, awake), (START + MINUTE, awake | dated)):
            with store.transaction() as tx:
                assert {kept.subject.key for kept in tx.journal.awake(at, limit=99)} == names
        with store.transaction() as tx:
            assert tx.journal.count_unfinished() == len(RESTS)
            kept = tx.journal.case_file(subject("wait until"))
            assert kept is not None
            tx.journal.keep(attrs.evolve(kept, rest=None))
            assert tx.journal.case_file(kept.subject) in tx.journal.awake(START, limit=99)

    def test_those_awake_come_a_page_at_a_time_each_of_them_once(self, store: Store) -> None:
        kinds = (SubjectKind.ORDER, SubjectKind.RECONCILIATION)
        rests = (None, RetryAt(START + MINUTE, "later"), WaitUntil(START), WaitUntil(START - SECOND))
        with store.transaction() as tx:
            for number in range(24):
                of = subject(f"{number * 7 % 24:02d}", kind=kinds[number % 2])
                tx.journal.keep(CaseFile(subject=of, rest=rests[number % 4]))
        for size in (1, 5, 24, 25):
            seen: list[Subject] = []
            while True:
                with store.transaction() as tx:
                    page = tx.journal.awake(START, after=seen[-1] if seen else None, limit=size)
                if not page:
                    break
                assert len(page) == min(size, 24 - len(seen))
                seen += [kept.subject for kept in page]
            assert len(seen) == len({*seen}) == 24

    def test_the_finished_of_a_kind_come_by_key_a_page_at_a_time(self, store: Store) -> None:
        with store.transaction() as tx:
            for key in ("c", "a", "d", "b"):
                tx.journal.keep(CaseFile(subject=subject(key), rest=Done()))
            tx.journal.keep(CaseFile(subject=subject("aa"), rest=WaitFor(Fact.APPROVAL)))
            tx.journal.keep(CaseFile(subject=subject("ab", kind=SubjectKind.IDENTITY), rest=Done()))
        with store.transaction() as tx:
            kind = subject().kind
            assert tx.journal.finished(kind, limit=3) == (subject("a"), subject("b"), subject("c"))
            assert tx.journal.finished(kind, after="b", limit=9) == (subject("c"), subject("d"))
            assert tx.journal.finished(kind, after="d", limit=9) == ()

    def test_a_look_at_both_finds_nothing_of_an_unknown_subject(self, store: Store) -> None:
        _intend(store, subject("another"))
        with store.transaction() as tx:
            tx.journal.keep(CaseFile(subject=subject("another")))
            assert tx.journal.recall(subject()) == (None, ())

    def test_a_look_at_both_may_find_one(self, store: Store) -> None:
        row = _intend(store, subject("only rows"))
        with store.transaction() as tx:
            kept = tx.journal.keep(CaseFile(subject=subject("only a case file")))
            assert tx.journal.recall(subject("only rows")) == (None, (row,))
            assert tx.journal.recall(subject("only a case file")) == (kept, ())

    def test_a_look_at_both_says_what_two_looks_say(self, store: Store) -> None:
        _settle(store, _intend(store, subject()).id, Outcome.ABSENT, reason="混雑")
        for step in (Step.ADD_BILLING_ORDER, Step.NOTIFY):
            _intend(store, subject(), step)
        with store.transaction() as tx:
            tx.journal.keep(CaseFile(subject=subject(), rest=WaitUntil(START), causes=frozenset({"一"})))
            both = tx.journal.case_file(subject()), tx.journal.rows(subject())
            assert tx.journal.recall(subject()) == both
            assert words_in(tx.journal.recall(subject())) == words_in(both)
            assert len(both[1]) == 3
