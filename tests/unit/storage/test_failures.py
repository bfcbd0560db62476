"""What goes wrong in the database comes out in our words, with nothing of what was stored."""

import sqlite3
import traceback

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
import sqlalchemy as sa

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection

from ordering_adapters.storage import SqlStore
from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.identifiers import SessionId
from ordering_core.errors import Conflict, OutcomeUnknown, PortError, Refused, Unavailable
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.samples import START, placement, session
from ordering_core.testing.contracts.threads import PATIENCE
from tests.contract.sql_database import new_database


ONE = SessionId("session-one")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = new_database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> SqlStore:
    return SqlStore(engine, ManualClock(START), patience=timedelta(milliseconds=50))


def _kept(store: SqlStore) -> CheckoutSession | None:
    with store.transaction() as tx:
        return tx.sessions.get(ONE)


def test_a_database_locked_by_another_process_is_unavailable(store: SqlStore, tmp_path: Path) -> None:
    impatient = sa.create_engine(f"sqlite:///{tmp_path}/ordering.db", connect_args={"timeout": 0})
    event.listen(impatient, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with store.transaction() as tx:
        tx.sessions.add(session())
        other = SqlStore(impatient, ManualClock(START))
        with pytest.raises(Unavailable, match="another process holds the database locked"):
            _kept(other)
    impatient.dispose()
    assert _kept(store) == session()


def test_a_thread_that_waits_too_long_for_the_others_is_told_so(store: SqlStore) -> None:
    inside, done = Event(), Event()

    def hold() -> None:
        with store.transaction():
            inside.set()
            done.wait(PATIENCE)

    holder = Thread(target=hold)
    holder.start()
    inside.wait(PATIENCE)
    try:
        with pytest.raises(Unavailable, match="other threads keep it busy"):
            _kept(store)
    finally:
        done.set()
        holder.join()
    assert _kept(store) is None


def test_a_transaction_within_a_transaction_is_a_mistake(store: SqlStore) -> None:
    with pytest.raises(RuntimeError, match="open already"), store.transaction(), store.transaction():
        pass
    assert _kept(store) is None


def test_what_commits_by_itself_is_one_statement(store: SqlStore) -> None:
    with store.at_once() as tx:
        tx.sessions.add(session())
        with pytest.raises(RuntimeError, match="outside its transaction"):
            tx.sessions.get(ONE)
    assert _kept(store) == session()


def test_what_commits_by_itself_waits_its_turn(store: SqlStore) -> None:
    with pytest.raises(RuntimeError, match="open already"), store.transaction(), store.at_once():
        pass
    assert _kept(store) is None


@pytest.mark.parametrize("arrives", [True, False])
def test_what_commits_by_itself_has_an_unknown_outcome_when_the_disk_fails(
    store: SqlStore, engine: Engine, monkeypatch: pytest.MonkeyPatch, *, arrives: bool
) -> None:
    def execute(cursor: sqlite3.Cursor, statement: str, values: Sequence[str], _context: object) -> None:
        if arrives:
            cursor.execute(statement, values)
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(engine.dialect, "do_execute", execute)
        with pytest.raises(OutcomeUnknown, match="SQLITE_IOERR_FSYNC"), store.at_once() as tx:
            tx.sessions.add(session())
    assert (_kept(store) is not None) is arrives


def test_parts_are_of_no_use_after_their_transaction(store: SqlStore) -> None:
    with store.transaction() as tx:
        sessions = tx.sessions
    with pytest.raises(RuntimeError, match="outside its transaction"):
        sessions.get(ONE)


def test_parts_are_of_no_use_to_another_thread(store: SqlStore) -> None:
    raised: list[Exception] = []

    def look() -> None:
        try:
            tx.sessions.get(ONE)
        except RuntimeError as error:
            raised.append(error)

    with store.transaction() as tx:
        stranger = Thread(target=look)
        stranger.start()
        stranger.join()
    assert len(raised) == 1


@pytest.mark.parametrize("arrives", [True, False])
def test_a_commit_without_an_answer_has_an_unknown_outcome(
    store: SqlStore, engine: Engine, monkeypatch: pytest.MonkeyPatch, *, arrives: bool
) -> None:
    def commit(connection: DBAPIConnection) -> None:
        if arrives:
            connection.commit()
        raise engine.dialect.loaded_dbapi.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(engine.dialect, "do_commit", commit)
        with pytest.raises(OutcomeUnknown, match="OperationalError"), store.transaction() as tx:
            tx.sessions.add(session())
    assert (_kept(store) is not None) is arrives


def test_an_error_that_cannot_even_be_rolled_back_is_the_one_that_is_raised(
    store: SqlStore, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rollback(_: DBAPIConnection) -> None:
        raise engine.dialect.loaded_dbapi.OperationalError("disk I/O error")

    assert _kept(store) is None
    with monkeypatch.context() as patch:
        patch.setattr(engine.dialect, "do_rollback", rollback)
        with suppress(KeyError), store.transaction() as tx:
            tx.sessions.add(session())
            raise KeyError
    assert _kept(store) is None


def test_tables_that_are_not_there_are_unavailable_with_the_way_out(store: SqlStore, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE oc_sessions"))
    with pytest.raises(Unavailable, match="was it upgraded"):
        _kept(store)


def test_half_a_character_where_databases_look_is_refused(store: SqlStore) -> None:
    with pytest.raises(Refused, match="NO_TEXT"), store.transaction() as tx:
        tx.sessions.get(SessionId("\ud800"))


def _add_twice(store: SqlStore, _: Engine) -> None:
    with store.transaction() as tx:
        tx.requests.add(placement())
        tx.requests.add(placement())


def _spoil(store: SqlStore, engine: Engine) -> None:
    with store.transaction() as tx:
        tx.sessions.add(session())
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE oc_sessions SET payload = replace(payload, 'eid', 'dei')"))
    _kept(store)


def _break(store: SqlStore, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE oc_sessions DROP COLUMN submitted"))
    with store.transaction() as tx:
        tx.sessions.add(session())


@pytest.mark.parametrize(
    ("wrong", "error"), [(_add_twice, Conflict), (_spoil, Refused), (_break, Unavailable)]
)
def test_no_error_carries_personal_data(
    store: SqlStore, engine: Engine, wrong: object, error: type[PortError]
) -> None:
    assert callable(wrong)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP INDEX ix_oc_sessions_submitted_expires_at"))
    with pytest.raises(error) as raised:
        wrong(store, engine)
    told = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    for personal in ("89049032000001000000012345678901", "09012345678", "1990-02-28", "1500001", "u9ad9"):
        assert personal not in told
    assert raised.value.__cause__ is None
