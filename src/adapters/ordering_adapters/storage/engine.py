"""
The database, opened so that what was committed survives a power cut and writers queue instead of failing.

SQLite in a file where there is one machine, PostgreSQL where there are many; a URL apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import URL, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from ordering_adapters.storage import postgresql, sealed, sqlite


WAY_OUT: Final = "write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"


def open_engine(url: str, *, keys: Sequence[str] = ()) -> Engine:
    """
    Return an engine on *url*.

    ``sqlite:///orders.db`` is a file where the process runs, ``sqlite:////srv/orders.db`` one anywhere;
    ``postgresql://user:password@host/database`` is a server's database, with libpq's parameters behind ``?``.
    Nothing is opened before it is used. No statement is logged with what is in it. Personal data is sealed
    with the first of *keys* and opened with any of them (`storage.keys`); without any it is as it is.

    Raises:
        ValueError: It is no such URL, a key is none, or what they need is not installed.

    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The cause quotes the URL, which may hold a password.
        raise ValueError(f"the database is no URL; {WAY_OUT}") from None
    try:
        engine = _new_engine(parsed)
    except SQLAlchemyError:
        raise ValueError(f"the database cannot be opened this way; {WAY_OUT}") from None
    if keys:
        sealed.use(engine, _seal(keys))
    return engine


def _seal(keys: Sequence[str]) -> sealed.Seal:
    try:
        from ordering_adapters.storage.keys import Keys  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise ValueError("sealing the database needs ordering-core[encryption] to be installed") from None
    return Keys(keys)


def _new_engine(url: URL) -> Engine:
    match url.get_backend_name():
        case "sqlite" if url.database in {None, "", ":memory:"}:
            raise ValueError("a database in memory is gone with its first connection; write sqlite:///FILE")
        case "sqlite":
            return sqlite.new_engine(url)
        case "postgresql" | "postgres" if url.drivername in {"postgres", "postgresql", postgresql.DRIVER}:
            try:
                return postgresql.new_engine(url.set(drivername=postgresql.DRIVER))
            except ModuleNotFoundError:
                raise ValueError("the database needs ordering-core[postgres] to be installed") from None
        case "postgresql":
            raise ValueError(
                "the database is spoken to by psycopg alone; write postgresql://, without a driver"
            )
        case other:
            raise ValueError(f"no databases of kind {other!r}; {WAY_OUT}")
