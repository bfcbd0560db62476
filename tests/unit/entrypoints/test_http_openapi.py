"""The OpenAPI document is true: every example is sent or compared, every answer is one that it names."""

from __future__ import annotations

import re

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import attrs
import httpx
import pytest

from litestar.testing import TestClient

from ordering_adapters.catalogue_file import shipped_catalogue
from ordering_adapters.memory.world import MemoryWorld
from ordering_core import AddressDraft, InternetDraft, PortingDraft, SimDraft, VpnDraft
from ordering_core.domain.vocabulary import OrderType
from ordering_core.testing.clocks import ManualClock
from ordering_entrypoints.http import examples
from ordering_entrypoints.http.app import create_app
from ordering_entrypoints.http.docs_page import page
from ordering_entrypoints.http.principals import Role
from ordering_entrypoints.http.request_schemas import ADDRESS_SCHEMA, DRAFT_SCHEMAS
from ordering_entrypoints.settings import Settings
from ordering_entrypoints.sim_news import BookedNews
from tests.unit.application.shop import new_world
from tests.unit.entrypoints.api import JPEG, KEY, PROBLEM, SETTINGS, Api
from tests.unit.entrypoints.json_schema import Document, mapping, misfits, sequence


FIRST_OF_APRIL: Final = datetime(2026, 4, 1, 1, 0, tzinfo=UTC)
GUIDE: Final = Path(__file__).parents[3] / "docs" / "api.md"
METHODS: Final = ("get", "post", "put", "delete")


def new_api() -> Api:
    return Api(MemoryWorld(clock=ManualClock(FIRST_OF_APRIL), catalogue=shipped_catalogue()))


@pytest.fixture(scope="module")
def api() -> Api:
    return new_api()


@pytest.fixture(scope="module")
def document(api: Api) -> Document:
    return mapping(api.client.get("/schema/openapi.json").json())


def operations(document: Document) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    for path, item in mapping(document["paths"]).items():
        for method in METHODS:
            if method in mapping(item):
                yield method, path, mapping(mapping(item)[method])


def contents(operation: Mapping[str, object]) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """Yield the status (empty for the request), media type and description of each body."""
    for media_type, content in mapping(mapping(operation.get("requestBody", {})).get("content", {})).items():
        yield "", media_type, mapping(content)
    for status, response in mapping(operation["responses"]).items():
        for media_type, content in mapping(mapping(response).get("content", {})).items():
            yield status, media_type, mapping(content)


def test_it_is_openapi_3_1_and_names_every_route(document: Document) -> None:
    assert str(document["openapi"]).startswith("3.1")
    named = {f"{method.upper()} {path}" for method, path, _ in operations(document)}
    assert len(named) == 23
    assert all(" /api/" in name or name in {"GET /health", "GET /ready"} for name in named)


def test_every_route_says_what_it_does_and_who_may_use_it(document: Document) -> None:
    schemes = set(mapping(mapping(document["components"])["securitySchemes"]))
    for method, path, operation in operations(document):
        assert operation["summary"], path
        assert operation["description"], path
        assert operation["tags"], path
        for way in sequence(operation["security"]):
            assert set(mapping(way)) <= schemes, (method, path)


def test_every_route_turns_away_whoever_its_document_does_not_name(api: Api, document: Document) -> None:
    guarded = 0
    for method, path, operation in operations(document):
        ways = [set(mapping(way)) for way in sequence(operation["security"])]
        address = re.sub(r"\{\w+\}", "unknown", path)
        strangers = () if set() in ways else ({}, {"Authorization": "Bearer of.a.stranger"})
        for header in strangers:
            assert api.client.request(method.upper(), address, headers=header).status_code == 401, path
            guarded += 1
        if strangers and ways != [{"bearer"}]:
            customers = api.client.request(method.upper(), address, headers=api.token("customer-1"))
            assert customers.status_code == 403, path
    assert guarded >= 2 * 15


def test_every_example_fits_its_schema(document: Document) -> None:
    seen = 0
    for method, path, operation in operations(document):
        for status, media_type, content in contents(operation):
            for name, example in mapping(content.get("examples", {})).items():
                found = list(misfits(mapping(example)["value"], content["schema"], document))
                assert not found, (method, path, status, media_type, name, found)
                seen += 1
    assert seen > 150


def test_every_body_that_is_json_has_an_example(document: Document) -> None:
    for method, path, operation in operations(document):
        for status, media_type, content in contents(operation):
            if "json" in media_type and path not in {"/health", "/ready"}:
                assert content.get("examples"), (method, path, status)


