"""What Salesforce's refusals and the client library's exceptions mean."""

import inspect

from typing import Final

import pytest

from requests import exceptions as network
from simple_salesforce import exceptions as vendor
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from ordering_adapters.salesforce.composite import Answers, answers_in
from ordering_adapters.salesforce.errors import MEANINGS, Failure, Outcome, Retry, failure_in
from ordering_adapters.salesforce.exceptions import EXCEPTIONS, failure_of
from ordering_core.errors import Conflict, OutcomeUnknown, Refused, Unavailable


PERSONAL: Final = "09012345678"
HALTED: Final = "The transaction was rolled back since another operation in the same transaction failed."

CODES: Final = [
    "INVALID_SESSION_ID",
    "INVALID_AUTH_HEADER",
    "REQUEST_LIMIT_EXCEEDED",
    "API_DISABLED_FOR_ORG",
    "API_CURRENTLY_DISABLED",
    "INSUFFICIENT_ACCESS",
    "INSUFFICIENT_ACCESS_OR_READONLY",
    "FUNCTIONALITY_NOT_ENABLED",
    "UNABLE_TO_LOCK_ROW",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    "CANNOT_EXECUTE_FLOW_TRIGGER",
    "DUPLICATE_VALUE",
    "DUPLICATES_DETECTED",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "FIELD_INTEGRITY_EXCEPTION",
    "FIELD_FILTER_VALIDATION_EXCEPTION",
    "REQUIRED_FIELD_MISSING",
    "STRING_TOO_LONG",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    "INVALID_FIELD",
    "INVALID_FIELD_FOR_INSERT_UPDATE",
    "NUMBER_OUTSIDE_VALID_RANGE",
    "INVALID_EMAIL_ADDRESS",
    "INVALID_TYPE_ON_FIELD_IN_RECORD",
    "JSON_PARSER_ERROR",
    "MALFORMED_ID",
    "INVALID_CROSS_REFERENCE_KEY",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    "NOT_FOUND",
    "ENTITY_IS_DELETED",
    "ENTITY_IS_LOCKED",
    "FAILED_ACTIVATION",
    "STORAGE_LIMIT_EXCEEDED",
    "MALFORMED_QUERY",
    "INVALID_TYPE",
    "INVALID_QUERY_LOCATOR",
    "QUERY_TIMEOUT",
    "REQUEST_RUNNING_TOO_LONG",
    "UNKNOWN_EXCEPTION",
    "UNEXPECTED_ERROR",
    "SERVER_UNAVAILABLE",
]
"""The codes of the reference's table; PROCESSING_HALTED and its kin are consequences."""


def error(code: str, message: str = "") -> dict[str, object]:
    return {"errorCode": code, "message": message, "fields": []}


def only(content: object, status: int = 400) -> Failure:
    failure = failure_in(content, status)
    assert failure is not None
    return failure


def test_every_code_of_the_reference_has_a_meaning() -> None:
    assert set(CODES) <= MEANINGS.keys()


@pytest.mark.parametrize(
    "kind",
    [
        found
        for module in (network, vendor)
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(
            found, network.RequestException | vendor.SalesforceError | vendor.SalesforceOperationError
        )
        and not issubclass(found, Warning)
    ],
    ids=lambda kind: kind.__name__,
)
def test_every_exception_of_the_libraries_has_a_meaning(kind: type[Exception]) -> None:
    carries_an_answer = issubclass(kind, vendor.SalesforceError) and kind is not (
        vendor.SalesforceAuthenticationFailed
    )
    assert carries_an_answer or kind in EXCEPTIONS


def test_a_stranger_among_exceptions_is_none_of_ours() -> None:
    assert failure_of(KeyError("Name")) is None


@pytest.mark.parametrize(
    ("raised", "outcome"),
    [
        (network.ConnectTimeout(), Outcome.UNAVAILABLE),
        (network.ReadTimeout(), Outcome.UNKNOWN),
        (network.ConnectionError(ProtocolError("Connection aborted.")), Outcome.UNKNOWN),
        (
            network.ConnectionError(
                MaxRetryError(None, "/", NewConnectionError(None, "refused"))  # type: ignore[arg-type] # no pool
            ),
            Outcome.UNAVAILABLE,
        ),
        (network.JSONDecodeError("no JSON", "<html>", 0), Outcome.UNKNOWN),
        (network.InvalidURL(), Outcome.UNAVAILABLE),
    ],
)
def test_what_was_never_sent_is_told_from_what_may_have_been_done(
    raised: Exception, outcome: Outcome
) -> None:
    failure = failure_of(raised)
    assert failure is not None
    assert failure.meaning.outcome is outcome


