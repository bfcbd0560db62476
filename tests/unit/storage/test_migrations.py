"""Migrations make exactly the tables that the statements are written for, and never go back."""

import re
import subprocess
import sys

from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path

import pytest
import sqlalchemy as sa

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_mock_engine, insert, text

from ordering_adapters.storage import migrating, open_engine, schema, upgrade
from ordering_adapters.storage.migrate import revision_of
from ordering_adapters.storage.migrations.versions import first_schema, mobile_lines, retention, waiting
from ordering_core.errors import Refused, Unavailable
from ordering_core.testing.contracts.threads import at_once


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path}/ordering.db")
    yield engine
    engine.dispose()


def _tables(engine: Engine) -> dict[str, str]:
    """Return what the database itself has written down of every table and index."""
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
    return {row.name: _plain(row.sql) for row in rows if row.name != schema.VERSION_TABLE}


def _plain(sql: str) -> str:
    return re.sub(r"\s+", " ", sql).strip(" ;")


def test_migrations_make_the_tables_of_the_schema(engine: Engine, tmp_path: Path) -> None:
    upgrade(engine)
    made = open_engine(f"sqlite:///{tmp_path}/made.db")
    schema.metadata.create_all(made)
    assert _tables(engine) == _tables(made)
    made.dispose()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": schema.VERSION_TABLE})
        assert compare_metadata(context, schema.metadata) == []


def test_the_revision_of_the_schema_is_that_of_the_latest_migration(engine: Engine) -> None:
    migrations = ScriptDirectory(str(Path(migrating.__file__).with_name("migrations")))
    assert migrations.get_current_head() == schema.REVISION
    upgrade(engine)
    with engine.connect() as connection:
        assert revision_of(connection) == schema.REVISION


def test_a_database_that_is_current_is_opened_without_what_runs_migrations(engine: Engine) -> None:
    upgrade(engine)
    opened = (
        "import sys; from ordering_adapters.storage import is_current, open_engine, upgrade; "
        f"engine = open_engine('{engine.url}'); upgrade(engine); "
        "print(is_current(engine), 'alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", opened], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_they_make_the_same_on_postgresql() -> None:
    written = StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": written}
    )
    with Operations.context(context):
        first_schema.upgrade()
        mobile_lines.upgrade()
        retention.upgrade()
        waiting.upgrade()
    made: list[sa.ExecutableDDLElement] = []
    database = create_mock_engine("postgresql://", lambda statement, *_: made.append(statement))
    schema.metadata.create_all(database, checkfirst=False)
    expected = [_plain(str(statement.compile(dialect=database.dialect))) for statement in made]
    assert sorted(_in_the_end(map(_plain, written.getvalue().split(";\n\n")))) == sorted(["", *expected])


def _in_the_end(statements: Iterable[str]) -> list[str]:
    """Return what makes all that is there after *statements*, which add columns and drop indexes."""
    made: list[str] = []
    for statement in statements:
        if added := re.fullmatch(r"ALTER TABLE (\w+) ADD COLUMN (.+)", statement):
            (before,) = (each for each in made if each.startswith(f"CREATE TABLE {added[1]} "))
            made[made.index(before)] = before.replace(", CONSTRAINT", f", {added[2]}, CONSTRAINT", 1)
        elif dropped := re.fullmatch(r"DROP INDEX (\w+)", statement):
            (before,) = (each for each in made if each.startswith(f"CREATE INDEX {dropped[1]} "))
            made.remove(before)
        else:
            made.append(statement)
    return made


def test_everything_of_ours_begins_with_our_prefix(engine: Engine) -> None:
    upgrade(engine)
    assert {name.split("_")[0] for name in schema.metadata.tables} == {"oc"}
    assert schema.VERSION_TABLE.startswith("oc_")


def test_upgrading_twice_is_the_same_as_once(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(insert(schema.checkpoints).values(name="poll", place="1"))
    upgrade(engine)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT place FROM oc_checkpoints")).scalars().all() == ["1"]


def test_of_two_that_upgrade_at_once_both_get_through(engine: Engine, tmp_path: Path) -> None:
    other = open_engine(f"sqlite:///{tmp_path}/ordering.db")
    assert at_once(lambda: upgrade(engine), lambda: upgrade(other)) == [None, None]
    other.dispose()


def test_tables_of_a_newer_version_are_refused_and_left_alone(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE oc_schema SET version_num = '9999'"))
    with pytest.raises(Refused, match=r"revision '9999', which this version does not know; run the") as no:
        upgrade(engine)
    assert no.value.code == "SCHEMA_NEWER"
    with engine.begin() as connection:
        assert connection.execute(text("SELECT version_num FROM oc_schema")).scalars().all() == ["9999"]


def test_a_migration_that_fails_leaves_nothing_behind(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE oc_triggers (mine INTEGER)"))
    with pytest.raises(Unavailable, match="SQLITE_ERROR"):
        upgrade(engine)
    assert list(_tables(engine)) == ["oc_triggers"]


def test_a_directory_that_is_not_there_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does the directory exist"):
        upgrade(open_engine(f"sqlite:///{tmp_path}/nowhere/ordering.db"))


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "ordering.db").write_bytes(b"no database at all, though long enough to be one" * 100)
    with pytest.raises(Unavailable, match="SQLITE_NOTADB"):
        upgrade(open_engine(f"sqlite:///{tmp_path}/ordering.db"))
