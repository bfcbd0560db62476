"""What Salesforce does without anybody's mistake, by name: failures that faults make happen (reference 5)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ordering_sandbox.salesforce.failure import Failure
from ordering_sandbox.salesforce.refusal_samples import REFUSAL_SAMPLES


_BUSY_PAGE: Final = (
    "<html><head><title>Server too busy</title></head><body>Please try again later.</body></html>"
)
_EDGE_PAGE: Final = (
    "<html><head><title>502 Bad Gateway</title></head><body>The instance did not answer.</body></html>"
)
_ROUTE_PAGE: Final = (
    "<html><head><title>No route</title></head><body>There is no route for this host.</body></html>"
)

FAILURES: Final[Mapping[str, Failure]] = MappingProxyType(
    {
        "TOTAL_REQUESTS_LIMIT": Failure(
            status=403, code="REQUEST_LIMIT_EXCEEDED", message="TotalRequests Limit exceeded."
        ),
        "CONCURRENT_REQUESTS_LIMIT": Failure(
            status=403,
            code="REQUEST_LIMIT_EXCEEDED",
            message="ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
        ),
        "API_DISABLED_FOR_ORG": Failure(
            status=403,
            code="API_DISABLED_FOR_ORG",
            message="The REST API is not enabled for this Organization.",
        ),
        "API_CURRENTLY_DISABLED": Failure(
            status=403, code="API_CURRENTLY_DISABLED", message="API is currently disabled."
        ),
        "INSUFFICIENT_ACCESS": Failure(
            status=403, code="INSUFFICIENT_ACCESS", message="insufficient access rights on object id"
        ),
        "INSUFFICIENT_ACCESS_OR_READONLY": Failure(
            status=403,
            code="INSUFFICIENT_ACCESS_OR_READONLY",
            message="insufficient access rights on object id",
        ),
        "FUNCTIONALITY_NOT_ENABLED": Failure(
            status=403,
            code="FUNCTIONALITY_NOT_ENABLED",
            message="This feature is not currently enabled for this user.",
        ),
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Failure(
            status=400,
            code="INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
            message="insufficient access rights on cross-reference id",
        ),
        "UNABLE_TO_LOCK_ROW": Failure(
            status=400,
            code="UNABLE_TO_LOCK_ROW",
            message="unable to obtain exclusive access to this record or 1 records: 001IS0000000001AAA",
        ),
        "FLOW_FAILED": Failure(
            status=400,
            code="CANNOT_EXECUTE_FLOW_TRIGGER",
            message=(
                "We can't save this record because the “Order Approval Flow” process failed. Give your"
                " Salesforce admin these details. The flow couldn't find the record."
            ),
        ),
        "FLOW_COULD_NOT_LOCK": Failure(
            status=400,
            code="CANNOT_EXECUTE_FLOW_TRIGGER",
            message=(
                "We can't save this record because the “Order Approval Flow” process failed."
                " UNABLE_TO_LOCK_ROW: unable to obtain exclusive access to this record"
            ),
        ),
        "TRIGGER_FAILED": Failure(
            status=400,
            code="CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            message="OrderTrigger: execution of BeforeInsert caused by: System.NullPointerException",
        ),
        "TRIGGER_COULD_NOT_LOCK": Failure(
            status=400,
            code="CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            message=(
                "OrderTrigger: execution of AfterInsert caused by: System.DmlException: Update failed. First"
                " exception on row 0; first error: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access"
            ),
        ),
        "DUPLICATES_DETECTED": Failure(
            status=400, code="DUPLICATES_DETECTED", message="Use one of these records?"
        ),
        "VALIDATION_RULE": Failure(
            status=400,
            code="FIELD_CUSTOM_VALIDATION_EXCEPTION",
            message="この注文は保存できません。管理者に連絡してください。",
        ),
        "LOOKUP_FILTER": Failure(
            status=400,
            code="FIELD_FILTER_VALIDATION_EXCEPTION",
            message="Value does not exist or does not match filter criteria.",
        ),
        "APPROVAL_LOCK": Failure(
            status=400,
            code="ENTITY_IS_LOCKED",
            message="the entity is locked for editing",
        ),
        "STORAGE_LIMIT_EXCEEDED": Failure(
            status=400, code="STORAGE_LIMIT_EXCEEDED", message="storage limit exceeded"
        ),
        "QUERY_TIMEOUT": Failure(
            status=400, code="QUERY_TIMEOUT", message="Your query request was running for too long."
        ),
        "REQUEST_RUNNING_TOO_LONG": Failure(
            status=503,
            code="REQUEST_RUNNING_TOO_LONG",
            message="Your request was running for too long, and has been stopped.",
        ),
        "UNKNOWN_EXCEPTION": Failure(
            status=500,
            code="UNKNOWN_EXCEPTION",
            message=(
                "An unexpected error occurred. Please include this ErrorId if you contact support:"
                " 1234567890-12345 (-1234567890)"
            ),
        ),
        "UNEXPECTED_ERROR": Failure(
            status=500, code="UNEXPECTED_ERROR", message="An unexpected error occurred."
        ),
        "SERVER_UNAVAILABLE": Failure(
            status=503, code="SERVER_UNAVAILABLE", message="Server too busy", headers={"Retry-After": "1"}
        ),
        "SERVER_UNAVAILABLE_PAGE": Failure(status=503, html=_BUSY_PAGE),
        "TOO_MANY_REQUESTS": Failure(
            status=429, html="<html><body>Too many requests</body></html>", headers={"Retry-After": "1"}
        ),
        "BAD_GATEWAY": Failure(status=502, html=_EDGE_PAGE),
        "PAGE": Failure(status=200, html=_BUSY_PAGE),
        "GATEWAY_TIMEOUT": Failure(status=504, html=_EDGE_PAGE),
        "NO_ROUTE": Failure(status=420, html=_ROUTE_PAGE),
        **REFUSAL_SAMPLES,
    }
)
"""Every failure by its name; several share a code and differ in what is to be done about them."""
