"""The token endpoints and who one is: /services/oauth2/… and /id/… (reference 1.1, 6.3)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import unquote, urlsplit

from ordering_sandbox.clock import machine_time
from ordering_sandbox.json_values import JsonObject
from ordering_sandbox.salesforce.assertions import Assertion, BadAssertion, check_assertion, read_assertion
from ordering_sandbox.salesforce.database import fetch_row
from ordering_sandbox.salesforce.errors import refuse
from ordering_sandbox.salesforce.org import Org
from ordering_sandbox.salesforce.sessions import (
    Client,
    active_user,
    end_session,
    find_client,
    open_session,
    organization_id,
    user_of_token,
)
from ordering_sandbox.salesforce.work import Caller, Work
from ordering_sandbox.web import HttpRequest, HttpResponse


_JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LOGIN_HOSTS: Final = frozenset({"https://login.salesforce.com", "https://test.salesforce.com"})
_SCOPE: Final = "api"
NOBODY: Final = Caller(user_id="")


class _Denied(Exception):
    def __init__(self, error: str, description: str) -> None:
        super().__init__(error, description)
        self.error = error
        self.description = description


def token(org: Org, request: HttpRequest) -> HttpResponse:
    """Answer POST /services/oauth2/token."""
    if request.method != "POST":
        return _denied("invalid_request", "must use HTTP POST")
    form = {**request.query_values(), **request.form_values()}
    try:
        with org.writing(NOBODY) as work:
            return HttpResponse.of_json(200, _granted(work, request, form))
    except (_Denied, BadAssertion) as denied:
        return _denied(denied.error, denied.description)


def revoke(org: Org, request: HttpRequest) -> HttpResponse:
    """Answer POST and GET /services/oauth2/revoke."""
    form = {**request.query_values(), **request.form_values()}
    with org.writing(NOBODY) as work:
        if end_session(work.connection, form.get("token", "")):
            return HttpResponse(status=200)
    return _denied("invalid_token", "invalid token")


def identity(org: Org, request: HttpRequest) -> HttpResponse:
    """Answer GET /services/oauth2/userinfo and /id/org/user."""
    user_id = bearer(org, request)
    if user_id is None:
        return HttpResponse(status=403, body=b"Bad_OAuth_Token", headers={"Content-Type": "text/plain"})
    with org.reading(NOBODY) as work:
        user = fetch_row(work.connection, work.stored.known("User"), user_id) or {}
        org_id = organization_id(work.connection)
    url = f"{request.base_url}/id/{org_id}/{user_id}"
    rest = f"{request.base_url}/services/data/v{{version}}/"
    return HttpResponse.of_json(
        200,
        {
            "id": url,
            "sub": url,
            "asserted_user": True,
            "user_id": user_id,
            "organization_id": org_id,
            "username": str(user["Username"]),
            "preferred_username": str(user["Username"]),
            "display_name": str(user["Name"]),
            "name": str(user["Name"]),
            "email": str(user["Email"]),
            "active": True,
            "zoneinfo": "Asia/Tokyo",
            "urls": {"rest": rest, "sobjects": f"{rest}sobjects/", "query": f"{rest}query/"},
        },
    )


def bearer(org: Org, request: HttpRequest) -> str | None:
    """Return the id of the user whose token *request* carries, in the word Bearer or OAuth."""
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    if kind.casefold() not in ("bearer", "oauth"):
        return None
    with org.reading(NOBODY) as work:
        return user_of_token(work.connection, text.strip(), work.now)


def _granted(work: Work, request: HttpRequest, form: Mapping[str, str]) -> JsonObject:
    match form.get("grant_type"):
        case "client_credentials":
            client = _proven_client(work, request, form)
            return _session(work, request, client, _user(work, client.username))
        case grant if grant == _JWT_BEARER:
            assertion = read_assertion(form.get("assertion", ""))
            client = _asserted_client(work, request, assertion)
            return _session(work, request, client, _user(work, assertion.subject))
        case "refresh_token":
            client = _proven_client(work, request, form)
            user_id = user_of_token(work.connection, form.get("refresh_token", ""), work.now, kind="refresh")
            if user_id is None:
                raise _Denied("invalid_grant", "expired access/refresh token")
            return _session(work, request, client, user_id)
        case "password":
            # New client apps have no user name and password flow.
            raise _Denied("invalid_grant", "authentication failure")
        case _:
            raise _Denied("unsupported_grant_type", "grant type not supported")


def _session(work: Work, request: HttpRequest, client: Client, user_id: str) -> JsonObject:
    until = work.now + timedelta(seconds=work.switches.session_seconds)
    access = open_session(work.connection, client, user_id, kind="access", until=until)
    identity_url = f"{request.base_url}/id/{organization_id(work.connection)}/{user_id}"
    issued = str(int(work.now.timestamp() * 1000))
    signature = hmac.new(client.consumer_secret.encode(), (identity_url + issued).encode(), hashlib.sha256)
    return {
        "access_token": access,
        "signature": base64.b64encode(signature.digest()).decode(),
        "scope": _SCOPE,
        "instance_url": request.base_url,
        "id": identity_url,
        "token_type": "Bearer",
        "issued_at": issued,
        "api_instance_url": request.base_url,
    }


def _proven_client(work: Work, request: HttpRequest, form: Mapping[str, str]) -> Client:
    key, secret = _credentials(request, form)
    client = find_client(work.connection, key)
    if client is None:
        raise _Denied("invalid_client_id", "client identifier invalid")
    if not hmac.compare_digest(client.consumer_secret.encode(), secret.encode()):
        raise _Denied("invalid_client", "invalid client credentials")
    return client


def _credentials(request: HttpRequest, form: Mapping[str, str]) -> tuple[str, str]:
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    if kind.casefold() == "basic":
        try:
            key, _, secret = base64.b64decode(text).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return unquote(key), unquote(secret)
    return form.get("client_id", ""), form.get("client_secret", "")


def _asserted_client(work: Work, request: HttpRequest, assertion: Assertion) -> Client:
    client = find_client(work.connection, assertion.issuer)
    if client is None or client.certificate is None:
        raise _Denied("invalid_client_id", "client identifier invalid")
    if work.switches.my_domain_only and assertion.audience in _LOGIN_HOSTS:
        raise _Denied("app_not_found", "External client app is not installed in this org")
    own = {request.base_url, f"https://{urlsplit(request.base_url).hostname}"}
    own |= {assertion.audience} if assertion.audience.endswith(".my.salesforce.com") else set()
    check_assertion(assertion, client.certificate, now=machine_time(), audiences=_LOGIN_HOSTS | own)
    return client


def _user(work: Work, username: str) -> str:
    user_id = active_user(work.connection, username)
    if user_id is None:
        raise _Denied("inactive_user", "user is inactive")
    return user_id


def _denied(error: str, description: str) -> HttpResponse:
    return HttpResponse.of_json(400, {"error": error, "error_description": description})


def unauthorised() -> HttpResponse:
    """Return the answer to a call without a good token."""
    refusal = refuse(401, "INVALID_SESSION_ID", "Session expired or invalid")
    return HttpResponse.of_json(401, refusal.render(), {"WWW-Authenticate": "Token"})
