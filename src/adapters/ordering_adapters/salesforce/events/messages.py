"""
The messages of the Pub/Sub API that we send and hear (package eventbus.v1, reference 4.3).

Field numbers are those of the published pubsub_api.proto; fields that we have no use for are not here.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import attrs

from ordering_adapters.salesforce.events.wire import Malformed, Value, fields_of, written


SUBSCRIBE: Final = "/eventbus.v1.PubSub/Subscribe"
GET_SCHEMA: Final = "/eventbus.v1.PubSub/GetSchema"


class Preset(IntEnum):
    """Where a subscription begins; LATEST is never asked for, because what was missed would stay missed."""

    EARLIEST = 1
    CUSTOM = 2


@attrs.frozen(kw_only=True)
class Event:
    """One event: its *id* is the publisher's, *replay_id* is its place on the bus, told by the bus alone."""

    id: str
    schema_id: str
    payload: bytes = attrs.field(repr=False)
    replay_id: bytes


@attrs.frozen(kw_only=True)
class FetchResponse:
    """What a stream says: *events*, or none to show that it lives, and then it has come to *latest*."""

    events: tuple[Event, ...]
    latest: bytes


def fetch_request(*, topic: str = "", replay_id: bytes | None = None, number: int) -> bytes:
    """
    Return the request for *number* more events.

    The first one of a stream names its *topic* and begins after *replay_id*, or with the earliest event.
    """
    begins = topic and (Preset.CUSTOM if replay_id else Preset.EARLIEST)
    return written((1, topic.encode()), (2, int(begins or 0)), (3, replay_id or b""), (4, number))


def schema_request(schema_id: str) -> bytes:
    """Return the request for a schema."""
    return written((1, schema_id.encode()))


def fetch_response(message: bytes) -> FetchResponse:
    """Return what *message* says. Raises Malformed."""
    events: list[Event] = []
    latest = b""
    for number, value in fields_of(message):
        match number:
            case 1:
                events.append(_event(_bytes(value)))
            case 2:
                latest = _bytes(value)
            case _:
                continue
    return FetchResponse(events=tuple(events), latest=latest)


def schema_in(message: bytes) -> str:
    """Return the schema in the answer *message*, as JSON. Raises Malformed."""
    return next((_text(value) for number, value in fields_of(message) if number == 1), "")


def _event(message: bytes) -> Event:
    """Return a ConsumerEvent, with the ProducerEvent inside it."""
    outer = {number: _bytes(value) for number, value in fields_of(message) if number in {1, 2}}
    inner = {number: value for number, value in fields_of(outer.get(1, b"")) if number in {1, 2, 3}}
    return Event(
        id=_text(inner.get(1, b"")),
        schema_id=_text(inner.get(2, b"")),
        payload=_bytes(inner.get(3, b"")),
        replay_id=outer.get(2, b""),
    )


def _bytes(value: Value) -> bytes:
    if isinstance(value, int):
        raise Malformed("a number stands where bytes have to")
    return value


def _text(value: Value) -> str:
    try:
        return _bytes(value).decode()
    except UnicodeDecodeError:
        raise Malformed("a text is no UTF-8") from None
