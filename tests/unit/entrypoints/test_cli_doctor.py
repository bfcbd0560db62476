"""`ordering doctor`: what is stuck, weak or missing, with the way out of each; looking changes nothing."""

import json
import os
import sqlite3
import sys

from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from ordering_adapters.memory.world import MemoryWorld
from ordering_adapters.storage import SqlStore, SqlWorkQueue, open_engine, open_storage
from ordering_core import Held, HoldCode, OrderId, Pause, Policy, Unavailable
from ordering_core.application.record import order_subject
from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.journal import CaseFile
from ordering_core.ports.order_records import Finding
from ordering_core.testing.clocks import ManualClock
from ordering_entrypoints.cli import main
from ordering_entrypoints.doctor import LATE, STUCK, Found, State, settings_found, store_found, work_found
from ordering_entrypoints.settings import Settings
from tests.unit.application.riding import Crash, approved, crash
from tests.unit.application.shop import PNG, WEDNESDAY, World, new_world, place, ready_checkout


TOKENS: Final = {
    "ORDERING_TOKENS_ISSUER": "i",
    "ORDERING_TOKENS_AUDIENCE": "a",
    "ORDERING_TOKENS_SECRET": "s" * 32,
}
MAIL: Final = {"ORDERING_MAIL_HOST": "mail.example", "ORDERING_MAIL_SENDER": "orders@shop.example"}


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ORDERING_DATABASE", f"sqlite:///{tmp_path}/ordering.db")
    for name, value in (TOKENS | MAIL).items():
        monkeypatch.setenv(name, value)
    return tmp_path / "ordering.db"


def look(world: World) -> list[Found]:
    return list(work_found(world.store, world.queue, policy=world.ordering.policy, at=world.clock.now()))


def opened(database: Path) -> None:
    with open_storage(f"sqlite:///{database}", ManualClock(WEDNESDAY)):
        pass


