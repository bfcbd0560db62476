"""
Refusals that a client earns by what it sends, by name: faults send them to clients that send nothing wrong.

The org's own rules refuse with the same codes; here each can be had for the asking (reference 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ordering_sandbox.salesforce.failure import Failure


_TOO_LONG: Final = "<html><head><title>Too long</title></head><body>The request is too long.</body></html>"

REFUSAL_SAMPLES: Final[Mapping[str, Failure]] = MappingProxyType(
    {
        "INVALID_SESSION_ID": Failure(
            status=401, code="INVALID_SESSION_ID", message="Session expired or invalid"
        ),
        "INVALID_AUTH_HEADER": Failure(status=401, code="INVALID_AUTH_HEADER", message="INVALID_HEADER_TYPE"),
        "DUPLICATE_VALUE": Failure(
            status=400,
            code="DUPLICATE_VALUE",
            message="duplicate value found: PoNumber duplicates value on record with id: 801IS0000000001",
        ),
        "FIELD_INTEGRITY_EXCEPTION": Failure(
            status=400,
            code="FIELD_INTEGRITY_EXCEPTION",
            message="There's a problem with this state, even though it may appear correct.",
            fields=("BillingState",),
        ),
        "REQUIRED_FIELD_MISSING": Failure(
            status=400,
            code="REQUIRED_FIELD_MISSING",
            message="Required fields are missing: [Region__c]",
            fields=("Region__c",),
        ),
        "STRING_TOO_LONG": Failure(
            status=400,
            code="STRING_TOO_LONG",
            message="City: data value too large: 東京都世田谷区 (max length=5)",
            fields=("BillingCity",),
        ),
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": Failure(
            status=400,
            code="INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            message="Access Mode: bad value for restricted picklist field: PPPoE",
            fields=("Access_Mode__c",),
        ),
        "INVALID_FIELD": Failure(
            status=400,
            code="INVALID_FIELD",
            message="No such column 'Access_Mode__c' on sobject of type Order",
        ),
        "INVALID_FIELD_FOR_INSERT_UPDATE": Failure(
            status=400,
            code="INVALID_FIELD_FOR_INSERT_UPDATE",
            message=(
                "Unable to create/update fields: Access_Mode__c. Please check the security settings of this"
                " field and verify that it is read/write for your profile or permission set."
            ),
            fields=("Access_Mode__c",),
        ),
        "NUMBER_OUTSIDE_VALID_RANGE": Failure(
            status=400,
            code="NUMBER_OUTSIDE_VALID_RANGE",
            message="Unit Price: value outside of valid range",
            fields=("UnitPrice",),
        ),
        "INVALID_EMAIL_ADDRESS": Failure(
            status=400,
            code="INVALID_EMAIL_ADDRESS",
            message="Email: invalid email address: nobody",
            fields=("Email",),
        ),
        "INVALID_TYPE_ON_FIELD_IN_RECORD": Failure(
            status=400,
            code="INVALID_TYPE_ON_FIELD_IN_RECORD",
            message="Priority__c: value not of required type: soon",
            fields=("Priority__c",),
        ),
        "JSON_PARSER_ERROR": Failure(
            status=400,
            code="JSON_PARSER_ERROR",
            message="Cannot deserialize instance of date from VALUE_STRING value soon",
        ),
        "MALFORMED_ID": Failure(
            status=400,
            code="MALFORMED_ID",
            message="Account ID: id value of incorrect type: 1",
            fields=("AccountId",),
        ),
        "INVALID_CROSS_REFERENCE_KEY": Failure(
            status=400, code="INVALID_CROSS_REFERENCE_KEY", message="invalid cross reference id"
        ),
        "NOT_FOUND": Failure(status=404, code="NOT_FOUND", message="The requested resource does not exist"),
        "ENTITY_IS_DELETED": Failure(status=404, code="ENTITY_IS_DELETED", message="entity is deleted"),
        "FAILED_ACTIVATION": Failure(
            status=400, code="FAILED_ACTIVATION", message="An order must have at least one product."
        ),
        "MALFORMED_QUERY": Failure(status=400, code="MALFORMED_QUERY", message="unexpected token: 'FORM'"),
        "INVALID_TYPE": Failure(
            status=400, code="INVALID_TYPE", message="sObject type 'Nonsense__c' is not supported."
        ),
        "INVALID_QUERY_LOCATOR": Failure(
            status=400, code="INVALID_QUERY_LOCATOR", message="invalid query locator"
        ),
        "GONE": Failure(status=410, code="GONE", message="The requested resource is no longer available"),
        "PRECONDITION_FAILED": Failure(status=412),
        "URI_TOO_LONG": Failure(status=414, html=_TOO_LONG),
        "HEADERS_TOO_LARGE": Failure(status=431, html=_TOO_LONG),
    }
)
"""One refusal of each code; the last three come without one."""
