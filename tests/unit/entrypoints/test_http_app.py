"""The API as an app of its own, and as a guest in somebody else's."""

from __future__ import annotations

import attrs
import pytest

from litestar import Litestar, Response, Router, get
from litestar.connection import Request
from litestar.exceptions import NotFoundException
from litestar.testing import TestClient

from ordering_core.testing.world import Fault
from ordering_entrypoints.http import create_app, router
from ordering_entrypoints.http.auth import Connection, Unauthenticated
from ordering_entrypoints.http.principals import ANONYMOUS, Principal, Role, user
from ordering_entrypoints.http.settings import HttpSettings, RateLimit
from tests.unit.application.shop import ESIM, new_world
from tests.unit.entrypoints.api import PROBLEM, SETTINGS, Api, body, kind, wrong


def test_the_machinery_is_told_that_it_lives_and_works() -> None:
    api = Api()
    assert api.client.get("/health").json() == {"status": "alive"}
    ready = api.client.get("/ready")
    assert ready.json() == {"status": "ready"}
    assert ready.headers["cache-control"] == "no-store"


def test_it_is_not_ready_while_its_store_is_out_of_reach_and_says_so() -> None:
    api = Api()
    api.world.faults.set("store.transaction", Fault.DOWN)
    answer = api.client.get("/ready")
    assert (answer.status_code, kind(answer)) == (503, "not-ready")
    assert wrong(answer) == {"/store": "not_ready"}
    assert answer.headers["retry-after"] == "30"
    assert api.client.get("/health").status_code == 200
    assert api.client.get("/ready").status_code == 200


def test_whether_it_is_ready_is_found_without_asking_anybody_outside() -> None:
    api = Api()
    for operation in ("catalogue.all", "customers.account", "billing.payment_methods", "orders.place"):
        api.world.faults.set(operation, Fault.DOWN)
    assert api.client.get("/ready").status_code == 200


@pytest.mark.parametrize("path", ["/health", "/api/catalogue", "/schema/openapi.json"])
def test_head_is_get_without_its_body(path: str) -> None:
    client = Api().client
    whole, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    changing = {"x-request-id", "date"}
    assert {name: value for name, value in head.headers.items() if name not in changing} == {
        name: value for name, value in whole.headers.items() if name not in changing
    }


def test_head_is_refused_where_get_would_be() -> None:
    api = Api()
    assert api.client.head("/api/orders").status_code == 401
    assert api.client.head("/api/configurations/price").status_code == 405
    assert api.client.head("/nowhere").status_code == 404


def test_the_api_stands_under_the_path_it_is_given() -> None:
    world = new_world()
    client = TestClient(create_app(world.ordering, settings=attrs.evolve(SETTINGS, path="/v1/shop")))
    begun = client.post("/v1/shop/checkout-sessions", json=body(ESIM))
    assert begun.headers["location"].startswith("/v1/shop/checkout-sessions/")
    assert client.get("/api/catalogue").status_code == 404


@get("/hello", sync_to_thread=False)
def hello() -> str:
    """Stand for a host's own route."""
    return "hello"


def host_not_found(_request: Request[object, object, object], _error: NotFoundException) -> Response[str]:  # type: ignore[type-var]  # the host types its requests as it likes
    """Stand for a host's own way with errors."""
    return Response("the host found nothing", status_code=404)


def test_a_host_mounts_it_in_an_app_of_its_own() -> None:
    world = new_world()
    host = Litestar(
        [hello, Router("/partners/ordering", route_handlers=[router(world.ordering, settings=SETTINGS)])],
        exception_handlers={NotFoundException: host_not_found},
    )
    client = TestClient(host)
    assert client.get("/hello").text == "hello"
    assert "x-request-id" not in client.get("/hello").headers

    api = Api(world)
    customer = world.new_customer()
    header = api.token(customer)
    begun = client.post("/partners/ordering/api/checkout-sessions", json=body(ESIM), headers=header)
    assert begun.status_code == 201
    assert begun.headers["location"].startswith("/partners/ordering/api/checkout-sessions/")
    session = begun.headers["location"]
    assert client.post(f"{session}/address-confirmation", headers=header).status_code == 200
    placed = client.post(f"{session}/submission", headers=header)
    assert placed.status_code == 201
    assert client.get(placed.headers["location"], headers=header).status_code == 200
    assert world.ordering.list_orders(customer=customer).total == 1

    refused = client.post("/partners/ordering/api/configurations/price", json={"type": "SIM", "eid": 1})
    assert (refused.status_code, refused.headers["content-type"]) == (422, PROBLEM)
    assert refused.headers["x-request-id"]
    assert client.get("/partners/ordering/api/orders").status_code == 401
    assert client.get("/nowhere").text == "the host found nothing"

    document = client.get("/schema/openapi.json").json()
    assert "/partners/ordering/api/checkout-sessions/{session_id}/submission" in document["paths"]
    assert "/hello" in document["paths"]


