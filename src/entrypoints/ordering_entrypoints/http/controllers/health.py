"""Whether this process is alive, and whether it can work; and its figures: for what runs and watches it."""

from __future__ import annotations

from typing import Final, TypeAlias

from litestar import Controller, Response, Router, get
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from ordering_entrypoints.http.auth import Identify, gate, only
from ordering_entrypoints.http.documentation import ANYBODY, problems
from ordering_entrypoints.http.machinery import Machinery, NotReady
from ordering_entrypoints.http.principals import Permission
from ordering_entrypoints.http.settings import MetricsAccess
from ordering_entrypoints.http.threads import in_thread


TheMachinery: TypeAlias = NamedDependency[SkipValidation[Machinery]]
"""What the app shows of its process."""

METRICS: Final = "/metrics"


class HealthController(Controller):
    """Not part of the API: a host has its own."""

    path = "/"
    tags = ("Operation",)
    security = ANYBODY

    @get("/health", summary="Is the process alive?", sync_to_thread=False)
    def health(self) -> dict[str, str]:
        """Answer without asking anybody."""
        return {"status": "alive"}

    @get(
        "/ready",
        summary="Can it do its work?",
        responses=problems(NotReady),
    )
    @in_thread
    def ready(self, machinery: TheMachinery) -> dict[str, str]:
        """Look at what is ours, and at nobody outside; 503 names the parts that are not ready, and why."""
        if unready := machinery.unready():
            raise NotReady(unready)
        return {"status": "ready"}


@get(METRICS, include_in_schema=False)
@in_thread
def metrics(machinery: TheMachinery) -> Response[bytes]:
    """Return the figures of this process."""
    text, media_type = machinery.figures() if machinery.figures else (b"", "text/plain")
    return Response(text, media_type=media_type)


def metrics_routes(machinery: Machinery, access: MetricsAccess, identify: Identify) -> list[Router]:
    """Return the route of the figures, none when there are none or nobody may read them."""
    if machinery.figures is None or access is MetricsAccess.OFF:
        return []
    provided = {"machinery": Provide(lambda: machinery, sync_to_thread=False)}
    is_kept = access is MetricsAccess.KEY
    return [
        Router(
            "/",
            route_handlers=[metrics],
            before_request=gate(identify) if is_kept else None,
            cache_control=CacheControlHeader(no_store=True),
            dependencies=provided,
            opt=only(Permission.METRICS),
        )
    ]
