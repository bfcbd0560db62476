"""
Speaking to the driver of a database without SQLAlchemy in between, whose errors stay the same.

Who listens to the statements of an engine, a tracer for one, hears all of them: they are run by SQLAlchemy
then.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIModule
from sqlalchemy.exc import DBAPIError


def is_heard(engine: Engine) -> bool:
    """Tell whether anybody listens to what *engine* runs."""
    heard = engine.dispatch
    return bool(heard.before_cursor_execute or heard.after_cursor_execute)


def run(connection: Connection, sql: str) -> None:
    """
    Run *sql*, which has no parameters and no rows that anybody wants.

    Raises:
        sqlalchemy.exc.DBAPIError: The database refused it, or was lost.

    """
    if is_heard(connection.engine):
        connection.exec_driver_sql(sql)
        return
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql)
    except connection.dialect.loaded_dbapi.Error as error:
        raise wrapped(error, connection) from None
    finally:
        cursor.close()


def wrapped(error: DBAPIModule.Error, connection: Connection) -> Exception:
    """Return what SQLAlchemy would raise for *error* of the driver; a *connection* that is lost says so."""
    dialect = connection.dialect
    is_lost = not connection.invalidated and dialect.is_disconnect(error, connection.connection, None)
    if is_lost:
        connection.invalidate(error)
    return DBAPIError.instance(
        None,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=dialect,
    )
