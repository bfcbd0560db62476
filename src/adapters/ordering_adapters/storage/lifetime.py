"""A database from its opening to its closing, with everything that a process needs of it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager

from ordering_adapters.storage.engine import open_engine
from ordering_adapters.storage.live_updates import SqlLiveUpdates
from ordering_adapters.storage.migrate import upgrade
from ordering_adapters.storage.sealing import check
from ordering_adapters.storage.server_sessions import require_sessions
from ordering_adapters.storage.store import Observe, SqlStore, unobserved
from ordering_adapters.storage.work_queue import SqlWorkQueue
from ordering_core.ports.clock import Clock


@contextmanager
def open_storage(
    url: str, clock: Clock, *, keys: Sequence[str] = (), observe: Observe = unobserved
) -> Generator[tuple[SqlStore, SqlWorkQueue, SqlLiveUpdates]]:
    """
    Yield the store at *url*, upgraded, with what runs its triggers and what follows its events.

    *observe* is told of every transaction.

    Raises:
        ValueError: *url* or one of *keys* is none of `open_engine`.

        Refused: A newer version made the tables, they were sealed with another key, or a pool keeps the
        server's sessions from us.

        Unavailable: The database cannot be opened.

    """
    engine = open_engine(url, keys=keys)
    try:
        require_sessions(engine)
        upgrade(engine)
        check(engine)
        store = SqlStore(engine, clock, observe=observe)
        with closing(SqlLiveUpdates(engine)) as live_updates:
            yield store, SqlWorkQueue(store), live_updates
    finally:
        engine.dispose()
