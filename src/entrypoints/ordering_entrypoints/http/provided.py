"""
What handlers may ask for by name, beside what the request itself says.

Each dependency costs every request of its route, several at a time a task each. So it is few that are
provided; what can be had of the request without waiting, handlers read themselves, in their own thread.
"""

from __future__ import annotations

from typing import TypeAlias

from litestar.di import NamedDependency, Provide
from litestar.params import RawBody, SkipValidation

from ordering_core.application.ordering import Ordering
from ordering_entrypoints.http import bodies
from ordering_entrypoints.http.fan_out import FanOut
from ordering_entrypoints.http.machinery import Machinery
from ordering_entrypoints.http.settings import EventSettings, HttpSettings


TheOrdering: TypeAlias = NamedDependency[SkipValidation[Ordering]]
"""The ordering system that the API stands on."""

TheBody: TypeAlias = RawBody
"""The body as it came; too large ones are refused while they arrive."""

TheDocument: TypeAlias = NamedDependency[bytes]
"""The file in the body."""

TheEventSettings: TypeAlias = NamedDependency[SkipValidation[EventSettings]]
"""How live updates are sent."""

TheFanOut: TypeAlias = NamedDependency[SkipValidation[FanOut]]
"""Everybody of this app who follows an order."""


def dependencies(ordering: Ordering, settings: HttpSettings, machinery: Machinery) -> dict[str, Provide]:
    """Return everything that handlers may ask for."""
    return {
        "document": Provide(bodies.document),
        "event_settings": Provide(lambda: settings.events, sync_to_thread=False),
        "fan_out": Provide(lambda: machinery.fan_out, sync_to_thread=False),
        "machinery": Provide(lambda: machinery, sync_to_thread=False),
        "ordering": Provide(lambda: ordering, sync_to_thread=False),
    }
