"""
Salesforce's errors as the reference lists them (section 5), copied row by row and read by no code of ours.

One row for each failure that the sandbox can send; several share a code and differ in message or place.
"""

from enum import Enum
from typing import Final, NamedTuple

from ordering_core.errors import Conflict, OutcomeUnknown, PortError, Refused, Unavailable


class Again(Enum):
    """What the column *retry* of the reference says."""

    NO = "no"
    SOON = "yes, seconds, jitter"
    LATER = "no quick retry; open circuit 15-60 min"
    RENEW = "refresh token once, then fail"
    LOOK = "reads yes; writes doubt"
    REREAD = "re-read, re-decide"
    RESTART = "restart query"


class Row(NamedTuple):
    """One row: code and status as they come, what a write raises, and whether it may be sent again."""

    code: str
    status: int
    raised: type[PortError]
    again: Again
    page: bool = False


REFERENCE: Final[dict[str, Row]] = {
    "INVALID_SESSION_ID": Row("INVALID_SESSION_ID", 401, Unavailable, Again.RENEW),
    "INVALID_AUTH_HEADER": Row("INVALID_AUTH_HEADER", 401, Unavailable, Again.NO),
    "TOTAL_REQUESTS_LIMIT": Row("REQUEST_LIMIT_EXCEEDED", 403, Unavailable, Again.LATER),
    "CONCURRENT_REQUESTS_LIMIT": Row("REQUEST_LIMIT_EXCEEDED", 403, Unavailable, Again.SOON),
    "API_DISABLED_FOR_ORG": Row("API_DISABLED_FOR_ORG", 403, Refused, Again.NO),
    "API_CURRENTLY_DISABLED": Row("API_CURRENTLY_DISABLED", 403, Refused, Again.NO),
    "INSUFFICIENT_ACCESS": Row("INSUFFICIENT_ACCESS", 403, Refused, Again.NO),
    "INSUFFICIENT_ACCESS_OR_READONLY": Row("INSUFFICIENT_ACCESS_OR_READONLY", 403, Refused, Again.NO),
    "FUNCTIONALITY_NOT_ENABLED": Row("FUNCTIONALITY_NOT_ENABLED", 403, Refused, Again.NO),
    "UNABLE_TO_LOCK_ROW": Row("UNABLE_TO_LOCK_ROW", 400, Unavailable, Again.SOON),
    "TRIGGER_FAILED": Row("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", 400, Refused, Again.NO),
    "TRIGGER_COULD_NOT_LOCK": Row("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", 400, Unavailable, Again.SOON),
    "FLOW_FAILED": Row("CANNOT_EXECUTE_FLOW_TRIGGER", 400, Refused, Again.NO),
    "FLOW_COULD_NOT_LOCK": Row("CANNOT_EXECUTE_FLOW_TRIGGER", 400, Unavailable, Again.SOON),
    "DUPLICATE_VALUE": Row("DUPLICATE_VALUE", 400, Refused, Again.NO),
    "DUPLICATES_DETECTED": Row("DUPLICATES_DETECTED", 400, Refused, Again.NO),
    "VALIDATION_RULE": Row("FIELD_CUSTOM_VALIDATION_EXCEPTION", 400, Refused, Again.NO),
    "FIELD_INTEGRITY_EXCEPTION": Row("FIELD_INTEGRITY_EXCEPTION", 400, Refused, Again.NO),
    "LOOKUP_FILTER": Row("FIELD_FILTER_VALIDATION_EXCEPTION", 400, Refused, Again.NO),
    "REQUIRED_FIELD_MISSING": Row("REQUIRED_FIELD_MISSING", 400, Refused, Again.NO),
    "STRING_TOO_LONG": Row("STRING_TOO_LONG", 400, Refused, Again.NO),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": Row(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", 400, Refused, Again.NO
    ),
    "INVALID_FIELD": Row("INVALID_FIELD", 400, Refused, Again.NO),
    "INVALID_FIELD_FOR_INSERT_UPDATE": Row("INVALID_FIELD_FOR_INSERT_UPDATE", 400, Refused, Again.NO),
    "NUMBER_OUTSIDE_VALID_RANGE": Row("NUMBER_OUTSIDE_VALID_RANGE", 400, Refused, Again.NO),
    "INVALID_EMAIL_ADDRESS": Row("INVALID_EMAIL_ADDRESS", 400, Refused, Again.NO),
    "INVALID_TYPE_ON_FIELD_IN_RECORD": Row("INVALID_TYPE_ON_FIELD_IN_RECORD", 400, Refused, Again.NO),
    "JSON_PARSER_ERROR": Row("JSON_PARSER_ERROR", 400, Refused, Again.NO),
    "MALFORMED_ID": Row("MALFORMED_ID", 400, Refused, Again.NO),
    "INVALID_CROSS_REFERENCE_KEY": Row("INVALID_CROSS_REFERENCE_KEY", 400, Refused, Again.NO),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Row(
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", 400, Refused, Again.NO
    ),
    "NOT_FOUND": Row("NOT_FOUND", 404, Refused, Again.NO),
    "ENTITY_IS_DELETED": Row("ENTITY_IS_DELETED", 404, Refused, Again.NO),
    "APPROVAL_LOCK": Row("ENTITY_IS_LOCKED", 400, Refused, Again.NO),
    "FAILED_ACTIVATION": Row("FAILED_ACTIVATION", 400, Refused, Again.NO),
    "STORAGE_LIMIT_EXCEEDED": Row("STORAGE_LIMIT_EXCEEDED", 400, Refused, Again.NO),
    "MALFORMED_QUERY": Row("MALFORMED_QUERY", 400, Refused, Again.NO),
    "INVALID_TYPE": Row("INVALID_TYPE", 400, Refused, Again.NO),
    "INVALID_QUERY_LOCATOR": Row("INVALID_QUERY_LOCATOR", 400, Unavailable, Again.RESTART),
    "QUERY_TIMEOUT": Row("QUERY_TIMEOUT", 400, OutcomeUnknown, Again.LOOK),
    "REQUEST_RUNNING_TOO_LONG": Row("REQUEST_RUNNING_TOO_LONG", 503, OutcomeUnknown, Again.LOOK),
    "PRECONDITION_FAILED": Row("", 412, Conflict, Again.REREAD),
    "URI_TOO_LONG": Row("", 414, Refused, Again.NO, page=True),
    "HEADERS_TOO_LARGE": Row("", 431, Refused, Again.NO, page=True),
    "NO_ROUTE": Row("", 420, Unavailable, Again.SOON, page=True),
    "TOO_MANY_REQUESTS": Row("", 429, Unavailable, Again.SOON, page=True),
    "UNKNOWN_EXCEPTION": Row("UNKNOWN_EXCEPTION", 500, OutcomeUnknown, Again.LOOK),
    "UNEXPECTED_ERROR": Row("UNEXPECTED_ERROR", 500, OutcomeUnknown, Again.LOOK),
    "BAD_GATEWAY": Row("", 502, OutcomeUnknown, Again.LOOK, page=True),
    "PAGE": Row("", 200, OutcomeUnknown, Again.LOOK, page=True),
    "GATEWAY_TIMEOUT": Row("", 504, OutcomeUnknown, Again.LOOK, page=True),
    "SERVER_UNAVAILABLE": Row("SERVER_UNAVAILABLE", 503, OutcomeUnknown, Again.LOOK),
    "SERVER_UNAVAILABLE_PAGE": Row("", 503, OutcomeUnknown, Again.LOOK, page=True),
    "GONE": Row("GONE", 410, Refused, Again.NO),
}
"""By the name of the failure in the sandbox; *page* marks HTML of the edge, which no composite holds."""

CONSEQUENCES: Final = {"PROCESSING_HALTED", "ALL_OR_NONE_OPERATION_ROLLED_BACK"}
"""Never the cause: the sibling is looked at."""
