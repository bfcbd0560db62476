"""``/composite/batch``: up to 25 calls one after another, without references and without a way back."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlsplit

from ordering_sandbox.json_values import Json, JsonObject, NotJson, flag_of, text_of
from ordering_sandbox.salesforce.api.composite import Route
from ordering_sandbox.salesforce.api.messages import ApiAnswer, ApiCall, objects_in, refused
from ordering_sandbox.salesforce.api.subrequests import segments_of
from ordering_sandbox.salesforce.errors import Refusal, refuse, unreadable
from ordering_sandbox.salesforce.work import Work


_MOST_CALLS: Final = 25
_HALTED: Final[JsonObject] = {
    "statusCode": 412,
    "result": [
        {
            "errorCode": "BATCH_PROCESSING_HALTED",
            "message": "Batch processing halted per request",
        }
    ],
}


def run_batch(work: Work, call: ApiCall, route: Route) -> ApiAnswer:
    """Answer POST /composite/batch, each of its calls with *route*."""
    body = call.record()
    records = objects_in(body.get("batchRequests"))
    try:
        halting = flag_of(body, "haltOnError", default=False)
        calls = [_read(record) for record in records]
    except NotJson as error:
        raise unreadable(error.message) from None
    if not 0 < len(calls) <= _MOST_CALLS:
        raise refuse(400, "LIMIT_EXCEEDED", f"A batch holds one to {_MOST_CALLS} subrequests")
    results: list[Json] = []
    failed = False
    for each in calls:
        if failed and halting:
            results.append(_HALTED)
            continue
        answer = _answered(work, each, route)
        failed = failed or answer.failed
        results.append({"statusCode": answer.status, "result": answer.body})
    return ApiAnswer(status=200, body={"hasErrors": failed, "results": results})


def _answered(work: Work, call: ApiCall, route: Route) -> ApiAnswer:
    try:
        with work.part():
            return route(work, call)
    except Refusal as refusal:
        return refused(refusal)


def _read(record: JsonObject) -> ApiCall:
    parts = urlsplit(text_of(record, "url"))
    path = parts.path if parts.path.startswith("/services") else f"/services/data/{parts.path.lstrip('/')}"
    return ApiCall(
        method=text_of(record, "method"),
        segments=segments_of(path),
        parameters=dict(parse_qsl(parts.query, keep_blank_values=True)),
        body=record.get("richInput"),
    )
