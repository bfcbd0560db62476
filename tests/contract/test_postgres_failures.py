"""What goes wrong on PostgreSQL comes out in our words, in time, with nothing of what was stored."""

import traceback

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Barrier, Event, Thread

import attrs
import pytest

from sqlalchemy import Engine, event, text

from ordering_adapters.storage import SqlStore, postgresql
from ordering_adapters.storage.patience import READING
from ordering_adapters.storage.statements import failures
from ordering_adapters.storage.store import BESIDE
from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.identifiers import Cursor, SessionId
from ordering_core.errors import Conflict, OutcomeUnknown, PortError, Refused, Unavailable
from ordering_core.ports.store import Transaction
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.samples import START, placement, session
from ordering_core.testing.contracts.samples import event as sample
from ordering_core.testing.contracts.threads import PATIENCE
from ordering_core.testing.contracts.threads import at_once as together
from tests.contract.postgres_database import Databases, end_sessions, opened


ONE = SessionId("session-one")


@pytest.fixture
def engine(postgres: Databases) -> Iterator[Engine]:
    with opened(postgres.empty()) as engine:
        yield engine


@pytest.fixture
def store(engine: Engine) -> SqlStore:
    return SqlStore(engine, ManualClock(START))


@pytest.fixture
def own(postgres: Databases) -> Iterator[Engine]:
    """Yield an engine on a database whose tables may be broken."""
    with opened(postgres.copied()) as engine:
        yield engine


@pytest.fixture
def impatient(postgres: Databases) -> Iterator[SqlStore]:
    """Yield a store on the same database that waits for nobody."""
    with opened(postgres.migrated()) as engine:
        event.listen(engine, "connect", lambda opened, _: opened.execute("SET lock_timeout = 20"))
        yield SqlStore(engine, ManualClock(START))


def _kept(store: SqlStore) -> CheckoutSession | None:
    with store.transaction() as tx:
        return tx.sessions.get(ONE)


def _looked(store: SqlStore) -> CheckoutSession | None:
    with store.at_once() as tx:
        return tx.sessions.get(ONE)


def _in_another_thread(act: Callable[[], CheckoutSession | None]) -> list[CheckoutSession | None]:
    """Return what *act* returns; nothing when it takes too long."""
    done: list[CheckoutSession | None] = []
    thread = Thread(target=lambda: done.append(act()))
    thread.start()
    thread.join(PATIENCE)
    return done


def _do(store: SqlStore, act: Callable[[Transaction], None]) -> None:
    with store.transaction() as tx:
        act(tx)


def test_a_session_waits_ten_seconds_at_most_and_for_the_disk(engine: Engine) -> None:
    asked = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "synchronous_commit")
    with engine.connect() as connection:
        answers = [connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in asked]
    assert answers == ["10s", "10s", "10s", "on"]


def test_a_database_told_to_hurry_is_not_obeyed(own: Engine) -> None:
    with own.begin() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {own.url.database} SET synchronous_commit = off")
    own.dispose()
    with own.connect() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"


def test_a_transaction_has_its_turn_before_it_reads_and_who_waits_too_long_is_told(
    store: SqlStore, impatient: SqlStore
) -> None:
    with store.transaction(), pytest.raises(Unavailable, match="another process holds the database locked"):
        _kept(impatient)
    assert _kept(impatient) is None


def test_who_only_looks_waits_for_nobody(store: SqlStore, impatient: SqlStore) -> None:
    with store.transaction() as tx:
        tx.sessions.add(session())
        with impatient.engine.connect() as connection:
            looking = connection.execution_options(**{READING: True})
            assert looking.execute(text("SELECT count(*) FROM oc_sessions")).scalar_one() == 0


def test_a_connection_lost_while_nobody_used_it_is_not_noticed(store: SqlStore, engine: Engine) -> None:
    with store.transaction() as tx:
        tx.sessions.add(session())
    for _ in range(2):
        end_sessions(engine)
        assert _kept(store) == session()


def test_a_connection_lost_without_a_word_is_not_noticed_either(
    store: SqlStore, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "loss_of", lambda _: lambda: False)
    with store.transaction() as tx:
        tx.sessions.add(session())
    end_sessions(engine)
    assert _kept(store) == session()


