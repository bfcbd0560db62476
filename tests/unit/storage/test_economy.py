"""How many statements an order costs, and that none of them takes longer because more is stored."""

import sys

from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import attrs
import pytest

from sqlalchemy import Connection, Engine, event

from ordering_adapters.memory.world import MemoryWorld
from ordering_adapters.storage import SqlLiveUpdates, SqlStore, SqlWorkQueue
from ordering_core import OrderState
from ordering_core.application.sweeping import SWEPT_AT_ONCE, sweep
from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.identifiers import AccountId, Cursor, OrderId
from ordering_core.domain.journal import CaseFile, Outcome, Runner, Step, SubjectKind, WaitUntil
from ordering_core.domain.policy import Policy
from ordering_core.domain.vocabulary import OrderType
from ordering_core.ports.checkout_records import PlacementState
from ordering_core.ports.store import Transaction
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts import samples
from ordering_core.testing.contracts.samples import START, placement, session, subject
from ordering_core.testing.contracts.samples import event as an_event
from tests.contract.sql_database import new_database
from tests.unit.application.shop import ESIM, WEDNESDAY, ready_checkout


ORDERING: Final = 17
"""Statements that an order takes until it is placed, those that begin and end transactions too."""

PROVISIONING: Final = 220
"""Statements that an eSIM order takes from approval to Active, those that begin and end transactions too."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = new_database(tmp_path)
    yield engine
    engine.dispose()


@attrs.define
class Counted:
    """What was asked of the database: statements, transactions left out, and transactions."""

    statements: list[str] = attrs.field(factory=list)
    transactions: int = 0

    def __str__(self) -> str:
        return f"{len(self.statements)} statements in {self.transactions} transactions"


@contextmanager
def counted(engine: Engine) -> Iterator[Counted]:
    seen = Counted()

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.statements.append(statement)

    def note_commit(_: Connection) -> None:
        seen.transactions += 1

    listening = ((engine, "before_cursor_execute", note), (engine, "commit", note_commit))
    for target, name, listener in listening:
        event.listen(target, name, listener)
    yield seen
    for target, name, listener in listening:
        event.remove(target, name, listener)


def test_an_order_takes_at_most_seventeen_statements_from_the_checkout_on_and_its_life_not_many(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = ManualClock(WEDNESDAY)
    store = SqlStore(engine, clock)
    with closing(SqlLiveUpdates(engine)) as live:
        world = MemoryWorld(clock=clock, storage=(store, SqlWorkQueue(store), live))
        customer = world.new_customer()
        with counted(engine) as life:
            with counted(engine) as checkout:
                ready = ready_checkout(world, customer, ESIM)
            with counted(engine) as placing:
                order = world.ordering.submit(ready.id, customer=customer).order
            assert order is not None
            with counted(engine) as provisioning:
                world.agent.approve(order)
                world.run_due()
                clock.advance(timedelta(minutes=10))
                world.run_due()
        with counted(engine) as detail:
            assert world.ordering.order(order, customer=customer).status.state is OrderState.ACTIVATED
        with counted(engine) as sweep:
            world.ordering.sweep()
    with capsys.disabled():
        told = {"checkout": checkout, "place": placing, "approve to Active": provisioning, "all": life}
        lines = (f"    {what}: {count}" for what, count in {**told, "detail": detail, "sweep": sweep}.items())
        sys.stdout.write("\n".join(("\n  an eSIM order on SQLite", *lines, "")))
    assert placing.transactions == 2
    assert len(checkout.statements) + len(placing.statements) + 2 * placing.transactions <= ORDERING
    assert checkout.transactions == 0
    assert len(provisioning.statements) + 2 * provisioning.transactions <= PROVISIONING
    assert len(life.statements) <= 160
    assert len(detail.statements) <= 13
    assert len(sweep.statements) == 6


@pytest.mark.parametrize(("overdue", "looks"), [(0, 1), (SWEPT_AT_ONCE - 1, 1), (SWEPT_AT_ONCE + 1, 2)])
def test_a_sweep_reads_what_is_overdue_in_pages_and_not_what_waits(
    engine: Engine, overdue: int, looks: int
) -> None:
    store = SqlStore(engine, ManualClock(WEDNESDAY))
    with store.transaction() as tx:
        for number in range(overdue + 20):
            until = WEDNESDAY if number < overdue else WEDNESDAY + timedelta(days=60)
            tx.journal.keep(CaseFile(subject=subject(f"{number}"), rest=WaitUntil(until)))
        assert len(tx.journal.awake(WEDNESDAY, limit=9 * SWEPT_AT_ONCE)) == overdue
    with counted(engine) as swept:
        assert sweep(store=store, policy=Policy(), at=WEDNESDAY) == overdue
    assert len([each for each in swept.statements if "FROM oc_case_files" in each]) == looks
    assert swept.transactions == looks + (overdue > 0)


@pytest.mark.parametrize("after_the_first", [False, True])
def test_a_page_of_fifty_orders_takes_as_many_statements_as_a_page_of_one(
    engine: Engine, *, after_the_first: bool
) -> None:
    clock = ManualClock(WEDNESDAY)
    store = SqlStore(engine, clock)
    with closing(SqlLiveUpdates(engine)) as live:
        world = MemoryWorld(clock=clock, storage=(store, SqlWorkQueue(store), live))
        customer = world.new_customer()
        _keep_orders(store, world.account_of(customer), 51, at=clock.now())
        first = world.ordering.list_orders(customer=customer, limit=1)
        after = first.orders[0].id if after_the_first else None
        taken = []
        for limit in (1, 50):
            with counted(engine) as asked:
                page = world.ordering.list_orders(customer=customer, limit=limit, after=after)
            assert len(page.orders) == limit
            assert {each.monthly.net for each in page.orders} == {placement().order.quote.monthly.net}
            taken.append((len(asked.statements), asked.transactions))
    assert taken[0] == taken[1]
    assert taken[1][0] <= 8


def _keep_orders(store: SqlStore, account: AccountId, number: int, *, at: datetime) -> None:
    """Keep *number* orders of *account* that were placed here, and were read *at*."""
    with store.transaction() as tx:
        for each in range(number):
            copy = samples.projected(f"{each:02d}", account=account, as_of=at)
            placed = placement(f"{each:02d}")
            tx.requests.add(attrs.evolve(placed, state=PlacementState.PLACED, placed=copy.snapshot.id))
            tx.projection.put(copy)
        tx.projection.mark_refreshed(account, at)


def _everything_asked(tx: Transaction) -> None:
    """Ask every question and write every record that orders ask and write again and again."""
    tx.sessions.add(session())
    kept, _ = tx.replace_session(tx.sessions.replace(session()), "poll")
    tx.sessions.get(kept.id)
    tx.visit(kept.id, kept.owner)
    tx.placing_file(placement(), OrderId("801"))
    tx.sessions.expired(START)
    tx.sessions.remove(kept.id)
    tx.requests.add(placement())
    tx.requests.replace(placement(), runner=placement().runner)
    tx.requests.get(placement().key)
    tx.requests.of_order(OrderId("801"))
    tx.requests.of_orders([OrderId("801"), OrderId("802")])
    tx.requests.unresolved(START)
    tx.requests.forget_refused(START, limit=5)
    row = tx.journal.intend(subject(), Step.NOTIFY, mark="m", runner=Runner("r"), at=START, settles_at=START)
    tx.journal.settle(row.id, outcome=Outcome.DONE, at=START, evidence={})
    tx.journal.rows(subject())
    tx.journal.case_file(subject())
    tx.journal.recall(subject())
    tx.journal.unfinished()
    tx.journal.count_unfinished()
    tx.journal.awake(START, limit=5)
    tx.journal.awake(START, after=subject(), limit=5)
    tx.journal.finished(SubjectKind.ORDER, after="801", limit=5)
    tx.due_since(START)
    account = AccountId("001A")
    tx.projection.get(OrderId("801"))
    tx.projection.page(account)
    tx.projection.page(account, after=OrderId("801"), limit=3)
    tx.projection.page(account, states={"Approved"}, order_type=OrderType.SIM, search="12")
    tx.projection.counts(account)
    tx.projection.refreshed_at(account)
    tx.events.after(Cursor(0))
    tx.events.after(Cursor(0), order=OrderId("801"))
    tx.events.last(OrderId("801"))
    tx.events.after(Cursor(1))
    tx.events.after(Cursor(1), order=OrderId("801"))
    tx.events.append(an_event("801"))
    tx.events.append(an_event("801"))
    tx.events.forget(OrderId("801"))
    tx.decisions.of(OrderId("801"))
    tx.identities.of_account(account)
    tx.checkpoints.get("poll")
    tx.answers.abandon("scope", "key")
    tx.answers.forget_before(START)
    _triggers_forgotten(tx)
    _uploads_asked(tx)


def _uploads_asked(tx: Transaction) -> None:
    """Ask for cards on their way, and forget them."""
    tx.uploads.get(placement().key)
    tx.uploads.remove(placement().key)
    tx.uploads.forget_before(START)
    tx.uploads.oldest()


def _triggers_forgotten(tx: Transaction) -> None:
    """Forget triggers in every way."""
    for waiting in (True, False):
        tx.forget_triggers(subject(), waiting=waiting)
        tx.findings.of(FindingCode.RUN_BREAKS, "801" if waiting else None)
    tx.trigger_instead((subject(), "needless"), subject("other"), cause="event-1")


def test_as_much_is_asked_of_the_database_when_nobody_counts(tmp_path: Path) -> None:
    sent = []
    for heard in (False, True):
        directory = tmp_path / f"{heard}"
        directory.mkdir()
        engine, log = new_database(directory), list[str]()
        event.listen(engine, "connect", lambda opened, _, log=log: opened.set_trace_callback(log.append))
        with counted(engine) if heard else nullcontext():
            store = SqlStore(engine, ManualClock(START))
            with store.transaction() as tx:
                _everything_asked(tx)
            with store.at_once() as tx:
                tx.journal.rows(subject())
        engine.dispose()
        sent.append([each for each in log if "oc_" in each])
    assert sent[0] == sent[1]
    assert len(sent[0]) > 50


def test_every_question_is_answered_from_an_index(engine: Engine) -> None:
    store = SqlStore(engine, ManualClock(START))
    with counted(engine) as asked, store.transaction() as tx:
        _everything_asked(tx)
    queue = SqlWorkQueue(store)
    with counted(engine) as worked:
        queue.run_due(START, lambda _: None)
        queue.next_due()
    assert len(asked.statements) > 25
    with engine.connect() as connection:
        for statement in (*asked.statements, *worked.statements):
            values = (None,) * statement.count("?")
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            steps = [row.detail for row in rows]
            assert not [step for step in steps if step.startswith("SCAN oc_")], statement
            if "LIMIT" in statement:  # what is cut off is not sorted first
                assert not [step for step in steps if "TEMP B-TREE" in step], statement
            if "(oc_orders.created_at, oc_orders.id) <" in statement:
                assert "(account=? AND created_at<?)" in steps[0]
