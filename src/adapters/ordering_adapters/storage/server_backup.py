"""
A backup of a database on PostgreSQL, and one restored into an empty database there.

It is ours and not the server's own dump, so that it needs no programs of the server's version, holds nothing
but our tables, is checked, and can be restored on SQLite too. What it shows is one moment: it is read in one
transaction, which keeps nobody waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import URL, Connection, Engine

from ordering_adapters.storage import backup_file, postgresql
from ordering_adapters.storage.copying import copy_rows, rows_in, tables_of
from ordering_adapters.storage.engine import open_engine
from ordering_adapters.storage.migrate import revision_of, upgrade
from ordering_adapters.storage.patience import READING
from ordering_adapters.storage.schema import orders, placements
from ordering_adapters.storage.statements import failures
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Unavailable
from ordering_core.ports.clock import Clock


_ONE_MOMENT: Final = """
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
    SET LOCAL statement_timeout = 0;
    SET LOCAL idle_in_transaction_session_timeout = 0
"""
_AS_LONG_AS_IT_TAKES: Final = f"""
    {postgresql.AS_LONG_AS_IT_TAKES};
    SET LOCAL idle_in_transaction_session_timeout = 0
"""
_OTHERS: Final = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'ordering'
"""


def write_backup(url: str, part: Path) -> None:
    """
    Write everything at *url* as it is now into the file *part*.

    Raises:
        ValueError: There is nothing of ours.

        Refused: A newer version made the tables.

        Unavailable: It cannot be read.

    """
    engine, written = open_engine(url), _file(part)
    try:
        with failures(), engine.connect().execution_options(**{READING: True}) as source:
            source.exec_driver_sql(_ONE_MOMENT)
            revision = revision_of(source)
            if revision is None:
                raise ValueError("the database holds no tables of ordering; name the right one")
            upgrade(written, to=revision)
            with written.begin() as target:
                copy_rows(source, target)
            source.exec_driver_sql("ROLLBACK")
    finally:
        engine.dispose()
        written.dispose()


def read_backup(url: str, file: Path, *, clock: Clock, keys: Sequence[str]) -> None:
    """
    Put what the backup *file* holds into the empty database at *url*, observing, and upgraded.

    Raises:
        ValueError: The database is not empty.

        Refused: A newer version made the backup or the database, or none of *keys* opens what is sealed.

        Unavailable: Others use the database, or it cannot be written; it is empty as before.

    """
    engine = open_engine(url)
    try:
        _require_empty(engine)
        with TemporaryDirectory(prefix="ordering-restore-") as directory:
            part = Path(directory) / "backup.db"
            backup_file.copy(file, part)
            backup_file.observe(part, clock, keys)
            upgrade(engine)
            read = _file(part)
            try:
                with failures(), read.connect() as source, engine.begin() as target:
                    target.exec_driver_sql(_AS_LONG_AS_IT_TAKES)
                    _refuse_rows(target)
                    copy_rows(source, target)
            finally:
                read.dispose()
    finally:
        engine.dispose()


def _require_empty(engine: Engine) -> None:
    with failures(), engine.connect().execution_options(**{READING: True}) as connection:
        revision_of(connection)
        _refuse_rows(connection)
        if connection.exec_driver_sql(_OTHERS).scalar_one():
            raise Unavailable(System.STORE, "the database is in use; stop ordering serve and ordering worker")


def _refuse_rows(connection: Connection) -> None:
    """Raise ValueError when anything of ours is there, which nobody is to lose."""
    rows = {name: rows_in(connection, name) for name in tables_of(connection)}
    if any(rows.values()):
        raise ValueError(
            f"the database is not empty: it holds {rows[orders.name]} orders and {rows[placements.name]} "
            "submits. Make a new database, name it in ORDERING_DATABASE, and restore into that"
        )


def _file(part: Path) -> Engine:
    """Return an engine on the file *part*, without keys: what is sealed stays so."""
    return open_engine(URL.create("sqlite", database=str(part)).render_as_string())
