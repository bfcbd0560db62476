"""
The stage of the demo: several stories on one clock, each following its order live over HTTP.

Time moves only when every story is waiting, from one thing that falls due to the next. What the streams tell
is waited for before anything else happens: it is told in the same order every time.
"""

from __future__ import annotations

import heapq
import re

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Generic

import attrs

from ordering_core.domain.calendar import business_date
from ordering_core.domain.events import EventKind
from ordering_core.domain.identifiers import Cursor, OrderId
from ordering_entrypoints.demo_board import Board
from ordering_entrypoints.demo_client import Refusal, Shopper
from ordering_entrypoints.demo_followers import Event, Follower, Silence
from ordering_entrypoints.demo_journeys import Story
from ordering_entrypoints.demo_world import BillingT, ClockT, DemoWorld


LOOK: Final = timedelta(hours=6)
"""How far the clock moves at once when nothing falls due: then Salesforce is asked what changed."""

LIVE: Final = "live"

CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@attrs.define(kw_only=True)
class Part:
    """One story being played: who follows its order once there is one, and what went wrong, if anything."""

    name: str
    shopper: Shopper
    story: Story
    follower: Follower | None = None
    failure: str = ""

    def stop_following(self) -> None:
        """Close the stream of its order, if there is one."""
        if self.follower is not None:
            self.follower.stop()


class Stage(Generic[ClockT, BillingT]):
    """Plays the parts of a demo in *world*."""

    def __init__(self, world: DemoWorld[ClockT, BillingT], board: Board) -> None:
        """Get ready to tell on *board*."""
        self._world = world
        self._board = board
        self._heard = Cursor(0)

    def play(self, parts: Sequence[Part]) -> None:
        """Play all *parts* to their ends; what goes wrong in one is kept with it, and the others go on."""
        agenda = [(self._world.clock.now(), place) for place in range(len(parts))]
        while agenda:
            at, place = heapq.heappop(agenda)
            self._let_time_pass(at, parts)
            pause = self._go_on(parts[place])
            self._world.run_due()
            self._listen(parts)
            if pause is not None:
                heapq.heappush(agenda, (at + pause, place))

    def _go_on(self, part: Part) -> timedelta | None:
        """Play *part* to its next pause; None when it has ended, well or not."""
        if part.failure:
            return None
        try:
            return next(part.story, None)
        except Refusal as refusal:
            part.failure = str(refusal)
            return None

    def _let_time_pass(self, until: datetime, parts: Sequence[Part]) -> None:
        """Move the clock to *until*, running what falls due on the way."""
        while (now := self._world.clock.now()) < until:
            due = self._world.next_due()
            self._world.clock.move_to(min(until, now + LOOK, *([due] if due and due > now else [])))
            self._world.run_due()
            self._listen(parts)

    def _listen(self, parts: Sequence[Part]) -> None:
        """Hear on the streams what is known to have happened since the last time."""
        latest: dict[OrderId, Cursor] = {}
        for change in self._world.ordering.changes(after=self._heard):
            latest[change.order] = self._heard = change.cursor
        for part in parts:
            follower = part.follower
            if follower is None or follower.order not in latest or part.failure:
                continue
            try:
                self._tell(part, follower.order, follower.until(latest[follower.order]))
            except (Refusal, Silence) as error:
                part.failure = str(error)

    def _tell(self, part: Part, order: OrderId, events: Sequence[Event]) -> None:
        """Tell what came, and show the progress bar as the page of *order* has it now."""
        page = part.shopper.order(order)
        steps = page.timeline.steps
        done = sum(step.state == "done" for step in steps)
        for event in events:
            self._board.tell(event.at, part.name, LIVE, f"{event.label}: {_what_happened(event)}")
        self._board.show(part.name, done=done, total=len(steps), label=page.label)


def _what_happened(event: Event) -> str:
    """Return the name of a state, a step or a kind as words, and a date as one in Japan."""
    if event.kind == EventKind.DATE_CHANGED:
        return f"date set to {business_date(datetime.fromisoformat(event.detail)):%a %d %b}"
    return CAPITAL.sub(" ", event.detail or event.kind).replace("_", " ").lower()
