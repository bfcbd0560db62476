"""
`make bench`: our lifecycle and our rules beside what a user would pick instead, as ratios of one run.

Absolute times say more about the machine than about the code, so none is promised; the ratios have targets.
Missing one fails nothing: the table says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import attrs

from benchmarks import lifecycle, validation
from benchmarks.rounds import Prepare, Result, measure


OURS = "ordering-core"


@attrs.frozen(kw_only=True)
class Comparison:
    """How many times as fast as *other* we have to be at *task*."""

    task: str
    other: str
    target: float


def _lifecycle() -> Iterator[tuple[Comparison, Result, Result]]:
    task = "five steps of an order"
    results = measure(
        {
            OURS: lifecycle.ours,
            "transitions": lifecycle.transitions,
            "python-statemachine": lifecycle.python_statemachine,
        },
        operations=50,
    )
    for other, target in (("transitions", 4), ("python-statemachine", 50)):
        yield Comparison(task=task, other=other, target=target), results[OURS], results[other]


def _validation() -> Iterator[tuple[Comparison, Result, Result]]:
    for name, raw in (("valid", validation.CLEAN), ("bad", validation.BAD)):
        violations = len(validation.by_ours(raw))
        contenders: Mapping[str, Prepare] = {
            OURS: partial(validation.ours, raw),
            "pydantic": partial(validation.pydantic, raw),
        }
        results = measure(contenders, operations=100)
        task = f"{name} order of five lines, {violations} violations"
        yield Comparison(task=task, other="pydantic", target=1.5), results[OURS], results["pydantic"]


def main() -> None:
    """Print the table."""
    print(f"{'task':44}{OURS:>14} {'the other':>28}{'ratio':>8}{'target':>8}")
    for comparison, ours, other in (*_lifecycle(), *_validation()):
        ratio = ours.times_faster_than(other)
        print(
            f"{comparison.task:44}{ours.microseconds:11.1f} us {comparison.other:>19}"
            f"{other.microseconds:8.1f} us{ratio:7.1f}x{comparison.target:7.1f}x"
            f"  {'met' if ratio >= comparison.target else 'missed'}"
        )


if __name__ == "__main__":
    main()
