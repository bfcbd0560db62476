"""Which cells of a grid are played where all of them would take too long: a cover that the commit chooses."""

from __future__ import annotations

import os
import random
import subprocess

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Final, TypeVar


SOAK: Final = bool(os.environ.get("SOAK"))
"""Whether everything is played."""

CellT = TypeVar("CellT")


@cache
def commit() -> str:
    """Return the hash of the commit these tests belong to; without one the cover is always the same."""
    told = subprocess.run(
        ["git", "rev-parse", "HEAD"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "no commit"


def cover(everything: Sequence[CellT], pairs: Callable[[CellT], set[tuple[object, object]]]) -> list[CellT]:
    """Return cells in which all *pairs* meet that meet in *everything*; in a soak that is everything."""
    if SOAK:
        return list(everything)
    met: set[tuple[object, object]] = set()
    chosen: list[CellT] = []
    for cell in random.Random(commit()).sample(everything, len(everything)):
        if not (meeting := pairs(cell)) <= met:
            met |= meeting
            chosen.append(cell)
    return chosen
