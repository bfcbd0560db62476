"""
The one place where something becomes a log line (DESIGN 2: personal data never reaches a log).

Both rules say what may pass, not what may not. Our own events name fields from a short list. Of everybody
else's records only the wording in their source code passes, never the values put into it, nor what an
exception said.
"""

from __future__ import annotations

import json
import logging
import re
import traceback

from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, TypeAlias


Loggable: TypeAlias = str | int | float | None
"""What a field of a log line may hold."""

FIELDS: Final = frozenset(
    {
        "codes",
        "duration_ms",
        "error",
        "frames",
        "method",
        "principal",
        "problem",
        "request_id",
        "route",
        "status",
        "system",
    }
)
"""The fields of our own events. Before adding one, think of the worst that it may ever hold."""

REQUEST_ID: Final = ContextVar[str]("request_id", default="")
"""The id of the request that this thread or task works on; empty outside of requests."""

REQUEST_ID_HEADER: Final = "X-Request-Id"
"""Where the id stands in requests and in answers."""

LONGEST_TEXT: Final = 500
"""Characters of one text in a log line."""

HIDDEN: Final = "[hidden]"

_LOOKS_PERSONAL: Final = re.compile(
    r"[^\x00-\x7f]+"  # Japanese names and addresses
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # e-mail addresses
    r"|\beyJ[\w.-]+|\bosk_[\w-]+"  # tokens and service keys
    r"|\+?\d(?:[ -]?\d){6,}",  # numbers of phones, devices, cards, reservations; days of birth
    re.ASCII,
)


def log_event(logger: logging.Logger, level: int, event: str, fields: Mapping[str, Loggable]) -> None:
    """Log *event*, a fixed wording, with those of *fields* that may be logged."""
    known = {name: value for name, value in fields.items() if value is not None}
    logger.log(level, event, extra={"fields": redacted({"request_id": REQUEST_ID.get(), **known})})


def redacted(fields: Mapping[str, Loggable]) -> dict[str, Loggable]:
    """Return those of *fields* that may be logged, hiding whatever looks personal in their texts."""
    return {
        name: value if name == "request_id" else _masked(value)
        for name, value in fields.items()
        if name in FIELDS
    }


def frames_of(trace: TracebackType | None) -> str:
    """Return where an exception passed, the innermost call first, without anything that it said."""
    return " < ".join(
        f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno} {frame.name}"
        for frame in reversed(traceback.extract_tb(trace))
    )


class RedactingFormatter(logging.Formatter):
    """Writes one JSON object a line; the only formatter that a process of ours gives to its handlers."""

    def format(self, record: logging.LogRecord) -> str:
        """Write *record*, a foreign one without its values."""
        fields: object = getattr(record, "fields", None)
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": _masked(str(record.msg)),
        }
        line |= fields if isinstance(fields, dict) else _foreign(record)
        return json.dumps(line)


def configure_logging(level: int = logging.INFO) -> None:
    """
    Send every record of this process, redacted, to standard error; for servers of ours, not for hosts.

    Whatever was set up before, by a server for its own loggers, is undone: there is one way out.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in logging.root.manager.loggerDict:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


def _foreign(record: logging.LogRecord) -> dict[str, Loggable]:
    error = record.exc_info[1] if record.exc_info else None
    return redacted(
        {"request_id": REQUEST_ID.get()}
        | ({"error": type(error).__name__, "frames": frames_of(error.__traceback__)} if error else {})
    )


def _masked(value: Loggable) -> Loggable:
    return _LOOKS_PERSONAL.sub(HIDDEN, value)[:LONGEST_TEXT] if isinstance(value, str) else value
