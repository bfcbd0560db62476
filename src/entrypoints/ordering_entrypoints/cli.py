"""
`ordering`: the library at a command line.

Exit status 0 means that all is well, 1 that an order is invalid or did not get through, 2 that the arguments
are wrong or a file cannot be read.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys

from collections.abc import Sequence
from typing import Final

import attrs

from ordering_core.application.ordering import Ordering
from ordering_core.domain.violations import Gate
from ordering_core.domain.vocabulary import OrderType
from ordering_core.errors import CatalogueFileError, PortError
from ordering_entrypoints import cli_commands as commands
from ordering_entrypoints.cli_arguments import parser
from ordering_entrypoints.cli_input import Unreadable
from ordering_entrypoints.cli_render import show_field_errors
from ordering_entrypoints.cli_settings import show_settings
from ordering_entrypoints.cli_story import show
from ordering_entrypoints.cli_views import ErrorsView
from ordering_entrypoints.container import open_ordering
from ordering_entrypoints.settings import Settings, SettingsError
from ordering_entrypoints.settings_sources import SETTINGS
from ordering_entrypoints.terminal import Terminal, Unusable
from ordering_entrypoints.wire import to_json


UNUSABLE: Final = 2
_NO_ROOM: Final = frozenset({errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC})
"""What keeps an answer from being written; any other error of the machine's is of something else."""

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
    except (CatalogueFileError, SettingsError, PortError) as error:
        terminal.remark(f"ordering: {error}")
        return UNUSABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read has enough; nothing may be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return commands.OK
    except OSError as error:
        if error.errno not in _NO_ROOM:
            why = error.strerror or f"{type(error).__module__}.{type(error).__name__}"
            terminal.remark(f"ordering: it could not be done, for a reason that was not foreseen: {why}")
            return UNUSABLE
        terminal.remark(f"ordering: the answer could not be written: {error.strerror}. Give the output room.")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNUSABLE


def _run(chosen: argparse.Namespace, terminal: Terminal) -> int:
    # Servers are imported where they are wanted: they take as long to load as the rest takes to answer.
    environment = {**os.environ, SETTINGS: chosen.settings} if chosen.settings else os.environ
    match chosen.command:
        case "rules":
            return commands.rules(terminal, as_json=chosen.json, as_markdown=chosen.markdown)
        case "demo":
            from ordering_entrypoints.demo import run_demo  # noqa: PLC0415

            return run_demo(terminal, port=chosen.port, leave=chosen.exit, keep=chosen.keep)
        case "serve":
            from ordering_entrypoints.cli_serve import serve  # noqa: PLC0415

            return serve(terminal, Settings.from_env(environment), host=chosen.host, port=chosen.port)
        case "worker":
            return _worker(terminal, Settings.from_env(environment))
        case "settings":
            return show_settings(terminal, environment, as_json=chosen.json)
        case "sandbox":
            from ordering_entrypoints.cli_sandbox import sandbox  # noqa: PLC0415

            return sandbox(terminal, chosen.names)
        case "salesforce":
            from ordering_entrypoints.cli_salesforce import check_salesforce  # noqa: PLC0415

            settings = Settings.from_env(environment)
            return check_salesforce(terminal, settings, events_within=chosen.events, as_json=chosen.json)
        case "whmcs":
            from ordering_entrypoints.cli_whmcs import check  # noqa: PLC0415

            settings = Settings.from_env(environment)
            # It looks at WHMCS alone, whatever else is not set up yet.
            with open_ordering(attrs.evolve(settings, in_memory=settings.made_up)) as ordering:
                return check(terminal, settings, ordering, prove=chosen.prove, as_json=chosen.json)
        case "adopt" | "doctor" | "backup" | "restore" | "seal" | "pause" | "resume":
            return _operate(chosen, terminal, Settings.from_env(environment))
        case _:
            settings = Settings.from_env(environment)
            with open_ordering(settings) as ordering:
                return _ask(chosen, terminal, settings, ordering)


def _worker(terminal: Terminal, settings: Settings) -> int:
    try:
        from ordering_entrypoints.worker import worker  # noqa: PLC0415 - an extra, slow to load
    except ImportError:
        raise SettingsError(("it needs ordering-core[durable,storage] to be installed",)) from None
    return worker(terminal, settings)


def _operate(chosen: argparse.Namespace, terminal: Terminal, settings: Settings) -> int:
    """Run a command of an operator's on the system of *settings*."""
    match chosen.command:
        case "doctor":
            from ordering_entrypoints.cli_doctor import doctor  # noqa: PLC0415

            return doctor(terminal, settings, as_json=chosen.json)
        case "adopt":
            from ordering_entrypoints.cli_go_live import go_live  # noqa: PLC0415

            return go_live(terminal, settings, chosen)
        case "backup":
            from ordering_entrypoints.cli_backup import backup  # noqa: PLC0415

            return backup(terminal, settings, chosen.file)
        case "restore":
            from ordering_entrypoints.cli_backup import restore  # noqa: PLC0415

            return restore(terminal, settings, chosen.file, replace=chosen.replace)
        case "seal":
            from ordering_entrypoints.cli_backup import seal  # noqa: PLC0415

            return seal(terminal, settings)
        case _:
            from ordering_entrypoints import cli_pausing  # noqa: PLC0415

            cli_pausing.need_database(settings)
            with open_ordering(settings) as ordering:
                act = cli_pausing.pause if chosen.command == "pause" else cli_pausing.resume
                return act(terminal, ordering, chosen.what)


def _ask(chosen: argparse.Namespace, terminal: Terminal, settings: Settings, ordering: Ordering) -> int:
    """Run a command that asks *ordering* one question, or tells it one thing."""
    if chosen.command == "sim":
        from ordering_entrypoints import cli_sim  # noqa: PLC0415

        if chosen.action == "unmatched":
            return cli_sim.show_unmatched(terminal, settings, ordering, as_json=chosen.json)
        return cli_sim.complete(terminal, settings, ordering, chosen.file, as_json=chosen.json)
    if chosen.command == "catalogue":
        wanted = OrderType(chosen.order_type) if chosen.order_type else None
        return commands.catalogue(terminal, ordering, wanted, as_json=chosen.json)
    if chosen.command == "show":
        return show(terminal, ordering, chosen.order, as_json=chosen.json)
    then = commands.at_instant(ordering, chosen.at)
    if chosen.command == "price":
        return commands.price(terminal, then, chosen.file, as_json=chosen.json)
    return commands.validate(terminal, then, chosen.file, Gate(chosen.gate), as_json=chosen.json)


def _show_errors(terminal: Terminal, error: Unreadable, *, as_json: bool) -> None:
    if as_json:
        terminal.say(to_json(ErrorsView(errors=error.errors)))
    elif error.errors[0].message not in error.sentence:
        show_field_errors(terminal, error.errors)


if __name__ == "__main__":
    sys.exit(main())
