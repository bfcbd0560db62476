"""What a mobile network says became of requests: as JSON, in any network's stead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Self, TypeGuard

import attrs

from ordering_core.domain.text import InvalidValue
from ordering_core.domain.values import CardNumber, Eid, LineNumber
from ordering_core.ports.line_book import Completion
from ordering_entrypoints.wire.errors import FieldError, WireError


MOST: Final = 10_000
"""Completions in one request."""

LONGEST: Final = 200
"""Signs of one text of a completion."""

_FIELDS: Final = ("order", "line", "eid", "card", "number", "result", "code", "when")
_RESULTS: Final = ("open", "failed")


@attrs.frozen(kw_only=True)
class CompletionReport:
    """One completion as it was sent, at *place* of the list, from 0; *failure* is empty for an open line."""

    place: int
    order: str
    line: str
    sim: Eid | CardNumber | None
    number: LineNumber | None
    failure: str
    when: str


@attrs.frozen(kw_only=True)
class CompletionsView:
    """What became of a list: how many were taken, the places of those that fit no order, what is wrong."""

    taken: int
    unmatched: tuple[int, ...]
    errors: tuple[FieldError, ...]


@attrs.frozen(kw_only=True)
class UnmatchedView:
    """A completion that fits no order: what it named, and what it said; the SIM is never shown."""

    order: str
    line: str
    by_sim: bool
    state: str
    failure: str
    when: str

    @classmethod
    def of(cls, completion: Completion) -> Self:
        """Return *completion* as it is shown."""
        return cls(
            order=completion.mark,
            line=completion.line,
            by_sim=bool(completion.sim),
            state=completion.state.value,
            failure=completion.failure,
            when=completion.when,
        )


def structure_completions(data: object) -> tuple[tuple[CompletionReport, ...], tuple[FieldError, ...]]:
    """
    Return the completions of a list that can be understood, and what is wrong with the others.

    Raises:
        WireError: It is no list, or too long a one.

    """
    if not _is_list(data) or len(data) > MOST:
        raise WireError(
            [
                _error(
                    "list_expected",
                    "",
                    "This is no list of completions.",
                    f"Send a list of at most {MOST:,}.",
                )
            ]
        )
    reports: list[CompletionReport] = []
    errors: list[FieldError] = []
    for place, item in enumerate(data):
        try:
            reports.append(_report(item, place))
        except WireError as error:
            errors += error.errors
    return tuple(reports), tuple(errors)


def _report(item: object, place: int) -> CompletionReport:
    at = f"/{place}"
    if not _is_object(item):
        raise WireError(
            [_error("object_expected", at, "This is no object.", "Send one for each completion.")]
        )
    if unknown := sorted(item.keys() - set(_FIELDS)):
        raise WireError(
            [
                _error("field_unknown", f"{at}/{name}", "There is no such field.", "Leave it out.")
                for name in unknown
            ]
        )
    texts = {name: _text(item, name, at) for name in _FIELDS}
    if texts["result"] not in _RESULTS:
        raise WireError(
            [_error("result_unknown", f"{at}/result", "The result is not known.", "Send open or failed.")]
        )
    if not (texts["order"] or texts["line"] or texts["eid"] or texts["card"]):
        raise WireError(
            [_error("request_missing", at, "It names no request.", "Send order, line, eid or card.")]
        )
    field = "eid"
    sim: Eid | CardNumber | None = None
    try:
        if texts["eid"]:
            sim = Eid.parse(texts["eid"])
        elif texts["card"]:
            field = "card"
            sim = CardNumber.parse(texts["card"])
        field = "number"
        number = LineNumber.parse(texts["number"]) if texts["number"] else None
    except InvalidValue as problem:
        raise WireError([_error(problem.code, f"{at}/{field}", problem.message, problem.remedy)]) from None
    return CompletionReport(
        place=place,
        order=texts["order"],
        line=texts["line"],
        sim=sim,
        number=number,
        failure="" if texts["result"] == "open" else texts["code"] or "FAILED",
        when=texts["when"],
    )


def _text(item: Mapping[str, object], name: str, at: str) -> str:
    value = item.get(name)
    if value is not None and not isinstance(value, str):
        raise WireError([_error("text_expected", f"{at}/{name}", "This is no text.", "Send a text.")])
    text = (value or "").strip()
    # What no store can write down would stop the whole list, every time that it is sent.
    if len(text) > LONGEST or not text.isprintable():
        problem = "This is too long, or has signs that cannot be shown."
        raise WireError(
            [_error("text_unreadable", f"{at}/{name}", problem, f"Send at most {LONGEST} plain signs.")]
        )
    return text


def unmatched_views(completions: Iterable[Completion]) -> tuple[UnmatchedView, ...]:
    """Return *completions* as they are shown."""
    return tuple(map(UnmatchedView.of, completions))


def _error(code: str, pointer: str, message: str, remedy: str) -> FieldError:
    return FieldError(code=code, pointer=pointer, message=message, remedy=remedy)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)
