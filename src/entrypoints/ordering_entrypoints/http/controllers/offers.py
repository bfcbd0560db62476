"""What is for sale, and what a configuration of it would be worth: for everybody, without a session."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.datastructures import CacheControlHeader
from litestar.params import QueryParameter

from ordering_core.domain.violations import OrderRejected
from ordering_core.domain.vocabulary import OrderType
from ordering_core.errors import Unavailable
from ordering_entrypoints.http import bodies, examples
from ordering_entrypoints.http.auth import ApiRequest
from ordering_entrypoints.http.conditional import conditional
from ordering_entrypoints.http.documentation import ANYBODY, BAD_JSON, BAD_QUERY, described, problems
from ordering_entrypoints.http.provided import TheBody, TheOrdering
from ordering_entrypoints.http.request_schemas import DRAFT
from ordering_entrypoints.http.threads import in_thread
from ordering_entrypoints.wire import CatalogueView, CheckView, QuoteView


class CatalogueController(Controller):
    """The catalogue."""

    path = "/catalogue"
    tags = ("Catalogue",)
    security = ANYBODY

    @get(
        summary="List the products for sale",
        cache_control=CacheControlHeader(public=True, max_age=60),
        operation_class=described(answers={200: examples.CATALOGUE}),
        responses=problems(*BAD_QUERY, Unavailable),
    )
    @in_thread
    def products(
        self,
        request: ApiRequest,
        ordering: TheOrdering,
        type: Annotated[OrderType | None, QueryParameter(description="One service only")] = None,  # noqa: A002,
    ) -> Response[CatalogueView | None]:
        """Of all services, or of one *type*. Prices are net yen; the ETag changes when a product does."""
        return conditional(request, CatalogueView.of(ordering.catalogue_for(type)))


class ConfigurationController(Controller):
    """Configurations that nobody has to keep."""

    path = "/configurations"
    tags = ("Configurations",)
    security = ANYBODY

    @post(
        "/validation",
        summary="Check a configuration",
        status_code=200,
        operation_class=described(body=DRAFT, answers={200: examples.CHECK}),
        responses=problems(*BAD_JSON, Unavailable),
    )
    @in_thread
    def validate(self, request: ApiRequest, ordering: TheOrdering, body: TheBody) -> CheckView:
        """
        Say what the rules think of a configuration: every violation, and why the rest is satisfied.

        Answers 200 for an invalid one too: whether it may be ordered is in `verdict.passed`. The texts come
        back in their normal form.
        """
        return CheckView.of(ordering.check(bodies.draft(request, body)))

    @post(
        "/price",
        summary="Price a configuration",
        status_code=200,
        operation_class=described(body=DRAFT, answers={200: examples.QUOTE}),
        responses=problems(*BAD_JSON, OrderRejected, Unavailable),
    )
    @in_thread
    def price(self, request: ApiRequest, ordering: TheOrdering, body: TheBody) -> QuoteView:
        """Say what a valid configuration costs: monthly, once, and on the first bill, estimated."""
        return QuoteView.of(ordering.price(bodies.draft(request, body)))
