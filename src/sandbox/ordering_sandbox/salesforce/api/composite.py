"""
``/composite``: up to 25 calls in one, which may refer to each other and be rolled back together.

The answer is HTTP 200 whenever the body could be read. With allOrNone, one failure takes everything back: the
culprit keeps its own error, all others say that they were halted (reference 2.2, 2.3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from ordering_sandbox.json_values import Json, NotJson, flag_of
from ordering_sandbox.salesforce.api.collections import ROLLED_BACK
from ordering_sandbox.salesforce.api.messages import ApiAnswer, ApiCall, refused
from ordering_sandbox.salesforce.api.subrequests import Subrequest, read_subrequests
from ordering_sandbox.salesforce.errors import ApiError, Refusal, unreadable
from ordering_sandbox.salesforce.work import Work


Route: TypeAlias = Callable[[Work, ApiCall], ApiAnswer]
"""Answers one call."""

_HALTED: Final = ApiError(
    "PROCESSING_HALTED",
    "The transaction was rolled back since another operation in the same transaction failed.",
)
_COLLATED_ROLLED_BACK: Final = ApiError(ROLLED_BACK.code, ROLLED_BACK.message)


def run_composite(work: Work, call: ApiCall, route: Route) -> ApiAnswer:
    """Answer POST /composite, each of its calls with *route*."""
    body = call.record()
    try:
        whole = flag_of(body, "allOrNone", default=False)
        collate = flag_of(body, "collateSubrequests", default=True)
    except NotJson as error:
        raise unreadable(error.message) from None
    calls = read_subrequests(body.get("compositeRequest"))
    groups = _groups(calls) if collate else [[subrequest] for subrequest in calls]
    answers = run_subrequests(work, calls, groups, route, whole=whole)
    return ApiAnswer(status=200, body={"compositeResponse": answers})


def run_subrequests(
    work: Work,
    calls: Sequence[Subrequest],
    groups: Sequence[Sequence[Subrequest]],
    route: Route,
    *,
    whole: bool,
) -> list[Json]:
    """
    Run *calls* in the order of *groups*; return their answers in their own order.

    *whole* means all or none of them.
    """
    answers: dict[str, ApiAnswer] = {}
    with work.part() as part:
        for subrequest in (each for group in groups for each in group):
            answers[subrequest.name] = _run(work, subrequest, answers, route)
            part.undone = whole and answers[subrequest.name].failed
            if part.undone:
                break
    if part.undone:
        culprit, answer = answers.popitem()
        companions = next(names for group in groups if culprit in (names := {each.name for each in group}))
        answers = {each.name: _undone(in_bulk=each.name in companions) for each in calls} | {culprit: answer}
    return [_rendered(each.name, answers[each.name]) for each in calls]


def _run(work: Work, subrequest: Subrequest, answers: dict[str, ApiAnswer], route: Route) -> ApiAnswer:
    bodies = {name: answer.body for name, answer in answers.items() if not answer.failed}
    try:
        return route(work, subrequest.call(bodies))
    except Refusal as refusal:
        return refused(refusal)


def _undone(*, in_bulk: bool) -> ApiAnswer:
    error = _COLLATED_ROLLED_BACK if in_bulk else _HALTED
    return ApiAnswer(status=400, body=[error.render()])


def _rendered(name: str, answer: ApiAnswer) -> Json:
    return {
        "body": answer.body,
        "httpHeaders": dict(answer.headers),
        "httpStatusCode": answer.status,
        "referenceId": name,
    }


def _groups(calls: Sequence[Subrequest]) -> list[list[Subrequest]]:
    """
    Return *calls* as collation runs them: creations of one object together, only references keep an order.

    Calls with headers of their own stay alone.
    """
    groups: list[list[Subrequest]] = []
    waiting = list(calls)
    done: set[str] = set()
    names = {each.name for each in calls}
    while waiting:
        first = waiting.pop(0)
        group = [first]
        if first.method == "POST" and not first.headers and first.segments[:1] == ("sobjects",):
            ready = done | {name for name in first.refers_to if name in names}
            alike = [
                each
                for each in waiting
                if (each.method, each.segments, dict(each.headers)) == (first.method, first.segments, {})
                and (each.refers_to & names) <= ready
            ]
            group += alike
            waiting = [each for each in waiting if each not in alike]
        groups.append(group)
        done |= {each.name for each in group}
    return groups
