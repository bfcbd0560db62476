"""What a process is told of the work that happens though nobody asks (``ORDERING_WORKER_…``)."""

from __future__ import annotations

from enum import StrEnum

import attrs


class WorkPlace(StrEnum):
    """Where due work is run."""

    INSIDE = "inside"
    """In the one process that serves the API; on SQLite another one waits until it ends."""

    APART = "apart"
    """In processes of `ordering worker`, as many as are started; those that serve the API run none."""


@attrs.frozen(kw_only=True)
class WorkerVariables:
    """
    Where work is done, and by whom.

    *executor* is the name of one `ordering worker`: stable, and its own. It runs *concurrency* orders at a
    time. With a *status_port* it tells whoever asks on *status_host* whether it lives and can work, and its
    figures; 0 takes a free port.
    """

    where: WorkPlace = WorkPlace.INSIDE
    executor: str = "worker-1"
    concurrency: int = 4
    status_host: str = "127.0.0.1"
    status_port: int | None = None

    def problem_with(self, database: str | None) -> str | None:
        """Return why this does not go with *database*, or None."""
        if self.where is WorkPlace.APART and database is None:
            return "ORDERING_WORKER_WHERE=apart needs ORDERING_DATABASE: workers find their work there"
        return None
