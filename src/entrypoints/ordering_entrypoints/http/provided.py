"""
What handlers may ask for by name, beside what the request itself says.

What stands side by side here costs a task each, for the framework provides it all at the same time. The steps
of a checkout ask for little, and one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from ordering_core.application.ordering import Ordering
from ordering_core.domain.drafts import AddressDraft, Draft
from ordering_core.domain.identifiers import CustomerId
from ordering_core.domain.texts import Language
from ordering_entrypoints.http import auth, bodies, idempotency
from ordering_entrypoints.http.auth import ApiRequest
from ordering_entrypoints.http.fan_out import FanOut
from ordering_entrypoints.http.idempotency import Once
from ordering_entrypoints.http.machinery import Machinery
from ordering_entrypoints.http.principals import Principal
from ordering_entrypoints.http.settings import EventSettings, HttpSettings


TheOrdering: TypeAlias = NamedDependency[SkipValidation[Ordering]]
"""The ordering system that the API stands on."""

TheDraft: TypeAlias = NamedDependency[SkipValidation[Draft]]
"""The draft in the body."""

TheAddress: TypeAlias = NamedDependency[SkipValidation[AddressDraft]]
"""The address in the body."""

TheReason: TypeAlias = NamedDependency[str]
"""The reason in the body."""

TheDocument: TypeAlias = NamedDependency[bytes]
"""The file in the body."""

TheOnce: TypeAlias = NamedDependency[SkipValidation[Once]]
"""The means to do the request only once."""

ThePrincipal: TypeAlias = NamedDependency[SkipValidation[Principal]]
"""Who makes the request."""

TheCustomer: TypeAlias = NamedDependency[CustomerId]
"""The customer who makes the request; for routes that only customers may use."""

TheShopper: TypeAlias = NamedDependency[CustomerId | None]
"""The customer who makes the request, None before login."""

TheLanguage: TypeAlias = NamedDependency[SkipValidation[Language]]
"""The language that sentences are wanted in."""

TheEventSettings: TypeAlias = NamedDependency[SkipValidation[EventSettings]]
"""How live updates are sent."""

TheFanOut: TypeAlias = NamedDependency[SkipValidation[FanOut]]
"""Everybody of this app who follows an order."""


def language(request: ApiRequest) -> Language:
    """Provide the language that ``Accept-Language`` prefers of those we have, English if it does not say."""
    wanted: dict[str, float] = {}
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, weight = part.strip().lower().partition(";q=")
        try:
            wanted.setdefault(tag[:2], float(weight or 1))
        except ValueError:
            continue
    return Language.JAPANESE if wanted.get("ja", 0) > wanted.get("en", 0) else Language.ENGLISH


_OF_THE_REQUEST: Final[Mapping[str, Provide]] = {
    "address": Provide(bodies.address, sync_to_thread=False),
    "customer": Provide(auth.customer, sync_to_thread=False),
    "document": Provide(bodies.document),
    "draft": Provide(bodies.draft),
    "language": Provide(language, sync_to_thread=False),
    "once": Provide(idempotency.once),
    "principal": Provide(auth.principal, sync_to_thread=False),
    "raw": Provide(bodies.raw_body),
    "reason": Provide(bodies.reason, sync_to_thread=False),
    "shopper": Provide(auth.shopper, sync_to_thread=False),
}


def dependencies(ordering: Ordering, settings: HttpSettings, machinery: Machinery) -> dict[str, Provide]:
    """Return everything that handlers may ask for."""
    return {
        **_OF_THE_REQUEST,
        "clock": Provide(lambda: ordering.clock, sync_to_thread=False),
        "event_settings": Provide(lambda: settings.events, sync_to_thread=False),
        "fan_out": Provide(lambda: machinery.fan_out, sync_to_thread=False),
        "machinery": Provide(lambda: machinery, sync_to_thread=False),
        "ordering": Provide(lambda: ordering, sync_to_thread=False),
        "store": Provide(lambda: ordering.store, sync_to_thread=False),
    }
