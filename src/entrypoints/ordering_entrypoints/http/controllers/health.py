"""Whether this process is alive, and whether it can do its work: for the machinery that runs it."""

from __future__ import annotations

from litestar import Controller, get

from ordering_core.errors import Unavailable
from ordering_entrypoints.http.documentation import ANYBODY, problems
from ordering_entrypoints.http.provided import TheOrdering


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
        sync_to_thread=True,
        responses=problems(Unavailable),
    )
    def ready(self, ordering: TheOrdering) -> dict[str, str]:
        """Ask the store and the catalogue; 503 when one of them cannot be reached."""
        with ordering.store.transaction():
            pass
        return {"status": "ready", "catalogue": ordering.catalogue_for().version}
