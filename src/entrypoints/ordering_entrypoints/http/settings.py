"""How the HTTP API is set up: who may come in, how much they may send, how long live updates wait."""

from __future__ import annotations

import re

from datetime import timedelta
from enum import StrEnum
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

import attrs

from ordering_entrypoints.http.principals import Permission


SHORTEST_SECRET: Final = 32
"""Bytes of a shared secret; HS256 with fewer can be guessed (RFC 7518, 3.2)."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class Algorithm(StrEnum):
    """How tokens are signed: with a shared secret, or with a key pair whose public half is in a JWKS."""

    HS256 = "HS256"
    RS256 = "RS256"


@attrs.frozen(kw_only=True)
class TokenSettings:
    """
    What makes a bearer token (JWT, RFC 7519) ours.

    Exactly one of *secret* (HS256), *jwks_url* and *jwks*, a JSON Web Key Set as text (both RS256), is set.
    *roles_claim* names the claim with the roles, a list or a text with spaces between; a token without it
    belongs to a customer. *leeway* forgives clocks that differ.

    Raises:
        ValueError: On construction, when there is no key or more than one, the secret is too short, the
            address is not safe, or the set holds no key.

    """

    issuer: str
    audience: str
    secret: str | None = attrs.field(default=None, repr=False)
    jwks_url: str | None = None
    jwks: str | None = attrs.field(default=None, repr=False)
    roles_claim: str = "roles"
    leeway: timedelta = timedelta(seconds=30)

    def __attrs_post_init__(self) -> None:
        if sum(key is not None for key in (self.secret, self.jwks_url, self.jwks)) != 1:
            raise ValueError("set exactly one of the tokens' shared secret, JWKS address and JWKS")
        if self.jwks_url is not None and not _is_safe(self.jwks_url):
            raise ValueError("the JWKS address has to begin with https: whoever changes keys lets in anybody")
        if self.jwks is not None and not _holds_keys(self.jwks):
            raise ValueError(
                'the JWKS has to be JSON such as {"keys": [...]}, with one key or more for RS256'
            )
        if self.secret is not None and len(self.secret.encode()) < SHORTEST_SECRET:
            raise ValueError(f"the tokens' shared secret needs at least {SHORTEST_SECRET} bytes")

    @property
    def algorithm(self) -> Algorithm:
        """The one algorithm that is accepted; it follows from the key, never from the token."""
        return Algorithm.RS256 if self.secret is None else Algorithm.HS256


def _is_safe(address: str) -> bool:
    """Tell whether nobody on the way can change what is at *address*."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)


def _holds_keys(jwks: str) -> bool:
    """Tell whether *jwks* is a set of keys with one that can be used."""
    from jwt import PyJWKSet  # noqa: PLC0415 - slow to load, for those alone who have keys here
    from jwt.exceptions import PyJWTError  # noqa: PLC0415 - likewise

    try:
        return bool(PyJWKSet.from_json(jwks).keys)
    except (PyJWTError, ValueError, TypeError, AttributeError):
        return False


def _digest(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if not _SHA256.fullmatch(value):
        raise ValueError(f"{attribute.name} has to be 64 hexadecimal digits in small letters")


@attrs.frozen(kw_only=True)
class ServiceKey:
    """
    A key with which another system comes in; only its SHA-256 is known here.

    The key itself is a random text of at least 128 bits (`ordering_entrypoints.http.auth.new_service_key`):
    it cannot be guessed, so that it needs no slow hash.

    Raises:
        ValueError: On construction, when *sha256* is no such digest.

    """

    name: str
    sha256: str = attrs.field(repr=False, validator=_digest)
    permissions: frozenset[Permission]


class MetricsAccess(StrEnum):
    """Who may read the figures of a process."""

    KEY = "key"
    """Service keys and tokens with the permission ``metrics``."""

    OPEN = "open"
    """Everybody who reaches the address."""

    OFF = "off"
    """Nobody: there is no such route."""


RateUnit: TypeAlias = Literal["second", "minute", "hour", "day"]


@attrs.frozen(kw_only=True)
class RateLimit:
    """How many *requests* one client may make per *unit*; a client is a credential, else an address."""

    requests: int
    unit: RateUnit = "minute"


@attrs.frozen(kw_only=True)
class EventSettings:
    """
    How live updates are sent.

    *heartbeat* is the longest silence. *queue* is how many events may wait for a slow client, *patience* how
    long it may take to accept one; past either it is let go, and resumes from its last event.
    """

    heartbeat: timedelta = timedelta(seconds=15)
    queue: int = 256
    patience: timedelta = timedelta(seconds=30)
    reconnect: timedelta = timedelta(seconds=2)


@attrs.frozen(kw_only=True)
class HttpSettings:
    """
    Everything about the HTTP API that is a choice.

    Without *tokens* nobody can log in. *json_limit* and *upload_limit* are bytes of a request's body.
    *retry_after* is told to clients while a system behind us is down. *problem_types* is put before the name
    of each kind of problem to make its ``type``. *metrics* says who may read ``/metrics``. For *drain* a
    server that was told to stop goes on taking requests: whoever spreads them sees that it is not ready.
    """

    path: str = "/api"
    tokens: TokenSettings | None = None
    service_keys: tuple[ServiceKey, ...] = ()
    json_limit: int = 1_000_000
    upload_limit: int = 10_000_000
    rate_limit: RateLimit | None = None
    retry_after: timedelta = timedelta(seconds=30)
    events: EventSettings = attrs.field(factory=EventSettings)
    problem_types: str = "urn:ordering:problem:"
    metrics: MetricsAccess = MetricsAccess.KEY
    drain: timedelta = timedelta(0)
