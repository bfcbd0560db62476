"""New databases to measure on, as durable as those of an installation: what is committed is on the disk."""

from __future__ import annotations

import signal
import sys

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

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
