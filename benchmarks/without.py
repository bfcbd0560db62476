"""
`python -m benchmarks.without NAMES MODULE ARGUMENTS...`: runs MODULE as if NAMES were not installed.

It loads next to nothing itself: what the process holds in memory is measured.
"""

from __future__ import annotations

import runpy
import sys

from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


class Without:
    """Finds modules where Python looks for them, but for *names*."""

    find_distributions = staticmethod(PathFinder.find_distributions)

    def __init__(self, names: Iterable[str]) -> None:
        """Leave out *names* and what is in them."""
        self._names = frozenset(names)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where the module called *name* is, None if it is left out or not there."""
        return None if name in self._names else PathFinder.find_spec(name, path, target)


def main() -> None:
    """Leave out what is named, and run the rest."""
    names, module = sys.argv[1:3]
    del sys.argv[1:3]
    finder = Without(names.split(","))
    sys.meta_path[:] = [finder if each is PathFinder else each for each in sys.meta_path]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
