"""
Starts a stand-in from the command line: ports, a line of JSON when it answers, and what stops it.

What is the same for all of them is here; which files and addresses one takes besides is its own.
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import TypeAlias

from ordering_sandbox.json_values import JsonObject, render_json
from ordering_sandbox.serving import stop_on_signals


Run: TypeAlias = Callable[[asyncio.Event, Callable[[JsonObject], None]], Coroutine[None, None, None]]
"""Runs servers until the event is set, and hands out their addresses when they answer."""


def arguments_of(module: str, description: str | None, ports: Mapping[str, str]) -> argparse.ArgumentParser:
    """Return a reader of the arguments that every stand-in takes; *ports* say what each of its own is for."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    for name, what in {**ports, "admin-port": "the admin endpoint"}.items():
        parser.add_argument(f"--{name}", type=int, default=0, help=f"port of {what}; 0 takes any")
    parser.add_argument("--seed", type=Path, help="seed file instead of the one that is shipped")
    parser.add_argument("--tls", type=Path, help="folder that keeps certificates and keys")
    parser.add_argument("--detached", action="store_true", help="go on when standard input ends")
    return parser


def run_until_stopped(run: Run, *, detached: bool) -> None:
    """Run until SIGTERM, SIGINT or, unless *detached*, the end of standard input."""
    asyncio.run(_main(run, watch_stdin=not detached))


async def _main(run: Run, *, watch_stdin: bool) -> None:
    stopping = asyncio.Event()
    stop_on_signals(stopping, watch_stdin=watch_stdin)
    await run(stopping, _announce)


def _announce(addresses: JsonObject) -> None:
    sys.stdout.write(render_json(addresses).decode() + "\n")
    sys.stdout.flush()