def test_every_problem_is_documented_with_its_own_status(document: Document) -> None:
    for _method, _path, operation in operations(document):
        for status, media_type, content in contents(operation):
            if media_type == PROBLEM:
                for example in mapping(content["examples"]).values():
                    value = mapping(mapping(example)["value"])
                    assert str(value["status"]) == status
                    assert str(value["title"]) in str(mapping(operation["responses"])[status])


@pytest.mark.parametrize(
    ("order_type", "draft"),
    [(OrderType.INTERNET, InternetDraft), (OrderType.SIM, SimDraft), (OrderType.VPN, VpnDraft)],
)
def test_the_fields_of_a_body_are_those_of_the_draft(order_type: OrderType, draft: type) -> None:
    properties = DRAFT_SCHEMAS[order_type].properties
    assert properties is not None
    assert set(properties) == {"type", *(field.name for field in attrs.fields(draft))}


def test_the_fields_of_an_address_and_of_a_port_are_theirs_too() -> None:
    assert ADDRESS_SCHEMA.properties is not None
    assert set(ADDRESS_SCHEMA.properties) == {field.name for field in attrs.fields(AddressDraft)}
    sim = DRAFT_SCHEMAS[OrderType.SIM].properties
    assert sim is not None
    porting = sim["porting"].to_schema()["oneOf"][0]["properties"]
    assert set(porting) == {field.name for field in attrs.fields(PortingDraft)}


@pytest.mark.parametrize("name", examples.DRAFTS)
def test_every_draft_in_the_document_may_be_ordered(api: Api, name: str) -> None:
    draft = examples.DRAFTS[name]
    checked = api.call("POST", "/configurations/validation", json=draft)
    assert checked.json()["verdict"]["passed"], checked.json()["verdict"]["violations"]
    assert api.call("POST", "/checkout-sessions", json=draft).status_code == 201


class Journey:
    """Sends the example of every route, in an order in which each of them can succeed."""

    def __init__(self, api: Api, document: Document) -> None:
        self.api = api
        self.document = document
        self.customer = api.world.new_customer(verified=False)
        self.answered: set[str] = set()

    def send(
        self,
        method: str,
        template: str,
        *ids: str,
        query: str = "",
        who: dict[str, str] | None = None,
        json: object = None,
        file: bytes | None = None,
    ) -> httpx.Response:
        """Send one request, and hold its answer to the document."""
        path = template
        for one in ids:
            path = re.sub(r"\{\w+\}", one, path, count=1)
        header = who if who is not None else self.api.token(self.customer)
        answer = self.api.client.request(
            method,
            path + query,
            headers=header,
            json=json,
            files={"file": ("card.jpg", file)} if file else None,
            follow_redirects=False,
        )
        operation = mapping(mapping(mapping(self.document["paths"])[template])[method.lower()])
        responses = mapping(operation["responses"])
        assert str(answer.status_code) in responses, (method, path, answer.status_code, answer.text)
        self.answered.add(f"{method} {template}")
        described = mapping(mapping(responses[str(answer.status_code)]).get("content", {}))
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        if "json" in media_type:
            found = list(misfits(answer.json(), mapping(described[media_type])["schema"], self.document))
            assert not found, (method, path, found)
        return answer


