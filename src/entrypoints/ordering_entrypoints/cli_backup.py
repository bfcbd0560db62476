"""`ordering backup` and `ordering restore`: the database as one file, and back again, observing."""

from __future__ import annotations

from pathlib import Path

from ordering_adapters.clock import SystemClock
from ordering_adapters.storage import backup as copying
from ordering_entrypoints.settings import DATABASE, Settings
from ordering_entrypoints.terminal import Terminal, Unusable


def backup(terminal: Terminal, settings: Settings, file: str) -> int:
    """
    Copy the database of *settings*, in use or not, to the new *file*.

    Raises:
        Unusable: The settings name none that can be copied, or *file* is there already.

        Refused: The database is damaged.

        Unavailable: It cannot be read, or the copy cannot be written.

    """
    try:
        size = copying.backup(_database(settings), Path(file))
    except ValueError as error:
        raise Unusable(str(error)) from None
    terminal.say(
        f"{file}: {size:,} bytes, checked. It holds personal data: keep it as you keep the database."
    )
    return 0


def restore(terminal: Terminal, settings: Settings, file: str, *, replace: bool) -> int:
    """
    Put the backup *file* in the place of the database of *settings*.

    Raises:
        Unusable: The settings name none, there is no *file*, or a database that is not to be replaced.

        Refused: The backup is damaged, none of ours, of a newer version, or sealed with another key.

        Unavailable: The database is in use, or cannot be written.

    """
    try:
        aside = copying.restore(
            _database(settings),
            Path(file),
            clock=SystemClock(),
            keys=settings.database_keys,
            replace=replace,
        )
    except ValueError as error:
        raise Unusable(str(error)) from None
    if aside is not None:
        terminal.say(f"what was there is now {aside}")
    terminal.say("restored. Nothing is written outside until it is released:")
    terminal.say("  start it, look at ordering doctor and at the findings OBSERVED_ONLY,")
    terminal.say("  then: ordering resume observe")
    return 0


def _database(settings: Settings) -> str:
    if settings.database is None:
        raise Unusable(f"name the database in {DATABASE}")
    return settings.database
