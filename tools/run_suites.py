"""
Run the test suites one after another, each on two processes, and say how long each took.

Arguments are passed on to pytest: `python tools/run_suites.py -k status`.
"""

import subprocess
import sys
import time

from pathlib import Path
from typing import Final


SUITES: Final = ("unit", "contract", "journeys")
PARALLEL: Final = ("-n", "2", "--dist", "loadgroup")


def run(suite: str, arguments: list[str]) -> tuple[int, float]:
    """Run one suite; return pytest's exit status and the seconds it took."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "pytest", f"tests/{suite}", "-q", *PARALLEL, *arguments]
    status = subprocess.run(command, check=False).returncode
    return status, time.perf_counter() - started


def main() -> int:
    """Run every suite that has tests, print the times, return 1 if one failed."""
    results = {
        suite: run(suite, sys.argv[1:]) for suite in SUITES if any(Path("tests", suite).rglob("test_*.py"))
    }
    for suite, (status, seconds) in results.items():
        print(f"{suite:<10} {seconds:7.1f} s  {'ok' if status == 0 else f'FAILED (pytest {status})'}")
    print(f"{'total':<10} {sum(seconds for _, seconds in results.values()):7.1f} s")
    failed = [suite for suite, (status, _) in results.items() if status != 0]
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
