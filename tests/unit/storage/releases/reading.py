"""Reading what an earlier release wrote, upgraded, through the store of this version: every record of it."""

import json

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

import attrs

from sqlalchemy import Engine, inspect, text

from ordering_adapters.storage import SqlLineBook, SqlProfileBook, SqlStore, SqlWorkQueue, upgrade
from ordering_adapters.storage.converter import dump, load
from ordering_adapters.storage.schema import metadata
from ordering_core.domain.identifiers import Cursor, CustomerId, LineId, OrderId, RequestKey, SessionId
from ordering_core.domain.journal import Subject, SubjectKind
from ordering_core.ports.checkout_records import Answer, AnswerState
from ordering_core.ports.line_book import Completion
from ordering_core.ports.store import Transaction
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.samples import event
from tests.unit.application.shop import WEDNESDAY


Keys: TypeAlias = Mapping[str, list[tuple[str, ...]]]
"""The keys of every table's rows."""

HERE: Final = Path(__file__).parent
RELEASES: Final = sorted(file.stem for file in HERE.glob("*.sql"))


def written_by(release: str, engine: Engine) -> Counter[str]:
    """Make the tables and rows of *release* on *engine*, and return how many rows each table has."""
    upgrade(engine, to=release)
    rows = [line for line in (HERE / f"{release}.sql").read_text("ascii").splitlines() if line]
    with engine.begin() as connection:
        for row in rows:
            connection.exec_driver_sql(row.replace("%", "%%"))
        if engine.dialect.name == "postgresql":  # as it is where the rows were given their numbers
            for table in metadata.tables.values():
                column = table.autoincrement_column
                if column is not None and inspect(connection).has_table(table.name):
                    sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
                    last = f"(SELECT max({column.name}) FROM {table.name})"
                    connection.execute(text(f"SELECT setval({sequence}, coalesce({last}, 0) + 1, false)"))
    return Counter(row.split()[2] for row in rows)


def read_through_the_store(engine: Engine) -> Counter[str]:
    """Read every record by its key, as this version does, and return how many each table gave."""
    keys = dict(_keys(engine))
    store = SqlStore(engine, ManualClock(WEDNESDAY))
    with store.transaction() as tx:
        found = _of_orders(tx, keys) + _of_the_rest(tx, keys)
    lines, profiles = SqlLineBook(store), SqlProfileBook(store)
    found["oc_lines"] = sum(lines.line(LineId(line)) is not None for _, line in keys["oc_lines"])
    found["oc_profiles"] = sum(profiles.get(OrderId(mark)) is not None for (mark,) in keys["oc_profiles"])
    with engine.connect() as connection:
        said = connection.exec_driver_sql("SELECT payload FROM oc_completions").all()
    found["oc_completions"] = len([load(Completion, payload) for (payload,) in said])
    found["oc_triggers"] = _ran(engine) + _runs(store)
    return found


def _of_orders(tx: Transaction, keys: Keys) -> Counter[str]:
    found: Counter[str] = Counter()
    for (request,) in keys["oc_placements"]:
        placement = tx.requests.get(RequestKey(request))
        assert placement is not None
        assert placement.placed is None or tx.requests.of_order(placement.placed) == placement
        found["oc_placements"] += 1
    for kind, key in {(kind, key) for kind, key, _ in keys["oc_journal"]}:
        found["oc_journal"] += len(tx.journal.rows(Subject(SubjectKind(kind), key)))
    for kind, key in keys["oc_case_files"]:
        found["oc_case_files"] += tx.journal.case_file(Subject(SubjectKind(kind), key)) is not None
    for (order,) in keys["oc_orders"]:
        found["oc_orders"] += tx.projection.get(OrderId(order)) is not None
        found["oc_decisions"] += len(tx.decisions.of(OrderId(order)))
    found["oc_events"] = len(tx.events.after(Cursor(0), limit=10_000))
    return found


def _of_the_rest(tx: Transaction, keys: Keys) -> Counter[str]:
    found: Counter[str] = Counter()
    for (session,) in keys["oc_sessions"]:
        found["oc_sessions"] += tx.sessions.get(SessionId(session)) is not None
    found["oc_findings"] = len(tx.findings.all_open())
    for (customer,) in keys["oc_identities"]:
        found["oc_identities"] += tx.identities.of_customer(CustomerId(customer)) is not None
    for (name,) in keys["oc_checkpoints"]:
        found["oc_checkpoints"] += tx.checkpoints.get(name) is not None
    for scope, key in keys["oc_answers"]:
        again = Answer(scope=scope, key=key, fingerprint="", state=AnswerState.RUNNING, since=WEDNESDAY)
        found["oc_answers"] += tx.answers.begin(again) is not None
    return found


def goes_on(engine: Engine) -> bool:
    """Whether what is written now comes after what was there."""
    with SqlStore(engine, ManualClock(WEDNESDAY)).transaction() as tx:
        last = tx.events.after(Cursor(0), limit=10_000)[-1]
        return tx.events.append(event()).cursor > last.cursor


def says_the_same(engine: Engine) -> int:
    """Check that what this version makes of each payload holds all that the payload said; count them."""
    from ordering_adapters.storage import converter

    kinds = {
        "oc_sessions": "CheckoutSession",
        "oc_placements": "Placement",
        "oc_case_files": "CaseFile",
        "oc_orders": "ProjectedOrder",
        "oc_events": "OrderEvent",
        "oc_decisions": "Decision",
        "oc_findings": "Finding",
        "oc_lines": "Line",
        "oc_completions": "Completion",
        "oc_profiles": "KeptProfile",
    }
    known = {kind.__name__: kind for kind in converter.STORED}
    compared = 0
    with engine.connect() as connection:
        for table, name in kinds.items():
            assert attrs.has(known[name])
            for (payload,) in connection.exec_driver_sql(f"SELECT payload FROM {table}"):
                assert _within(json.loads(payload), json.loads(dump(load(known[name], payload)))), table
                compared += 1
    return compared


def _within(part: object, whole: object) -> bool:
    """Whether *whole* says everything that *part* says: a field that was added since has its default."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and _within(value, whole[key]) for key, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(map(_within, part, whole))
    return part == whole


def _keys(engine: Engine) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    columns = {
        "oc_journal": "kind, key, id",
        "oc_lines": "number, id",
    }
    with engine.connect() as connection:
        for table in metadata.tables.values():
            names = columns.get(table.name) or ", ".join(each.name for each in table.primary_key)
            rows = connection.exec_driver_sql(f"SELECT {names} FROM {table.name}").all()
            yield table.name, [tuple(row) for row in rows]


def _ran(engine: Engine) -> int:
    with engine.connect() as connection:
        counted = connection.exec_driver_sql("SELECT count(*) FROM oc_triggers WHERE due IS NULL")
        return int(counted.scalar_one())


def _runs(store: SqlStore) -> int:
    """Run what waits, and return how much that was."""
    queue, ran = SqlWorkQueue(store), 0
    while (due := queue.next_due()) is not None:
        ran += queue.run_due(due, lambda _: None)
    return ran
