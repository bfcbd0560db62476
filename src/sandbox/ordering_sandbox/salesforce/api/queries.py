"""``/query`` and ``/queryAll``: SOQL, and the pages after the first."""

from __future__ import annotations

from ordering_sandbox.salesforce.api.messages import ApiAnswer, ApiCall
from ordering_sandbox.salesforce.errors import refuse
from ordering_sandbox.salesforce.soql.results import Answerer, batch_size
from ordering_sandbox.salesforce.work import Work


def run_query(work: Work, call: ApiCall, *, deleted: bool) -> ApiAnswer:
    """Answer GET /query?q=… and /queryAll?q=…."""
    text = call.parameters.get("q")
    if not text:
        raise refuse(400, "MALFORMED_QUERY", "SOQL statements cannot be empty or null")
    return ApiAnswer(status=200, body=_answerer(work, call, deleted=deleted).answer(text))


def next_page(work: Work, call: ApiCall, locator: str) -> ApiAnswer:
    """Answer GET /query/locator."""
    return ApiAnswer(status=200, body=_answerer(work, call, deleted=False).answer_more(locator))


def _answerer(work: Work, call: ApiCall, *, deleted: bool) -> Answerer:
    size = batch_size(call.headers.get("sforce-query-options", ""), work.switches.largest_batch)
    return Answerer(work=work, batch=size, deleted=deleted)
