"""
Where each step stands, by its rows: single flight, and what an outcome allows (DESIGN 6).

Until an intent settles only its runner may act on it. What came out unknown is looked for before anything
else; what was refused waits for somebody's word.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ordering_core.domain.journal import Evidence, JournalRow, Outcome, RetryAt, Step
from ordering_core.domain.provisioning.run import Run


class Standing(StrEnum):
    """What may be done about a step now."""

    TO_DO = "to_do"
    """It was not done: never tried, or nothing happened, or its refusal was answered."""

    DELAYED = "delayed"
    """This run tried and nothing happened; a later run tries again."""

    IN_FLIGHT = "in_flight"
    """It may be happening; nobody acts before it settles."""

    REPLIED = "replied"
    """This run got a reply that is still to be verified by a look."""

    UNKNOWN = "unknown"
    """It settled without an outcome; a look comes before anything else."""

    REFUSED = "refused"
    """The outside system said no."""

    DONE = "done"
    """It happened."""


SENDING_SHARE: Final = 6
"""A runner that has not sent within this part of the settle time after its intent gives up: what is sent late
could arrive after others were told that it can no longer (DESIGN 6)."""

UNTRIED_AGAIN: Final = 3
"""How often a run repeats a write that somebody's edit overtook before it leaves the order to a later run."""

CONFLICT: Final = "conflict"
"""The evidence of an attempt that was not made because somebody had changed the order."""

REPLY: Final = "reply"
"""The evidence under which a reply's id is kept until a look has verified it."""


def last(run: Run, step: Step, mark: str | None = None) -> JournalRow | None:
    """Return the latest row of *step*, of any mark or of *mark*, or None."""
    rows = (row for row in reversed(run.rows) if row.step is step and mark in {None, row.mark})
    return next(rows, None)


def mine(run: Run, row: JournalRow) -> bool:
    """Whether *row* is an attempt of this very run."""
    return row.runner == run.runner


def standing(run: Run, step: Step, mark: str | None = None) -> Standing:
    """Return where *step* stands, of any mark or of *mark*."""
    row = last(run, step, mark)
    if row is None:
        return Standing.TO_DO
    match row.outcome:
        case Outcome.DONE:
            return Standing.DONE
        case Outcome.REFUSED:
            return Standing.TO_DO if answer_to(row) in run.case_file.causes else Standing.REFUSED
        case Outcome.ABSENT:
            return Standing.DELAYED if mine(run, row) and not _overtaken(run, row) else Standing.TO_DO
        case _:
            if mine(run, row) and REPLY in row.evidence:
                return Standing.REPLIED
            return Standing.IN_FLIGHT if run.at < row.settles_at else Standing.UNKNOWN


def answer_to(row: JournalRow) -> str:
    """Return the name under which the case file remembers that *row*'s refusal was answered."""
    return f"answered:{row.id}"


def in_flight(run: Run) -> RetryAt | None:
    """Return when to come back while something may be happening, or None; mails do not count."""
    steps = {row.step for row in run.rows} - {Step.NOTIFY}
    flying = [row for step in steps if (row := last(run, step)) and standing(run, step) is Standing.IN_FLIGHT]
    if not flying:
        return None
    latest = max(flying, key=lambda row: (row.settles_at, row.id))
    return RetryAt(latest.settles_at, f"{latest.step} may be under way")


def still_settling(run: Run, step: Step) -> bool:
    """Whether what came of the latest attempt at *step* may not be visible everywhere yet."""
    row = last(run, step)
    return row is not None and run.at < row.settles_at


def delayed(run: Run, step: Step, mark: str | None = None) -> RetryAt:
    """Return when a later run tries *step* again, which this run could not do."""
    row = last(run, step, mark)
    reason = row.evidence.get("reason", "unavailable") if row else "unavailable"
    return RetryAt(run.at + run.policy.retry_after, f"{step}: {reason}")


def evidence(run: Run, step: Step) -> Evidence:
    """Return what proves the latest attempt at *step*; empty without one."""
    row = last(run, step)
    return row.evidence if row else {}


def profile_kept(run: Run) -> bool:
    """Whether an eSIM profile is reserved for the order and was not given back since."""
    reserved, cancelled = last(run, Step.RESERVE_PROFILE), last(run, Step.CANCEL_PROFILE)
    if reserved is None or reserved.outcome in {Outcome.REFUSED, Outcome.ABSENT}:
        return False
    return cancelled is None or cancelled.outcome is not Outcome.DONE or cancelled.id < reserved.id


def may_send(row: JournalRow, *, at: datetime, settle: timedelta) -> bool:
    """Whether the runner of *row* may send now: the intent is still open, and young enough."""
    return row.outcome is None and at - row.intent_at <= settle / SENDING_SHARE


def _overtaken(run: Run, row: JournalRow) -> bool:
    """Whether the attempt was overtaken by an edit, and may be repeated in this run."""
    conflicts = [
        other
        for other in run.rows
        if other.step is row.step and mine(run, other) and CONFLICT in other.evidence
    ]
    return CONFLICT in row.evidence and len(conflicts) < UNTRIED_AGAIN
