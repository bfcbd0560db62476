"""
One subscriber's place in the log: where it begins, how many events it still wants, what comes next.

The flow control of Subscribe (reference 4.3): events are sent only as far as they were asked for, a hundred
at most are outstanding, and every answer tells how many are.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final

import attrs

from ordering_sandbox.salesforce.events.log import BadReplayId, Event, EventLog


_MOST_OUTSTANDING: Final = 100


class Preset(IntEnum):
    """Where a subscription begins."""

    LATEST = 0
    EARLIEST = 1
    CUSTOM = 2


class Fault(StrEnum):
    """What ends a call; the value follows ``sfdc.platform.eventbus.grpc.`` in the trailer error-code."""

    CORRUPTED = "subscription.fetch.replayid.corrupted"
    INVALID_POSITION = "subscription.fetch.replayid.validation.failed"
    INVALID_NUMBER = "subscription.fetch.requested.events.invalid"
    OTHER_TOPIC = "subscription.fetch.topic.invalid"
    NO_TOPIC = "topic.not.found"
    NO_SCHEMA = "schema.not.found"
    BAD_EVENT = "publish.event.invalid"
    LIMIT = "subscription.limit.exceeded"
    CLIENTS = "concurrent.client.limit.exceeded"
    NOT_LOGGED_IN = "service.auth.error"
    HEADERS = "service.auth.headers.invalid"
    UNAVAILABLE = "service.unavailable"


class Ended(Exception):
    """A call of the Pub/Sub API ends with *fault*; *details* say why."""

    def __init__(self, fault: Fault, details: str) -> None:
        super().__init__(fault, details)
        self.fault = fault
        self.details = details


@attrs.define(kw_only=True)
class Subscription:
    """A subscription to *topic*, at *place* in the log, with *pending* events asked for and not yet sent."""

    log: EventLog
    topic: str
    place: int
    pending: int = 0

    @classmethod
    def begin(cls, log: EventLog, topic: str, preset: int, replay_id: bytes) -> Subscription:
        """
        Return a subscription that begins where it is asked to.

        Raises:
            Ended: INVALID_POSITION or CORRUPTED.

        """
        match preset:
            case Preset.LATEST:
                place = log.last()
            case Preset.EARLIEST:
                place = log.before_kept()
            case Preset.CUSTOM if replay_id:
                place = _place_of(log, replay_id)
            case _:
                raise Ended(
                    Fault.INVALID_POSITION, "A replay id is needed with CUSTOM, and only with CUSTOM."
                )
        return cls(log=log, topic=topic, place=place)

    def ask(self, topic: str, number: int) -> None:
        """
        Ask for *number* more events.

        Raises:
            Ended: INVALID_NUMBER; OTHER_TOPIC when *topic* is given and another.

        """
        if topic and topic != self.topic:
            raise Ended(Fault.OTHER_TOPIC, "The topic of a stream cannot change.")
        if number <= 0:
            raise Ended(Fault.INVALID_NUMBER, "The number of requested events has to be above 0.")
        self.pending = min(_MOST_OUTSTANDING, self.pending + number)

    def take(self, event: Event) -> None:
        """Count *event* as sent."""
        self.place = event.number
        self.pending -= 1

    def waiting(self) -> list[Event]:
        """Return the events that may be sent now."""
        return self.log.after(self.topic, self.place, self.pending) if self.pending else []


def _place_of(log: EventLog, replay_id: bytes) -> int:
    try:
        return log.place_of(replay_id)
    except BadReplayId:
        details = "The Replay ID validation failed. Ensure that the Replay ID is valid."
        raise Ended(Fault.CORRUPTED, details) from None
