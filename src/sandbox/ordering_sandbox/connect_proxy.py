"""
A proxy through which the vendor's own host names lead here, for clients that build addresses themselves.

A client with this proxy for https asks for a tunnel to, say, acme.my.salesforce.com:443; it gets one to the
stand-in's TLS port, whose certificate names those hosts. Other hosts are refused: this is no way into the
Internet.
"""

from __future__ import annotations

import asyncio
import contextlib

from collections.abc import Mapping
from typing import Final


_HOST: Final = "127.0.0.1"
_LONGEST_HEAD: Final = 16_384
_CHUNK: Final = 65_536
_END: Final = b"\r\n\r\n"


class ConnectProxy:
    """Listens on a port of this machine; *routes* lead from the end of a host name to one of our ports."""

    def __init__(self, routes: Mapping[str, int]) -> None:
        """Offer tunnels along *routes*, longest name first."""
        self._routes = sorted(routes.items(), key=lambda route: -len(route[0]))
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.Task[None] | None, list[asyncio.StreamWriter]] = {}

    async def start(self, port: int = 0) -> str:
        """Listen on *port* (0: any); return the proxy's URL."""
        self._server = await asyncio.start_server(self._serve, _HOST, port, limit=_LONGEST_HEAD)
        taken: int = self._server.sockets[0].getsockname()[1]
        return f"http://{_HOST}:{taken}"

    async def stop(self) -> None:
        """Listen no more, and close every tunnel."""
        if self._server is not None:
            self._server.close()
        for writer in (writer for writers in self._open.values() for writer in writers):
            writer.close()
        if tunnels := [task for task in self._open if task is not None]:
            await asyncio.wait(tunnels, timeout=1)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._open[task] = [writer]
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await reader.readuntil(_END)
            port = self._port(head.split(b"\r\n", 1)[0].decode("latin-1"))
            if port is None:
                writer.write(b"HTTP/1.1 502 No Route\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
            else:
                await self._tunnel(reader, writer, port)
        writer.close()
        del self._open[task]

    def _port(self, line: str) -> int | None:
        method, target, *_ = [*line.split(" "), "", ""]
        host = target.partition(":")[0].lower()
        if method != "CONNECT":
            return None
        return next((port for end, port in self._routes if host == end or host.endswith(f".{end}")), None)

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
        far_reader, far_writer = await asyncio.open_connection(_HOST, port)
        self._open[asyncio.current_task()].append(far_writer)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes one way until they end; then end the other side too."""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    writer.close()
