"""
What Salesforce's refusals mean: whether anything was written, and what may be done about it.

The table is reference section 5 as data; dispatch is on the error code, never on the HTTP status alone.
Only a code and the names of fields ever leave this module: messages echo what customers typed, and URLs
hold queries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from ordering_adapters.salesforce.rows import is_list, is_object, objects_in
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Conflict, OutcomeUnknown, PortError, Refused, Unavailable


class Outcome(StrEnum):
    """What became of a call that failed; the gravest first, for several errors in one answer."""

    REFUSED = "refused"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"
    UNAVAILABLE = "unavailable"


class Retry(StrEnum):
    """When the same call may be made again."""

    NEVER = "never"
    """It will be refused again; a person changes something first."""

    AFTER_RENEWAL = "after renewal"
    """Once, with a new access token."""

    SOON = "soon"
    """After seconds, with some chance in them."""

    LATER = "later"
    """Not for a quarter of an hour: the day's calls are used up."""

    AFTER_LOOKING = "after looking"
    """It may have been done: look first."""

    AFTER_READING = "after reading"
    """Somebody changed the record: read it and decide again."""

    AFRESH = "afresh"
    """From the first page on: the place that was kept in a long answer is gone."""


@attrs.frozen
class Meaning:
    """What an error code means."""

    outcome: Outcome
    retry: Retry


_REFUSED: Final = Meaning(Outcome.REFUSED, Retry.NEVER)
_SOON: Final = Meaning(Outcome.UNAVAILABLE, Retry.SOON)
_LATER: Final = Meaning(Outcome.UNAVAILABLE, Retry.LATER)
_DOUBT: Final = Meaning(Outcome.UNKNOWN, Retry.AFTER_LOOKING)
_CHANGED: Final = Meaning(Outcome.CONFLICT, Retry.AFTER_READING)
_SIGNED_OUT: Final = Meaning(Outcome.UNAVAILABLE, Retry.AFTER_RENEWAL)
_NOT_SET_UP: Final = Meaning(Outcome.UNAVAILABLE, Retry.NEVER)
_AFRESH: Final = Meaning(Outcome.UNAVAILABLE, Retry.AFRESH)

CHANGED: Final = "PRECONDITION_FAILED"
"""Our name for a 412, which comes without a code."""

NOTHING_FOUND: Final = "REFERENCE_NOT_FOUND"
"""Our name for a call whose reference led to no record: the condition asked before it did not hold."""

MEANINGS: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        "INVALID_SESSION_ID": _SIGNED_OUT,
        "INVALID_AUTH_HEADER": _NOT_SET_UP,
        "REQUEST_LIMIT_EXCEEDED": _LATER,
        "API_DISABLED_FOR_ORG": _REFUSED,
        "API_CURRENTLY_DISABLED": _REFUSED,
        "INSUFFICIENT_ACCESS": _REFUSED,
        "INSUFFICIENT_ACCESS_OR_READONLY": _REFUSED,
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": _REFUSED,
        "FUNCTIONALITY_NOT_ENABLED": _REFUSED,
        "UNABLE_TO_LOCK_ROW": _SOON,
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": _REFUSED,
        "CANNOT_EXECUTE_FLOW_TRIGGER": _REFUSED,
        "DUPLICATE_VALUE": _REFUSED,
        "DUPLICATES_DETECTED": _REFUSED,
        "FIELD_CUSTOM_VALIDATION_EXCEPTION": _REFUSED,
        "FIELD_INTEGRITY_EXCEPTION": _REFUSED,
        "FIELD_FILTER_VALIDATION_EXCEPTION": _REFUSED,
        "REQUIRED_FIELD_MISSING": _REFUSED,
        "STRING_TOO_LONG": _REFUSED,
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": _REFUSED,
        "INVALID_FIELD": _REFUSED,
        "INVALID_FIELD_FOR_INSERT_UPDATE": _REFUSED,
        "NUMBER_OUTSIDE_VALID_RANGE": _REFUSED,
        "INVALID_EMAIL_ADDRESS": _REFUSED,
        "INVALID_TYPE_ON_FIELD_IN_RECORD": _REFUSED,
        "JSON_PARSER_ERROR": _REFUSED,
        "MALFORMED_ID": _REFUSED,
        "INVALID_CROSS_REFERENCE_KEY": _REFUSED,
        "NOT_FOUND": _REFUSED,
        "ENTITY_IS_DELETED": _REFUSED,
        "ENTITY_IS_LOCKED": _REFUSED,
        "FAILED_ACTIVATION": _REFUSED,
        "STORAGE_LIMIT_EXCEEDED": _REFUSED,
        "MALFORMED_QUERY": _REFUSED,
        "INVALID_TYPE": _REFUSED,
        "INVALID_QUERY_LOCATOR": _AFRESH,
        "QUERY_TIMEOUT": _DOUBT,
        "REQUEST_RUNNING_TOO_LONG": _DOUBT,
        "UNKNOWN_EXCEPTION": _DOUBT,
        "UNEXPECTED_ERROR": _DOUBT,
        "SERVER_UNAVAILABLE": _DOUBT,
        "GONE": _REFUSED,
        CHANGED: _CHANGED,
        NOTHING_FOUND: _CHANGED,
    }
)
"""Every error code of the reference; *doubt* says that a write may have been committed."""

