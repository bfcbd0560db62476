"""Migrations make the same tables on PostgreSQL, once, whoever begins them, and never go back."""

from collections.abc import Iterator

import pytest

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, insert, inspect, select, text

from ordering_adapters.storage import open_engine, schema, upgrade
from ordering_core.errors import Refused, Unavailable
from ordering_core.testing.contracts.threads import at_once
from tests.contract.postgres_database import Databases, opened


@pytest.fixture
def engine(postgres: Databases) -> Iterator[Engine]:
    """Yield an engine on a database without tables."""
    with opened(postgres.new()) as engine:
        yield engine


def _tables(engine: Engine) -> set[str]:
    return {*inspect(engine).get_table_names()} - {schema.VERSION_TABLE}


def test_migrations_make_the_tables_of_the_schema(engine: Engine) -> None:
    upgrade(engine)
    assert _tables(engine) == {*schema.metadata.tables}
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": schema.VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, schema.metadata) == []


def test_ids_are_sorted_by_code_point(engine: Engine) -> None:
    upgrade(engine)
    names = ["Z", "a", "z", "é", "場"]
    with engine.begin() as connection:
        for name in reversed(names):
            connection.execute(insert(schema.checkpoints).values(name=name, place=""))
        by_name = select(schema.checkpoints.c.name).order_by(schema.checkpoints.c.name)
        assert connection.execute(by_name).scalars().all() == names


def test_upgrading_twice_is_the_same_as_once(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(insert(schema.checkpoints).values(name="poll", place="1"))
    upgrade(engine)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT place FROM oc_checkpoints")).scalars().all() == ["1"]


def test_of_two_that_upgrade_at_once_both_get_through(engine: Engine) -> None:
    other = open_engine(engine.url.render_as_string(hide_password=False))
    assert at_once(lambda: upgrade(engine), lambda: upgrade(other)) == [None, None]
    other.dispose()
    assert _tables(engine) == {*schema.metadata.tables}


def test_tables_of_a_newer_version_are_refused_and_left_alone(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE oc_schema SET version_num = '9999'"))
    with pytest.raises(Refused, match=r"revision '9999', which this version does not know; run the") as no:
        upgrade(engine)
    assert no.value.code == "SCHEMA_NEWER"
    with engine.begin() as connection:
        assert connection.execute(text("SELECT version_num FROM oc_schema")).scalars().all() == ["9999"]


def test_a_migration_takes_as_long_as_it_takes_and_nothing_after_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    def migrate(config: Config, _: str) -> None:
        seen.append(config.attributes["connection"].exec_driver_sql("SHOW statement_timeout").scalar_one())

    monkeypatch.setattr(command, "upgrade", migrate)
    upgrade(engine)
    with engine.begin() as connection:
        seen.append(connection.exec_driver_sql("SHOW statement_timeout").scalar_one())
    assert seen == ["0", "10s"]


def test_a_migration_that_fails_leaves_nothing_behind(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE oc_triggers (mine INTEGER)"))
    with pytest.raises(Unavailable, match="DuplicateTable"):
        upgrade(engine)
    assert _tables(engine) == {"oc_triggers"}


def test_a_user_who_may_not_make_tables_is_told_what_is_missing(engine: Engine) -> None:
    stranger = f"stranger_{engine.url.database}"
    with engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {stranger} LOGIN"))
    try:
        with (
            opened(engine.url.set(username=stranger).render_as_string(hide_password=False)) as theirs,
            pytest.raises(Unavailable, match="has to own the schema"),
        ):
            upgrade(theirs)
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP ROLE {stranger}"))
