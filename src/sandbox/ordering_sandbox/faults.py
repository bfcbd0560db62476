"""
The fault switchboard: what the network and the vendor do to a call, switched on from outside.

A fault waits for the calls it matches, spares the first *skip* of them, strikes the next *times* (0: every
one) and is then used up. The vendor's own failures (`answer`, `error`) are named in the vendor's table.
"""

from __future__ import annotations

import itertools

from collections.abc import Sequence
from enum import StrEnum
from threading import Lock

import attrs

from ordering_sandbox.json_values import Json, JsonObject, NotJson, number_of, text_of
from ordering_sandbox.web import HttpRequest


class FaultKind(StrEnum):
    """What happens to a call."""

    LOST_BEFORE_COMMIT = "lost_before_commit"
    LOST_AFTER_COMMIT = "lost_after_commit"
    DELAY = "delay"
    SLOW_THEN_COMMITTED = "slow_then_committed"
    DELIVERED_TWICE = "delivered_twice"
    ANSWER = "answer"
    ERROR = "error"
    EXPIRE_TOKEN = "expire_token"  # noqa: S105 - the name of a fault
    LOSE_EVENTS = "lose_events"
    DUPLICATE_EVENTS = "duplicate_events"
    SHUFFLE_EVENTS = "shuffle_events"
    EARLY_EVENTS = "early_events"
    BREAK_STREAM = "break_stream"
    IGNORE_FIELDS = "ignore_fields"
    SHUFFLE_IDS = "shuffle_ids"


@attrs.frozen(kw_only=True)
class Fault:
    """
    One switch that is on.

    *method* (empty: any), *path* and *body* (parts of them) say which calls it strikes, *target* which
    object, topic or action; *seconds* how long it lasts, *failure* which of the vendor's failures it is.
    """

    id: int
    kind: FaultKind
    method: str = ""
    path: str = ""
    body: str = ""
    target: str = ""
    failure: str = ""
    seconds: float = 0.0
    skip: int = 0
    times: int = 1

    @classmethod
    def parse(cls, number: int, record: JsonObject) -> Fault:
        """
        Read a fault from JSON.

        Raises:
            NotJson: A field is unknown, or of another kind.

        """
        names = {field.name for field in attrs.fields(cls)} - {"id"}
        if unknown := record.keys() - names:
            raise NotJson(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(names))}")
        kind = text_of(record, "kind")
        if kind not in set(FaultKind):
            raise NotJson(f"kind has to be one of: {', '.join(FaultKind)}")
        return cls(
            id=number,
            kind=FaultKind(kind),
            method=text_of(record, "method").upper(),
            path=text_of(record, "path"),
            body=text_of(record, "body"),
            target=text_of(record, "target"),
            failure=text_of(record, "failure"),
            seconds=number_of(record, "seconds", 0.0),
            skip=int(number_of(record, "skip", 0)),
            times=int(number_of(record, "times", 1)),
        )

    def strikes(self, request: HttpRequest) -> bool:
        """Whether the fault is for *request*."""
        return (
            self.method in ("", request.method)
            and self.path in request.path
            and (not self.body or self.body in request.body.decode("utf-8", "replace"))
        )


@attrs.define
class _Waiting:
    fault: Fault
    seen: int = 0
    struck: int = 0


class Switchboard:
    """The faults that are on."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._numbers = itertools.count(1)
        self._waiting: list[_Waiting] = []

    def switch_on(self, record: JsonObject) -> Fault:
        """
        Add the fault that *record* describes.

        Raises:
            NotJson: It describes none.

        """
        with self._lock:
            fault = Fault.parse(next(self._numbers), record)
            self._waiting.append(_Waiting(fault))
            return fault

    def clear(self) -> None:
        """Switch everything off."""
        with self._lock:
            self._waiting.clear()

    def for_request(self, request: HttpRequest, kinds: frozenset[FaultKind]) -> tuple[Fault, ...]:
        """Return the faults of *kinds* that strike *request* now, and count it."""
        with self._lock:
            return self._take(
                [w for w in self._waiting if w.fault.kind in kinds and w.fault.strikes(request)]
            )

    def for_target(self, target: str, kinds: frozenset[FaultKind]) -> tuple[Fault, ...]:
        """Return the faults of *kinds* that strike one use of *target* (an object, a topic), and count it."""
        with self._lock:
            return self._take(
                [
                    w
                    for w in self._waiting
                    if w.fault.kind in kinds and w.fault.target.casefold() in ("", target.casefold())
                ]
            )

    def render(self) -> Json:
        """Return what is on, with how often each was met and struck."""
        with self._lock:
            return [
                {**attrs.asdict(w.fault), "kind": str(w.fault.kind), "seen": w.seen, "struck": w.struck}
                for w in self._waiting
            ]

    def _take(self, met: Sequence[_Waiting]) -> tuple[Fault, ...]:
        striking: list[Fault] = []
        for waiting in met:
            waiting.seen += 1
            if waiting.seen <= waiting.fault.skip:
                continue
            waiting.struck += 1
            striking.append(waiting.fault)
        self._waiting = [w for w in self._waiting if not 0 < w.fault.times <= w.struck]
        return tuple(striking)
