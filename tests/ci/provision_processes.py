"""
Another process of ours that provisions an order, and may be suspended inside one call. Run as a module.

Reads one JSON object a line: a `Job` to begin, or the process to go on with. Each job is done in a process of
its own, forked from this one because starting Python costs a second; the answer is one JSON object a line.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TextIO

import attrs

from ordering_adapters.memory import MemoryFaults, MemoryIds, MemoryNotifications, MemoryProfileDelivery
from ordering_adapters.sim_network.freebit.api import FreebitApi
from ordering_adapters.sim_network.freebit.lines import FreebitLines
from ordering_adapters.sim_network.freebit.settings import PATHS, FreebitSettings, Function
from ordering_adapters.storage import SqlLineBook, SqlLiveUpdates, SqlStore, open_engine
from ordering_adapters.whmcs import WhmcsBilling
from ordering_core import Held, OrderId, Policy
from ordering_core.ports.clock import Clock
from ordering_entrypoints.container import open_ordering
from ordering_entrypoints.sandboxes import environment
from ordering_entrypoints.settings import Settings
from tests.contract import wire
from tests.contract.sim_network_lines import STATUS_PATH
from tests.contract.wire import Tap, WireCall, tap_http


@attrs.frozen(kw_only=True)
class Job:
    """
    One run of *order*, and where it is suspended: inside the call *name*, at the *moment* before or after it.

    The dictionaries are what the sandboxes say of themselves; *clock* is the file that tells the time.
    """

    salesforce: dict[str, str]
    whmcs: dict[str, str]
    network: dict[str, str]
    database: str
    clock: str
    order: str
    name: str = ""
    moment: str = ""


class FileClock(Clock):
    """Shows the time that stands in a file, which somebody else writes."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return datetime.fromisoformat(self._file.read_text())


def suspended(job: Job) -> Tap:
    """Return a tap that suspends this process at the call of *job*, once."""
    tap = Tap()
    stopped: list[str] = []

    def stop() -> None:
        if not stopped:
            stopped.append(job.name)
            os.kill(os.getpid(), signal.SIGSTOP)

    def before(call: WireCall) -> None:
        if job.name and call.name.endswith(job.name) and job.moment == "before":
            stop()

    def after() -> None:
        if job.name and tap.calls[-1].name.endswith(job.name) and job.moment == "after":
            stop()

    tap.begin(before=before, after=after)
    return tap


def provision(job: Job, said: TextIO) -> None:
    """Provision the order and say how it rests."""
    clock = FileClock(Path(job.clock))
    engine = open_engine(job.database)
    store = SqlStore(engine, clock)
    faults = MemoryFaults(clock)
    settings = Settings.from_env(environment({"salesforce": job.salesforce, "whmcs": job.whmcs}))
    network = FreebitSettings(
        url=f"{job.network['http']}/emptool/api/",
        oem_id=job.network["oem_id"],
        oem_key=job.network["oem_key"],
        paths={**PATHS, Function.STATUS: STATUS_PATH},
    )
    tap = suspended(job)
    with ExitStack() as opened:
        api = FreebitApi(network, clock)
        opened.callback(api.close)
        ordering = opened.enter_context(
            open_ordering(
                attrs.evolve(settings, policy=Policy(billing_mark_proved=True)),
                clock=clock,
                store=store,
                live_updates=SqlLiveUpdates(engine),
                lines=FreebitLines(api, SqlLineBook(store)),
                profiles=MemoryProfileDelivery(faults),
                notifications=MemoryNotifications(faults),
                ids=MemoryIds(),
            )
        )
        assert isinstance(ordering.billing, WhmcsBilling)
        tap_http(ordering.billing._api._client, wire.WHMCS, tap)
        tap_http(api.connection._client, wire.NETWORK, tap)
        rest = ordering.provision(OrderId(job.order))
    facts = dict(rest.facts) if isinstance(rest, Held) else {}
    code = rest.code.value if isinstance(rest, Held) else ""
    said.write(json.dumps({"rest": type(rest).__name__, "code": code, "facts": facts}))
    said.flush()


class Children:
    """The processes that were begun here and have not ended."""

    def __init__(self) -> None:
        self._heard: dict[int, int] = {}

    def begin(self, act: Callable[[TextIO], None]) -> dict[str, object]:
        """Do *act* in a process of its own, and tell how far it came."""
        readable, writable = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(readable)
            with os.fdopen(writable, "w") as said:
                act(said)
            os._exit(0)
        os.close(writable)
        self._heard[child] = readable
        return self._watched(child)

    def go_on(self, child: int) -> dict[str, object]:
        """Let a suspended process go on to its end."""
        os.kill(child, signal.SIGCONT)
        return self._watched(child)

    def _watched(self, child: int) -> dict[str, object]:
        _, status = os.waitpid(child, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            return {"suspended": child}
        with os.fdopen(self._heard.pop(child)) as heard:
            told = heard.read()
        return {"failed": status, **(json.loads(told) if told else {})}


def serve() -> None:
    """Do what each line asks for, until there are no more."""
    children = Children()
    for line in sys.stdin:
        wanted = json.loads(line)
        if "go_on" in wanted:
            answer = children.go_on(int(wanted["go_on"]))
        else:
            answer = children.begin(partial(provision, Job(**wanted)))
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
