"""`ordering backup`, `restore` and `seal`: the database as one file, and back again; under another key."""

from __future__ import annotations

from pathlib import Path

from ordering_adapters.clock import SystemClock
from ordering_adapters.storage import backup as copying
from ordering_adapters.storage import open_engine, seal_again, upgrade
from ordering_entrypoints.settings import DATABASE, DATABASE_KEYS, Settings
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


def seal(terminal: Terminal, settings: Settings) -> int:
    """
    Seal with the first key of *settings* whatever is not; the database may be in use.

    Raises:
        Unusable: The settings name no database, none that is there, or no keys.

        Refused: A newer version made it, or what is there cannot be opened with their keys.

        Unavailable: It cannot be reached, or not now; what was sealed stays so.

    """
    if not settings.database_keys:
        raise Unusable(f"there is no key to seal with; put the new one first in {DATABASE_KEYS}")
    try:
        engine = open_engine(_database(settings), keys=settings.database_keys)
    except ValueError as error:
        raise Unusable(str(error)) from None
    try:
        if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
            raise Unusable(f"there is no database {engine.url.database}")
        upgrade(engine)
        sealed = seal_again(engine)
    finally:
        engine.dispose()
    terminal.say(f"{sealed:,} rows were sealed again. Every one is under the first key now;")
    terminal.say(f"  once every process was started with it, the others may leave {DATABASE_KEYS}.")
    return 0


def _database(settings: Settings) -> str:
    if settings.database is None:
        raise Unusable(f"name the database in {DATABASE}")
    return settings.database
