"""An order in a database, API processes on it, and the other processes of a test of live updates."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs

from ordering_adapters.clock import SystemClock
from ordering_adapters.storage import SqlStore, open_engine, upgrade
from ordering_core.domain.customers import Identity
from ordering_core.domain.identifiers import AccountId, ClientId, Cursor, CustomerId, OrderId
from ordering_core.testing.contracts import samples
from ordering_entrypoints.http.principals import Role
from ordering_entrypoints.http.settings import TokenSettings
from ordering_entrypoints.http.tokens import issue_token
from tests.ci import live_processes
from tests.ci.live_processes import Following, Writing


PATIENCE: Final = 180.0
"""Seconds after which a process that says nothing has failed."""

CUSTOMER: Final = CustomerId("customer-1")
ACCOUNT: Final = AccountId("001A")
WATCHED: Final = "801-one"
UNWATCHED: Final = "801-two"
TOKENS: Final = TokenSettings(
    issuer="https://login.example", audience="ordering", secret="a secret of at least 32 bytes..."
)


class OtherProcess:
    """A process of `live_processes`, which answers in lines of JSON."""

    def __init__(self, wanted: Following | Writing) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", live_processes.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        self.tell(attrs.asdict(wanted))

    def tell(self, wanted: dict[str, object]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps(wanted)}\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Return what it says next."""
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert said, "it ended without a word"
        heard: dict[str, Any] = json.loads(said)
        return heard

    def close(self) -> None:
        self._process.kill()
        self._process.wait(PATIENCE)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()


@contextmanager
def beside(wanted: Following | Writing) -> Iterator[OtherProcess]:
    """Yield a process that does what is *wanted*."""
    process = OtherProcess(wanted)
    try:
        yield process
    finally:
        process.close()


@contextmanager
def writer(database: str) -> Iterator[OtherProcess]:
    """Yield a process that lets things happen to the orders of *database*."""
    with beside(Writing(database=database)) as process:
        assert process.hear() == {"ready": True}
        yield process


def happen(process: OtherProcess, order: str, times: int, *, size: int = 1) -> dict[int, float]:
    """Let a `writer` append *times* events to *order*; return when each was committed, by its cursor."""
    process.tell({"order": order, "times": times, "size": size})
    return {int(cursor): at for cursor, at in process.hear()["committed"]}


def furnish(url: str) -> str:
    """Put two orders of one customer into the database at *url*, and return the url."""
    engine = open_engine(url)
    upgrade(engine)
    with SqlStore(engine, SystemClock()).transaction() as tx:
        tx.identities.put(Identity(customer=CUSTOMER, account=ACCOUNT, client=ClientId(1)))
        for name in ("one", "two"):
            tx.projection.put(samples.projected(name, number=f"0000010{name}"))
            tx.events.append(samples.event(f"801-{name}"))
        tx.projection.mark_refreshed(ACCOUNT, SystemClock().now())
    engine.dispose()
    return url


def logged(url: str, order: str = WATCHED) -> list[int]:
    """Return the cursors of everything that happened to *order*."""
    engine = open_engine(url)
    with SqlStore(engine, SystemClock()).transaction() as tx:
        cursors = [
            int(event.cursor) for event in tx.events.after(Cursor(0), order=OrderId(order), limit=100_000)
        ]
    engine.dispose()
    return cursors


def token() -> str:
    """Return what the customer comes in with."""
    return issue_token(TOKENS, subject=CUSTOMER, at=SystemClock().now(), roles=(Role.CUSTOMER,))


@attrs.frozen(kw_only=True)
class Server:
    """An API process."""

    process: subprocess.Popen[bytes]
    port: int
    logged: Path

    def log(self, *, until: str) -> str:
        """Return what it has logged, once *until* is in it."""
        end = time.monotonic() + PATIENCE
        while until not in (text := self.logged.read_text()):
            assert time.monotonic() < end, text[-2000:]
            time.sleep(0.02)
        return text

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def kilobytes(self) -> int:
        """Return what it holds in memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])  # type: ignore[index]  # it is always there


@contextmanager
def serving(database: str, directory: Path, **settings: str) -> Iterator[Server]:
    """Serve the API on *database*; *settings* are environment variables without ``ORDERING_``."""
    log = directory / f"serve-{time.monotonic_ns()}.log"
    chosen = {
        "DATABASE": database,
        "TOKENS_ISSUER": TOKENS.issuer,
        "TOKENS_AUDIENCE": TOKENS.audience,
        "TOKENS_SECRET": TOKENS.secret or "",
        "POLICY_ORDERS_MAX_AGE": "1d",
        "WORKER_WHERE": "apart",
        **settings,
    }
    environment = os.environ | {f"ORDERING_{name}": value for name, value in chosen.items()}
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "ordering_entrypoints.cli", "serve", "--port", "0"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
        )
    try:
        until = time.monotonic() + PATIENCE
        while not (told := re.search(r"http://[^/\s]+:(\d+)/schema", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.05)
        yield Server(process=process, port=int(told[1]), logged=log)
    finally:
        process.kill()
        process.wait(PATIENCE)
