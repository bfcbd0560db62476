"""
What a customer is told by mail about an order, once each (DESIGN 5, Notifications).

Mails come last: none is sent before what it tells is kept, and none holds an order up. One whose outcome is
unknown is not sent again; a second mail about the same thing is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ordering_core.application.effects import Effects
from ordering_core.application.watch import FROM_THE_START, WHOLE_HISTORY
from ordering_core.domain.calendar import business_date
from ordering_core.domain.fallout import Owner
from ordering_core.domain.journal import Done, Held, JournalRow, Outcome, Rest, Step
from ordering_core.domain.order_status import OrderStatus
from ordering_core.domain.provisioning.finishing import STATUS_ONLY
from ordering_core.domain.provisioning.flight import Standing, standing
from ordering_core.domain.provisioning.run import Run
from ordering_core.domain.runbooks import RUNBOOKS
from ordering_core.domain.timeline import BUCKETS, Bucket
from ordering_core.domain.vocabulary import ActivationStatusText, OrderStatusText, System
from ordering_core.errors import OutcomeUnknown, Refused, Unavailable
from ordering_core.ports.notifications import Notification, NotificationKind, Notifications
from ordering_core.ports.store import Store


_ONCE: Final = "1"


def due(run: Run, rest: Rest, *, store: Store) -> tuple[Notification, ...]:
    """Return the mails that are to have been sent about the order as it is, sent already or not."""
    if run.reading is None or run.quote is None or not (account := run.reading.account) or not account.email:
        return ()
    order = run.snapshot
    return tuple(
        Notification(
            key=f"{order.id}:{kind}:{version}",
            kind=kind,
            recipient=account.email,
            order=order.id,
            order_number=order.number,
            order_type=order.order_type,
            detail=detail,
        )
        for kind, version, detail in _news(run, rest, store)
    )


def unsent(mails: tuple[Notification, ...], rows: tuple[JournalRow, ...]) -> tuple[Notification, ...]:
    """Return those of *mails* that were never handed over, as far as the journal knows."""
    tried = {row.mark for row in rows if row.step is Step.NOTIFY and row.outcome is not Outcome.ABSENT}
    return tuple(mail for mail in mails if mail.key not in tried)


def send(mail: Notification, run: Run, *, notifications: Notifications, store: Store) -> bool:
    """Hand *mail* over, and return whether that need not be tried again."""

    def hand_over() -> dict[str, str]:
        notifications.send(mail)
        return {}

    effects = Effects(store=store, policy=run.policy, runner=run.runner, at=run.at)
    try:
        effects.make(run.case_file.subject, Step.NOTIFY, mark=mail.key, system=System.MAIL, act=hand_over)
    except Unavailable:
        return False
    except (OutcomeUnknown, Refused):
        return True
    return True


def _news(run: Run, rest: Rest, store: Store) -> Iterator[tuple[NotificationKind, str, str]]:
    """Give kind, version and detail of each mail; a new date, hold or stop has a new version."""
    yield NotificationKind.RECEIVED, _ONCE, ""
    if run.snapshot.status == OrderStatusText.CANCELLED:
        yield NotificationKind.STOPPED, _version_of_stop(run, store), ""
        return
    if not run.case_file.ever_approved:
        return
    yield NotificationKind.APPROVED, _ONCE, ""
    if run.case_file.served or run.snapshot.activation.status == ActivationStatusText.ACTIVATED:
        if isinstance(rest, Done) or _is_served(run):
            yield NotificationKind.ACTIVE, _ONCE, ""
        return
    go_ahead = run.case_file.go_ahead
    if go_ahead is not None and go_ahead.at is not None:
        day = business_date(go_ahead.at).isoformat()
        yield NotificationKind.DATE_SET, _version_of(day, run), day
    if isinstance(rest, Held) and rest.owner is Owner.CUSTOMER:
        yield (
            NotificationKind.ACTION_NEEDED,
            f"{rest.code}:{rest.since.isoformat()}",
            RUNBOOKS[rest.code].for_customer,
        )


def _version_of_stop(run: Run, store: Store) -> str:
    """
    Return the version of the mail about the stop the order is in, which is named by the event of that.

    It is the last one's if that told of it, else the next: an order that was taken up again may be stopped
    again. A stop whose event is forgotten was told of; events are forgotten long after an order is finished.
    """
    with store.transaction() as tx:
        history = tx.events.after(FROM_THE_START, order=run.order, limit=WHOLE_HISTORY)
    stops = [each.cursor for each in history if _is_stopped(each.status) and not _is_stopped(each.before)]
    told = _told(NotificationKind.STOPPED, run)
    last = told[-1].rpartition(f":{NotificationKind.STOPPED}:")[2] if told else ""
    number, _, stop = last.partition(":")
    # Earlier versions counted the stops and did not name them.
    is_told = stop == str(stops[-1]) if stops and stop else bool(told) and int(number) >= len(stops)
    return last if is_told else f"{int(number or 0) + 1}:{stops[-1] if stops else FROM_THE_START}"


def _is_stopped(status: OrderStatus | None) -> bool:
    """Whether *status* is that of an order that was rejected or cancelled."""
    return status is not None and BUCKETS[status.state] is Bucket.CANCELLED


def _is_served(run: Run) -> bool:
    """Whether nothing is left to do but writing the links; Activated alone may be somebody else's word."""
    return run.case_file.served or standing(run, Step.COMPLETE, STATUS_ONLY) is Standing.DONE


def _version_of(day: str, run: Run) -> str:
    """Return the version of the mail about *day*: the last one's if that told of it, else the next."""
    told = _told(NotificationKind.DATE_SET, run)
    told_last = told[-1].rpartition(":")[2] if told else ""
    return f"{len(told) if told_last == day else len(told) + 1}:{day}"


def _told(kind: NotificationKind, run: Run) -> list[str]:
    """Return the marks of the *kind* of mails that may have been handed over, oldest first."""
    return [
        row.mark
        for row in run.rows
        if row.step is Step.NOTIFY and row.outcome is not Outcome.ABSENT and f":{kind}:" in row.mark
    ]
