"""
The HTTP API as an app of its own, and as a router for a host's.

Everything that makes it what it is (who may come in, what errors become, the line in the log) hangs on the
router, so that it behaves the same in both.
"""

from __future__ import annotations

import hashlib

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from typing import Final

from litestar import Litestar, Router
from litestar.datastructures import CacheControlHeader, ResponseHeader
from litestar.di import Provide
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.types import Middleware

from ordering_core.application.ordering import Ordering
from ordering_core.ports.clock import Clock
from ordering_entrypoints.http.answers import Answer
from ordering_entrypoints.http.auth import ApiRequest, Gate, Identify, by_credential, gate
from ordering_entrypoints.http.controllers.checkout import CheckoutController, OwnCheckoutController
from ordering_entrypoints.http.controllers.documents import DocumentController, PaymentMethodController
from ordering_entrypoints.http.controllers.health import HealthController, metrics_routes
from ordering_entrypoints.http.controllers.network import (
    CompletionController,
    NetworkNews,
    ProgressController,
)
from ordering_entrypoints.http.controllers.offers import CatalogueController, ConfigurationController
from ordering_entrypoints.http.controllers.orders import OrderController
from ordering_entrypoints.http.controllers.staff import ChangeController, StaffController
from ordering_entrypoints.http.docs_page import DocumentationPage
from ordering_entrypoints.http.documentation import SECURITY_SCHEMES
from ordering_entrypoints.http.edge import Edge
from ordering_entrypoints.http.errors import problem_handler
from ordering_entrypoints.http.head import AnswersHead
from ordering_entrypoints.http.machinery import Machinery, reaches
from ordering_entrypoints.http.provided import dependencies
from ordering_entrypoints.http.settings import HttpSettings, RateLimit


FORM_AROUND_FILE: Final = 65_536
"""Bytes that a form may need around the file in it."""


def router(
    ordering: Ordering,
    *,
    settings: HttpSettings | None = None,
    identify: Identify | None = None,
    news: NetworkNews | None = None,
    machinery: Machinery | None = None,
) -> Router:
    """
    Return the API, to be mounted in a host's own Litestar app under any path.

    *identify* tells whose a request is, for hosts with a login of their own; without it, bearer tokens and
    service keys count, as *settings* say. *news* takes what the mobile network says. *machinery* is told of
    requests, and tells streams when to end.
    """
    chosen, process = settings or HttpSettings(), machinery or Machinery()
    process.departure.then(process.fan_out.close)
    return Router(
        chosen.path,
        route_handlers=[
            CatalogueController,
            ConfigurationController,
            CheckoutController,
            OwnCheckoutController,
            Router(
                "/",
                route_handlers=[DocumentController],
                request_max_body_size=chosen.upload_limit + FORM_AROUND_FILE,
            ),
            PaymentMethodController,
            OrderController,
            StaffController,
            ChangeController,
            *([CompletionController] if news else []),
        ],
        before_request=_gate(identify, chosen, ordering.clock),
        cache_control=CacheControlHeader(no_store=True),
        dependencies={**dependencies(ordering, chosen, process), **_of(news)},
        exception_handlers={Exception: problem_handler(chosen)},
        middleware=_middleware(chosen, process),
        request_max_body_size=chosen.json_limit,
        response_class=Answer,
        response_headers=[
            ResponseHeader(name="Vary", value="Authorization, Accept-Language"),
            ResponseHeader(name="X-Content-Type-Options", value="nosniff"),
        ],
    )


def create_app(
    ordering: Ordering,
    *,
    settings: HttpSettings | None = None,
    identify: Identify | None = None,
    news: NetworkNews | None = None,
    machinery: Machinery | None = None,
    lifespan: Sequence[Callable[[Litestar], AbstractAsyncContextManager[None]]] = (),
) -> Litestar:
    """
    Return an app with the API, its documentation under ``/schema``, and routes for the machinery.

    Without a *machinery* of the caller's it is ready while the store can be reached, and shows no figures.
    """
    chosen = settings or HttpSettings()
    process = machinery or Machinery(checks={"store": reaches(ordering.store)})
    return AnswersHead(
        [
            router(ordering, settings=chosen, identify=identify, news=news, machinery=process),
            Router(
                "/",
                route_handlers=[HealthController, *([ProgressController] if news else [])],
                dependencies={**dependencies(ordering, chosen, process), **_of(news)},
                cache_control=CacheControlHeader(no_store=True),
            ),
            *metrics_routes(process, chosen.metrics, identify or by_credential(chosen, ordering.clock)),
        ],
        exception_handlers={Exception: problem_handler(chosen)},
        lifespan=lifespan,
        logging_config=None,
        openapi_config=OpenAPIConfig(
            title="Ordering",
            version=version("ordering-core"),
            description="Configure, check out, and follow orders of Internet, SIM and VPN.",
            components=SECURITY_SCHEMES,
            path="/schema",
            render_plugins=[
                DocumentationPage(),
                JsonRenderPlugin(path="/openapi.json"),
                YamlRenderPlugin(path="/openapi.yaml"),
            ],
            use_handler_docstrings=True,
        ),
    )


def _gate(identify: Identify | None, settings: HttpSettings, clock: Clock) -> Gate:
    """Return the gate that asks *identify*, or looks at the credential; that waits for remote keys alone."""
    if identify is not None:
        return gate(identify)
    is_remote = settings.tokens is not None and settings.tokens.jwks_url is not None
    return gate(by_credential(settings, clock), waits=is_remote)


def _middleware(settings: HttpSettings, machinery: Machinery) -> list[Middleware]:
    limits = [_rate_limit(settings.rate_limit)] if settings.rate_limit else []

    def answered(method: str, route: str, status: int, seconds: float) -> None:
        if machinery.answered is not None:
            machinery.answered(method, route, status, seconds)

    return [Edge(answered, settings.events.patience), *limits]


def _of(news: NetworkNews | None) -> dict[str, Provide]:
    return {} if news is None else {"news": Provide(lambda: news, sync_to_thread=False)}


def _rate_limit(limit: RateLimit) -> Middleware:
    return RateLimitConfig(rate_limit=(limit.unit, limit.requests), identifier_for_request=_client).middleware


def _client(request: ApiRequest) -> str:
    """Return what a client is counted by: a digest of its credential, else its address."""
    credential = request.headers.get("authorization")
    if credential is not None:
        return hashlib.sha256(credential.encode()).hexdigest()
    return request.client.host if request.client else ""
