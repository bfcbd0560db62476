"""
The store in a database: SQLite in a file with no server, or PostgreSQL for many machines.

`open_storage` is all that most need. A host with an engine of its own upgrades it once at start (`upgrade`)
and shares one `SqlStore` between all threads of the process.
"""

from ordering_adapters.storage.engine import open_engine
from ordering_adapters.storage.lifetime import open_storage
from ordering_adapters.storage.line_book import SqlLineBook, SqlProfileBook
from ordering_adapters.storage.live_updates import SqlLiveUpdates
from ordering_adapters.storage.migrate import is_current, reach, upgrade
from ordering_adapters.storage.sealing import seal_again
from ordering_adapters.storage.store import SqlStore
from ordering_adapters.storage.work_queue import SqlWorkQueue


__all__ = [
    "SqlLineBook",
    "SqlLiveUpdates",
    "SqlProfileBook",
    "SqlStore",
    "SqlWorkQueue",
    "is_current",
    "open_engine",
    "open_storage",
    "reach",
    "seal_again",
    "upgrade",
]
