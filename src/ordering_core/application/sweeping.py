"""
The sweep: whoever is neither finished nor rightly resting is triggered (DESIGN 6).

It bounds how long anything stands still after dead or hanging workers, lost events and restores. Whom it
triggers needlessly loses nothing by it: the journal lets one run act at a time.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Final, assert_never

from ordering_core.application.broken_runs import broken, close_mended, subject_of
from ordering_core.application.pausing import Pause, in_force, is_resumed
from ordering_core.domain.journal import (
    CaseFile,
    Done,
    Held,
    RetryAt,
    Subject,
    SubjectKind,
    WaitFor,
    WaitUntil,
)
from ordering_core.domain.policy import Policy
from ordering_core.domain.runbooks import RUNBOOKS
from ordering_core.ports.store import Store, Transaction
from ordering_core.ports.work_queue import SWEPT


SWEPT_AT_ONCE: Final = 500
"""How many case files the sweep looks at in one transaction, which others wait for."""

STANDS_IN_AFTER: Final = timedelta(seconds=30)
"""How long a trigger may be due without being served before another is put beside it: from sweep to sweep."""


def sweep(*, store: Store, policy: Policy, at: datetime) -> int:
    """
    Trigger everything that is neither finished nor rightly resting, and return how much that was.

    Sweeping every few seconds triggers nothing more than once a minute, and nobody who has a trigger already.
    A trigger that nobody serves, because who took it hangs or died, is given another to stand in for it; each
    time that is in vain it takes twice as long, so that a mere queue gathers few. Orders are looked at in
    pages, each in a transaction of its own; those that wait for a date or for somebody's move are passed
    over. Checkouts that expired long ago are forgotten: for a while their owner reads why they are gone.
    """
    with store.transaction() as tx:
        paused = in_force(tx, policy)
        waiting = tx.due_since(at)
        standing_in = _stand_ins(waiting, at=at)
        _trigger(tx, standing_in)
        found = broken(tx)
        close_mended(tx, found, unserved=waiting, at=at)
        breaking = {subject_of(each) for each in found}
        # Its call has ended by then, one way or the other: looking early finds an order, and places none.
        in_doubt = tx.requests.unresolved(at + policy.settle)
        placing = [Subject(SubjectKind.ORDER, placement.key) for placement in in_doubt]
        _trigger(tx, _anew(dict.fromkeys(placing, _minute(at)), waiting, breaking, at=at))
        for session in tx.sessions.expired(at - policy.keep_checkouts):
            tx.sessions.remove(session)
        page = tx.journal.awake(at, limit=SWEPT_AT_ONCE)
    swept = len({*placing, *standing_in})
    while page:
        due = _due(page, paused, policy=policy, at=at)
        swept += len(due.keys() - standing_in.keys())
        is_last = len(page) < SWEPT_AT_ONCE
        if is_last and not due:
            break
        with store.transaction() as tx:
            _trigger(tx, _anew(due, waiting, breaking, at=at))
            page = () if is_last else tx.journal.awake(at, after=page[-1].subject, limit=SWEPT_AT_ONCE)
    return swept


def _stand_ins(waiting: Mapping[Subject, datetime], *, at: datetime) -> Mapping[Subject, str]:
    """Return for whom of *waiting* a trigger is to stand in now: once each time its age has doubled."""
    return {
        subject: f"{since.isoformat()}:{((at - since) // STANDS_IN_AFTER).bit_length()}"
        for subject, since in waiting.items()
        if at - since >= STANDS_IN_AFTER
    }


def _anew(
    due: Mapping[Subject, str],
    waiting: Container[Subject],
    breaking: Container[Subject],
    *,
    at: datetime,
) -> Mapping[Subject, str]:
    """Return who of *due* has no trigger; one whose runs break off and that has a later one, once an hour."""
    return {
        subject: f"{at:%Y-%m-%dT%H}" if subject in breaking else window
        for subject, window in due.items()
        if subject not in waiting
    }


def _due(
    page: Iterable[CaseFile], paused: AbstractSet[Pause], *, policy: Policy, at: datetime
) -> Mapping[Subject, str]:
    """Return who of *page* is to run, and for which window of time; once within each."""
    due: dict[Subject, str] = {}
    for kept in page:
        if is_overdue(kept, at=at) or is_resumed(kept.rest, paused):
            due[kept.subject] = _minute(at)
        elif turn := forgotten_turns(kept, at=at, policy=policy):
            due[kept.subject] = f"turn-{turn}"
    return due


def _trigger(tx: Transaction, due: Mapping[Subject, str]) -> None:
    for subject, window in due.items():
        tx.trigger(subject, cause=f"{SWEPT}{subject.kind}:{subject.key}:{window}")


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M}"


def is_overdue(kept: CaseFile, *, at: datetime) -> bool:
    """Whether somebody should have run the subject of *kept* by now, going by what its last run left."""
    match kept.rest:
        case None:
            return True
        case Done():
            return False
        case RetryAt(at=due) | WaitUntil(at=due):
            return due <= at
        case WaitFor(at=due):
            return due is not None and due <= at
        case Held() as held:
            return kept.retry_requested or not held.reported
        case _:
            assert_never(kept.rest)


def forgotten_turns(kept: CaseFile, *, at: datetime, policy: Policy) -> int:
    """
    Return how often a hold that clears by itself could have asked for its fact in vain, 0 for any other rest.

    It asks on its own, or is told; this catches the word that was lost, at half the pace.
    """
    held = kept.rest
    if not isinstance(held, Held) or not RUNBOOKS[held.code].clears_itself:
        return 0
    return (at - held.since) // (2 * policy.holds_ask_again)
