"""What an engine is told: where it keeps its runs, who it is, how much it does at a time."""

from __future__ import annotations

import re

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import attrs

from ordering_adapters.work_queue.patience import patient


_EXECUTOR: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@attrs.frozen(kw_only=True)
class Duty:
    """
    What recurs: *act* at every instant of *cron* (six fields, seconds first, UTC), by one worker of all.

    An instant that passes while no worker runs is not made up for.
    """

    cron: str
    act: Callable[[], object]


@attrs.frozen(kw_only=True)
class EngineSettings:
    """
    One worker of the engine.

    *url* is the database of its runs, on SQLite a file of its own, on PostgreSQL the store's, and is given
    what bounds waiting there (`work_queue.patience`). *executor* is the worker's name: stable, and its own
    among all that work on the database. It runs *concurrency* subjects at a time, looks for queued runs every
    *look_every* and for dead workers every *reap_every*, and forgets a finished run after *keep*. It waits up
    to *take_within* for its name: others hold it for a moment when they clear away what its last holder left.

    Raises:
        ValueError: *executor* or *concurrency* cannot be used.

    """

    url: str = attrs.field(repr=False, converter=patient)
    executor: str = "worker-1"
    concurrency: int = 4
    look_every: timedelta = timedelta(milliseconds=50)
    reap_every: timedelta = timedelta(seconds=5)
    keep: timedelta = timedelta(days=7)
    take_within: timedelta = timedelta(seconds=5)

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot be used."""
        if not _EXECUTOR.fullmatch(self.executor):
            raise ValueError("the executor has to be 1 to 40 lower-case letters, digits and hyphens")
        if self.concurrency < 1:
            raise ValueError("the concurrency has to be at least 1")
