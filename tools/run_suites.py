"""
Run the test suites one after another, each on two processes, and say how long each took.

The time is also told by budget: each part of the product may take so many seconds of `make test`
(`tests/budgets.py` says whose a test is). A budget's time is its share of the time of each suite. Much too
slow fails. `--long` runs the long suites of tests/ci instead, which have no budget here. Other arguments are
passed on to pytest: `python tools/run_suites.py -k status`.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Final


SUITES: Final = ("unit", "contract", "journeys")
LONG_SUITES: Final = ("ci",)
PARALLEL: Final = ("-n", "2", "--dist", "loadgroup")
BUDGETS: Final[Mapping[str, int]] = {"core": 120, "salesforce": 90, "whmcs_sim": 120, "durable": 120}
"""Seconds on two processes."""
TOLERATED: Final = 1.5
"""How far over a budget still passes: the machine may be busy with something else."""
NOTHING_SELECTED: Final = 5


def run(suite: str, arguments: list[str]) -> tuple[int, float, Mapping[str, float]]:
    """Run one suite; return pytest's exit status, the seconds it took, and those of each budget in it."""
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory, "budgets.json")
        started = time.perf_counter()
        command = [sys.executable, "-m", "pytest", f"tests/{suite}", "-q", *PARALLEL, *arguments]
        status = subprocess.run(
            command, check=False, env=os.environ | {"BUDGET_REPORT": str(report)}
        ).returncode
        took = time.perf_counter() - started
        spent: dict[str, float] = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
    if status == NOTHING_SELECTED and arguments:
        status = 0
    total = sum(spent.values())
    return status, took, {budget: took * seconds / total for budget, seconds in spent.items()}


def judged(spent: Mapping[str, float]) -> tuple[list[str], bool]:
    """Return a line for each budget that was used, and whether all of them were kept well enough."""
    lines = [
        f"{budget:<10} {seconds:7.1f} s of {allowed} s{'  OVER' if seconds > allowed else ''}"
        for budget, allowed in BUDGETS.items()
        if (seconds := spent.get(budget, 0.0))
    ]
    return lines, all(spent.get(budget, 0.0) <= TOLERATED * allowed for budget, allowed in BUDGETS.items())


def main(arguments: list[str]) -> int:
    """Run every suite that has tests, print the times, return 1 if one failed or was much too slow."""
    long = arguments[:1] == ["--long"]
    there = [s for s in (LONG_SUITES if long else SUITES) if any(Path("tests", s).rglob("test_*.py"))]
    results = {suite: run(suite, arguments[1:] if long else arguments) for suite in there}
    for suite, (status, seconds, _) in results.items():
        print(f"{suite:<10} {seconds:7.1f} s  {'ok' if status == 0 else f'FAILED (pytest {status})'}")
    print(f"{'total':<10} {sum(seconds for _, seconds, _ in results.values()):7.1f} s")
    failed = any(status != 0 for status, _, _ in results.values())
    if long:
        return 1 if failed else 0
    spent: defaultdict[str, float] = defaultdict(float)
    for _, _, of_suite in results.values():
        for budget, seconds in of_suite.items():
            spent[budget] += seconds
    lines, kept = judged(spent)
    print("\nBy budget, on two processes:", *lines, sep="\n")
    return 1 if failed or not results or not kept else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
