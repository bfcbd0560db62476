"""
Plant every bug of `bugs/*.toml`, one at a time, and fail when the tests let one live.

    python tests/planted/run.py [WORD ...]      only the bugs whose area or name contains one of the words

A bug is an exact replacement in one file, with the tests that have to notice it. Each is planted in a copy
of the tree, never in the tree itself; two copies are worked on at the same time. A bug counts as caught only
when a test *fails*: one that breaks an import or no longer applies proves nothing and fails the command too.
"""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Final

import attrs


ROOT: Final = Path(__file__).resolve().parents[2]
BUGS: Final = ROOT / "tests" / "planted" / "bugs"
TREE: Final = ("src", "tests", "tools", "docs", "examples", "pyproject.toml")
"""What the tests of a bug may need of the tree."""

SOURCE_ROOTS: Final = ("src", "src/adapters", "src/entrypoints", ".")
PROCESSES: Final = 2
LONGEST_RUN: Final = 300.0
"""Seconds that one file of tests may take."""

_TESTS_FAILED: Final = 1  # pytest's exit status; 2 and more mean that they did not run


class Fate(StrEnum):
    """What became of a planted bug."""

    CAUGHT = "caught"
    SURVIVED = "SURVIVED"
    BROKEN = "DID NOT RUN"
    INAPPLICABLE = "DOES NOT APPLY"
    TIMED_OUT = "TIMED OUT"


@attrs.frozen(kw_only=True)
class Bug:
    """One planted bug: *old* becomes *new* in *file*, and *caught_by* are the tests that have to fail."""

    area: str
    name: str
    why: str
    file: str
    old: str
    new: str
    caught_by: tuple[str, ...]

    def problem(self, tree: Path) -> str:
        """Say why the bug cannot be planted in *tree*; empty when it can."""
        target = tree / self.file
        missing = [path for path in self.caught_by if not (tree / path.partition("::")[0]).exists()]
        if not target.is_file():
            return f"{self.file} is not there"
        if missing or not self.caught_by:
            return f"no such tests: {', '.join(missing) or 'none named'}"
        if self.old == self.new:
            return "it changes nothing"
        found = target.read_text(encoding="utf-8").count(self.old)
        return "" if found == 1 else f"its old text occurs {found} times in {self.file}"


@attrs.frozen(kw_only=True)
class Verdict:
    """What became of *bug*; *detail* is the first test that failed, or what went wrong."""

    bug: Bug
    fate: Fate
    detail: str
    seconds: float


def load(folder: Path) -> tuple[Bug, ...]:
    """Read the bugs of every file in *folder*; the area of a bug is its file's name."""
    return tuple(
        Bug(
            area=path.stem,
            name=str(entry["name"]),
            why=str(entry["why"]),
            file=str(entry["file"]),
            old=str(entry["old"]).strip("\n"),
            new=str(entry["new"]).strip("\n"),
            caught_by=tuple(map(str, entry["caught_by"])),
        )
        for path in sorted(folder.glob("*.toml"))
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["bug"]
    )


def copy_tree(to: Path) -> Path:
    """Copy what the tests need to *to* and return it."""
    leave_out = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in TREE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=leave_out)
        elif source.exists():
            to.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, to / name)
    return to


@contextmanager
def planted(bug: Bug, tree: Path) -> Iterator[None]:
    """Have *bug* in *tree* inside the block."""
    target = tree / bug.file
    sound = target.read_text(encoding="utf-8")
    target.write_text(sound.replace(bug.old, bug.new), encoding="utf-8")
    try:
        yield
    finally:
        target.write_text(sound, encoding="utf-8")


def environment(tree: Path) -> dict[str, str]:
    """Return what makes Python import from *tree* and leave nothing behind that a later bug would meet."""
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(str(tree / root) for root in SOURCE_ROOTS),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_PROFILE": "ci",
    }


