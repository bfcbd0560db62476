"""The org's front door: who calls, which version, how many calls are left; then the API's resources."""

from __future__ import annotations

import threading

from typing import Final
from urllib.parse import unquote

from ordering_sandbox.faults import FaultKind
from ordering_sandbox.json_values import Json, NotJson, parse_json
from ordering_sandbox.salesforce.api.messages import ApiAnswer, ApiCall, refused
from ordering_sandbox.salesforce.api.overview import is_retired, is_version, limits, resources, versions
from ordering_sandbox.salesforce.api.router import only_reads, route, weight
from ordering_sandbox.salesforce.errors import Refusal, not_found, refuse, unreadable
from ordering_sandbox.salesforce.failures import FAILURES
from ordering_sandbox.salesforce.oauth import NOBODY, bearer, identity, revoke, token, unauthorised
from ordering_sandbox.salesforce.org import Org
from ordering_sandbox.salesforce.sessions import end_session, organization_id
from ordering_sandbox.salesforce.work import Caller
from ordering_sandbox.web import HttpRequest, HttpResponse


_LONGEST_URI: Final = 16_384
_LARGEST_BODY: Final = 52_428_800
_EXPIRY: Final = frozenset({FaultKind.EXPIRE_TOKEN})
_ANSWERS: Final = frozenset({FaultKind.ANSWER})


class RestApi:
    """Answers HTTP requests to the org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._used = 0
        self._counting = threading.Lock()

    @property
    def used(self) -> int:
        """How many API calls were counted."""
        return self._used

    def forget_calls(self) -> None:
        """Begin to count again."""
        with self._counting:
            self._used = 0

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request; what the vendor's faults say comes first."""
        for fault in self._org.faults.for_request(request, _ANSWERS):
            return FAILURES[fault.failure].response()
        path = request.path.rstrip("/")
        if path == "/services/oauth2/token":
            return token(self._org, request)
        if path == "/services/oauth2/revoke":
            return revoke(self._org, request)
        if path == "/services/oauth2/userinfo" or path.startswith("/id/"):
            return identity(self._org, request)
        if path == "/services/data":
            return HttpResponse.of_json(200, versions())
        if path.startswith("/services/data/"):
            return self._data(request)
        return HttpResponse.of_html(404, "<html><body>URL No Longer Exists</body></html>")

    def _data(self, request: HttpRequest) -> HttpResponse:
        if len(request.raw_path) + len(request.query) > _LONGEST_URI:
            return HttpResponse.of_html(414, "<html><body>URI Too Long</body></html>")
        if request.head_size > _LONGEST_URI:
            return HttpResponse.of_html(431, "<html><body>Request Header Fields Too Large</body></html>")
        if self._org.faults.for_request(request, _EXPIRY):
            with self._org.writing(NOBODY) as work:
                end_session(
                    work.connection, request.headers.get("authorization", "").partition(" ")[2].strip()
                )
        user_id = bearer(self._org, request)
        if user_id is None:
            return unauthorised()
        try:
            answer = self._answered(request, user_id)
        except Refusal as refusal:
            answer = refused(refusal)
        return self._rendered(answer)

    def _answered(self, request: HttpRequest, user_id: str) -> ApiAnswer:
        _, _, _, version, *rest = request.raw_path.split("/")
        if not is_version(version):
            raise not_found()
        if is_retired(version):
            raise refuse(410, "GONE", "The requested resource is no longer available")
        call = ApiCall(
            method=_method(request),
            segments=tuple(unquote(part) for part in rest if part),
            parameters=request.query_values(),
            headers=request.headers,
            body=_body(request),
            request=request,
        )
        self._count(weight(call))
        caller = Caller(
            user_id=user_id,
            version=version.removeprefix("v"),
            client=_option(request.headers.get("sforce-call-options", ""), "client"),
        )
        if not call.segments:
            return ApiAnswer(status=200, body=resources(caller.version, self._identity(request, caller)))
        if call.segments == ("limits",):
            return ApiAnswer(status=200, body=limits(self._used, self._org.switches.daily_api_calls))
        if only_reads(call):
            with self._org.reading(caller) as work:
                return route(work, call)
        with self._org.writing(caller) as work:
            return route(work, call)

    def _identity(self, request: HttpRequest, caller: Caller) -> str:
        with self._org.reading(caller) as work:
            return f"{request.base_url}/id/{organization_id(work.connection)}/{caller.user_id}"

    def _count(self, calls: int) -> None:
        with self._counting:
            self._used += calls
        if self._used > self._org.switches.daily_api_calls:
            raise FAILURES["TOTAL_REQUESTS_LIMIT"].refusal()

    def _rendered(self, answer: ApiAnswer) -> HttpResponse:
        headers = {
            "Sforce-Limit-Info": f"api-usage={self._used}/{self._org.switches.daily_api_calls}",
            **answer.headers,
        }
        if answer.content is not None:
            return HttpResponse(status=answer.status, body=answer.content, headers=headers)
        if answer.body is None:
            return HttpResponse(status=answer.status, headers=headers)
        return HttpResponse.of_json(answer.status, answer.body, headers)


def _method(request: HttpRequest) -> str:
    """Return the method, which a client that cannot send PATCH may put into the query."""
    return request.query_values().get("_HttpMethod", request.method).upper()


def _body(request: HttpRequest) -> Json:
    if not request.body or request.content_type == "multipart/form-data" or request.method == "GET":
        return None
    if request.content_type not in ("application/json", ""):
        message = "Content is not in a supported format"
        raise refuse(415, "UNSUPPORTED_MEDIA_TYPE", message)
    if len(request.body) > _LARGEST_BODY:
        raise unreadable(f"Maximum size of request is {_LARGEST_BODY} bytes")
    try:
        return parse_json(request.body)
    except NotJson as error:
        message = f"{error.message} at [line:{error.line}, column:{error.column}]"
        raise unreadable(message) from None


def _option(header: str, name: str) -> str:
    """Return an option of a Sforce header such as ``client=ordering, defaultNamespace=x``."""
    options = (part.partition("=") for part in header.split(","))
    return next((value.strip() for key, _, value in options if key.strip() == name), "")
