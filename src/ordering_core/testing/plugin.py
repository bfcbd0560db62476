"""
What makes shipped contracts speak: a host names it in its top-level conftest.

``pytest_plugins = ["ordering_core.testing.plugin"]``. It lets the asserts of contracts and state machines say
what they compared, and refuses a bound contract that forgot its adapter: pytest alone would leave it out and
say nothing.
"""

from __future__ import annotations

import inspect
import pkgutil
import sys

from abc import ABCMeta

import pytest

from ordering_core import testing


pytest.register_assert_rewrite(
    *(
        module.name
        for module in pkgutil.iter_modules(testing.__path__, f"{testing.__name__}.")
        if module.name not in sys.modules  # what is imported already cannot be rewritten any more
    )
)


def pytest_pycollect_makeitem(collector: pytest.Module | pytest.Class, name: str, obj: object) -> None:
    """Refuse a ``Test`` class that is bound to a contract and leaves something of it open."""
    if not (name.startswith("Test") and isinstance(obj, ABCMeta) and inspect.isabstract(obj)):
        return
    if any(base.__module__.startswith("ordering_core.testing.") for base in obj.__mro__):
        missing = ", ".join(sorted(obj.__abstractmethods__))
        raise collector.CollectError(f"{name} does not say what its contract needs: {missing}")
