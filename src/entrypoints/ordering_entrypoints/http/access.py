"""One id and one log line for every request."""

from __future__ import annotations

import logging
import os
import re

from collections.abc import Mapping
from random import Random
from typing import Final
from uuid import UUID

from litestar.types import HTTPResponseStartEvent, HTTPScope

from ordering_entrypoints.http.principals import Principal
from ordering_entrypoints.http.redaction import REQUEST_ID, REQUEST_ID_HEADER, log_event


_LOG: Final = logging.getLogger(__name__)

_HEADER: Final = REQUEST_ID_HEADER.lower().encode()

# Any other text could be somebody's phone number, and it would be logged.
_UUID: Final = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

# A name that nobody can guess would cost each request a call of the system; this one tells of nothing.
_CHANCE: Final = Random()  # noqa: S311
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_CHANCE.seed)


def new_request_id() -> str:
    """Return a new id, a random UUID; it is in logs and answers, and opens nothing."""
    return str(UUID(int=_CHANCE.getrandbits(128), version=4))


def named(scope: HTTPScope) -> bytes:
    """Give the request of *scope* an id, its caller's own if that is a UUID, else a new one; return it."""
    given = next((value for name, value in scope["headers"] if name == _HEADER), b"")
    request_id = given.decode() if _UUID.fullmatch(given) else new_request_id()
    REQUEST_ID.set(request_id)
    return request_id.encode()


def label(start: HTTPResponseStartEvent, request_id: bytes) -> None:
    """Have the answer that begins with *start* say *request_id*."""
    others = [header for header in start["headers"] if header[0] != _HEADER]
    start["headers"] = [*others, (_HEADER, request_id)]


def log_request(scope: HTTPScope, status: int, seconds: float) -> None:
    """
    Write the line of a request that was answered.

    It has the route's pattern and not the path: whoever knows the id of an anonymous checkout session may
    change it, so it is not for logs.
    """
    log_event(
        _LOG,
        logging.INFO,
        "request answered",
        {
            "method": scope["method"],
            "route": scope["path_template"],
            "principal": _kind_of_principal(scope),
            "status": status,
            "duration_ms": round(seconds * 1000, 1),
        },
    )


def _kind_of_principal(scope: Mapping[str, object]) -> str | None:
    who = scope.get("user")  # none when it was answered before the gate
    return who.kind if isinstance(who, Principal) else None
