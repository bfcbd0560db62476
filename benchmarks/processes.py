"""A process of the benchmarks that takes commands, a line each, and answers each with a line of JSON."""

from __future__ import annotations

import json
import subprocess

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from benchmarks import installed


LAST_WORDS = 20.0
"""Seconds within which a process has to end by itself."""


class Beside:
    """The other end of a process's commands."""

    def __init__(self, module: ModuleType, environment: Mapping[str, str]) -> None:
        """Start *module*."""
        self.process = subprocess.Popen(
            installed.command(module.__name__),
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, command: str) -> dict[str, Any]:
        """Give *command* and return its answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline()
        assert said, "it ended without a word"
        answer: dict[str, Any] = json.loads(said)
        return answer

    def ask(self, wanted: object) -> dict[str, Any]:
        """Give *wanted* as JSON and return the answer."""
        return self.tell(json.dumps(wanted))

    def end(self) -> None:
        """Let it end by itself, and make it if it does not."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(LAST_WORDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


@contextmanager
def beside(module: ModuleType, environment: Mapping[str, str]) -> Iterator[Beside]:
    """Yield a process that runs *module* in *environment*, on the packages of an installation."""
    process = Beside(module, environment)
    try:
        yield process
    finally:
        process.end()
