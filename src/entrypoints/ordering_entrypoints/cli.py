"""
`ordering`: the library at a command line.

Exit status 0 means that all is well, 1 that an order is invalid or did not get through, 2 that the arguments
are wrong or a file cannot be read.
"""

from __future__ import annotations

import argparse
import os
import sys

from collections.abc import Sequence
from typing import Final

from ordering_adapters.catalogue_file import shipped_catalogue
from ordering_adapters.memory.world import in_memory_ordering
from ordering_core.domain.violations import Gate
from ordering_core.domain.vocabulary import OrderType
from ordering_entrypoints import cli_commands as commands
from ordering_entrypoints.cli_arguments import parser
from ordering_entrypoints.cli_input import Unreadable
from ordering_entrypoints.cli_render import show_field_errors
from ordering_entrypoints.cli_views import ErrorsView
from ordering_entrypoints.terminal import Terminal, Unusable
from ordering_entrypoints.wire import to_json


UNUSABLE: Final = 2
INTERRUPTED: Final = 130
"""What a shell expects of a command that was stopped with Ctrl-C."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that *arguments* name, the process's own unless given; return the exit status."""
    chosen = parser().parse_args(arguments)
    terminal = Terminal()
    try:
        return _run(chosen, terminal)
    except Unusable as error:
        terminal.remark(f"ordering: {error.sentence}")
        if isinstance(error, Unreadable):
            _show_errors(terminal, error, as_json=chosen.json)
        return UNUSABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read has enough; nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return commands.OK


def _run(chosen: argparse.Namespace, terminal: Terminal) -> int:
    if chosen.command == "rules":
        return commands.rules(terminal, as_json=chosen.json, as_markdown=chosen.markdown)
    if chosen.command == "demo":
        from ordering_entrypoints.demo import run_demo  # noqa: PLC0415  (a server is slow to load)

        return run_demo(terminal, port=chosen.port, leave=chosen.exit)
    ordering = in_memory_ordering(catalogue=shipped_catalogue())
    if chosen.command == "catalogue":
        wanted = OrderType(chosen.order_type) if chosen.order_type else None
        return commands.catalogue(terminal, ordering, wanted, as_json=chosen.json)
    ordering = commands.at_instant(ordering, chosen.at)
    if chosen.command == "price":
        return commands.price(terminal, ordering, chosen.file, as_json=chosen.json)
    return commands.validate(terminal, ordering, chosen.file, Gate(chosen.gate), as_json=chosen.json)


def _show_errors(terminal: Terminal, error: Unreadable, *, as_json: bool) -> None:
    if as_json:
        terminal.say(to_json(ErrorsView(errors=error.errors)))
    elif error.errors[0].message not in error.sentence:
        show_field_errors(terminal, error.errors)


if __name__ == "__main__":
    sys.exit(main())