def test_what_commits_by_itself_is_not_sent_on_a_connection_that_was_lost(
    store: SqlStore, engine: Engine
) -> None:
    with store.at_once() as tx:
        tx.sessions.add(session())
    for version in range(2):
        end_sessions(engine)
        with store.at_once() as tx:
            tx.sessions.replace(attrs.evolve(session(), version=version))
    assert _kept(store) == attrs.evolve(session(), version=2)


def test_what_commits_by_itself_has_an_unknown_outcome_when_it_is_cut_off(
    store: SqlStore, engine: Engine
) -> None:
    def be_cut_off() -> None:
        with store.at_once() as tx:
            end_sessions(engine)
            tx.sessions.add(session())

    with pytest.raises(OutcomeUnknown, match="the server was stopped"):
        be_cut_off()
    assert _kept(store) is None


def test_all_that_were_kept_are_replaced_when_the_server_was_started_again(
    store: SqlStore, engine: Engine
) -> None:
    with store.transaction() as tx:
        tx.sessions.add(session())
        assert _in_another_thread(lambda: _looked(store)) == [None]  # on a connection of its own
    for _ in range(2):
        end_sessions(engine)
        with store.transaction():
            assert _in_another_thread(lambda: _looked(store)) == [session()]


def test_what_commits_by_itself_waits_for_no_transaction_and_sees_what_was_committed(store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.sessions.add(session())
        assert _in_another_thread(lambda: _looked(store)) == [None]
    assert _in_another_thread(lambda: _looked(store)) == [session()]


def test_of_two_that_change_a_row_the_one_without_a_transaction_waits_and_is_told(store: SqlStore) -> None:
    begun, done = Event(), Event()

    def change() -> None:
        begun.set()
        try:
            with store.at_once() as tx:
                tx.sessions.replace(session())
        finally:
            done.set()

    with store.transaction() as tx:
        tx.sessions.add(session())
    raised: list[BaseException | None] = []
    with store.transaction() as tx:
        tx.sessions.replace(session())
        other = Thread(target=lambda: raised.extend(together(change)))
        other.start()
        begun.wait(PATIENCE)
        assert not done.wait(0.1)
    other.join(PATIENCE)
    assert [type(each) for each in raised] == [Conflict]
    assert _kept(store) == attrs.evolve(session(), version=1)


def test_a_thread_has_one_of_either_kind_open(store: SqlStore) -> None:
    for first in (store.transaction, store.at_once):
        for second in (store.transaction, store.at_once):
            with pytest.raises(RuntimeError, match="open already"), first(), second():
                pass
    assert _kept(store) is None


def test_what_commits_by_itself_is_run_by_so_many_threads_and_the_next_one_waits_its_patience(
    engine: Engine,
) -> None:
    store = SqlStore(engine, ManualClock(START), patience=timedelta(milliseconds=50))
    inside, done = Barrier(BESIDE + 1), Event()

    def hold() -> None:
        with store.at_once():
            inside.wait(PATIENCE)
            done.wait(PATIENCE)

    holders = [Thread(target=hold) for _ in range(BESIDE)]
    for each in holders:
        each.start()
    inside.wait(PATIENCE)
    try:
        with pytest.raises(Unavailable, match="other threads keep it busy"), store.at_once():
            pass
        assert _kept(store) is None  # a transaction does not wait for them
    finally:
        done.set()
        for each in holders:
            each.join()
    assert _looked(store) is None


def test_no_event_is_appended_without_a_turn(store: SqlStore) -> None:
    with pytest.raises(RuntimeError, match="whose turn gives it its place"), store.at_once() as tx:
        tx.events.append(sample())
    with store.transaction() as tx:
        assert tx.events.after(Cursor(0)) == ()


def test_a_connection_lost_in_the_middle_is_unavailable_and_leaves_nothing(
    store: SqlStore, engine: Engine
) -> None:
    def be_cut_off(tx: Transaction) -> None:
        tx.sessions.add(session())
        end_sessions(engine)
        tx.sessions.get(ONE)

    with pytest.raises(Unavailable, match="the server was stopped"):
        _do(store, be_cut_off)
    assert _kept(store) is None


def test_a_connection_lost_before_the_commit_is_answered_has_an_unknown_outcome(
    store: SqlStore, engine: Engine
) -> None:
    def be_cut_off(tx: Transaction) -> None:
        tx.sessions.add(session())
        end_sessions(engine)

    with pytest.raises(OutcomeUnknown):
        _do(store, be_cut_off)
    assert _kept(store) is None


def test_who_does_nothing_in_the_middle_of_a_transaction_loses_it(
    store: SqlStore, postgres: Databases
) -> None:
    with opened(postgres.migrated()) as engine:
        event.listen(
            engine,
            "connect",
            lambda opened, _: opened.execute("SET idle_in_transaction_session_timeout = 50"),
        )

        def dawdle(tx: Transaction) -> None:
            tx.sessions.add(session())
            other = Thread(target=_kept, args=(store,))
            other.start()
            other.join(PATIENCE)  # its turn comes only when this one has lost its own
            tx.sessions.get(ONE)

        with pytest.raises(Unavailable):
            _do(SqlStore(engine, ManualClock(START)), dawdle)
    assert _kept(store) is None


def test_a_server_that_is_not_there_is_unavailable_and_its_password_stays_with_us() -> None:
    with opened("postgresql://app:hunter2@/orders?host=/nowhere") as engine:
        with pytest.raises(Unavailable, match="is the server running") as raised:
            _kept(SqlStore(engine, ManualClock(START)))
        assert "hunter2" not in "".join(traceback.format_exception(raised.value)) + repr(engine)


@pytest.mark.parametrize("state", ["40001", "40P01"])
def test_who_gives_way_to_another_transaction_begins_again(engine: Engine, state: str) -> None:
    with engine.connect() as connection, pytest.raises(Conflict, match="another transaction won"), failures():
        connection.exec_driver_sql(f"DO 'BEGIN RAISE EXCEPTION USING ERRCODE = ''{state}''; END'")


@pytest.mark.parametrize("nothing", ["\0", "\ud800"])
def test_what_is_no_text_is_refused(store: SqlStore, nothing: str) -> None:
    with pytest.raises(Refused, match="NO_TEXT"), store.transaction() as tx:
        tx.sessions.get(SessionId(f"session-{nothing}"))
    assert _kept(store) is None


def _add_twice(store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.requests.add(placement())
        tx.requests.add(placement())


def _spoil(store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.sessions.add(session())
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE oc_sessions SET payload = replace(payload, 'eid', 'dei')"))
    _kept(store)


def _break(store: SqlStore) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE oc_sessions DROP COLUMN submitted"))
    with store.transaction() as tx:
        tx.sessions.add(session())


def _narrow(store: SqlStore) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE oc_sessions ADD CHECK (length(payload) < 10)"))
    with store.transaction() as tx:
        tx.sessions.add(session())


@pytest.mark.parametrize(
    ("wrong", "error"),
    [(_add_twice, Conflict), (_spoil, Refused), (_break, Unavailable), (_narrow, Conflict)],
)
def test_no_error_carries_personal_data(own: Engine, wrong: object, error: type[PortError]) -> None:
    assert callable(wrong)
    with pytest.raises(error) as raised:
        wrong(SqlStore(own, ManualClock(START)))
    told = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    for personal in ("89049032000001000000012345678901", "09012345678", "1990-02-28", "1500001", "u9ad9"):
        assert personal not in told
    assert raised.value.__cause__ is None


def test_of_two_processes_the_one_that_commits_later_has_the_higher_cursor(
    store: SqlStore, postgres: Databases
) -> None:
    done = Event()

    def append() -> None:
        with opened(postgres.migrated()) as engine, SqlStore(engine, ManualClock(START)).transaction() as tx:
            tx.events.append(sample(detail="second"))
        done.set()

    with store.transaction() as tx:
        first = tx.events.append(sample(detail="first"))
        second = Thread(target=append)
        second.start()
        assert not done.wait(0.1)  # it waits for its turn, and has no cursor yet
    second.join(PATIENCE)
    with store.transaction() as tx:
        told = tx.events.after(Cursor(0))
    assert [each.detail for each in told] == ["first", "second"]
    assert told[0] == first
