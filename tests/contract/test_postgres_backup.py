"""`ordering backup`, `restore`, `doctor`, `pause` and `resume` on PostgreSQL, as on SQLite."""

import json
import sqlite3

from base64 import b64encode
from contextlib import closing
from pathlib import Path

import pytest

from sqlalchemy import insert

from ordering_adapters.memory.world import MemoryWorld
from ordering_adapters.storage import SqlStore, open_storage, schema, upgrade
from ordering_adapters.storage.backup import backup, restore
from ordering_adapters.storage.copying import PAGE
from ordering_core import Pause
from ordering_core.errors import Refused, Unavailable
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.samples import event
from ordering_entrypoints.cli import main
from tests.contract.postgres_database import Databases, opened
from tests.unit.application.shop import ESIM, WEDNESDAY, place
from tests.unit.storage.restoring import before_and_after, url, working


def _counts(where: str) -> dict[str, int]:
    """Return how many rows each table has, but for what a restore writes itself."""
    with opened(where) as engine, engine.connect() as connection:
        return {
            name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()
            for name in schema.metadata.tables
            if name != schema.checkpoints.name
        }


def _with_an_order(where: str) -> None:
    with working(where) as world:
        place(world, world.new_customer())


def test_orders_provisioned_after_the_backup_are_neither_billed_nor_opened_again(
    postgres: Databases, tmp_path: Path
) -> None:
    before_and_after(tmp_path, orders=2, later=2, of=postgres.copied(), into=postgres.new())


def test_who_outgrows_one_machine_restores_the_file_into_a_server_and_may_come_back(
    postgres: Databases, tmp_path: Path
) -> None:
    file, copy, server = tmp_path / "ordering.db", tmp_path / "copy.db", postgres.new()
    _with_an_order(url(file))
    before = _counts(url(file))
    backup(url(file), copy)
    restore(server, copy, clock=ManualClock(WEDNESDAY))
    assert _counts(server) == before
    again, back = tmp_path / "again.db", tmp_path / "back.db"
    backup(server, again)
    restore(url(back), again, clock=ManualClock(WEDNESDAY))
    assert _counts(url(back)) == before
    with working(back) as world:
        assert set(world.ordering.paused()) == {Pause.OBSERVE}


def test_a_backup_holds_every_row_of_one_moment_and_numbers_go_on_after_it(
    postgres: Databases, tmp_path: Path
) -> None:
    source, target, copy = postgres.copied(), postgres.new(), tmp_path / "copy.db"
    with opened(source) as engine:
        with engine.begin() as connection:
            many = [{"name": f"{number:05}", "place": "x"} for number in range(PAGE * 2 + 1)]
            connection.execute(insert(schema.checkpoints), many)
        store = SqlStore(engine, ManualClock(WEDNESDAY))
        with store.transaction() as tx:
            kept = [tx.events.append(event()) for _ in range(3)]
        with store.transaction() as tx:
            tx.events.append(event())  # not of this moment, and nobody waits
            assert backup(source, copy) == copy.stat().st_size
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["copy.db"]
    with closing(sqlite3.connect(copy)) as written:
        [[checkpoints]] = written.execute("SELECT count(*) FROM oc_checkpoints")
    assert checkpoints == len(many)
    restore(target, copy, clock=ManualClock(WEDNESDAY))
    with opened(target) as engine, SqlStore(engine, ManualClock(WEDNESDAY)).transaction() as tx:
        assert [each.cursor for each in tx.events.after(kept[0].cursor)] == [each.cursor for each in kept[1:]]
        assert tx.events.append(event()).cursor > kept[-1].cursor


