"""
`make bench`: a whole order over HTTP, and its provisioning, on both databases.

One process serves and works, its outside systems cost nothing, and shoppers order in a process of their own.
Targets are those of two cores that are free (issue "Durable"); what the machine was worth while they were
measured is printed beside them. Missing one fails nothing: the table says so.
"""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time

from collections.abc import Iterator, Mapping
from pathlib import Path
from socket import socket
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import attrs

from benchmarks import shop, shoppers
from benchmarks.databases import databases
from benchmarks.machine import describe
from benchmarks.processes import Beside, beside
from ordering_adapters.storage import open_engine, upgrade


ROUNDS: Final = 5
ENOUGH: Final = 25.0
"""Seconds after which no further round begins, on a machine that is busy with something else."""
ALONE: Final = 50
"""Orders of a round that one client makes."""
TOGETHER: Final = 160
"""Orders of a round that many clients make."""
PROVISIONED: Final = 100
"""Orders that are provisioned, before the others are made."""
CLIENTS: Final = 16
COUNTED: Final = 10
"""Orders whose statements are counted, and not timed."""
CUSTOMERS: Final = 300
STARTS: Final = 3
LONGEST_START: Final = 60.0


@attrs.frozen(kw_only=True)
class Round:
    """One client's orders and those of many, as the shoppers saw them, and what the shop used for them."""

    alone: dict[str, Any]
    together: dict[str, Any]
    server_seconds: float

    @property
    def place_p99(self) -> float:
        """Milliseconds."""
        return 1000 * percentile(self.alone["submits"], 0.99)

    @property
    def orders_per_second(self) -> float:
        """Of the many."""
        seconds: float = self.together["seconds"]
        return TOGETHER / seconds


@attrs.frozen(kw_only=True)
class Line:
    """One line of the table; *least* and *most* are the target."""

    what: str
    figure: float
    unit: str = ""
    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        return f"  {self.what:44}{self.figure:9.1f} {self.unit:5}{self._verdict()}"

    def _verdict(self) -> str:
        if self.least is not None:
            return f"target >= {self.least:.0f}  {'kept' if self.figure >= self.least else 'missed'}"
        if self.most is not None:
            return f"target <= {self.most:.0f}  {'kept' if self.figure <= self.most else 'missed'}"
        return ""


class Street:
    """The shop and its shoppers."""

    def __init__(self, server: Beside, crowd: Beside, database: str) -> None:
        """Open the shop on *database*."""
        self._server, self._crowd = server, crowd
        opened = server.ask({"database": database, "customers": CUSTOMERS, "works": False})
        self._port, self._tokens = opened["port"], opened["tokens"]
        self._ordered = 0

    def buy(self, orders: int, *, clients: int) -> dict[str, Any]:
        """Have *orders* ordered."""
        wish = shoppers.Wish(
            port=self._port, tokens=self._tokens, clients=clients, orders=orders, first=self._ordered
        )
        self._ordered += orders
        return self._crowd.ask(attrs.asdict(wish))

    def round(self) -> Round:
        """Have one client order, and then many."""
        alone = self.buy(ALONE, clients=1)
        before = self._server.tell("look")["cpu"]
        together = self.buy(TOGETHER, clients=CLIENTS)
        return Round(alone=alone, together=together, server_seconds=self._server.tell("look")["cpu"] - before)

    def counted(self) -> dict[str, Any]:
        """Return what the statements of one order come to."""
        self._server.tell("count")
        self.buy(COUNTED, clients=1)
        return {name: count / COUNTED for name, count in self._server.tell("counted").items()}

    def tell(self, command: str) -> dict[str, Any]:
        """Give the shop a command."""
        return self._server.tell(command)


def percentile(figures: list[float], share: float) -> float:
    """Return the figure that *share* of *figures* do not exceed."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def lines(database: str) -> Iterator[Line]:
    """Measure on *database*, and yield the table's lines."""
    _upgraded(database)
    with beside(shop) as server, beside(shoppers) as crowd:
        street = Street(server, crowd, database)
        street.buy(PROVISIONED, clients=CLIENTS)  # what is made once is no order's
        done = street.tell("provision")
        rounds = list(_rounds(street))
        rss = street.tell("look")["rss"]
        counted = street.counted()
    together = [each.together for each in rounds]
    used = median(each["cpu"] / each["seconds"] for each in together)
    flows = median(percentile(each.alone["flows"], 0.5) for each in rounds)
    places = median(percentile(each.alone["submits"], 0.5) for each in rounds)
    yield Line(
        what=f"whole orders, {CLIENTS} clients",
        figure=median(each.orders_per_second for each in rounds),
        unit="/s",
        least=150,
    )
    yield Line(what="  best round", figure=max(each.orders_per_second for each in rounds), unit="/s")
    yield Line(
        what="  processor time of the server, an order",
        figure=1000 * median(each.server_seconds for each in rounds) / TOGETHER,
        unit="ms",
    )
    yield Line(what="  processor time of the shoppers, of one core", figure=100 * used, unit="%")
    yield Line(what="place, one client, p50", figure=1000 * places, unit="ms")
    yield Line(
        what="place, one client, p99", figure=median(each.place_p99 for each in rounds), unit="ms", most=20
    )
    yield Line(what="whole order, one client, p50", figure=1000 * flows, unit="ms")
    yield Line(what="statements of an order", figure=counted["statements"], most=20)
    yield Line(what="commits of an order", figure=counted["commits"], most=3)
    yield Line(
        what="memory of the process, the outside systems in it", figure=rss / 1000, unit="MB", most=100
    )
    yield Line(what="provisioned", figure=done["orders"] / done["seconds"], unit="/s")
    for name in ("statements", "commits"):
        yield Line(what=f"  {name} of an order", figure=done[name] / done["orders"])


def _rounds(street: Street) -> Iterator[Round]:
    until = time.monotonic() + ENOUGH
    for _ in range(ROUNDS):
        yield street.round()
        if time.monotonic() > until:
            return


def cold_start(database: str) -> float:
    """
    Return the seconds from starting `ordering serve` on *database* to its first answer, a median.

    The first start is not counted: it compiles what an installation has compiled.
    """
    _upgraded(database)
    with TemporaryDirectory() as compiled:
        environment = {**os.environ, "ORDERING_DATABASE": database, "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        _started_within(environment)
        return median(_started_within(environment) for _ in range(STARTS))


def _upgraded(database: str) -> None:
    """Make the tables, as an installation has them before it serves."""
    engine = open_engine(database)
    upgrade(engine)
    engine.dispose()


def _started_within(environment: Mapping[str, str]) -> float:
    port = _free_port()
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "ordering_entrypoints.cli", "serve", "--port", str(port)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(port):
            assert process.poll() is None, "it ended instead of serving"
            assert time.perf_counter() - began < LONGEST_START, "it does not come up"
            time.sleep(0.005)
        return time.perf_counter() - began
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST_START)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def main() -> None:
    """Print the table."""
    with TemporaryDirectory() as name, databases(Path(name)) as urls:
        directory = Path(name)
        for kind, url in urls.items():
            print(f"{kind}; {describe(directory)}")
            for line in lines(url):
                print(line, flush=True)
        start = cold_start(f"sqlite:///{directory / 'start.db'}")
        print(Line(what="cold start of `ordering serve`", figure=start, unit="s", most=1))
        print(describe(directory))


if __name__ == "__main__":
    main()
