"""
The way to the network: one form field ``json`` a call, inside it the key of a login.

Every function asks under one login, which one thread renews while the others wait. What is sent and what
comes back never leaves this module but as an answer: both are full of personal data.
"""

from __future__ import annotations

import json
import ssl

from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import Final, TypeAlias, TypeGuard

import httpx

from ordering_adapters.sim_network.freebit.codes import DONE, NOT_LOGGED_IN, RETRYABLE, code_of
from ordering_adapters.sim_network.freebit.settings import FreebitSettings, Function
from ordering_core.domain.vocabulary import System
from ordering_core.errors import OutcomeUnknown, PortError, Refused, Unavailable
from ordering_core.ports.clock import Clock


Sent: TypeAlias = Mapping[str, "str | Mapping[str, str]"]
"""The fields of a request."""

Answer: TypeAlias = Mapping[str, object]
"""The fields of an answer."""

_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""The request never left: trying again is safe."""

_TOO_MANY: Final = 429
_NOT_REACHED: Final = frozenset({401, 403, 404, 405, _TOO_MANY})
"""A door in front of the network said no; the network heard nothing."""


class FreebitApi:
    """One partner's access to the network, shared by every thread."""

    def __init__(self, settings: FreebitSettings, clock: Clock) -> None:
        """Nothing is sent before the first call."""
        self.settings = settings
        self._clock = clock
        self._login = Lock()
        self._key: tuple[str, datetime] | None = None
        connections = httpx.Limits(
            max_connections=settings.concurrency, max_keepalive_connections=settings.concurrency
        )
        self._client = httpx.Client(
            base_url=settings.base,
            timeout=httpx.Timeout(settings.timeout, connect=settings.connect_timeout),
            limits=connections,
            verify=_authorities(settings),
            # A redirect would send personal data to another address.
            follow_redirects=False,
            # A proxy for the world outside must not take what is meant for this machine.
            trust_env=settings.base.startswith("https"),
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def read(self, function: Function, fields: Sent, /) -> Answer:
        """
        Return the answer of a function that changes nothing.

        Raises:
            Unavailable: It cannot be asked now.

            Refused: The network says no.

        """
        return self._call(function, fields, reading=True)

    def write(self, function: Function, fields: Sent, /) -> Answer:
        """
        Return the answer of a function that changes something.

        Raises:
            Unavailable: Nothing happened.

            OutcomeUnknown: It may have happened.

            Refused: The network says no.

        """
        return self._call(function, fields, reading=False)

    def _call(self, function: Function, fields: Sent, *, reading: bool) -> Answer:
        key = self._logged_in(None)
        answer, code = self._asked(function, {"authKey": key, **fields}, reading=reading)
        if code == NOT_LOGGED_IN:
            # What the network does not let in it does not do: asking once more under a new login is safe.
            answer, code = self._asked(function, {"authKey": self._logged_in(key), **fields}, reading=reading)
        if code in RETRYABLE:
            raise Unavailable(System.SIM_NETWORK, code)
        if code:
            raise Refused(System.SIM_NETWORK, code)
        return answer

    def _logged_in(self, stale: str | None) -> str:
        """Return the key of a login other than *stale*; one thread logs in. Raises Unavailable, Refused."""
        with self._login:
            now = self._clock.now()
            if self._key is not None and self._key[0] != stale and now < self._key[1]:
                return self._key[0]
            credential = {"oemId": self.settings.oem_id, "oemKey": self.settings.oem_key}
            answer, code = self._asked(Function.LOGIN, credential, reading=True)
            key = answer.get("authKey")
            if code or not isinstance(key, str) or not key:
                self._key = None
                raise Refused(System.SIM_NETWORK, code or NOT_LOGGED_IN)
            self._key = (key, now + self.settings.key_age)
            return key

    def _asked(self, function: Function, fields: Sent, *, reading: bool) -> tuple[Answer, str]:
        """Return the network's answer and our code of its refusal, empty when there is none."""
        status, body = self._send(self.settings.paths[function], fields, reading=reading)
        answer = _object(body)
        if answer is None or "resultCode" not in answer:
            raise _unreadable(status, reading=reading)
        if str(answer["resultCode"]) == DONE:
            return answer, ""
        said = answer.get("status")
        detail = str(said.get("statusCode", "")) if _is_object(said) else ""
        return answer, code_of(detail or str(answer["resultCode"]), self.settings.codes)

    def _send(self, path: str, fields: Sent, *, reading: bool) -> tuple[int, bytes]:
        failure: PortError
        form = {"json": json.dumps(fields, ensure_ascii=False)}
        try:
            response = self._client.post(path, data=form)
        except _NOT_SENT as error:
            failure = Unavailable(System.SIM_NETWORK, type(error).__name__)
        except (httpx.HTTPError, httpx.StreamError) as error:
            kind = Unavailable if reading else OutcomeUnknown
            failure = kind(System.SIM_NETWORK, type(error).__name__)
        else:
            return response.status_code, response.content
        # Outside of the handler: the exception of the network has the request in it, and the customer's data.
        raise failure


def _unreadable(status: int, *, reading: bool) -> PortError:
    """Return what an answer means that is not the network's own: a page of a proxy, of maintenance."""
    reason = f"HTTP_{status}"
    if reading or status in _NOT_REACHED:
        return Unavailable(System.SIM_NETWORK, reason)
    return OutcomeUnknown(System.SIM_NETWORK, reason)


def _object(body: bytes) -> Answer | None:
    try:
        answer: object = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return answer if _is_object(answer) else None


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def _authorities(settings: FreebitSettings) -> ssl.SSLContext | bool:
    return True if settings.ca_file is None else ssl.create_default_context(cafile=str(settings.ca_file))