@pytest.mark.parametrize(
    ("outcome", "raised"),
    [
        (error("FIELD_INTEGRITY_EXCEPTION"), Refused),
        (error("UNABLE_TO_LOCK_ROW"), Unavailable),
        (error("UNKNOWN_EXCEPTION"), OutcomeUnknown),
        (error("A_CODE_OF_NEXT_YEAR"), Refused),
    ],
)
def test_a_code_becomes_the_ports_error_and_stops_a_read_without_effect(
    outcome: dict[str, object], raised: type[Exception]
) -> None:
    failure = only([outcome])
    assert type(failure.error()) is raised
    assert type(failure.error(reading=True)) is Unavailable


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        (412, Conflict),
        (420, Unavailable),
        (429, Unavailable),
        (414, Refused),
        (418, Refused),
        (502, OutcomeUnknown),
        (503, OutcomeUnknown),
        (599, OutcomeUnknown),
    ],
)
def test_a_page_without_a_code_is_read_by_its_status(status: int, raised: type[Exception]) -> None:
    assert type(only("<html>", status).error()) is raised


def test_one_code_with_two_limits_is_told_apart_by_its_message() -> None:
    day = only([error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")])
    moment = only(
        [error("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")]
    )
    assert (day.meaning.retry, moment.meaning.retry) == (Retry.LATER, Retry.SOON)


@pytest.mark.parametrize("code", ["CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CANNOT_EXECUTE_FLOW_TRIGGER"])
def test_a_lock_inside_a_flow_is_a_lock(code: str) -> None:
    assert type(only([error(code, "process failed. UNABLE_TO_LOCK_ROW: unable to")]).error()) is Unavailable
    assert type(only([error(code, "System.NullPointerException")]).error()) is Refused


@pytest.mark.parametrize(
    ("status", "raised"),
    [(400, Refused), (403, Refused), (409, Conflict), (429, Unavailable), (500, OutcomeUnknown)],
)
def test_a_code_that_nobody_wrote_down_is_as_good_as_none(status: int, raised: type[Exception]) -> None:
    failure = failure_in([error("NEVER_HEARD_OF")], status)
    assert failure is not None
    assert failure.code == "NEVER_HEARD_OF"
    assert type(failure.error()) is raised


def test_of_several_errors_the_one_that_nobody_can_wait_out_counts() -> None:
    failure = only([error("UNABLE_TO_LOCK_ROW"), error("REQUIRED_FIELD_MISSING")])
    assert failure.code == "REQUIRED_FIELD_MISSING"


def test_no_word_of_a_message_leaves() -> None:
    said = error("STRING_TOO_LONG", f"Phone: data value too large: {PERSONAL} (max length=5)")
    failure = only([{**said, "fields": ["MNP_Phone_Number__c"]}])
    assert str(failure.error()) == "Salesforce refused (STRING_TOO_LONG): MNP_Phone_Number__c"
    assert PERSONAL not in repr(failure)


def composite(*answers: tuple[str, int, object]) -> dict[str, object]:
    return {
        "compositeResponse": [
            {"referenceId": name, "httpStatusCode": status, "body": body, "httpHeaders": {}}
            for name, status, body in answers
        ]
    }


def test_the_root_stands_behind_what_was_halted() -> None:
    failure = answers_in(
        composite(
            ("opportunity", 400, [error("PROCESSING_HALTED", HALTED)]),
            (
                "order",
                400,
                [error("DUPLICATE_VALUE", "duplicate value found: Key__c duplicates value on record")],
            ),
            ("case", 400, [error("PROCESSING_HALTED", HALTED)]),
        )
    )
    assert isinstance(failure, Failure)
    assert (failure.code, failure.call, failure.duplicate_of) == ("DUPLICATE_VALUE", "order", "Key__c")


def test_a_collection_that_failed_behind_a_good_status_is_found() -> None:
    rolled_back = {"statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "message": "", "fields": []}
    culprit = {"statusCode": "REQUIRED_FIELD_MISSING", "message": "", "fields": ["PricebookEntryId"]}
    failure = answers_in(
        composite(
            ("order", 201, {"id": "801000000000001AAA", "success": True, "errors": []}),
            (
                "items",
                200,
                [{"success": False, "errors": [rolled_back]}, {"success": False, "errors": [culprit]}],
            ),
        )
    )
    assert isinstance(failure, Failure)
    assert (failure.code, failure.fields, failure.call) == (
        "REQUIRED_FIELD_MISSING",
        ("PricebookEntryId",),
        "items",
    )


def test_a_reference_to_nothing_is_a_condition_that_did_not_hold() -> None:
    said = "Invalid reference specified. No value for free.records[0].Id found in free. Provided referenceId"
    failure = answers_in(composite(("order", 400, [error("PROCESSING_HALTED", said)])))
    assert isinstance(failure, Failure)
    assert type(failure.error()) is Conflict


@pytest.mark.parametrize(
    "content", [None, "<html>", {}, composite(("order", 400, [error("PROCESSING_HALTED", HALTED)]))]
)
def test_an_answer_that_names_no_cause_leaves_all_open(content: object) -> None:
    failure = answers_in(content)
    assert isinstance(failure, Failure)
    assert type(failure.error()) is OutcomeUnknown


def test_good_answers_are_known_by_their_names() -> None:
    answers = answers_in(composite(("order", 201, {"id": "801A", "success": True, "errors": []})))
    assert isinstance(answers, Answers)
    assert answers.made("order") == "801A"
    assert (answers.made("case"), answers.found("case")) == ("", [])
