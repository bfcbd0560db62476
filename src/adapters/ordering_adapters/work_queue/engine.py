"""
DBOS in this process: launched once, under a name of its own, with the few of its parts that we use.

What DBOS does by default and would hurt is set here, each with why (reference: durable work, P1 to P10).
"""

from __future__ import annotations

import logging
import sqlite3

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import monotonic, sleep
from typing import Final
from uuid import uuid4

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions, error
from sqlalchemy.engine import make_url

from ordering_adapters.work_queue.settings import Duty, EngineSettings
from ordering_adapters.work_queue.slots import Slot, take
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Refused


APPLICATION: Final = "ordering"
VERSION: Final = "ordering-1"
"""
Pinned: by default DBOS makes it of the source, and an update strands what the version before left behind.

What a run does is versioned by its name (`RUN`); both stay registered while runs of the older one may wait.
"""

RUN: Final = "ordering.run.v1"
DUTY: Final = "ordering.duty.v1"
TICK: Final = "ordering.tick.v1"
RUNS: Final = "ordering-runs"
TICKS: Final = "ordering-ticks"

RETIRED: Final[frozenset[str]] = frozenset()
"""
Duties of earlier versions that recur no more; a version that drops one names it here.

Any other duty that is not declared is a newer version's, which may run beside this one.
"""

_OPEN: Final = ["ENQUEUED", "DELAYED", "PENDING"]
_OVER: Final = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
_AT_ONCE: Final = 500
"""Runs that are forgotten in one statement."""

_TAKING: Final = 0.05
"""Seconds between two tries to take a name."""

_ONE: Final = Lock()
"""DBOS is one object in a process: a second one would silently be the first."""


