"""
What a process tells of its work, whoever listens: calls to other systems, runs, and what recurs.

Adapters and duties are given an `Observer` by the container and know nothing of metrics or logs.
"""

from __future__ import annotations

import logging

from abc import abstractmethod
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Final, Protocol, TypeAlias
from uuid import uuid4

from ordering_core.domain.journal import Subject
from ordering_core.errors import Conflict, OutcomeUnknown, PortError, Refused, Unavailable
from ordering_core.ports.work_queue import RunBroke
from ordering_entrypoints.http.redaction import RUN, SUBJECT, frames_of, log_event, subject_in_logs


SALESFORCE: Final = "salesforce"
WHMCS: Final = "whmcs"
SIM_NETWORK: Final = "sim_network"
SM_DP_PLUS: Final = "sm_dp_plus"
DATABASE: Final = "database"

OK: Final = "ok"
ROLLED_BACK: Final = "rolled_back"
FAILED: Final = "failed"

Allowance: TypeAlias = Callable[[], tuple[int, int] | None]
"""Returns how many calls of a day were used and how many there may be, as far as that is known here."""

ClockAhead: TypeAlias = Callable[[], float | None]
"""Returns how many seconds our clock is ahead of Salesforce's, as far as that is known here."""

_WORDS: Final = (
    (Refused, "refused"),
    (Conflict, "conflict"),
    (Unavailable, "unavailable"),
    (OutcomeUnknown, "unknown"),
)

_LOG: Final = logging.getLogger(__name__)


class Observer(Protocol):
    """Is told what happens. What it does with it is quick, and never fails."""

    @abstractmethod
    def called(self, system: str, operation: str, outcome: str, seconds: float) -> None:
        """Hear of one call of *operation* to *system*; *operation* is a name of its interface."""
        ...

    @abstractmethod
    def ran(self, kind: str, outcome: str, seconds: float) -> None:
        """Hear that a run of a subject of *kind* ended."""
        ...

    @abstractmethod
    def duty_done(self, duty: str, *, well: bool) -> None:
        """Hear that something that recurs was done, *well* or not."""
        ...

    @abstractmethod
    def knows_allowance(self, allowance: Allowance) -> None:
        """Take what tells of Salesforce's calls that are left."""
        ...

    @abstractmethod
    def knows_clock(self, ahead: ClockAhead) -> None:
        """Take what tells how far our clock is ahead of Salesforce's."""
        ...


class Unobserved(Observer):
    """Nobody listens."""

    def called(self, system: str, operation: str, outcome: str, seconds: float) -> None:
        """Do nothing."""

    def ran(self, kind: str, outcome: str, seconds: float) -> None:
        """Do nothing."""

    def duty_done(self, duty: str, *, well: bool) -> None:
        """Do nothing."""

    def knows_allowance(self, allowance: Allowance) -> None:
        """Do nothing."""

    def knows_clock(self, ahead: ClockAhead) -> None:
        """Do nothing."""


UNOBSERVED: Final[Observer] = Unobserved()
"""What listens where nobody does."""


def outcome_of(error: type[BaseException] | None, *, otherwise: str = FAILED) -> str:
    """Return the word for how a call ended that raised an *error* of this kind, or none."""
    if error is None:
        return OK
    return next((word for kind, word in _WORDS if issubclass(error, kind)), otherwise)


def calls_to(system: str, observer: Observer) -> Callable[[str, type[BaseException] | None, float], None]:
    """Return what the adapter of *system* calls after each of its calls."""
    return partial(_called, system, observer)


def observed_run(run: Callable[[Subject], None], observer: Observer) -> Callable[[Subject], None]:
    """Return *run* with an id of its own in every line that it logs, and a line when it is over."""

    def run_and_tell(subject: Subject) -> None:
        name, about = RUN.set(str(uuid4())), SUBJECT.set(subject_in_logs(subject.key))
        began = perf_counter()
        failed: type[BaseException] | None = None
        frames: str | None = None
        try:
            run(subject)
        except RunBroke as error:
            failed = error.error
            frames = frames_of(error.__cause__.__traceback__) if error.__cause__ else None
            raise
        except BaseException as error:
            failed = type(error)
            raise
        finally:
            seconds = perf_counter() - began
            observer.ran(subject.kind.value, outcome_of(failed), seconds)
            log_event(
                _LOG,
                logging.WARNING if failed else logging.INFO,
                "run ended",
                {
                    "kind": subject.kind.value,
                    "outcome": outcome_of(failed),
                    "error": failed.__name__ if failed else None,
                    "frames": frames,
                    "duration_ms": round(seconds * 1000, 1),
                },
            )
            RUN.reset(name)
            SUBJECT.reset(about)

    return run_and_tell


def observed_duty(duty: str, act: Callable[[], object], observer: Observer) -> Callable[[], None]:
    """Return *act* without its failures: they are logged, and it is done again the next time."""

    def tried() -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - a duty that ended would never be missed by anybody
            system = error.system if isinstance(error, PortError) else None
            log_event(
                _LOG,
                logging.WARNING,
                "a duty could not be done",
                {"duty": duty, "error": type(error).__name__, "system": system},
            )
            observer.duty_done(duty, well=False)
        else:
            observer.duty_done(duty, well=True)

    return tried


def _called(
    system: str, observer: Observer, operation: str, error: type[BaseException] | None, seconds: float
) -> None:
    is_ours = system == DATABASE
    outcome = outcome_of(error, otherwise=ROLLED_BACK if is_ours else FAILED)
    observer.called(system, operation, outcome, seconds)
    if is_ours and outcome in {OK, ROLLED_BACK}:
        return
    level = logging.DEBUG if outcome == OK else logging.INFO
    if _LOG.isEnabledFor(level):
        log_event(
            _LOG,
            level,
            "another system was called",
            {
                "system": system,
                "operation": operation,
                "outcome": outcome,
                "duration_ms": round(seconds * 1000, 1),
            },
        )
