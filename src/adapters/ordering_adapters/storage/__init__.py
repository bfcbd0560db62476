"""
The store in a database: SQLite in a file, with no server.

`upgrade` an engine once at start, then share one `SqlStore` between all threads of the process.
"""

from ordering_adapters.storage.engine import open_engine
from ordering_adapters.storage.live_updates import SqlLiveUpdates
from ordering_adapters.storage.migrate import upgrade
from ordering_adapters.storage.store import SqlStore
from ordering_adapters.storage.work_queue import SqlWorkQueue


__all__ = ["SqlLiveUpdates", "SqlStore", "SqlWorkQueue", "open_engine", "upgrade"]
