"""Giving up on a client that does not take what it asked for: its connection would be held for ever."""

from __future__ import annotations

import asyncio
import logging
import types

from collections.abc import Generator
from functools import partial
from typing import Any, Final

from litestar.types import Message, Send

from ordering_entrypoints.http.redaction import log_event


_LOG: Final = logging.getLogger(__name__)


class Watch:
    """
    Sends, and notices when that takes too long; then what the task does ends.

    Hardly a message has to wait: the server takes it and writes it later. So it is watched only if it waits.
    """

    __slots__ = ("_broke_off", "_cancelled_before", "_is_lost", "_is_over", "_seconds", "_send", "_task")

    def __init__(self, send: Send, seconds: float) -> None:
        """Lose patience when *send* takes *seconds* for one message."""
        self._send = send
        self._seconds = seconds
        self._task: asyncio.Task[Any] | None = None
        self._cancelled_before = 0
        self._broke_off = False
        self._is_lost = False
        self._is_over = False

    async def send(self, message: Message) -> None:
        """Send *message*, however long it takes."""
        sending = self._send(message).__await__()
        try:
            waits_for = next(sending)
        except StopIteration:
            return
        self.guard_this_task()
        alarm = asyncio.get_running_loop().call_later(self._seconds, self._lose)
        try:
            await _rest(sending, waits_for)
        finally:
            alarm.cancel()

    def guard_this_task(self) -> None:
        """Let the present task be the one that ends; `send` sees to it when it has to."""
        if self._task is None:
            self._task = asyncio.current_task()
            self._cancelled_before = self._task.cancelling() if self._task else 0

    def break_off(self, _why: object = None) -> None:
        """End the guarded task's work now, unless all is over."""
        if self._task is not None and not self._broke_off and not self._is_over:
            self._broke_off = True
            self._task.cancel()

    def ended_it(self) -> bool:
        """Return whether it was this that cancelled the task, and nobody else; call it once, when it was."""
        if self._task is None or not self._broke_off:
            return False
        return self._task.uncancel() <= self._cancelled_before

    def end(self) -> None:
        """Break nothing off any more; tell of a client that was."""
        self._is_over = True
        if self._is_lost:
            log_event(_LOG, logging.INFO, "a client that takes nothing was let go", {})

    def _lose(self) -> None:
        self._is_lost = not self._broke_off
        self.break_off()


@types.coroutine
def _rest(sending: Generator[Any, Any, None], waits_for: object) -> Generator[object, object, None]:
    """Go on with *sending*, which was begun and waits for *waits_for*, as ``await`` would."""
    while True:
        try:
            answer = yield waits_for
        except BaseException as error:  # noqa: BLE001 - whatever is thrown is for what was begun
            go_on = partial(sending.throw, error)
        else:
            go_on = partial(sending.send, answer)
        try:
            waits_for = go_on()
        except StopIteration:
            return
