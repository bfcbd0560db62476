"""
From exceptions to answers.

Nothing that an outside system said reaches a client, and nothing at all of an exception that nobody expected:
it is logged, under the id that the problem carries as its *instance*.
"""

from __future__ import annotations

import logging

from collections.abc import Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, TypeAlias

import attrs

from litestar import Response
from litestar.exceptions import HTTPException, ValidationException

from ordering_core.domain.checkout import CheckoutIncomplete, Requirement
from ordering_core.domain.rules import rule_book
from ordering_core.domain.rules.rule import Words
from ordering_core.domain.violations import OrderRejected, Severity
from ordering_core.errors import (
    CheckoutClosed,
    IllegalTransition,
    InvalidFile,
    NotFound,
    PortError,
    Unavailable,
)
from ordering_entrypoints.http.access import new_request_id
from ordering_entrypoints.http.auth import ApiRequest, NotAllowed, Unauthenticated
from ordering_entrypoints.http.bodies import UnsupportedMediaType
from ordering_entrypoints.http.idempotency import KeyInUse
from ordering_entrypoints.http.machinery import NotReady
from ordering_entrypoints.http.problems import MEDIA_TYPE, ROWS, UNEXPECTED, Problem, row_of
from ordering_entrypoints.http.redaction import REQUEST_ID, REQUEST_ID_HEADER, frames_of, log_event
from ordering_entrypoints.http.settings import HttpSettings
from ordering_entrypoints.wire import FieldError, MalformedJson, WireError, unstructure


ProblemHandler: TypeAlias = Callable[[ApiRequest, Exception], Response[object]]

_LOOK: Final = "ordering doctor says what to do about it."

TOO_LARGE: Final = "FILE_TOO_LARGE"
"""The code of the one invalid file that has a status of its own."""

_LOG: Final = logging.getLogger(__name__)

_WORDS: Final[Mapping[str, Words]] = MappingProxyType(
    {code: words for entry in rule_book() for code, words in entry.words.items()}
)
"""What the rule book says about each of its codes."""

_WAYS_OUT: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "Correct what is listed in errors.",
        404: "Look at the address again.",
        405: "The header Allow names the methods that this address has.",
        413: "Send less at a time.",
        429: "Wait for as long as Retry-After says.",
    }
)


def problem_handler(settings: HttpSettings) -> ProblemHandler:
    """
    Return what answers every exception, to be registered for `Exception`.

    A request that no route was found for has no id yet, and gets one.
    """

    def handle(_request: ApiRequest, error: Exception) -> Response[object]:
        if not REQUEST_ID.get():
            REQUEST_ID.set(new_request_id())
        problem = problem_of(error, types=settings.problem_types)
        _log(problem, error)
        return Response(
            members_of(problem),
            status_code=problem.status,
            media_type=MEDIA_TYPE,
            headers={
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
                REQUEST_ID_HEADER: REQUEST_ID.get(),
                **_headers(error, settings.retry_after),
            },
        )

    return handle


def problem_of(error: Exception, *, types: str) -> Problem:
    """Return what a client is told of *error*; *types* is put before the name of its kind."""
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _of_http(error)
    row = row_of(error)
    too_large = isinstance(error, InvalidFile) and error.code == TOO_LARGE
    return Problem(
        type=types + row.name,
        title=row.title,
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE.value if too_large else row.status,
        detail=_detail(error) or row.detail,
        instance=_instance(),
        errors=_errors(error),
        outstanding=tuple(error.outstanding) if isinstance(error, CheckoutIncomplete) else None,
        order=error.order_id if isinstance(error, CheckoutClosed) else None,
    )


def _detail(error: Exception) -> str:
    """Return what is particular about this one *error*, if anything."""
    match error:
        case MalformedJson():
            return error.detail
        case UnsupportedMediaType():
            return f"Send it as {error.wanted}."
        case Unauthenticated(given=True):
            return "The credential is not valid, or no longer."
        case IllegalTransition() | NotFound():
            return _sentence(str(error))
        case _:
            return ""