def require_own_imports(tree: Path) -> None:
    """
    Make sure that tests in *tree* import *tree*, not an installed copy in which no bug would ever be noticed.

    Raises:
        SystemExit: They do not.

    """
    show = [sys.executable, "-c", "import ordering_core; print(ordering_core.__file__)"]
    shown = subprocess.run(
        show, cwd=tree, env=environment(tree), capture_output=True, text=True, check=True
    ).stdout.strip()
    if not Path(shown).is_relative_to(tree):
        raise SystemExit(f"the copy in {tree} imports ordering_core from {shown}")


def run_tests(tests: Collection[str], tree: Path) -> tuple[int, str]:
    """Run *tests* in *tree* until the first failure; return pytest's exit status and its last word."""
    pytest = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "--tb=no",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
    ]
    done = subprocess.run(
        [*pytest, *tests],
        cwd=tree,
        env=environment(tree),
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_RUN * len(tests),
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    last = lines[0] if lines else (done.stdout + done.stderr).strip().rpartition("\n")[2]
    return done.returncode, last


def judge(bug: Bug, tree: Path) -> Verdict:
    """Plant *bug* in *tree*, run its tests, and say what became of it."""
    started = time.perf_counter()
    problem = bug.problem(tree)
    if problem:
        return Verdict(bug=bug, fate=Fate.INAPPLICABLE, detail=problem, seconds=0)
    try:
        with planted(bug, tree):
            status, last = run_tests(bug.caught_by, tree)
    except subprocess.TimeoutExpired:
        status, last = -1, f"no result after {LONGEST_RUN:.0f} s for each of its tests"
    fate = {0: Fate.SURVIVED, _TESTS_FAILED: Fate.CAUGHT, -1: Fate.TIMED_OUT}.get(status, Fate.BROKEN)
    detail = (
        last.removeprefix("FAILED ").partition(" - ")[0].rpartition("::")[2] if fate is Fate.CAUGHT else last
    )
    return Verdict(bug=bug, fate=fate, detail=detail, seconds=time.perf_counter() - started)


def judge_all(bugs: Sequence[Bug]) -> Iterator[Verdict]:
    """
    Judge every bug, two at a time, in copies of the tree.

    Raises:
        SystemExit: The tests do not run the copy, or fail without any bug: catching one would say nothing.

    """
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        copies: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for number in range(PROCESSES):
            copies.put(copy_tree(Path(folder, str(number))))

        def work(bug: Bug) -> Verdict:
            tree = copies.get()
            try:
                return judge(bug, tree)
            finally:
                copies.put(tree)

        applicable = {test for bug in bugs if not bug.problem(ROOT) for test in bug.caught_by}
        if applicable:
            tree = copies.get()
            require_own_imports(tree)
            status, last = run_tests(sorted(applicable), tree)
            copies.put(tree)
            if status:
                raise SystemExit(f"the tests fail without any planted bug: {last}")
        with ThreadPoolExecutor(PROCESSES) as pool:
            yield from pool.map(work, bugs)


def main(words: Sequence[str], folder: Path = BUGS) -> int:
    """Judge the bugs that match *words*, print a line for each, and return 1 unless all were caught."""
    started = time.perf_counter()
    bugs = [
        bug for bug in load(folder) if not words or any(word in f"{bug.area}/{bug.name}" for word in words)
    ]
    verdicts: list[Verdict] = []
    for verdict in judge_all(bugs) if bugs else ():
        verdicts.append(verdict)
        name = f"{verdict.bug.area}/{verdict.bug.name}"
        print(f"{verdict.fate:<14} {verdict.seconds:6.1f} s  {name:<64} {verdict.detail}", flush=True)
    alive = [verdict for verdict in verdicts if verdict.fate is not Fate.CAUGHT]
    for verdict in alive:
        print(
            f"\n{verdict.fate}: {verdict.bug.area}/{verdict.bug.name}: {verdict.bug.why}\n  {verdict.detail}"
        )
    seconds = time.perf_counter() - started
    print(f"\n{len(verdicts) - len(alive)} of {len(verdicts)} planted bugs caught in {seconds:.1f} s")
    return 1 if alive or not verdicts else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
