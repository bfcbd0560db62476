"""The store on SQLite does to placements and journal what plain dictionaries do."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings

from ordering_adapters.storage import SqlStore
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.store_machine import StoreMachine
from tests.contract.sql_database import new_database


class SqlStoreMachine(StoreMachine):
    def __init__(self) -> None:
        super().__init__()
        self.opened = ExitStack()

    def new_store(self, clock: ManualClock) -> SqlStore:
        directory = self.opened.enter_context(TemporaryDirectory())
        engine = new_database(Path(directory))
        self.opened.callback(engine.dispose)
        return SqlStore(engine, clock)

    def teardown(self) -> None:
        self.opened.close()


TestSqlStore = SqlStoreMachine.TestCase
TestSqlStore.settings = settings(stateful_step_count=20)
