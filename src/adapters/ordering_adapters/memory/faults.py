"""
Switches that make the in-memory adapters misbehave as real systems do: down, refusing, losing a reply, late.

Every adapter passes each of its operations through `MemoryFaults.call`, under the name ``port.method``. No
lock of an adapter may be held around that call: hooks run inside it and may call any adapter again, from any
thread. The adapter takes its lock inside *work*.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from threading import Lock, local
from types import MappingProxyType
from typing import Final, TypeVar

import attrs

from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict, OutcomeUnknown, PortError, Refused, Unavailable
from ordering_core.ports.clock import Clock


T = TypeVar("T")

SYSTEMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "catalogue": System.SALESFORCE,
        "customers": System.SALESFORCE,
        "orders": System.SALESFORCE,
        "opportunities": System.SALESFORCE,
        "cases": System.SALESFORCE,
        "files": System.SALESFORCE,
        "inventory": System.SALESFORCE,
        "billing": System.WHMCS,
        "lines": System.SIM_NETWORK,
        "profiles": System.SIM_NETWORK,
        "notifications": System.MAIL,
        "store": System.STORE,
    }
)
"""The system that stands behind each port, as errors name it."""

SLOW_FOR: Final = timedelta(seconds=20)
"""How late the work of a slow call is done: within the journal's settle time (DESIGN 6, Single flight)."""

FAULTS: Final = frozenset({"down", "refuse", "lose_reply", "slow"})
MOMENTS: Final = frozenset({"before", "after"})


@attrs.frozen
class _Planned:
    fault: str
    code: str


@attrs.frozen
class _Call:
    """One call on its way, with the fault and the hooks that are its own."""

    system: str
    fault: str
    code: str
    after: list[Callable[[], None]]

    def end(self) -> None:
        """Run the hooks after the work, and lose the reply if so planned."""
        for action in self.after:
            action()
        if self.fault:
            raise OutcomeUnknown(self.system, "the reply was lost")


@attrs.frozen
class _Late:
    due: datetime
    work: Callable[[], object]


class _Inside(local):
    """Whether this thread is inside a transaction of the store."""

    transaction = False


