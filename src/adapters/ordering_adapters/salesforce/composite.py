"""
Several calls in one (``/composite``), and what their answers are worth.

The answer is HTTP 200 whether the calls were obeyed or taken back; collections even show ids of records that
were taken back. So one failure anywhere makes every id in the answer worthless (reference 2.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import quote

import attrs

from ordering_adapters.salesforce.errors import Failure, failure_in, is_error
from ordering_adapters.salesforce.fields import Reference
from ordering_adapters.salesforce.rows import is_object, objects_in


_OK: Final = range(200, 300)
_KEPT_IN_A_PATH: Final = "@{}[]()*,'._-"


@attrs.frozen(kw_only=True)
class Call:
    """
    One call of a composite, under a *name* by which later ones may refer to its answer.

    *path* is what follows the version; *headers* are its own.
    """

    name: str
    method: str
    path: str
    body: Mapping[str, object] | None = attrs.field(default=None, repr=False)
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])

    def rendered(self, version: str) -> dict[str, object]:
        """Return it as it stands in the request."""
        rendered: dict[str, object] = {
            "method": self.method,
            "url": f"/services/data/v{version}/{self.path}",
            "referenceId": self.name,
        }
        if self.body is not None:
            rendered["body"] = self.body
        if self.headers:
            rendered["httpHeaders"] = dict(self.headers)
        return rendered


def query(name: str, soql: str) -> Call:
    """Return the call that asks *soql*; references in it stay as they are."""
    # Spaces and what does not belong into a URL are encoded; the signs of a reference must not be.
    return Call(name=name, method="GET", path=f"query?q={quote(soql, safe=_KEPT_IN_A_PATH)}")


def insert(name: str, kind: str, body: Mapping[str, object]) -> Call:
    """Return the call that writes a new record."""
    return Call(name=name, method="POST", path=f"sobjects/{kind}", body=body)


def update(
    name: str, kind: str, record: str, body: Mapping[str, object], *, headers: Mapping[str, str] | None = None
) -> Call:
    """Return the call that writes over fields of *record*."""
    return Call(name=name, method="PATCH", path=f"sobjects/{kind}/{record}", body=body, headers=headers or {})


def collection(name: str, method: str, kind: str, records: Iterable[Mapping[str, object]]) -> Call:
    """Return the call that writes several records of one kind, all or none."""
    listed = [{"attributes": {"type": kind}, **record} for record in records]
    return Call(
        name=name, method=method, path="composite/sobjects", body={"allOrNone": True, "records": listed}
    )


def new_id(name: str) -> Reference:
    """Return a reference to the id of the record that the call *name* wrote."""
    return Reference(f"@{{{name}.id}}")


def found_id(name: str, place: int = 0) -> Reference:
    """Return a reference to the id of a record that the query *name* found; with none the rest is halted."""
    return Reference(f"@{{{name}.records[{place}].Id}}")


@attrs.frozen(repr=False)
class Answers:
    """The bodies of the answers, by the names of their calls."""

    bodies: Mapping[str, object]

    def found(self, name: str) -> Sequence[Mapping[str, object]]:
        """Return the records that the query *name* found, as far as they came."""
        body = self.bodies.get(name)
        return objects_in(body.get("records")) if is_object(body) else []

    def made(self, name: str) -> str:
        """Return the id of the record that the call *name* wrote."""
        body = self.bodies.get(name)
        return str(body.get("id") or "") if is_object(body) else ""


def answers_in(content: object) -> Answers | Failure:
    """Return the answers in *content*; when one failed, the root of it instead, and nothing of the rest."""
    listed = objects_in(content.get("compositeResponse")) if is_object(content) else []
    failed = [answer for answer in listed if not _worked(answer)]
    roots = [root for answer in failed if (root := _root(answer))]
    if roots:
        return roots[0]
    if failed or not listed:
        return failure_without_root(failed)
    return Answers({str(answer.get("referenceId")): answer.get("body") for answer in listed})


def failure_without_root(failed: Sequence[Mapping[str, object]]) -> Failure:
    """Return what to make of an answer in which nothing names a cause: nobody knows what was done."""
    named = str(failed[0].get("referenceId")) if failed else ""
    found = failure_in(None, 500, call=named)
    assert found is not None, "an answer without errors is judged by its status"  # noqa: S101 - narrows
    return found


def _worked(answer: Mapping[str, object]) -> bool:
    status = answer.get("httpStatusCode")
    return isinstance(status, int) and status in _OK and not is_error(answer.get("body"))


def _root(answer: Mapping[str, object]) -> Failure | None:
    status = answer.get("httpStatusCode")
    named = str(answer.get("referenceId"))
    return failure_in(answer.get("body"), status if isinstance(status, int) else 500, call=named)