BY_STATUS: Final[Mapping[int, Meaning]] = MappingProxyType(
    {
        300: _REFUSED,
        401: _SIGNED_OUT,
        403: _REFUSED,
        404: _REFUSED,
        405: _REFUSED,
        409: _CHANGED,
        410: _REFUSED,
        412: _CHANGED,
        414: _REFUSED,
        415: _REFUSED,
        420: _SOON,
        428: _REFUSED,
        429: _SOON,
        431: _REFUSED,
        500: _DOUBT,
        502: _DOUBT,
        503: _DOUBT,
        504: _DOUBT,
    }
)
"""What a status means when the answer carries no code, as pages of the edge do."""

CONSEQUENCES: Final = frozenset({"PROCESSING_HALTED", "ALL_OR_NONE_OPERATION_ROLLED_BACK"})
"""Codes that say only that another call of the composite failed."""

_BAD_REFERENCE: Final = "Invalid reference specified"
_WRAPPERS: Final = frozenset({"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CANNOT_EXECUTE_FLOW_TRIGGER"})
_WRAPPED: Final = "UNABLE_TO_LOCK_ROW"
_FEW_AT_ONCE: Final = "ConcurrentRequests"
_CLIENT_ERROR: Final = range(400, 500)


@attrs.frozen(kw_only=True)
class Failure:
    """
    One thing that Salesforce said no to.

    *call* names the call of a composite, *fields* the fields it is about; *duplicate_of* the key field whose
    value another record holds.
    """

    code: str
    meaning: Meaning
    call: str = ""
    fields: tuple[str, ...] = ()
    duplicate_of: str = ""

    def error(self, *, reading: bool = False) -> PortError:
        """Return what the port raises; whatever stops a read, nothing happened."""
        reason = ", ".join((self.code, *self.fields))
        if reading:
            return Unavailable(System.SALESFORCE, reason)
        match self.meaning.outcome:
            case Outcome.REFUSED:
                return Refused(System.SALESFORCE, self.code, ", ".join(self.fields))
            case Outcome.CONFLICT:
                return Conflict(System.SALESFORCE, reason)
            case Outcome.UNKNOWN:
                return OutcomeUnknown(System.SALESFORCE, reason)
            case Outcome.UNAVAILABLE:
                return Unavailable(System.SALESFORCE, reason)


def failure_in(content: object, status: int, *, call: str = "") -> Failure | None:
    """
    Return the root of what *content* complains about, or None when it complains of consequences alone.

    *content* is the body of an answer of *status*: a list of errors (of one record, or of several in a
    collection), or a page that is no JSON.
    """
    errors = [error for item in objects_in(content) for error in _errors_of(item)]
    found = [_failure(error, status, call) for error in errors]
    roots = [failure for failure in found if failure.code not in CONSEQUENCES]
    if roots:
        return min(roots, key=lambda failure: list(Outcome).index(failure.meaning.outcome))
    return None if found else _codeless(status, call)


def refused(code: str, reason: str = "") -> Refused:
    """Return a refusal of our own."""
    return Refused(System.SALESFORCE, code, reason)


def _errors_of(item: Mapping[str, object]) -> Iterable[Mapping[str, object]]:
    """Return the errors of one entry: itself, or those of a record in a collection."""
    if "success" in item:
        return objects_in(item.get("errors")) if item["success"] is False else ()
    return (item,)


def _failure(error: Mapping[str, object], status: int, call: str) -> Failure:
    """Return what one entry says; collections call the code otherwise (reference 2.3)."""
    code = str(error.get("errorCode") or error.get("statusCode") or "UNKNOWN_EXCEPTION")
    message = str(error.get("message") or "")
    if code in CONSEQUENCES and message.startswith(_BAD_REFERENCE):
        code = NOTHING_FOUND
    named = error.get("fields")
    fields = tuple(str(field) for field in named) if is_list(named) else ()
    duplicate = message.removeprefix("duplicate value found: ").partition(" ")[0]
    return Failure(
        code=code,
        meaning=_meaning(code, message, status),
        call=call,
        fields=fields,
        duplicate_of=duplicate if code == "DUPLICATE_VALUE" else "",
    )


def _meaning(code: str, message: str, status: int) -> Meaning:
    """Return what *code* means; some say the half of it in their message."""
    if code == "REQUEST_LIMIT_EXCEEDED" and _FEW_AT_ONCE in message:
        return _SOON
    if code in _WRAPPERS and _WRAPPED in message:
        return MEANINGS[_WRAPPED]
    # A code that nobody wrote down is as good as none; most say that Salesforce answered, and took nothing.
    return MEANINGS.get(code) or BY_STATUS.get(status, _REFUSED)


def _codeless(status: int, call: str) -> Failure:
    """Return what an answer without a code says by its *status*."""
    meaning = BY_STATUS.get(status, _REFUSED if status in _CLIENT_ERROR else _DOUBT)
    code = CHANGED if meaning is _CHANGED else f"HTTP_{status}"
    return Failure(code=code, meaning=meaning, call=call)


def is_error(content: object) -> bool:
    """Whether the body of a call that seems to have worked says that a record of it did not."""
    return any(item.get("success") is False for item in objects_in(content)) or (
        is_object(content) and content.get("success") is False
    )
