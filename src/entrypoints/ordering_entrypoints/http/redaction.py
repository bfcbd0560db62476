"""
The one place where something becomes a log line (DESIGN 2: personal data never reaches a log).

Both rules say what may pass, not what may not. Our own events name fields from a short list, beside the
wording or for it to hold (``"%(kind)s failed", {"kind": kind}``). Of everybody else's records only a wording
that stands in their source code passes, never the values put into it, before it was logged or after, nor what
an exception said.
"""

from __future__ import annotations

import ast
import logging
import re
import tokenize
import traceback

from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar
from functools import cache
from hashlib import sha256
from types import TracebackType
from typing import Final, TypeAlias


Loggable: TypeAlias = str | int | float | None
"""What a field of a log line may hold."""

FIELDS: Final = frozenset(
    {
        "codes",
        "cursor",
        "duration_ms",
        "duty",
        "error",
        "frames",
        "kind",
        "method",
        "operation",
        "outcome",
        "principal",
        "problem",
        "reason",
        "request_id",
        "route",
        "run",
        "status",
        "subject",
        "system",
        "topic",
    }
)
"""The fields of our own events. Before adding one, think of the worst that it may ever hold."""

REQUEST_ID: Final = ContextVar[str]("request_id", default="")
"""The id of the request that this thread or task works on; empty outside of requests."""

RUN: Final = ContextVar[str]("run", default="")
"""The id of the run that this thread works on, ours and random; empty outside of runs."""

SUBJECT: Final = ContextVar[str]("subject", default="")
"""What that run is about, as `subject_in_logs` has it."""

REQUEST_ID_HEADER: Final = "X-Request-Id"
"""Where the id stands in requests and in answers."""

LONGEST_TEXT: Final = 500
"""Characters of one text in a log line."""

HIDDEN: Final = "[hidden]"

_LOOKS_PERSONAL: Final = re.compile(
    r"[^\x00-\x7f]+"  # Japanese names and addresses
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # e-mail addresses
    r"|\beyJ[\w.-]+|\bosk_[\w-]+"  # tokens and service keys
    r"|\bLPA:\S+"  # activation codes
    r"|\+?\d(?:[ -]?\d){6,}",  # numbers of phones, devices, cards, reservations; days of birth
    re.ASCII,
)


_OURS: Final = frozenset({"ordering_adapters", "ordering_entrypoints"})
"""The packages whose records may name fields."""

_IDS: Final = frozenset({"request_id", "run"})
"""Fields that hold ids of ours, or ids of a caller's that were checked."""

_DIGITS: Final = 12
_ORDER: Final = re.compile(r"801[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?")
_SUBJECT: Final = re.compile(rf"{_ORDER.pattern}|[0-9a-f]{{{_DIGITS}}}")


class Redacted(dict[str, Loggable]):
    """Fields that went through the redaction; what writes them need not ask again."""


def log_event(logger: logging.Logger, level: int, event: str, fields: Mapping[str, Loggable]) -> None:
    """Log *event*, a fixed wording, with those of *fields* that may be logged."""
    if not logger.isEnabledFor(level):
        return
    known = {name: value for name, value in fields.items() if value is not None}
    logger.log(level, event, extra={"fields": redacted(_circumstances() | known)}, stacklevel=2)


def redacted(fields: Mapping[str, Loggable]) -> Redacted:
    """Return those of *fields* that may be logged, hiding whatever looks personal in their texts."""
    return Redacted({name: _masked(name, value) for name, value in fields.items() if name in FIELDS})


def frames_of(trace: TracebackType | None) -> str:
    """Return where an exception passed, the innermost call first, without anything that it said."""
    return " < ".join(
        f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno} {frame.name}"
        for frame in reversed(traceback.extract_tb(trace))
    )


def subject_in_logs(key: str) -> str:
    """Return what logs call the subject *key*: an order by its id, anything else by a digest of its key."""
    return key if _ORDER.fullmatch(key) else sha256(key.encode()).hexdigest()[:_DIGITS]


def event_of(record: logging.LogRecord) -> str:
    """
    Return what *record* says happened, if that wording stands in the source code that logged it.

    A text that was put together before it was logged may hold anything; where it was logged is told instead.
    """
    wording = str(record.msg)
    if isinstance(record.msg, str) and wording in _wordings(record.pathname):
        return _LOOKS_PERSONAL.sub(HIDDEN, wording)[:LONGEST_TEXT]
    return f"{HIDDEN} {'/'.join(record.pathname.split('/')[-2:])}:{record.lineno}"


def fields_of(record: logging.LogRecord) -> dict[str, Loggable]:
    """Return the fields of *record*: those it was given and may have, and the way of its exception."""
    given: Mapping[str, Loggable] | None = getattr(record, "fields", None)
    if isinstance(given, Redacted) and not record.args and not record.exc_info:
        return given
    fields = dict(given) if isinstance(given, Mapping) else {}
    if isinstance(record.args, Mapping) and record.name.partition(".")[0] in _OURS:
        fields |= {name: value for name, value in record.args.items() if isinstance(value, Loggable)}
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        fields |= {"error": type(error).__name__, "frames": frames_of(error.__traceback__)}
    return redacted(_circumstances() | fields)


def _circumstances() -> dict[str, Loggable]:
    """Return whose work this thread does now."""
    if not RUN.get():
        return {"request_id": REQUEST_ID.get()}
    return {"request_id": REQUEST_ID.get(), "run": RUN.get(), "subject": SUBJECT.get()}


@cache
def _wordings(file: str) -> frozenset[str]:
    """Return every text that stands in the source code *file*, none when there is none to read."""
    with suppress(OSError, SyntaxError, ValueError), tokenize.open(file) as source:
        tree = ast.parse(source.read())
        parts = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        return frozenset(
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts
        )
    return frozenset()


def _masked(name: str, value: Loggable) -> Loggable:
    """Return *value* of the field *name*, hiding what looks personal; ids are ours and look like numbers."""
    if not isinstance(value, str) or name in _IDS:
        return value
    if name == "subject":
        return value if _SUBJECT.fullmatch(value) else HIDDEN
    return _LOOKS_PERSONAL.sub(HIDDEN, value)[:LONGEST_TEXT]
