"""
The HTTP API for an ASGI server: ``uvicorn --factory ordering_entrypoints.asgi:app --no-access-log``.

Access logs of servers hold whole paths, and the path of an anonymous checkout is its secret; the API writes
its own (`ordering_entrypoints.http.access`).
"""

from __future__ import annotations

import asyncio
import os

from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager, nullcontext

from litestar import Litestar

from ordering_core.application.ordering import Ordering
from ordering_entrypoints.background import working
from ordering_entrypoints.backlog import count_backlog
from ordering_entrypoints.container import open_whole
from ordering_entrypoints.first_start import need_first_instant
from ordering_entrypoints.following import event_bus
from ordering_entrypoints.http import create_app
from ordering_entrypoints.http.controllers.network import NetworkNews
from ordering_entrypoints.http.machinery import Departure, Machinery
from ordering_entrypoints.http.threads import finish_threads
from ordering_entrypoints.logs import configure_logging
from ordering_entrypoints.metrics import CONTENT_TYPE, Metrics
from ordering_entrypoints.readiness import store_checks
from ordering_entrypoints.room import make_room
from ordering_entrypoints.settings import Settings
from ordering_entrypoints.worker_settings import WorkPlace


def app() -> Litestar:
    """
    Return the app of this process, set up by its environment.

    Raises:
        SettingsError: The environment cannot be used.

    """
    settings = Settings.from_env(os.environ)
    configure_logging(settings.log)
    return app_of(settings)


def app_of(settings: Settings, departure: Departure | None = None) -> Litestar:
    """
    Return an app set up by *settings*, which also does the work of its orders while it is served.

    Once *departure* begins it is not ready any more, begins no more work, and sends its streams elsewhere.

    It follows Salesforce's event bus too, if they say so. With workers apart it does neither.

    Raises:
        SettingsError: The database or a file of *settings* cannot be used, or it is not said which orders of
            an org are ours.

    """
    works = settings.worker.where is WorkPlace.INSIDE
    if works:
        need_first_instant(settings)
    metrics = Metrics()
    with ExitStack() as opening:
        ordering, queue, storage = opening.enter_context(open_whole(settings, observer=metrics))
        process = Machinery(
            checks=store_checks(storage[0] if storage else ordering.store),
            figures=lambda: (metrics.text(), CONTENT_TYPE),
            answered=metrics.answered,
            departure=departure or Departure(),
        )
        metrics.shows_streams(lambda: process.fan_out.clients)
        if works:
            metrics.shows_backlog(lambda: count_backlog(ordering, queue))
        work = (
            working(ordering, queue, observer=metrics, departure=process.departure)
            if works
            else nullcontext()
        )
        events = event_bus(settings, ordering, observer=metrics) if works else nullcontext()
        opened = opening.pop_all()

    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncGenerator[None]:
        make_room()
        with opened, work, events:
            yield
            await asyncio.to_thread(finish_threads)  # they use what is closed next

    news = _news(ordering, settings)
    return create_app(ordering, settings=settings.http, news=news, machinery=process, lifespan=[lifespan])


def _news(ordering: Ordering, settings: Settings) -> NetworkNews | None:
    """Return what takes the news of the networks that *settings* name, None when they name none."""
    if settings.sim is None and settings.es2plus is None:
        return None
    from ordering_entrypoints.sim_news import BookedNews  # noqa: PLC0415 - an extra

    return BookedNews(ordering, settings)
