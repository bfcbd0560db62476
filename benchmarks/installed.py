"""
What an installation has, so that what is measured is an installation.

Its modules are compiled, and it has no package that only development brings: some libraries take up what they
happen to find, and both the wiring and the web framework load pydantic, 15 MB of it, which nothing of ours
needs. Everything that an extra of ours brings stays.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks import without


TESTING: Final = "testing"
"""The one extra that nobody who serves has."""

_PROJECT: Final = Path(__file__).parents[1] / "pyproject.toml"
_PACKAGE: Final = re.compile(r"(?P<name>[\w.-]+)\s*(?:\[(?P<extras>[^\]]*)\])?")
_OF_EXTRA: Final = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")


def command(module: str, *arguments: str) -> list[str]:
    """Return what runs *module* with *arguments* on the packages of an installation."""
    return [sys.executable, "-m", without.__name__, ",".join(sorted(absent())), module, *arguments]


@contextmanager
def compiled() -> Iterator[Mapping[str, str]]:
    """Yield an environment whose first process compiles what it loads; those after it need not."""
    with TemporaryDirectory() as directory:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": directory}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        yield environment


def absent() -> frozenset[str]:
    """Return the modules on this machine that no extra of ours brings."""
    brought = _brought()
    return frozenset(
        module
        for module, packages in packages_distributions().items()
        if not brought.intersection(map(_canonical, packages))
    )


def _brought() -> frozenset[str]:
    """Return ours and every package that it, or an extra of it, needs."""
    project = tomllib.loads(_PROJECT.read_text())["project"]
    ours: str = _canonical(project["name"])
    extras: Mapping[str, list[str]] = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(one for name in extras if name != TESTING for one in extras[name])]
    to_do = [each for requirement in wanted for each in packages(requirement, "")]
    found = {(ours, "")}
    while to_do:
        package, extra = to_do.pop()
        if package == ours or (package, extra) in found:
            continue
        found.add((package, extra))
        try:
            needed = requires(package) or []
        except PackageNotFoundError:  # that of another system, or of another version of Python
            continue
        to_do += [each for requirement in needed for each in packages(requirement, extra)]
    return frozenset(package for package, _ in found)


def packages(requirement: str, extra: str) -> Iterator[tuple[str, str]]:
    """Yield the package that *requirement* names if it belongs to *extra*, plain and with its own extras."""
    of_extra = _OF_EXTRA.findall(requirement)
    named = _PACKAGE.match(requirement)
    if named and (not of_extra or extra in of_extra):
        package = _canonical(named["name"])
        yield package, ""
        yield from ((package, each.strip()) for each in (named["extras"] or "").split(",") if each.strip())


def _canonical(name: str) -> str:
    """Return *name* as names of packages are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
