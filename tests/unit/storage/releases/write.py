"""
Writes a database down as this version leaves it, for the tests of later ones: `REVISION.sql`, beside this.

    python -m tests.unit.storage.releases.write

Run it with the last commit before a new migration, and never again for the same revision. The rows fit both
databases; their tables are made by the migrations up to that revision.
"""

import sys

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import Boolean, Column, Engine, text

from ordering_adapters.memory.world import MemoryWorld
from ordering_adapters.storage import SqlStore, open_engine, open_storage, schema
from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.journal import Outcome, Runner, Step, Subject, SubjectKind
from ordering_core.ports.checkout_records import Answer, AnswerState
from ordering_core.ports.order_records import Finding
from ordering_core.testing.clocks import ManualClock
from tests.unit.application.shop import ESIM, HOME, PNG, PORTED_CARD, ROUTER, WEDNESDAY, place, ready_checkout


HERE: Final = Path(__file__).parent


def live_through(world: MemoryWorld[ManualClock]) -> None:
    """Let happen what leaves a row in every table of the store."""
    for draft in (ESIM, HOME, PORTED_CARD, ROUTER):
        order = place(world, world.new_customer(), draft)
        world.run_due()
        world.agent.approve(order)
    held = world.new_customer(with_payment_method=True)
    order = place(world, held)
    world.run_due()
    world.agent.approve(order)
    world.agent.remove_payment_methods(world.client_of(held))
    rejected = place(world, world.new_customer())
    world.run_due()
    world.agent.cancel(rejected)
    world.clock.advance(timedelta(minutes=15))
    world.run_due()
    world.ordering.reconcile()
    world.ordering.sweep()
    world.run_due()
    lost, in_doubt = world.new_customer(), world.new_customer(verified=False)
    session = ready_checkout(world, lost, ROUTER)
    world.faults.set("orders.place", "lose_reply")
    world.ordering.submit(session.id, customer=lost)
    world.ordering.upload_card(PNG, customer=in_doubt, key="card")
    world.ordering.begin_checkout(ESIM)
    with world.ordering.store.transaction() as tx:
        tx.findings.open(Finding(code=FindingCode.UNKNOWN_STATUS, subject=order, since=world.clock.now()))
        answer = Answer(
            scope="c POST /o", key="k", fingerprint="f", state=AnswerState.RUNNING, since=world.clock.now()
        )
        tx.answers.begin(answer)
        row = tx.journal.intend(
            Subject(SubjectKind.ELIGIBILITY, "001"),
            Step.REQUEST_ELIGIBILITY,
            mark="m",
            runner=Runner("r"),
            at=world.clock.now(),
            settles_at=world.clock.now(),
        )
        tx.journal.settle(row.id, outcome=Outcome.UNKNOWN, at=world.clock.now(), evidence={"é": "場"})


def keep_the_network(store: SqlStore) -> None:
    """Leave a row in the tables of the mobile network, of versions that have them."""
    from ordering_adapters.storage import SqlLineBook, SqlProfileBook
    from ordering_core.domain.identifiers import LineId, OrderId
    from ordering_core.domain.lines import Line, LineState
    from ordering_core.domain.values import Eid, Iccid, LineNumber
    from ordering_core.ports.line_book import Completion
    from ordering_core.ports.profile_book import KeptProfile
    from ordering_core.ports.profile_delivery import ProfileState

    book, order = SqlLineBook(store), OrderId("801000000000001AAA")
    number = LineNumber("07012345678")
    book.learn(
        Line(id=LineId("R1"), mark=order, state=LineState.OPEN, number=number, voice_mail=True), sim="digest"
    )
    book.complete(Completion(line=LineId("R1"), number=number))
    book.complete(Completion(line=LineId("R2"), number=None, failure="E1"))
    SqlProfileBook(store).keep(
        KeptProfile(
            mark=order,
            eid=Eid("89049032123451234512345678901235"),
            profile_type="5G",
            iccid=Iccid("8981100000000000010"),
            state=ProfileState.RELEASED,
        )
    )


def rows_of(engine: Engine) -> str:
    """Return an INSERT for every row of *engine*'s tables, in a form that both databases take."""
    lines: list[str] = []
    with engine.connect() as connection:
        for table in schema.metadata.sorted_tables:
            names = ", ".join(column.name for column in table.columns)
            for row in connection.exec_driver_sql(f"SELECT {names} FROM {table.name}"):
                values = ", ".join(map(_written, table.columns, row))
                lines.append(f"INSERT INTO {table.name} ({names}) VALUES ({values});")
    return "\n".join(lines) + "\n"


def _written(column: Column[object], value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(column.type, Boolean):
        return str(bool(value)).upper()
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def main() -> int:
    """Write the file of this version's revision, unless it is there."""
    with TemporaryDirectory() as directory:
        clock = ManualClock(WEDNESDAY)
        with open_storage(f"sqlite:///{directory}/ordering.db", clock) as storage:
            live_through(MemoryWorld(clock=clock, storage=storage))
            if "oc_lines" in schema.metadata.tables:
                keep_the_network(storage[0])
            engine = open_engine(f"sqlite:///{directory}/ordering.db")
            with engine.connect() as connection:
                revision = connection.execute(text("SELECT version_num FROM oc_schema")).scalar_one()
            written = rows_of(engine)
            engine.dispose()
    file = HERE / f"{revision}.sql"
    if file.exists():
        print(f"{file.name} is there already: what a release wrote does not change", file=sys.stderr)  # noqa: T201 - a command
        return 1
    file.write_text(written, encoding="ascii")
    print(f"{file.name}: {written.count('INSERT')} rows")  # noqa: T201 - a command
    return 0


if __name__ == "__main__":
    sys.exit(main())
