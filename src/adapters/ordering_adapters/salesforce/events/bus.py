"""
The event bus on the wire: one channel, streams and schemas, and what their failures mean.

The only module that knows grpcio. Nothing that the bus says in words is passed on, only its codes.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false
# pyright: reportUnknownArgumentType=false
# grpcio says nothing about its types.

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from time import monotonic
from typing import Final, Protocol

import grpc

from ordering_adapters.salesforce.events.messages import (
    GET_SCHEMA,
    SUBSCRIBE,
    FetchResponse,
    fetch_request,
    fetch_response,
    schema_in,
    schema_request,
)
from ordering_adapters.salesforce.events.settings import BusSettings
from ordering_adapters.salesforce.events.wire import Malformed
from ordering_adapters.salesforce.tokens import Token, TokenProvider
from ordering_adapters.salesforce.transport import Observe, unobserved
from ordering_core.errors import Refused, Unavailable


_PREFIX: Final = "sfdc.platform.eventbus.grpc."
_PATIENCE: Final = 20.0
"""Seconds that a schema may take."""

_OPTIONS: Final = (
    # As often as a server lets pings come without data; more often, and it closes the connection.
    ("grpc.keepalive_time_ms", 300_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 0),
    # The channel's own pauses between attempts, which ours come on top of.
    ("grpc.initial_reconnect_backoff_ms", 500),
    ("grpc.min_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 30_000),
    # A response carries a hundred events, each up to a megabyte.
    ("grpc.max_receive_message_length", 128 * 1024 * 1024),
)
_NO_PROXY: Final = (("grpc.enable_http_proxy", 0),)

_SIGNED_OUT: Final = "service.auth."
_LOST_PLACE: Final = "subscription.fetch.replayid."
_USED_UP: Final = "subscription.limit.exceeded"
_NO_SCHEMA: Final = "schema."


class BusFault(Exception):
    """
    The bus ended a call: *status* is gRPC's, *code* the bus's own, empty when it gave none.

    The code alone tells what is to be done: with which status it comes is not documented for all of them
    (reference 4.3).
    """

    def __init__(self, status: str, code: str = "") -> None:
        super().__init__(status, code)
        self.status = status
        self.code = code

    def __str__(self) -> str:
        """Name both."""
        return f"{self.status} {self.code}".rstrip()

    @property
    def lost_place(self) -> bool:
        """Whether the bus does not know the place from which it was to go on: too old, or of another bus."""
        return self.code.startswith(_LOST_PLACE)

    @property
    def signed_out(self) -> bool:
        """Whether the token is not good, or not good any more."""
        return self.status == "UNAUTHENTICATED" or self.code.startswith(_SIGNED_OUT)

    @property
    def used_up(self) -> bool:
        """Whether the day's deliveries are used up."""
        return self.code == _USED_UP

    @property
    def no_schema(self) -> bool:
        """Whether the bus has no such schema."""
        return self.code.startswith(_NO_SCHEMA) or self.status == "NOT_FOUND"

    @property
    def kind(self) -> type[Refused | Unavailable]:
        """What it would be of any system: a no, or something that passes."""
        return Refused if self.lost_place or self.used_up or self.no_schema else Unavailable


class _Call(Protocol):
    """What grpcio gives for a stream, as far as it is used here."""

    def __iter__(self) -> Iterator[bytes]: ...
    def cancel(self) -> object: ...


