"""
What has to happen though nobody asks: due work, the sweep, the poll of changed orders, retention (DESIGN 6).

Four threads beside a server. What one of them cannot do now it does the next time; what is running when the
process is stopped is in the journal, and its trigger is still due.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from time import monotonic
from typing import Final

from ordering_core.application.ordering import Ordering
from ordering_core.ports.work_queue import WorkQueue
from ordering_entrypoints.http.machinery import Departure
from ordering_entrypoints.observing import UNOBSERVED, Observer, observed_duty, observed_run


LOOK_EVERY: Final = timedelta(milliseconds=250)
"""How long new work may wait while nothing else is done."""

SWEEP_EVERY: Final = timedelta(seconds=30)
POLL_EVERY: Final = timedelta(seconds=60)
FORGET_EVERY: Final = timedelta(seconds=30)
LAST_STEP: Final = timedelta(seconds=5)
"""How long a run may still take, once stopped, to get to the end of the step that it is at."""


@contextmanager
def working(
    ordering: Ordering,
    queue: WorkQueue,
    *,
    look_every: timedelta = LOOK_EVERY,
    sweep_every: timedelta = SWEEP_EVERY,
    poll_every: timedelta = POLL_EVERY,
    forget_every: timedelta = FORGET_EVERY,
    observer: Observer = UNOBSERVED,
    departure: Departure | None = None,
) -> Generator[None]:
    """
    Do the work of *ordering* until the context is left; nothing more is begun once *departure* began.

    *observer* is told of runs and duties.
    """
    stopped = Event()
    if departure is not None:
        departure.then(stopped.set)
    run = observed_run(ordering.run, observer)

    def run_due() -> None:
        # one at a time, so that stopping need not wait for what has not begun
        while not stopped.is_set() and queue.run_due(ordering.clock.now(), run, limit=1):
            pass

    duties: dict[str, tuple[Callable[[], object], timedelta]] = {
        "work": (run_due, look_every),
        "sweep": (ordering.sweep, sweep_every),
        "poll": (ordering.reconcile, poll_every),
        "retention": (ordering.forget, forget_every),
    }
    threads = [
        Thread(
            target=_again_and_again,
            args=(observed_duty(duty, act, observer), every, stopped),
            name=duty,
            daemon=True,
        )
        for duty, (act, every) in duties.items()
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopped.set()
        until = monotonic() + LAST_STEP.total_seconds()
        for thread in threads:
            thread.join(max(0.0, until - monotonic()))


def _again_and_again(act: Callable[[], None], every: timedelta, stopped: Event) -> None:
    """Do *act* at once and then *every* so often."""
    while not stopped.is_set():
        act()
        stopped.wait(every.total_seconds())
