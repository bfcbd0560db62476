"""
The stock wiring: which adapter stands behind which port (docs/adr/0008-http-edge.md).

The only module that knows dependency-injector. Every port is a provider of its own name that can be
overridden; what is built is built once, whichever thread asks first. Salesforce is the org and WHMCS the
installation of the settings, if they name one, and so are the mobile network and the SM-DP+; what they do not
name is in memory; beside an org only what they say may be. What is ours is in the database of the settings,
if they name one.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Final

from dependency_injector import containers, providers

from ordering_adapters.catalogue_file import SHIPPED, FileCatalogue, load_catalogue
from ordering_adapters.clock import SystemClock
from ordering_adapters.memory import MemoryIds, MemoryWorld
from ordering_adapters.memory.world import Storage
from ordering_adapters.notifications import ConsoleNotifications
from ordering_core.application.ordering import Ordering
from ordering_core.errors import PortError
from ordering_core.ports.clock import Clock
from ordering_core.ports.notifications import Notifications
from ordering_core.ports.store import Store
from ordering_core.ports.work_queue import WorkQueue
from ordering_entrypoints.memory_systems import MADE_UP, way_out
from ordering_entrypoints.observing import DATABASE as DATABASE_CALLS
from ordering_entrypoints.observing import Observer, Unobserved, calls_to
from ordering_entrypoints.settings import DATABASE, Settings, SettingsError


def _storage(settings: Settings, clock: Clock, observer: Observer) -> Generator[Storage | None]:
    """Yield what the database of *settings* holds, None when they name none; close it afterwards."""
    if settings.database is None:
        yield None
        return
    try:
        from ordering_adapters.storage import open_storage  # noqa: PLC0415 - an extra, and slow to load
    except ImportError:
        raise SettingsError((f"{DATABASE} needs ordering-core[storage] to be installed",)) from None
    with ExitStack() as opened:
        try:
            storage = opened.enter_context(
                open_storage(
                    settings.database,
                    clock,
                    keys=settings.database_keys,
                    observe=calls_to(DATABASE_CALLS, observer),
                )
            )
        except (ValueError, PortError) as error:
            raise SettingsError((f"{DATABASE} cannot be used: {error}",)) from None
        yield storage


def _world(settings: Settings, clock: Clock, storage: Storage | None) -> MemoryWorld[Clock]:
    """Return the outside systems, all in this process, with the catalogue of *settings* for sale."""
    return MemoryWorld(
        clock=clock,
        policy=settings.policy,
        catalogue=load_catalogue(settings.catalogue or SHIPPED),
        ids=MemoryIds(),
        storage=storage,
    )


def _salesforce(settings: Settings, clock: Clock, observer: Observer) -> Mapping[str, object]:
    """Return the ports of the org that *settings* name, none when they name none."""
    if settings.salesforce is None:
        return {}
    try:
        from ordering_entrypoints.salesforce_ports import salesforce_ports  # noqa: PLC0415 - an extra, slow to load
    except ImportError:
        raise SettingsError(
            ("ORDERING_SALESFORCE_* needs ordering-core[salesforce] to be installed",)
        ) from None
    attributes = FileCatalogue(settings.catalogue or SHIPPED)
    try:
        return salesforce_ports(
            settings.salesforce,
            clock=clock,
            policy=settings.policy,
            attributes=attributes,
            observer=observer,
        )
    except ValueError as error:
        raise SettingsError((f"ORDERING_SALESFORCE_*: {error}",)) from None


def _whmcs(settings: Settings, clock: Clock, observer: Observer, opened: ExitStack) -> Mapping[str, object]:
    """Return the ports of the installation that *settings* name, none when they name none."""
    if settings.whmcs is None:
        return {}
    try:
        from ordering_entrypoints.whmcs_ports import whmcs_api, whmcs_ports  # noqa: PLC0415 - an extra
    except ImportError:
        raise SettingsError(("ORDERING_WHMCS_* needs ordering-core[whmcs] to be installed",)) from None
    try:
        api = opened.enter_context(whmcs_api(settings.whmcs, clock=clock, observer=observer))
    except ValueError as error:
        raise SettingsError((f"ORDERING_WHMCS_*: {error}",)) from None
    return whmcs_ports(api, policy=settings.policy)


def _sim_network(
    settings: Settings, clock: Clock, store: Store, observer: Observer, opened: ExitStack
) -> Mapping[str, object]:
    """Return the ports of the network and the SM-DP+ that *settings* name, none when they name none."""
    if settings.sim is None and settings.es2plus is None:
        return {}
    try:
        from ordering_entrypoints import sim_network_ports as network  # noqa: PLC0415 - an extra
    except ImportError:
        raise SettingsError(
            ("ORDERING_SIM_* and ORDERING_ES2PLUS_* need ordering-core[sim] to be installed",)
        ) from None
    database = settings.database is not None
    ports: dict[str, object] = {}
    if settings.sim is not None:
        book = network.line_book(store, database=database)
        try:
            ports["lines"] = opened.enter_context(
                network.sim_lines(settings.sim, clock=clock, book=book, observer=observer)
            )
            network.layout_of(settings.sim)
        except ValueError as error:
            raise SettingsError((f"ORDERING_SIM_*: {error}",)) from None
    if settings.es2plus is not None:
        profiles = network.profile_book(store, database=database)
        try:
            ports["profiles"] = opened.enter_context(
                network.es2plus_profiles(settings.es2plus, book=profiles, observer=observer)
            )
        except ValueError as error:
            raise SettingsError((f"ORDERING_ES2PLUS_*: {error}",)) from None
    return ports


def _refuse_made_up(settings: Settings, overrides: Mapping[str, object]) -> None:
    """Raise SettingsError when a system nobody asked to have in memory would serve the orders of an org."""
    lacking = [
        each
        for each in settings.made_up
        if each not in settings.in_memory and MADE_UP[each].port not in overrides
    ]
    if lacking:
        raise SettingsError(tuple(f"{MADE_UP[each].what}: {way_out(each)}" for each in lacking))


def _mail(settings: Settings, clock: Clock) -> Notifications:
    """Return what takes mail to customers: the server of *settings*, or the log of the process."""
    if settings.mail is None:
        return ConsoleNotifications()
    from ordering_adapters.notifications.smtp import SmtpNotifications  # noqa: PLC0415 - few need it

    try:
        return SmtpNotifications(settings.mail.smtp(), clock)
    except OSError:
        raise SettingsError(
            ("ORDERING_MAIL_*: the file of authorities cannot be read; check the path and the rights",)
        ) from None


_NOT_PORTS: Final = frozenset({"settings", "storage", "world", "work_queue", "ordering"})


class Container(containers.DeclarativeContainer):
    """What is built from what."""

    settings = providers.Dependency(instance_of=Settings)
    clock = providers.ThreadSafeSingleton(SystemClock)
    observer = providers.ThreadSafeSingleton[Observer](Unobserved)
    storage = providers.Resource(_storage, settings, clock, observer)
    world = providers.ThreadSafeSingleton(_world, settings, clock, storage)

    catalogue = world.provided.ordering.catalogue
    customers = world.provided.ordering.customers
    orders = world.provided.ordering.orders
    opportunities = world.provided.ordering.opportunities
    cases = world.provided.ordering.cases
    files = world.provided.ordering.files
    billing = world.provided.ordering.billing
    lines = world.provided.ordering.lines
    profiles = world.provided.ordering.profiles
    store = world.provided.ordering.store
    live_updates = world.provided.ordering.live_updates
    closed_days = world.provided.ordering.closed_days
    image_cleaner = world.provided.ordering.image_cleaner
    notifications = world.provided.ordering.notifications
    ids = world.provided.ordering.ids
    work_queue = world.provided.work_queue

    ordering = providers.ThreadSafeSingleton(
        Ordering,
        catalogue=catalogue,
        customers=customers,
        orders=orders,
        opportunities=opportunities,
        cases=cases,
        files=files,
        billing=billing,
        lines=lines,
        profiles=profiles,
        store=store,
        live_updates=live_updates,
        closed_days=closed_days,
        image_cleaner=image_cleaner,
        notifications=notifications,
        clock=clock,
        ids=ids,
        policy=settings.provided.policy,
    )


@contextmanager
def open_ordering(settings: Settings, /, **overrides: object) -> Generator[Ordering]:
    """Yield the `Ordering` of `open_system` alone, for whoever runs no work; it raises the same."""
    with open_system(settings, **overrides) as (ordering, _):
        yield ordering


@contextmanager
def open_system(settings: Settings, /, **overrides: object) -> Generator[tuple[Ordering, WorkQueue]]:
    """
    Yield an `Ordering` wired as *settings* say and the queue of its work; let go of everything afterwards.

    *overrides* put a host's own adapters in place of ours, by the names of the ports (``billing=...``), and
    an ``observer`` of what they do. Two may be open at a time; they share nothing.

    Raises:
        TypeError: An override has no port of its name.

        SettingsError: The database or a file of the settings cannot be used, or orders of an org would be
        served by a system in memory that they do not ask for.

    """
    with _open(settings, overrides) as container:
        yield container.ordering(), container.work_queue()


@contextmanager
def open_whole(
    settings: Settings, /, **overrides: object
) -> Generator[tuple[Ordering, WorkQueue, Storage | None]]:
    """Yield what `open_system` yields, and what its database holds, None without one; it raises the same."""
    with _open(settings, overrides) as container:
        yield container.ordering(), container.work_queue(), container.storage()


@contextmanager
def open_stored(settings: Settings, /, **overrides: object) -> Generator[tuple[Ordering, Storage | None]]:
    """
    Yield an `Ordering` as `open_system` does, and what its database holds, for who brings a queue of its own.

    It is None when *settings* name no database; it raises the same.
    """
    with _open(settings, overrides) as container:
        yield container.ordering(), container.storage()


@contextmanager
def _open(settings: Settings, overrides: Mapping[str, object]) -> Generator[Container]:
    """Yield a container wired as *settings* and *overrides* say; let go of everything afterwards."""
    _refuse_made_up(settings, overrides)
    container = Container(settings=providers.Object(settings))
    _put(container, overrides)
    with ExitStack() as opened:
        clock, observer = container.clock(), container.observer()
        outside = {
            **_salesforce(settings, clock, observer),
            **_whmcs(settings, clock, observer, opened),
            "notifications": _mail(settings, clock),
        }
        _put(container, {name: adapter for name, adapter in outside.items() if name not in overrides})
        container.check_dependencies()
        opened.callback(container.shutdown_resources)
        container.init_resources()
        network = _sim_network(settings, clock, container.store(), observer, opened)  # pyright: ignore[reportUnknownArgumentType] - untyped there
        _put(container, {name: adapter for name, adapter in network.items() if name not in overrides})
        yield container


def _put(container: Container, adapters: Mapping[str, object]) -> None:
    """Put *adapters* behind the ports of their names. Raises TypeError when one has no port."""
    for name, adapter in adapters.items():
        if name not in container.providers or name in _NOT_PORTS:
            raise TypeError(f"there is no port called {name!r} to override")
        container.providers[name].override(providers.Object(adapter))  # pyright: ignore[reportUnknownMemberType] - untyped there
