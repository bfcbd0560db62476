"""One server, many processes: nothing is lost between them, and no death leaves anything half-written."""

import os

from collections.abc import Iterator
from contextlib import closing
from threading import Semaphore, Thread

import pytest

from sqlalchemy import Engine

from ordering_adapters.storage import SqlLiveUpdates, SqlStore, SqlWorkQueue, open_engine, upgrade
from ordering_core.domain.identifiers import Cursor
from ordering_core.errors import OutcomeUnknown, Unavailable
from ordering_core.ports.store import Transaction
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.live_updates import Follower
from ordering_core.testing.contracts.samples import START, event
from ordering_core.testing.contracts.threads import PATIENCE, keep
from tests.contract.postgres_database import Databases, opened
from tests.contract.postgres_server import PostgresServer
from tests.journeys.many_processes import ManyProcesses
from tests.journeys.storage_writers import WRITES, seen, write_everything


pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes as POSIX systems do")


class TestOneServer(ManyProcesses):
    @pytest.fixture
    def engine(self, postgres: Databases) -> Iterator[Engine]:
        with opened(postgres.empty()) as engine:
            yield engine

    def url(self, engine: Engine) -> str:
        return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def runs_what_the_dead_left(self, queue: SqlWorkQueue, ran: list[str]) -> None:
        while not queue.run_due(START, lambda which: ran.append(which.key)):
            continue  # the server hears of the death a moment later


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


def test_a_server_killed_in_the_middle_and_back_leaves_nothing_half_written(
    own_server: PostgresServer,
) -> None:
    engine = open_engine(own_server.url())
    upgrade(engine)
    store, follower = SqlStore(engine, ManualClock(START)), Follower()

    def kill_it(tx: Transaction) -> None:
        write_everything(tx)
        own_server.kill()
        seen(tx)

    def commit_to_the_dead(tx: Transaction) -> None:
        write_everything(tx)
        own_server.kill()

    with closing(SqlLiveUpdates(engine, interval=0.01)) as updates:
        updates.subscribe(None, follower)
        with store.transaction() as tx:
            tx.checkpoints.set("kept", "before")
        for act, error in ((kill_it, Unavailable), (commit_to_the_dead, OutcomeUnknown)):
            with pytest.raises(error):
                keep(store, act)
            with pytest.raises(Unavailable, match="is the server running"):
                keep(store, seen)
            own_server.start()
            assert not any(keep(store, seen))
        with store.transaction() as tx:
            assert tx.checkpoints.get("kept") == "before"
            last = tx.events.append(event(detail="after"))
        assert follower.seen_with(last) == ["after"]
    engine.dispose()


def test_who_writes_goes_on_when_the_server_is_back(own_server: PostgresServer) -> None:
    engine = open_engine(own_server.url())
    upgrade(engine)
    store = SqlStore(engine, ManualClock(START))
    written: list[int] = []
    some = Semaphore(0)

    def count() -> None:
        while len(written) < 3 * WRITES:
            try:
                with store.transaction() as tx:
                    kept = len(tx.events.after(Cursor(0), limit=1000))
                    tx.events.append(event(detail=str(kept)))
            except (Unavailable, OutcomeUnknown):
                continue
            written.append(kept)
            some.release()

    writer = Thread(target=count)
    writer.start()
    for _ in range(2):
        for _ in range(WRITES):
            assert some.acquire(timeout=PATIENCE)
        own_server.kill()
        own_server.start()
    writer.join(PATIENCE)
    with store.transaction() as tx:
        details = [int(each.detail) for each in tx.events.after(Cursor(0), limit=1000)]
    assert details == list(range(len(details)))
    assert {*written} <= {*details}
    engine.dispose()
