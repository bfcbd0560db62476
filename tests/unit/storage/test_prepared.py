"""Statements that are run without SQLAlchemy: the same SQL, the same values in, the same rows out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sqlalchemy import Engine, bindparam, func, insert, select, update

from ordering_adapters.storage import open_engine, schema
from ordering_adapters.storage.prepared import Book
from ordering_core.testing.contracts.samples import START
from tests.contract.sql_database import new_database


T = schema.sessions.c
ROW = {"id": "one", "version": 3, "expires_at": START, "submitted": True, "payload": "{}"}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = new_database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def book(engine: Engine) -> Book:
    return Book(engine.dialect)


def test_values_go_in_and_come_out_as_their_types_say(engine: Engine, book: Book) -> None:
    write = book.prepared(insert(schema.sessions), ROW)
    read = book.prepared(select(schema.sessions, func.max(T.expires_at).label("latest")), {})
    assert write is not None
    assert read is not None
    cursor = engine.raw_connection().cursor()
    cursor.execute(write.sql, write.parameters(ROW))
    assert write.rows(cursor) == ()
    cursor.execute(read.sql, read.parameters({}))
    (row,) = read.rows(cursor)
    assert vars(row) == {**ROW, "latest": START}
    assert type(row.submitted) is bool
    cursor.execute("SELECT typeof(expires_at), typeof(submitted) FROM oc_sessions")
    assert cursor.fetchall() == [("integer", "integer")]


def test_a_value_that_the_statement_has_is_its_own_and_one_that_is_missing_is_missed(book: Book) -> None:
    overdue = select(T.id).where(T.expires_at <= datetime(2026, 6, 1, tzinfo=UTC), T.id == bindparam("of"))
    prepared = book.prepared(overdue, {"of": "one"})
    assert prepared is not None
    assert prepared.parameters({"of": "one"}) == (1780272000_000000, "one")
    with pytest.raises(KeyError):
        prepared.parameters({})


def test_a_statement_is_prepared_once_for_values_of_the_same_names(book: Book) -> None:
    change = update(schema.sessions).where(T.id == bindparam("of"))
    one = book.prepared(change, {"of": "one", "version": 1})
    both = book.prepared(change, {"of": "one", "version": 1, "payload": "{}"})
    assert one is book.prepared(change, {"of": "two", "version": 2})
    assert one is not None
    assert both is not None
    assert ("payload" in one.sql, "payload" in both.sql) == (False, True)


def test_what_depends_on_its_values_is_not_prepared(book: Book) -> None:
    some = select(T.id).where(T.id.in_(bindparam("ids", expanding=True)))
    assert book.prepared(some, {"ids": ["one"]}) is None


def test_a_database_without_names_for_parameters_gets_them_in_order(book: Book) -> None:
    named = Book(open_engine("postgresql://app@/orders").dialect)
    statement, values = select(T.payload).where(T.id == bindparam("of")), {"of": "one"}
    for each, expected in ((book, ("one",)), (named, {"of": "one"})):
        prepared = each.prepared(statement, values)
        assert prepared is not None
        assert prepared.parameters(values) == expected
