"""Whatever goes wrong becomes a problem of RFC 9457 that says the way out and nothing that it should not."""

import logging

from collections.abc import Iterator
from typing import Final

import pytest

from litestar.exceptions import HTTPException

from ordering_core import OrderingError
from ordering_core.domain.checkout import Requirement
from ordering_core.domain.violations import OrderRejected, Severity, Violation
from ordering_core.errors import Conflict, InvalidFile, PortError, Refused, RequestError
from ordering_core.testing.world import Fault, Moment
from ordering_entrypoints.http.errors import _missing, members_of, problem_of
from ordering_entrypoints.http.problem_samples import SAMPLES
from ordering_entrypoints.http.problems import ROWS, UNEXPECTED, row_of
from tests.unit.application.shop import ESIM, picture
from tests.unit.entrypoints.api import PROBLEM, Api, body, kind


GROUPS: Final = {OrderingError, RequestError, PortError}
"""Branches of the tree of errors; only its leaves are raised."""

SECRET: Final = "花子 090-1234-5678 89049032123451234512345678901235"


def below(error: type[Exception]) -> Iterator[type[Exception]]:
    for child in error.__subclasses__():
        yield child
        yield from below(child)


def test_every_ordering_error_has_a_row() -> None:
    ours = {error for error in below(OrderingError) if error.__module__.startswith("ordering_")}
    known = ours - GROUPS  # without those that another test made, whichever ran first
    assert len(known) >= 11
    # an adapter may refine a port error for itself; it is shown as the one it refines
    assert {error for error in known if ROWS.keys().isdisjoint(error.__mro__)} == set()
    assert {error for error in known - set(ROWS) if error.__module__.startswith("ordering_core")} == set()


def test_a_new_ordering_error_without_a_row_would_be_noticed() -> None:
    class NobodyThoughtOfIt(RequestError):
        pass

    assert NobodyThoughtOfIt in set(below(OrderingError)) - GROUPS - set(ROWS)
    assert row_of(NobodyThoughtOfIt()) is UNEXPECTED


def test_everything_in_the_table_is_shown_in_the_documentation() -> None:
    assert set(ROWS) <= set(SAMPLES)


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=lambda sample: type(sample).__name__)
def test_a_problem_says_what_and_the_way_out(sample: Exception) -> None:
    problem = problem_of(sample, types="urn:test:")
    assert 400 <= problem.status < 600
    assert problem.title
    assert problem.detail
    assert problem.detail.endswith(".")
    assert problem.type == "about:blank" or problem.type.startswith("urn:test:")
    assert (problem.status == 500) == (problem.type == "urn:test:internal")
    assert None not in members_of(problem).values()


def test_names_of_problems_are_not_used_twice() -> None:
    names = [row.name for row in ROWS.values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("requirement", Requirement)
def test_every_requirement_is_explained_by_the_rule_book(requirement: Requirement) -> None:
    error = _missing(requirement)
    assert (error.code, error.pointer) == (f"{requirement}_outstanding", f"/{requirement}")
    assert error.message
    assert error.remedy


def test_only_what_stops_an_order_is_an_error() -> None:
    def violation(severity: Severity) -> Violation:
        return Violation(
            code=severity, rule="", pointer="", message="", message_ja="", remedy="", severity=severity
        )

    problem = problem_of(OrderRejected([violation(Severity.WARNING), violation(Severity.ERROR)]), types="")
    assert [error.code for error in problem.errors] == ["error"]


def test_too_large_is_the_one_invalid_file_with_a_status_of_its_own() -> None:
    assert problem_of(InvalidFile("FILE_TOO_LARGE", "smaller"), types="").status == 413
    assert problem_of(InvalidFile("FILE_EMPTY", "again"), types="").status == 422


def test_what_an_outside_system_said_is_not_repeated() -> None:
    problem = problem_of(Refused("Salesforce", "SOME_VENDOR_CODE", "the trigger of Bob broke"), types="")
    said = str(members_of(problem))
    assert "SOME_VENDOR_CODE" not in said
    assert "Bob" not in said


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failure_of_the_framework_is_a_500_without_details(status: int) -> None:
    problem = problem_of(HTTPException(SECRET, status_code=status), types="")
    assert problem.status == 500
    assert SECRET not in str(members_of(problem))


@pytest.mark.parametrize(
    ("operation", "fault", "status", "name"),
    [
        ("billing.payment_methods", Fault.DOWN, 503, "unavailable"),
        ("billing.payment_methods", Fault.REFUSE, 502, "refused"),
        ("billing.payment_methods", Fault.LOSE_REPLY, 502, "outcome-unknown"),
        ("orders.place", Fault.REFUSE, 502, "refused"),
    ],
)
def test_a_system_behind_that_fails_is_told_as_what_it_means(
    operation: str, fault: Fault, status: int, name: str
) -> None:
    api = Api()
    customer = api.world.new_customer()
    session = api.ready(customer)
    api.world.faults.set(operation, fault, times=99)
    answer = api.call("POST", f"{session}/submission", customer)
    assert (answer.status_code, kind(answer)) == (status, name)
    assert ("retry-after" in answer.headers) == (status == 503)


def test_another_writer_who_was_first_is_a_409() -> None:
    api = Api()
    customer = api.world.new_customer()
    session = api.ready(customer)

    def conflict() -> None:
        raise Conflict("store")

    api.world.faults.hook("catalogue.products", Moment.BEFORE, conflict)
    answer = api.call("PUT", f"{session}/draft", customer, json=body(ESIM))
    assert (answer.status_code, kind(answer)) == (409, "conflict")


def test_an_exception_that_nobody_expected_is_a_500_that_says_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    api = Api()
    before = picture(api.world)

    def break_down() -> None:
        raise KeyError(SECRET)

    api.world.faults.hook("catalogue.all", Moment.BEFORE, break_down)
    with caplog.at_level(logging.DEBUG):
        answer = api.client.get("/api/catalogue")
    assert (answer.status_code, kind(answer)) == (500, "internal")
    assert answer.headers["content-type"] == PROBLEM
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text
    assert "test_http_problems" not in answer.text
    assert picture(api.world) == before
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    fields: dict[str, object] = vars(record)["fields"]
    assert fields["error"] == "KeyError"
    assert "break_down" in str(fields["frames"])
    assert answer.json()["instance"] == f"urn:ordering:request:{fields['request_id']}"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/nothing", 404), ("DELETE", "/api/catalogue", 405), ("GET", "/", 404)],
)
def test_what_is_not_there_is_a_problem_too(method: str, path: str, status: int) -> None:
    answer = Api().client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert answer.json()["instance"].endswith(answer.headers["x-request-id"])
    assert ("allow" in answer.headers) == (status == 405)
