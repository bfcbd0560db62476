"""
Statements made ready for one database: their SQL, and how values go in and rows come out.

SQLAlchemy describes statements and types, and is asked once for each of them. Run by it, a statement costs
several times what the driver takes, for questions whose answers are always the same here (ADR 10).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from types import SimpleNamespace
from typing import Any, Final, TypeAlias

from sqlalchemy import Dialect, Executable
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter, ClauseElement
from sqlalchemy.sql.expression import ReturnsRows
from sqlalchemy.types import TypeEngine


Values: TypeAlias = Mapping[str, object]
"""What a statement's parameters, or the columns it writes, are to be."""

Given: TypeAlias = Mapping[str, object] | Sequence[object]
"""Parameters as the driver takes them."""

_Process: TypeAlias = Callable[[Any], Any]


class Found(SimpleNamespace):
    """A row; what its statement calls a column is an attribute of it."""


class Prepared:
    """A statement of one database, for values of the same names each time."""

    def __init__(self, sql: str, *, given: _Given, found: _Rows | None) -> None:
        self.sql: Final = sql
        self._given = given
        self._found = found

    def parameters(self, values: Values) -> Given:
        """Return *values* as the driver takes them. KeyError when one is missing."""
        return self._given(values)

    def rows(self, cursor: DBAPICursor) -> Sequence[Found]:
        """Return every row that *cursor* has."""
        return () if self._found is None else self._found(cursor.fetchall())


class Book:
    """The prepared statements of a database; each is made when it is first run."""

    def __init__(self, dialect: Dialect) -> None:
        """Prepare statements for *dialect*."""
        self._dialect = dialect
        self._known: dict[object, Prepared | None] = {}

    def prepared(self, statement: Executable, values: Values) -> Prepared | None:
        """Return *statement* for values like these, or None when its SQL depends on them."""
        key = (statement, *values)
        try:
            return self._known[key]
        except KeyError:
            made = self._known[key] = _prepare(statement, values, self._dialect)
            return made


class _Given:
    """Turns values into what the driver takes: a mapping, or where parameters have no names a sequence."""

    def __init__(
        self,
        always: Values,
        processed: Iterable[tuple[str, _Process]],
        order: Sequence[str] | None,
    ) -> None:
        self._always = always
        self._processed = tuple(processed)
        self._order = order
        self._pick = itemgetter(*order) if order and len(order) > 1 else None

    def __call__(self, values: Values) -> Given:
        taken = {**self._always, **values}
        for name, process in self._processed:
            taken[name] = process(taken[name])
        if self._order is None:
            return taken
        return self._pick(taken) if self._pick is not None else tuple(taken[name] for name in self._order)


class _Rows:
    """Turns rows of the driver into rows whose columns have names."""

    def __init__(self, names: Sequence[str], processed: Iterable[tuple[str, _Process]]) -> None:
        self._names = tuple(names)
        self._processed = tuple(processed)

    def __call__(self, rows: Sequence[Sequence[Any]]) -> Sequence[Found]:
        return [Found(**self._read(row)) for row in rows]

    def _read(self, row: Sequence[Any]) -> dict[str, Any]:
        read = dict(zip(self._names, row, strict=True))
        for name, process in self._processed:
            read[name] = process(read[name])
        return read


def _prepare(statement: Executable, values: Values, dialect: Dialect) -> Prepared | None:
    if not isinstance(statement, ClauseElement):
        raise TypeError("it is no statement")
    compiled = statement.compile(dialect=dialect, column_keys=[*values])
    if not isinstance(compiled, SQLCompiler):
        raise TypeError("it is no statement about rows")
    if compiled.post_compile_params or compiled.literal_execute_params or compiled.insert_prefetch:
        return None
    bound = {name: compiled.binds[name] for name in compiled.bind_names.values()}
    ways = {name: way for name, each in bound.items() if (way := _way_in(each, dialect)) is not None}
    always = {
        name: ways.pop(name, _as_it_is)(each.effective_value)
        for name, each in bound.items()
        if name not in values and not each.required
    }
    return Prepared(
        str(compiled),
        given=_Given(always, ways.items(), compiled.positiontup),
        found=_columns(statement, dialect),
    )


def _as_it_is(value: object) -> object:
    return value


def _way_in(parameter: BindParameter[Any], dialect: Dialect) -> _Process | None:
    return parameter.type.dialect_impl(dialect).bind_processor(dialect)


def _columns(statement: Executable, dialect: Dialect) -> _Rows | None:
    columns = statement.exported_columns if isinstance(statement, ReturnsRows) else ()
    types = {str(column.key): column.type for column in columns}
    ways = ((name, _way_out(type_, dialect)) for name, type_ in types.items())
    return _Rows([*types], ((name, way) for name, way in ways if way is not None)) if types else None


def _way_out(type_: TypeEngine[Any], dialect: Dialect) -> _Process | None:
    return type_.dialect_impl(dialect).result_processor(dialect, None)
