"""One customer of the demo at the HTTP API: what an app would send, and what of the answers is used."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypeVar

import attrs
import httpx

from cattrs import Converter


_T = TypeVar("_T")

READER: Final = Converter()
READER.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))
"""Reads from an answer what is wanted of it; other fields may come and go."""

PHOTO: Final = b"\x89PNG\r\n\x1a\n" + bytes(2000)
"""What stands for a photo of a residence card: the API looks at the kind and size of a file."""


@attrs.frozen(kw_only=True)
class Verdict:
    """How many rules were satisfied by a draft."""

    passed: bool
    satisfied: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Amount:
    """A sum in yen, tax included."""

    gross: int

    def __str__(self) -> str:
        return f"¥{self.gross:,}"


@attrs.frozen(kw_only=True)
class Quote:
    """What a draft costs."""

    monthly: Amount
    one_time: Amount


@attrs.frozen(kw_only=True)
class Check:
    """What the rules say of a draft, and its price."""

    verdict: Verdict
    quote: Quote


@attrs.frozen(kw_only=True)
class Session:
    """A checkout session."""

    id: str


@attrs.frozen(kw_only=True)
class Review:
    """What the checkout still asks for."""

    outstanding: tuple[str, ...]
    ready: bool


@attrs.frozen(kw_only=True)
class Submitted:
    """The order that a session became."""

    order: str


@attrs.frozen(kw_only=True)
class Step:
    """One step of the progress bar: done, current, stopped or upcoming."""

    name: str
    state: str


@attrs.frozen(kw_only=True)
class Timeline:
    """The progress bar."""

    steps: tuple[Step, ...]


@attrs.frozen(kw_only=True)
class OrderSeen:
    """An order as its customer reads it."""

    id: str
    number: str
    state: str
    label: str
    timeline: Timeline
    monthly: Amount
    one_time: Amount
    cursor: int


class Refusal(Exception):
    """The API answered with a problem; the text of it is for people."""


class Shopper:
    """A customer with a browser: anonymous at first, with a bearer token after login."""

    def __init__(self, http: httpx.Client, token: str) -> None:
        """Use *http*, and *token* from login on."""
        self._http = http
        self._login = {"Authorization": f"Bearer {token}"}

    def check(self, draft: Mapping[str, object]) -> Check:
        """Have a configuration checked, before login."""
        return self._read(self._http.post("configurations/validation", json=draft), Check)

    def begin(self, draft: Mapping[str, object]) -> str:
        """Open a checkout session, before login."""
        return self._read(self._http.post("checkout-sessions", json=draft), Session).id

    def adopt(self, session: str) -> str:
        """Log in: the session becomes the customer's, under another id."""
        return self._read(self._post(f"checkout-sessions/{session}/adoption"), Session).id

    def confirm_address(self, session: str) -> None:
        """Confirm the address on file."""
        self._read(self._post(f"checkout-sessions/{session}/address-confirmation"), Session)

    def request_eligibility(self, session: str) -> None:
        """Ask whether the address can be served."""
        self._accepted(self._post(f"checkout-sessions/{session}/eligibility-request"))

    def upload_card(self) -> None:
        """Upload a photo of the residence card."""
        files = {"file": ("card.png", PHOTO, "image/png")}
        self._accepted(self._http.post("identity-documents", files=files, headers=self._login))

    def open_billing(self) -> None:
        """Go to the billing system's page for payment methods."""
        self._accepted(self._post("payment-methods/entry"))

    def requirements(self, session: str) -> Review:
        """See what is still required."""
        url = f"checkout-sessions/{session}/requirements"
        return self._read(self._http.get(url, headers=self._login), Review)

    def submit(self, session: str) -> str:
        """Submit the order, and return its id."""
        return self._read(self._post(f"checkout-sessions/{session}/submission"), Submitted).order

    def order(self, order: str) -> OrderSeen:
        """Look at the order's page."""
        return self._read(self._http.get(f"orders/{order}", headers=self._login), OrderSeen)

    def _post(self, url: str) -> httpx.Response:
        return self._http.post(url, headers=self._login)

    def _read(self, response: httpx.Response, wanted: type[_T]) -> _T:
        self._accepted(response)
        answer: object = response.json()
        return READER.structure(answer, wanted)

    def _accepted(self, response: httpx.Response) -> None:
        if response.is_error:
            raise Refusal(f"{response.request.method} {response.request.url.path}: {response.text}")
