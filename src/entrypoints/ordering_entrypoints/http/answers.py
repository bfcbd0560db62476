"""Answers that are more than a body: with a Location, a Link, or a time to wait."""

from __future__ import annotations

from typing import TypeVar

from litestar import Response

from ordering_core.application.views import Submitted
from ordering_entrypoints.http.auth import ApiRequest
from ordering_entrypoints.http.links import location, next_page
from ordering_entrypoints.wire import CheckoutSessionView, SubmittedView


_ViewT = TypeVar("_ViewT")

_SESSIONS = "checkout-sessions"


def created(request: ApiRequest, session: CheckoutSessionView) -> Response[CheckoutSessionView]:
    """Answer with a new session and where it is."""
    return Response(session, headers={"Location": location(request, _SESSIONS, _SESSIONS, session.id)})


def submitted(request: ApiRequest, outcome: Submitted) -> Response[SubmittedView]:
    """Answer 201 with where the new order is, 200 for one submitted before, 202 while it is being placed."""
    view = SubmittedView.of(outcome)
    if outcome.order is None:
        wait = str(int(outcome.retry_after.total_seconds()) if outcome.retry_after else 1)
        return Response(view, status_code=202, headers={"Retry-After": wait})
    place = location(request, _SESSIONS, "orders", outcome.order)
    return Response(view, status_code=200 if outcome.repeated else 201, headers={"Location": place})


def paged(request: ApiRequest, view: _ViewT, *, after: str | int | None) -> Response[_ViewT]:
    """Answer with a page, and a Link to the one after *after*, if there is one."""
    return Response(view, headers={"Link": next_page(request, after=after)} if after else {})
