"""
A copy of a SQLite database, made while it is used, and put in the place of a lost one.

What is restored has forgotten what happened since. So it observes until an operator releases it (DESIGN 6,
Operate), and what was there before is set aside, never overwritten.
"""

from __future__ import annotations

import os
import sqlite3

from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import URL
from sqlalchemy.engine import make_url

from ordering_adapters.storage.engine import open_engine
from ordering_adapters.storage.migrate import upgrade
from ordering_adapters.storage.schema import VERSION_TABLE
from ordering_adapters.storage.sealing import check
from ordering_adapters.storage.store import SqlStore
from ordering_core.application.pausing import Pause, pause
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Refused, Unavailable
from ordering_core.ports.clock import Clock


_BESIDE: Final = ("", "-wal", "-shm", "-journal", "-runs", "-runs-wal", "-runs-shm", "-runs-journal")
"""How the files of one database end: its own, and those of the engine's runs, which belong to its state."""

_OWN: Final = 0o600
"""The rights of a copy: it holds what customers typed."""


def backup(url: str, file: Path) -> int:
    """
    Copy the database at *url*, which may be in use, to *file*, and return how many bytes that is.

    Raises:
        ValueError: *url* is no SQLite database, there is none, or *file* is there already.

        Refused: The copy is damaged, as the database must be, or it is none of ours; no copy is kept.

        Unavailable: It cannot be read, or the copy cannot be written; no copy is kept.

    """
    source = _file_of(url)
    if not source.exists():
        raise ValueError(f"there is no database {source}")
    if file.exists():
        raise ValueError(f"{file} is there already; name a new file")
    with _failures(), _new_file(file) as part:
        _copy(source, part)
        _check(part, of="the database")
    return file.stat().st_size


def restore(
    url: str, file: Path, *, clock: Clock, keys: Sequence[str] = (), replace: bool = False
) -> Path | None:
    """
    Put the backup *file* in the place of the database at *url*, observing, and upgraded.

    A database that is there is set aside if *replace*; its new name is returned.

    Raises:
        ValueError: *url* is no SQLite database, there is no *file*, or a database is there and not to be
        replaced.

        Refused: The backup is damaged, none of ours, of a newer version, or none of *keys* opens it; nothing
        was changed.

        Unavailable: The database is in use, or something cannot be read or written; nothing was changed.

    """
    target = _file_of(url)
    if not file.exists():
        raise ValueError(f"there is no backup {file}")
    if target.exists() and not replace:
        raise ValueError(
            f"there is a database {target} already, changed at {_changed(target)}; the backup is of "
            f"{_changed(file)}. With --replace it is set aside"
        )
    with _failures():
        aside = _set_aside_name(target, clock.now())
        _leave_alone_what_is_used(target)
        with _new_file(target, before=lambda: _set_aside(target, aside)) as part:
            _check(file, of="the backup")
            _copy(file, part)
            _observe(part, clock, keys)
    return aside if aside.exists() else None


def _observe(part: Path, clock: Clock, keys: Sequence[str]) -> None:
    """Bring the copy to this version, and let it write nothing outside until it is released."""
    engine = open_engine(URL.create("sqlite", database=str(part)).render_as_string(), keys=keys)
    try:
        upgrade(engine)
        check(engine)
        pause(Pause.OBSERVE, store=SqlStore(engine, clock), at=clock.now())
    finally:
        engine.dispose()
    _in_one_file(part)


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written)
    _in_one_file(target)


def _in_one_file(file: Path) -> None:
    """Let nothing of the database be in a file beside it."""
    with closing(sqlite3.connect(file)) as opened:
        opened.execute("PRAGMA journal_mode = DELETE")


def _check(file: Path, *, of: str) -> None:
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


def _leave_alone_what_is_used(target: Path) -> None:
    """Make sure that nobody has the database open. Raises Unavailable."""
    if not target.exists():
        return
    try:
        with closing(sqlite3.connect(target, timeout=0)) as opened:
            # only whoever is alone may leave the write-ahead log
            opened.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError:
        raise Unavailable(
            System.STORE, "the database is in use; stop ordering serve and ordering worker"
        ) from None
    except sqlite3.DatabaseError:
        return  # so damaged that nobody can use it: that is why there are backups


def _set_aside_name(target: Path, at: datetime) -> Path:
    return target.with_name(f"{target.name}.replaced-{at:%Y%m%dT%H%M%S}")


def _set_aside(target: Path, aside: Path) -> None:
    for end in _BESIDE:
        with suppress(FileNotFoundError):
            Path(f"{target}{end}").rename(f"{aside}{end}")


@contextmanager
def _new_file(file: Path, *, before: Callable[[], None] | None = None) -> Generator[Path]:
    """Yield a file to be filled, which is on the disk as *file* afterwards, or not at all."""
    part = file.with_name(f"{file.name}.part-{os.getpid()}")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWN))
        yield part
        _on_the_disk(part)
        if before is not None:
            before()
        file.hardlink_to(part)  # fails where a rename would overwrite what somebody has made meanwhile
        _on_the_disk(file.parent)
    finally:
        for end in _BESIDE:
            Path(f"{part}{end}").unlink(missing_ok=True)


def _on_the_disk(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def _failures() -> Generator[None]:
    """Say in our words why files or SQLite did not do what was asked."""
    try:
        yield
    except OSError as error:
        raise Unavailable(System.STORE, f"{error.filename}: {error.strerror}") from None
    except sqlite3.Error as error:
        raise Unavailable(System.STORE, error.sqlite_errorname) from None


def _changed(file: Path) -> str:
    return f"{datetime.fromtimestamp(file.stat().st_mtime, UTC):%Y-%m-%d %H:%M} UTC"


def _file_of(url: str) -> Path:
    """Return the file of the database at *url*. Raises ValueError when it is none in a file."""
    engine = open_engine(url)  # refuses what is no URL
    engine.dispose()
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database is None:
        raise ValueError("a server's database is backed up with its own tools; docs/operate.md says how")
    return Path(parsed.database)
