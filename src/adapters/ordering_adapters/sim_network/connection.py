"""
One HTTP connection to a network: a deadline for a whole call, and our words for what goes wrong on the way.

What is sent and what comes back is full of personal data: neither is ever part of an error.
"""

from __future__ import annotations

import json
import ssl
import time

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeAlias, TypeGuard
from urllib.parse import urlsplit

import httpx

from ordering_core.domain.vocabulary import System
from ordering_core.errors import OutcomeUnknown, PortError, Unavailable


Answer: TypeAlias = Mapping[str, object]
"""The fields of an answer."""

Observe: TypeAlias = Callable[[str, "type[BaseException] | None", float], None]
"""Is told of every call: its function, the kind of its error if it had one, and its seconds."""

TOO_MANY: Final = 429
NOT_REACHED: Final = frozenset({401, 403, 404, 405, TOO_MANY})
"""A door in front of the network said no; the network heard nothing."""

_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""The request never left: trying again is safe."""

_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_MOST_BYTES: Final = 10_000_000


def unobserved(_operation: str, _error: type[BaseException] | None, _seconds: float) -> None:
    """Let nobody hear of a call."""


class Connection:
    """Connections to one address, shared by every thread; *timeout* (seconds) is for one call, all of it."""

    def __init__(
        self,
        base: str,
        *,
        timeout: float,
        connect_timeout: float,
        concurrency: int,
        tls: ssl.SSLContext | bool = True,
    ) -> None:
        """Open nothing before the first call."""
        self.timeout = timeout
        self._connect_timeout = connect_timeout
        self._client = httpx.Client(
            base_url=base,
            limits=httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency),
            verify=tls,
            # A redirect would send personal data to another address.
            follow_redirects=False,
            # A proxy for the world outside must not take what is meant for this machine.
            trust_env=urlsplit(base).hostname not in _HERE,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def deadline(self) -> float:
        """Return the moment, on the machine's monotonic clock, at which a call that begins now is over."""
        return time.monotonic() + self.timeout

    def form(
        self, path: str, fields: Mapping[str, str], /, *, until: float, reading: bool
    ) -> tuple[int, bytes]:
        """
        Post a form and return the status and all of the answer.

        Raises:
            Unavailable: Nothing happened there.

            OutcomeUnknown: It may have happened; never when *reading*.

        """
        request = self._client.build_request("POST", path, data=dict(fields))
        return self._sent(request, until=until, reading=reading)

    def json(
        self, path: str, body: Mapping[str, object], headers: Mapping[str, str], /, *, until: float
    ) -> tuple[int, bytes]:
        """Post *body* with *headers* and return the status and all of the answer; raises as `form`."""
        content = json.dumps(body, ensure_ascii=False).encode()
        request = self._client.build_request("POST", path, content=content, headers=headers)
        return self._sent(request, until=until, reading=False)

    def _sent(self, request: httpx.Request, *, until: float, reading: bool) -> tuple[int, bytes]:
        left = until - time.monotonic()
        if left <= 0:
            raise Unavailable(System.SIM_NETWORK, "NO_TIME_LEFT")
        failure: PortError
        connect = min(self._connect_timeout, left)
        request.extensions["timeout"] = {"connect": connect, "pool": connect, "read": left, "write": left}
        try:
            response = self._client.send(request, stream=True)
            try:
                return response.status_code, _body(response, until)
            finally:
                response.close()
        except _NOT_SENT as error:
            failure = Unavailable(System.SIM_NETWORK, type(error).__name__)
        except (httpx.HTTPError, httpx.StreamError) as error:
            kind = Unavailable if reading else OutcomeUnknown
            failure = kind(System.SIM_NETWORK, type(error).__name__)
        # Outside of the handler: the exception of the network has the request in it, and the customer's data.
        raise failure


def answer_in(body: bytes) -> Answer | None:
    """Return the object in *body*; None for a page, or for no text at all."""
    try:
        answer: object = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return answer if is_object(answer) else None


def is_object(value: object) -> TypeGuard[Answer]:
    """Whether *value* is an object of JSON."""
    return isinstance(value, Mapping)


def unreadable(status: int, *, reading: bool) -> PortError:
    """Return what an answer means that is not the network's own: a page of a proxy, of maintenance."""
    reason = f"HTTP_{status}"
    if reading or status in NOT_REACHED:
        return Unavailable(System.SIM_NETWORK, reason)
    return OutcomeUnknown(System.SIM_NETWORK, reason)


def check_address(url: str) -> None:
    """
    Insist on an address that secrets and personal data may be sent to.

    Raises:
        ValueError: It is none.

    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("url has to be an address such as https://network.example/path/")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("url has to be an address alone, without user, password or query")
    if parts.scheme == "http" and parts.hostname not in _HERE:
        raise ValueError("url has to begin with https: secrets go over the network")


def base_of(url: str) -> str:
    """Return *url* with one slash at its end."""
    return url.rstrip("/") + "/"


def tls_context(
    ca_file: Path | None, *, certificate_file: Path | None = None, key_file: Path | None = None
) -> ssl.SSLContext:
    """
    Return who is trusted, the system's authorities unless *ca_file* names others, and who we say we are.

    Raises:
        OSError: A file cannot be read, or holds no certificate or key.

    """
    context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate_file is not None:
        context.load_cert_chain(certificate_file, key_file)
    return context


def _body(response: httpx.Response, until: float) -> bytes:
    """Return the body; httpx's own time-out is for each piece of it, and a drip would take for ever."""
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_bytes():
        size += len(piece)
        if time.monotonic() > until or size > _MOST_BYTES:
            raise httpx.ReadTimeout("the answer does not end")
        pieces.append(piece)
    return b"".join(pieces)