def test_every_route_answers_its_example_as_documented(document: Document) -> None:
    journey = Journey(new_api(), document)
    esim, internet = examples.DRAFTS["esim"], examples.DRAFTS["internet"]
    anonymous: dict[str, str] = {}

    def session_for(draft: object) -> str:
        begun = journey.send("POST", "/api/checkout-sessions", who=anonymous, json=draft)
        assert begun.status_code == 201
        template = "/api/checkout-sessions/{session_id}"
        assert journey.send("GET", template, begun.json()["id"], who=anonymous).status_code == 200
        adopted = journey.send("POST", f"{template}/adoption", begun.json()["id"])
        assert adopted.status_code == 201
        return str(adopted.json()["id"])

    for path in ("/health", "/ready", "/api/catalogue"):
        assert journey.send("GET", path, who=anonymous).status_code == 200
    for path in ("/api/configurations/validation", "/api/configurations/price"):
        assert journey.send("POST", path, who=anonymous, json=esim).status_code == 200

    one = "/api/checkout-sessions/{session_id}"
    session = session_for(esim)
    assert journey.send("PUT", f"{one}/draft", session, json=esim).status_code == 200
    assert journey.send("POST", f"{one}/submission", session).status_code == 409
    assert journey.send("GET", f"{one}/requirements", session).status_code == 200
    assert journey.send("PUT", f"{one}/address", session, json=examples.ADDRESS).status_code == 200
    assert journey.send("POST", f"{one}/address-confirmation", session).status_code == 200
    assert journey.send("POST", "/api/identity-documents", file=JPEG).status_code == 204
    assert journey.send("POST", "/api/payment-methods/entry").status_code == 303
    placed = journey.send("POST", f"{one}/submission", session)
    assert placed.status_code == 201
    assert journey.send("POST", f"{one}/submission", session).status_code == 200
    assert journey.send("GET", one, session, who=anonymous).status_code == 404

    home = session_for(internet)
    assert journey.send("POST", f"{one}/eligibility-request", home).status_code == 202

    order = str(placed.json()["order"])
    assert journey.send("GET", "/api/orders").json()["total"] == 1
    assert journey.send("GET", "/api/orders", query="?limit=0").status_code == 400
    assert journey.send("GET", "/api/orders/{order_id}", order).status_code == 200
    assert journey.send("GET", "/api/orders/{order_id}/timeline", order).status_code == 200
    assert journey.send("POST", "/api/orders/{order_id}/sim-arrived", order).status_code == 409
    staff = journey.api.token("jane", Role.AGENT)
    retry = journey.send("POST", "/api/orders/{order_id}/retry", order, who=staff, json=examples.REASON)
    assert retry.status_code == 409
    service = {"Authorization": f"Bearer {KEY}"}
    assert journey.send("GET", "/api/changes", who=service).status_code == 200
    assert journey.send("GET", "/api/changes").status_code == 403
    assert journey.send("GET", "/api/orders", who=anonymous).status_code == 401

    everything = {f"{method.upper()} {path}" for method, path, _ in operations(document)}
    assert everything - journey.answered == {"GET /api/orders/{order_id}/events"}


def test_the_stream_in_the_document_is_one(api: Api) -> None:
    messages = examples.EVENT_STREAM.split("\n\n")
    assert [message.partition(":")[0] for message in messages[:-1]] == ["", "id", ""]
    assert messages[-1] == ""


def test_the_posts_that_take_no_idempotency_key_are_those_that_the_guide_names(document: Document) -> None:
    without = {
        path.removeprefix("/api/")
        for method, path, operation in operations(document)
        if method == "post"
        and "Idempotency-Key"
        not in {mapping(one)["name"] for one in sequence(operation.get("parameters", []))}
    }
    assert without == {"configurations/validation", "configurations/price", "payment-methods/entry"}
    guide = GUIDE.read_text(encoding="utf-8")
    told = guide[guide.index("Four POSTs ignore a key") :].partition("\n\n")[0]
    assert {path for path in without if f"`{path}`" in told} == without


def test_people_read_the_documentation_without_a_network(api: Api) -> None:
    for path in ("/schema", "/schema/"):
        page = api.client.get(path)
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
        assert not re.search(r"(src|href)=[\"']?(https?:)?//", page.text)
        assert "<script" not in page.text
        for text in (
            "POST</code> <code>/api/checkout-sessions/{session_id}/submission",
            "order-rejected",
            "山田",
        ):
            assert text in page.text


def test_what_the_document_says_cannot_break_the_page() -> None:
    evil = "<script>alert(1)</script>"
    shown = page(
        {
            "info": {"title": evil, "version": evil, "description": evil},
            "paths": {
                evil: {
                    "get": {
                        "operationId": evil,
                        "summary": evil,
                        "description": evil,
                        "parameters": [{"name": evil, "in": evil, "description": evil}],
                        "responses": {
                            evil: {
                                "description": evil,
                                "content": {evil: {"examples": {"x": {"value": evil}}}},
                            }
                        },
                    }
                }
            },
            "components": {"securitySchemes": {evil: {"description": evil}}},
        },
        source=evil,
    )
    assert "<script" not in shown


def test_the_guide_names_every_route_and_no_other() -> None:
    ordering = new_world().ordering
    app = create_app(ordering, settings=SETTINGS, news=BookedNews(ordering, Settings()))
    document = mapping(TestClient(app).get("/schema/openapi.json").json())
    guide = GUIDE.read_text(encoding="utf-8")
    written = {
        f"{method} /api{path}" for method, path in re.findall(r"^\| `([A-Z]+) ([^`?]+)", guide, re.MULTILINE)
    }
    named = {
        re.sub(r"\{\w+\}", "{id}", f"{method.upper()} {path}")
        for method, path, _ in operations(document)
        if path.startswith("/api/")
    }
    assert written == named
    assert all(f"`GET {path}`" in guide for path in ("/health", "/ready", "/schema"))


def test_programs_read_it_as_json_and_as_yaml(api: Api) -> None:
    assert api.client.get("/schema/openapi.json").status_code == 200
    assert "/api/checkout-sessions:" in api.client.get("/schema/openapi.yaml").text
