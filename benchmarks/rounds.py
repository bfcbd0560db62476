"""
Contenders measured side by side.

A machine that others use too wanders by half; what happens to all of them in one round wanders much less. So
every round runs each contender once, in turn, and the figure that counts is the median of the rounds' ratios.
"""

from __future__ import annotations

import gc

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter
from typing import Final

import attrs


Prepare = Callable[[int], Callable[[], object]]
"""Makes what a number of repetitions needs, untimed; returns the work to be timed."""

ROUNDS: Final = 15


@attrs.frozen(kw_only=True)
class Result:
    """Seconds of one operation, round by round."""

    seconds: tuple[float, ...]

    @property
    def microseconds(self) -> float:
        """The median time of one operation."""
        return median(self.seconds) * 1_000_000

    def times_faster_than(self, other: Result) -> float:
        """Return how many times as many operations as *other* this one does; the median of the rounds."""
        return median(theirs / ours for ours, theirs in zip(self.seconds, other.seconds, strict=True))


def measure(contenders: Mapping[str, Prepare], *, operations: int, rounds: int = ROUNDS) -> dict[str, Result]:
    """Let each contender do *operations* operations in each of *rounds* rounds, after one that warms up."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds + 1):
        for name, prepare in contenders.items():
            work = prepare(operations)
            gc.collect()
            gc.disable()
            try:
                started = perf_counter()
                work()
                seconds[name].append((perf_counter() - started) / operations)
            finally:
                gc.enable()
    return {name: Result(seconds=tuple(times[1:])) for name, times in seconds.items()}
