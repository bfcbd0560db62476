"""
Bringing a database to the schema that this version knows.

Migrations ship in the package and only go forward. They run in one transaction: of two processes that start
at once, the second one waits and finds everything done.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from ordering_adapters.storage import postgresql
from ordering_adapters.storage.patience import READING
from ordering_adapters.storage.schema import VERSION_TABLE
from ordering_adapters.storage.statements import failures
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Refused


_MIGRATIONS: Final = Path(__file__).with_name("migrations")

_ONE_AT_A_TIME: Final = Lock()
"""Migrations find their connection in a variable of the process."""


def upgrade(engine: Engine, *, to: str = "head") -> None:
    """
    Make the tables, or change older ones into those of this version, or of an earlier revision *to*.

    Raises:
        Refused: A newer version made them; nothing was changed.

        Unavailable: The database cannot be reached, or not now; nothing was changed.

    """
    config = _config()
    with _ONE_AT_A_TIME, failures(), engine.begin() as connection:
        _revision(connection, config)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(postgresql.AS_LONG_AS_IT_TAKES)
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the tables, None without any. Raises Refused when a newer version made them."""
    return _revision(connection, _config())


def is_current(engine: Engine) -> bool:
    """
    Tell whether the tables are those of this version; nothing is changed.

    Raises:
        Refused: A newer version made them.

        Unavailable: The database cannot be reached.

    """
    config = _config()
    with failures(), engine.connect().execution_options(**{READING: True}) as connection:
        return _revision(connection, config) == ScriptDirectory.from_config(config).get_current_head()


def reach(engine: Engine) -> None:
    """
    Ask the database for an answer, out of turn.

    Raises:
        Unavailable: It cannot be reached.

    """
    with failures(), engine.connect().execution_options(**{READING: True}) as connection:
        connection.exec_driver_sql("SELECT 1")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def _revision(connection: Connection, config: Config) -> str | None:
    """Return the revision of the tables, None without any. Raises Refused when a newer version made them."""
    found = MigrationContext.configure(
        connection, opts={"version_table": VERSION_TABLE}
    ).get_current_revision()
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise Refused(
            System.STORE,
            "SCHEMA_NEWER",
            f"its tables are of revision {found!r}, which this version does not know; "
            "run the version that made them, or a later one",
        )
    return found
