"""
`make bench-live`: many clients follow one order over one API process, and each hears of every event.

What the table holds depends on who else is at work: the load is printed beside it. The clients' own work is
in the times, as they share the machine. Targets are for uvicorn on two cores that are free (DESIGN 6, issue
"Durable"): 20 kB of a client, and the last one reached within 200 ms for 99 events of 100.
"""

from __future__ import annotations

import os
import sys
import time

from collections.abc import Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import attrs

from tests.ci.live_processes import Following
from tests.ci.live_stage import WATCHED, OtherProcess, Server, beside, furnish, happen, serving, token, writer


CROWDS: Final = (1_000, 5_000)
EVENTS: Final = 20
APART: Final = 1.0
"""Seconds between two events, so that one is told before the next."""

MOST_KILOBYTES: Final = 20.0
LAST_WITHIN: Final = 200.0
"""Milliseconds."""

FIRST_EVENT: Final = 1
"""The event that was in the log before anybody followed."""


@attrs.frozen(kw_only=True)
class Told:
    """How *clients* were told of events."""

    clients: int
    connected: float
    kilobytes: float
    last: tuple[float, ...]
    processor: float

    def lines(self) -> tuple[str, ...]:
        """Return one line of the table for each figure."""
        ordered = sorted(self.last)
        worst = ordered[min(len(ordered) - 1, round(0.99 * len(ordered)))]
        each = 1000 * self.processor / self.clients
        figures = {
            "memory of a client": f"{self.kilobytes:8.1f} kB  {verdict(self.kilobytes, MOST_KILOBYTES)}",
            "last one reached, p50": f"{median(ordered):8.0f} ms",
            "last one reached, p99": f"{worst:8.0f} ms  {verdict(worst, LAST_WITHIN)}",
            "processor time for all": f"{self.processor:8.0f} ms  {each:.0f} us each",
            "all connected": f"{self.connected:8.1f} s",
        }
        return tuple(f"{self.clients:6}  {name:24}{figure}" for name, figure in figures.items())


def verdict(figure: float, target: float) -> str:
    """Return whether *figure* is at most *target*."""
    return f"target {target:.0f}  {'met' if figure <= target else 'missed'}"


def processor_seconds(server: Server) -> float:
    """Return the processor time that *server* has used."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def crowd_of(server: Server, clients: int, *, until: int) -> Following:
    """Return *clients* that follow everything after the first event."""
    path = f"/api/orders/{WATCHED}/events"
    return Following(
        ports=[server.port], path=path, token=token(), clients=clients, until=until, after=FIRST_EVENT
    )


def tell(server: Server, hand: OtherProcess, *, clients: int, begins_after: int) -> Told:
    """Let *clients* follow and measure how they are told of `EVENTS` events after *begins_after*."""
    with beside(crowd_of(server, 1, until=FIRST_EVENT + 1)) as first:  # what is loaded once is no client's
        first.hear()
    before = server.kilobytes()
    with beside(crowd_of(server, clients, until=begins_after + EVENTS)) as crowd:
        connected = crowd.hear()["seconds"]
        held = server.kilobytes() - before
        began = processor_seconds(server)
        committed: dict[int, float] = {}
        for _ in range(EVENTS):
            committed |= happen(hand, WATCHED, 1)
            time.sleep(APART)
        arrived: Mapping[str, list[float]] = crowd.hear()["arrived"]
        processor = (processor_seconds(server) - began) / EVENTS
    return Told(
        clients=clients,
        connected=connected,
        kilobytes=held / clients,
        last=tuple(1000 * (arrived[str(cursor)][-1] - at) for cursor, at in committed.items()),
        processor=1000 * processor,
    )


def main() -> None:
    """Print the table."""
    with TemporaryDirectory() as name:
        directory = Path(name)
        for clients in CROWDS:
            database = furnish(f"sqlite:///{directory / f'{clients}.db'}")
            with serving(database, directory) as server, writer(database) as hand:
                told = tell(server, hand, clients=clients, begins_after=2)
            sys.stdout.write("\n".join([*told.lines(), f"        load {os.getloadavg()[0]:.1f}", ""]))


if __name__ == "__main__":
    main()
