"""Runs a stand-in's servers in one process until a signal, or the end of its standard input, stops it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import ssl
import sys
import threading

from collections.abc import Callable, Generator, Sequence
from typing import Final

import attrs
import uvicorn

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from ordering_sandbox.asgi import CONNECTION, Connection, HttpApplication
from ordering_sandbox.tls import Certificate


_HOST: Final = "127.0.0.1"
_LONGEST_HEAD: Final = 262_144
_STEP: Final = 0.01


class DroppableProtocol(H11Protocol):
    """HTTP/1.1 whose application may end the connection without an answer."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, {**app_state, CONNECTION: Connection(self._abort)}, _loop)

    def _abort(self) -> None:
        self.transport.abort()


@attrs.frozen(kw_only=True)
class Listener:
    """One application on one socket."""

    application: HttpApplication
    socket: socket.socket
    certificate: Certificate | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        port: int = self.socket.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Where it is reached."""
        where = f"http://{_HOST}" if self.certificate is None else "https://localhost"
        return f"{where}:{self.port}"


def listen(
    application: HttpApplication, *, port: int = 0, certificate: Certificate | None = None
) -> Listener:
    """Reserve *port* (0: any) on this machine alone for *application*."""
    return Listener(application=application, socket=open_socket(port), certificate=certificate)


def open_socket(port: int) -> socket.socket:
    """Return a socket that listens on *port* of this machine alone."""
    # Named as TCP, asyncio sends small answers at once; otherwise each waits 40 ms for the client's word.
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.bind((_HOST, port))
    opened.listen(128)
    return opened


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to `run`, which stops every server."""
        yield


async def serve(listeners: Sequence[Listener], stopping: asyncio.Event, *, ready: Callable[[], None]) -> None:
    """Serve *listeners* until *stopping* is set; call *ready* when all of them answer."""
    servers = [_Server(_config(listener)) for listener in listeners]
    tasks = [
        asyncio.create_task(server.serve(sockets=[listener.socket]))
        for server, listener in zip(servers, listeners, strict=True)
    ]
    while not all(server.started for server in servers):  # noqa: ASYNC110 - uvicorn offers no event
        await asyncio.sleep(_STEP)
    ready()
    await stopping.wait()
    for server in servers:
        server.should_exit = True
        server.force_exit = True
    await asyncio.gather(*tasks)
    for listener in listeners:
        listener.application.close()


def stop_on_signals(stopping: asyncio.Event, *, watch_stdin: bool) -> None:
    """Set *stopping* on SIGTERM and SIGINT, and when *watch_stdin* at the end of the standard input."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    if watch_stdin:
        threading.Thread(target=_wait_for_end, args=(loop, stopping), daemon=True).start()


def _wait_for_end(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
    with contextlib.suppress(OSError, ValueError):
        while sys.stdin.buffer.read(4096):
            pass
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(stopping.set)


def _config(listener: Listener) -> uvicorn.Config:
    config = uvicorn.Config(
        listener.application,
        http=DroppableProtocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,  # an answer is dated by the stand-in's own clock
        h11_max_incomplete_event_size=_LONGEST_HEAD,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    config.load()
    if listener.certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(listener.certificate.certificate, listener.certificate.key)
        context.set_alpn_protocols(["http/1.1"])
        if listener.certificate.trusted_clients is not None:
            context.load_verify_locations(listener.certificate.trusted_clients)
            context.verify_mode = ssl.CERT_REQUIRED
        config.ssl = context
    return config
