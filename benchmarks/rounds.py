"""
Contenders measured side by side.

A machine that others use too wanders by half, and it only ever wanders up. So every round runs each contender
once, in turn, on the processor's clock, and what counts for each is the least of its rounds: the nearest to
what the work itself costs, whoever else was at work meanwhile.
"""

from __future__ import annotations

import gc

from collections.abc import Callable, Mapping
from time import process_time
from typing import Final

import attrs


Prepare = Callable[[int], Callable[[], object]]
"""Makes what a number of repetitions needs, untimed; returns the work to be timed."""

ROUNDS: Final = 60


@attrs.frozen(kw_only=True)
class Result:
    """Processor seconds of one operation, round by round."""

    seconds: tuple[float, ...]

    @property
    def microseconds(self) -> float:
        """The least time of one operation."""
        return min(self.seconds) * 1_000_000

    def times_faster_than(self, other: Result) -> float:
        """Return how many times as many operations as *other* this one does, both in their best round."""
        return min(other.seconds) / min(self.seconds)


def measure(contenders: Mapping[str, Prepare], *, operations: int, rounds: int = ROUNDS) -> dict[str, Result]:
    """Let each contender do *operations* operations in each of *rounds* rounds, after one that warms up."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds + 1):
        for name, prepare in contenders.items():
            work = prepare(operations)
            gc.collect()
            gc.disable()
            try:
                started = process_time()
                work()
                seconds[name].append((process_time() - started) / operations)
            finally:
                gc.enable()
    return {name: Result(seconds=tuple(times[1:])) for name, times in seconds.items()}
