"""
The way to an SM-DP+: a function a call, JSON both ways, over TLS that may ask who we are.

A functional failure is an answer of status 200. The identifier of a call is for people who compare logs: the
specification does not promise that a repeated one is done once.
"""

from __future__ import annotations

import secrets
import time

from collections.abc import Mapping
from typing import Final

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
from ordering_adapters.sim_network.es2plus.codes import RETRYABLE, Function, code_of
from ordering_adapters.sim_network.es2plus.settings import Es2PlusSettings
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Refused, Unavailable


_DONE: Final = frozenset({"Executed-Success", "Executed-WithWarning"})
_FAILED: Final = frozenset({"Failed", "Expired"})


class Es2PlusApi:
    """One operator's access, shared by every thread."""

    def __init__(self, settings: Es2PlusSettings, *, observe: Observe = unobserved) -> None:
        """
        Nothing is sent before the first call; *observe* is told of each.

        Raises:
            OSError: A certificate or a key cannot be read.

        """
        self.settings = settings
        self._observe = observe
        self.connection = Connection(
            settings.base,
            timeout=settings.timeout,
            connect_timeout=settings.connect_timeout,
            concurrency=settings.concurrency,
            tls=tls_context(
                settings.ca_file, certificate_file=settings.certificate_file, key_file=settings.key_file
            ),
        )

    def close(self) -> None:
        """Let go of the connections."""
        self.connection.close()

    def call(self, function: Function, fields: Mapping[str, object], /, *, until: float) -> Answer:
        """
        Return the answer of *function*.

        Raises:
            Unavailable: Nothing happened.

            OutcomeUnknown: It may have happened.

            Refused: The SM-DP+ says no, under one of `Code`, or its own two numbers.

        """
        began, failed = time.monotonic(), None
        try:
            return self._answer(function, fields, until)
        except BaseException as error:
            failed = type(error)
            raise
        finally:
            self._observe(function.value, failed, time.monotonic() - began)

    def _answer(self, function: Function, fields: Mapping[str, object], until: float) -> Answer:
        header = {
            "functionRequesterIdentifier": self.settings.requester,
            "functionCallIdentifier": secrets.token_hex(16),
        }
        headers = {
            "Content-Type": "application/json",
            "X-Admin-Protocol": f"gsma/rsp/v{self.settings.version}",
        }
        status, body = self.connection.json(
            function.value, {"header": header, **fields}, headers, until=until
        )
        answer = answer_in(body)
        executed = _inner(_inner(answer or {}, "header"), "functionExecutionStatus")
        said = executed.get("status")
        if answer is not None and said in _DONE:
            return answer
        if said not in _FAILED:
            raise unreadable(status, reading=False)
        detail = _inner(executed, "statusCodeData")
        subject, reason = str(detail.get("subjectCode", "")), str(detail.get("reasonCode", ""))
        code = code_of(function, subject, reason)
        if said == "Expired" or reason in RETRYABLE:
            raise Unavailable(System.SIM_NETWORK, code)
        raise Refused(System.SIM_NETWORK, code)


def _inner(answer: Answer, name: str) -> Answer:
    value = answer.get(name)
    return value if is_object(value) else {}