class Stream:
    """One subscription; read by one thread, ended by any."""

    def __init__(
        self, call: _Call, asking: SimpleQueue[bytes | None], failed: Callable[[], None], observe: Observe
    ) -> None:
        self._call = call
        self._asking = asking
        self._failed = failed
        self._observe = observe
        self._ended = False

    def __iter__(self) -> Iterator[FetchResponse]:
        """
        Yield what the bus says, until it ends the stream.

        Raises:
            BusFault: The stream broke.

            Malformed: What the bus said is no message.

            Unavailable: The token was refused, and there is no other.

        """
        began, operation = monotonic(), "subscribe"
        try:
            for message in self._call:
                if operation == "subscribe":
                    self._observe(operation, None, monotonic() - began)
                    operation = "stream"
                yield fetch_response(message)
        except grpc.RpcError as error:
            fault = _fault(error)
            if not self._ended:
                self._observe(operation, fault.kind, monotonic() - began)
            if fault.signed_out:
                self._failed()
            raise fault from None

    def ask(self, number: int) -> None:
        """Ask for *number* more events."""
        self._asking.put(fetch_request(number=number))

    def end(self) -> None:
        """End the stream, from whatever thread."""
        self._ended = True
        self._asking.put(None)
        self._call.cancel()


class EventBus:
    """One channel to the bus, shared by all streams."""

    def __init__(
        self, settings: BusSettings, tokens: TokenProvider, *, observe: Observe = unobserved
    ) -> None:
        """
        Send nothing before the first call.

        *observe* is told of a stream with its first word or when it fails before (``subscribe``), of one that
        breaks later (``stream``), and of every ``schema``.
        """
        self._tokens = tokens
        self._observe = observe
        self._channel = _channel(settings)

    def subscribe(self, topic: str, replay_id: bytes | None, number: int) -> Stream:
        """
        Open a stream of *topic* that goes on after *replay_id*, or begins with the earliest event kept.

        Raises:
            Unavailable: There is no token.

        """
        token = self._tokens.token()
        asking: SimpleQueue[bytes | None] = SimpleQueue()
        asking.put(fetch_request(topic=topic, replay_id=replay_id, number=number))
        open_stream = self._channel.stream_stream(SUBSCRIBE)
        requests: Iterable[bytes] = iter(asking.get, None)
        call: _Call = open_stream(requests, metadata=_metadata(token))
        return Stream(call, asking, lambda: self._renew(token), self._observe)

    def schema(self, schema_id: str) -> str:
        """
        Return the schema *schema_id* as JSON.

        Raises:
            BusFault: The bus does not give it.

            Malformed: What the bus said is no message.

            Unavailable: There is no token.

        """
        token = self._tokens.token()
        ask, began = self._channel.unary_unary(GET_SCHEMA), monotonic()
        try:
            answer: bytes = ask(schema_request(schema_id), metadata=_metadata(token), timeout=_PATIENCE)
            self._observe("schema", None, monotonic() - began)
        except grpc.RpcError as error:
            fault = _fault(error)
            self._observe("schema", fault.kind, monotonic() - began)
            if fault.signed_out:
                self._renew(token)
            raise fault from None
        return schema_in(answer)

    def close(self) -> None:
        """End every stream."""
        self._channel.close()

    def _renew(self, refused: Token) -> None:
        self._tokens.renewed(refused)


def _channel(settings: BusSettings) -> grpc.Channel:
    if settings.plaintext:
        # A proxy for the world outside must not take what is meant for this machine.
        return grpc.insecure_channel(settings.address, options=_OPTIONS + _NO_PROXY)
    roots = settings.ca_file.read_bytes() if settings.ca_file else None
    return grpc.secure_channel(settings.address, grpc.ssl_channel_credentials(roots), options=_OPTIONS)


def _metadata(token: Token) -> tuple[tuple[str, str], ...]:
    return (
        ("accesstoken", token.access),
        ("instanceurl", token.instance_url),
        ("tenantid", token.org_id),
    )


def _fault(error: grpc.RpcError) -> BusFault:
    """Return what *error* says in codes; its words may name what it was about."""
    if not isinstance(error, grpc.Call):
        return BusFault("UNKNOWN")
    trailers = error.trailing_metadata() or ()
    code = next((str(trailer.value) for trailer in trailers if trailer.key == "error-code"), "")
    return BusFault(error.code().name, code.removeprefix(_PREFIX))


__all__ = ["BusFault", "EventBus", "Malformed", "Stream"]
