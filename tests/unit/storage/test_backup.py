"""A backup is whole though the database is in use, and what is restored observes and does nothing twice."""

import os
import sqlite3

from base64 import b64encode
from contextlib import closing
from pathlib import Path

import pytest

from ordering_adapters.memory.world import MemoryWorld
from ordering_adapters.storage import SqlStore, open_engine, open_storage, upgrade
from ordering_adapters.storage.backup import backup, restore
from ordering_core import Pause
from ordering_core.errors import Refused, Unavailable
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.uploads import IMAGE
from ordering_entrypoints.cli import main
from ordering_entrypoints.doctor import State, store_found
from ordering_entrypoints.settings import Settings
from tests.contract.test_sql_uploads import KEYS
from tests.unit.application.shop import ESIM, WEDNESDAY, place
from tests.unit.storage.restoring import before_and_after, url, working


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Return a database in which an order was placed."""
    file = tmp_path / "ordering.db"
    with working(file) as world:
        place(world, world.new_customer())
    return file


def rows(file: Path, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as opened:
        return opened.execute(f"SELECT * FROM {table}").fetchall()


def test_a_backup_holds_everything_in_one_file_that_nobody_else_may_read(
    database: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    assert backup(url(database), copy) == copy.stat().st_size
    for table in ("oc_events", "oc_placements", "oc_triggers", "oc_case_files"):
        assert rows(copy, table) == rows(database, table)
        assert rows(copy, table)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert {each.name for each in tmp_path.iterdir() if each.name.startswith("copy")} == {"copy.db"}


def test_a_backup_made_in_the_middle_of_a_transaction_does_not_hold_half_of_it(
    database: Path, tmp_path: Path
) -> None:
    engine = open_engine(url(database))
    before = rows(database, "oc_checkpoints")
    with SqlStore(engine, ManualClock(WEDNESDAY)).transaction() as tx:
        tx.checkpoints.set("half", "1")
        backup(url(database), tmp_path / "copy.db")
        tx.checkpoints.set("half", "2")
    engine.dispose()
    assert rows(tmp_path / "copy.db", "oc_checkpoints") == before
    assert len(rows(database, "oc_checkpoints")) == len(before) + 1


def test_nothing_is_overwritten_by_a_backup(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("precious")
    with pytest.raises(ValueError, match="is there already; name a new file"):
        backup(url(database), copy)
    assert copy.read_text() == "precious"


def test_a_directory_that_is_not_there_is_named_with_the_way_out(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, nowhere = tmp_path / "copy.db", tmp_path / "nowhere"
    backup(url(database), copy)
    monkeypatch.setenv("ORDERING_DATABASE", url(database))
    assert main(["backup", str(nowhere / "copy.db")]) == 2
    monkeypatch.setenv("ORDERING_DATABASE", url(nowhere / "ordering.db"))
    assert main(["restore", str(copy)]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"ordering: there is no directory {nowhere}, where {file} is to be; make it, or name another one"
        for file in ("copy.db", "ordering.db")
    ]
    assert not nowhere.exists()


@pytest.mark.parametrize(
    "source", ["sqlite:///{}/none.db", "postgresql://u:p@127.0.0.1:1/d", "mysql://h/d", "?"]
)
def test_what_cannot_be_copied_is_refused_and_leaves_no_file(source: str, tmp_path: Path) -> None:
    with pytest.raises((ValueError, Unavailable)) as refused:
        backup(source.format(tmp_path), tmp_path / "copy.db")
    assert "u:p" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_is_damaged_gives_no_backup(database: Path, tmp_path: Path) -> None:
    damage(database)
    with pytest.raises((Refused, Unavailable)):
        backup(url(database), tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def damage(file: Path) -> None:
    with closing(sqlite3.connect(file)) as opened:
        opened.execute("PRAGMA journal_mode = DELETE")
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 20] = b"\xff" * (4096 * 17)
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("content", "code"), [(b"no database", "NO_DATABASE"), (b"", "NOT_OURS"), (None, "NO_DATABASE")]
)
def test_a_file_that_is_no_backup_of_ours_is_not_restored(
    database: Path, tmp_path: Path, content: bytes | None, code: str
) -> None:
    copy, target = tmp_path / "copy.db", tmp_path / "new.db"
    backup(url(database), copy)
    if content is None:
        damage(copy)
    else:
        copy.write_bytes(content)
    with pytest.raises(Refused) as refused:
        restore(url(target), copy, clock=ManualClock(WEDNESDAY))
    assert refused.value.code in {code, "DAMAGED"}
    assert not target.exists()


def test_a_backup_of_a_newer_version_is_not_restored(database: Path, tmp_path: Path) -> None:
    copy, target = tmp_path / "copy.db", tmp_path / "new.db"
    backup(url(database), copy)
    with closing(sqlite3.connect(copy)) as opened:
        opened.execute("UPDATE oc_schema SET version_num = 'from_the_future'")
        opened.commit()
    with pytest.raises(Refused, match="from_the_future"):
        restore(url(target), copy, clock=ManualClock(WEDNESDAY))
    assert {each.name for each in tmp_path.iterdir()} == {"ordering.db", "copy.db"}


def test_a_database_of_a_newer_version_gives_no_backup(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("UPDATE oc_schema SET version_num = 'from_the_future'")
        opened.commit()
    with pytest.raises(Refused, match="from_the_future"):
        backup(url(database), tmp_path / "copy.db")
    assert {each.name for each in tmp_path.iterdir()} == {"ordering.db"}


def test_a_database_that_is_there_is_only_replaced_when_told_and_then_set_aside_with_its_runs(
    database: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    backup(url(database), copy)
    with working(database) as world:
        world.ordering.reconcile()
    runs = tmp_path / "ordering.db-runs"
    runs.write_text("runs of the one that was replaced")
    later = rows(database, "oc_checkpoints")
    clock = ManualClock(WEDNESDAY)
    with pytest.raises(ValueError, match="With --replace it is set aside"):
        restore(url(database), copy, clock=clock)
    assert rows(database, "oc_checkpoints") == later

    aside = restore(url(database), copy, clock=clock, replace=True)

    named = tmp_path / "ordering.db.replaced-20260603T010000"
    assert aside == named
    assert rows(named, "oc_checkpoints") == later
    assert [name for name, _ in rows(database, "oc_checkpoints")] == ["pauses"]
    assert not runs.exists()
    assert Path(f"{named}-runs").read_text() == "runs of the one that was replaced"


def test_a_database_in_use_is_left_alone(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    backup(url(database), copy)
    with working(database) as world:
        world.ordering.sweep()
        with pytest.raises(Unavailable, match="is in use; stop ordering serve"):
            restore(url(database), copy, clock=world.clock, replace=True)
        world.ordering.sweep()
    assert {each.name for each in tmp_path.iterdir()} == {"ordering.db", "copy.db"}


def test_a_log_that_a_lost_database_left_behind_is_not_taken_for_the_restored_ones(
    database: Path, tmp_path: Path
) -> None:
    copy, target = tmp_path / "copy.db", tmp_path / "new.db"
    backup(url(database), copy)
    Path(f"{target}-wal").write_bytes(b"a stranger's")
    assert restore(url(target), copy, clock=ManualClock(WEDNESDAY)) is None
    assert rows(target, "oc_events") == rows(copy, "oc_events")


def test_orders_provisioned_after_the_backup_are_neither_billed_nor_opened_again(tmp_path: Path) -> None:
    before_and_after(tmp_path, orders=4, later=2)


def test_the_commands_say_what_they_did_and_what_is_to_be_done(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = str(tmp_path / "copy.db")
    assert main(["backup", copy]) == 2
    assert "ORDERING_DATABASE" in capsys.readouterr().err
    monkeypatch.setenv("ORDERING_DATABASE", url(database))
    assert main(["backup", copy]) == 0
    assert "bytes, checked" in capsys.readouterr().out
    assert main(["backup", copy]) == 2
    assert "name a new file" in capsys.readouterr().err
    assert main(["restore", copy]) == 2
    assert "With --replace it is set aside" in capsys.readouterr().err
    assert main(["restore", copy, "--replace"]) == 0
    told = capsys.readouterr().out
    assert "what was there is now " in told
    assert "ordering resume observe" in told
    assert main(["resume"]) == 0
    assert "observe since" in capsys.readouterr().out
    assert main(["restore", str(tmp_path / "none"), "--replace"]) == 2
    assert "there is no backup" in capsys.readouterr().err


def test_a_backup_of_sealed_data_stays_sealed_and_is_restored_with_its_key_only(tmp_path: Path) -> None:
    file, copy, target = (tmp_path / name for name in ("ordering.db", "copy.db", "new.db"))
    clock = ManualClock(WEDNESDAY)
    key, other = (b64encode(bytes([each] * 32)).decode() for each in (1, 2))
    with open_storage(url(file), clock, keys=(key,)) as storage:
        world = MemoryWorld(clock=clock, storage=storage)
        place(world, world.new_customer())
    assert ESIM.eid is not None
    backup(url(file), copy)
    assert ESIM.eid.encode() not in copy.read_bytes()
    for keys in ((), (other,)):
        with pytest.raises(Refused, match="key"):
            restore(url(target), copy, clock=clock, keys=keys)
        assert not target.exists()
    restore(url(target), copy, clock=clock, keys=(other, key))
    settings = {"ORDERING_DATABASE": url(target), "ORDERING_DATABASE_KEYS": other}
    [found] = store_found(Settings.from_env(settings), clock)
    assert found.state is State.FAILED
    assert "key" in found.what
    settings["ORDERING_DATABASE_KEYS"] = key
    assert [each.where for each in store_found(Settings.from_env(settings), clock)][:2] == [
        "database",
        "paused",
    ]


def test_a_restored_system_keeps_what_was_paused_when_it_was_backed_up(
    database: Path, tmp_path: Path
) -> None:
    with working(database) as world:
        world.ordering.pause(Pause.SIM)
    backup(url(database), tmp_path / "copy.db")
    target = tmp_path / "new.db"
    restore(url(target), tmp_path / "copy.db", clock=ManualClock(WEDNESDAY))
    with working(target) as world:
        assert set(world.ordering.paused()) == {Pause.SIM, Pause.OBSERVE}


def test_a_backup_holds_no_image_in_transit_and_leaves_it_where_it_is(tmp_path: Path) -> None:
    file, copy = tmp_path / "ordering.db", tmp_path / "copy.db"
    with open_storage(url(file), ManualClock(WEDNESDAY), keys=KEYS) as (store, _, _):
        with store.transaction() as tx:
            tx.uploads.keep(IMAGE)
        backup(url(file), copy)
        with store.transaction() as tx:
            assert tx.uploads.get(IMAGE.key) == IMAGE
    assert rows(copy, "oc_uploads") == []
    sealed = str(rows(file, "oc_uploads")[0][2]).encode()
    assert sealed[200:300] not in copy.read_bytes()


def test_a_backup_of_an_older_version_is_restored_and_upgraded(tmp_path: Path) -> None:
    file, copy, target = (tmp_path / name for name in ("ordering.db", "copy.db", "new.db"))
    engine = open_engine(url(file))
    upgrade(engine, to="0002")
    engine.dispose()
    backup(url(file), copy)
    restore(url(target), copy, clock=ManualClock(WEDNESDAY))
    with working(target) as world:
        assert set(world.ordering.paused()) == {Pause.OBSERVE}


def test_a_database_that_was_written_to_a_moment_ago_is_not_told_as_an_old_one(tmp_path: Path) -> None:
    file, saved = tmp_path / "ordering.db", tmp_path / "saved.db"
    with open_storage(url(file), ManualClock(WEDNESDAY)):
        pass
    backup(url(file), saved)
    log = file.with_name("ordering.db-wal")
    log.touch()
    os.utime(file, (0, 0))
    os.utime(saved, (86_400, 86_400))
    os.utime(log, (2 * 86_400, 2 * 86_400))
    with pytest.raises(
        ValueError, match="changed at 1970-01-03 00:00 UTC; the backup is of 1970-01-02 00:00"
    ):
        restore(url(file), saved, clock=ManualClock(WEDNESDAY))
