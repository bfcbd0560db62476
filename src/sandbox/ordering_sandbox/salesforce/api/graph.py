"""``/composite/graph``: several composites in one call, each of which is done or not done as a whole."""

from __future__ import annotations

from typing import Final

import attrs

from ordering_sandbox.json_values import Json, JsonObject, NotJson, text_of
from ordering_sandbox.salesforce.api.composite import Route, run_subrequests
from ordering_sandbox.salesforce.api.messages import ApiAnswer, ApiCall, objects_in
from ordering_sandbox.salesforce.api.references import is_reference_id
from ordering_sandbox.salesforce.api.subrequests import Subrequest, read_subrequests
from ordering_sandbox.salesforce.errors import refuse, unreadable
from ordering_sandbox.salesforce.work import Work


_MOST_NODES: Final = 500
_MOST_GRAPHS: Final = 75
_LONGEST_ID: Final = 40
_BATCH: Final = 25


def run_graphs(work: Work, call: ApiCall, route: Route) -> ApiAnswer:
    """Answer POST /composite/graph, each of its calls with *route*."""
    graphs = objects_in(call.record().get("graphs"))
    read = [(_graph_id(graph), _nodes(graph)) for graph in graphs]
    if len(read) > _MOST_GRAPHS or sum(len(nodes) for _, nodes in read) > _MOST_NODES:
        message = f"A request can hold up to {_MOST_GRAPHS} graphs with up to {_MOST_NODES} nodes"
        raise refuse(400, "LIMIT_EXCEEDED", message)
    answers: list[Json] = []
    for name, nodes in read:
        responses = run_subrequests(work, nodes, [[node] for node in nodes], route, whole=True)
        answers.append(
            {
                "graphId": name,
                "graphResponse": {"compositeResponse": responses},
                "isSuccessful": all(_succeeded(response) for response in responses),
            }
        )
    return ApiAnswer(status=200, body={"graphs": answers})


def _graph_id(graph: JsonObject) -> str:
    try:
        name = text_of(graph, "graphId")
    except NotJson as error:
        raise unreadable(error.message) from None
    if not is_reference_id(name) or len(name) >= _LONGEST_ID:
        message = f"graphId '{name}' has to be a name of fewer than {_LONGEST_ID} signs, without dots"
        raise unreadable(message)
    return name


def _nodes(graph: JsonObject) -> list[Subrequest]:
    records = objects_in(graph.get("compositeRequest"))
    nodes = [
        node
        for start in range(0, max(1, len(records)), _BATCH)
        for node in read_subrequests(records[start : start + _BATCH])
    ]
    for node in nodes:
        if node.segments[:1] != ("sobjects",):
            raise refuse(400, "INVALID_INPUT", f"{node.url} is not supported in a composite graph")
    return [_without_headers(node) for node in nodes]


def _without_headers(node: Subrequest) -> Subrequest:
    return attrs.evolve(node, headers={})


def _succeeded(response: Json) -> bool:
    status = response.get("httpStatusCode") if isinstance(response, dict) else None
    return isinstance(status, int) and status < 300  # noqa: PLR2004 - everything above is no success
