"""A machine that is gone without a word is noticed by the server, which takes back what it held."""

import socket

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic

import psycopg
import pytest

from sqlalchemy import Pool, event
from sqlalchemy.engine import make_url

from ordering_adapters.storage.lifetime import open_storage
from ordering_adapters.storage.outbox import SqlOutbox
from ordering_adapters.work_queue import DbosWorkQueue, EngineSettings
from ordering_adapters.work_queue.patience import patient
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.samples import START
from ordering_core.testing.contracts.threads import PATIENCE
from ordering_entrypoints.worker import runs_url
from tests.contract.postgres_server import PostgresServer


ASKED = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout")
SOON = ("10", "2", "3", "10000")


@pytest.fixture(scope="module")
def over_tcp() -> Iterator[str]:
    """Yield the URL of a server that is spoken to as one on another machine is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = PostgresServer()
    server.start(listen_addresses="127.0.0.1", port=str(port))
    yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    server.remove()


def _told_by(opened: psycopg.Connection) -> tuple[str, ...]:
    answers = [opened.execute(f"SHOW {name}".encode()).fetchone() for name in ASKED]
    opened.rollback()
    return tuple(str(answer[0]) for answer in answers if answer)


@contextmanager
def _asked() -> Iterator[dict[int, tuple[str, ...]]]:
    """Yield what every session answers that this process uses meanwhile, by the server's number of it."""
    told: dict[int, tuple[str, ...]] = {}

    def ask(opened: psycopg.Connection, _record: object, _lent: object) -> None:
        told[opened.info.backend_pid] = _told_by(opened)

    event.listen(Pool, "checkout", ask)
    try:
        yield told
    finally:
        event.remove(Pool, "checkout", ask)


def _sessions(url: str) -> set[int]:
    with psycopg.connect(url) as outside:
        rows = outside.execute(
            "SELECT pid FROM pg_stat_activity WHERE client_port > 0 AND pid <> pg_backend_pid()"
        )
        return {int(pid) for (pid,) in rows}


def test_the_server_misses_every_session_of_a_worker_within_seconds(over_tcp: str) -> None:
    settings = EngineSettings(url=runs_url(over_tcp), look_every=timedelta(milliseconds=5))
    with _asked() as told, open_storage(over_tcp, ManualClock(START)) as (store, _, live):
        live.subscribe(None, lambda _: None)
        queue = DbosWorkQueue(settings, SqlOutbox(store), handle=lambda _: None)
        queue.start()
        try:
            until = monotonic() + PATIENCE
            while (missed := _sessions(over_tcp) - {*told}) and monotonic() < until:
                continue  # one that was opened this moment has not been asked yet
            assert not missed
            assert len(_sessions(over_tcp)) > 3
        finally:
            queue.stop()
    assert {*told.values()} == {SOON}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("?connect_timeout=3", {"connect_timeout": "3"}),
        ("?keepalives=0&keepalives_idle=60", {"keepalives": "0", "keepalives_idle": "60"}),
        ("?sslmode=verify-full", {"sslmode": "verify-full"}),
    ],
)
def test_what_a_url_says_of_waiting_is_left_as_it_is(given: str, kept: dict[str, str]) -> None:
    there = make_url(patient(f"postgresql+psycopg://me:secret@db/ordering{given}"))
    assert there.password == "secret"
    assert {name: there.query[name] for name in kept} == kept
    assert there.query["tcp_user_timeout"] == "10000"


def test_options_of_a_url_come_after_ours_and_so_count() -> None:
    there = make_url(patient("postgresql://db/ordering?options=-c%20tcp_keepalives_idle%3D60"))
    assert str(there.query["options"]).startswith("-c tcp_keepalives_idle=10 ")
    assert str(there.query["options"]).endswith(" -c tcp_keepalives_idle=60")


def test_a_file_is_opened_as_it_is_named() -> None:
    assert patient("sqlite:////srv/ordering.db-runs") == "sqlite:////srv/ordering.db-runs"
