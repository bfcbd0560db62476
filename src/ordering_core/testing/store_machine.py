"""
A store against plain dictionaries: whatever transactions do to placements and journal, both say the same.

A host proves its own store with it::

    class MyStoreMachine(StoreMachine):
        def new_store(self, clock):
            return MyStore(clock)


    TestMyStore = MyStoreMachine.TestCase
"""

from __future__ import annotations

import abc

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import attrs

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ordering_core.domain.identifiers import OpportunityId, OrderId, RequestKey
from ordering_core.domain.journal import (
    CaseFile,
    Done,
    Fact,
    JournalRow,
    Outcome,
    Rest,
    RetryAt,
    RowId,
    Runner,
    Step,
    Subject,
    WaitFor,
)
from ordering_core.errors import Conflict
from ordering_core.ports.checkout_records import Placement, Placements, PlacementState
from ordering_core.ports.order_records import Journal
from ordering_core.ports.store import Store
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.samples import MINUTE, START, placement, subject
from ordering_core.testing.plain_store import PlainJournal, PlainPlacements


NAMES: Final = ("one", "two", "three")
KEYS: Final = tuple(RequestKey(f"key-{name}") for name in NAMES)
ORDERS: Final = (OrderId("801-one"), OrderId("801-two"))
OPPORTUNITIES: Final = (OpportunityId("006-one"), OpportunityId("006-two"))
RUNNERS: Final = (Runner("runner-one"), Runner("runner-two"))
SUBJECTS: Final = (subject("801-one"), subject("801-two"))
STEPS: Final = (Step.ADD_BILLING_ORDER, Step.SUBMIT_LINE)
RESTS: Final[tuple[Rest | None, ...]] = (
    None,
    Done(),
    WaitFor(Fact.APPROVAL),
    RetryAt(START + MINUTE, "down"),
)


class GivenUp(Exception):
    """A transaction that its writer leaves on purpose."""


Write: TypeAlias = Callable[[Placements, Journal], object]
"""One write, done to the store's parts and to the plain ones; what it returns is compared."""


CONFLICT: Final = "Conflict"
"""What a refused write answers."""


def _answer(step: Write, placements: Placements, journal: Journal) -> object:
    try:
        return step(placements, journal)
    except Conflict:
        return CONFLICT


def _nameless(row: JournalRow) -> JournalRow:
    """Return *row* under no id: a store is free in giving them."""
    return attrs.evolve(row, id=RowId(0))


def _added(name: str, opportunity: OpportunityId | None, runner: Runner) -> Write:
    new = attrs.evolve(placement(name, opportunity=opportunity), runner=runner)
    return lambda placements, _: placements.add(new)


def _kept(
    name: str,
    opportunity: OpportunityId | None,
    state: PlacementState,
    placed: OrderId | None,
    by: Runner | None,
) -> Write:
    """Add it, or replace it as its runner, so that most writes succeed; or replace it as *by*."""

    def write(placements: Placements, _: Journal) -> None:
        new = attrs.evolve(placement(name, opportunity=opportunity), state=state, placed=placed)
        stored = placements.get(new.key)
        if stored is None:
            placements.add(new)
        else:
            placements.replace(new, runner=by or stored.runner)

    return write


def _released(order: OrderId) -> Write:
    return lambda placements, _: placements.release_opportunity(order)


def _refused_forgotten(at: datetime) -> Write:
    return lambda placements, _: placements.forget_refused(at, limit=100)


def _intended(of: Subject, step: Step, runner: Runner) -> Write:
    return lambda _, journal: _nameless(
        journal.intend(of, step, mark=of.key, runner=runner, at=START, settles_at=START + MINUTE)
    )


def _settled(of: Subject, place: int, outcome: Outcome) -> Write:
    def write(_: Placements, journal: Journal) -> JournalRow | None:
        rows = journal.rows(of)
        if not rows:
            return None
        return _nameless(
            journal.settle(
                rows[-1 - place % len(rows)].id, outcome=outcome, at=START, evidence={"place": str(place)}
            )
        )

    return write


