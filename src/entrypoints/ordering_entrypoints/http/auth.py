"""
Who comes in: a bearer token, a service key, or nobody; and which routes are not for everybody.

Both are decided before anything of a request is read. What was wrong with a credential is not told: it helps
only those who guess.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

from litestar.connection import Request
from litestar.datastructures import State

from ordering_core.domain.identifiers import CustomerId
from ordering_core.ports.clock import Clock
from ordering_entrypoints.http.principals import ANONYMOUS, Permission, Principal, service
from ordering_entrypoints.http.settings import HttpSettings, ServiceKey
from ordering_entrypoints.http.threads import in_thread
from ordering_entrypoints.http.tokens import BadToken, TokenReader


SERVICE_KEY_PREFIX: Final = "osk_"
"""How a service key begins; a JWT never does."""

LONGEST_CREDENTIAL: Final = 8192
"""Characters of a credential; longer ones are not looked at."""

ApiRequest: TypeAlias = Request[Principal, None, State]
"""A request whose principal is known."""

Connection: TypeAlias = ApiRequest
"""A request before that: nothing of it is read but its headers."""

Identify: TypeAlias = Callable[[Connection], Principal]
"""Tells whose a request is; raises Unauthenticated. A host's is called in its own thread and may wait."""

Gate: TypeAlias = Callable[[ApiRequest], Awaitable[None]]
"""Lets a request in or raises, before it is read (``before_request``)."""

_DEMANDED: Final = "ordering_permission"
"""Where the options of a route have the permission that it demands."""


class Unauthenticated(Exception):
    """The request needs a credential; *given* tells whether it had one, which was not right."""

    def __init__(self, *, given: bool) -> None:
        """Remember whether there was one."""
        super().__init__(given)
        self.given = given


class NotAllowed(Exception):
    """The principal is known and lacks *permission*."""

    def __init__(self, permission: Permission) -> None:
        """Remember what is missing."""
        super().__init__(permission)
        self.permission = permission


def by_credential(settings: HttpSettings, clock: Clock) -> Identify:
    """Return how *settings* tell whose a request is, by the header ``Authorization: Bearer``."""
    reader = TokenReader(settings.tokens) if settings.tokens else None

    def identify(connection: Connection) -> Principal:
        header = connection.headers.get("authorization")
        if header is None:
            return ANONYMOUS
        scheme, _, credential = header.partition(" ")
        credential = credential.strip()
        if scheme.lower() != "bearer" or not credential or len(credential) > LONGEST_CREDENTIAL:
            raise Unauthenticated(given=True)
        if credential.startswith(SERVICE_KEY_PREFIX):
            return _of_service_key(credential, settings.service_keys)
        if reader is None:
            raise Unauthenticated(given=True)
        try:
            return reader.read(credential, at=clock.now())
        except BadToken:
            raise Unauthenticated(given=True) from None

    return identify


def gate(identify: Identify, *, waits: bool = True) -> Gate:
    """
    Return what lets a request in: afterwards its user is its principal, with the permission of its route.

    *waits* says that *identify* may wait for somebody.
    """
    identify_waiting = in_thread(identify)

    async def let_in(request: ApiRequest) -> None:
        who = await identify_waiting(request) if waits else identify(request)
        request.scope["user"] = who
        demanded: Permission | None = request.route_handler.opt.get(_DEMANDED)
        if demanded is not None:
            _demand(who, demanded)

    return let_in


def only(permission: Permission) -> Mapping[str, Permission]:
    """Return the options (``opt``) of routes that let only principals with *permission* in."""
    return {_DEMANDED: permission}


CUSTOMERS_ONLY: Final = only(Permission.OWN_ORDERS)
"""The options of routes that let nobody in but customers: those with orders of their own."""


def shopper_of(request: ApiRequest) -> CustomerId | None:
    """Return the customer who makes the request, or None when nobody is logged in."""
    return request.user.customer


def customer_of(request: ApiRequest) -> CustomerId:
    """Return the customer who makes the request; a route for customers only lets nobody else in."""
    if request.user.customer is None:
        raise Unauthenticated(given=False)
    return request.user.customer


def new_service_key() -> tuple[str, str]:
    """Return a new service key, for the other system, and its SHA-256, for our settings."""
    key = SERVICE_KEY_PREFIX + secrets.token_urlsafe(32)
    return key, _digest(key)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _of_service_key(credential: str, keys: tuple[ServiceKey, ...]) -> Principal:
    """Compare with every key, so that the time it takes tells nothing."""
    digest = _digest(credential)
    found = [key for key in keys if hmac.compare_digest(key.sha256, digest)]
    if not found:
        raise Unauthenticated(given=True)
    return service(found[0].name, found[0].permissions)


def _demand(who: Principal, permission: Permission) -> None:
    if who is ANONYMOUS:
        raise Unauthenticated(given=False)
    if permission not in who.permissions:
        raise NotAllowed(permission)
