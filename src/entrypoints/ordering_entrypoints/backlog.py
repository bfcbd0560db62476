"""
What is left to do and who has to do it, in figures: for metrics (DESIGN 6, Operate).

Counting asks our own store and nobody else, and takes nobody's turn: a few questions, one of the queue, and
one for each page of orders that are held or at work. Those that only wait are counted without being read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, Protocol, runtime_checkable

import attrs

from ordering_core.application.ordering import Ordering
from ordering_core.application.own_orders import polling_since, reconciled_at
from ordering_core.application.pausing import Pause, in_force
from ordering_core.domain.journal import Held, Subject
from ordering_core.ports.store import Store
from ordering_core.ports.work_queue import WorkQueue


COUNTED_AT_ONCE: Final = 500
"""How many case files are read in one go, for which others wait."""


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
    submits whose outcome is overdue. *polled* is since when no poll of changed orders has read everything,
    None before the first was tried.
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
    store = ordering.store
    with store.at_once() as tx:
        unfinished = tx.journal.count_unfinished()
    with store.at_once() as tx:
        findings = Counter((found.code.value, found.urgent) for found in tx.findings.all_open())
    with store.at_once() as tx:
        placing = len(tx.requests.unresolved(at))
    with store.at_once() as tx:
        polled = reconciled_at(tx)
    if polled is None:
        with store.at_once() as tx:
            polled = polling_since(tx)
    with store.at_once() as tx:
        paused = frozenset(in_force(tx, ordering.policy))
    due, oldest = _due(queue, at)
    return Backlog(
        holds=Counter(_holds(store, at)),
        findings=findings,
        unfinished=unfinished,
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


def _holds(store: Store, at: datetime) -> Iterator[tuple[str, str]]:
    """Yield code and owner of every hold; orders that wait for something else are not read."""
    after: Subject | None = None
    while True:
        with store.at_once() as tx:
            page = tx.journal.awake(at, after=after, limit=COUNTED_AT_ONCE)
        for kept in page:
            if isinstance(kept.rest, Held):
                yield kept.rest.code.value, kept.rest.owner.value
        if len(page) < COUNTED_AT_ONCE:
            return
        after = page[-1].subject
