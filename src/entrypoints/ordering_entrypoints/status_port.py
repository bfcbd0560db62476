"""
A small port of a worker's own: whether it lives, whether it can work, and its figures.

It is plain HTTP for the machinery around it, for this machine alone unless settings say otherwise.
"""

from __future__ import annotations

import json

from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final

from ordering_entrypoints.http.machinery import Machinery
from ordering_entrypoints.listening import address_of, listen


PATIENCE: Final = 10.0
"""Seconds that a client is given to ask."""

_JSON: Final = "application/json"


@contextmanager
def status_port(machinery: Machinery, *, host: str, port: int) -> Generator[str]:
    """
    Answer on *port* of *host* (0 takes a free port) while it is entered; yield the address.

    Raises:
        Unusable: Nothing can listen there.

    """
    with listen(host, port) as opened:
        address = address_of(opened)
        server = ThreadingHTTPServer(opened.getsockname()[:2], _handler(machinery), bind_and_activate=False)
        server.socket.close()
        server.socket = opened
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, args=(0.1,), name="status", daemon=True)
        thread.start()
        try:
            yield address
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _handler(machinery: Machinery) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE
        server_version = "ordering"
        sys_version = ""

        def do_GET(self) -> None:
            match self.path:
                case "/health":
                    self._answer(HTTPStatus.OK, _JSON, json.dumps({"status": "alive"}).encode())
                case "/ready":
                    unready = machinery.unready()
                    status = HTTPStatus.SERVICE_UNAVAILABLE if unready else HTTPStatus.OK
                    said = {"status": "not ready", "parts": unready} if unready else {"status": "ready"}
                    self._answer(status, _JSON, json.dumps(said).encode())
                case "/metrics" if machinery.figures is not None:
                    text, media_type = machinery.figures()
                    self._answer(HTTPStatus.OK, media_type, text)
                case _:
                    self._answer(HTTPStatus.NOT_FOUND, _JSON, b"{}")

        def log_message(self, format: str, *_args: object) -> None:  # noqa: A002 - the library's name for it
            """Log nothing: who asks does so all day."""

        def _answer(self, status: HTTPStatus, media_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", f"{media_type}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

    return Handler
