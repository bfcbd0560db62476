"""The network under the client library: time-outs it does not have, and addresses it does not know."""

from __future__ import annotations

import time

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from threading import local
from typing import Final, TypeAlias
from urllib.parse import urlsplit, urlunsplit

from requests import ConnectionError as NotConnected
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter

from ordering_core.errors import OutcomeUnknown, Refused, Unavailable


Observe: TypeAlias = Callable[[str, "type[BaseException] | None", float], None]
"""Is told of every call: what it was for, the kind of its error if it had one, and its seconds."""

_SIGNED_OUT: Final = 401
_TOO_MANY: Final = 429
_WRONG: Final = 400
_BROKEN: Final = 500

_KINDS: Final = frozenset({"composite", "limits", "query", "sobjects", "token"})
"""What calls are for, as their paths say it."""


def unobserved(_operation: str, _error: type[BaseException] | None, _seconds: float) -> None:
    """Let nobody hear of a call."""


class Transport:
    """Makes sessions: one for each thread, because a session is not made for several."""

    def __init__(
        self,
        *,
        connect_timeout: float,
        read_timeout: float,
        ca_file: Path | None = None,
        plain_address: str = "",
        observe: Observe = unobserved,
    ) -> None:
        """Give up after *connect_timeout* and *read_timeout* seconds; tell *observe* of every call."""
        self.connect_timeout = connect_timeout
        self.read_timeout = read_timeout
        self._ca_file = ca_file
        self._plain_address = plain_address
        self.observe = observe
        self._last = local()

    @property
    def answered_at(self) -> datetime | None:
        """What time the last answer to this thread said it was, None when it said nothing."""
        at: datetime | None = getattr(self._last, "date", None)
        return at

    @property
    def asked_to_wait(self) -> str:
        """What the last answer to this thread said in Retry-After, empty when it said nothing."""
        said: str = getattr(self._last, "retry_after", "")
        return said

    def forget(self) -> None:
        """Begin another call, whose answer may never come."""
        self._last.retry_after = ""
        self._last.date = None

    def note(self, response: Response) -> None:
        """Keep what the library's exceptions leave out of *response*."""
        self._last.retry_after = response.headers.get("Retry-After", "")
        self._last.date = _moment(response.headers.get("Date", ""))

    def session(self) -> Session:
        """Return a new session."""
        session = Session()
        session.mount("https://", _PatientAdapter(self, self._plain_address, self._ca_file))
        # A proxy for the world outside must not take what is meant for this machine.
        session.trust_env = not self._plain_address
        return session


class _PatientAdapter(HTTPAdapter):
    """Waits for as long as its transport says; without it a call may hang for ever (reference 1.4)."""

    def __init__(self, transport: Transport, plain_address: str, ca_file: Path | None) -> None:
        super().__init__()
        self._transport = transport
        self._ca_file = ca_file
        self._plain = urlsplit(plain_address) if plain_address else None

    def send(  # noqa: PLR0917 - the signature of requests
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - the signature of requests
        timeout: float | tuple[float | None, float | None] | None = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002 - the signature of requests
        cert: str | tuple[str, str] | None = None,
        proxies: dict[str, str] | None = None,
    ) -> Response:
        """Send *request*, to the plain address if there is one: the library itself only knows https."""
        if self._plain is not None and request.url is not None:
            asked = urlsplit(request.url)
            request.url = urlunsplit((self._plain.scheme, self._plain.netloc, asked.path, asked.query, ""))
        patience = timeout or (self._transport.connect_timeout, self._transport.read_timeout)
        # Set here, because a session's own file gives way to REQUESTS_CA_BUNDLE of the environment.
        trusted = verify if self._ca_file is None else str(self._ca_file)
        self._transport.forget()
        began, failed = time.monotonic(), None
        try:
            response = super().send(
                request, stream=stream, timeout=patience, verify=trusted, cert=cert, proxies=proxies
            )
            failed = _failure_of(response.status_code)
        except BaseException as error:
            failed = Unavailable if isinstance(error, NotConnected) else OutcomeUnknown
            raise
        finally:
            self._transport.observe(_kind_of(request), failed, time.monotonic() - began)
        self._transport.note(response)
        return response


def _moment(said: str) -> datetime | None:
    """Return the moment in a header, None when it holds none."""
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    return at if at.tzinfo else None


def _kind_of(request: PreparedRequest) -> str:
    """Return what *request* is for, without anything that it names."""
    words = urlsplit(request.url or "").path.split("/")
    return next((word for word in words if word in _KINDS), "other")


def _failure_of(status: int) -> type[Exception] | None:
    if status >= _BROKEN or status in {_SIGNED_OUT, _TOO_MANY}:
        return Unavailable
    return Refused if status >= _WRONG else None
