"""Events that clients publish over the Pub/Sub API: each is taken, or refused in its own result."""

# pyright: reportUnknownMemberType=false
# protobuf says nothing about its types.

from __future__ import annotations

import uuid

from ordering_sandbox.salesforce.events.avro import read_avro, schema_id
from ordering_sandbox.salesforce.events.log import Event, EventLog
from ordering_sandbox.salesforce.events.proto import pubsub_api_pb2 as messages


def publish_all(
    log: EventLog, request: messages.PublishRequest, schema: str, rpc_id: str
) -> messages.PublishResponse:
    """Put the events of *request* on the bus; *schema* is what its topic is written in now."""
    results = [_published(log, request.topic_name, event) for event in request.events]
    return messages.PublishResponse(results=results, schema_id=schema_id(schema), rpc_id=rpc_id)


def _published(log: EventLog, topic: str, event: messages.ProducerEvent) -> messages.PublishResult:
    wrong = _wrong_with(log.schema(event.schema_id), event.payload)
    if wrong:
        error = messages.Error(code=messages.ErrorCode.PUBLISH, msg=wrong)
        return messages.PublishResult(error=error, correlation_key=event.id)
    number = log.append(
        Event(
            topic=topic,
            event_id=event.id or str(uuid.uuid4()),
            schema_id=event.schema_id,
            payload=event.payload,
        )
    )
    return messages.PublishResult(replay_id=log.replay_id(number), correlation_key=event.id)


def _wrong_with(schema: str | None, payload: bytes) -> str:
    if schema is None:
        return "There is no such schema."
    try:
        read_avro(schema, payload)
    except Exception as error:  # noqa: BLE001 - fastavro raises whatever went wrong
        return f"The payload does not follow the schema: {type(error).__name__}."
    return ""
