"""
The client area as far as ordering sends customers there: single sign-on, and the page of their cards.

Cards are added here by the customer, as on the real page; only the last four digits are kept.
"""

from __future__ import annotations

import secrets

from datetime import datetime
from html import escape
from http.cookies import SimpleCookie
from typing import Final

from ordering_sandbox.web import HttpRequest, HttpResponse
from ordering_sandbox.whmcs.actions.pay_methods import month_of, store_method
from ordering_sandbox.whmcs.form import parameters_of
from ordering_sandbox.whmcs.installation import Installation, Work
from ordering_sandbox.whmcs.parameters import Parameters, Refusal


SIGN_ON: Final = "/oauth/singlesignon.php"
CARDS: Final = "/account/paymentmethods"
_COOKIE: Final = "WHMCSSandbox"
_SEE_OTHER: Final = 302
_SHORTEST_CARD: Final = 12


class ClientArea:
    """Answers the pages of the client area."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._sessions: dict[str, int] = {}

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one page; what is not made here is a page that says so."""
        if request.path == SIGN_ON:
            return self._sign_on(request)
        client = self._client(request)
        route = Parameters(parameters_of(request)).text("rp").rstrip("/")
        if client == 0:
            return _page(403, "Login", "<p>Please log in from the portal again.</p>")
        if request.path.endswith("/index.php") and route == CARDS:
            return self._cards(client)
        if request.path.endswith("/index.php") and route == f"{CARDS}/add":
            return self._add_card(request, client)
        return _page(200, "Client Area", f'<p><a href="/index.php?rp={CARDS}">Payment Methods</a></p>')

    def _sign_on(self, request: HttpRequest) -> HttpResponse:
        token = request.query_values().get("access_token", "")
        with self._installation.work(request.base_url) as work:
            row = work.rows.first("tokens", token=token) if token else None
            if row is None or row["used"] or datetime.fromisoformat(str(row["expires"])) < work.now:
                return _page(403, "Login", "<p>The link has expired or was used before.</p>")
            work.rows.update("tokens", int(row["id"]), {"used": 1})
        session = secrets.token_hex(16)
        self._sessions[session] = int(row["client"])
        return HttpResponse(
            status=_SEE_OTHER,
            headers={
                "Location": f"/{row['path']}",
                "Set-Cookie": f"{_COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax",
                "Cache-Control": "no-store",
            },
        )

    def _client(self, request: HttpRequest) -> int:
        morsel = SimpleCookie(request.headers.get("cookie", "")).get(_COOKIE)
        return 0 if morsel is None else self._sessions.get(morsel.value, 0)

    def _cards(self, client: int) -> HttpResponse:
        with self._installation.work() as work:
            rows = work.rows.select("paymethods", ['"clientid" = ?'], [client], order='"position", "id"')
            listed = "".join(
                f"<li>{escape(str(row['card_type'] or row['bank_name']))}"
                f" {escape(str(row['card_last_four']))} {escape(str(row['expiry_date']))}"
                f" ({escape(str(row['gateway_name']))})</li>"
                for row in rows
            )
        form = (
            f'<form method="post" action="/index.php?rp={CARDS}/add">'
            '<label>Card number <input name="card_number" inputmode="numeric" required></label>'
            '<label>Expiry MM/YY <input name="card_expiry" required></label>'
            "<button>Add card</button></form>"
        )
        return _page(200, "Payment Methods", f"<ul>{listed}</ul>{form}")

    def _add_card(self, request: HttpRequest, client: int) -> HttpResponse:
        if request.method != "POST":
            return self._cards(client)
        parameters = Parameters(parameters_of(request))
        digits = "".join(sign for sign in parameters.text("card_number") if sign.isdigit())
        try:
            expiry = month_of(parameters.text("card_expiry"), "Expiry Date is invalid")
        except Refusal as refusal:
            return _page(200, "Payment Methods", f"<p>{refusal.message}</p>")
        if len(digits) < _SHORTEST_CARD:
            return _page(200, "Payment Methods", "<p>Card Number is invalid</p>")
        with self._installation.work() as work:
            details = {
                "type": "RemoteCreditCard",
                "gateway_name": _card_gateway(work),
                "card_last_four": digits[-4:],
                "expiry_date": expiry,
                "card_type": "Visa" if digits.startswith("4") else "MasterCard",
            }
            store_method(work, client, details, default=False)
        return HttpResponse(status=_SEE_OTHER, headers={"Location": f"/index.php?rp={CARDS}"})


def _card_gateway(work: Work) -> str:
    gateway = work.rows.first("gateways", type="CreditCard", remote=1, active=1)
    return "" if gateway is None else str(gateway["module"])


def _page(status: int, title: str, body: str) -> HttpResponse:
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport"'
        f' content="width=device-width"><title>{title}</title></head><body><h1>{title}</h1>'
        f"{body}</body></html>"
    )
    return HttpResponse.of_html(status, text, {"Cache-Control": "no-store"})
