"""
The HTTP API: thin, over `Ordering`.

`create_app` serves it alone; `router` mounts it in a host's own Litestar app.
"""

from typing import TYPE_CHECKING

from ordering_entrypoints.http.settings import HttpSettings


if TYPE_CHECKING:
    from ordering_entrypoints.http.app import create_app, router


__all__ = ["HttpSettings", "create_app", "router"]


def __getattr__(name: str) -> object:
    """Load the app for who serves it: settings are everybody's, and loading it takes longer than all else."""
    if name not in {"create_app", "router"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ordering_entrypoints.http import app  # noqa: PLC0415 - see above

    return getattr(app, name)
