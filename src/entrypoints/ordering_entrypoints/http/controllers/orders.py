"""A customer's own orders: the list, one of them, its progress, live (seed "Orders List Page")."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.datastructures import CacheControlHeader
from litestar.params import FromPath, HeaderParameter, QueryParameter

from ordering_core.domain.identifiers import Cursor, OrderId
from ordering_core.domain.timeline import Bucket
from ordering_core.domain.vocabulary import OrderType
from ordering_core.errors import Conflict, IllegalTransition, NotFound, Unavailable
from ordering_entrypoints.http import examples
from ordering_entrypoints.http.answers import paged
from ordering_entrypoints.http.auth import CUSTOMERS_ONLY, ApiRequest, customer_of
from ordering_entrypoints.http.conditional import conditional
from ordering_entrypoints.http.documentation import (
    BAD_KEY,
    BAD_QUERY,
    CUSTOMERS,
    LOG_IN,
    described,
    problems,
    stream,
)
from ordering_entrypoints.http.event_stream import EventStream
from ordering_entrypoints.http.idempotency import TheKey, once
from ordering_entrypoints.http.language import language_of
from ordering_entrypoints.http.live import LAST_CURSOR, OrderFeed
from ordering_entrypoints.http.provided import TheBody, TheEventSettings, TheFanOut, TheOrdering
from ordering_entrypoints.http.threads import in_thread
from ordering_entrypoints.wire import OrderDetailView, OrderPageView, TimelineView


_OWN_ORDER = (*LOG_IN, NotFound, Unavailable)


class OrderController(Controller):
    """Orders of the customer who is logged in."""

    path = "/orders"
    tags = ("Orders",)
    security = CUSTOMERS
    opt = CUSTOMERS_ONLY

    @get(
        summary="List your orders",
        operation_class=described(answers={200: examples.ORDER_PAGE}),
        responses=problems(*BAD_QUERY, *LOG_IN, Unavailable),
    )
    @in_thread
    def page(
        self,
        *,
        request: ApiRequest,
        ordering: TheOrdering,
        bucket: Annotated[Bucket | None, QueryParameter(description="Only orders in this state")] = None,
        type: Annotated[OrderType | None, QueryParameter(description="One service only")] = None,  # noqa: A002
        search: Annotated[str, QueryParameter(max_length=80, description="Part of an order number")] = "",
        after: Annotated[
            str | None, QueryParameter(max_length=80, description="The last order of the page before")
        ] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=100, description="Orders on a page")] = 20,
    ) -> Response[OrderPageView]:
        """Newest first. The header Link leads to the next page; `counts` are of all, whatever the filter."""
        page = ordering.list_orders(
            customer=customer_of(request),
            bucket=bucket,
            order_type=type,
            search=search,
            after=OrderId(after) if after else None,
            limit=limit,
            language=language_of(request),
        )
        return paged(request, OrderPageView.of(page), after=page.next)

    @get(
        "/{order_id:str}",
        summary="Read one order",
        cache_control=CacheControlHeader(private=True, no_cache=True),
        operation_class=described(answers={200: examples.ORDER}),
        responses=problems(*_OWN_ORDER),
    )
    @in_thread
    def read(
        self, request: ApiRequest, ordering: TheOrdering, order_id: FromPath[str]
    ) -> Response[OrderDetailView | None]:
        """With its progress, what comes next, and what you have to do, if anything."""
        detail = ordering.order(
            OrderId(order_id), customer=customer_of(request), language=language_of(request)
        )
        return conditional(request, OrderDetailView.of(detail), apart_from="as_of")

    @get(
        "/{order_id:str}/timeline",
        summary="Read the progress of one order",
        operation_class=described(answers={200: examples.TIMELINE}),
        responses=problems(*_OWN_ORDER),
    )
    @in_thread
    def timeline(self, request: ApiRequest, ordering: TheOrdering, order_id: FromPath[str]) -> TimelineView:
        """Only the steps, and which of them is the present one."""
        return TimelineView.of(ordering.order(OrderId(order_id), customer=customer_of(request)).timeline)

    @get(
        "/{order_id:str}/events",
        summary="Follow one order live",
        operation_class=described(),
        responses={200: stream(examples.EVENT_STREAM), **problems(*BAD_QUERY, *_OWN_ORDER)},
    )
    async def events(
        self,
        *,
        request: ApiRequest,
        ordering: TheOrdering,
        event_settings: TheEventSettings,
        fan_out: TheFanOut,
        order_id: FromPath[str],
        after: Annotated[
            int,
            QueryParameter(
                ge=0, le=LAST_CURSOR, description="Send what happened after this cursor; 0 is everything"
            ),
        ] = 0,
        last_event_id: Annotated[
            int | None,
            HeaderParameter(name="Last-Event-ID", ge=0, le=LAST_CURSOR, description="Goes before `after`"),
        ] = None,
    ) -> EventStream:
        """
        Server-sent events: first what was missed, then what happens. The id of each is its cursor.

        A comment comes in every silence of 15 seconds. A client that is too slow is let go, and resumes from
        its last event, as every `EventSource` does by itself.
        """
        feed = OrderFeed(
            ordering,
            fan_out,
            OrderId(order_id),
            customer=customer_of(request),
            language=language_of(request),
            settings=event_settings,
        )
        return await feed.open(
            request.scope["state"], after=Cursor(after if last_event_id is None else last_event_id)
        )

    @post(
        "/{order_id:str}/sim-arrived",
        summary="My SIM has arrived, move my number now",
        status_code=204,
        operation_class=described(),
        responses=problems(*BAD_KEY, *_OWN_ORDER, IllegalTransition, Conflict),
    )
    @in_thread
    def sim_arrived(
        self,
        request: ApiRequest,
        ordering: TheOrdering,
        order_id: FromPath[str],
        body: TheBody,
        idempotency_key: TheKey = None,
    ) -> None:
        """Have the number moved to the card that is in your hands. This cannot be taken back."""
        customer = customer_of(request)
        once(request, ordering, body, idempotency_key).command(
            lambda: ordering.sim_arrived(OrderId(order_id), customer=customer)
        )
