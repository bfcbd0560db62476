"""What unfinished orders rest on, as the doctor counts it: in pages, however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import attrs

from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.journal import CaseFile, Held, RetryAt, WaitFor, WaitUntil
from ordering_core.domain.policy import Policy
from ordering_core.domain.runbooks import RUNBOOKS
from ordering_core.ports.store import Store


READ_AT_ONCE: Final = 500
"""How many case files are read in one transaction, which others wait for."""


@attrs.frozen(kw_only=True)
class Rests:
    """By their ids: what should have gone on, holds that nobody ended, and what is urgent, with its hold."""

    overdue: tuple[str, ...]
    forgotten: tuple[str, ...]
    urgent: tuple[tuple[str, HoldCode], ...]


def rests_found(store: Store, *, due_before: datetime, policy: Policy, at: datetime) -> Rests:
    """Return what is wrong with rests *at* now: those due before *due_before*, and holds."""
    overdue, forgotten, urgent = list[str](), list[str](), list[tuple[str, HoldCode]]()
    with store.at_once() as tx:
        waiting = tx.due_since(at)
    for kept in _awake(store, at):
        match kept.rest:
            case None if kept.subject not in waiting and _is_quiet(store, kept, due_before):
                overdue.append(kept.subject.key)
            case RetryAt(at=due) | WaitUntil(at=due) | WaitFor(at=due) if (
                due is not None and due <= due_before
            ):
                overdue.append(kept.subject.key)
            case Held(code=code, since=since):
                if since <= at - policy.holds_self_clear:
                    forgotten.append(kept.subject.key)
                if RUNBOOKS[code].urgent:
                    urgent.append((kept.subject.key, code))
            case _:
                pass
    return Rests(overdue=tuple(overdue), forgotten=tuple(forgotten), urgent=tuple(urgent))


def _is_quiet(store: Store, kept: CaseFile, since: datetime) -> bool:
    """Whether nothing has happened to an order since *since* that no run has come to a rest with."""
    with store.at_once() as tx:
        last = tx.events.last(OrderId(kept.subject.key))
    return last is not None and last.at <= since


def _awake(store: Store, at: datetime) -> Iterator[CaseFile]:
    """Yield what does not merely wait, a page in a transaction of its own."""
    page = _page(store, at, None)
    while page:
        yield from page
        page = _page(store, at, page[-1]) if len(page) == READ_AT_ONCE else ()


def _page(store: Store, at: datetime, last: CaseFile | None) -> tuple[CaseFile, ...]:
    after = last.subject if last else None
    with store.transaction() as tx:
        return tx.journal.awake(at, after=after, limit=READ_AT_ONCE)
