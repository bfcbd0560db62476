"""
Statements of one transaction, and what their failures mean in the words of `ordering_core.errors`.

Nothing that a database says is passed on but the name of its error: its sentences may quote what was stored.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from threading import get_ident
from types import MappingProxyType
from typing import Final, TypeAlias

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from ordering_adapters.storage.driver import is_heard, wrapped
from ordering_adapters.storage.kept import Opened
from ordering_adapters.storage.patience import READING
from ordering_adapters.storage.prepared import Book, Found, Values
from ordering_adapters.storage.sealed import is_sealing
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict, OutcomeUnknown, PortError, Refused, Unavailable


Insert: TypeAlias = sqlite.Insert | postgresql.Insert
"""An INSERT that can say what happens when the row is there: in one dialect's form, the same in both."""

TAKEN: Final = "a row is there already"

_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})
# Without it nobody knows how many rows an INSERT wrote on PostgreSQL.
_COUNTED: Final[Mapping[str, bool]] = MappingProxyType({"preserve_rowcount": True})

_ADVICE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "SQLITE_BUSY": "another process holds the database locked",
        "SQLITE_CANTOPEN": "its file cannot be opened; does the directory exist, and may we write there?",
        "SQLITE_ERROR": "its tables do not fit this version; was it upgraded?",
        "SQLITE_FULL": "the disk is full",
        "SQLITE_NOTADB": "its file is no database; is the name right?",
        "SQLITE_READONLY": "its file, or the directory around it, is read-only",
        "OperationalError": "is the server running, and are host, port, user, password and database right?",
        "AdminShutdown": "the server was stopped",
        "ConnectionTimeout": "the server does not answer",
        "DiskFull": "the disk is full",
        "InsufficientPrivilege": "its user may not do this; it has to own the schema",
        "LockNotAvailable": "another process holds the database locked",
        "QueryCanceled": "the database took too long",
        "ReadOnlySqlTransaction": "the server only reads; is it a copy of the real one?",
        "TooManyConnections": "the server has no connection left",
        "UndefinedColumn": "its tables do not fit this version; was it upgraded?",
        "UndefinedTable": "its tables do not fit this version; was it upgraded?",
    }
)

_LOST_THE_RACE: Final = frozenset({"SerializationFailure", "DeadlockDetected"})
"""What PostgreSQL calls it when it gives way to another transaction."""


class Statements:
    """
    Runs the statements of one transaction, in the thread that opened it and until it ends.

    Statements are made once, when a module is loaded, and given their values here: making one takes longer
    than running it.
    """

    def __init__(self, opened: Opened, book: Book, *, commits: bool = False) -> None:
        """Run statements on *opened*, which *book* prepares; when one *commits*, it is the only one."""
        self._opened = opened
        self._book = book
        self._commits = commits
        self._thread: int | None = get_ident()

    @property
    def dialect(self) -> str:
        """The kind of database, for `upsert`."""
        return self._opened.connection.dialect.name

    @property
    def is_sealed(self) -> bool:
        """Whether personal data is sealed on its way into this database."""
        return is_sealing(self._opened.connection.dialect)

    @property
    def commits(self) -> bool:
        """Whether each statement commits by itself, beside the transactions of others."""
        return self._commits

    def rows(self, statement: Executable, values: Values = _NOTHING) -> Sequence[Found]:
        """Return every row that *statement* gives."""
        return self._run(statement, values, TAKEN)[0]

    def search(self, statement: Executable) -> Sequence[Found]:
        """Return every row that *statement* gives, one that was made for this question alone."""
        self._begin()
        with failures():
            return self._by_sqlalchemy(statement, _NOTHING)[0]

    def row(self, statement: Executable, values: Values = _NOTHING, *, conflict: str = TAKEN) -> Found | None:
        """Return the first row that *statement* gives, or None. Raises Conflict as `write`."""
        rows = self._run(statement, values, conflict)[0]
        return rows[0] if rows else None

    def write(self, statement: Executable, values: Values, *, conflict: str = TAKEN) -> int:
        """Return how many rows *statement* wrote; Conflict, for the reason *conflict*, if a key is taken."""
        return self._run(statement, values, conflict)[1]

    def write_one(self, statement: Executable, values: Values, *, conflict: str) -> None:
        """Let *statement* write one row; Conflict, for the reason *conflict*, if there is none to write."""
        if self.write(statement, values, conflict=conflict) != 1:
            raise Conflict(System.STORE, conflict)

    def end(self) -> None:
        """Refuse everything from now on: the transaction is over."""
        self._thread = None

    def _begin(self) -> None:
        if self._thread != get_ident():
            raise RuntimeError("the store was used outside its transaction")
        if self._commits:
            self.end()

    def _run(self, statement: Executable, values: Values, conflict: str) -> tuple[Sequence[Found], int]:
        """Return the rows that *statement* gives, and how many it wrote."""
        self._begin()
        connection = self._opened.connection
        try:
            prepared = self._book.prepared(statement, values)
            if prepared is None or is_heard(connection.engine):
                return self._by_sqlalchemy(statement, values)
            cursor = self._opened.cursor
            try:
                connection.dialect.do_execute(cursor, prepared.sql, prepared.parameters(values), None)
                return prepared.rows(cursor), cursor.rowcount
            except connection.dialect.loaded_dbapi.Error as error:
                raise wrapped(error, connection) from None
        except (SQLAlchemyError, UnicodeEncodeError) as error:
            raise told(error, conflict, commits=self._commits) from None

    def _by_sqlalchemy(self, statement: Executable, values: Values) -> tuple[Sequence[Found], int]:
        """Run *statement* the long way: its SQL depends on its values, or somebody listens."""
        connection = self._opened.connection
        if not self._commits:
            return _run_by(connection, statement, values)
        connection.execution_options(**{READING: True})
        try:
            return _run_by(connection, statement, values)
        finally:
            connection.rollback()  # of what SQLAlchemy takes for a transaction
            connection.execution_options(**{READING: False})


