"""Puts events on the bus, in the schema they have now, past faults that lose, double and shuffle them."""

from __future__ import annotations

import uuid

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Final

from ordering_sandbox.faults import Fault, FaultKind
from ordering_sandbox.salesforce.events.avro import (
    change_schema,
    event_schema,
    milliseconds,
    schema_id,
    write_avro,
)
from ordering_sandbox.salesforce.events.changes import change_events
from ordering_sandbox.salesforce.events.log import Event, EventLog
from ordering_sandbox.salesforce.org import STORED_SCHEMA, Org
from ordering_sandbox.salesforce.work import Announcement, Work


_FAULTS: Final = frozenset({FaultKind.LOSE_EVENTS, FaultKind.DUPLICATE_EVENTS, FaultKind.SHUFFLE_EVENTS})
_CHANGE: Final = "ChangeEvent"


class Publisher:
    """The publishing side of the bus."""

    def __init__(self, org: Org, log: EventLog) -> None:
        """Publish what happens in *org* to *log*."""
        self._org = org
        self._log = log
        self._lock = Lock()
        self._held: dict[int, list[Event]] = {}
        self._commits = 0
        org.on_announced = self.announce
        org.on_committed = self.capture

    def topic_schema(self, topic: str) -> str | None:
        """Return the schema that events on *topic* are written in now, None when there is no such topic."""
        kind_of_topic, _, name = topic.strip("/").partition("/")
        if kind_of_topic == "event":
            kind = self._org.schema.object(name)
            schema = None if kind is None or not kind.event else event_schema(kind)
        else:
            changed = STORED_SCHEMA.object(name.removesuffix(_CHANGE))
            captured = changed is not None and changed.name in self._org.switches.captured
            schema = change_schema(changed) if changed is not None and captured else None
        if schema is not None:
            self._log.keep_schema(schema_id(schema), schema)
        return schema

    def announce(self, announcements: Sequence[Announcement]) -> None:
        """Publish platform events."""
        for announcement in announcements:
            topic = f"/event/{announcement.object}"
            schema = self.topic_schema(topic)
            if schema is None:
                continue
            body = {
                "CreatedDate": milliseconds(self._org.clock.now()),
                "CreatedById": announcement.user_id,
                **announcement.values,
            }
            self._publish(topic, announcement.event_id, schema, body, target=announcement.object)

    def capture(self, work: Work) -> None:
        """Publish the change events of a committed *work*."""
        with self._lock:
            self._commits += 1
            number = milliseconds(work.now) * 1000 + self._commits % 1000
        for event in change_events(work, number):
            name = f"{event.entity}{_CHANGE}"
            topic = f"/data/{name}"
            schema = self.topic_schema(topic)
            if schema is not None:
                self._publish(topic, str(uuid.uuid4()), schema, event.body, target=name)

    def _publish(
        self, topic: str, event_id: str, schema: str, body: Mapping[str, object], *, target: str
    ) -> None:
        payload = write_avro(schema, body)
        event = Event(topic=topic, event_id=event_id, schema_id=schema_id(schema), payload=payload)
        with self._lock:
            for let_through in self._through_faults(event, self._org.faults.for_target(target, _FAULTS)):
                self._log.append(let_through)

    def _through_faults(self, event: Event, faults: Sequence[Fault]) -> list[Event]:
        events = [event]
        for fault in faults:
            match fault.kind:
                case FaultKind.LOSE_EVENTS:
                    events = []
                case FaultKind.DUPLICATE_EVENTS:
                    events = [*events, *events]
                case _:
                    held = self._held.setdefault(fault.id, [])
                    held += events
                    events = self._held.pop(fault.id)[::-1] if len(held) >= fault.times else []
        return events
