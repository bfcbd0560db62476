"""A call of the REST API and its answer, the same whether it came alone or inside a composite."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from ordering_sandbox.json_values import Json, JsonObject, NotJson, expect_list, expect_object
from ordering_sandbox.salesforce.errors import Refusal, unreadable
from ordering_sandbox.web import HttpRequest


@attrs.frozen(kw_only=True)
class ApiCall:
    """
    One call.

    *segments* are the parts of its path after the version, decoded; *parameters* its query; *headers* have
    names in lower case; *body* is its JSON; *request* the HTTP request of a call that came alone.
    """

    method: str
    segments: tuple[str, ...]
    parameters: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    body: Json = attrs.field(default=None, repr=False)
    request: HttpRequest | None = attrs.field(default=None, repr=False)

    def record(self) -> JsonObject:
        """
        Return the body as an object.

        Raises:
            Refusal: JSON_PARSER_ERROR.

        """
        return object_in(self.body)


@attrs.frozen(kw_only=True)
class ApiAnswer:
    """One answer; *body* None is none, *content* bytes that are no JSON."""

    status: int
    body: Json = attrs.field(default=None, repr=False)
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    content: bytes | None = attrs.field(default=None, repr=False)

    @property
    def failed(self) -> bool:
        """Whether a composite counts it as a failure; of a collection, each record counts."""
        if self.status >= 300:  # noqa: PLR2004 - everything above is no success
            return True
        records = self.body if isinstance(self.body, list) else []
        return any(isinstance(record, Mapping) and record.get("success") is False for record in records)


def refused(refusal: Refusal) -> ApiAnswer:
    """Return the answer to a call that is refused; without errors it has no body."""
    return ApiAnswer(status=refusal.status, body=refusal.render() if refusal.errors else None)


def object_in(value: Json) -> JsonObject:
    """
    Return *value*, which has to be an object.

    Raises:
        Refusal: JSON_PARSER_ERROR.

    """
    try:
        return expect_object(value)
    except NotJson as error:
        raise unreadable(f"Unexpected value: {error.message} at [line:1, column:1]") from None


def objects_in(value: Json) -> list[JsonObject]:
    """
    Return *value*, which has to be an array of objects.

    Raises:
        Refusal: JSON_PARSER_ERROR.

    """
    try:
        return [expect_object(item) for item in expect_list(value)]
    except NotJson as error:
        raise unreadable(f"Unexpected value: {error.message} at [line:1, column:1]") from None
