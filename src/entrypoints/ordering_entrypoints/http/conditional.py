"""``ETag`` and ``If-None-Match``: a client that has the newest answer is told so, and nothing else."""

from __future__ import annotations

import hashlib
import json

from typing import TypeVar

import attrs

from ordering_entrypoints.http.answers import Answer
from ordering_entrypoints.http.auth import ApiRequest
from ordering_entrypoints.wire import unstructure


_ViewT = TypeVar("_ViewT", bound=attrs.AttrsInstance)


def conditional(request: ApiRequest, view: _ViewT, *, apart_from: str = "") -> Answer[_ViewT | None]:
    """
    Answer with *view*, or with 304 when the client has it.

    The tag is weak: it leaves out the field *apart_from*, which says how fresh the answer is, not what it is.
    """
    members = attrs.asdict(view, recurse=False)
    members.pop(apart_from, None)
    content = json.dumps(unstructure(members), sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()[:32]
    headers = {"ETag": f'W/"{digest}"'}
    wanted = request.headers.get("if-none-match", "")
    known = {one.strip().removeprefix("W/").strip('"') for one in wanted.split(",")}
    if digest in known or "*" in known:
        return Answer(None, status_code=304, headers=headers)
    return Answer(view, headers=headers)
