"""The work queue on SQLite keeps its contract."""

from ordering_core.testing.contracts.triggers import TriggersContract
from ordering_core.testing.contracts.work_queue import WorkQueueContract
from tests.contract.sql_database import OnSqlite


class TestSqlTriggers(OnSqlite, TriggersContract): ...


class TestSqlWorkQueue(OnSqlite, WorkQueueContract): ...
