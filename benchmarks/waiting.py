"""
`make bench-waiting`: what a worker holds in memory for the orders that wait.

Two workers as `ordering worker` starts them, one on a database without orders and one where 10,000 wait for
a date; when each says that it has swept twice, their memory is compared. Fails when the orders cost more than
50 MB (issue "Durable"), and when a worker does not sweep.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.request import urlopen

from benchmarks import stock
from benchmarks.databases import another, databases
from benchmarks.machine import describe, megabytes
from ordering_adapters.storage import open_engine


WAITING: Final = 10_000
MOST: Final = 50.0
"""MB more, for all of them."""

SWEEPS: Final = 2
LONGEST: Final = 600.0
"""Seconds within which a worker has swept that often, on any machine: it does every 30."""
LOOK: Final = 5.0
"""Seconds between two looks at what the workers tell."""

_SWEPT: Final = re.compile(
    r'^ordering_duty_last_success_timestamp_seconds\{[^}]*duty="sweep"[^}]*\} (\S+)$', re.MULTILINE
)


def fill(url: str, waiting: int) -> str:
    """Put *waiting* orders into the database at *url*, and return the url."""
    engine = open_engine(url)
    stock.fill(engine, orders=waiting, waiting=waiting)
    engine.dispose()
    return url


class Worker:
    """A worker on a database, and when it has swept."""

    def __init__(self, database: str) -> None:
        """Start it."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        told = {
            "ORDERING_DATABASE": database,
            "ORDERING_WORKER_WHERE": "apart",
            "ORDERING_WORKER_STATUS_PORT": str(self._port),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ordering_entrypoints.cli", "worker"],
            env=os.environ | told,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._sweeps = set[str]()

    def has_swept(self) -> bool:
        """Tell whether it has swept as often as it should; ask it, if that is not known."""
        assert self.process.poll() is None, "a worker ended by itself"
        if len(self._sweeps) < SWEEPS:
            with suppress(OSError), urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=LOOK) as answer:
                self._sweeps.update(_SWEPT.findall(answer.read().decode()))
        return len(self._sweeps) >= SWEEPS


@contextmanager
def working(database: str) -> Iterator[Worker]:
    """Yield a worker on *database*."""
    worker = Worker(database)
    try:
        yield worker
    finally:
        worker.process.kill()
        worker.process.wait()


def wait_for_sweeps(workers: list[Worker]) -> None:
    """Return when every one of *workers* has swept twice."""
    began = time.monotonic()
    while False in {worker.has_swept() for worker in workers}:
        assert time.monotonic() - began < LONGEST, "a worker does not sweep"
        time.sleep(LOOK)


def main() -> int:
    """Print the table; 1 when the orders cost more than they may."""
    too_much = False
    with TemporaryDirectory() as name, databases(Path(name)) as urls, ExitStack() as opened:
        print(describe(Path(name)))
        workers = {
            kind: [
                opened.enter_context(working(fill(each, waiting)))
                for each, waiting in ((url, 0), (another(url, "waiting"), WAITING))
            ]
            for kind, url in urls.items()
        }
        wait_for_sweeps([worker for both in workers.values() for worker in both])
        for kind, (idle, full) in workers.items():
            for which, what in (("VmRSS", "now"), ("VmHWM", "at most")):
                before, after = (megabytes(each.process.pid, which) for each in (idle, full))
                more = after - before
                too_much = too_much or more > MOST
                print(
                    f"{kind:11} {what:8} no order {before:6.1f} MB, {WAITING:,} waiting {after:6.1f} MB:"
                    f" {more:5.1f} MB more, target <= {MOST:.0f}  {'kept' if more <= MOST else 'missed'}"
                )
    return int(too_much)


if __name__ == "__main__":
    sys.exit(main())
