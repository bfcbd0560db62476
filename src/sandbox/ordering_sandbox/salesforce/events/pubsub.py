"""
The Pub/Sub API over gRPC: Subscribe, Publish, GetTopic, GetSchema (reference 4.3).

Every call carries access token, instance URL and org id; every refusal carries an error code and an rpc id in
its trailers, and ends its stream.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
# grpcio and protobuf say nothing about their types.

from __future__ import annotations

import asyncio
import contextlib

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Final

from ordering_sandbox.faults import FaultKind
from ordering_sandbox.salesforce.events.avro import schema_id
from ordering_sandbox.salesforce.events.calls import Context, PubSubCall
from ordering_sandbox.salesforce.events.log import Event, EventLog
from ordering_sandbox.salesforce.events.proto import pubsub_api_pb2 as messages
from ordering_sandbox.salesforce.events.publisher import Publisher
from ordering_sandbox.salesforce.events.publishing import publish_all
from ordering_sandbox.salesforce.events.subscription import Ended, Fault, Subscription
from ordering_sandbox.salesforce.oauth import NOBODY
from ordering_sandbox.salesforce.org import Org
from ordering_sandbox.salesforce.sessions import organization_id


_BREAKS: Final = frozenset({FaultKind.BREAK_STREAM})
_IDLE: Final = 60.0


class PubSub:
    """The methods of the service."""

    def __init__(self, org: Org, log: EventLog, publisher: Publisher) -> None:
        """Serve *log*; call it in the event loop that serves."""
        self._org = org
        self._log = log
        self._publisher = publisher
        self._loop = asyncio.get_running_loop()
        self._wakes: set[asyncio.Event] = set()
        self._breaks = 0
        log.listen(self._wake_from_thread)

    def break_streams(self) -> None:
        """End every stream now, as a restart of the service does; from whatever thread."""
        self._breaks += 1
        self._wake_from_thread()

    async def subscribe(
        self, requests: AsyncIterator[messages.FetchRequest], context: Context
    ) -> AsyncIterator[messages.FetchResponse]:
        """Send events as far as they are asked for, until the client ends or asks for none for a minute."""
        call = PubSubCall(self._org, context)
        try:
            call.check_caller()
            first = await anext(requests)
            self._schema_of(first.topic_name)
            subscription = Subscription.begin(
                self._log, first.topic_name, first.replay_preset, first.replay_id
            )
            subscription.ask(first.topic_name, first.num_requested)
            responses = self._events(subscription, requests, call)
            async with contextlib.aclosing(responses):
                async for response in responses:
                    yield response
        except StopAsyncIteration:
            return
        except Ended as ended:
            await call.end(ended)

    async def get_topic(self, request: messages.TopicRequest, context: Context) -> messages.TopicInfo:
        """Return what there is to know of a topic."""
        call = PubSubCall(self._org, context)
        try:
            call.check_caller()
            schema = self._schema_of(request.topic_name)
        except Ended as ended:
            await call.end(ended)
        with self._org.reading(NOBODY) as work:
            tenant = organization_id(work.connection)
        return messages.TopicInfo(
            topic_name=request.topic_name,
            tenant_guid=tenant,
            can_publish=request.topic_name.startswith("/event/"),
            can_subscribe=True,
            schema_id=schema_id(schema),
            rpc_id=call.rpc_id,
        )

    async def get_schema(self, request: messages.SchemaRequest, context: Context) -> messages.SchemaInfo:
        """Return a schema by its id, that of older events too."""
        call = PubSubCall(self._org, context)
        try:
            call.check_caller()
            schema = self._kept_schema(request.schema_id)
        except Ended as ended:
            await call.end(ended)
        return messages.SchemaInfo(schema_json=schema, schema_id=request.schema_id, rpc_id=call.rpc_id)

    async def publish(self, request: messages.PublishRequest, context: Context) -> messages.PublishResponse:
        """Put events on the bus."""
        call = PubSubCall(self._org, context)
        try:
            call.check_caller()
            return publish_all(self._log, request, self._schema_of(request.topic_name), call.rpc_id)
        except Ended as ended:
            await call.end(ended)

    async def publish_stream(
        self, requests: AsyncIterator[messages.PublishRequest], context: Context
    ) -> AsyncIterator[messages.PublishResponse]:
        """Put events on the bus, batch after batch."""
        call = PubSubCall(self._org, context)
        try:
            async for request in requests:
                call.check_caller()
                yield publish_all(self._log, request, self._schema_of(request.topic_name), call.rpc_id)
        except Ended as ended:
            await call.end(ended)

    async def _events(
        self, subscription: Subscription, requests: AsyncIterator[messages.FetchRequest], call: PubSubCall
    ) -> AsyncGenerator[messages.FetchResponse]:
        wake, breaks = asyncio.Event(), self._breaks
        self._wakes.add(wake)
        asking = asyncio.create_task(self._ask(subscription, requests, wake))
        try:
            while not (asking.done() and subscription.pending == 0):
                wake.clear()
                if asking.done():
                    asking.result()
                call.check_caller()
                if breaks != self._breaks:
                    raise Ended(Fault.UNAVAILABLE, "RST_STREAM closed stream.")
                events, broken = self._until_break(subscription)
                if events:
                    yield self._response(subscription, events, call)
                if broken is not None:
                    raise broken
                if events:
                    continue
                silent = self._org.switches.keepalive_seconds if subscription.pending else _IDLE
                if await _set_within(wake, silent):
                    continue
                if not subscription.pending:
                    return
                yield self._response(subscription, [], call)
        finally:
            self._wakes.discard(wake)
            asking.cancel()

    async def _ask(
        self, subscription: Subscription, requests: AsyncIterator[messages.FetchRequest], wake: asyncio.Event
    ) -> None:
        try:
            async for request in requests:
                subscription.ask(request.topic_name, request.num_requested)
                wake.set()
        finally:
            wake.set()

    def _until_break(self, subscription: Subscription) -> tuple[list[Event], Ended | None]:
        """Return the events to send now, and the error that a fault lets follow them."""
        sent: list[Event] = []
        for event in subscription.waiting():
            for fault in self._org.faults.for_target(event.topic.rpartition("/")[2], _BREAKS):
                name = fault.failure or Fault.UNAVAILABLE.name
                return sent, Ended(Fault[name], f"{name}: RST_STREAM closed stream.")
            subscription.take(event)
            sent.append(event)
        return sent, None

    def _response(
        self, subscription: Subscription, events: Sequence[Event], call: PubSubCall
    ) -> messages.FetchResponse:
        return messages.FetchResponse(
            events=[
                messages.ConsumerEvent(
                    event=messages.ProducerEvent(
                        id=event.event_id, schema_id=event.schema_id, payload=event.payload
                    ),
                    replay_id=self._log.replay_id(event.number),
                )
                for event in events
            ],
            latest_replay_id=self._log.replay_id(max(self._log.last(), subscription.place)),
            rpc_id=call.rpc_id,
            pending_num_requested=subscription.pending,
        )

    def _schema_of(self, topic: str) -> str:
        schema = self._publisher.topic_schema(topic)
        if schema is None:
            raise Ended(Fault.NO_TOPIC, f"There is no topic {topic}.")
        return schema

    def _kept_schema(self, identifier: str) -> str:
        schema = self._log.schema(identifier)
        if schema is None:
            raise Ended(Fault.NO_SCHEMA, f"There is no schema {identifier}.")
        return schema

    def _wake_from_thread(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for wake in self._wakes:
            wake.set()


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
