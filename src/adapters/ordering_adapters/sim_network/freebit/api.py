"""
The way to the network: one form field ``json`` a call, inside it the key of a login.

Every function asks under one login, which one thread renews while the others wait. What is sent and what
comes back never leaves this module but as an answer: both are full of personal data.
"""

from __future__ import annotations

import json
import time

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import Final, TypeAlias

from ordering_adapters.sim_network.connection import (
    Answer,
    Connection,
    Observe,
    answer_in,
    is_object,
    tls_context,
    unobserved,
    unreadable,
)
from ordering_adapters.sim_network.freebit.codes import DONE, NOT_LOGGED_IN, RETRYABLE, code_of
from ordering_adapters.sim_network.freebit.settings import FreebitSettings, Function
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Refused, Unavailable
from ordering_core.ports.clock import Clock


Sent: TypeAlias = Mapping[str, "str | Mapping[str, str]"]
"""The fields of a request."""

_BROKEN: Final = 500
"""From this status on the server failed over the request, whatever its body says."""


class FreebitApi:
    """One partner's access to the network, shared by every thread."""

    def __init__(self, settings: FreebitSettings, clock: Clock, *, observe: Observe = unobserved) -> None:
        """Nothing is sent before the first call; *observe* is told of each."""
        self.settings = settings
        self._clock = clock
        self._observe = observe
        self._login = Lock()
        self._key: tuple[str, datetime] | None = None
        self.connection = Connection(
            settings.base,
            timeout=settings.timeout,
            connect_timeout=settings.connect_timeout,
            concurrency=settings.concurrency,
            tls=tls_context(settings.ca_file),
        )

    def close(self) -> None:
        """Let go of the connections."""
        self.connection.close()

    def log_in(self) -> None:
        """
        Log in, as every call does first, and do nothing more.

        Raises:
            Unavailable: It cannot be asked now.

            Refused: The network does not let us in.

        """
        self._logged_in(None, self.connection.deadline())

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
        # One deadline for all of it: a request must not leave after others were told that it cannot any more.
        until = self.connection.deadline()
        key = self._logged_in(None, until)
        answer, code = self._asked(function, {"authKey": key, **fields}, until, reading=reading)
        if code == NOT_LOGGED_IN:
            # What the network does not let in it does not do: asking once more under a new login is safe.
            key = self._logged_in(key, until)
            answer, code = self._asked(function, {"authKey": key, **fields}, until, reading=reading)
        if code in RETRYABLE:
            raise Unavailable(System.SIM_NETWORK, code)
        if code:
            raise Refused(System.SIM_NETWORK, code)
        return answer

    def _logged_in(self, stale: str | None, until: float) -> str:
        """Return the key of a login other than *stale*; one thread logs in. Raises Unavailable, Refused."""
        with self._my_turn(until):
            now = self._clock.now()
            if self._key is not None and self._key[0] != stale and now < self._key[1]:
                return self._key[0]
            self._key = None
            credential = {"oemId": self.settings.oem_id, "oemKey": self.settings.oem_key}
            answer, code = self._asked(Function.LOGIN, credential, until, reading=True)
            key = answer.get("authKey")
            if code or not isinstance(key, str) or not key:
                raise Refused(System.SIM_NETWORK, code or NOT_LOGGED_IN)
            self._key = (key, now + self.settings.key_age)
            return key

    @contextmanager
    def _my_turn(self, until: float) -> Generator[None]:
        if not self._login.acquire(timeout=max(0.0, until - time.monotonic())):
            raise Unavailable(System.SIM_NETWORK, "LOGIN_TAKES_TOO_LONG")
        try:
            yield
        finally:
            self._login.release()

    def _asked(self, function: Function, fields: Sent, until: float, *, reading: bool) -> tuple[Answer, str]:
        """Return the network's answer and our code of its refusal, empty when there is none."""
        began = time.monotonic()
        failed: type[BaseException] | None = None
        try:
            answer, code = self._answer(function, fields, until, reading=reading)
            failed = (Unavailable if code in RETRYABLE else Refused) if code else None
        except BaseException as error:
            failed = type(error)
            raise
        else:
            return answer, code
        finally:
            self._observe(function.value, failed, time.monotonic() - began)

    def _answer(self, function: Function, fields: Sent, until: float, *, reading: bool) -> tuple[Answer, str]:
        form = {"json": json.dumps(fields, ensure_ascii=False)}
        status, body = self.connection.form(self.settings.paths[function], form, until=until, reading=reading)
        answer = answer_in(body)
        if answer is None or "resultCode" not in answer:
            raise unreadable(status, reading=reading)
        if str(answer["resultCode"]) == DONE:
            return answer, ""
        if status >= _BROKEN:
            raise unreadable(status, reading=reading)  # it broke over the request: that is no answer to it
        said = answer.get("status")
        detail = str(said.get("statusCode", "")) if is_object(said) else ""
        return answer, code_of(detail or str(answer["resultCode"]), self.settings.codes)
