"""Whether a connection to PostgreSQL is a session of the server's, as listening and locks of ours need it."""

from __future__ import annotations

from contextlib import suppress
from random import SystemRandom
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ordering_adapters.storage.patience import READING
from ordering_adapters.storage.postgresql import lock
from ordering_adapters.storage.statements import failures
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Refused


_ANY: Final = range(2**16, 2**31)
"""
The advisory locks of which one is taken to look, none of those that mean something.

Not always the same: one that such a pool has left behind in a session would be found there by the next look.
"""


def require_sessions(engine: Engine) -> None:
    """
    Take a lock in one statement and look for it in a second one; in between another connection is busy.

    Behind a pool that lends a session for one transaction (PgBouncer's mode *transaction*), that other one
    gets the session with the lock.

    Raises:
        Refused: The lock was gone: there is such a pool.

        Unavailable: The database cannot be reached.

    """
    if engine.dialect.name != "postgresql":
        return
    which, reading = SystemRandom().choice(_ANY), {READING: True}
    with (
        failures(),
        engine.connect().execution_options(**reading) as one,
        engine.connect().execution_options(**reading) as other,
    ):
        one.exec_driver_sql(lock(which, function="pg_advisory_lock"))
        other.exec_driver_sql("BEGIN; SELECT 1")
        is_held = one.exec_driver_sql(_held(which)).scalar_one()
        with suppress(SQLAlchemyError):
            other.exec_driver_sql("ROLLBACK")
            one.exec_driver_sql(lock(which, function="pg_advisory_unlock"))
    if not is_held:
        raise Refused(
            System.STORE,
            "NO_SESSIONS",
            "a pool lends the server's sessions for one transaction, in which locks and listening are lost; "
            "connect to the server itself, or set pgbouncer to pool_mode = session",
        )


def _held(which: int) -> str:
    locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid()"
    return f"{locks} AND objid = {which}"
