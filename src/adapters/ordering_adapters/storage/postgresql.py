"""
What PostgreSQL needs so that a transaction on it is what it is on SQLite (docs/adr/0015-postgresql.md).

Transactions that may write come one after the other, whichever machine they are on: what one has read cannot
have changed when it writes, and the cursors of the event log are in the order of commits. Nobody holds up the
others for longer than `PATIENCE`, not even a process that was stopped in the middle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from select import POLLIN, poll
from types import MappingProxyType
from typing import Final, Protocol, runtime_checkable

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from ordering_adapters.storage.driver import run
from ordering_adapters.storage.patience import PATIENCE, READING


DRIVER: Final = "postgresql+psycopg"

CHANNEL: Final = "oc_events"
"""Who commits an event notifies here, in the same transaction."""

TRANSACTIONS: Final = 1
"""The advisory lock that a transaction holds."""
RUNS: Final = 2
"""The advisory lock of the process that runs triggers."""

_OURS: Final = int.from_bytes(b"oc")
"""What sets our locks apart from those of others in the same database."""

_PATIENCE_MS: Final = PATIENCE // timedelta(milliseconds=1)

_PATIENCE_S: Final = PATIENCE // timedelta(seconds=1)
_ASK_AGAIN_S: Final = 2
_QUESTIONS: Final = 3

# The keepalives are the server's: without them it gives a machine that is gone, with its locks, two hours.
# The last one: a server may be told to answer commits before they are on its disk. Ours wait.
_SESSION: Final = f"""
    SET statement_timeout = {_PATIENCE_MS};
    SET lock_timeout = {_PATIENCE_MS};
    SET idle_in_transaction_session_timeout = {_PATIENCE_MS};
    SET tcp_keepalives_idle = {_PATIENCE_S};
    SET tcp_keepalives_interval = {_ASK_AGAIN_S};
    SET tcp_keepalives_count = {_QUESTIONS};
    SET tcp_user_timeout = {_PATIENCE_MS};
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
"""

AS_LONG_AS_IT_TAKES: Final = "SET LOCAL statement_timeout = 0"
"""Lets the statements of one transaction, which changes tables full of orders, take their time."""

_CONNECTING: Final[Mapping[str, object]] = MappingProxyType(
    {
        "application_name": "ordering",
        "connect_timeout": _PATIENCE_S,
        # A server that has gone without a word is noticed, while waiting for its answer and while listening.
        "keepalives_idle": _PATIENCE_S,
        "keepalives_interval": _ASK_AGAIN_S,
        "keepalives_count": _QUESTIONS,
        "tcp_user_timeout": _PATIENCE_MS,
    }
)
"""How connections are made, where the URL does not say otherwise."""


class _Cursor(Protocol):
    def execute(self, sql: str, /) -> object: ...
    def close(self) -> object: ...


class _Opened(Protocol):
    """A connection as its driver hands it out."""

    autocommit: bool

    def cursor(self) -> _Cursor: ...


@runtime_checkable
class _OnSocket(Protocol):
    """A connection to a server."""

    def fileno(self) -> int: ...


@runtime_checkable
class Listening(Protocol):
    """A connection as its driver hands it out, which hears of what others commit."""

    notifies: Callable[..., Iterable[object]]
    """Yields notifications for *timeout* seconds at most, and no more after *stop_after* of them."""


def new_engine(url: URL) -> Engine:
    """
    Return an engine on *url*. Nothing is opened before it is used.

    Raises:
        ModuleNotFoundError: The driver is not installed.

        sqlalchemy.exc.SQLAlchemyError: There is no such driver.

    """
    defaults = {name: value for name, value in _CONNECTING.items() if name not in url.query}
    # Transactions are begun by us, in the same breath as their lock is asked for.
    engine = create_engine(url, hide_parameters=True, connect_args=defaults, isolation_level="AUTOCOMMIT")
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    event.listen(engine, "checkout", _on_checkout)
    return engine


def lock(which: int, *, function: str = "pg_advisory_xact_lock") -> str:
    """
    Return the SQL that asks *function* for a lock of ours.

    It is the whole database's: who finds the same tables by another search path has to wait too.
    """
    return f"SELECT {function}({_OURS}, {which})"


def _on_connect(opened: _Opened, _record: object) -> None:
    was, opened.autocommit = opened.autocommit, True
    cursor = opened.cursor()
    try:
        cursor.execute(_SESSION)
    finally:
        cursor.close()
        opened.autocommit = was


def _on_checkout(opened: object, _record: object, _lent: object) -> None:
    """Have another connection lent when this one was lost while nobody used it."""
    if loss_of(opened)():
        raise DisconnectionError


def _on_begin(connection: Connection) -> None:
    if not connection.get_execution_options().get(READING):
        run(connection, f"BEGIN; {lock(TRANSACTIONS)}")


def loss_of(opened: object) -> Callable[[], bool]:
    """
    Return what tells whether *opened*, the driver's connection, was lost while nobody used it.

    A server says nothing to who asks nothing, but that it is going. What is sent then, by a statement that
    commits by itself, is lost without anybody knowing whether it was kept.
    """
    if not isinstance(opened, _OnSocket):
        raise TypeError("the driver has no socket")
    said = poll()
    said.register(opened.fileno(), POLLIN)
    return lambda: bool(said.poll(0))
