"""A pool between us and PostgreSQL that lends a session for one transaction, as PgBouncer can."""

import socket
import socketserver
import struct

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Thread
from typing import Final

from sqlalchemy.engine import make_url


_SSL: Final = {80877103, 80877104}
_HELLO: Final = (
    b"R" + struct.pack("!ii", 8, 0)
    + b"".join(
        b"S" + struct.pack("!i", len(said) + 4) + said
        for said in (
            b"server_version\0" + b"18.0\0",
            b"client_encoding\0UTF8\0",
            b"standard_conforming_strings\0on\0",
            b"integer_datetimes\0on\0",
        )
    )
    + b"K" + struct.pack("!iii", 12, 1, 1)
    + b"Z" + struct.pack("!i", 5) + b"I"
)  # fmt: skip


def _exactly(opened: socket.socket, size: int) -> bytes:
    read = b""
    while len(read) < size:
        more = opened.recv(size - len(read))
        if not more:
            raise EOFError
        read += more
    return read


def _message(opened: socket.socket) -> bytes:
    head = _exactly(opened, 5)
    return head + _exactly(opened, struct.unpack("!i", head[1:])[0] - 4)


class Pool(socketserver.ThreadingTCPServer):
    """Lends the session that was given back last; there are as many as are needed at once."""

    daemon_threads = True

    def __init__(self, url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Client)
        there = make_url(url)
        self._user, self._database = there.username or "postgres", there.database or "postgres"
        self._host = str(there.query.get("host") or there.host)
        self._port = there.port or 5432
        self._free: list[socket.socket] = []
        self._all: list[socket.socket] = []
        self._lock = Lock()

    def take(self) -> socket.socket:
        with self._lock:
            if self._free:
                return self._free.pop()
        return self._opened()

    def give_back(self, session: socket.socket) -> None:
        with self._lock:
            self._free.append(session)

    def close(self) -> None:
        for each in self._all:
            each.close()

    def _opened(self) -> socket.socket:
        if self._host.startswith("/"):
            session = socket.socket(socket.AF_UNIX)
            session.connect(f"{self._host}/.s.PGSQL.{self._port}")
        else:
            session = socket.create_connection((self._host, self._port))
        asked = f"user\0{self._user}\0database\0{self._database}\0\0".encode()
        session.sendall(struct.pack("!ii", len(asked) + 8, 196608) + asked)
        while not _message(session).startswith(b"Z"):
            continue
        self._all.append(session)
        return session


class _Client(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Pool)
        with suppress(EOFError, OSError):
            self._greet()
            lent: socket.socket | None = None
            while not (asked := _message(self.request)).startswith(b"X"):
                lent = lent or self.server.take()
                lent.sendall(asked)
                if asked[:1] in {b"Q", b"S"} and self._answers(lent):
                    lent = None

    def _greet(self) -> None:
        while True:
            size, code = struct.unpack("!ii", _exactly(self.request, 8))
            _exactly(self.request, size - 8)
            if code not in _SSL:
                break
            self.request.sendall(b"N")
        self.request.sendall(_HELLO)

    def _answers(self, lent: socket.socket) -> bool:
        """Pass on what the server says; give it back with its transaction over, before that is heard."""
        assert isinstance(self.server, Pool)
        while True:
            said = _message(lent)
            is_over = said.startswith(b"Z") and said.endswith(b"I")
            if is_over:
                self.server.give_back(lent)
            self.request.sendall(said)
            if said.startswith(b"Z"):
                return is_over


@contextmanager
def pooled(url: str) -> Iterator[str]:
    """Yield the URL of a pool before the server at *url*."""
    with Pool(url) as pool:
        Thread(target=pool.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        name = make_url(url).database
        try:
            yield f"postgresql://postgres@127.0.0.1:{pool.server_address[1]}/{name}?gssencmode=disable"
        finally:
            pool.shutdown()
            pool.close()
