"""The mobile network's books in the database: lines, what completed them, and profiles."""

from __future__ import annotations

import hashlib

from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from typing import Final

import attrs

from sqlalchemy import Executable, bindparam, select, update

from ordering_adapters.storage import schema
from ordering_adapters.storage.converter import dump, load
from ordering_adapters.storage.statements import Statements, upsert
from ordering_adapters.storage.transaction import SqlTransaction
from ordering_core.application.line_book import StoredLineBook
from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.journal import Subject, SubjectKind
from ordering_core.domain.lines import Line
from ordering_core.domain.values import Iccid
from ordering_core.ports.line_book import Completion, LineRows
from ordering_core.ports.profile_book import KeptProfile, ProfileBook
from ordering_core.ports.store import Store


_L = schema.lines.c
_C = schema.completions.c
_P = schema.profiles.c

_LINE: Final = select(_L.payload).where(_L.id == bindparam("line"))
_OF_MARK: Final = select(_L.payload).where(_L.mark == bindparam("order")).order_by(_L.number)
_OF_SIM: Final = select(_L.payload).where(_L.sim == bindparam("of_sim")).order_by(_L.number)
_SIM_OF: Final = select(_L.sim).where(_L.id == bindparam("line"))
_RENAME: Final = update(schema.lines).where(_L.id == bindparam("line"))
_ORDER_OF: Final = select(_C.order_id).where(_C.key == bindparam("completion"))
_UNMATCHED: Final = select(_C.payload).where(_C.order_id.is_(None)).order_by(_C.number)
_UNMATCHED_LINE: Final = _UNMATCHED.where(_C.line == bindparam("of_line"))
_PROFILE: Final = select(_P.payload).where(_P.mark == bindparam("order"))
_OF_ICCID: Final = select(_P.payload).where(_P.iccid == bindparam("number"))
_ADD_PROFILE: Final = schema.profiles.insert()
_REPLACE_PROFILE: Final = update(schema.profiles).where(
    _P.mark == bindparam("order"), _P.version == bindparam("before")
)


@cache
def _put(dialect: str, *, sim: bool) -> Executable:
    new = upsert(schema.lines, dialect)
    changed = {"mark": new.excluded.mark, "payload": new.excluded.payload}
    return new.on_conflict_do_update(
        index_elements=[_L.id], set_={**changed, "sim": new.excluded.sim} if sim else changed
    )


@cache
def _keep(dialect: str) -> Executable:
    new = upsert(schema.completions, dialect)
    return new.on_conflict_do_update(index_elements=[_C.key], set_={"order_id": new.excluded.order_id})


class SqlLineRows(LineRows):
    """The rows of one transaction."""

    def __init__(self, transaction: SqlTransaction) -> None:
        self._transaction = transaction
        self._run: Statements = transaction.statements

    def of_id(self, line: LineId, /) -> Line | None:
        row = self._run.row(_LINE, {"line": line})
        return None if row is None else load(Line, row.payload)

    def of_mark(self, mark: OrderId, /) -> tuple[Line, ...]:
        return tuple(load(Line, row.payload) for row in self._run.rows(_OF_MARK, {"order": mark}))

    def of_sim(self, sim: str, /) -> tuple[Line, ...]:
        return tuple(load(Line, row.payload) for row in self._run.rows(_OF_SIM, {"of_sim": sim}))

    def sim_of(self, line: LineId, /) -> str:
        row = self._run.row(_SIM_OF, {"line": line})
        return "" if row is None else str(row.sim)

    def knows(self, order: OrderId, /) -> bool:
        subject = Subject(SubjectKind.ORDER, order)
        journal, projection = self._transaction.journal, self._transaction.projection
        return journal.case_file(subject) is not None or projection.get(order) is not None

    def put(self, line: Line, /, *, sim: str = "") -> None:
        row = {"id": line.id, "mark": line.mark, "sim": sim, "payload": dump(line)}
        self._run.write(_put(self._run.dialect, sim=bool(sim)), row)

    def rename(self, line: LineId, /, *, to: LineId) -> None:
        known = self.of_id(line)
        if known is not None:
            renamed = attrs.evolve(known, id=to)
            self._run.write(_RENAME, {"line": line, "id": to, "payload": dump(renamed)})

    def order_of(self, completion: Completion, /) -> OrderId | None:
        row = self._run.row(_ORDER_OF, {"completion": _key(completion)})
        return None if row is None or row.order_id is None else OrderId(row.order_id)

    def keep(self, completion: Completion, /, *, order: OrderId | None) -> None:
        row = {
            "key": _key(completion),
            "order_id": order,
            "line": completion.line,
            "payload": dump(completion),
        }
        self._run.write(_keep(self._run.dialect), row)

    def unmatched(self, line: LineId | None = None, /) -> tuple[Completion, ...]:
        asked = (
            self._run.rows(_UNMATCHED) if line is None else self._run.rows(_UNMATCHED_LINE, {"of_line": line})
        )
        return tuple(load(Completion, row.payload) for row in asked)

    def trigger(self, order: OrderId, /, *, cause: str) -> None:
        self._transaction.trigger(Subject(SubjectKind.ORDER, order), cause=cause)


class SqlLineBook(StoredLineBook):
    """The book of lines in *store*, one in a database or in front of one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        super().__init__(self._rows)

    @contextmanager
    def _rows(self) -> Generator[SqlLineRows]:
        with _opened(self._store) as transaction:
            yield SqlLineRows(transaction)


class SqlProfileBook(ProfileBook):
    """The book of profiles in *store*, one in a database or in front of one."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, mark: OrderId, /) -> KeptProfile | None:
        with _opened(self._store) as transaction:
            row = transaction.statements.row(_PROFILE, {"order": mark})
        return None if row is None else load(KeptProfile, row.payload)

    def of_iccid(self, iccid: Iccid, /) -> KeptProfile | None:
        with _opened(self._store) as transaction:
            row = transaction.statements.row(_OF_ICCID, {"number": _digest(iccid.value)})
        return None if row is None else load(KeptProfile, row.payload)

    def keep(self, profile: KeptProfile, /) -> KeptProfile:
        kept = attrs.evolve(profile, version=profile.version + 1)
        row = {
            "iccid": kept.iccid and _digest(kept.iccid.value),
            "version": kept.version,
            "payload": dump(kept),
        }
        with _opened(self._store) as transaction:
            run, taken = transaction.statements, "another run keeps this profile"
            if profile.version == 0:
                run.write(_ADD_PROFILE, {"mark": kept.mark, **row}, conflict=taken)
            else:
                run.write_one(
                    _REPLACE_PROFILE, {"order": kept.mark, "before": profile.version, **row}, conflict=taken
                )
        return kept


@contextmanager
def _opened(store: Store) -> Generator[SqlTransaction]:
    with store.transaction() as transaction:
        if not isinstance(transaction, SqlTransaction):
            raise TypeError("this store is in no database; its own books belong to it")
        yield transaction


def _key(completion: Completion) -> str:
    return _digest(dump(completion))


def _digest(text: str) -> str:
    """Return what *text* is found again by: the column is not sealed."""
    return hashlib.sha256(text.encode()).hexdigest()
