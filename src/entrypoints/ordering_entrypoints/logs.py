"""
How a process of ours writes its log: one line an event to standard error, through the one redaction.

Whatever was set up before, by a server for its own loggers, is undone, and what Python itself would write
about an exception nobody caught comes this way too: there is one way out.
"""

from __future__ import annotations

import json
import logging
import sys
import threading

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType, TracebackType
from typing import Final

import attrs

from ordering_entrypoints.http.redaction import Loggable, event_of, fields_of


class LogFormat(StrEnum):
    """What a line of the log looks like."""

    JSON = "json"
    """One JSON object, for machines."""

    TEXT = "text"
    """The same for somebody at a terminal."""


class LogLevel(StrEnum):
    """The least that is logged."""

    INFO = "info"
    DEBUG = "debug"
    WARNING = "warning"


@attrs.frozen(kw_only=True)
class LogVariables:
    """What a process is told of its log (``ORDERING_LOG_…``)."""

    format: LogFormat = LogFormat.JSON
    level: LogLevel = LogLevel.INFO


_TALKATIVE: Final = ("alembic", "asyncio", "dbos", "grpc", "httpcore", "httpx", "sqlalchemy", "urllib3")
"""Libraries that tell of each of their steps; what went wrong there is enough."""

_LEVELS: Final[Mapping[LogLevel, int]] = MappingProxyType(
    {LogLevel.DEBUG: logging.DEBUG, LogLevel.INFO: logging.INFO, LogLevel.WARNING: logging.WARNING}
)

_DEFAULT: Final = LogVariables()

_log: Final = logging.getLogger(__name__)


class RedactingFormatter(logging.Formatter):
    """Writes one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write *record* without what must not be logged."""
        return json.dumps(_line(record))


class TextFormatter(logging.Formatter):
    """Writes the same for a person: the time, the level, what happened, and its fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Write *record* without what must not be logged."""
        line = _line(record)
        at, level, event = (line.pop(name) for name in ("at", "level", "event"))
        rest = " ".join(f"{name}={value}" for name, value in line.items() if value != "")
        return " ".join(f"{str(at)[11:23]} {level:<7} {event}  {rest}".splitlines())


def configure_logging(chosen: LogVariables = _DEFAULT) -> None:
    """Send every record of this process, redacted, to standard error; for servers of ours, not for hosts."""
    handler = logging.StreamHandler()
    handler.setFormatter(TextFormatter() if chosen.format is LogFormat.TEXT else RedactingFormatter())
    logging.basicConfig(level=_LEVELS[chosen.level], handlers=[handler], force=True)
    for name in logging.root.manager.loggerDict:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    # what no line of ours says is not found out for each of them
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    sys.excepthook = _uncaught
    sys.unraisablehook = _unraisable
    threading.excepthook = _uncaught_in_thread


def _line(record: logging.LogRecord) -> dict[str, Loggable]:
    return {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "event": event_of(record),
        **fields_of(record),
    }


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    _log.critical("an exception ended the process", exc_info=(kind, error, trace))


def _uncaught_in_thread(caught: threading.ExceptHookArgs) -> None:
    if caught.exc_value is not None:
        _log.error(
            "an exception ended a thread", exc_info=(caught.exc_type, caught.exc_value, caught.exc_traceback)
        )


def _unraisable(caught: sys.UnraisableHookArgs) -> None:
    if caught.exc_value is not None:
        _log.error(
            "an exception had nowhere to go",
            exc_info=(caught.exc_type, caught.exc_value, caught.exc_traceback),
        )
