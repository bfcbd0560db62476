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
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TextIO

import attrs

from ordering_adapters.memory import MemoryFaults, MemoryIds, MemoryNotifications
from ordering_adapters.salesforce import SalesforceOrders
from ordering_adapters.sim_network.es2plus.api import Es2PlusApi
from ordering_adapters.sim_network.es2plus.profiles import Es2PlusProfiles
from ordering_adapters.sim_network.freebit.api import FreebitApi
from ordering_adapters.sim_network.freebit.lines import FreebitLines
from ordering_adapters.storage import SqlLineBook, SqlLiveUpdates, SqlProfileBook, SqlStore, open_engine
from ordering_adapters.whmcs import WhmcsBilling
from ordering_core import Fact, Held, OrderId, Policy, Rest, WaitFor, WaitUntil
from ordering_core.domain.journal import RetryAt
from ordering_core.ports.clock import Clock
from ordering_entrypoints.container import open_ordering
from ordering_entrypoints.sandboxes import environment
from ordering_entrypoints.settings import Settings
from tests.contract import wire
from tests.contract.provisioning import network_settings, profile_settings, trusting
from tests.contract.wire import Tap, tap_http, tap_org
from tests.contract.wire_faults import make_blind


@attrs.frozen(kw_only=True)
class Job:
    """
    One run of *order*, and where it is suspended: at the *moment* before or after its call *number*, if ever.

    The dictionaries are what the sandboxes say of themselves; *clock* is the file that tells the time. A
    *blind* run finds only what it was told itself; *settle* (seconds) is how long a call is its runner's.
    """

    salesforce: dict[str, str]
    whmcs: dict[str, str]
    network: dict[str, str]
    database: str
    clock: str
    order: str
    profiles: bool = False
    number: int | None = None
    moment: str = ""
    blind: bool = False
    settle: float = 60.0


class FileClock(Clock):
    """Shows the time that stands in a file, which somebody else writes."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return datetime.fromisoformat(self._file.read_text())


def tapped(job: Job) -> Tap:
    """Return a tap that counts the calls of this process, and suspends it at the one that *job* names."""
    tap = Tap()

    def stop(*_: object) -> None:
        if job.number is not None:
            os.kill(os.getpid(), signal.SIGSTOP)

    if job.moment == "before":
        tap.begin(job.number, before=stop)
    else:
        tap.begin(job.number, after=stop)
    return tap


def provision(job: Job, said: TextIO) -> None:
    """Provision the order and say how it rests."""
    clock = FileClock(Path(job.clock))
    engine = open_engine(job.database)
    store = SqlStore(engine, clock)
    faults = MemoryFaults(clock)
    settings = Settings.from_env(environment({"salesforce": job.salesforce, "whmcs": job.whmcs}))
    network = network_settings(job.network)
    policy = Policy(
        billing_mark_proved=True,
        esim_profile_delivery=job.profiles,
        settle=timedelta(seconds=job.settle),
        call_timeout=timedelta(seconds=min(30.0, job.settle)),
    )
    tap = tapped(job)
    with ExitStack() as opened:
        opened.enter_context(trusting(job.salesforce["ca_file"]))
        api = FreebitApi(network, clock)
        opened.callback(api.close)
        profiles = Es2PlusApi(profile_settings(job.network))
        opened.callback(profiles.close)
        ordering = opened.enter_context(
            open_ordering(
                attrs.evolve(settings, policy=policy),
                clock=clock,
                store=store,
                live_updates=SqlLiveUpdates(engine),
                lines=FreebitLines(api, SqlLineBook(store)),
                profiles=Es2PlusProfiles(profiles, SqlProfileBook(store)),
                notifications=MemoryNotifications(faults),
                ids=MemoryIds(),
            )
        )
        assert isinstance(ordering.billing, WhmcsBilling)
        assert isinstance(ordering.orders, SalesforceOrders)
        tap_http(ordering.billing._api._client, wire.WHMCS, tap)
        tap_http(api.connection._client, wire.NETWORK, tap)
        tap_http(profiles.connection._client, wire.NETWORK, tap)
        tap_org(ordering.orders._org, tap)
        if job.blind:
            make_blind(ordering)
        rest = ordering.provision(OrderId(job.order))
    told: dict[str, object] = {
        "rest": type(rest).__name__,
        "code": rest.code.value if isinstance(rest, Held) else "",
        "facts": dict(rest.facts) if isinstance(rest, Held) else {},
        "goes_on": _goes_on(rest),
        "calls": [[call.system, call.name] for call in tap.calls],
    }
    said.write(json.dumps(told))
    said.flush()


def _goes_on(rest: Rest) -> str:
    """Return when the order goes on by itself, without anybody's act; empty when it does not."""
    match rest:
        case RetryAt(at=at) | WaitUntil(at=at) | WaitFor(fact=Fact.LINE_COMPLETION, at=datetime() as at):
            return at.isoformat()
        case _:
            return ""


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
