"""What many processes on one database may rely on, whichever database it is; the suites bind it to each."""

import abc
import os
import subprocess
import sys

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from sqlalchemy import Engine

from ordering_adapters.storage import SqlLiveUpdates, SqlStore, SqlWorkQueue
from ordering_core.domain.identifiers import Cursor
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.live_updates import Follower
from ordering_core.testing.contracts.samples import START, event, subject
from tests.journeys import storage_writers
from tests.journeys.storage_writers import WRITES


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes as POSIX systems do")
class ManyProcesses(abc.ABC):
    """Nothing is lost between processes, and no death leaves anything half-written."""

    @pytest.fixture
    @abc.abstractmethod
    def engine(self) -> Iterator[Engine]:
        """Yield an engine on an empty database."""

    @abc.abstractmethod
    def url(self, engine: Engine) -> str:
        """Return where another process finds the database."""

    @abc.abstractmethod
    def runs_what_the_dead_left(self, queue: SqlWorkQueue, ran: list[str]) -> None:
        """Run what is due, as soon as the database knows that its holder is dead."""

    @pytest.fixture
    def store(self, engine: Engine) -> SqlStore:
        return SqlStore(engine, ManualClock(START))

    @contextmanager
    def elsewhere(self, act: str, engine: Engine, name: str = "") -> Iterator[subprocess.Popen[str]]:
        """Do *act* in a process of its own, killed at the end if it is still there."""
        process = subprocess.Popen(
            [sys.executable, "-m", storage_writers.__name__, act, self.url(engine), name],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        with process:
            try:
                yield process
            finally:
                process.kill()

    def test_two_processes_write_and_a_third_follows_both(self, store: SqlStore, engine: Engine) -> None:
        follower = Follower()
        with closing(SqlLiveUpdates(engine, interval=0.001)) as updates:
            updates.subscribe(None, follower)
            with (
                self.elsewhere("count", engine, "801-one") as one,
                self.elsewhere("count", engine, "801-two") as two,
            ):
                assert (one.wait(60), two.wait(60)) == (0, 0)
            with store.transaction() as tx:
                last = tx.events.append(event(detail="last"))
            told = follower.seen_with(last)
        assert told == [*(str(number) for number in range(2 * WRITES)), "last"]
        assert not follower.out_of_order
        with store.transaction() as tx:
            assert tx.checkpoints.get("count") == str(2 * WRITES)
            assert [found.detail for found in tx.events.after(Cursor(0), limit=1000)] == told

    def test_who_is_killed_between_two_statements_leaves_nothing_behind(self, engine: Engine) -> None:
        with self.elsewhere("die_everywhere", engine) as process:
            told, _ = process.communicate(timeout=120)
        deaths = told.split("\n")[:-1]
        assert deaths == [*["killed 0"] * (len(deaths) - 1), "done 6"]
        # BEGIN, seven statements, COMMIT
        assert len(deaths) == 10

    def test_what_a_process_was_running_when_it_was_killed_runs_again(
        self, store: SqlStore, engine: Engine
    ) -> None:
        with store.transaction() as tx:
            tx.trigger(subject("one"), cause="event-1")
        queue = SqlWorkQueue(store)
        ran: list[str] = []
        with self.elsewhere("run_and_hang", engine) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "one\n"
            assert queue.run_due(START, lambda which: ran.append(which.key)) == 0
        self.runs_what_the_dead_left(queue, ran)
        assert ran == ["one"]
