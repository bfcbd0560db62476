"""Calls of the Pub/Sub API: who makes them, and how they end when they are refused."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportMissingTypeStubs=false
# grpcio says nothing about its types.

from __future__ import annotations

import uuid

from collections.abc import Iterable
from typing import Final, NoReturn, Protocol

import grpc

from ordering_sandbox.salesforce.events.subscription import Ended, Fault
from ordering_sandbox.salesforce.oauth import NOBODY
from ordering_sandbox.salesforce.org import Org
from ordering_sandbox.salesforce.sessions import organization_id, user_of_token


_PREFIX: Final = "sfdc.platform.eventbus.grpc."
_STATUS: Final = {
    Fault.NO_TOPIC: grpc.StatusCode.NOT_FOUND,
    Fault.NO_SCHEMA: grpc.StatusCode.NOT_FOUND,
    Fault.LIMIT: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Fault.CLIENTS: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Fault.NOT_LOGGED_IN: grpc.StatusCode.UNAUTHENTICATED,
    Fault.HEADERS: grpc.StatusCode.UNAUTHENTICATED,
    Fault.UNAVAILABLE: grpc.StatusCode.UNAVAILABLE,
}
"""The status of a refusal; of all others it is INVALID_ARGUMENT."""
_SHORT: Final = 15


class Context(Protocol):
    """What grpcio hands over with a call, as far as it is used here."""

    def invocation_metadata(self) -> Iterable[tuple[str, str | bytes]] | None:
        """Return the headers of the call."""
        ...

    async def abort(
        self, code: grpc.StatusCode, details: str, trailing_metadata: tuple[tuple[str, str], ...]
    ) -> NoReturn:
        """End the call with an error."""
        ...


class PubSubCall:
    """One call, under an rpc id of its own."""

    def __init__(self, org: Org, context: Context) -> None:
        """Look at the call that *context* stands for."""
        self.rpc_id = str(uuid.uuid4())
        self._org = org
        self._context = context

    def check_caller(self) -> str:
        """
        Return the id of the user who calls.

        Raises:
            Ended: A header is missing, the org is another, or the token is not good, or not good any more.

        """
        sent = {str(name): str(value) for name, value in self._context.invocation_metadata() or ()}
        token, instance, tenant = (sent.get(name, "") for name in ("accesstoken", "instanceurl", "tenantid"))
        if not (token and instance and tenant):
            raise Ended(Fault.HEADERS, "accesstoken, instanceurl and tenantid have to be sent.")
        with self._org.reading(NOBODY) as work:
            user_id = user_of_token(work.connection, token, work.now)
            own = tenant[:_SHORT] == organization_id(work.connection)[:_SHORT]
        if user_id is None or not own:
            raise Ended(Fault.NOT_LOGGED_IN, "Authentication exception occurred.")
        return user_id

    async def end(self, ended: Ended) -> NoReturn:
        """End the call with an error."""
        trailers = (("error-code", f"{_PREFIX}{ended.fault}"), ("rpc-id", self.rpc_id))
        status = _STATUS.get(ended.fault, grpc.StatusCode.INVALID_ARGUMENT)
        await self._context.abort(status, f"{ended.details} rpcId: {self.rpc_id}", trailers)
