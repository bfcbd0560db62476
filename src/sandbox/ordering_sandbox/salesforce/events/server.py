"""The gRPC server of the Pub/Sub API, in plain text and over TLS."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false
# grpcio and protobuf say nothing about their types.

from __future__ import annotations

from typing import Final

import grpc

from grpc import aio

from ordering_sandbox.salesforce.events.proto import pubsub_api_pb2 as messages
from ordering_sandbox.salesforce.events.pubsub import PubSub
from ordering_sandbox.tls import Certificate


_SERVICE: Final = "eventbus.v1.PubSub"
_HOST: Final = "127.0.0.1"
_GRACE: Final = 0.5


class PubSubServer:
    """One server on two ports."""

    def __init__(self, service: PubSub, certificate: Certificate, *, port: int, tls_port: int) -> None:
        """Reserve *port* and *tls_port* (0: any) on this machine alone for *service*."""
        self._service = service
        self._server = aio.server()
        self._server.add_generic_rpc_handlers((_handlers(service),))
        credentials = grpc.ssl_server_credentials(
            [(certificate.key.read_bytes(), certificate.certificate.read_bytes())]
        )
        self.plain_address = f"{_HOST}:{self._server.add_insecure_port(f'{_HOST}:{port}')}"
        self.tls_port: int = self._server.add_secure_port(f"{_HOST}:{tls_port}", credentials)
        self.tls_address = f"localhost:{self.tls_port}"

    async def start(self) -> None:
        """Answer calls from here on."""
        await self._server.start()

    async def stop(self) -> None:
        """End every call."""
        self._service.break_streams()
        await self._server.stop(grace=_GRACE)


def _handlers(service: PubSub) -> grpc.GenericRpcHandler:
    return grpc.method_handlers_generic_handler(
        _SERVICE,
        {
            "Subscribe": grpc.stream_stream_rpc_method_handler(
                service.subscribe,
                messages.FetchRequest.FromString,
                messages.FetchResponse.SerializeToString,
            ),
            "GetSchema": grpc.unary_unary_rpc_method_handler(
                service.get_schema, messages.SchemaRequest.FromString, messages.SchemaInfo.SerializeToString
            ),
            "GetTopic": grpc.unary_unary_rpc_method_handler(
                service.get_topic, messages.TopicRequest.FromString, messages.TopicInfo.SerializeToString
            ),
            "Publish": grpc.unary_unary_rpc_method_handler(
                service.publish,
                messages.PublishRequest.FromString,
                messages.PublishResponse.SerializeToString,
            ),
            "PublishStream": grpc.stream_stream_rpc_method_handler(
                service.publish_stream,
                messages.PublishRequest.FromString,
                messages.PublishResponse.SerializeToString,
            ),
        },
    )
