"""
A copy of the database, made while it is used, and put in the place of a lost one.

The copy is one SQLite file, whichever database it is of, and is restored into either. What is restored has
forgotten what happened since. So it observes until an operator releases it (DESIGN 6, Operate), and what was
there before is set aside, never overwritten.
"""

from __future__ import annotations

import sqlite3

from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from ordering_adapters.storage.backup_file import (
    BESIDE,
    check,
    copy,
    drop_uploads,
    file_failures,
    new_file,
    observe,
    refuse_newer,
)
from ordering_adapters.storage.engine import open_engine
from ordering_adapters.storage.server_backup import read_backup, write_backup
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Unavailable
from ordering_core.ports.clock import Clock


def backup(url: str, file: Path) -> int:
    """
    Copy the database at *url*, which may be in use, to *file*, and return how many bytes that is.

    Raises:
        ValueError: There is no database of ours at *url*, *file* is there already, or its directory is not.

        Refused: The copy is damaged, as the database must be, it is none of ours, or a newer version made it;
        no copy is kept.

        Unavailable: It cannot be read, or the copy cannot be written; no copy is kept.

    """
    source = _file_of(url)
    if source is not None and not source.exists():
        raise ValueError(f"there is no database {source}")
    if file.exists():
        raise ValueError(f"{file} is there already; name a new file")
    _require_directory(file)
    with file_failures(), new_file(file) as part:
        if source is None:
            write_backup(url, part)
        else:
            copy(source, part)
            drop_uploads(part)
        check(part, of="the database")
        refuse_newer(part)
    return file.stat().st_size


def restore(
    url: str, file: Path, *, clock: Clock, keys: Sequence[str] = (), replace: bool = False
) -> Path | None:
    """
    Put the backup *file* in the place of the database at *url*, observing, and upgraded.

    A file that is there is set aside if *replace*; its new name is returned. On a server the database has to
    be there, and empty.

    Raises:
        ValueError: There is no *file*, no directory for the database, one that is not to be replaced, or
        the server's is not empty.

        Refused: The backup is damaged, none of ours, of a newer version, or none of *keys* opens it; nothing
        was changed.

        Unavailable: The database is in use, or something cannot be read or written; nothing was changed.

    """
    target = _file_of(url)
    if not file.exists():
        raise ValueError(f"there is no backup {file}")
    if target is None:
        if replace:
            raise ValueError("on a server nothing is set aside; make a new database and name that instead")
        with file_failures():
            check(file, of="the backup")
            read_backup(url, file, clock=clock, keys=keys)
        return None
    if target.exists() and not replace:
        raise ValueError(
            f"there is a database {target} already, changed at {_changed(target)}; the backup is of "
            f"{_changed(file)}. With --replace it is set aside"
        )
    _require_directory(target)
    with file_failures():
        aside = _set_aside_name(target, clock.now())
        _leave_alone_what_is_used(target)
        with new_file(target, before=lambda: _set_aside(target, aside), replace=replace) as part:
            check(file, of="the backup")
            copy(file, part)
            observe(part, clock, keys)
    return aside if aside.exists() else None


def _require_directory(file: Path) -> None:
    """Make sure that *file* can be made where it is named. Raises ValueError."""
    if not file.parent.is_dir():
        raise ValueError(
            f"there is no directory {file.parent}, where {file.name} is to be; make it, or name another one"
        )


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
    """
    Keep what is there as *aside*, and let nothing be beside *target* that is of what was there.

    The database itself gets a second name and keeps the first until the new one takes it: where there is
    none, whoever starts next would make an empty one, which does not observe.
    """
    with suppress(FileNotFoundError):
        aside.hardlink_to(target)
    for end in BESIDE[1:]:
        with suppress(FileNotFoundError):
            Path(f"{target}{end}").rename(f"{aside}{end}")


def _changed(file: Path) -> str:
    """Return when *file* was last written to, its log included: a database in use writes there first."""
    log = file.with_name(f"{file.name}-wal")
    last = max(each.stat().st_mtime for each in (file, log) if each.exists())
    return f"{datetime.fromtimestamp(last, UTC):%Y-%m-%d %H:%M} UTC"


def _file_of(url: str) -> Path | None:
    """Return the file of the database at *url*, None for a server's. Raises ValueError when it is no URL."""
    engine = open_engine(url)  # refuses what is no URL
    engine.dispose()
    parsed = make_url(url)
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database is not None
    return Path(parsed.database or "") if is_file else None
