"""The HTTP API over a world in memory: what these tests send again and again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import httpx

from litestar.testing import TestClient

from ordering_core import Cursor, CustomerId, Draft, OrderId, OrderState, OrderStatus
from ordering_core.domain.events import EventKind, OrderEvent, Source
from ordering_core.domain.identifiers import AccountId
from ordering_entrypoints.http.app import create_app
from ordering_entrypoints.http.auth import new_service_key
from ordering_entrypoints.http.principals import Permission, Role
from ordering_entrypoints.http.settings import HttpSettings, ServiceKey, TokenSettings
from ordering_entrypoints.http.tokens import issue_token
from ordering_entrypoints.wire import draft_view, unstructure
from tests.unit.application.shop import ESIM, World, new_world


TOKENS: Final = TokenSettings(
    issuer="https://login.example", audience="ordering", secret="a secret of at least 32 bytes..."
)
KEY, _DIGEST = new_service_key()
SETTINGS: Final = HttpSettings(
    tokens=TOKENS,
    service_keys=(ServiceKey(name="billing", sha256=_DIGEST, permissions=frozenset({Permission.CHANGES})),),
)

PROBLEM: Final = "application/problem+json"
JPEG: Final = b"\xff\xd8\xff\xe0" + bytes(64)


def body(draft: Draft) -> dict[str, object]:
    """Return *draft* as a request carries it."""
    shown = unstructure(draft_view(draft))
    assert isinstance(shown, dict)
    return shown


class Api:
    """An API, the world behind it, and a client in front."""

    def __init__(self, world: World | None = None, settings: HttpSettings = SETTINGS) -> None:
        self.world = world or new_world()
        self.app = create_app(self.world.ordering, settings=settings)
        self.client = TestClient(self.app)

    def token(self, subject: str, *roles: Role) -> dict[str, str]:
        """Return the header with which *subject* comes in, a customer unless *roles* say otherwise."""
        at = self.world.clock.now()
        return {
            "Authorization": "Bearer "
            + issue_token(TOKENS, subject=subject, at=at, roles=roles or (Role.CUSTOMER,))
        }

    def call(
        self,
        method: str,
        path: str,
        who: CustomerId | None = None,
        *,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        file: bytes | None = None,
    ) -> httpx.Response:
        """Send one request, as *who* if anybody, and check what holds for every answer."""
        answer = self.client.request(
            method,
            f"/api{path}",
            headers={**(self.token(who) if who else {}), **(headers or {})},
            json=json,
            content=content,
            files={"file": ("card.jpg", file)} if file is not None else None,
            follow_redirects=False,
        )
        assert answer.headers["x-request-id"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.status_code != 500
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == PROBLEM
            assert answer.json()["status"] == answer.status_code
            assert answer.json()["instance"].endswith(answer.headers["x-request-id"])
        return answer

    def begin(self, draft: Draft = ESIM, who: CustomerId | None = None) -> str:
        """Begin a checkout and return its path."""
        answer = self.call("POST", "/checkout-sessions", who, json=body(draft))
        assert answer.status_code == 201, answer.text
        return f"/checkout-sessions/{answer.json()['id']}"

    def ready(self, who: CustomerId, draft: Draft = ESIM) -> str:
        """Begin a checkout of *who* whose address is confirmed, and return its path."""
        session = self.begin(draft, who)
        answer = self.call("POST", f"{session}/address-confirmation", who)
        assert answer.status_code == 200, answer.text
        return session

    def place(self, who: CustomerId, draft: Draft = ESIM) -> str:
        """Submit an order of *who*, and return its path."""
        answer = self.call("POST", f"{self.ready(who, draft)}/submission", who)
        assert answer.status_code == 201, answer.text
        return f"/orders/{answer.json()['order']}"


def wrong(answer: httpx.Response) -> dict[str, str]:
    """Return the codes of a problem's errors by their pointers; every error says the way out."""
    errors = answer.json()["errors"]
    assert all(error["message"] and error["remedy"] for error in errors)
    return {error["pointer"]: error["code"] for error in errors}


def kind(answer: httpx.Response) -> str:
    """Return the name of the kind of problem."""
    name: str = answer.json()["type"]
    return name.removeprefix("urn:ordering:problem:")


def event(cursor: int, order: str = "801") -> OrderEvent:
    """Return something that happened to *order*."""
    return OrderEvent(
        order=OrderId(order),
        account=AccountId("001"),
        kind=EventKind.PROGRESS,
        at=datetime(2026, 6, 3, tzinfo=UTC),
        source=Source.SYSTEM,
        status=OrderStatus(OrderState.ACTIVATING),
        cursor=Cursor(cursor),
    )