def _remembered(of: Subject, rest: Rest | None, *, stale: bool) -> Write:
    def write(_: Placements, journal: Journal) -> CaseFile:
        stored = journal.case_file(of) or CaseFile(subject=of)
        return journal.keep(attrs.evolve(stored, rest=rest, version=stored.version - stale))

    return write


_maybe_opportunity = st.sampled_from((None, *OPPORTUNITIES))
_runner = st.sampled_from(RUNNERS)
_subject = st.sampled_from(SUBJECTS)
_seldom = st.sampled_from((False, False, False, True))

writes: Final[st.SearchStrategy[Write]] = st.one_of(
    st.builds(_added, st.sampled_from(NAMES), _maybe_opportunity, _runner),
    st.builds(
        _kept,
        st.sampled_from(NAMES),
        _maybe_opportunity,
        st.sampled_from(PlacementState),
        st.sampled_from((None, *ORDERS)),
        st.sampled_from((None, None, None, *RUNNERS)),
    ),
    st.builds(_released, st.sampled_from(ORDERS)),
    st.builds(_refused_forgotten, st.sampled_from((START, START + timedelta(hours=1)))),
    st.builds(_intended, _subject, st.sampled_from(STEPS), _runner),
    st.builds(_settled, _subject, st.integers(0, 3), st.sampled_from(Outcome)),
    st.builds(_remembered, _subject, st.sampled_from(RESTS), stale=_seldom),
)


class StoreMachine(RuleBasedStateMachine):
    """Transactions of a few writes each, kept or given up, on a store and on plain dictionaries."""

    store: Store

    @abc.abstractmethod
    def new_store(self, clock: ManualClock) -> Store:
        """Return an empty store on *clock*."""

    @initialize()
    def begin(self) -> None:
        """Begin with nothing on either side."""
        self.store = self.new_store(ManualClock(START))
        self.placements: dict[RequestKey, Placement] = {}
        self.kept: list[JournalRow] = []
        self.case_files: dict[Subject, CaseFile] = {}

    @rule(steps=st.lists(writes, min_size=1, max_size=4), give_up=_seldom)
    def transact(self, steps: list[Write], *, give_up: bool) -> None:
        """Do *steps* in one transaction; a conflict ends it, on both sides at the same step."""
        plain = PlainPlacements(dict(self.placements)), PlainJournal([*self.kept], dict(self.case_files))
        committed = False
        with suppress(GivenUp), self.store.transaction() as tx:
            for step in steps:
                expected = _answer(step, *plain)
                assert _answer(step, tx.requests, tx.journal) == expected
                if expected == CONFLICT:
                    raise GivenUp
            if give_up:
                raise GivenUp
            committed = True
        if committed:
            self.placements = plain[0].rows
            self.kept, self.case_files = plain[1].kept, plain[1].case_files

    @invariant()
    def both_say_the_same(self) -> None:
        """Every question has the same answer on both sides."""
        placements, journal = PlainPlacements(self.placements), PlainJournal(self.kept, self.case_files)
        with self.store.transaction() as tx:
            for key in KEYS:
                assert tx.requests.get(key) == placements.get(key)
            for order in ORDERS:
                assert tx.requests.of_order(order) == placements.of_order(order)
            for at in (START, START + timedelta(hours=1)):
                assert sorted(tx.requests.unresolved(at), key=lambda row: row.key) == [
                    *placements.unresolved(at)
                ]
            for of in SUBJECTS:
                real = [_nameless(row) for row in tx.journal.rows(of)]
                assert real == [_nameless(row) for row in journal.rows(of)]
                assert tx.journal.case_file(of) == journal.case_file(of)
                assert tx.journal.recall(of) == (tx.journal.case_file(of), tx.journal.rows(of))
            assert {kept.subject: kept for kept in tx.journal.unfinished()} == {
                kept.subject: kept for kept in journal.unfinished()
            }
            assert tx.journal.count_unfinished() == len(journal.unfinished())
            awake = tx.journal.awake(START, limit=99)
            assert {kept.subject for kept in awake} == {
                kept.subject for kept in journal.awake(START, limit=99)
            }
            for kind in {of.kind for of in SUBJECTS}:
                assert tx.journal.finished(kind, limit=9) == journal.finished(kind, limit=9)
