"""
The HTTP API: thin, over `Ordering`.

`create_app` serves it alone; `router` mounts it in a host's own Litestar app.
"""

from ordering_entrypoints.http.app import create_app, router
from ordering_entrypoints.http.settings import HttpSettings


__all__ = ["HttpSettings", "create_app", "router"]
