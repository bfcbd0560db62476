"""
What is left to do and who has to do it, in figures: for metrics (DESIGN 6, Operate).

Counting asks our own store and nobody else: one transaction with a few questions, and one of the queue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable

import attrs

from ordering_core.application.ordering import Ordering
from ordering_core.application.own_orders import reconciled_at
from ordering_core.application.pausing import Pause, in_force
from ordering_core.domain.journal import CaseFile, Held
from ordering_core.ports.work_queue import WorkQueue


@runtime_checkable
class Counting(Protocol):
    """A queue that knows how much of it is due."""

    def due(self, at: datetime) -> tuple[int, datetime | None]:
        """Return how many triggers are due at *at*, and since when the first of them is."""
        ...


@attrs.frozen(kw_only=True)
class Backlog:
    """
    What was left at one moment.

    *holds* are counted by code and owner, *findings* by code and whether they are urgent. *due* is how many
    triggers are due, None where nobody counts them, and *oldest* since when the first is. *placing* counts
    submits whose outcome is overdue. *polled* is how far the poll of changed orders has come.
    """

    holds: Mapping[tuple[str, str], int]
    findings: Mapping[tuple[str, bool], int]
    unfinished: int
    placing: int
    due: int | None
    oldest: datetime | None
    polled: datetime | None
    paused: frozenset[Pause]
    at: datetime


def count_backlog(ordering: Ordering, queue: WorkQueue) -> Backlog:
    """
    Count what is left now.

    Raises:
        Unavailable: The store cannot be asked.

    """
    at = ordering.clock.now()
    with ordering.store.transaction() as tx:
        unfinished = tx.journal.unfinished()
        findings = Counter((found.code.value, found.urgent) for found in tx.findings.all_open())
        placing = len(tx.requests.unresolved(at))
        polled = reconciled_at(tx)
        paused = frozenset(in_force(tx, ordering.policy))
    due, oldest = _due(queue, at)
    return Backlog(
        holds=Counter(hold for kept in unfinished for hold in _hold(kept)),
        findings=findings,
        unfinished=len(unfinished),
        placing=placing,
        due=due,
        oldest=oldest,
        polled=polled,
        paused=paused,
        at=at,
    )


def _due(queue: WorkQueue, at: datetime) -> tuple[int | None, datetime | None]:
    if isinstance(queue, Counting):
        return queue.due(at)
    first = queue.next_due()
    return None, first if first is not None and first <= at else None


def _hold(kept: CaseFile) -> tuple[tuple[str, str], ...]:
    return ((kept.rest.code.value, kept.rest.owner.value),) if isinstance(kept.rest, Held) else ()
