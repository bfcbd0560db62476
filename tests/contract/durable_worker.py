"""
A worker of ours on the sandboxes, which may be killed at one step of one order. Run as a module.

Reads one JSON object a line (a `Job`) and does each in a process of its own, forked from this one because
starting Python costs seconds. It answers with the child's id, and again, with how it ended, when it has.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Event, get_ident
from typing import Final

import attrs

from sqlalchemy import Connection

from ordering_adapters.memory import MemoryFaults, MemoryProfileDelivery
from ordering_adapters.salesforce import SalesforceFiles
from ordering_adapters.sim_network.freebit.api import FreebitApi
from ordering_adapters.sim_network.freebit.lines import FreebitLines
from ordering_adapters.sim_network.freebit.settings import PATHS, FreebitSettings, Function
from ordering_adapters.storage import SqlStore, store
from ordering_adapters.storage.engine import open_engine
from ordering_adapters.storage.journal import SqlJournal
from ordering_adapters.storage.line_book import SqlLineBook
from ordering_adapters.whmcs import WhmcsBilling
from ordering_adapters.work_queue import DbosWorkQueue
from ordering_core import Ordering
from ordering_core.domain.journal import JournalRow, Subject
from ordering_core.ports.clock import Clock
from ordering_entrypoints import asgi, cli_serve
from ordering_entrypoints.container import open_whole
from ordering_entrypoints.settings import Settings
from ordering_entrypoints.terminal import Terminal
from ordering_entrypoints.worker import work
from ordering_entrypoints.worker_settings import WorkPlace


STATUS_PATH: Final = "mvno/getDetail/"
BEFORE: Final = "before"
AFTER: Final = "after"
RECORDED: Final = "recorded"
MOMENTS: Final = (BEFORE, AFTER, RECORDED)
"""The effect is intended and not sent; it is done and nobody knows; it is done and recorded."""


@attrs.frozen(kw_only=True)
class Job:
    """
    What a worker is to do.

    *settings* are its environment, *clock* the file that tells the time, *network* what the mobile network
    says when it is ready. It dies at *moment* of *step* of *order*, or of whoever comes first when none is
    named. *blind*, it never sees what is in WHMCS, or among the files in Salesforce, already; without *reaps*
    it takes over from nobody; it sweeps *sweeps* times and no more, if that is not negative. Whom it runs it
    writes to the file *runs*. If it *serves*, it is no `ordering worker` but an `ordering serve` that does
    the work inside.
    """

    settings: dict[str, str]
    clock: str
    network: dict[str, str]
    order: str = ""
    step: str = ""
    moment: str = ""
    blind: bool = False
    reaps: bool = True
    sweeps: int = -1
    runs: str = ""
    serves: bool = False


class FileClock(Clock):
    """The time that stands in a file."""

    def __init__(self, file: str) -> None:
        self._file = Path(file)

    def now(self) -> datetime:
        return datetime.fromisoformat(self._file.read_text(encoding="utf-8"))


def write_time(file: Path, at: datetime) -> None:
    """Put *at* into *file* in one go, for readers find either time and never a half."""
    new = file.with_suffix(".new")
    new.write_text(at.isoformat(), encoding="utf-8")
    new.replace(file)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(job: Job) -> None:
    """Let this process be killed where *job* says."""
    intend, settle, commit = SqlJournal.intend, SqlJournal.settle, store._commit
    armed: set[object] = set()
    deadly: set[int] = set()

    def intended(journal: SqlJournal, *args: object, **kwargs: object) -> JournalRow:
        row = intend(journal, *args, **kwargs)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - handed on as it came
        if (job.order or row.subject.key, job.step) == (row.subject.key, row.step):
            armed.add(row.id)
            if job.moment == BEFORE:
                deadly.add(get_ident())
        return row

    def settled(journal: SqlJournal, *args: object, **kwargs: object) -> JournalRow:
        if args[0] in armed:
            if job.moment == AFTER:
                die()
            deadly.add(get_ident())
        return settle(journal, *args, **kwargs)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - handed on as it came

    def committed(connection: Connection) -> None:
        commit(connection)
        if get_ident() in deadly:
            die()

    SqlJournal.intend = intended  # type: ignore[method-assign]  # pyright: ignore[reportAttributeAccessIssue] - a switch around the journal
    SqlJournal.settle = settled  # type: ignore[method-assign]  # pyright: ignore[reportAttributeAccessIssue] - a switch around the journal
    store._commit = committed


def note_runs(file: Path) -> None:
    """Write down the key of every subject that is run, once its run is over."""
    run = Ordering.run

    def noted(ordering: Ordering, subject: Subject) -> None:
        run(ordering, subject)
        with file.open("a", encoding="utf-8") as notes:
            notes.write(f"{subject.key}\n")

    Ordering.run = noted  # type: ignore[assignment,method-assign]  # pyright: ignore[reportAttributeAccessIssue] - a switch


def limit_sweeps(times: int) -> None:
    """Let only the first sweeps find anything."""
    sweep, turns = Ordering.sweep, iter(range(times))

    def limited(ordering: Ordering) -> int:
        return 0 if next(turns, None) is None else sweep(ordering)

    Ordering.sweep = limited  # type: ignore[assignment,method-assign]  # pyright: ignore[reportAttributeAccessIssue] - a switch


def worked(job: Job) -> int:
    """Work until told to stop."""
    if job.step:
        arm(job)
    if job.blind:
        WhmcsBilling.find = lambda *_: ()  # type: ignore[method-assign]  # pyright: ignore[reportAttributeAccessIssue] - a switch around the network
        SalesforceFiles._find = lambda *_: None  # type: ignore[method-assign]  # pyright: ignore[reportAttributeAccessIssue] - a switch around the network
    if not job.reaps:
        DbosWorkQueue.reap = lambda _: 0  # type: ignore[assignment,method-assign]  # pyright: ignore[reportAttributeAccessIssue] - a switch
    if job.sweeps >= 0:
        limit_sweeps(job.sweeps)
    if job.runs:
        note_runs(Path(job.runs))
    systems = systems_of(job)
    if job.serves:
        return served(job, systems)
    stopped = Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    return work(Settings.from_env(job.settings), Terminal(), stopped, **systems)


def systems_of(job: Job) -> dict[str, object]:
    """Return what stands behind the ports that the settings of *job* do not name."""
    clock = FileClock(job.clock)
    engine = open_engine(job.settings["ORDERING_DATABASE"])
    network = FreebitSettings(
        url=f"{job.network['http']}/emptool/api/",
        oem_id=job.network["oem_id"],
        oem_key=job.network["oem_key"],
        paths={**PATHS, Function.STATUS: STATUS_PATH},
    )
    systems: dict[str, object] = {
        "clock": clock,
        "lines": FreebitLines(FreebitApi(network, clock), SqlLineBook(SqlStore(engine, clock))),
    }
    if "ORDERING_ES2PLUS_URL" not in job.settings:
        systems["profiles"] = MemoryProfileDelivery(MemoryFaults(clock))
    return systems


def served(job: Job, systems: dict[str, object]) -> int:
    """Serve the API and do the work of its orders beside, as `ordering serve` does with nothing set."""
    asgi.open_whole = partial(open_whole, **systems)  # type: ignore[attr-defined]  # pyright: ignore[reportPrivateImportUsage] - a switch: its ports are ours
    settings = {**job.settings, "ORDERING_WORKER_WHERE": WorkPlace.INSIDE.value}
    return cli_serve.serve(Terminal(), Settings.from_env(settings), host="127.0.0.1", port=0)


def serve() -> None:
    """Start what each line asks for, until there are no more."""
    signal.signal(signal.SIGCHLD, told_of_an_end)
    for line in sys.stdin:
        job = Job(**json.loads(line))
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            status = 1
            try:
                status = worked(job)
            finally:
                sys.stderr.flush()
                os._exit(status)
        tell({"child": child})


def told_of_an_end(*_: object) -> None:
    # Signals do not add up: of two that ended at once one may be told.
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            tell({"child": ended[0], "status": ended[1]})


def tell(what: object) -> None:
    # Unbuffered: a signal's handler may speak in the middle of another word.
    os.write(1, f"{json.dumps(what)}\n".encode())


if __name__ == "__main__":
    serve()
