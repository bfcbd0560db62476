"""The shipped machines find on SQLite what they find in memory: one bill, one line, one story, an end."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings

from ordering_adapters.memory.world import MemoryWorld
from ordering_adapters.storage import SqlLiveUpdates, SqlStore, SqlWorkQueue
from ordering_core.testing.checkout_machine import CheckoutMachine
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.lifecycle_machine import LifecycleMachine
from ordering_core.testing.provisioning_machine import ProvisioningMachine
from tests.contract.sql_database import new_database
from tests.unit.application.shop import WEDNESDAY, World


class OnSqlite:
    """Worlds that keep what is ours in a database each."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = ExitStack()

    def new_world(self) -> World:
        engine = new_database(Path(self.opened.enter_context(TemporaryDirectory())))
        self.opened.callback(engine.dispose)
        clock = ManualClock(WEDNESDAY)
        store = SqlStore(engine, clock)
        live_updates = SqlLiveUpdates(engine)
        self.opened.callback(live_updates.close)
        return MemoryWorld(clock=clock, storage=(store, SqlWorkQueue(store), live_updates))

    def teardown(self) -> None:
        self.opened.close()


class SqlCheckouts(OnSqlite, CheckoutMachine): ...


class SqlLifecycle(OnSqlite, LifecycleMachine): ...


class SqlProvisioning(OnSqlite, ProvisioningMachine): ...


# A database is slower than memory, which runs the same machines for longer.
BRIEFLY = settings(max_examples=settings().max_examples // 5, stateful_step_count=15)

TestSqlCheckout = SqlCheckouts.TestCase
TestSqlCheckout.settings = BRIEFLY
TestSqlLifecycle = SqlLifecycle.TestCase
TestSqlLifecycle.settings = BRIEFLY
TestSqlProvisioning = SqlProvisioning.TestCase
TestSqlProvisioning.settings = BRIEFLY
