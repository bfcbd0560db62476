"""How a process ends, and what the machinery around it is told meanwhile."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import urllib.error
import urllib.request

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn

from litestar.testing import TestClient

from ordering_adapters.clock import SystemClock
from ordering_adapters.salesforce.transport import Transport
from ordering_adapters.sim_network.es2plus.api import Es2PlusApi
from ordering_adapters.sim_network.es2plus.codes import Function as ProfileFunction
from ordering_adapters.sim_network.es2plus.settings import Es2PlusSettings
from ordering_adapters.storage import open_engine, open_storage
from ordering_adapters.whmcs import WhmcsApi, WhmcsSettings
from ordering_core.domain.events import OrderEvent
from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.journal import Subject, SubjectKind
from ordering_core.domain.texts import Language
from ordering_core.errors import Unavailable
from ordering_entrypoints.asgi import app_of
from ordering_entrypoints.http import create_app
from ordering_entrypoints.http.fan_out import FanOut, Followed, Mailbox
from ordering_entrypoints.http.machinery import Departure, Machinery
from ordering_entrypoints.observing import UNOBSERVED, calls_to, observed_run
from ordering_entrypoints.readiness import store_checks
from ordering_entrypoints.serving import Server, told_by_signals
from ordering_entrypoints.settings import Settings
from ordering_entrypoints.status_port import status_port
from tests.unit.application.shop import new_world, place
from tests.unit.entrypoints.api import SETTINGS, Api, kind, wrong
from tests.unit.entrypoints.test_http_redaction import everything_logged


LIMIT = 30


def test_everybody_hears_of_the_end_once_and_whoever_comes_later_at_once() -> None:
    departure, heard = Departure(), list[str]()
    departure.then(lambda: heard.append("first"))
    assert not departure.has_begun
    departure.begin()
    departure.begin()
    departure.then(lambda: heard.append("later"))
    assert heard == ["first", "later"]
    assert departure.has_begun


def test_once_told_to_stop_a_process_is_alive_and_not_ready() -> None:
    api = Api()
    machinery = Machinery()
    client = TestClient(create_app(api.world.ordering, settings=SETTINGS, machinery=machinery))
    assert client.get("/ready").status_code == 200
    machinery.departure.begin()
    answer = client.get("/ready")
    assert (answer.status_code, kind(answer), wrong(answer)) == (503, "not-ready", {"/stopping": "not_ready"})
    assert client.get("/health").status_code == 200
    assert client.get("/api/catalogue").status_code == 200


def test_once_told_to_stop_streams_end_and_new_ones_end_at_once() -> None:
    async def follow() -> tuple[object, object]:
        fan_out = FanOut()
        waiting, late = (Mailbox(OrderId("801"), language=Language.ENGLISH, size=4) for _ in range(2))
        joining = asyncio.to_thread(fan_out.join, waiting, _nothing_to_follow)
        with pytest.raises(LookupError):
            await joining
        assert fan_out.clients == 1
        hearing = asyncio.create_task(waiting.next(within=timedelta(hours=1)))
        await asyncio.sleep(0)
        await asyncio.to_thread(fan_out.close)
        heard = await asyncio.wait_for(hearing, LIMIT)
        with pytest.raises(LookupError):
            fan_out.join(late, _nothing_to_follow)
        return heard, await late.next(within=timedelta(hours=1))

    assert asyncio.run(follow()) == (None, None)


def _nothing_to_follow(_notify: Callable[[OrderEvent], None]) -> Followed:
    raise LookupError


def test_a_database_that_cannot_be_reached_or_is_older_is_named(tmp_path: Path) -> None:
    with open_storage(f"sqlite:///{tmp_path / 'ordering.db'}", SystemClock()) as (store, _, _):
        checks = store_checks(store)
        assert {part: check() for part, check in checks.items()} == {"database": "", "migrations": ""}
        with store.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE oc_schema")
        assert checks["database"]() == ""
        assert "not of this version" in checks["migrations"]()
    with open_storage(f"sqlite:///{tmp_path / 'other.db'}", SystemClock()) as (store, _, _):
        with store.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE oc_schema SET version_num = 'from_the_future'")
        assert store_checks(store)["migrations"]()


def test_whether_the_database_is_ready_is_found_while_somebody_writes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ordering.db'}"
    with open_storage(url, SystemClock()) as (store, _, _), store.transaction():
        assert [check() for check in store_checks(store).values()] == ["", ""]


def test_an_app_of_a_database_says_which_part_is_not_ready(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ordering.db'}"
    with TestClient(app_of(Settings(database=url))) as client:
        assert client.get("/ready").status_code == 200
        engine = open_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE oc_schema")
        engine.dispose()
        answer = client.get("/ready")
        assert (answer.status_code, wrong(answer)) == (503, {"/migrations": "not_ready"})


def read(url: str) -> tuple[int, str, str]:
    try:
        with urllib.request.urlopen(url, timeout=LIMIT) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


def test_a_worker_tells_on_a_port_of_its_own_how_it_is() -> None:
    why = [""]
    machinery = Machinery(checks={"database": lambda: why[0]}, figures=lambda: (b"a 1\n", "text/plain"))
    with status_port(machinery, host="127.0.0.1", port=0) as address:
        assert read(f"{address}/health") == (200, "application/json; charset=utf-8", '{"status": "alive"}')
        assert json.loads(read(f"{address}/ready")[2]) == {"status": "ready"}
        assert read(f"{address}/metrics") == (200, "text/plain; charset=utf-8", "a 1\n")
        assert read(f"{address}/nowhere")[0] == 404
        why[0] = "it is gone"
        status, _, text = read(f"{address}/ready")
        assert (status, json.loads(text)["parts"]) == (503, {"database": "it is gone"})


def test_told_once_a_process_stops_and_told_again_it_would_be_gone() -> None:
    told = list[str]()
    before = signal.getsignal(signal.SIGTERM)
    with told_by_signals(lambda: told.append("stop")):
        os.kill(os.getpid(), signal.SIGTERM)
        assert told == ["stop"]
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize(("drain", "ends"), [(timedelta(0), True), (timedelta(hours=1), False)])
def test_a_server_drains_for_as_long_as_it_is_told(drain: timedelta, *, ends: bool) -> None:
    departure = Departure()
    server = Server(uvicorn.Config("nothing:served"), departure, drain=drain)
    server.config.encoded_headers = []
    assert asyncio.run(server.on_tick(1)) is False
    server.leave()
    assert not departure.has_begun
    assert asyncio.run(server.on_tick(1)) is ends
    assert departure.has_begun


def test_a_run_is_known_by_one_id_in_all_its_lines() -> None:
    order = "801000000000012AAA"

    def run(_subject: Subject) -> None:
        calls_to("whmcs", UNOBSERVED)("AddOrder", Unavailable, 0.1)
        raise Unavailable("WHMCS")

    with everything_logged() as written, pytest.raises(Unavailable):
        observed_run(run, UNOBSERVED)(Subject(SubjectKind.ORDER, order))
    called, ended = (json.loads(line) for line in written.getvalue().splitlines())
    assert called["run"] == ended["run"]
    assert {called["subject"], ended["subject"]} == {order}
    assert (called["system"], called["operation"], called["outcome"]) == ("whmcs", "AddOrder", "unavailable")
    assert (ended["kind"], ended["outcome"], ended["error"]) == ("order", "unavailable", "Unavailable")
    with everything_logged() as written:
        logging.getLogger(__name__).warning("something else")
    assert "run" not in json.loads(written.getvalue())


def test_a_run_that_breaks_off_is_logged_with_the_place_and_without_what_the_error_said() -> None:
    world = new_world()
    customer = world.new_customer()
    order = place(world, customer)
    world.faults.hook("orders.provisioning_facts", "before", break_off)
    with everything_logged() as written:
        world.queue.run_due(world.clock.now(), observed_run(world.ordering.run, UNOBSERVED), limit=1)
    [ended] = [line for line in map(json.loads, written.getvalue().splitlines()) if "frames" in line]
    assert (ended["subject"], ended["outcome"], ended["error"]) == (order, "failed", "KeyError")
    assert " break_off < " in ended["frames"]
    assert "Yamada" not in written.getvalue()


def break_off() -> None:
    raise KeyError("Yamada Hanako")


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port: int = opened.getsockname()[1]
        return port


def test_every_adapter_tells_of_calls_that_fail(closed_port: int) -> None:
    told = list[tuple[str, object]]()

    def observe(operation: str, error: type[BaseException] | None, seconds: float) -> None:
        assert seconds >= 0
        told.append((operation, error))

    address = f"http://127.0.0.1:{closed_port}"
    whmcs = WhmcsApi(WhmcsSettings(url=address, identifier="i", secret="s"), SystemClock(), observe=observe)
    with pytest.raises(Unavailable):
        whmcs.read("GetClientsDetails", {"clientid": 7})
    whmcs.close()
    profiles = Es2PlusApi(Es2PlusSettings(url=address, requester="1.3.6.1"), observe=observe)
    with pytest.raises(Unavailable):
        profiles.call(ProfileFunction.DOWNLOAD, {}, until=profiles.connection.deadline())
    profiles.close()
    transport = Transport(connect_timeout=5, read_timeout=5, plain_address=address, observe=observe)
    with transport.session() as session, pytest.raises(OSError, match="refused"):
        session.get("https://org.example/services/data/v66.0/query?q=SELECT+Phone")
    assert told == [
        ("GetClientsDetails", Unavailable),
        ("downloadOrder", Unavailable),
        ("query", Unavailable),
    ]
