"""
Databases with as many orders as wanted, multiplied within the database from one that was kept as ours are.

An order's name stands in each of its rows, and its account's in some: that is all in which two orders differ.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

import attrs

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    String,
    Table,
    Text,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    type_coerce,
)

from ordering_adapters.clock import SystemClock
from ordering_adapters.storage import SqlStore, postgresql, schema, upgrade
from ordering_adapters.storage.sealed import Sealed
from ordering_core.application.record import order_subject
from ordering_core.domain.customers import Identity
from ordering_core.domain.identifiers import AccountId, ClientId, CustomerId, OrderId
from ordering_core.domain.journal import CaseFile, Done, Outcome, Rest, Runner, Step, WaitUntil
from ordering_core.domain.order_status import OrderState
from ordering_core.ports.checkout_records import PlacementState
from ordering_core.ports.order_records import Decision, DecisionKind
from ordering_core.ports.store import Transaction
from ordering_core.testing.contracts import samples


AHEAD: Final = timedelta(days=60)
"""How far the date lies ahead for which orders wait."""

EACH: Final = 20
"""Orders of an account."""

CUSTOMER: Final = CustomerId("customer-watched")
WATCHED: Final = AccountId("001-25")
"""The account whose pages are read: one in the middle."""
ITS_ORDER: Final = OrderId("801-510")

STEPS: Final = (
    Step.MARK_ACTIVATING,
    Step.ADD_BILLING_ORDER,
    Step.SUBMIT_LINE,
    Step.ACCEPT_BILLING_ORDER,
    Step.VERIFY_SERVICES,
    Step.COMPLETE,
)
EVENTS: Final = 6

_NAME: Final = "@name@"
_ACCOUNT: Final = "@account@"
_MULTIPLIED: Final = (
    schema.placements,
    schema.journal,
    schema.case_files,
    schema.orders,
    schema.events,
    schema.decisions,
    schema.triggers,
)


def fill(engine: Engine, *, orders: int, waiting: int) -> None:
    """
    Put *orders* orders into the new database of *engine*.

    The last *waiting* of them wait for a date 60 days ahead; the others are done.
    """
    upgrade(engine)
    done = orders - waiting
    for rest, state, names in (
        (Done(), OrderState.ACTIVATED, range(done)),
        (WaitUntil(SystemClock().now() + AHEAD), OrderState.SCHEDULED, range(done, orders)),
    ):
        if not names:
            continue
        with SqlStore(engine, SystemClock()).transaction() as tx:
            _keep_one(tx, rest, state)
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(postgresql.AS_LONG_AS_IT_TAKES)
            for table in _MULTIPLIED:
                _multiply(connection, table, names)
    clock = SystemClock()
    with SqlStore(engine, clock).transaction() as tx:
        tx.identities.put(Identity(customer=CUSTOMER, account=WATCHED, client=ClientId(1)))
        tx.projection.mark_refreshed(WATCHED, clock.now() + timedelta(days=1))
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql(postgresql.AS_LONG_AS_IT_TAKES)
            connection.exec_driver_sql("ANALYZE")


def _keep_one(tx: Transaction, rest: Rest, state: OrderState) -> None:
    """Keep the order that the others are copied from."""
    order = samples.projected(_NAME, account=f"001-{_ACCOUNT}", number=f"N{_NAME}", state=state)
    subject = order_subject(order.snapshot.id)
    tx.projection.put(order)
    placing = samples.placement(_NAME)
    tx.requests.add(placing)
    placed = attrs.evolve(placing, state=PlacementState.PLACED, placed=order.snapshot.id)
    tx.requests.replace(placed, runner=placing.runner)
    tx.journal.keep(CaseFile(subject=subject, rest=rest, seen=order.snapshot.activation))
    for number, step in enumerate(STEPS):
        tx.trigger(subject, cause=f"{_NAME}:{number}", at=samples.START + timedelta(days=36500))
        if isinstance(rest, Done):
            intent = tx.journal.intend(
                subject, step, mark=_NAME, runner=Runner(_NAME), at=samples.START, settles_at=samples.START
            )
            tx.journal.settle(intent.id, outcome=Outcome.DONE, at=samples.START, evidence={"id": _NAME})
    for _ in range(EVENTS):
        tx.events.append(samples.event(order.snapshot.id))
    tx.decisions.record(
        Decision(order=order.snapshot.id, kind=DecisionKind.SUBMITTED, at=samples.START, by="somebody")
    )


def _multiply(connection: Connection, table: Table, names: range) -> None:
    """Put a copy of each row of the one order into *table* under each of *names*, in place of it."""
    number = select(literal(names.start).label("number")).cte("numbers", recursive=True)
    number = number.union_all(select(number.c.number + 1).where(number.c.number < names.stop - 1))
    columns = [column for column in table.columns if column.name not in _numbered(table)]
    pattern = _is_pattern(table)
    rows = connection.execute(select(*columns).where(pattern)).all()
    connection.execute(delete(table).where(pattern))
    for row in rows:
        copies = (
            _renamed(value, column, number.c.number) for value, column in zip(row, columns, strict=True)
        )
        connection.execute(insert(table).from_select(columns, select(*copies)))


def _numbered(table: Table) -> Collection[str]:
    """Return the columns that the database numbers."""
    return {"id", "cursor", "number"} if table.dialect_options["sqlite"]["autoincrement"] else set()


def _renamed(value: object, column: Column[object], number: ColumnElement[int]) -> ColumnElement[object]:
    if not isinstance(value, str):
        return literal(value, column.type)
    named = func.replace(literal(value, Text), _NAME, cast(number, Text))
    return func.replace(named, _ACCOUNT, cast(number // EACH, Text))


def _is_pattern(table: Table) -> ColumnElement[bool]:
    texts = (column for column in table.columns if isinstance(column.type, String | Sealed))
    return or_(*(type_coerce(column, Text).contains(_NAME) for column in texts))