def test_two_systems_stand_side_by_side() -> None:
    one, two = new_world(), new_world()
    host = Litestar(
        [
            router(one.ordering, settings=attrs.evolve(SETTINGS, path="/one")),
            router(two.ordering, settings=attrs.evolve(SETTINGS, path="/two")),
        ]
    )
    client = TestClient(host)
    session = client.post("/one/checkout-sessions", json=body(ESIM)).json()["id"]
    assert client.get(f"/one/checkout-sessions/{session}").status_code == 200
    assert client.get(f"/two/checkout-sessions/{session}").status_code == 404


def by_host_header(connection: Connection) -> Principal:
    """Stand for a host's own login."""
    name = connection.headers.get("x-user")
    if name == "intruder":
        raise Unauthenticated(given=True)
    return user(name, [Role.CUSTOMER]) if name else ANONYMOUS


def test_a_host_with_a_login_of_its_own_says_who_comes_in() -> None:
    world = new_world()
    customer = world.new_customer()
    client = TestClient(create_app(world.ordering, identify=by_host_header))
    assert client.get("/api/orders", headers={"X-User": customer}).json()["total"] == 0
    assert client.get("/api/orders").status_code == 401
    assert client.get("/api/catalogue", headers={"X-User": "intruder"}).status_code == 401


def test_too_many_requests_are_told_how_long_to_wait() -> None:
    api = Api(settings=attrs.evolve(SETTINGS, rate_limit=RateLimit(requests=3, unit="hour")))
    one, two = api.token("customer-1"), api.token("customer-2")
    assert [api.call("GET", "/catalogue", headers=one).status_code for _ in range(4)] == [200, 200, 200, 429]
    limited = api.call("GET", "/catalogue", headers=one)
    assert 0 < int(limited.headers["retry-after"]) <= 3600
    assert limited.headers["ratelimit-limit"] == "3"
    assert api.call("GET", "/catalogue", headers=two).status_code == 200
    assert api.call("GET", "/catalogue").status_code == 200
    assert api.client.get("/health").status_code == 200


def test_answers_are_not_kept_by_caches_and_depend_on_who_asks() -> None:
    api = Api()
    customer = api.world.new_customer()
    session = api.begin(ESIM, customer)
    for path in (session, "/orders"):
        answer = api.call("GET", path, customer)
        assert answer.headers["cache-control"] == "no-store"
        assert {"Authorization", "Accept-Language"} <= set(answer.headers["vary"].split(", "))
    assert api.call("GET", "/orders").headers["cache-control"] == "no-store"


def test_settings_have_defaults_that_let_nobody_in() -> None:
    settings = HttpSettings()
    assert (settings.tokens, settings.service_keys, settings.path) == (None, (), "/api")
    assert TestClient(create_app(new_world().ordering)).get("/api/orders").status_code == 401


def test_what_a_host_adds_to_every_answer_is_in_those_of_the_api() -> None:
    def marked(response: Response[object]) -> Response[object]:
        response.set_cookie("seen", "yes")
        return response

    world = new_world()
    host = Litestar([router(world.ordering, settings=SETTINGS)], after_request=marked)
    plain = TestClient(create_app(world.ordering, settings=SETTINGS))
    path = plain.post("/api/checkout-sessions", json=body(ESIM)).headers["location"]
    ours, theirs = plain.get(path), TestClient(host).get(path)
    assert theirs.cookies["seen"] == "yes"
    assert theirs.content == ours.content
    assert {**theirs.headers, "set-cookie": "", "x-request-id": ""} == {
        **ours.headers,
        "set-cookie": "",
        "x-request-id": "",
    }
