"""What was asked of a stand-in: every call with its size, and sums per path."""

from __future__ import annotations

import re

from collections import deque
from threading import Lock
from typing import Final

import attrs

from ordering_sandbox.json_values import Json


_KEPT: Final = 10_000
"""Calls kept one by one; sums are over all."""


@attrs.frozen(kw_only=True)
class Call:
    """One call; *path* is without its query, which may hold customers' data; *status* 0: no answer left."""

    method: str
    path: str
    status: int
    bytes_in: int
    bytes_out: int


@attrs.define
class _Sum:
    count: int = 0
    bytes_in: int = 0
    bytes_out: int = 0


class CallLog:
    """Counts calls; what a call's path has in common with others is told by *template*."""

    def __init__(self, template: re.Pattern[str]) -> None:
        """Sum up calls whose paths differ only where *template* matches."""
        self._template = template
        self._lock = Lock()
        self._calls: deque[Call] = deque(maxlen=_KEPT)
        self._sums: dict[tuple[str, str], _Sum] = {}

    def add(self, call: Call) -> None:
        """Count one call."""
        key = (call.method, self._template.sub("{}", call.path))
        with self._lock:
            self._calls.append(call)
            total = self._sums.setdefault(key, _Sum())
            total.count += 1
            total.bytes_in += call.bytes_in
            total.bytes_out += call.bytes_out

    def clear(self) -> None:
        """Begin to count again."""
        with self._lock:
            self._calls.clear()
            self._sums.clear()

    def render(self) -> Json:
        """Return sums per method and path, and the last calls one by one."""
        with self._lock:
            return {
                "total": sum(total.count for total in self._sums.values()),
                "bytes_in": sum(total.bytes_in for total in self._sums.values()),
                "bytes_out": sum(total.bytes_out for total in self._sums.values()),
                "by_path": [
                    {"method": method, "path": path, **attrs.asdict(total)}
                    for (method, path), total in sorted(self._sums.items())
                ],
                "calls": [attrs.asdict(call) for call in self._calls],
            }
