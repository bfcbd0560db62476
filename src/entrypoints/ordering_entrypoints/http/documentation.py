"""What the OpenAPI document says beside the signatures of the handlers: bodies, examples, every problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeAlias

import attrs

from litestar.exceptions import TooManyRequestsException, ValidationException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    Components,
    Example,
    OpenAPIResponse,
    Operation,
    RequestBody,
    SecurityRequirement,
    SecurityScheme,
)

from ordering_entrypoints.http.auth import NotAllowed, Unauthenticated
from ordering_entrypoints.http.bodies import UnsupportedMediaType
from ordering_entrypoints.http.errors import members_of, problem_of
from ordering_entrypoints.http.idempotency import BadKey, KeyInUse, KeyReused
from ordering_entrypoints.http.problem_samples import SAMPLES
from ordering_entrypoints.http.problems import MEDIA_TYPE, Problem
from ordering_entrypoints.http.settings import HttpSettings
from ordering_entrypoints.wire import MalformedJson, WireError


Kinds: TypeAlias = tuple[type[Exception], ...]
"""Exceptions that a route may answer with."""

BAD_JSON: Final[Kinds] = (MalformedJson, RequestEntityTooLarge, UnsupportedMediaType, WireError)
BAD_FORM: Final[Kinds] = (RequestEntityTooLarge, UnsupportedMediaType, WireError)
BAD_QUERY: Final[Kinds] = (ValidationException,)
BAD_KEY: Final[Kinds] = (BadKey, KeyReused, KeyInUse)
LOG_IN: Final[Kinds] = (Unauthenticated, NotAllowed)

_INSTANCE: Final = "urn:ordering:request:0b7e2c9a-5d1f-4e63-8a44-3f9d6c1b2e70"

_BEARER: Final[SecurityRequirement] = {"bearer": []}
_SERVICE_KEY: Final[SecurityRequirement] = {"service_key": []}

ANYBODY: Final[Sequence[SecurityRequirement]] = ({}, _BEARER)
CUSTOMERS: Final[Sequence[SecurityRequirement]] = (_BEARER,)
STAFF: Final[Sequence[SecurityRequirement]] = (_BEARER, _SERVICE_KEY)
SERVICES: Final[Sequence[SecurityRequirement]] = (_SERVICE_KEY, _BEARER)

SECURITY_SCHEMES: Final = Components(
    security_schemes={
        "bearer": SecurityScheme(
            type="http",
            scheme="bearer",
            bearer_format="JWT",
            description="A customer's or colleague's token.",
        ),
        "service_key": SecurityScheme(
            type="http", scheme="bearer", description="The key of another system; it begins with `osk_`."
        ),
    }
)
"""What the names in the routes' security mean; a host with the router adds these to its own document."""


class WholeExample(Example):
    """An example that keeps its nulls: the framework leaves them out of what it writes."""

    def to_schema(self) -> dict[str, object]:
        """Return it as it stands in the document."""
        return {"summary": self.summary or "Example", "value": self.value}


class SharedResponse(ResponseSpec):
    """A description that all copies of a router share; it was most of what copying a router copied."""

    def __deepcopy__(self, _memo: dict[int, object]) -> Self:
        """Return itself; nobody changes a description."""
        return self


def described(
    *, body: RequestBody | None = None, answers: Mapping[int, object] | None = None
) -> type[Operation]:
    """Return an operation that has *body*, and an example for the answer of each status in *answers*."""

    @dataclass
    class Described(Operation):
        def __post_init__(self) -> None:
            self.request_body = body or self.request_body
            # The framework adds its own kind of 400 to every route with parameters; ours are in `problems`.
            self.responses = {
                status: response
                for status, response in (self.responses or {}).items()
                if status < "400" or MEDIA_TYPE in (getattr(response, "content", None) or {})
            }
            for status, value in (answers or {}).items():
                response = self.responses.get(str(status))
                if isinstance(response, OpenAPIResponse):
                    for content in (response.content or {}).values():
                        content.examples = {"example": WholeExample(value=value)}

    return Described


def problems(*kinds: type[Exception]) -> dict[int, ResponseSpec]:
    """Return the answers that *kinds* become, with an example of each kind, by status."""
    by_status: dict[int, list[WholeExample]] = {}
    for kind in (*kinds, TooManyRequestsException):
        problem = attrs.evolve(
            problem_of(SAMPLES[kind], types=HttpSettings().problem_types), instance=_INSTANCE
        )
        by_status.setdefault(problem.status, []).append(
            WholeExample(id=problem.type.rpartition(":")[2], summary=problem.title, value=members_of(problem))
        )
    return {
        status: SharedResponse(
            data_container=Problem,
            generate_examples=False,
            description="; ".join(dict.fromkeys(example.summary or "" for example in examples)),
            media_type=MEDIA_TYPE,
            examples=list(examples),
        )
        for status, examples in sorted(by_status.items())
    }


def answer(view: type[object], description: str) -> ResponseSpec:
    """Return an answer beside the usual one."""
    return SharedResponse(data_container=view, generate_examples=False, description=description)


def stream(example: str) -> ResponseSpec:
    """Return the answer of a route that sends events, beginning as *example* does."""
    return SharedResponse(
        data_container=str,
        generate_examples=False,
        description="A stream of events",
        media_type="text/event-stream",
        examples=[WholeExample(id="stream", value=example)],
    )
