"""`ordering serve`: the HTTP API in this process until it is stopped."""

from __future__ import annotations

from typing import Final

import uvicorn

from ordering_entrypoints.asgi import app_of
from ordering_entrypoints.http.machinery import Departure
from ordering_entrypoints.listening import address_of, listen, where_to_read
from ordering_entrypoints.logs import configure_logging
from ordering_entrypoints.serving import Server, told_by_signals
from ordering_entrypoints.settings import Settings
from ordering_entrypoints.terminal import Terminal


NOBODY_LOGS_IN: Final = (
    "No tokens are set up, so no customer can log in: set ORDERING_TOKENS_ISSUER, ORDERING_TOKENS_AUDIENCE"
    " and one of ORDERING_TOKENS_SECRET, ORDERING_TOKENS_JWKS_URL and ORDERING_TOKENS_JWKS."
)
LAST_WORDS: Final = 5
"""Seconds that requests may still take once the server was told to stop; live updates end with it."""

KEPT_OPEN: Final = 75
"""
Seconds that an idle connection stays open.

Longer than proxies and clients keep one: a request sent into one that is just being closed is lost, and of a
POST nobody knows what became of it.
"""


def serve(terminal: Terminal, settings: Settings, *, host: str, port: int) -> int:
    """
    Serve on *port* of *host* (0 takes a free port) as *settings* say.

    Raises:
        Unusable: Nothing can listen there.

        SettingsError: The database or a file of *settings* cannot be used.

        CatalogueFileError: The catalogue file they name cannot be used.

    """
    configure_logging(settings.log)
    departure = Departure()
    application = app_of(settings, departure)
    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=LAST_WORDS,
        timeout_keep_alive=KEPT_OPEN,
        ws="none",
    )
    server = Server(config, departure, drain=settings.http.drain)
    with told_by_signals(server.leave), listen(host, port) as opened:
        terminal.remark(where_to_read(address_of(opened)))
        if settings.http.tokens is None:
            terminal.remark(NOBODY_LOGS_IN)
        server.run([opened])
    return 0
