"""The shipped machines find on PostgreSQL what they find in memory: one bill, one line, one story, an end."""

from contextlib import ExitStack

import pytest

from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from ordering_adapters.memory.world import MemoryWorld
from ordering_adapters.storage import SqlLiveUpdates, SqlStore, SqlWorkQueue
from ordering_core.testing.checkout_machine import CheckoutMachine
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.lifecycle_machine import LifecycleMachine
from ordering_core.testing.provisioning_machine import ProvisioningMachine
from tests.contract.postgres_database import Databases, opened
from tests.unit.application.shop import WEDNESDAY, World


BRIEFLY = settings(max_examples=max(2, settings().max_examples // 10), stateful_step_count=15)


class OnPostgres:
    """Worlds that keep what is ours in one database, empty for each."""

    postgres: Databases

    def __init__(self) -> None:
        super().__init__()
        self.opened = ExitStack()

    def new_world(self) -> World:
        engine = self.opened.enter_context(opened(self.postgres.empty()))
        clock = ManualClock(WEDNESDAY)
        store = SqlStore(engine, clock)
        live_updates = SqlLiveUpdates(engine)
        self.opened.callback(live_updates.close)
        return MemoryWorld(clock=clock, storage=(store, SqlWorkQueue(store), live_updates))

    def teardown(self) -> None:
        self.opened.close()


class PostgresCheckouts(OnPostgres, CheckoutMachine): ...


class PostgresLifecycle(OnPostgres, LifecycleMachine): ...


class PostgresProvisioning(OnPostgres, ProvisioningMachine): ...


@pytest.mark.parametrize("machine", [PostgresCheckouts, PostgresLifecycle, PostgresProvisioning])
def test_a_machine_finds_nothing(
    postgres: Databases, machine: type[RuleBasedStateMachine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OnPostgres, "postgres", postgres, raising=False)
    run_state_machine_as_test(machine, settings=BRIEFLY)
