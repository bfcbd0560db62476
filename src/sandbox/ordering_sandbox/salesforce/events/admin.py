"""What an admin can do with the event bus: look at it, end its streams, move it."""

from __future__ import annotations

import json

from collections.abc import Mapping
from typing import Final

from ordering_sandbox.admin import Action
from ordering_sandbox.json_values import Json, parse_json
from ordering_sandbox.salesforce.events.avro import read_avro
from ordering_sandbox.salesforce.events.log import Event, EventLog
from ordering_sandbox.salesforce.events.pubsub import PubSub
from ordering_sandbox.web import HttpRequest


_MOST: Final = 10_000


class EventAdmin:
    """The admin actions of one bus."""

    def __init__(self, log: EventLog, pubsub: PubSub) -> None:
        """Act on *log* and on the streams of *pubsub*."""
        self._log = log
        self._pubsub = pubsub

    def actions(self) -> Mapping[tuple[str, str], Action]:
        """Return the actions by method and path."""
        return {
            ("GET", "events"): self._events,
            ("POST", "events/move"): lambda _request, _body: self._log.move(),
            ("DELETE", "streams"): lambda _request, _body: self._pubsub.break_streams(),
        }

    def forget(self) -> None:
        """Forget every event, and end every stream."""
        self._log.clear()
        self._pubsub.break_streams()

    def _events(self, request: HttpRequest, _body: Json) -> Json:
        """Return the events on ``?topic=``, the oldest first, with what they say."""
        topic = request.query_values().get("topic", "")
        return [self._shown(event) for event in self._log.after(topic, 0, _MOST)]

    def _shown(self, event: Event) -> Json:
        schema = self._log.schema(event.schema_id)
        said = None if schema is None else read_avro(schema, event.payload)
        return {
            "id": event.event_id,
            "schema_id": event.schema_id,
            "replay_id": self._log.replay_id(event.number).hex(),
            "payload": _as_json(said),
        }


def _as_json(value: object) -> Json:
    """Return what Avro read as JSON: it holds nothing that JSON cannot say."""
    return parse_json(json.dumps(value))
