"""The store on PostgreSQL does to placements and journal what plain dictionaries do."""

from contextlib import ExitStack

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from ordering_adapters.storage import SqlStore
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.store_machine import StoreMachine
from tests.contract.postgres_database import Databases, opened


# A server is slower than memory and a file, which run the same machine for longer.
BRIEFLY = settings(max_examples=settings().max_examples // 5, stateful_step_count=20)


def test_the_store_does_what_dictionaries_do(postgres: Databases) -> None:
    class PostgresStoreMachine(StoreMachine):
        def __init__(self) -> None:
            super().__init__()
            self.opened = ExitStack()

        def new_store(self, clock: ManualClock) -> SqlStore:
            return SqlStore(self.opened.enter_context(opened(postgres.empty())), clock)

        def teardown(self) -> None:
            self.opened.close()

    run_state_machine_as_test(PostgresStoreMachine, settings=BRIEFLY)
