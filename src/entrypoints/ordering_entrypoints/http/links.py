"""Where things are, for headers: paths that hold wherever a host mounts the API, behind whatever proxy."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from ordering_entrypoints.http.auth import ApiRequest


def own_path(request: ApiRequest) -> str:
    """Return the path that the client asked for, with the part that a proxy in front took off."""
    path, root = request.scope["path"], request.scope["root_path"].rstrip("/")
    return path if path.startswith(root) else root + path


def location(request: ApiRequest, here: str, *there: str) -> str:
    """
    Return the path of another resource of the API, as a Location.

    *here* is the first part of this route (``checkout-sessions``); what stands before it is the host's.
    *there* are the parts of the other path.
    """
    before, _, _ = own_path(request).rpartition(f"/{here}")
    return "/".join((before, *(quote(part, safe="") for part in there)))


def next_page(request: ApiRequest, **changed: str | int) -> str:
    """Return a Link (RFC 8288) to this route again, with the same filters and *changed* parameters."""
    query = {name: value for name, value in request.query_params.items() if name not in changed} | changed
    return f'<{own_path(request)}?{urlencode(query)}>; rel="next"'
