"""
Runs that break off: tried again at a growing distance, told to an operator, closed when one ends well.

A run writes down whatever goes wrong outside and rests. One that raises has met a mistake in the program, or
a record that it cannot read: trying faster does not help, and nobody but a person can.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from ordering_core.domain.fallout import FindingCode
from ordering_core.domain.journal import Subject, SubjectKind
from ordering_core.errors import Conflict, OutcomeUnknown, PortError, Unavailable
from ordering_core.ports.order_records import Finding
from ordering_core.ports.store import Store, Transaction
from ordering_core.ports.work_queue import RETRY_AFTER, RunBroke


LONGEST: Final = timedelta(minutes=15)
"""How long at most until a run that breaks off is tried again."""

URGENT_AFTER: Final = timedelta(minutes=3)
"""How long runs of one subject break off before it is urgent: at the fourth in a row."""

_CODE: Final = FindingCode.RUN_BREAKS
_AGAIN: Final = "again"
_KIND: Final = "kind"


def run_or_report(subject: Subject, run: Callable[[], None], *, store: Store, at: datetime) -> None:
    """
    Do *run* for *subject*; when it breaks off, keep that as its finding.

    Raises:
        Unavailable, OutcomeUnknown, Conflict: Not now, and nobody's mistake; it is tried again in a minute.

        RunBroke: It broke off, by whatever error; it says when to try again.

    """
    try:
        run()
    except (Unavailable, OutcomeUnknown, Conflict):
        raise
    except Exception as error:
        again = at + RETRY_AFTER
        with suppress(PortError):
            again = _report(subject, error, store=store, at=at)
        raise RunBroke(error, again=again) from error


def _report(subject: Subject, error: Exception, *, store: Store, at: datetime) -> datetime:
    """Keep since when runs of *subject* break off, and by what now; return when to try the next."""
    with store.transaction() as tx:
        known = [found for found in tx.findings.of(_CODE, subject.key) if found.facts[_KIND] == subject.kind]
        since = min((found.since for found in known), default=at)
        lasts = at - since
        again = at + min(max(lasts, RETRY_AFTER), LONGEST)
        tx.findings.close(_CODE, subject.key)
        tx.findings.open(
            Finding(
                code=_CODE,
                subject=subject.key,
                since=since,
                urgent=lasts >= URGENT_AFTER,
                facts={_KIND: subject.kind, "error": type(error).__name__, _AGAIN: again.isoformat()},
            )
        )
    return again


def broken(tx: Transaction) -> Iterable[Finding]:
    """Return the findings of whose runs break off."""
    return tx.findings.of(_CODE)


def subject_of(found: Finding) -> Subject:
    """Return whose runs break off."""
    return Subject(SubjectKind(found.facts[_KIND]), found.subject)


def close_mended(
    tx: Transaction, found: Iterable[Finding], *, unserved: Container[Subject], at: datetime
) -> None:
    """
    Close those of *found* whose last run has ended well.

    It has if its time has come, it is not *unserved* at *at*, and has not put its next run off again.
    """
    for each in found:
        if datetime.fromisoformat(each.facts[_AGAIN]) <= at and subject_of(each) not in unserved:
            tx.findings.close(_CODE, each.subject)