def test_a_database_that_is_not_empty_or_in_use_is_left_as_it_is(postgres: Databases, tmp_path: Path) -> None:
    source, copy = postgres.copied(), tmp_path / "copy.db"
    _with_an_order(source)
    backup(source, copy)
    before = _counts(source)
    clock = ManualClock(WEDNESDAY)
    with pytest.raises(ValueError, match="holds 1 orders and 1 submits"):
        restore(source, copy, clock=clock)
    with pytest.raises(ValueError, match="nothing is set aside"):
        restore(source, copy, clock=clock, replace=True)
    assert _counts(source) == before
    used = postgres.new()
    with opened(used) as engine:
        upgrade(engine)
        with engine.connect(), pytest.raises(Unavailable, match="is in use; stop ordering serve"):
            restore(used, copy, clock=clock)
    restore(used, copy, clock=clock)
    assert _counts(used) == before


def test_nothing_of_ours_and_what_is_newer_is_refused_and_leaves_no_file(
    postgres: Databases, tmp_path: Path
) -> None:
    empty, newer, copy = postgres.new(), postgres.copied(), tmp_path / "copy.db"
    with pytest.raises(ValueError, match="no tables of ordering"):
        backup(empty, copy)
    with opened(newer) as engine, engine.begin() as connection:
        connection.exec_driver_sql("UPDATE oc_schema SET version_num = 'from_the_future'")
    with pytest.raises(Refused, match="from_the_future"):
        backup(newer, copy)
    assert [*tmp_path.iterdir()] == []
    copy.write_bytes(b"no backup")
    with pytest.raises(Refused):
        restore(empty, copy, clock=ManualClock(WEDNESDAY))


def test_an_older_version_s_tables_are_backed_up_as_they_are(postgres: Databases, tmp_path: Path) -> None:
    source, target, copy = postgres.new(), postgres.new(), tmp_path / "copy.db"
    with opened(source) as engine:
        upgrade(engine, to="0001")
        with engine.begin() as connection:
            connection.execute(insert(schema.checkpoints).values(name="poll", place="1"))
    backup(source, copy)
    with closing(sqlite3.connect(copy)) as written:
        assert written.execute("SELECT version_num FROM oc_schema").fetchall() == [("0001",)]
    restore(target, copy, clock=ManualClock(WEDNESDAY))
    with working(target) as world, world.ordering.store.transaction() as tx:
        assert tx.checkpoints.get("poll") == "1"


def test_a_backup_of_sealed_data_stays_sealed_and_is_restored_with_its_key_only(
    postgres: Databases, tmp_path: Path
) -> None:
    source, target, copy = postgres.copied(), postgres.new(), tmp_path / "copy.db"
    clock = ManualClock(WEDNESDAY)
    key, other = (b64encode(bytes([each] * 32)).decode() for each in (1, 2))
    with open_storage(source, clock, keys=(key,)) as storage:
        world = MemoryWorld(clock=clock, storage=storage)
        order = place(world, world.new_customer())
    assert ESIM.eid is not None
    backup(source, copy)
    assert ESIM.eid.encode() not in copy.read_bytes()
    for keys in ((), (other,)):
        with pytest.raises(Refused, match="key"):
            restore(target, copy, clock=clock, keys=keys)
    restore(target, copy, clock=clock, keys=(other, key))
    with open_storage(target, clock, keys=(key,)) as (store, _, _), store.transaction() as tx:
        assert tx.requests.of_order(order)


def test_the_commands_of_an_operator(
    postgres: Databases,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source, target, copy = postgres.copied(), postgres.new(), str(tmp_path / "copy.db")

    def told(*command: str) -> str:
        assert main(command) == 0
        return capsys.readouterr().out

    monkeypatch.setenv("ORDERING_DATABASE", source)
    assert "sim since" in told("pause", "sim")
    assert "bytes, checked" in told("backup", copy)
    monkeypatch.setenv("ORDERING_DATABASE", target)
    assert "ordering resume observe" in told("restore", copy)
    found = json.loads(told("doctor", "--json"))["found"]
    assert {each["remedy"] for each in found if each["where"] == "paused"} == {
        f"ordering resume {what} ends it" for what in (Pause.SIM, Pause.OBSERVE)
    }
    told("resume", "sim")
    assert "nothing is paused" in told("resume", "observe")
    assert main(["restore", copy]) == 2
    assert url(target) not in capsys.readouterr().err
