"""What README shows is what happens: its Python and its commands run, its links lead somewhere."""

import contextlib
import io
import os
import re
import subprocess
import sys

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest


ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
FILE = re.compile(r"`((?:docs|examples|src|tests|tools|requirements)/[\w./-]+)`")
NOT_RUN = ("make ", "pip ", "ordering serve", "ordering demo", "python -m pip")


class Block(NamedTuple):
    language: str
    text: str
    output: str


def blocks() -> Iterator[Block]:
    """Yield each block of README, with the text that stands right below it as its output."""
    found = list(FENCE.finditer(README))
    for place, fence in enumerate(found):
        below = found[place + 1] if place + 1 < len(found) else None
        adjacent = (
            below is not None and below[1] == "text" and not README[fence.end() : below.start()].strip()
        )
        yield Block(fence[1], fence[2], below[2] if below and adjacent else "")


PYTHON = [block for block in blocks() if block.language == "python"]
COMMANDS = [
    (line, block.output)
    for block in blocks()
    if block.language == "sh"
    for line in block.text.splitlines()
    if not line.startswith(NOT_RUN)
]


def test_its_python_runs_from_top_to_bottom_and_prints_what_stands_below(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in PYTHON:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(compile(block.text, "README.md", "exec"), names)
        assert "\n".join(map(str.rstrip, printed.getvalue().splitlines())) == block.output.rstrip("\n")
    assert len(PYTHON) >= 3


@pytest.mark.parametrize(("command", "output"), COMMANDS, ids=[command for command, _ in COMMANDS])
def test_its_commands_print_what_stands_below(command: str, output: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == output
    assert not done.stderr


def test_it_shows_a_validation_and_a_price() -> None:
    for command in ("ordering validate", "ordering price"):
        assert any(command in shown and output for shown, output in COMMANDS)


@pytest.mark.parametrize("link", sorted({*LINK.findall(README), *FILE.findall(README)}))
def test_what_it_names_is_there(link: str) -> None:
    assert (ROOT / link).exists()


def test_the_broken_example_has_as_many_errors_as_it_says() -> None:
    from ordering_entrypoints.cli import main

    with contextlib.redirect_stdout(io.StringIO()) as printed:
        main(["validate", str(ROOT / "examples/orders/broken.json"), "--at", "2026-04-08"])
    assert ": 11 errors" in printed.getvalue()
    assert "finds eleven things wrong" in README
