"""
`ordering worker`: due work, the sweep, the poll and the event bus in a process of its own (DESIGN 6).

As many as one likes may run, each under its own name. What one holds when it dies, another one takes over
within seconds; what nobody noticed, the sweep finds.
"""

from __future__ import annotations

import logging

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from time import monotonic
from typing import Final

from sqlalchemy.engine import make_url

from ordering_adapters.memory.world import Storage
from ordering_adapters.storage import SqlStore
from ordering_adapters.storage.outbox import SqlOutbox
from ordering_adapters.work_queue import DbosWorkQueue, Duty, EngineSettings
from ordering_core.application.ordering import Ordering
from ordering_core.ports.store import Store
from ordering_entrypoints.backlog import count_backlog
from ordering_entrypoints.container import open_stored
from ordering_entrypoints.first_start import need_first_instant
from ordering_entrypoints.following import event_bus
from ordering_entrypoints.http.machinery import BEING_STOPPED, STOPPING, Machinery
from ordering_entrypoints.logs import configure_logging
from ordering_entrypoints.metrics import CONTENT_TYPE, Metrics
from ordering_entrypoints.observing import UNOBSERVED, Observer, observed_duty, observed_run
from ordering_entrypoints.readiness import store_checks
from ordering_entrypoints.serving import told_by_signals
from ordering_entrypoints.settings import Settings, SettingsError
from ordering_entrypoints.status_port import status_port
from ordering_entrypoints.terminal import Terminal
from ordering_entrypoints.worker_settings import WorkPlace


LOOK_EVERY: Final = timedelta(milliseconds=100)
"""How long due work may wait before it is queued."""

FORGET_EVERY: Final = timedelta(hours=1)
LAST_RUN: Final = timedelta(seconds=30)
"""How long runs may still take, once stopped; no call to an outside system takes longer (`call_timeout`)."""

NOT_APART: Final = (
    "ORDERING_WORKER_WHERE has to be apart, here and where the API is served, "
    "so that the two do not run the same work"
)
NO_DATABASE: Final = "ORDERING_DATABASE has to name a database: workers find their work there"
SWEEP: Final = "*/30 * * * * *"
POLL: Final = "0 * * * * *"
RETENTION: Final = "15,45 * * * * *"

_LOST: Final = 1
"""The exit status of a worker that another may have taken for dead: whoever started it starts it again."""

_log: Final = logging.getLogger(__name__)


def worker(terminal: Terminal, settings: Settings) -> int:
    """
    Work as *settings* say until the process is told to stop; return its exit status.

    Raises:
        SettingsError: The database or a file of *settings* cannot be used.

        Refused: Another process has the worker's name, or a newer version queued runs.

        Unavailable: The database cannot be reached.

    """
    configure_logging(settings.log)
    stopped = Event()

    def stop() -> None:
        # In a thread: the signal may have come while this one holds the event's lock.
        Thread(target=stopped.set, name="stop", daemon=True).start()

    with told_by_signals(stop):
        return work(settings, terminal, stopped)


def work(settings: Settings, terminal: Terminal, stopped: Event, **overrides: object) -> int:
    """Work as *settings* say, with *overrides* as `open_system` has them, until *stopped*; as `worker`."""
    metrics = Metrics()
    with open_stored(_apart(settings), **{"observer": metrics, **overrides}) as (ordering, storage):
        queue = work_queue(settings, ordering, storage, observer=metrics)
        events = event_bus(settings, ordering, observer=metrics)
        if storage is not None:
            metrics.shows_backlog(partial(count_backlog, ordering, storage[1]))
        kept = storage[0] if storage else ordering.store
        with _status(settings, _machinery(kept, metrics, stopped), terminal):
            queue.start()
            try:
                with events:
                    terminal.remark(f"Working as {settings.worker.executor}; Ctrl-C stops.")
                    return _work(ordering, queue, stopped, metrics)
            finally:
                if not queue.stop(LAST_RUN):
                    _log.warning("a run is still under way; whoever finds it due goes on from its journal")


def _machinery(store: Store, metrics: Metrics, stopped: Event) -> Machinery:
    def stopping() -> str:
        return BEING_STOPPED if stopped.is_set() else ""

    return Machinery(
        checks={**store_checks(store), STOPPING: stopping},
        figures=lambda: (metrics.text(), CONTENT_TYPE),
    )


@contextmanager
def _status(settings: Settings, machinery: Machinery, terminal: Terminal) -> Generator[None]:
    """Answer on the status port while it is entered, if *settings* name one."""
    host, port = settings.worker.status_host, settings.worker.status_port
    if port is None:
        yield
        return
    with status_port(machinery, host=host, port=port) as address:
        terminal.remark(f"Status: {address}/ready  (metrics: {address}/metrics)")
        yield


def work_queue(
    settings: Settings, ordering: Ordering, storage: Storage | None, *, observer: Observer = UNOBSERVED
) -> DbosWorkQueue:
    """
    Return the queue of a worker that *settings* describe, for what waits in *storage*; it is not started.

    Raises:
        SettingsError: There is no database, or the worker is named in a way that cannot be used.

    """
    if settings.database is None or storage is None or not isinstance(storage[0], SqlStore):
        raise SettingsError((NO_DATABASE,))
    try:
        engine = EngineSettings(
            url=runs_url(settings.database),
            executor=settings.worker.executor,
            concurrency=settings.worker.concurrency,
        )
    except ValueError as error:
        raise SettingsError((f"ORDERING_WORKER_*: {error}",)) from None
    return DbosWorkQueue(
        engine,
        SqlOutbox(storage[0]),
        handle=observed_run(ordering.run, observer),
        duties={
            "sweep": Duty(cron=SWEEP, act=observed_duty("sweep", ordering.sweep, observer)),
            "poll": Duty(cron=POLL, act=observed_duty("poll", ordering.reconcile, observer)),
            "retention": Duty(cron=RETENTION, act=observed_duty("retention", ordering.forget, observer)),
        },
    )


def runs_url(database: str) -> str:
    """
    Return where the engine keeps its runs for the store at *database*.

    On SQLite it is a file beside it: the engine's tables have no prefix, its writes do not queue with ours,
    and a backup needs none of them. On PostgreSQL it is a schema of the same database.
    """
    url = make_url(database)
    if url.get_backend_name() == "sqlite":
        there = url.set(database=f"{url.database}-runs")
    else:
        there = url.set(drivername="postgresql+psycopg")
    return there.render_as_string(hide_password=False)


def _apart(settings: Settings) -> Settings:
    """Return *settings*; those that want no worker are refused before anything is opened."""
    if settings.worker.where is not WorkPlace.APART:
        raise SettingsError((NOT_APART,))
    need_first_instant(settings)
    return settings


def _work(ordering: Ordering, queue: DbosWorkQueue, stopped: Event, observer: Observer) -> int:
    look = observed_duty("work", lambda: queue.start_due(ordering.clock.now()), observer)
    reap = observed_duty("taking over", queue.reap, observer)
    forget = observed_duty("forgetting", queue.forget, observer)
    reaped = forgot = -float("inf")
    while not stopped.is_set():
        now = monotonic()
        if now - reaped >= queue.reap_every.total_seconds():
            if not queue.is_ours:
                _log.error("the worker lost its name; another one may have taken over its runs")
                return _LOST
            reap()
            reaped = now
        if now - forgot >= FORGET_EVERY.total_seconds():
            forget()
            forgot = now
        look()
        stopped.wait(LOOK_EVERY.total_seconds())
    return 0