def _run_by(connection: Connection, statement: Executable, values: Values) -> tuple[Sequence[Found], int]:
    result = connection.execute(statement, values, execution_options=_COUNTED)
    rows = result.mappings().all() if result.returns_rows else ()
    return [Found(**row) for row in rows], result.rowcount


def upsert(table: Table, dialect: str) -> Insert:
    """Return an INSERT into *table* in the form of *dialect*."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@contextmanager
def failures(conflict: str = TAKEN, *, commits: bool = False) -> Generator[None]:
    """
    Say in our words what goes wrong inside, where a statement may be one that *commits* by itself.

    Raises:
        Conflict: A key is taken; *conflict* says which. Or another transaction won.

        Unavailable: The database cannot be reached, or not now.

        Refused: What was to be kept cannot be written down.

        OutcomeUnknown: What commits was on its way when the database was lost.

    """
    try:
        yield
    except (SQLAlchemyError, UnicodeEncodeError) as error:
        raise told(error, conflict, commits=commits) from None


def told(error: SQLAlchemyError | UnicodeEncodeError, conflict: str, *, commits: bool) -> PortError:
    """Return what `failures` raises for *error*."""
    match error:
        case IntegrityError():
            return Conflict(System.STORE, conflict)
        case DataError():
            return Refused(System.STORE, "NO_TEXT", "it is no text that this database can store")
        case UnicodeEncodeError():
            return Refused(System.STORE, "NO_TEXT", "half a character is no text that can be stored")
        case _ if _name(error) in _LOST_THE_RACE:
            return Conflict(System.STORE, "another transaction won")
        case _ if commits and _may_be_kept(error):
            return OutcomeUnknown(System.STORE, reason(error))
        case _:
            return Unavailable(System.STORE, reason(error))


def reason(error: SQLAlchemyError) -> str:
    """Return why a statement failed: the database's own name for it, and a way out where there is one."""
    name = _name(error)
    advice = next((text for known, text in _ADVICE.items() if name.startswith(known)), "")
    return f"{advice} ({name})" if advice else name


def _may_be_kept(error: SQLAlchemyError) -> bool:
    """Whether the database may have kept what it was sent before it was lost."""
    is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return is_lost or _name(error).startswith("SQLITE_IOERR")


def _name(error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else None
    name = getattr(cause, "sqlite_errorname", None)
    return name if isinstance(name, str) else type(cause or error).__name__
