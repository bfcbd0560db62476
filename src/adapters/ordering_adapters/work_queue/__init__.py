"""
Due work run by DBOS Transact: on SQLite by the workers of one machine, on PostgreSQL by those of many.

What is to run is kept by the store (`Outbox`); DBOS hands it to one worker at a time, keeps the duties that
recur, and shows what runs (docs/adr/0014-durable-engine.md). One `DbosWorkQueue` in a process.
"""

from ordering_adapters.work_queue.outbox import Outbox, Waiting
from ordering_adapters.work_queue.queue import DbosWorkQueue
from ordering_adapters.work_queue.settings import Duty, EngineSettings


__all__ = ["DbosWorkQueue", "Duty", "EngineSettings", "Outbox", "Waiting"]
