"""
`make bench`: a whole order over HTTP, and its provisioning, on both databases.

One process serves and works, its outside systems cost nothing, and shoppers order in a process of their own.
What serves has the packages of an installation, and its modules are compiled (`benchmarks.installed`).
Targets are those of two cores that are free (issue "Durable"); what the machine was worth while they were
measured is printed beside them. Missing one fails nothing: the table says so.
"""

from __future__ import annotations

import http.client
import subprocess
import time

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import attrs

from benchmarks import installed, shop, shoppers
from benchmarks.databases import another, databases
from benchmarks.machine import describe, megabytes
from benchmarks.processes import Beside, beside
from ordering_adapters.storage import open_engine, upgrade
from ordering_entrypoints import cli


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
HANDED_OVER: Final = 20
"""Orders that are provisioned by way of DBOS, whose own statements are counted."""
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


def lines(database: str, environment: Mapping[str, str]) -> Iterator[Line]:
    """Measure on *database* in *environment*, and yield the table's lines."""
    with _street(another(database, "first"), environment) as first:
        first.buy(HANDED_OVER, clients=1)  # which compiles what an installation has compiled
        by_dbos = first.tell("provision by DBOS")
    with _street(database, environment) as street:
        street.buy(PROVISIONED, clients=CLIENTS)  # what is made once is no order's
        done = street.tell("provision")
        rounds = list(_rounds(street))
        # so that the memory is that of as many orders on every machine
        street.buy((ROUNDS - len(rounds)) * (ALONE + TOGETHER), clients=CLIENTS)
        held = street.tell("look")["megabytes"]
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
    yield Line(what="memory of the process, the outside systems in it", figure=held, unit="MB", most=100)
    yield Line(what="provisioned", figure=done["orders"] / done["seconds"], unit="/s")
    for name in ("statements", "commits"):
        yield Line(what=f"  {name} of an order", figure=done[name] / done["orders"])
    for name in ("statements", "commits"):
        yield Line(what=f"  {name} of DBOS itself, an order", figure=by_dbos[name] / by_dbos["orders"])
    yield Line(what="  statements of DBOS with nothing to do", figure=by_dbos["idle"], unit="/s")


@contextmanager
def _street(database: str, environment: Mapping[str, str]) -> Iterator[Street]:
    """Yield the shop on *database*, whose tables are made first, and its shoppers."""
    _upgraded(database)
    with beside(shop, environment) as server, beside(shoppers, environment) as crowd:
        yield Street(server, crowd, database)


def _rounds(street: Street) -> Iterator[Round]:
    until = time.monotonic() + ENOUGH
    for _ in range(ROUNDS):
        yield street.round()
        if time.monotonic() > until:
            return


@attrs.frozen(kw_only=True)
class Started:
    """What `ordering serve` needed until it answered: *seconds*, and *megabytes* of memory."""

    seconds: float
    megabytes: float


def cold_start(database: str, environment: Mapping[str, str]) -> Started:
    """
    Return what starting `ordering serve` on *database* takes, as medians.

    The first start is not counted: it compiles what an installation has compiled.
    """
    _upgraded(database)
    environment = {**environment, "ORDERING_DATABASE": database}
    _, *starts = [_started(environment) for _ in range(1 + STARTS)]
    return Started(
        seconds=median(start.seconds for start in starts),
        megabytes=median(start.megabytes for start in starts),
    )


def _upgraded(database: str) -> None:
    """Make the tables, as an installation has them before it serves."""
    engine = open_engine(database)
    upgrade(engine)
    engine.dispose()


def _started(environment: Mapping[str, str]) -> Started:
    port = _free_port()
    serve = installed.command(cli.__name__, "serve", "--port", str(port))
    began = time.perf_counter()
    process = subprocess.Popen(
        serve,
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
        seconds = time.perf_counter() - began
        return Started(seconds=seconds, megabytes=megabytes(process.pid))
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
    with (
        TemporaryDirectory() as name,
        databases(Path(name)) as urls,
        installed.compiled() as environment,
    ):
        directory = Path(name)
        for kind, url in urls.items():
            print(f"{kind}; {describe(directory)}")
            for line in lines(url, environment):
                print(line, flush=True)
        start = cold_start(f"sqlite:///{directory / 'start.db'}", environment)
        print(Line(what="cold start of `ordering serve`", figure=start.seconds, unit="s", most=1))
        print(Line(what="  its memory then", figure=start.megabytes, unit="MB", most=100))
        print(describe(directory))


if __name__ == "__main__":
    main()
