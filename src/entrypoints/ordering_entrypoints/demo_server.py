"""The HTTP API on a socket of this machine, in a thread of this process."""

from __future__ import annotations

import time

from collections.abc import Generator
from contextlib import contextmanager
from threading import Thread
from typing import Final

import uvicorn

from litestar import Litestar

from ordering_entrypoints.listening import address_of, listen


HOST: Final = "127.0.0.1"
START: Final = 10.0
"""Seconds within which a server has to be ready."""


@contextmanager
def serving(app: Litestar, port: int) -> Generator[str]:
    """
    Serve *app* on *port*, a free one if 0, and yield its address; stop afterwards.

    Raises:
        Unusable: Something else listens there, or nobody may.

        RuntimeError: It does not come up.

    """
    with listen(HOST, port) as opened:
        server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, log_level="warning", timeout_graceful_shutdown=1, ws="none")
        )
        thread = Thread(target=server.run, args=([opened],), name="http", daemon=True)
        thread.start()
        try:
            _wait_for(server, thread)
            yield address_of(opened)
        finally:
            server.should_exit = True
            thread.join(START)


def _wait_for(server: uvicorn.Server, thread: Thread) -> None:
    """Return when *server* is ready."""
    until = time.monotonic() + START
    while not server.started:
        if not thread.is_alive() or time.monotonic() > until:
            raise RuntimeError("the HTTP server does not come up; run `ordering serve` to see why")
        time.sleep(0.01)
