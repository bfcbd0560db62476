"""
Bringing a database to the schema that this version knows.

Migrations ship in the package and only go forward. They run in one transaction: of two processes that start
at once, the second one waits and finds everything done. What runs them is loaded only when there is something
to run: it is a tenth of what a process loads otherwise.
"""

from __future__ import annotations

from threading import Lock
from typing import Final

from sqlalchemy import Connection, Engine, String, column, inspect, select, table

from ordering_adapters.storage import postgresql
from ordering_adapters.storage.patience import READING
from ordering_adapters.storage.schema import REVISION, VERSION_TABLE
from ordering_adapters.storage.statements import failures
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Refused


_ONE_AT_A_TIME: Final = Lock()
"""Migrations find their connection in a variable of the process."""

_HEAD: Final = "head"
"""What alembic calls the latest revision."""

_FOUND: Final = select(column("version_num", String())).select_from(table(VERSION_TABLE))


def upgrade(engine: Engine, *, to: str = _HEAD) -> None:
    """
    Make the tables, or change older ones into those of this version, or of an earlier revision *to*.

    Raises:
        Refused: A newer version made them; nothing was changed.

        Unavailable: The database cannot be reached, or not now; nothing was changed.

    """
    with _ONE_AT_A_TIME, failures(), engine.begin() as connection:
        if revision_of(connection) == REVISION and to in {REVISION, _HEAD}:
            return
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(postgresql.AS_LONG_AS_IT_TAKES)
        from ordering_adapters.storage import migrating  # noqa: PLC0415 - only when there is something to do

        migrating.run(connection, to)


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the tables, None without any. Raises Refused when a newer version made them."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.execute(_FOUND).scalar()
    if found in {None, REVISION}:
        return found
    from ordering_adapters.storage import migrating  # noqa: PLC0415 - only for tables of another version

    if found not in migrating.known():
        raise Refused(
            System.STORE,
            "SCHEMA_NEWER",
            f"its tables are of revision {found!r}, which this version does not know; "
            "run the version that made them, or a later one",
        )
    return found


def is_current(engine: Engine) -> bool:
    """
    Tell whether the tables are those of this version; nothing is changed.

    Raises:
        Refused: A newer version made them.

        Unavailable: The database cannot be reached.

    """
    with failures(), engine.connect().execution_options(**{READING: True}) as connection:
        return revision_of(connection) == REVISION


def reach(engine: Engine) -> None:
    """
    Ask the database for an answer, out of turn.

    Raises:
        Unavailable: It cannot be reached.

    """
    with failures(), engine.connect().execution_options(**{READING: True}) as connection:
        connection.exec_driver_sql("SELECT 1")