def test_a_system_with_nothing_to_do_is_well(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened(database)
    assert main(["doctor", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["passed"]
    assert [(each["where"], each["state"]) for each in told["found"]] == [("database", "ok"), ("work", "ok")]
    assert main(["doctor"]) == 0
    assert "The system can work." in capsys.readouterr().out


def test_a_database_that_is_not_there_yet_is_told_of_and_not_made(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor"]) == 0
    assert "start ordering serve once" in capsys.readouterr().out
    assert not database.exists()


def test_a_database_of_an_older_version_is_not_upgraded_by_looking(database: Path) -> None:
    opened(database)
    before = _with_revision(database, None)
    [found] = store_found(Settings.from_env({"ORDERING_DATABASE": f"sqlite:///{database}"}), _clock())
    assert found.state is State.WARNING
    assert _revision(database) == before


def test_a_database_of_a_newer_version_cannot_be_used(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(database)
    _with_revision(database, "from_the_future")
    assert main(["doctor"]) == 1
    told = capsys.readouterr().out
    assert "'from_the_future', which this version does not know" in told
    assert "The system cannot work as it is" in told


def test_a_database_that_cannot_be_opened_is_named_with_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ORDERING_DATABASE", "mysql://somewhere")
    assert main(["doctor"]) == 1
    assert "correct ORDERING_DATABASE" in capsys.readouterr().out
    file = tmp_path / "no.db"
    file.write_text("this is no database, however long it is" * 100)
    monkeypatch.setenv("ORDERING_DATABASE", f"sqlite:///{file}")
    assert main(["doctor"]) == 1


def test_a_file_that_nobody_can_make_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ORDERING_DATABASE", f"sqlite:///{tmp_path}/nowhere/ordering.db")
    assert main(["doctor"]) == 1
    assert "its file cannot be made" in capsys.readouterr().out


def test_a_file_that_is_no_database_is_called_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("this is no database, however long it is" * 100)
    monkeypatch.setenv("ORDERING_DATABASE", f"sqlite:///{tmp_path}/notes.txt")
    assert main(["doctor"]) == 1
    assert "its file is no database" in capsys.readouterr().out


def test_a_key_that_is_none_is_corrected_where_keys_are(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(database)
    monkeypatch.setenv("ORDERING_DATABASE_KEYS", "none")
    assert main(["doctor", "--json"]) == 1
    [told] = [each for each in json.loads(capsys.readouterr().out)["found"] if each["state"] == "failed"]
    assert "ORDERING_DATABASE_KEYS" in told["remedy"]


def test_without_the_adapter_of_the_org_the_rest_is_told_all_the_same(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(database)
    org = {"DOMAIN": "d", "CLIENT_ID": "i", "CLIENT_SECRET": "s", "PRICE_BOOK": "b"}
    for name, value in org.items():
        monkeypatch.setenv(f"ORDERING_SALESFORCE_{name}", value)
    for name in ("ordering_adapters.salesforce.check", "ordering_entrypoints.salesforce_ports"):
        monkeypatch.setitem(sys.modules, name, None)
    assert main(["doctor"]) == 1
    told = capsys.readouterr().out
    assert "ordering-core[salesforce]" in told
    assert "its tables are of this version" in told


def test_settings_that_weaken_are_told_with_the_way_out(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(database)
    monkeypatch.setenv("ORDERING_POLICY_IDENTITY_METHOD_CHECK", "warn")
    for name in TOKENS:
        monkeypatch.delenv(name)
    assert main(["doctor"]) == 0
    told = capsys.readouterr().out
    assert "set ORDERING_POLICY_IDENTITY_METHOD_CHECK=enforce" in told
    assert "no customer can log in" in told


def test_what_is_billed_by_an_installation_may_not_be_kept_in_memory() -> None:
    billing = {
        "ORDERING_WHMCS_URL": "https://billing.example/",
        "ORDERING_WHMCS_IDENTIFIER": "i",
        "ORDERING_WHMCS_SECRET": "s",
    }
    [found] = store_found(Settings.from_env(billing), _clock())
    assert found.state is State.FAILED
    [found] = store_found(Settings.from_env({}), _clock())
    assert found.state is State.WARNING


def test_what_is_paused_is_told_with_its_way_out(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    opened(database)
    main(["pause", "sim"])
    main(["pause", "observe"])
    capsys.readouterr()
    assert main(["doctor", "--json"]) == 0
    told = [each for each in json.loads(capsys.readouterr().out)["found"] if each["where"] == "paused"]
    assert {each["remedy"] for each in told} == {
        f"ordering resume {what} ends it" for what in (Pause.SIM, Pause.OBSERVE)
    }


def test_due_work_is_stuck_after_five_minutes_and_not_before() -> None:
    world = new_world()
    place(world, world.new_customer())
    world.clock.advance(STUCK - timedelta(seconds=1))
    assert look(world) == []
    world.clock.advance(timedelta(seconds=1))
    [found] = look(world)
    assert found.state is State.FAILED
    assert "was due at 03 Jun 01:00 UTC" in found.what
    assert "ordering serve" in found.remedy


def test_an_order_that_should_have_gone_on_is_named() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.faults.set("billing.payment_methods", "down")
    world.ordering.provision(order)
    world.clock.advance(STUCK + world.ordering.policy.retry_after)
    assert any(order in found.what for found in look(world))


def test_an_order_that_never_rested_and_that_nobody_is_to_run_is_named() -> None:
    world = new_world()
    order = place(world, world.new_customer())
    while world.queue.next_due():
        world.queue.run_due(world.clock.now() + timedelta(days=1), lambda _: None)
    world.clock.advance(STUCK - timedelta(seconds=1))
    assert look(world) == []
    world.clock.advance(timedelta(seconds=1))
    [found] = look(world)
    assert order in found.what


def test_an_order_whose_every_run_breaks_off_is_urgent_within_five_minutes() -> None:
    world = new_world()
    order = approved(world, world.new_customer())
    world.ordering.observe(order, cause="approved")
    for _ in range(10):
        world.faults.hook("billing.payment_methods", "before", crash)
        world.ordering.sweep()
        world.run_due()
        world.clock.advance(timedelta(seconds=30))
    [urgent] = [found for found in look(world) if found.where == "urgent"]
    assert urgent.what == f"{order}: Its runs break off"
    assert "log" in urgent.remedy


def test_a_placing_that_nobody_resolves_is_stuck() -> None:
    world = new_world()
    customer = world.new_customer()
    session = ready_checkout(world, customer)
    world.faults.set("orders.place", "lose_reply")
    world.ordering.submit(session.id, customer=customer)
    world.clock.advance(STUCK + timedelta(seconds=90))
    assert any("1 submitted orders are still being placed" in found.what for found in look(world))


def test_a_poll_that_stands_still_is_stuck() -> None:
    world = new_world()
    assert look(world) == []
    world.ordering.reconcile()
    assert look(world) == []
    world.clock.advance(STUCK)
    [found] = look(world)
    assert "last looked for at 03 Jun 01:00 UTC" in found.what


def test_a_poll_that_never_read_everything_is_stuck_from_five_minutes_after_the_first_try() -> None:
    world = new_world()
    world.faults.set("orders.changed_since", "down", times=9)
    for _ in range(2):
        with pytest.raises(Unavailable):
            world.ordering.reconcile()
        assert look(world) == []
        world.clock.advance(STUCK / 2)
    [found] = look(world)
    assert (found.state, "never looked for, since 03 Jun 01:00 UTC" in found.what) == (State.FAILED, True)
    world.faults.clear()
    world.ordering.reconcile()
    assert look(world) == []


def test_a_hold_that_nobody_clears_for_a_fortnight_and_what_is_urgent_are_told() -> None:
    world = new_world(policy=Policy(billing_mark_proved=True))
    customer = world.new_customer()
    order = approved(world, customer)
    world.agent.remove_payment_methods(world.client_of(customer))
    world.run_due()
    world.ordering.provision(order)
    assert not [found for found in look(world) if found.where == "holds"]
    world.clock.advance(world.ordering.policy.holds_self_clear)
    [held] = [found for found in look(world) if found.where == "holds"]
    assert order in held.what
    with world.store.transaction() as tx:
        code = FindingCode.LINE_ACTIVE_ORDER_CANCELLED
        tx.findings.open(Finding(code=code, subject=order, since=WEDNESDAY, urgent=True))
    [urgent] = [found for found in look(world) if found.where == "urgent"]
    assert (urgent.state, urgent.what) == (
        State.FAILED,
        f"{order}: The line opened, the order is cancelled",
    )


def test_what_a_comparison_has_found_is_told_once_for_each_kind_with_the_orders() -> None:
    world = new_world()
    with world.store.transaction() as tx:
        for order in ("801-b", "801-a"):
            tx.findings.open(Finding(code=FindingCode.INVOICE_DIFFERS, subject=order, since=WEDNESDAY))
        tx.findings.open(Finding(code=FindingCode.APPROVAL_IMPLIED, subject="801-a", since=WEDNESDAY))
    [found] = look(world)
    assert (found.where, found.state) == ("INVOICE_DIFFERS", State.WARNING)
    assert found.what == "The bill is not what was quoted: 801-a, 801-b"
    assert "ordering show ORDER" in found.remedy


def test_an_order_that_was_billed_twice_is_urgent() -> None:
    world = new_world()
    hold = Held(code=HoldCode.DUPLICATE_EFFECT, message="twice", since=WEDNESDAY, reported=True)
    with world.store.transaction() as tx:
        tx.journal.keep(CaseFile(subject=order_subject(OrderId("801-twice")), rest=hold))
    [urgent] = look(world)
    assert (urgent.where, urgent.state) == ("urgent", State.FAILED)
    assert urgent.what.startswith("801-twice: ")
    assert urgent.remedy


def test_a_card_that_salesforce_does_not_take_is_told_after_five_minutes_and_not_before() -> None:
    world = new_world()
    customer = world.new_customer(verified=False)
    world.faults.hook("files.upload", "before", crash)
    with pytest.raises(Crash):
        world.ordering.upload_card(PNG, customer=customer, key="card")
    world.faults.set("files.upload", "down", times=9)
    world.clock.advance(STUCK - timedelta(seconds=1))
    world.run_due()
    assert look(world) == []
    world.clock.advance(timedelta(seconds=1))
    [found] = look(world)
    assert (found.state, found.what) == (
        State.FAILED,
        "the image of a card waits for Salesforce since 03 Jun 01:00 UTC",
    )


def test_forgetting_that_lags_is_told_after_two_days_and_not_before() -> None:
    world = new_world()
    world.ordering.forget()
    world.clock.advance(LATE - timedelta(microseconds=1))
    assert look(world) == []
    world.clock.advance(timedelta(microseconds=1))
    [found] = look(world)
    assert (found.where, found.state) == ("retention", State.WARNING)
    world.ordering.forget()
    assert look(world) == []


def test_an_org_without_keys_is_told_that_cards_are_not_kept() -> None:
    org = {
        "ORDERING_SALESFORCE_DOMAIN": "a.my.salesforce.com",
        "ORDERING_SALESFORCE_CLIENT_ID": "i",
        "ORDERING_SALESFORCE_CLIENT_SECRET": "s",
        "ORDERING_SALESFORCE_PRICE_BOOK": "01s000000000001AAA",
        "ORDERING_DATABASE": "sqlite:///none.db",
    }
    told = [found for found in settings_found(Settings.from_env(org)) if "image of a card" in found.what]
    assert ["ORDERING_DATABASE_KEYS" in found.remedy for found in told] == [True]
    keyed = {**org, "ORDERING_DATABASE_KEYS": "k"}
    assert not [found for found in settings_found(Settings.from_env(keyed)) if "image" in found.what]


@pytest.mark.skipif(os.name != "posix", reason="rights of files are as POSIX has them")
@pytest.mark.parametrize(("mode", "is_told"), [(0o600, False), (0o640, False), (0o644, True), (0o602, True)])
def test_a_secret_in_a_file_that_others_may_read_is_told(tmp_path: Path, mode: int, is_told: bool) -> None:
    secret, path = tmp_path / "secret", tmp_path / "path"
    secret.write_text("s" * 32)
    secret.chmod(mode)
    path.write_text("/api")  # no secret, whoever may read it
    path.chmod(0o644)
    env = {
        "ORDERING_TOKENS_ISSUER": "i",
        "ORDERING_TOKENS_AUDIENCE": "a",
        "ORDERING_TOKENS_SECRET_FILE": str(secret),
        "ORDERING_HTTP_PATH_FILE": str(path),
    }
    told = [each for each in settings_found(Settings.from_env(env)) if "may read" in each.what]
    assert [each.remedy for each in told] == [f"chmod o-rwx {secret}"] * is_told


def test_the_work_of_a_database_is_looked_at(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clock = ManualClock(WEDNESDAY)
    with open_storage(f"sqlite:///{database}", clock) as storage:
        world = MemoryWorld(clock=clock, storage=storage)
        place(world, world.new_customer())
    assert main(["doctor"]) == 1
    assert "was not begun" in capsys.readouterr().out
    engine = open_engine(f"sqlite:///{database}")
    assert SqlWorkQueue(SqlStore(engine, clock)).next_due() == WEDNESDAY
    engine.dispose()


def _clock() -> ManualClock:
    return ManualClock(WEDNESDAY)


def _revision(database: Path) -> str | None:
    connection = sqlite3.connect(database)
    row = connection.execute("SELECT version_num FROM oc_schema").fetchone()
    connection.close()
    return row[0] if row else None


def _with_revision(database: Path, revision: str | None) -> str | None:
    connection = sqlite3.connect(database)
    connection.execute("DELETE FROM oc_schema")
    if revision:
        connection.execute("INSERT INTO oc_schema VALUES (?)", (revision,))
    connection.commit()
    connection.close()
    return revision
