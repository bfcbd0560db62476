"""The mobile network's books in memory: lines, what completed them, and profiles."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from itertools import count

import attrs

from ordering_adapters.memory.store import MemoryStore
from ordering_adapters.memory.tables import ChangeLog, Table
from ordering_core.application.line_book import StoredLineBook
from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.journal import Subject, SubjectKind
from ordering_core.domain.lines import Line
from ordering_core.domain.values import Iccid
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict
from ordering_core.ports.line_book import Completion, LineRows
from ordering_core.ports.profile_book import KeptProfile, ProfileBook
from ordering_core.ports.store import Transaction


@attrs.frozen(kw_only=True)
class _LineRow:
    number: int
    line: Line
    sim: str


@attrs.frozen(kw_only=True)
class _CompletionRow:
    number: int
    completion: Completion
    order: OrderId | None


class MemoryLineBook(StoredLineBook):
    """The book of lines, kept in the transactions of *store*."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._numbers = count(1)
        self._lines: Table[LineId, _LineRow] = Table(store.log)
        self._completions: Table[Completion, _CompletionRow] = Table(store.log)
        super().__init__(self._rows)

    @contextmanager
    def _rows(self) -> Generator[LineRows]:
        with self._store.transaction() as transaction:
            yield _Rows(transaction, self._lines, self._completions, self._numbers)


class _Rows(LineRows):
    """The rows, and the transaction they are used in."""

    def __init__(
        self,
        transaction: Transaction,
        lines: Table[LineId, _LineRow],
        completions: Table[Completion, _CompletionRow],
        numbers: count[int],
    ) -> None:
        self._transaction = transaction
        self._lines = lines
        self._completions = completions
        self._numbers = numbers

    def of_id(self, line: LineId, /) -> Line | None:
        row = self._lines.get(line)
        return None if row is None else row.line

    def of_mark(self, mark: OrderId, /) -> tuple[Line, ...]:
        return tuple(row.line for row in self._standing() if row.line.mark == mark)

    def of_sim(self, sim: str, /) -> tuple[Line, ...]:
        return tuple(row.line for row in self._standing() if row.sim == sim)

    def put(self, line: Line, /, *, sim: str = "") -> None:
        row = self._lines.get(line.id) or _LineRow(number=next(self._numbers), line=line, sim="")
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
        self._completions.put(completion, _CompletionRow(number=number, completion=completion, order=order))

    def unmatched(self, line: LineId | None = None, /) -> tuple[Completion, ...]:
        rows = sorted(self._completions.all(), key=lambda row: row.number)
        return tuple(
            row.completion
            for row in rows
            if row.order is None and (line is None or row.completion.line == line)
        )

    def trigger(self, order: OrderId, /, *, cause: str) -> None:
        self._transaction.trigger(Subject(SubjectKind.ORDER, order), cause=cause)

    def _standing(self) -> list[_LineRow]:
        return sorted(self._lines.all(), key=lambda row: row.number)


class MemoryProfileBook(ProfileBook):
    """The book of profiles, on a log of its own: no transaction of anybody else contains it."""

    def __init__(self) -> None:
        self._log = ChangeLog()
        self._profiles: Table[OrderId, KeptProfile] = Table(self._log)

    def get(self, mark: OrderId, /) -> KeptProfile | None:
        with self._log.open():
            return self._profiles.get(mark)

    def of_iccid(self, iccid: Iccid, /) -> KeptProfile | None:
        with self._log.open():
            return self._numbered(iccid)

    def keep(self, profile: KeptProfile, /) -> KeptProfile:
        with self._log.open():
            kept = self._profiles.get(profile.mark)
            owner = profile.iccid and self._numbered(profile.iccid)
            if (kept.version if kept else 0) != profile.version or (owner and owner.mark != profile.mark):
                raise Conflict(System.STORE, "another run keeps this profile")
            following = attrs.evolve(profile, version=profile.version + 1)
            self._profiles.put(profile.mark, following)
            return following

    def _numbered(self, iccid: Iccid) -> KeptProfile | None:
        return next((kept for kept in self._profiles.all() if kept.iccid == iccid), None)
