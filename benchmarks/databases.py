"""New databases to measure on, as durable as those of an installation: what is committed is on the disk."""

from __future__ import annotations

import signal
import sys

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

import psycopg

from sqlalchemy.engine import make_url

from tests.contract.postgres_server import PostgresServer


DURABLE: Final[Mapping[str, str]] = MappingProxyType({"fsync": "on", "autovacuum": "on"})
"""Unlike the servers of the tests."""


@contextmanager
def databases(directory: Path) -> Iterator[Mapping[str, str]]:
    """Yield the URL of a new database of each kind; they go with a process that is told to end, too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    server = PostgresServer()
    try:
        server.start(**DURABLE)
        yield {"SQLite": f"sqlite:///{directory / 'ordering.db'}", "PostgreSQL": server.url()}
    finally:
        server.remove()


def another(url: str, name: str) -> str:
    """Return the URL of another new database beside the one at *url*."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return parsed.set(database=f"{parsed.database}-{name}").render_as_string()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return parsed.set(database=name).render_as_string(hide_password=False)