def _errors(error: Exception) -> tuple[FieldError, ...]:
    """Return everything that *error* says is wrong with the request."""
    match error:
        case WireError():
            return error.errors
        case OrderRejected():
            return tuple(
                FieldError(code=one.code, pointer=one.pointer, message=one.message, remedy=one.remedy)
                for one in error.violations
                if one.severity is Severity.ERROR
            )
        case CheckoutIncomplete():
            return tuple(map(_missing, error.outstanding))
        case NotReady():
            return tuple(
                FieldError(code="not_ready", pointer=f"/{part}", message=_sentence(why), remedy=_LOOK)
                for part, why in error.parts.items()
            )
        case InvalidFile():
            message, remedy = ROWS[InvalidFile].title, _sentence(error.remedy)
            return (FieldError(code=error.code, pointer="/file", message=f"{message}.", remedy=remedy),)
        case _:
            return ()


def _of_http(error: HTTPException) -> Problem:
    """Return what a client is told of an error that the framework found, about HTTP and not about orders."""
    status = HTTPStatus(error.status_code)
    return Problem(
        type="about:blank",
        title=status.phrase,
        status=status.value,
        detail=_WAYS_OUT.get(status, status.description),
        instance=_instance(),
        errors=_wrong_parameters(error),
    )


def _wrong_parameters(error: HTTPException) -> tuple[FieldError, ...]:
    if not isinstance(error, ValidationException) or not isinstance(error.extra, list):
        return ()
    found: list[dict[str, object]] = error.extra
    return tuple(
        FieldError(
            code="parameter_invalid",
            pointer=f"/{_word(one.get('source'))}/{one.get('key')}",
            message="The parameter is missing or cannot be read.",
            remedy="Write it as the description of this address says.",
        )
        for one in found
    )


def _word(source: object) -> str:
    return str(getattr(source, "value", source))


def _instance() -> str:
    return f"urn:ordering:request:{REQUEST_ID.get()}"


def _missing(requirement: Requirement) -> FieldError:
    """Say what the rule book says when it finds *requirement* outstanding."""
    code = f"{requirement}_outstanding"
    words = _WORDS[code]
    return FieldError(code=code, pointer=f"/{requirement}", message=words.en, remedy=words.remedy)


def members_of(problem: Problem) -> dict[str, object]:
    """Return *problem* as JSON has it; what it does not say is left out."""
    members = attrs.asdict(problem, recurse=False)
    return {name: unstructure(value) for name, value in members.items() if value is not None}


def _headers(error: Exception, retry_after: timedelta) -> dict[str, str]:
    match error:
        case Unauthenticated(given=True):
            return {"WWW-Authenticate": 'Bearer realm="ordering", error="invalid_token"'}
        case Unauthenticated():
            return {"WWW-Authenticate": 'Bearer realm="ordering"'}
        case NotAllowed():
            return {"WWW-Authenticate": 'Bearer realm="ordering", error="insufficient_scope"'}
        case Unavailable() | NotReady():
            return {"Retry-After": str(int(retry_after.total_seconds()))}
        case KeyInUse():
            return {"Retry-After": "1"}
        case HTTPException():
            headers = error.headers or {}
            wait = headers.get("RateLimit-Reset")
            return headers | ({"Retry-After": wait} if wait else {})
        case _:
            return {}


def _log(problem: Problem, error: Exception) -> None:
    ours = HTTPStatus.INTERNAL_SERVER_ERROR
    unexpected = row_of(error) is UNEXPECTED and problem.status == UNEXPECTED.status
    log_event(
        _LOG,
        logging.ERROR if unexpected else logging.WARNING if problem.status >= ours else logging.INFO,
        "request failed",
        {
            "problem": problem.type,
            "status": problem.status,
            "codes": " ".join(one.code for one in problem.errors) or None,
            "error": type(error).__name__,
            "system": error.system if isinstance(error, PortError) else None,
            "frames": frames_of(error.__traceback__) if unexpected else None,
        },
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if not text.endswith(".") else text
