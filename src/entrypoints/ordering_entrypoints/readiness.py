"""Whether what is ours can be worked with, part by part; nobody outside is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ordering_core.errors import PortError
from ordering_core.ports.store import Store
from ordering_entrypoints.http.machinery import Check, reaches


DATABASE: Final = "database"
"""The part that keeps everything of ours."""

MIGRATIONS: Final = "migrations"
"""The part that makes its tables those of this version."""

_OLDER: Final = "its tables are not of this version; start ordering serve or ordering worker once"


def store_checks(store: Store) -> Mapping[str, Check]:
    """Return what has to hold for *store* to be worked with; on SQL, looking takes nobody's turn."""
    try:
        from ordering_adapters.storage import SqlStore, is_current, reach  # noqa: PLC0415 - an extra, slow to load
    except ImportError:
        return {DATABASE: reaches(store)}
    if not isinstance(store, SqlStore):
        return {DATABASE: reaches(store)}
    engine = store.engine

    def reached() -> str:
        reach(engine)
        return ""

    def migrated() -> str:
        return "" if is_current(engine) else _OLDER

    return {DATABASE: _told(reached), MIGRATIONS: _told(migrated)}


def _told(look: Callable[[], str]) -> Check:
    """Return *look*, with an error of the store's as what it found."""

    def check() -> str:
        try:
            return look()
        except PortError as error:
            return error.reason or str(error)

    return check
