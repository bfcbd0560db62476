"""Connections that stay open between their uses, and are nobody's when their engine is disposed of."""

import os
import sqlite3

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from sqlalchemy import Engine, event

from ordering_adapters.storage import SqlStore
from ordering_adapters.storage.kept import Kept, Opened
from ordering_core.domain.identifiers import SessionId
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.samples import START, session
from ordering_core.testing.contracts.threads import PATIENCE
from tests.contract.sql_database import new_database


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = new_database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def connected(engine: Engine) -> list[object]:
    """Return every connection that is opened from now on."""
    made: list[object] = []
    event.listen(engine, "connect", lambda opened, _: made.append(opened))
    return made


@pytest.fixture
def store(engine: Engine) -> SqlStore:
    return SqlStore(engine, ManualClock(START), patience=timedelta(seconds=PATIENCE))


def _closed(opened: Opened) -> bool:
    try:
        opened.cursor.execute("SELECT 1")
    except sqlite3.ProgrammingError:
        return True
    return False


def _look(store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.sessions.get(session().id)


def _fail(store: SqlStore) -> None:
    with suppress(KeyError), store.transaction() as tx:
        tx.sessions.add(session())
        raise KeyError


def _ask(store: SqlStore) -> None:
    with store.at_once() as tx:
        tx.sessions.get(session().id)


def _ask_by_values(store: SqlStore) -> None:
    """Ask what is run by SQLAlchemy, since its SQL depends on its values."""
    with store.at_once() as tx:
        tx.triggers.first(START, without=[1, 2])


def test_one_connection_serves_whatever_comes_one_after_the_other(
    store: SqlStore, engine: Engine, connected: list[object]
) -> None:
    for _ in range(3):
        for use in (_look, _fail, _ask, _ask_by_values):
            use(store)
    assert len(connected) == 1
    assert _stored(engine) == 0


@pytest.mark.parametrize("first", [_look, _fail, _ask, _ask_by_values])
@pytest.mark.parametrize("then", [_ask, _ask_by_values, None])
def test_a_transaction_is_one_whatever_its_connection_did_before(
    store: SqlStore,
    engine: Engine,
    first: Callable[[SqlStore], None],
    then: Callable[[SqlStore], None] | None,
) -> None:
    for use in (first, then):
        if use is not None:
            use(store)
    _fail(store)
    with store.transaction() as tx:
        tx.sessions.add(session())
        assert _stored(engine) == 0
    assert _stored(engine) == 1


def _stored(engine: Engine) -> int:
    """Return how many sessions others see."""
    with engine.execution_options(oc_reading=True).connect() as connection:
        number: int = connection.exec_driver_sql("SELECT count(*) FROM oc_sessions").scalar_one()
    return number


def test_it_is_closed_when_its_engine_is_disposed_of_and_a_new_one_opened_for_the_next(
    store: SqlStore, engine: Engine, connected: list[object], tmp_path: Path
) -> None:
    _look(store)
    engine.dispose()
    assert not (tmp_path / "ordering.db-wal").exists()  # which goes with the last connection
    _look(store)
    assert len(connected) == 2


def test_one_that_is_in_use_is_closed_when_it_is_given_back(engine: Engine) -> None:
    kept = Kept(engine, most=2)
    before = kept.take()
    engine.dispose()
    assert not _closed(before)
    kept.give_back(before, is_sound=True)
    assert _closed(before)
    assert kept.take() is not before


def test_no_more_are_kept_than_were_asked_for_and_none_that_is_unsound(engine: Engine) -> None:
    kept = Kept(engine, most=2)
    all_of_them = [kept.take() for _ in range(4)]
    kept.give_back(all_of_them[0], is_sound=False)
    for opened in all_of_them[1:]:
        kept.give_back(opened, is_sound=True)
    assert [_closed(opened) for opened in all_of_them] == [True, False, False, True]
    assert {kept.take(), kept.take()} == {*all_of_them[1:3]}


def test_whoever_is_forked_uses_none_of_ours_and_closes_none(
    store: SqlStore, engine: Engine, connected: list[object]
) -> None:
    with store.transaction() as tx:
        tx.sessions.add(session())
    child = os.fork()
    if not child:
        try:
            _look(store)
            engine.dispose(close=False)
            _look(store)
            os._exit(len(connected))
        finally:
            os._exit(99)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
    _look(store)
    assert len(connected) == 1


def test_a_thread_waits_for_the_others_transaction_also_with_a_single_statement(
    store: SqlStore, engine: Engine
) -> None:
    inside, done = Event(), Event()
    seen: list[object] = []

    def ask() -> None:
        inside.set()
        with store.at_once() as tx:
            seen.append(tx.sessions.get(SessionId("session-one")))
        done.set()

    with store.transaction() as tx:
        tx.sessions.add(session())
        other = Thread(target=ask)
        other.start()
        inside.wait(PATIENCE)
        assert not done.wait(0.05)
    other.join(PATIENCE)
    assert seen == [session()]
