"""For the mobile network and whoever speaks for it: what became of lines, what devices did with profiles."""

from __future__ import annotations

import hmac

from typing import Final, Protocol, TypeAlias

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from ordering_core.errors import NotFound, Unavailable
from ordering_entrypoints.http import examples
from ordering_entrypoints.http.auth import ApiRequest, only
from ordering_entrypoints.http.bodies import completions
from ordering_entrypoints.http.documentation import BAD_JSON, LOG_IN, SERVICES, described, problems
from ordering_entrypoints.http.principals import Permission
from ordering_entrypoints.http.provided import TheBody
from ordering_entrypoints.http.request_schemas import COMPLETIONS
from ordering_entrypoints.http.threads import in_thread
from ordering_entrypoints.wire.completions import CompletionReport, CompletionsView, UnmatchedView
from ordering_entrypoints.wire.errors import FieldError


LONGEST_PROGRESS: Final = 65_536
"""Bytes of what an SM-DP+ tells at once."""


class NetworkNews(Protocol):
    """Takes what a network says; *progress_key* is empty where no SM-DP+ tells of devices."""

    progress_key: str

    def complete(
        self, reports: tuple[CompletionReport, ...], errors: tuple[FieldError, ...], /
    ) -> CompletionsView:
        """Keep each of *reports*. Raises Unavailable when they cannot be kept now."""
        ...

    def unmatched(self) -> tuple[UnmatchedView, ...]:
        """Return what fits no order. Raises Unavailable."""
        ...

    def progress(self, body: bytes, /) -> bool:
        """Take what an SM-DP+ tells; False when it tells of no profile. Raises Unavailable."""
        ...


TheNews: TypeAlias = NamedDependency[SkipValidation[NetworkNews]]


class CompletionController(Controller):
    """Completions of lines."""

    path = "/sim/completions"
    tags = ("Services",)
    security = SERVICES
    opt = only(Permission.COMPLETIONS)

    @post(
        summary="Say what became of lines",
        status_code=200,
        operation_class=described(body=COMPLETIONS, answers={200: examples.COMPLETIONS_TAKEN}),
        responses=problems(*BAD_JSON, *LOG_IN, Unavailable),
    )
    @in_thread
    def take(self, request: ApiRequest, news: TheNews, body: TheBody) -> CompletionsView:
        """
        Each names its order, line, EID or card. What can be understood is taken, once however often.

        It counts by what it says, so no Idempotency-Key is needed, and one that is sent changes nothing.
        """
        return news.complete(*completions(request, body))

    @get(
        "/unmatched",
        summary="See what fits no order",
        responses=problems(*LOG_IN, Unavailable),
    )
    @in_thread
    def unmatched(self, news: TheNews) -> tuple[UnmatchedView, ...]:
        """Oldest first. What is kept here fits its order as soon as that is known."""
        return news.unmatched()


class ProgressController(Controller):
    """HandleDownloadProgressInfo of SGP.22: an SM-DP+ calls it, under an address that only it knows."""

    path = "/es2plus/{key:str}/gsma/rsp2/es2plus"
    include_in_schema = False
    request_max_body_size = LONGEST_PROGRESS

    @post("/handleDownloadProgressInfo", status_code=204)
    async def heard(self, request: ApiRequest, news: TheNews, key: FromPath[str]) -> Response[None]:
        """Take it, however often; what cannot be read is 400, and an address nobody was given 404."""
        known = news.progress_key
        if not known or not hmac.compare_digest(known.encode(), key.encode()):
            raise NotFound("address")
        heard = await in_thread(news.progress)(await request.body())
        return Response(None, status_code=204 if heard else 400)
