"""The stock wiring: every port filled, each built once, each open to a host's own adapter."""

import sys
import threading

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import attrs
import pytest

from litestar.testing import TestClient

from ordering_adapters.catalogue_file import SHIPPED, shipped_catalogue
from ordering_adapters.memory import MemoryImageCleaner
from ordering_core import Ordering, Policy
from ordering_core.domain.events import OrderEvent
from ordering_core.errors import CatalogueFileError
from ordering_core.testing.clocks import ManualClock
from ordering_entrypoints import asgi
from ordering_entrypoints.container import open_ordering
from ordering_entrypoints.http import HttpSettings
from ordering_entrypoints.settings import Settings, SettingsError
from tests.unit.application.shop import ESIM, WEDNESDAY
from tests.unit.entrypoints.api import body, event


PORTS = [field.name for field in attrs.fields(Ordering) if field.name != "policy"]


def test_the_stock_wiring_is_a_working_system() -> None:
    policy = Policy(checkout_ttl=timedelta(hours=1))
    with open_ordering(Settings(policy=policy)) as ordering:
        assert ordering.policy is policy
        assert ordering.catalogue_for().products.keys() == shipped_catalogue().products.keys()
        session = ordering.begin_checkout(ESIM)
        assert session.expires_at - session.created_at == timedelta(hours=1)


def test_a_catalogue_file_of_ones_own_is_for_sale(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.toml"
    file.write_text(SHIPPED.read_text().replace('name = "VPN router US"', 'name = "Router to America"'))
    with open_ordering(Settings(catalogue=file)) as ordering:
        assert "Router to America" in {product.name for product in ordering.catalogue_for().products.values()}
    file.write_text("nonsense")
    with pytest.raises(CatalogueFileError), open_ordering(Settings(catalogue=file)):
        pass


@pytest.mark.parametrize("port", PORTS)
def test_every_port_can_be_a_hosts_own(port: str) -> None:
    own = ManualClock(WEDNESDAY) if port == "clock" else MemoryImageCleaner()
    with open_ordering(Settings(), **{port: own}) as ordering:
        assert getattr(ordering, port) is own


@pytest.mark.parametrize("name", ["biling", "policy", "settings", "ordering", "storage", "world"])
def test_what_is_no_port_cannot_be_overridden(name: str) -> None:
    with pytest.raises(TypeError, match=f"no port called '{name}'"), open_ordering(Settings(), **{name: 1}):
        pass


def test_the_parts_of_one_system_belong_together() -> None:
    heard: list[OrderEvent] = []
    with open_ordering(Settings()) as ordering:
        ordering.live_updates.subscribe(None, heard.append)
        with ordering.store.transaction() as tx:
            tx.events.append(event(0))
    assert [one.cursor for one in heard] == [1]


def test_two_systems_share_nothing() -> None:
    with open_ordering(Settings()) as one, open_ordering(Settings()) as two:
        session = one.begin_checkout(ESIM)
        with two.store.transaction() as tx:
            assert tx.sessions.get(session.id) is None


def test_however_many_threads_ask_first_it_is_built_once() -> None:
    from dependency_injector import providers

    from ordering_entrypoints.container import Container

    container = Container(settings=providers.Object(Settings()))
    with ThreadPoolExecutor(8) as pool:
        built = {id(future.result()) for future in [pool.submit(container.ordering) for _ in range(32)]}
    assert len(built) == 1


def test_what_is_ours_outlives_the_process_in_a_database(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path}/ordering.db")
    with open_ordering(settings) as ordering:
        session = ordering.begin_checkout(ESIM)
    with open_ordering(settings) as ordering:
        assert ordering.checkout(session.id, customer=None) == session
    assert str(tmp_path) not in repr(settings)


def test_live_updates_of_a_database_end_with_the_system(tmp_path: Path) -> None:
    before = threading.active_count()
    with open_ordering(Settings(database=f"sqlite:///{tmp_path}/ordering.db")) as ordering:
        ordering.live_updates.subscribe(None, lambda _: None)
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("orders.db", "write sqlite:///FILE"),
        ("mysql://app:hunter2@db/orders", "no databases of kind 'mysql'"),
        ("postgresql://app:hunter2@/orders?host=/nowhere", "is the server running"),
        ("sqlite:////nowhere/ordering.db", "does the directory exist"),
    ],
)
def test_a_database_that_cannot_be_used_is_a_setting_to_change(url: str, says: str) -> None:
    with pytest.raises(SettingsError) as error, open_ordering(Settings(database=url)):
        pass
    assert "ORDERING_DATABASE cannot be used: " in str(error.value)
    assert says in str(error.value)
    assert "hunter2" not in str(error.value)


def test_a_database_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ordering_adapters.storage", None)
    settings = Settings(database="sqlite:///ordering.db")
    with pytest.raises(SettingsError, match=r"needs ordering-core\[storage\]"), open_ordering(settings):
        pass


def test_settings_have_to_be_settings() -> None:
    with pytest.raises(Exception, match="Settings"), open_ordering(HttpSettings()):  # type: ignore[arg-type]  # the mistake itself
        pass


def test_a_process_serves_what_its_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "configure_logging", lambda _: None)
    monkeypatch.setenv("ORDERING_HTTP_PATH", "/shop")
    with TestClient(asgi.app()) as client:
        assert client.get("/ready").status_code == 200
        assert client.post("/shop/checkout-sessions", json=body(ESIM)).status_code == 201
    monkeypatch.setenv("ORDERING_HTTP_PATHS", "/shop")
    with pytest.raises(SettingsError, match="ORDERING_HTTP_PATH is"):
        asgi.app()
