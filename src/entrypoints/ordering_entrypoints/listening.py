"""The socket that a server of ours listens on, opened before it starts so that its address is known."""

from __future__ import annotations

import socket

from contextlib import closing

from ordering_entrypoints.terminal import Unusable


def listen(host: str, port: int) -> closing[socket.socket]:
    """
    Return a socket on *port* of *host*, a free one if 0; as a context it is closed on leaving.

    Raises:
        Unusable: Something else listens there, nobody may, or there is no such address.

    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        opened = socket.socket(family, kind, protocol)
    except OSError as error:
        raise Unusable(f"{host}: {error.strerror}. Give an address of this machine with --host.") from None
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind(address)
        opened.listen()  # whoever is told the address before the server is ready shall wait, not be refused
    except OSError as error:
        opened.close()
        way_out = "Give another with --port; 0 takes a free one."
        raise Unusable(f"port {port} of {host}: {error.strerror}. {way_out}") from None
    return closing(opened)


def address_of(opened: socket.socket) -> str:
    """Return how to reach what listens on *opened*."""
    host, port = opened.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def where_to_read(address: str) -> str:
    """Return the sentence that tells where the API at *address* is documented."""
    return f"API documentation: {address}/schema  (OpenAPI: {address}/schema/openapi.json)"
