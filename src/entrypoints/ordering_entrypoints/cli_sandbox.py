"""`ordering sandbox`: stand-ins of the outside systems on this machine, until it is stopped."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from shlex import quote
from threading import Event

from ordering_entrypoints.sandboxes import SANDBOXES, Ready, environment, running
from ordering_entrypoints.terminal import Terminal


def sandbox(terminal: Terminal, names: Sequence[str]) -> int:
    """
    Run the stand-ins called *names*, all that there are if none, and write how to work on them.

    What is written to the output is what a shell reads: the settings for `ordering serve`, addresses in
    comments.

    Raises:
        Unusable: One of them does not start.

    """
    chosen = [SANDBOXES[name] for name in dict.fromkeys(names or SANDBOXES)]
    with suppress(KeyboardInterrupt), running(chosen) as ready:
        for one in chosen:
            terminal.say(f"# {one.title}: {_addresses(ready[one.name])}")
        settings = {
            **environment(ready),
            **{name: value for one in chosen for name, value in one.following.items()},
        }
        for variable, value in settings.items():
            terminal.say(f"export {variable}={quote(value)}")
        terminal.remark("Running until Ctrl-C; with these settings `ordering serve` works on it.")
        Event().wait()
    return 0


def _addresses(said: Ready) -> str:
    return ", ".join(f"{name} {value}" for name, value in said.items() if "://" in value)
