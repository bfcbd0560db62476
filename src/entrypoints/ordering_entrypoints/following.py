"""Following the event bus of the org that the settings name, beside a server (DESIGN 5, Events)."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from ordering_core.application.ordering import Ordering
from ordering_entrypoints.observing import UNOBSERVED, Observer
from ordering_entrypoints.settings import Settings, SettingsError


def event_bus(
    settings: Settings, ordering: Ordering, *, observer: Observer = UNOBSERVED
) -> AbstractContextManager[None]:
    """
    Return what follows the event bus while it is entered, nothing if *settings* do not say so.

    *observer* is told of its calls. Several processes may; one of them follows at a time
    (docs/adr/0012-event-bus.md).

    Raises:
        SettingsError: The bus is to be followed and cannot be.

    """
    if settings.salesforce is None or not settings.salesforce.follow_events:
        return nullcontext()
    try:
        from ordering_entrypoints.salesforce_bus import event_subscriber  # noqa: PLC0415 - an extra, slow to load
    except ImportError:
        raise SettingsError(
            ("ORDERING_SALESFORCE_FOLLOW_EVENTS needs ordering-core[events] to be installed",)
        ) from None
    try:
        subscriber = event_subscriber(settings.salesforce, ordering, observer=observer)
    except ValueError as error:
        raise SettingsError((f"ORDERING_SALESFORCE_*: {error}",)) from None
    return _while_inside(subscriber.start, subscriber.stop)


@contextmanager
def _while_inside(start: Callable[[], None], stop: Callable[[], None]) -> Generator[None]:
    start()
    try:
        yield
    finally:
        stop()
