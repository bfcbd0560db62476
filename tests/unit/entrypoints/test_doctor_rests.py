"""What the doctor counts of unfinished orders: the same in pages as all at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_adapters.memory import MemoryStore
from ordering_core import Fact, HoldCode, Policy
from ordering_core.application.record import order_subject
from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.journal import CaseFile, Done, Held, Rest, RetryAt, WaitFor, WaitUntil
from ordering_core.domain.runbooks import RUNBOOKS
from ordering_core.testing.clocks import ManualClock
from ordering_entrypoints import doctor_rests
from ordering_entrypoints.doctor_rests import READ_AT_ONCE, Rests, rests_found


NOW = datetime(2026, 6, 3, 3, tzinfo=UTC)
POLICY = Policy()
LATE = NOW - timedelta(minutes=5)

instants = st.sampled_from(
    [LATE - timedelta(seconds=1), LATE, LATE + timedelta(seconds=1), NOW, NOW + timedelta(days=1)]
)
begins = st.sampled_from(
    [NOW, NOW - POLICY.holds_self_clear, NOW - POLICY.holds_self_clear + timedelta(seconds=1)]
)
rests = (
    st.builds(RetryAt, instants, st.just("down"))
    | st.builds(WaitUntil, instants)
    | st.builds(WaitFor, st.sampled_from(Fact), st.none() | instants)
    | st.builds(
        Held,
        code=st.sampled_from(HoldCode),
        message=st.just("held"),
        since=begins,
        reported=st.booleans(),
    )
    | st.just(Done())
    | st.none()
)


def kept(found: Sequence[Rest | None]) -> MemoryStore:
    store = MemoryStore(ManualClock(NOW))
    with store.transaction() as tx:
        for number, rest in enumerate(found):
            tx.journal.keep(CaseFile(subject=order_subject(OrderId(f"801-{number:04}")), rest=rest))
    return store


def looked(store: MemoryStore) -> Rests:
    return rests_found(store, due_before=LATE, policy=POLICY, at=NOW)


@given(st.lists(rests, max_size=12), st.integers(1, 5))
def test_every_rest_is_judged_whatever_page_it_is_on(found: list[Rest | None], page: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doctor_rests, "READ_AT_ONCE", page)
        judged = looked(kept(found))
    names = [(f"801-{number:04}", rest) for number, rest in enumerate(found)]
    assert sorted(judged.overdue) == [
        name
        for name, rest in names
        if isinstance(rest, RetryAt | WaitUntil | WaitFor) and rest.at is not None and rest.at <= LATE
    ]
    holds = [(name, rest) for name, rest in names if isinstance(rest, Held)]
    assert sorted(judged.forgotten) == [
        name for name, hold in holds if hold.since <= NOW - POLICY.holds_self_clear
    ]
    assert sorted(judged.urgent) == [(name, hold.code) for name, hold in holds if RUNBOOKS[hold.code].urgent]


def test_never_more_is_read_at_once_than_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(code=HoldCode.DUPLICATE_EFFECT, message="twice", since=NOW, reported=True)
    store = kept([held] * (2 * READ_AT_ONCE))
    pages = list[int]()
    with store.transaction() as tx:
        journal = type(tx.journal)
    awake = journal.awake

    def counted(*asked: object, **how: object) -> tuple[CaseFile, ...]:
        page = awake(*asked, **how)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - handed on as it came
        pages.append(len(page))
        return page

    monkeypatch.setattr(journal, "awake", counted)
    assert len(looked(store).urgent) == 2 * READ_AT_ONCE
    assert pages == [READ_AT_ONCE, READ_AT_ONCE, 0]
