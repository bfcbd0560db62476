"""
A backup: one SQLite file with everything of ours, whole or not there at all, wherever it comes from.

It is the same file for a database on SQLite and on PostgreSQL, so that one may be restored into the other.
"""

from __future__ import annotations

import os
import sqlite3

from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from ordering_adapters.storage.engine import open_engine
from ordering_adapters.storage.migrate import revision_of, upgrade
from ordering_adapters.storage.schema import VERSION_TABLE, uploads
from ordering_adapters.storage.sealing import check as check_keys
from ordering_adapters.storage.store import SqlStore
from ordering_core.application.pausing import Pause, pause
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Refused, Unavailable
from ordering_core.ports.clock import Clock


BESIDE: Final = ("", "-wal", "-shm", "-journal", "-runs", "-runs-wal", "-runs-shm", "-runs-journal")
"""How the files of one database end: its own, and those of the engine's runs, which belong to its state."""

_OWN: Final = 0o600
"""The rights of a copy: it holds what customers typed."""


def observe(part: Path, clock: Clock, keys: Sequence[str]) -> None:
    """Bring the copy to this version, and let it write nothing outside until it is released."""
    engine = open_engine(URL.create("sqlite", database=str(part)).render_as_string(), keys=keys)
    try:
        upgrade(engine)
        check_keys(engine)
        pause(Pause.OBSERVE, store=SqlStore(engine, clock), at=clock.now())
    finally:
        engine.dispose()
    _in_one_file(part)


def copy(source: Path, target: Path) -> None:
    """Copy the database *source*, which may be in use, to *target*, which is one file then."""
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written)
    _in_one_file(target)


def drop_uploads(part: Path) -> None:
    """Take the images in transit out of the copy, so that nobody finds one even in its unused space."""
    with closing(sqlite3.connect(part)) as opened:
        if opened.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (uploads.name,)).fetchone():
            opened.execute("PRAGMA secure_delete = ON")
            opened.execute(f"DELETE FROM {uploads.name}")  # noqa: S608 - the schema's own name
            opened.commit()


def _in_one_file(file: Path) -> None:
    """Let nothing of the database be in a file beside it."""
    with closing(sqlite3.connect(file)) as opened:
        opened.execute("PRAGMA journal_mode = DELETE")


def check(file: Path, *, of: str) -> None:
    """Refuse what is damaged or no database of ours."""
    way_out = "take another backup"
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            [[word]] = opened.execute("PRAGMA integrity_check(1)").fetchall()
            ours = opened.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (VERSION_TABLE,)).fetchone()
    except sqlite3.DatabaseError:
        raise Refused(System.STORE, "NO_DATABASE", f"{of} is no database, or damaged; {way_out}") from None
    if word != "ok":
        raise Refused(System.STORE, "DAMAGED", f"{of} is damaged; {way_out}")
    if ours is None:
        raise Refused(System.STORE, "NOT_OURS", f"{of} holds no tables of ordering; name the right file")


def refuse_newer(part: Path) -> None:
    """Refuse a copy of what a newer version made: what must not be in it is not known here."""
    engine = open_engine(URL.create("sqlite", database=str(part)).render_as_string())
    try:
        with engine.connect() as connection:
            revision_of(connection)
    finally:
        engine.dispose()
    _in_one_file(part)


@contextmanager
def new_file(
    file: Path, *, before: Callable[[], None] | None = None, replace: bool = False
) -> Generator[Path]:
    """
    Yield a file to be filled, which is on the disk as *file* afterwards, or not at all.

    *before* is done when it is whole. If *replace*, it takes the place of what is there in one step: at every
    moment one of the two is *file*.
    """
    part = file.with_name(f"{file.name}.part-{os.getpid()}")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWN))
        yield part
        _on_the_disk(part)
        if before is not None:
            before()
            _on_the_disk(file.parent)
        if replace:
            part.replace(file)
        else:
            file.hardlink_to(part)  # fails where a rename would overwrite what somebody has made meanwhile
        _on_the_disk(file.parent)
    finally:
        for end in BESIDE:
            Path(f"{part}{end}").unlink(missing_ok=True)


def _on_the_disk(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def file_failures() -> Generator[None]:
    """Say in our words why files or SQLite did not do what was asked."""
    try:
        yield
    except OSError as error:
        raise Unavailable(System.STORE, f"{error.filename}: {error.strerror}") from None
    except sqlite3.Error as error:
        raise Unavailable(System.STORE, error.sqlite_errorname) from None
