"""
Copying every row of one database of ours into another of the same revision, whichever kind each is.

Values are taken as they stand: what is sealed stays sealed, and no key is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import (
    Boolean,
    Connection,
    RowMapping,
    Table,
    column,
    func,
    insert,
    inspect,
    select,
    text,
    tuple_,
)
from sqlalchemy import table as lightweight
from sqlalchemy.sql.expression import ColumnClause, TableClause

from ordering_adapters.storage.schema import metadata, uploads


PAGE: Final = 500
"""Rows that are in memory at a time."""

LEFT_OUT: Final = frozenset({uploads.name})
"""Images in transit: they are short-lived, and a copy would not be."""


def copy_rows(source: Connection, target: Connection) -> int:
    """
    Copy the rows of every table that *target* has from *source*, and return how many they are.

    It is the caller's to see that *source* does not change meanwhile, and that *target* is empty.
    """
    copied = 0
    for name in tables_of(target):
        plain, keys = _plain(name, target)
        for page in _pages(source, plain, keys):
            target.execute(insert(plain), [dict(row) for row in page])
            copied += len(page)
    if target.dialect.name == "postgresql":
        _count_on(target)
    return copied


def tables_of(connection: Connection) -> list[str]:
    """Return the names of our tables that are there and that copies hold."""
    there = {*inspect(connection).get_table_names()}
    return [name for name in metadata.tables if name in there and name not in LEFT_OUT]


def rows_in(connection: Connection, name: str) -> int:
    """Return how many rows the table called *name* has."""
    return connection.execute(select(func.count()).select_from(lightweight(name))).scalar_one()


def _plain(name: str, connection: Connection) -> tuple[TableClause, Sequence[str]]:
    """Return the table called *name* without what this version makes of its values, and its key."""
    looked = inspect(connection)
    columns: list[ColumnClause[object]] = [
        # SQLite keeps flags as numbers, which PostgreSQL does not take for flags
        column(each["name"], Boolean()) if isinstance(each["type"], Boolean) else column(each["name"])
        for each in looked.get_columns(name)
    ]
    return lightweight(name, *columns), looked.get_pk_constraint(name)["constrained_columns"]


def _pages(source: Connection, plain: TableClause, keys: Sequence[str]) -> Iterator[Sequence[RowMapping]]:
    key = tuple_(*(plain.c[name] for name in keys))
    wanted = select(plain).order_by(*(plain.c[name] for name in keys)).limit(PAGE)
    page = source.execute(wanted).mappings().all()
    while page:
        yield page
        last = tuple_(*(page[-1][name] for name in keys))
        page = source.execute(wanted.where(key > last)).mappings().all()


def _count_on(target: Connection) -> None:
    """Let PostgreSQL give numbers after those that were copied."""
    for table in metadata.tables.values():
        if (numbered := _numbered(table)) is not None:
            sequence = f"pg_get_serial_sequence('{table.name}', '{numbered}')"
            last = f"(SELECT coalesce(max({numbered}), 0) FROM {table.name})"  # noqa: S608 - the schema's own names
            target.execute(text(f"SELECT setval({sequence}, {last} + 1, false)"))


def _numbered(table: Table) -> str | None:
    """Return the column of *table* that the database counts up, or None."""
    counted = table.autoincrement_column
    return None if counted is None else counted.name