class MemoryFaults:
    """
    Fault switches, hooks and call counters of all in-memory adapters of one world.

    Fits `ordering_core.testing.faults.Faults`, whose words (`down`, `before`...) it takes as texts.
    """

    def __init__(self, clock: Clock, *, slow_for: timedelta = SLOW_FOR) -> None:
        """Let the work of a slow call happen once *clock* has passed *slow_for*."""
        self._clock = clock
        self._slow_for = slow_for
        self._lock = Lock()
        self._planned: defaultdict[str, deque[_Planned]] = defaultdict(deque)
        self._hooks: defaultdict[tuple[str, str], list[Callable[[], None]]] = defaultdict(list)
        self._late: list[_Late] = []
        self._calls: Counter[str] = Counter()
        self._inside = _Inside()

    def set(self, operation: str, fault: str, /, *, times: int = 1, code: str = "") -> None:
        """
        Let the next *times* calls of *operation* go wrong; *code* is the refusal's code.

        Raises:
            ValueError: No port is called so, or there is no such fault.

        """
        _check(operation, fault, FAULTS)
        with self._lock:
            self._planned[operation].extend([_Planned(fault, code or "REFUSED")] * times)

    def hook(self, operation: str, moment: str, action: Callable[[], None], /) -> None:
        """
        Run *action* once inside the next call of *operation*; what it raises leaves the call (a crash).

        A hook *after* waits for the next call whose work is done at once.

        Raises:
            ValueError: No port is called so, or there is no such moment.

        """
        _check(operation, moment, MOMENTS)
        with self._lock:
            self._hooks[operation, moment].append(action)

    def clear(self) -> None:
        """Everything works again; work that is already on its way still arrives."""
        with self._lock:
            self._planned.clear()
            self._hooks.clear()

    def calls(self, operation: str, /) -> int:
        """Return how often *operation* was called so far, failed calls included."""
        with self._lock:
            return self._calls[operation]

    def counts(self) -> dict[str, int]:
        """Return how often each operation was called so far."""
        with self._lock:
            return dict(self._calls)

    def call(self, operation: str, work: Callable[[], T], /) -> T:
        """
        Do *work* as *operation*, unless a fault or a hook is in the way.

        Raises:
            Unavailable: Switched `down`; the work is not done.

            Refused: Switched `refuse`; the work is not done.

            OutcomeUnknown: Switched `lose_reply` (the work is done) or `slow` (it will be).

            RuntimeError: The caller holds a transaction of the store open.

        """
        if self._inside.transaction:
            raise RuntimeError(f"{operation} was called inside a transaction, which contains no outside call")
        self.settle()
        call = self._begin(operation)
        if call.fault == "slow":
            with self._lock:
                self._late.append(_Late(self._clock.now() + self._slow_for, work))
            raise OutcomeUnknown(call.system, "no reply in time")
        if call.fault == "refuse":
            raise Refused(call.system, call.code)
        result = work()
        call.end()
        return result

    @contextmanager
    def transaction(self, operation: str) -> Generator[None]:
        """
        Surround a transaction of the store, whose work is the caller's block and cannot come late.

        Hooks run before it begins and after it is kept.

        Raises:
            Unavailable: Switched `down`; the block is not entered.

            Conflict: Switched `refuse`; the block is not entered.

            OutcomeUnknown: Switched `lose_reply` or `slow`; the block is kept.

        """
        end = self.enter(operation)
        try:
            yield
        finally:
            self.leave()
        end()

    def enter(self, operation: str) -> Callable[[], None]:
        """Let a transaction begin as `transaction` does, and return what is called once it is kept."""
        call = self._begin(operation, at_once=True)
        if call.fault == "refuse":
            raise Conflict(call.system, call.code)
        self._inside.transaction = True
        return call.end

    def leave(self) -> None:
        """Let outside systems be called again: the transaction of this thread is over."""
        self._inside.transaction = False

    def settle(self) -> int:
        """Do the late work whose time has come, in the order of its calls, and return how much that was."""
        if not self._late:
            return 0
        now = self._clock.now()
        with self._lock:
            due = [late for late in self._late if late.due <= now]
            self._late = [late for late in self._late if late.due > now]
        for late in due:
            with suppress(PortError):  # nobody waits for this answer any more
                late.work()
        return len(due)

    def _begin(self, operation: str, *, at_once: bool = False) -> _Call:
        """
        Count the call, take what was planned for it, and let it begin.

        All is taken before the first hook runs: what a hook calls is another call, with nothing of this one.
        """
        system = SYSTEMS[operation.partition(".")[0]]
        with self._lock:
            self._calls[operation] += 1
            if not self._planned and not self._hooks:
                return _Call(system, "", "", [])
            waiting = self._planned[operation]
            planned = waiting.popleft() if waiting else _Planned("", "")
            undone = {"down", "refuse"} if at_once else {"down", "refuse", "slow"}
            before = self._hooks.pop((operation, "before"), [])
            after = [] if planned.fault in undone else self._hooks.pop((operation, "after"), [])
        call = _Call(system, planned.fault, planned.code, after)
        for action in before:
            action()
        if call.fault == "down":
            raise Unavailable(call.system, "switched off")
        return call


def _check(operation: str, word: str, words: frozenset[str]) -> None:
    port, _, method = operation.partition(".")
    if port not in SYSTEMS or not method:
        ports = ", ".join(SYSTEMS)
        raise ValueError(f"{operation!r} is no operation: expected port.method, the port one of {ports}")
    if word not in words:
        raise ValueError(f"{word!r} is none of {', '.join(sorted(words))}")
