"""
The work queue on DBOS: what is due in the store is queued there, and one worker of all runs it.

A trigger stays due until its run is over, whatever DBOS believes. So nothing is lost with a worker, with a
run, or with all of DBOS's tables; and what is queued once too often finds its trigger settled and does
nothing.
"""

from __future__ import annotations

import logging

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Event, Lock
from time import monotonic, sleep
from types import MappingProxyType
from typing import Final

from ordering_adapters.work_queue.engine import Engine, new_run
from ordering_adapters.work_queue.outbox import Outbox
from ordering_adapters.work_queue.settings import Duty, EngineSettings
from ordering_core.domain.journal import Subject
from ordering_core.ports.work_queue import WorkQueue, again_after, error_of


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_NO_DUTIES: Final[Mapping[str, Duty]] = MappingProxyType({})
_ASK_EVERY: Final = 1.0
"""Seconds between two questions to DBOS about a run that another worker may have taken."""
_SETTLING: Final = 0.003
"""Seconds between two looks whether DBOS has written down that a run is over."""

_log = logging.getLogger(__name__)


class _Claim:
    """A run that this process has queued: what is to be called, and what became of it."""

    def __init__(self, number: int, handle: Callable[[Subject], None]) -> None:
        self.number = number
        self.handle = handle
        self.over = Event()
        self.torn: BaseException | None = None
        self.asked = monotonic()


class DbosWorkQueue(WorkQueue):
    """Runs what waits in *outbox*, in this process and in every other that works on the same database."""

    def __init__(
        self,
        settings: EngineSettings,
        outbox: Outbox,
        *,
        handle: Callable[[Subject], None],
        duties: Mapping[str, Duty] = _NO_DUTIES,
    ) -> None:
        """Runs that other processes queued are handed to *handle*, and so are those of `start_due`."""
        self._outbox = outbox
        self._handle = handle
        self._engine = Engine(settings, run=self._run, duties=duties)
        self.reap_every: Final = settings.reap_every
        self._ahead: Final = 2 * settings.concurrency
        self._lock = Lock()
        self._claims: dict[str, _Claim] = {}
        self._running: set[str] = set()
        self._stopping = False

    def start(self) -> None:
        """
        Begin to run what is queued.

        Raises:
            RuntimeError: This process has an engine already.

            Refused: Another process has the worker's name, or runs are queued that are unknown here.

            Unavailable: The database cannot be reached.

        """
        self._stopping = False
        self._engine.start()

    def stop(self, patience: timedelta = timedelta(0)) -> bool:
        """Begin nothing more and wait up to *patience* for what runs; return whether all of it is over."""
        self._stopping = True
        until = monotonic() + patience / timedelta(seconds=1)
        while self._running and monotonic() < until:
            sleep(_SETTLING)
        over = not self._running
        self._engine.stop()
        return over

    @property
    def is_ours(self) -> bool:
        """Whether the worker still holds its name; one that does not has to end."""
        return self._engine.is_ours

    def run_due(self, at: datetime, handle: Callable[[Subject], None], /, *, limit: int = 100) -> int:
        handed = 0
        elsewhere: set[int] = set()
        while handed < limit:
            waiting = self._outbox.first(at, without=self._claimed() | elsewhere)
            if waiting is None:
                break
            queued = self._queue(waiting.number, at, handle)
            if queued is None:
                elsewhere.add(waiting.number)
                continue
            handed += 1
            run, claim = queued
            try:
                self._wait(run, claim)
            finally:
                self._drop(run)
            if claim.torn is not None:
                raise claim.torn
        return handed

    def start_due(self, at: datetime) -> int:
        """Queue what is due at *at* without waiting for it, a little ahead; return how much was queued."""
        self._drop_finished()
        started = 0
        elsewhere: set[int] = set()
        while not self._stopping and len(self._claims) < self._ahead:
            waiting = self._outbox.first(at, without=self._claimed() | elsewhere)
            if waiting is None:
                break
            if self._queue(waiting.number, at, self._handle) is None:
                elsewhere.add(waiting.number)
            else:
                started += 1
        return started

    def reap(self) -> int:
        """Free what dead workers held, and return how much that was; it is due again at once."""
        return self._engine.reap()

    def forget(self) -> int:
        """Delete what DBOS remembers of runs that were over long ago, and return how much that was."""
        return self._engine.forget()

    def next_due(self) -> datetime | None:
        return self._outbox.next_due(without=self._claimed())

    def _claimed(self) -> set[int]:
        with self._lock:
            return {claim.number for claim in self._claims.values()}

    def _queue(
        self, number: int, at: datetime, handle: Callable[[Subject], None]
    ) -> tuple[str, _Claim] | None:
        """Queue a run of trigger *number*, None when it is somebody else's now."""
        run, claim = new_run(), _Claim(number, handle)
        with self._lock:
            if any(other.number == number for other in self._claims.values()):
                return None
            self._claims[run] = claim
        try:
            if self._engine.queue(run, number, (at - _EPOCH) // _MICROSECOND):
                return run, claim
        except BaseException:
            self._drop(run)
            raise
        self._drop(run)
        return None

    def _wait(self, run: str, claim: _Claim) -> None:
        """Wait until *run* is over, here or in another worker, and DBOS has written that down."""
        while not claim.over.wait(_ASK_EVERY):
            if self._engine.over([run]):
                return
        while not self._engine.over([run]):
            sleep(_SETTLING)

    def _drop(self, run: str) -> None:
        with self._lock:
            self._claims.pop(run, None)

    def _drop_finished(self) -> None:
        """Let go of what ran here, and of what other workers took and finished, or died with."""
        now = monotonic()
        with self._lock:
            here = [run for run, claim in self._claims.items() if claim.over.is_set()]
            asked = [
                run
                for run, claim in self._claims.items()
                if run not in self._running and now - claim.asked > _ASK_EVERY
            ]
            for run in asked:
                self._claims[run].asked = now
        for run in {*here, *self._engine.over(asked)}:
            self._drop(run)

    def _run(self, run: str, number: int, at: int) -> None:
        """Do what DBOS gave this worker to do: called by its threads."""
        with self._lock:
            claim = self._claims.get(run)
            if self._stopping:
                return
            self._running.add(run)
        try:
            self._run_trigger(number, claim.handle if claim else self._handle, _EPOCH + at * _MICROSECOND)
        except BaseException as error:
            if claim is None:
                raise
            claim.torn = error
        finally:
            with self._lock:
                self._running.discard(run)
            if claim is not None:
                claim.over.set()

    def _run_trigger(self, number: int, handle: Callable[[Subject], None], at: datetime) -> None:
        """Run the subject of trigger *number* if it is still due; torn down, it stays due as it was."""
        subject = self._outbox.waiting(number, at)
        if subject is None:
            return
        again: datetime | None = None
        try:
            handle(subject)
        except Exception as error:  # noqa: BLE001 - whatever a run raises, the other triggers go on
            again = again_after(error, at)
            _log.warning(
                "a run of kind %(kind)s failed: %(error)s",
                {"kind": subject.kind, "error": error_of(error).__name__},
            )
        self._outbox.settle(number, again=again)
