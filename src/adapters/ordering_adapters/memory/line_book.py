"""The mobile network's books in memory: lines, what completed them, and profiles."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import attrs

from ordering_adapters.memory.network_tables import CompletionRow, LineRow
from ordering_adapters.memory.store import MemoryTransaction
from ordering_core.application.line_book import StoredLineBook
from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.journal import Subject, SubjectKind
from ordering_core.domain.lines import Line
from ordering_core.domain.values import Iccid
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict
from ordering_core.ports.line_book import Completion, LineRows
from ordering_core.ports.profile_book import KeptProfile, ProfileBook
from ordering_core.ports.store import Store


class MemoryLineBook(StoredLineBook):
    """The book of lines in *store*, one in memory or in front of one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        super().__init__(self._rows)

    @contextmanager
    def _rows(self) -> Generator[LineRows]:
        with _opened(self._store) as transaction:
            yield _Rows(transaction)


class _Rows(LineRows):
    """The rows of one transaction."""

    def __init__(self, transaction: MemoryTransaction) -> None:
        self._transaction = transaction
        self._lines = transaction.network.lines
        self._completions = transaction.network.completions
        self._numbers = transaction.network.numbers

    def of_id(self, line: LineId, /) -> Line | None:
        row = self._lines.get(line)
        return None if row is None else row.line

    def of_mark(self, mark: OrderId, /) -> tuple[Line, ...]:
        return tuple(row.line for row in self._standing() if row.line.mark == mark)

    def of_sim(self, sim: str, /) -> tuple[Line, ...]:
        return tuple(row.line for row in self._standing() if row.sim == sim)

    def sim_of(self, line: LineId, /) -> str:
        row = self._lines.get(line)
        return "" if row is None else row.sim

    def knows(self, order: OrderId, /) -> bool:
        subject = Subject(SubjectKind.ORDER, order)
        journal, projection = self._transaction.journal, self._transaction.projection
        return journal.case_file(subject) is not None or projection.get(order) is not None

    def put(self, line: Line, /, *, sim: str = "") -> None:
        row = self._lines.get(line.id) or LineRow(number=next(self._numbers), line=line, sim="")
        self._lines.put(line.id, attrs.evolve(row, line=line, sim=sim or row.sim))

    def rename(self, line: LineId, /, *, to: LineId) -> None:
        row = self._lines.get(line)
        if row is not None:
            self._lines.remove(line)
            self._lines.put(to, attrs.evolve(row, line=attrs.evolve(row.line, id=to)))

    def order_of(self, completion: Completion, /) -> OrderId | None:
        row = self._completions.get(completion)
        return None if row is None else row.order

    def keep(self, completion: Completion, /, *, order: OrderId | None) -> None:
        row = self._completions.get(completion)
        number = row.number if row else next(self._numbers)
        self._completions.put(completion, CompletionRow(number=number, completion=completion, order=order))

    def unmatched(self, line: LineId | None = None, /) -> tuple[Completion, ...]:
        rows = sorted(self._completions.all(), key=lambda row: row.number)
        return tuple(
            row.completion
            for row in rows
            if row.order is None and (line is None or row.completion.line == line)
        )

    def trigger(self, order: OrderId, /, *, cause: str) -> None:
        self._transaction.trigger(Subject(SubjectKind.ORDER, order), cause=cause)

    def _standing(self) -> list[LineRow]:
        return sorted(self._lines.all(), key=lambda row: row.number)


class MemoryProfileBook(ProfileBook):
    """The book of profiles in *store*, one in memory or in front of one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, mark: OrderId, /) -> KeptProfile | None:
        with _opened(self._store) as transaction:
            return transaction.network.profiles.get(mark)

    def of_iccid(self, iccid: Iccid, /) -> KeptProfile | None:
        with _opened(self._store) as transaction:
            return _numbered(transaction, iccid)

    def keep(self, profile: KeptProfile, /) -> KeptProfile:
        with _opened(self._store) as transaction:
            kept = transaction.network.profiles.get(profile.mark)
            owner = profile.iccid and _numbered(transaction, profile.iccid)
            if (kept.version if kept else 0) != profile.version or (owner and owner.mark != profile.mark):
                raise Conflict(System.STORE, "another run keeps this profile")
            following = attrs.evolve(profile, version=profile.version + 1)
            transaction.network.profiles.put(profile.mark, following)
            return following


def _numbered(transaction: MemoryTransaction, iccid: Iccid) -> KeptProfile | None:
    return next((kept for kept in transaction.network.profiles.all() if kept.iccid == iccid), None)


@contextmanager
def _opened(store: Store) -> Generator[MemoryTransaction]:
    with store.transaction() as transaction:
        if not isinstance(transaction, MemoryTransaction):
            raise TypeError("this store is not in memory; its own books belong to it")
        yield transaction
