"""
`make bench-waiting`: what a worker holds in memory for the orders that wait.

Two workers as `ordering worker` starts them, one on a database without orders and one where 10,000 wait for
a date; after two sweeps their memory is compared. Fails when the orders cost more than 50 MB (issue
"Durable").
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks import stock
from benchmarks.databases import another, databases
from benchmarks.machine import describe, megabytes
from ordering_adapters.storage import open_engine


WAITING: Final = 10_000
MOST: Final = 50.0
"""MB more, for all of them."""

SWEPT: Final = 75.0
"""Seconds after which a worker has swept twice: it does every 30."""


def fill(url: str, waiting: int) -> str:
    """Put *waiting* orders into the database at *url*, and return the url."""
    engine = open_engine(url)
    stock.fill(engine, orders=waiting, waiting=waiting)
    engine.dispose()
    return url


@contextmanager
def working(database: str) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a worker on *database*."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ordering_entrypoints.cli", "worker"],
        env=os.environ | {"ORDERING_DATABASE": database, "ORDERING_WORKER_WHERE": "apart"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


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
        time.sleep(SWEPT)
        for kind, (idle, full) in workers.items():
            for which, what in (("VmRSS", "now"), ("VmHWM", "at most")):
                assert (idle.poll(), full.poll()) == (None, None), "a worker ended by itself"
                before, after = megabytes(idle.pid, which), megabytes(full.pid, which)
                more = after - before
                too_much = too_much or more > MOST
                print(
                    f"{kind:11} {what:8} no order {before:6.1f} MB, {WAITING:,} waiting {after:6.1f} MB:"
                    f" {more:5.1f} MB more, target <= {MOST:.0f}  {'kept' if more <= MOST else 'missed'}"
                )
    return int(too_much)


if __name__ == "__main__":
    sys.exit(main())
