"""For the team and for other systems: trying an order again, and the feed of everything that changes."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.params import FromPath, QueryParameter

from ordering_core.domain.identifiers import Cursor, OrderId
from ordering_core.errors import Conflict, NotFound, NothingToRetry, Unavailable
from ordering_entrypoints.http import bodies, examples
from ordering_entrypoints.http.answers import paged
from ordering_entrypoints.http.auth import ApiRequest, only
from ordering_entrypoints.http.documentation import (
    BAD_JSON,
    BAD_KEY,
    BAD_QUERY,
    LOG_IN,
    SERVICES,
    STAFF,
    described,
    problems,
)
from ordering_entrypoints.http.idempotency import TheKey, once
from ordering_entrypoints.http.live import LAST_CURSOR
from ordering_entrypoints.http.principals import Permission
from ordering_entrypoints.http.provided import TheBody, TheOrdering
from ordering_entrypoints.http.request_schemas import REASON
from ordering_entrypoints.http.threads import in_thread
from ordering_entrypoints.wire import ChangesView


class StaffController(Controller):
    """What people of the team do to orders."""

    path = "/orders/{order_id:str}"
    tags = ("Staff",)
    security = STAFF
    opt = only(Permission.RETRY)

    @post(
        "/retry",
        summary="Try an order on hold again",
        status_code=204,
        operation_class=described(body=REASON),
        responses=problems(*BAD_JSON, *BAD_KEY, *LOG_IN, NotFound, NothingToRetry, Conflict, Unavailable),
    )
    @in_thread
    def retry(
        self,
        request: ApiRequest,
        ordering: TheOrdering,
        order_id: FromPath[str],
        body: TheBody,
        idempotency_key: TheKey = None,
    ) -> None:
        """Clear the order's hold on your word, which is recorded with the reason, and run it."""
        reason, by = bodies.reason(request, body), request.user.name
        once(request, ordering, body, idempotency_key).command(
            lambda: ordering.retry(OrderId(order_id), by=by, reason=reason)
        )


class ChangeController(Controller):
    """The change feed."""

    path = "/changes"
    tags = ("Services",)
    security = SERVICES
    opt = only(Permission.CHANGES)

    @get(
        summary="Read what happened to all orders",
        operation_class=described(answers={200: examples.CHANGES}),
        responses=problems(*BAD_QUERY, *LOG_IN, Unavailable),
    )
    @in_thread
    def page(
        self,
        request: ApiRequest,
        ordering: TheOrdering,
        after: Annotated[
            int, QueryParameter(ge=0, le=LAST_CURSOR, description="The last cursor you have seen")
        ] = 0,
        limit: Annotated[int, QueryParameter(ge=1, le=1000, description="Changes on a page")] = 100,
    ) -> Response[ChangesView]:
        """Oldest first, each once. Keep `next` and ask from there; the header Link leads there too."""
        events = ordering.changes(after=Cursor(after), limit=limit)
        return paged(
            request, ChangesView.of(events, after=after), after=events[-1].cursor if events else None
        )
