"""
What has to happen though nobody asks: due work, the sweep, the poll of changed orders, retention (DESIGN 6).

Four threads beside a server. What one of them cannot do now it does the next time; what is running when the
process is stopped is in the journal, and its trigger is still due.
"""

from __future__ import annotations

import logging

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Final

from ordering_core.application.ordering import Ordering
from ordering_core.ports.work_queue import WorkQueue


LOOK_EVERY: Final = timedelta(milliseconds=250)
"""How long new work may wait while nothing else is done."""

SWEEP_EVERY: Final = timedelta(seconds=30)
POLL_EVERY: Final = timedelta(seconds=60)
FORGET_EVERY: Final = timedelta(seconds=30)
LAST_STEP: Final = timedelta(seconds=5)
"""How long a run may still take, once stopped, to get to the end of the step that it is at."""

_log: Final = logging.getLogger(__name__)


@contextmanager
def working(
    ordering: Ordering,
    queue: WorkQueue,
    *,
    look_every: timedelta = LOOK_EVERY,
    sweep_every: timedelta = SWEEP_EVERY,
    poll_every: timedelta = POLL_EVERY,
    forget_every: timedelta = FORGET_EVERY,
) -> Generator[None]:
    """Do the work of *ordering* until the context is left."""
    stopped = Event()

    def run_due() -> None:
        # one at a time, so that stopping need not wait for what has not begun
        while not stopped.is_set() and queue.run_due(ordering.clock.now(), ordering.run, limit=1):
            pass

    duties: dict[str, tuple[Callable[[], object], timedelta]] = {
        "work": (run_due, look_every),
        "sweep": (ordering.sweep, sweep_every),
        "poll": (ordering.reconcile, poll_every),
        "retention": (ordering.forget, forget_every),
    }
    threads = [
        Thread(target=_again_and_again, args=(duty, act, every, stopped), name=duty, daemon=True)
        for duty, (act, every) in duties.items()
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopped.set()
        for thread in threads:
            thread.join(LAST_STEP.total_seconds())


def _again_and_again(duty: str, act: Callable[[], object], every: timedelta, stopped: Event) -> None:
    """Do *act* at once and then *every* so often; whatever goes wrong is logged and tried again."""
    while not stopped.is_set():
        try:
            act()
        except Exception as error:  # noqa: BLE001 - a duty that ended would never be missed by anybody
            _log.warning("the %s could not be done: %s", duty, type(error).__name__)
        stopped.wait(every.total_seconds())