class Engine:
    """DBOS, from `start` to `stop`; *run* is called with a run's id, its trigger and its instant."""

    def __init__(
        self, settings: EngineSettings, *, run: Callable[[str, int, int], None], duties: Mapping[str, Duty]
    ) -> None:
        self._settings = settings
        self._run = run
        self._duties = duties
        self._slot: Slot | None = None
        self._is_dbos_ours = False
        self._is_the_one = False

    def start(self) -> None:
        """
        Take the worker's name, give back what its last holder left, and begin to run what is queued.

        Raises:
            RuntimeError: This process has an engine already.

            Refused: Another process has the name, or runs are queued that are unknown here.

            Unavailable: The database cannot be reached.

        """
        if not _ONE.acquire(blocking=False):
            raise RuntimeError("this process has an engine already: DBOS is one object in a process")
        self._is_the_one = True
        try:
            self._slot = self._taken()
            self._launch()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Run nothing more and free the name; what still runs here loses its engine, not its trigger."""
        if not self._is_the_one:
            return
        if self._is_dbos_ours:
            DBOS.destroy(destroy_registry=True)
            self._is_dbos_ours = False
        if self._slot is not None:
            self._slot.give_back()
            self._slot = None
        self._is_the_one = False
        _ONE.release()

    @property
    def is_ours(self) -> bool:
        """Whether the worker's name is still this process's; without it others may take its runs for dead."""
        return self._slot is not None and self._slot.is_ours()

    def queue(self, run: str, trigger: int, at: int) -> bool:
        """Queue *run* of *trigger*; False when one is queued or running already, here or elsewhere."""
        options = EnqueueOptions(
            workflow_name=RUN,
            queue_name=RUNS,
            workflow_id=run,
            # Free again as soon as the run is over, so that a restored or repeated trigger runs again.
            deduplication_id=str(trigger),
            app_version=VERSION,
        )
        try:
            DBOS.enqueue_workflow_with_options(options, trigger, at)
        except error.DBOSQueueDeduplicatedError:
            return False
        return True

    def over(self, runs: Iterable[str]) -> frozenset[str]:
        """Return which of *runs* are over, wherever they ran."""
        asked = [*runs]
        if not asked:
            return frozenset()
        found = DBOS.list_workflows(workflow_ids=asked, load_input=False, load_output=False)
        still = {each.workflow_id for each in found if each.status in _OPEN}
        return frozenset(asked) - still

    def reap(self) -> int:
        """
        Cancel what dead workers held, and return how much that was; their triggers are still due.

        Dead is who does not hold its name. A run that is cancelled while it goes on all the same, after its
        worker lost the database for a while, records nothing with DBOS; the journal keeps its effects single.
        """
        held = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        reaped = 0
        for executor in {each.executor_id for each in held} - {self._settings.executor, None}:
            slot = take(self._settings.url, str(executor))
            if slot is None:
                continue
            try:
                ids = [each.workflow_id for each in held if each.executor_id == executor]
                DBOS.cancel_workflows(ids)
                reaped += len(ids)
            finally:
                slot.give_back()
        return reaped

    def forget(self) -> int:
        """Delete runs that were over long ago, and return how many: DBOS keeps them for ever."""
        before = (datetime.now(UTC) - self._settings.keep).isoformat()  # noqa: TID251 - DBOS's clock, not the business's
        deleted = 0
        while old := DBOS.list_workflows(
            status=_OVER, completed_before=before, limit=_AT_ONCE, load_input=False, load_output=False
        ):
            DBOS.delete_workflows([each.workflow_id for each in old])
            deleted += len(old)
        return deleted

    def _taken(self) -> Slot:
        until = monotonic() + self._settings.take_within / timedelta(seconds=1)
        while (slot := take(self._settings.url, self._settings.executor)) is None:
            if monotonic() < until:
                sleep(_TAKING)
                continue
            raise Refused(
                System.STORE,
                "EXECUTOR_TAKEN",
                f"another process works as {self._settings.executor!r}; give each worker a name of its own "
                "(ORDERING_WORKER_EXECUTOR), or stop the other one",
            )
        return slot

    def _launch(self) -> None:
        # Else it opens a log of its own, past what keeps personal data out of ours.
        log = logging.getLogger("dbos")
        log.addHandler(logging.NullHandler())
        log.setLevel(logging.WARNING)
        self._prepare()
        DBOS(
            config=DBOSConfig(
                name=APPLICATION,
                system_database_url=self._settings.url,
                application_version=VERSION,
                executor_id=self._settings.executor,
                # By default it is pickle: what is kept could not be read by another language or version.
                serializer=DBOSPortableJSONSerializer(),
                log_level="WARNING",
                console_log_level="WARNING",
                # Nothing of ours listens; stopping waits for one turn of it.
                notification_listener_polling_interval_sec=0.1,
            )
        )
        if (DBOS.executor_id, DBOS.application_version) != (self._settings.executor, VERSION):
            raise RuntimeError("this process uses DBOS already: it is one object in a process")
        self._is_dbos_ours = True

        def run_one(trigger: int, at: int) -> None:
            self._run(DBOS.workflow_id or "", trigger, at)

        def do_duty(_scheduled: object, name: str) -> None:
            if (duty := self._duties.get(name)) is not None:
                duty.act()

        # By default a run is given up after its hundredth start.
        DBOS.workflow(name=RUN, max_recovery_attempts=None)(run_one)
        DBOS.workflow(name=DUTY, max_recovery_attempts=None)(do_duty)
        recurring = DBOS.workflow(name=TICK, max_recovery_attempts=None)(_queue_duty)
        # A duty that only a newer version knows is left to its workers.
        DBOS.listen_queues([RUNS, TICKS, *map(queue_of, self._duties)])
        DBOS.launch()
        for schedule in DBOS.list_schedules():
            if schedule["schedule_name"] in RETIRED:
                DBOS.delete_schedule(schedule["schedule_name"])
        DBOS.apply_schedules(
            [
                {
                    "schedule_name": name,
                    "workflow_fn": recurring,
                    "schedule": duty.cron,
                    "context": name,
                    "queue_name": TICKS,
                }
                for name, duty in self._duties.items()
            ]
        )

    def _prepare(self) -> None:
        """
        Make or upgrade the tables, and see to what earlier workers left in them.

        Runs that this worker held when it died are cancelled before DBOS starts: it would queue them again
        itself, beside the ones that their triggers, still due, are given.
        """
        url = make_url(self._settings.url)
        if url.get_backend_name() == "sqlite":
            with closing(sqlite3.connect(str(url.database))) as file:
                file.execute("PRAGMA journal_mode = WAL")  # stays with the file; DBOS leaves it as it is
        DBOS.migrate(self._settings.url)
        client = DBOSClient(
            system_database_url=self._settings.url,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
        )
        try:
            left = client.list_workflows(status=_OPEN, load_input=False, load_output=False)
            if unknown := {each.name for each in left} - {RUN, DUTY, TICK}:
                raise Refused(
                    System.STORE,
                    "RUNS_NEWER",
                    f"runs of {sorted(unknown)} are queued, which this version does not know; "
                    "run the version that queued them until they are over",
                )
            if mine := [
                each.workflow_id
                for each in left
                if each.status == "PENDING" and each.executor_id == self._settings.executor
            ]:
                client.cancel_workflows(mine)
            # Before the launch, which looks for queues only once a second.
            client.register_queue(
                RUNS,
                worker_concurrency=self._settings.concurrency,
                polling_interval_sec=self._settings.look_every / timedelta(seconds=1),
            )
            for queue in (TICKS, *map(queue_of, self._duties)):
                client.register_queue(queue, worker_concurrency=1)
        finally:
            client.destroy()


def _queue_duty(scheduled: object, name: str) -> None:
    """
    Queue the duty *name*, unless it is queued or running already, in whichever worker.

    A schedule of DBOS queues one beside the other: while one takes long they would gather. Whoever has the
    tick need not know the duty; who takes it from its queue does.
    """
    options = EnqueueOptions(
        workflow_name=DUTY, queue_name=queue_of(name), deduplication_id=name, app_version=VERSION
    )
    with suppress(error.DBOSQueueDeduplicatedError):
        DBOS.enqueue_workflow_with_options(options, str(scheduled), name)


def queue_of(duty: str) -> str:
    """Return the name of the queue in which the instants of *duty* wait for whoever knows it."""
    return f"ordering-duty-{duty}"


def new_run() -> str:
    """Return an id for a run."""
    return uuid4().hex
