"""
Whose time a test takes: one budget for each part of the product, counted apart (`tools/run_suites.py`).

What a test belongs to is read off its path; a marker of the same name says otherwise. The seconds of all
tests go to the file that BUDGET_REPORT names.
"""

import json
import os

from collections import defaultdict
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest


CORE: Final = "core"
PATTERNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "whmcs_sim": ("*whmcs*", "*sim_network*", "*freebit*", "*es2*", "*profile_network*"),
        "durable": ("*durable*", "*dbos*", "*postgres*", "*test_worker*", "*work_engine*"),
        "salesforce": (
            "*salesforce*",
            "*pubsub*",
            "tests/*/sandbox/*",
            "tests/unit/storage/*",
            "*/test_sql_*",
            "*/test_storage_*",
        ),
    }
)
"""The first budget with a pattern that fits a test's path is the test's; any other test is the core's."""


def budget_of(path: str) -> str:
    """Return the budget of the test module at *path*, relative to the repository."""
    return next(
        (budget for budget, patterns in PATTERNS.items() if any(fnmatch(path, each) for each in patterns)),
        CORE,
    )


class Spent:
    """Adds up what every test took, its fixtures included, and writes it down at the end."""

    def __init__(self, report: Path) -> None:
        self._report = report
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one phase of one test, from whichever process it ran in."""
        budget = dict(report.user_properties).get("budget", CORE)
        self._seconds[str(budget)] += report.duration

    def pytest_sessionfinish(self) -> None:
        """Write the seconds of each budget."""
        self._report.write_text(json.dumps(self._seconds), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Count in the process that hears of every test, if anybody wants to know."""
    for budget in PATTERNS:
        config.addinivalue_line("markers", f"{budget}: its time is on the budget of {budget}")
    wanted = os.environ.get("BUDGET_REPORT")
    if wanted and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Spent(Path(wanted)))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Say of each test whose time it takes; reports carry it from one process to the other."""
    marked = next((budget for budget in PATTERNS if item.get_closest_marker(budget)), None)
    path = item.path.relative_to(item.config.rootpath).as_posix()
    item.user_properties.append(("budget", marked or budget_of(path)))
