"""How an order gets on: the progress bar, the events its customer follows, the change feed of a host."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import attrs

from ordering_core.domain.events import OrderEvent
from ordering_core.domain.guidance import label
from ordering_core.domain.order_status import OrderStatus
from ordering_core.domain.texts import Language
from ordering_core.domain.timeline import Timeline
from ordering_core.domain.vocabulary import OrderType


def shown_state(status: OrderStatus) -> str:
    """Return the state that a customer is told: a hold that is not theirs to end does not exist for them."""
    return status.state if status.for_customer else status.beneath or status.state


@attrs.frozen(kw_only=True)
class StepView:
    """One step of the progress bar; *state* is done, current, stopped or upcoming."""

    name: str
    state: str


@attrs.frozen(kw_only=True)
class TimelineView:
    """The progress bar: *current* is the highlighted step; all are done when *complete*."""

    steps: tuple[StepView, ...]
    current: str
    complete: bool
    stopped: bool

    @classmethod
    def of(cls, timeline: Timeline) -> Self:
        """Show *timeline*."""
        here = "stopped" if timeline.stopped else "current"
        reached = len(timeline.steps) if timeline.complete else timeline.current
        return cls(
            steps=tuple(
                StepView(
                    name=step, state="done" if place < reached else here if place == reached else "upcoming"
                )
                for place, step in enumerate(timeline.steps)
            ),
            current=timeline.step,
            complete=timeline.complete,
            stopped=timeline.stopped,
        )


@attrs.frozen(kw_only=True)
class OrderEventView:
    """Something that happened to an order, as its customer reads it; *detail* is a short stable word."""

    cursor: int
    kind: str
    at: datetime
    state: str
    label: str
    detail: str

    @classmethod
    def of(cls, event: OrderEvent, order_type: OrderType, *, language: Language = Language.ENGLISH) -> Self:
        """Show *event* of an order of *order_type*."""
        return cls(
            cursor=event.cursor,
            kind=event.kind,
            at=event.at,
            state=shown_state(event.status),
            label=label(order_type, event.status, language=language),
            detail=event.detail,
        )


@attrs.frozen(kw_only=True)
class ChangeView:
    """One entry of the change feed, as it was recorded: for hosts and staff, not for customers."""

    cursor: int
    order: str
    account: str
    kind: str
    at: datetime
    source: str
    by: str
    why: str
    state: str
    hold: str | None
    before: str | None
    detail: str

    @classmethod
    def of(cls, event: OrderEvent) -> Self:
        """Show *event*."""
        return cls(
            cursor=event.cursor,
            order=event.order,
            account=event.account,
            kind=event.kind,
            at=event.at,
            source=event.source,
            by=event.by,
            why=event.why,
            state=event.status.state,
            hold=event.status.hold,
            before=event.before.state if event.before else None,
            detail=event.detail,
        )


@attrs.frozen(kw_only=True)
class ChangesView:
    """Changes in the order of their cursors; *next* is what to pass as ``after`` to go on from here."""

    changes: tuple[ChangeView, ...]
    next: int

    @classmethod
    def of(cls, events: tuple[OrderEvent, ...], *, after: int) -> Self:
        """Show *events*, the ones after *after*."""
        return cls(
            changes=tuple(ChangeView.of(event) for event in events),
            next=events[-1].cursor if events else after,
        )
