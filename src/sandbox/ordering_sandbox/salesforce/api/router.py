"""Which resource answers which path."""

from __future__ import annotations

from ordering_sandbox.json_values import Json
from ordering_sandbox.salesforce.api.batch import run_batch
from ordering_sandbox.salesforce.api.collections import (
    change_records,
    create_records,
    delete_records,
    read_records,
    upsert_records,
)
from ordering_sandbox.salesforce.api.composite import run_composite
from ordering_sandbox.salesforce.api.files import create_version, read_data
from ordering_sandbox.salesforce.api.graph import run_graphs
from ordering_sandbox.salesforce.api.messages import ApiAnswer, ApiCall, objects_in
from ordering_sandbox.salesforce.api.publishing import publish
from ordering_sandbox.salesforce.api.queries import next_page, run_query
from ordering_sandbox.salesforce.api.rows import (
    by_external_id,
    change_record,
    create_record,
    delete_record,
    read_record,
)
from ordering_sandbox.salesforce.api.tree import create_trees
from ordering_sandbox.salesforce.describe import describe_global, describe_object
from ordering_sandbox.salesforce.errors import Refusal, not_found, refuse
from ordering_sandbox.salesforce.schema import ObjectType
from ordering_sandbox.salesforce.work import Work


def route(work: Work, call: ApiCall) -> ApiAnswer:
    """
    Answer *call* with the resource that its path names.

    Raises:
        Refusal: The resource refuses it, or there is none.

    """
    match call.segments:
        case ("sobjects",) if call.method == "GET":
            return ApiAnswer(status=200, body=describe_global(work.schema, work.caller.version))
        case ("sobjects", name, *rest):
            return _sobject(work, _kind(work, name), call, rest)
        case ("query" | "queryAll" as resource,) if call.method == "GET":
            return run_query(work, call, deleted=resource == "queryAll")
        case ("query" | "queryAll", locator) if call.method == "GET":
            return next_page(work, call, locator)
        case ("tooling", "query", *_) if call.method == "GET":
            raise refuse(400, "INVALID_TYPE", "sObject type is not supported.")
        case ("composite", "sobjects", *rest):
            return _collection(work, call, rest)
        case ("composite", *rest) if call.method == "POST":
            return _composite(work, call, rest)
        case _:
            raise not_found()


def only_reads(call: ApiCall) -> bool:
    """Whether *call* changes nothing, so that nobody has to wait for it."""
    if call.method == "GET":
        return True
    if call.segments == ("composite",):
        try:
            return all(
                each.get("method") == "GET" for each in objects_in(call.record().get("compositeRequest"))
            )
        except Refusal:
            return True
    return False


def weight(call: ApiCall) -> int:
    """Return how many API calls *call* counts as: a batch as many as it holds, all else one."""
    if call.segments == ("composite", "batch"):
        try:
            return len(objects_in(call.record().get("batchRequests")))
        except Refusal:
            return 1
    return 1


def _composite(work: Work, call: ApiCall, rest: list[str]) -> ApiAnswer:
    match rest:
        case []:
            return run_composite(work, call, route)
        case ["tree", name]:
            return create_trees(work, _kind(work, name), call)
        case ["graph"]:
            return run_graphs(work, call, route)
        case ["batch"]:
            return run_batch(work, call, route)
        case _:
            raise not_found()


def _sobject(work: Work, kind: ObjectType, call: ApiCall, rest: list[str]) -> ApiAnswer:
    match call.method, rest:
        case "GET", [] | ["describe"]:
            described = describe_object(work.schema, kind, work.caller.version)
            whole: Json = described if rest else {"objectDescribe": described, "recentItems": []}
            return ApiAnswer(status=200, body=whole)
        case "POST", []:
            return _created(work, kind, call)
        case "GET", [text, "VersionData"] if kind.name == "ContentVersion":
            return read_data(work, text)
        case _, [name, value]:
            return by_external_id(work, kind, call, name, value)
        case "GET" | "HEAD", [text]:
            return read_record(work, kind, call, text)
        case "PATCH", [text]:
            return change_record(work, kind, call, text)
        case "DELETE", [text]:
            return delete_record(work, kind, call, text)
        case _:
            allowed = "POST, GET" if not rest else "GET, PATCH, DELETE, HEAD"
            message = f"HTTP Method '{call.method}' not allowed. Allowed are {allowed}"
            raise refuse(405, "METHOD_NOT_ALLOWED", message)


def _created(work: Work, kind: ObjectType, call: ApiCall) -> ApiAnswer:
    if kind.event:
        return publish(work, kind, call)
    if kind.name == "ContentVersion":
        return create_version(work, call)
    return create_record(work, kind, call)


def _collection(work: Work, call: ApiCall, rest: list[str]) -> ApiAnswer:
    match call.method, rest:
        case "POST", []:
            return create_records(work, call)
        case "PATCH", []:
            return change_records(work, call)
        case "DELETE", []:
            return delete_records(work, call)
        case "PATCH", [name, key]:
            return upsert_records(work, call, _kind(work, name), key)
        case "GET" | "POST", [name]:
            return read_records(work, call, _kind(work, name))
        case _:
            raise refuse(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{call.method}' not allowed.")


def _kind(work: Work, name: str) -> ObjectType:
    kind = work.schema.object(name)
    if kind is None:
        raise not_found()
    return kind
