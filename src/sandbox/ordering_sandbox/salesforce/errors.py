"""Refusals as Salesforce words them: a status, and codes with messages and fields (reference 5)."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ordering_sandbox.json_values import Json


@attrs.frozen
class ApiError:
    """
    One refusal.

    *message* may echo what was sent, as Salesforce does; *fields* None leaves the list out of the body.
    """

    code: str
    message: str = attrs.field(repr=False)
    fields: tuple[str, ...] | None = None

    def render(self) -> Json:
        """Return it as it stands in the body of a single call."""
        listed = {} if self.fields is None else {"fields": list(self.fields)}
        return {"message": self.message, "errorCode": self.code, **listed}

    def render_in_collection(self) -> Json:
        """Return it as it stands in the result of one record of many, where the code is called statusCode."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields or ())}


class Refusal(Exception):
    """A call, or one record of it, is refused; *status* is the HTTP status of a call for it alone."""

    def __init__(self, status: int, errors: Sequence[ApiError]) -> None:
        super().__init__(status, ", ".join(error.code for error in errors))
        self.status = status
        self.errors = tuple(errors)

    def render(self) -> Json:
        """Return the body of the answer."""
        return [error.render() for error in self.errors]

    def render_in_collection(self) -> Json:
        """Return the errors of one record of many."""
        return [error.render_in_collection() for error in self.errors]


def refuse(status: int, code: str, message: str, *fields: str) -> Refusal:
    """Return a refusal with one error that names *fields*."""
    return Refusal(status, [ApiError(code, message, fields or None)])


def not_found(message: str = "The requested resource does not exist") -> Refusal:
    """Return the refusal of something that is not there."""
    return refuse(404, "NOT_FOUND", message)


def unreadable(message: str) -> Refusal:
    """Return the refusal of a body that cannot be read."""
    return refuse(400, "JSON_PARSER_ERROR", message)


def no_such_column(name: str, object_name: str) -> Refusal:
    """Return the refusal of a field that is not there, or that the user may not see: both look the same."""
    return refuse(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {object_name}")
