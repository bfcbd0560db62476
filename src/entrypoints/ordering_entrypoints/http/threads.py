"""
Threads for what would make the event loop wait: everything that asks a database or another system.

Every request goes through one. An executor of the standard library hands a result over through two futures
and several locks; here it is one lock on each side. Threads that all want the processor only take it from
each other, so few are used at once. What still waits while the processor is idle, or for long, gets one more:
those that are used wait for something outside then.
"""

from __future__ import annotations

import asyncio
import atexit

from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import Context, copy_context
from functools import partial, wraps
from threading import Condition, Lock, Thread
from time import process_time
from typing import Final, ParamSpec, TypeAlias, TypeVar


_P = ParamSpec("_P")
_T = TypeVar("_T")

THREADS: Final = 40
"""Requests that are worked on at a time: each may wait for outside systems, and waiting costs little."""

AT_ONCE: Final = 4
"""Threads that are used at once; more only for what would have to wait."""

SOON: Final = 0.01
"""Seconds after which it is looked whether what waits had better be begun."""

LOOKS: Final = 5
"""The look at which it is begun in any case: nothing waits for long because others do, outside."""

IDLE: Final = 0.5
"""Of a processor: as long as a process uses less, its threads wait for something outside."""

_Errand: TypeAlias = Callable[[], None]
"""Does something and tells who waits for it; raises nothing."""


class _Worker:
    """One thread; it waits until it is given something to do."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._errand: _Errand | None = None
        self._called = Lock()
        self._called.acquire()

    def give(self, errand: _Errand) -> None:
        """Have it do *errand*, while it is idle."""
        self._errand = errand
        self._called.release()

    def work(self) -> None:
        """Do one thing after another."""
        while True:
            self._called.acquire()
            errand, self._errand = self._errand, None
            while errand is not None:
                errand()
                errand = self._threads.next_for(self)


class Threads:
    """
    Threads that are begun when they are first needed; any number of event loops may use them.

    *at_once* of them are used at once, and never more than *most*.
    """

    def __init__(self, most: int, *, at_once: int, used: Callable[[], float] = process_time) -> None:
        """Begin none yet; *used* tells the seconds that this process has used of a processor."""
        self._most = most
        self._at_once = at_once
        self._used = used
        self._begun = 0
        self._idle: list[_Worker] = []
        self._waiting: deque[tuple[int, _Errand]] = deque()
        """Each with the looks that there had been when it came."""
        self._looks = 0
        self._looker: asyncio.AbstractEventLoop | None = None
        self._lock = Lock()
        self._all_idle = Condition(self._lock)
        self._is_ending = False

    async def run(self, act: Callable[[], _T]) -> _T:
        """Return what *act* returns, or raise what it raises; it goes on if nobody waits for it any more."""
        loop = asyncio.get_running_loop()
        awaited: asyncio.Future[_T] = loop.create_future()
        errand = partial(_do, act, copy_context(), loop, awaited)
        with self._lock:
            worker = self._worker(self._at_once)
            looks = worker is None and (self._looker is None or self._looker.is_closed())
            if worker is None:
                self._waiting.append((self._looks, errand))
            if looks:
                self._looker = loop
        if worker is not None:
            worker.give(errand)
        elif looks:
            loop.call_later(SOON, self._look, loop, self._used())
        return await awaited

    def finish(self) -> None:
        """Wait until nothing is being done, as a process does before it ends."""
        with self._lock:
            self._is_ending = True
            self._all_idle.wait_for(lambda: len(self._idle) == self._begun)
            self._is_ending = False

    def next_for(self, worker: _Worker) -> _Errand | None:
        """Return what *worker* is to do next; None lets it wait."""
        with self._lock:
            if self._waiting and self._begun - len(self._idle) <= self._at_once:
                return self._waiting.popleft()[1]
            self._idle.append(worker)
            if self._is_ending:
                self._all_idle.notify_all()
            return None

    def _look(self, loop: asyncio.AbstractEventLoop, used: float) -> None:
        """Have what still waits done by more threads, if that helps; look again while something waits."""
        begun: list[tuple[_Worker, _Errand]] = []
        with self._lock:
            self._looks += 1
            now_used = self._used()
            enough = 1 if now_used - used < IDLE * SOON else LOOKS
            while self._waiting and self._looks - self._waiting[0][0] >= enough:
                worker = self._worker(self._most)
                if worker is None:
                    break
                begun.append((worker, self._waiting.popleft()[1]))
            if not self._waiting:
                self._looker = None
            else:
                loop.call_later(SOON, self._look, loop, now_used)
        for worker, errand in begun:
            worker.give(errand)

    def _worker(self, most: int) -> _Worker | None:
        """Return somebody idle, or new, as long as fewer than *most* are busy; hold the lock for it."""
        if self._begun - len(self._idle) >= most:
            return None
        if self._idle:
            return self._idle.pop()  # who was busy last, and is still warm
        worker = _Worker(self)
        try:
            Thread(target=worker.work, name=f"request-{self._begun}", daemon=True).start()
        except RuntimeError:  # the system has no more: what is to be done waits
            return None
        self._begun += 1
        return worker


_THREADS: Final = Threads(THREADS, at_once=AT_ONCE)
"""Those of this process."""


def in_thread(act: Callable[_P, _T]) -> Callable[_P, Coroutine[None, None, _T]]:
    """Return *act*, which may wait, as something that is awaited: each call is made in a thread."""

    @wraps(act)
    async def threaded(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        return await _THREADS.run(partial(act, *args, **kwargs))

    return threaded


@atexit.register
def finish_threads() -> None:
    """Wait until no request is worked on any more; what it asks for outside has its time-outs."""
    _THREADS.finish()


def _do(
    act: Callable[[], _T], context: Context, loop: asyncio.AbstractEventLoop, awaited: asyncio.Future[_T]
) -> None:
    """Do *act* and let *awaited* know, if its *loop* still runs."""
    tell: Callable[[], None]
    try:
        tell = partial(_succeed, awaited, context.run(act))
    except BaseException as error:  # noqa: BLE001 - it is for whoever wants it done
        tell = partial(_fail, awaited, error)
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(tell)


def _succeed(awaited: asyncio.Future[_T], result: _T) -> None:
    if not awaited.done():
        awaited.set_result(result)


def _fail(awaited: asyncio.Future[_T], error: BaseException) -> None:
    if not awaited.done():
        # asyncio takes every exception but this one, which would end whoever waits
        awaited.set_exception(RuntimeError(repr(error)) if isinstance(error, StopIteration) else error)
