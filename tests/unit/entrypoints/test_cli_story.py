"""`ordering show`: one order's whole story from the database, for a person and for a program."""

import json

from pathlib import Path

import pytest

from ordering_adapters.memory.world import MemoryWorld
from ordering_adapters.storage import open_storage
from ordering_core import OrderId
from ordering_core.testing.clocks import ManualClock
from ordering_entrypoints.cli import main
from tests.unit.application.shop import ESIM, WEDNESDAY, place


@pytest.fixture
def order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OrderId:
    """Return an order on hold, known to the database of the environment."""
    database = f"sqlite:///{tmp_path}/ordering.db"
    monkeypatch.setenv("ORDERING_DATABASE", database)
    clock = ManualClock(WEDNESDAY)
    with open_storage(database, clock) as storage:
        world = MemoryWorld(clock=clock, storage=storage)
        customer = world.new_customer()
        order = place(world, customer, ESIM)
        world.agent.approve(order)
        world.agent.remove_payment_methods(world.client_of(customer))
        world.run_due()
    return order


def test_a_person_reads_fields_lines_quote_moments_and_the_runbook(
    order: OrderId, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", order]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"{order}: OnHold (PAYMENT_METHOD_MISSING), as of 2026-06-03 10:00:00")
    for part in (
        "activation error code",
        "SIM-DATA-5GB",
        "promised at submit, 2026-06-03 10:00:00",
        "first bill",
        "2026-06-03 10:00:00  decision  approved",
        "held: Approved → OnHold; PAYMENT_METHOD_MISSING",
        "report_hold: done",
        "the order is held: PAYMENT_METHOD_MISSING",
        "Clears by: ",
    ):
        assert part in told
    assert ESIM.eid is not None
    assert ESIM.eid not in told
    assert f"…{ESIM.eid[-4:]}" in told


def test_a_program_reads_the_same_in_json(order: OrderId, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", order, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["order"], told["state"], told["hold"]) == (order, "OnHold", "PAYMENT_METHOD_MISSING")
    assert told["fields"]["order type"] == "SIM"
    assert told["lines"][0] == {
        "sku": "SIM-DATA-5GB",
        "name": told["quote"]["lines"][0]["name"],
        "price": 980,
        "quantity": 1,
        "service": None,
    }
    assert told["moments"][0] == {
        "at": "2026-06-03T01:00:00Z",
        "kind": "event",
        "what": "submitted: UnderReview",
        "who": "customer-1",
        "why": "",
    }
    assert told["rest"][0].startswith("the order is held: PAYMENT_METHOD_MISSING")


def test_an_order_that_is_not_there_names_the_way_out(
    order: OrderId, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", "801-unknown"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "nothing is known of an order 801-unknown here; ORDERING_DATABASE names the database" in told.err


def test_a_database_of_a_newer_version_is_refused(
    order: OrderId, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "ordering.db") as connection:
        connection.execute("UPDATE oc_schema SET version_num = '9999'")
    connection.close()
    assert main(["show", order]) == 2
    assert "ORDERING_DATABASE cannot be used: store refused (SCHEMA_NEWER)" in capsys.readouterr().err


def test_the_demo_keeps_nothing_where_something_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.db"
    file.write_text("mine")
    assert main(["demo", "--exit", "--keep", str(file)]) == 2
    assert "is there already; the demo begins with a new database" in capsys.readouterr().err
    assert file.read_text() == "mine"
    assert main(["demo", "--exit", "--keep", str(tmp_path / "nowhere" / "new.db")]) == 2
    assert "cannot be made: No such file or directory" in capsys.readouterr().err
