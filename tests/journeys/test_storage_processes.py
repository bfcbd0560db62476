"""One database, many processes: nothing is lost between them, and the dead leave nothing half-written."""

import os
import subprocess
import sys

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from sqlalchemy import Engine

from ordering_adapters.storage import SqlLiveUpdates, SqlStore, SqlWorkQueue, open_engine
from ordering_core.domain.identifiers import Cursor
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.live_updates import Follower
from ordering_core.testing.contracts.samples import START, event, subject
from tests.contract.sql_database import new_database
from tests.journeys import storage_writers
from tests.journeys.storage_writers import WRITES, seen, write_everything


pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes as POSIX systems do")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = new_database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> SqlStore:
    return SqlStore(engine, ManualClock(START))


@contextmanager
def elsewhere(act: str, engine: Engine, name: str = "") -> Iterator[subprocess.Popen[str]]:
    """Do *act* in a process of its own, killed at the end if it is still there."""
    process = subprocess.Popen(
        [sys.executable, "-m", storage_writers.__name__, act, str(engine.url), name],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def test_two_processes_write_and_a_third_follows_both(store: SqlStore, engine: Engine) -> None:
    follower = Follower()
    with closing(SqlLiveUpdates(engine, interval=0.001)) as updates:
        updates.subscribe(None, follower)
        with elsewhere("count", engine, "801-one") as one, elsewhere("count", engine, "801-two") as two:
            assert (one.wait(60), two.wait(60)) == (0, 0)
        with store.transaction() as tx:
            last = tx.events.append(event(detail="last"))
        told = follower.seen_with(last)
    assert told == [*(str(number) for number in range(2 * WRITES)), "last"]
    assert not follower.out_of_order
    with store.transaction() as tx:
        assert tx.checkpoints.get("count") == str(2 * WRITES)
        assert [found.detail for found in tx.events.after(Cursor(0), limit=1000)] == told


def test_who_is_killed_between_two_statements_leaves_nothing_behind(engine: Engine) -> None:
    with elsewhere("die_everywhere", engine) as process:
        told, _ = process.communicate(timeout=120)
    deaths = told.split("\n")[:-1]
    assert deaths == [*["killed 0"] * (len(deaths) - 1), "done 6"]
    # BEGIN, seven statements, COMMIT
    assert len(deaths) == 10


def test_what_was_written_is_there_when_the_file_is_opened_again(store: SqlStore, engine: Engine) -> None:
    with store.transaction() as tx:
        write_everything(tx)
    engine.dispose()
    again = open_engine(str(engine.url))
    reopened = SqlStore(again, ManualClock(START))
    with reopened.transaction() as tx:
        assert all(seen(tx))
    ran: list[str] = []
    assert SqlWorkQueue(reopened).run_due(START, lambda which: ran.append(which.key)) == 1
    assert ran == [subject().key]
    again.dispose()


def test_what_a_process_was_running_when_it_was_killed_runs_again(store: SqlStore, engine: Engine) -> None:
    with store.transaction() as tx:
        tx.trigger(subject("one"), cause="event-1")
    queue = SqlWorkQueue(store)
    ran: list[str] = []
    with elsewhere("run_and_hang", engine) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "one\n"
        assert queue.run_due(START, lambda which: ran.append(which.key)) == 0
    assert queue.run_due(START, lambda which: ran.append(which.key)) == 1
    assert ran == ["one"]
