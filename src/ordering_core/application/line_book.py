"""
Keeps the book of submitted lines: which line a completion is about, and what is known of it afterwards.

A completion may come before the answer to the request it completes, may come twice, and may name the request
in three ways (reference japan-telecom 3.4). What it settles goes on at once: its order is triggered in the
transaction that keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import attrs

from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.lines import Line, LineState
from ordering_core.ports.line_book import Completion, LineBook, LineRows


class StoredLineBook(LineBook):
    """A book in whatever store *transaction* opens; what goes wrong there is raised as the store does."""

    def __init__(self, transaction: Callable[[], AbstractContextManager[LineRows]]) -> None:
        """Open *transaction* for every question and every entry."""
        self._transaction = transaction

    def learn(self, line: Line, /, *, sim: str = "") -> None:
        """Keep what the network says of a line, and whatever completed it before."""
        with self._transaction() as rows:
            _adopt(rows, line)
            rows.put(learnt(rows.of_id(line.id), line), sim=sim)
            for early in rows.unmatched(line.id):
                _settle(rows, early)

    def line(self, line: LineId, /) -> Line | None:
        """Return the line, or None."""
        with self._transaction() as rows:
            return rows.of_id(line)

    def lines(self, mark: OrderId, /) -> tuple[Line, ...]:
        """Return the lines of an order, oldest first."""
        with self._transaction() as rows:
            return rows.of_mark(mark)

    def complete(self, completion: Completion, /) -> OrderId | None:
        """Keep a completion and return the order that goes on, or None."""
        with self._transaction() as rows:
            kept = rows.order_of(completion)
            repeats = kept is not None and not _may_mean_another(rows, completion, kept)
            return kept if repeats else _settle(rows, completion)

    def unmatched(self) -> tuple[Completion, ...]:
        """Return the completions that fit no order yet, oldest first."""
        with self._transaction() as rows:
            return rows.unmatched()


def own_name(mark: OrderId, place: int = 1) -> LineId:
    """Return what an order's line is called where the network has no number for it; *place* counts from 1."""
    return LineId(mark if place == 1 else f"{mark}-{place}")


def learnt(known: Line | None, said: Line) -> Line:
    """Return what is known of a line after the network *said* something of it."""
    if known is None:
        return said
    if said.state is LineState.SUBMITTED and known.state is not LineState.SUBMITTED:
        return attrs.evolve(known, number=known.number or said.number)
    return attrs.evolve(said, number=said.number or known.number)


def completed(completion: Completion, candidates: Sequence[Line]) -> Line | None:
    """
    Return the line that *completion* is about, as it stands then; None when that cannot be told.

    *candidates* are the lines of what it names. An order that is named without a line was submitted by a
    request whose answer was lost: the completion is the first that is known of its line.
    """
    line = _meant(completion, candidates)
    if line is None or line.state is not LineState.SUBMITTED:
        return line and attrs.evolve(line, number=line.number or completion.number)
    number = None if completion.failure else completion.number or line.number
    return attrs.evolve(line, state=completion.state, number=number, failure=completion.failure)


def _meant(completion: Completion, candidates: Sequence[Line]) -> Line | None:
    for line in candidates:
        if line.id == completion.line:
            return line
    submitted = [line for line in candidates if line.state is LineState.SUBMITTED]
    if len(submitted) == 1 and (not completion.line or _named_by_us(submitted[0])):
        return submitted[0]
    if len(candidates) == 1 and _named_by_us(candidates[0]):
        return candidates[0]
    if completion.mark and (completion.line or not candidates):
        return Line(
            id=completion.line or own_name(completion.mark), mark=completion.mark, state=LineState.SUBMITTED
        )
    return candidates[0] if len(candidates) == 1 and completion.mark else None


def _named_by_us(line: Line) -> bool:
    return line.id.startswith(line.mark)


def _adopt(rows: LineRows, line: Line) -> None:
    """Give the line that was known by its order alone the number that the network says now."""
    by_order = own_name(line.mark)
    if not _named_by_us(line) and rows.of_id(line.id) is None and rows.of_id(by_order) is not None:
        rows.rename(by_order, to=line.id)


def _settle(rows: LineRows, completion: Completion) -> OrderId | None:
    known = rows.of_id(completion.line) if completion.line else None
    candidates = (known,) if known else _candidates(rows, completion)
    line = completed(completion, candidates)
    order = line.mark if line else completion.mark or None
    if order is not None and not _goes_together(rows, completion, line, order):
        # What it names belongs to two, or to nobody here: somebody has to look.
        line, order = None, None
    rows.keep(completion, order=order)
    if line is not None:
        rows.put(line)
    if order is not None:
        rows.trigger(order, cause=f"line {line.id} {line.state}" if line else "lines completed")
    return order


def _goes_together(rows: LineRows, completion: Completion, line: Line | None, order: OrderId) -> bool:
    """Whether *order* may be the one that *completion* is about, and *line* the line."""
    lines = rows.of_mark(order)
    if completion.mark not in {"", order} or not (lines or rows.knows(order)):
        return False
    own = {rows.sim_of(line.id)} - {""} if line else set[str]()
    sims = own or {rows.sim_of(each.id) for each in lines} - {""}
    if completion.sim and sims and completion.sim not in sims:
        return False
    return not _may_mean_another(rows, completion, order)


def _may_mean_another(rows: LineRows, completion: Completion, order: OrderId) -> bool:
    """
    Whether *completion* says what was said of a settled line of *order*, while another one is not settled.

    Without a moment and a number of the request nobody can tell whether it is that word again.
    """
    if completion.when or completion.line:
        return False
    lines = (
        [line for line in rows.of_mark(order) if rows.sim_of(line.id) in {"", completion.sim}]
        if (completion.sim)
        else rows.of_mark(order)
    )
    told = {(line.state, line.failure) for line in lines}
    return {LineState.SUBMITTED} < {state for state, _ in told} and (
        completion.state,
        completion.failure,
    ) in told


def _candidates(rows: LineRows, completion: Completion) -> tuple[Line, ...]:
    if completion.mark:
        return rows.of_mark(completion.mark)
    standing = rows.of_sim(completion.sim) if completion.sim else ()
    return tuple(line for line in standing if line.state is LineState.SUBMITTED)
