"""
The whole story of one order, for staff: what Salesforce shows, what was promised, what happened and why.

Told from what we keep, without asking anybody. What is personal is hidden: a story is read over shoulders,
copied into tickets and printed. Whoever needs it opens the order in Salesforce.
"""

from __future__ import annotations

import re

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeGuard

import attrs

from ordering_core.application.record import order_subject
from ordering_core.application.watch import FROM_THE_START, WHOLE_HISTORY
from ordering_core.domain.events import OrderEvent
from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.journal import Evidence, JournalRow, Rest
from ordering_core.domain.order_status import OrderStatus
from ordering_core.domain.orders import OrderLine, OrderSnapshot
from ordering_core.domain.quote import Quote
from ordering_core.domain.representation import shown
from ordering_core.errors import NotFound
from ordering_core.ports.order_records import Decision, Finding
from ordering_core.ports.store import Store


HIDDEN: Final = "(hidden)"

_LAST_DIGITS: Final = re.compile(r"[0-9]{6,}([0-9]{4})")
"""A number that is long enough for its last four digits to tell two apart and give nothing away."""


class MomentKind(StrEnum):
    """Where a moment of a story is kept."""

    EVENT = "event"
    DECISION = "decision"
    EFFECT = "effect"
    FINDING = "finding"


@attrs.frozen(kw_only=True)
class Moment:
    """
    One thing that happened, when, whose doing it was, and why or with what proof.

    An effect is told at its intent; *what* says how it ended.
    """

    at: datetime
    kind: MomentKind
    what: str
    who: str
    why: str

    __repr__ = shown


@attrs.frozen(kw_only=True)
class OrderStory:
    """
    Everything that is known of an order, *as_of* the last time Salesforce was asked.

    *fields* are Salesforce's, by our names for them, empty ones left out. *quote* is the promise frozen at
    submit, None for an order that was not placed through us. *moments* are in the order of time. *rest* is
    why the last run stopped, None before the first.
    """

    order: OrderId
    status: OrderStatus
    as_of: datetime
    fields: Mapping[str, str]
    lines: tuple[OrderLine, ...]
    quote: Quote | None
    moments: tuple[Moment, ...]
    rest: Rest | None

    __repr__ = shown


def story(order: OrderId, *, store: Store) -> OrderStory:
    """
    Return the story of *order*.

    Raises:
        NotFound: We know of no such order.

    """
    subject = order_subject(order)
    with store.transaction() as tx:
        copy = tx.projection.get(order)
        if copy is None:
            raise NotFound("order")
        placement = tx.requests.of_order(order)
        case_file = tx.journal.case_file(subject)
        moments = [
            *map(_of_event, tx.events.after(FROM_THE_START, order=order, limit=WHOLE_HISTORY)),
            *map(_of_decision, tx.decisions.of(order)),
            *map(_of_effect, tx.journal.rows(subject)),
            *(_of_finding(found) for found in tx.findings.all_open() if found.subject == order),
        ]
    return OrderStory(
        order=order,
        status=copy.status,
        as_of=copy.as_of,
        fields=salesforce_fields(copy.snapshot),
        lines=copy.snapshot.lines,
        quote=placement.order.quote if placement else None,
        moments=tuple(sorted(moments, key=lambda moment: moment.at)),
        rest=case_file.rest if case_file else None,
    )


def salesforce_fields(snapshot: OrderSnapshot) -> Mapping[str, str]:
    """Return the fields of *snapshot* that are filled, by name, the personal ones hidden."""
    return dict(_fields(snapshot, ""))


def _fields(record: attrs.AttrsInstance, within: str) -> Iterator[tuple[str, str]]:
    """Yield the name and text of every field; what a record does not print of itself is personal."""
    for field in attrs.fields(type(record)):
        value: object = getattr(record, field.name)
        name = f"{within}{field.name}".replace("_", " ")
        if value in {None, "", False} or field.name == "lines":  # lines are told by themselves
            continue
        if not field.repr:
            yield name, hidden(str(value))
        elif _is_record(value):
            yield from _fields(value, f"{name} ")
        else:
            yield name, _text(value)


def _is_record(value: object) -> TypeGuard[attrs.AttrsInstance]:
    return attrs.has(type(value))


def _is_list(value: object) -> TypeGuard[tuple[object, ...]]:
    return isinstance(value, tuple)


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if _is_list(value):
        return ", ".join(map(str, value))
    return "yes" if value is True else str(value)


def hidden(text: str) -> str:
    """Return what may be shown of a personal *text*: the end of a long number, nothing of anything else."""
    number = _LAST_DIGITS.fullmatch(text)
    return f"…{number[1]}" if number else HIDDEN


def _of_event(event: OrderEvent) -> Moment:
    now = event.status
    came_from = f"{event.before.state} → " if event.before and event.before.state is not now.state else ""
    return Moment(
        at=event.at,
        kind=MomentKind.EVENT,
        what=f"{event.kind}: {came_from}{_joined(now.state, now.hold or '')}",
        who=event.by or event.source,
        why=_joined(event.why, event.detail if event.detail not in {now.state, now.hold} else ""),
    )


def _of_decision(decision: Decision) -> Moment:
    word = decision.verdict
    found = [f"{violation.code} ({violation.severity})" for violation in word.violations] if word else []
    return Moment(
        at=decision.at,
        kind=MomentKind.DECISION,
        what=decision.kind,
        who=decision.by,
        why=_joined(decision.reason, decision.customer_sentence, *found),
    )


def _of_effect(row: JournalRow) -> Moment:
    ended = f", {row.settled_at.isoformat()}" if row.settled_at and row.settled_at != row.intent_at else ""
    attempt = f" (attempt {row.attempt})" if row.attempt > 1 else ""
    return Moment(
        at=row.intent_at,
        kind=MomentKind.EFFECT,
        what=f"{row.step}{attempt}: {row.outcome or 'open'}{ended}",
        who=f"run {row.runner}",
        why=_joined(f"mark {row.mark}", *_facts(row.evidence)),
    )


def _of_finding(found: Finding) -> Moment:
    return Moment(
        at=found.since,
        kind=MomentKind.FINDING,
        what=f"{found.code}{', urgent' if found.urgent else ''}",
        who="",
        why=_joined(*_facts(found.facts)),
    )


def _facts(evidence: Evidence) -> Iterable[str]:
    return (f"{name} {value}" for name, value in sorted(evidence.items()))


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
