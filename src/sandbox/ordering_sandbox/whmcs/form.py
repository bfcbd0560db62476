"""
Reads a request's parameters as PHP does: ``pid[0]=1``, ``pid[]=1``, maps, the last one of a name wins.

Query and body make one array in which the body wins, as WHMCS reads them.
"""

from __future__ import annotations

import re

from collections.abc import Iterable
from email import message_from_bytes
from email.message import Message
from typing import Final
from urllib.parse import unquote_to_bytes

from ordering_sandbox.web import HttpRequest
from ordering_sandbox.whmcs.php import PhpArray, PhpValue, append, array_key


MOST_VARIABLES: Final = 1000
"""PHP's ``max_input_vars``: what comes after is dropped without a word."""

DEEPEST: Final = 64
"""PHP's ``max_input_nesting_level``: a deeper variable is dropped."""

_BRACKET: Final = re.compile(r"\[([^\]]*)\]")
_NO_KEY: Final = frozenset({"", " ", "\t", "\n", "\r", "\v", "\f"})


def parameters_of(request: HttpRequest) -> PhpArray:
    """Return the parameters of *request*, those of its body over those of its query."""
    found = parse_pairs(_pairs(request.query.encode("latin-1")))
    if request.method == "POST":
        found.update(parse_pairs(_posted(request)))
    return found


def parse_query(text: str) -> PhpArray:
    """Return what PHP reads from ``a=1&b[]=2``."""
    return parse_pairs(_pairs(text.encode()))


def parse_pairs(pairs: Iterable[tuple[str, str]]) -> PhpArray:
    """Return the array that *pairs* of name and value fill."""
    found: PhpArray = {}
    for number, (name, value) in enumerate(pairs):
        if number >= MOST_VARIABLES:
            break
        _register(found, name, value)
    return found


def _register(found: PhpArray, name: str, value: str) -> None:
    name = name.lstrip(" ").partition("\0")[0]
    stem, bracket, rest = name.partition("[")
    stem = stem.replace(" ", "_").replace(".", "_")
    if not stem:
        return
    if bracket and "]" not in rest:
        # An opening bracket without its end is a part of the name, and no name has one.
        stem, rest = f"{stem}_{rest.replace(' ', '_').replace('.', '_').replace('[', '_')}", ""
    keys = _keys(f"[{rest}") if bracket and rest else []
    if len(keys) > DEEPEST:
        return
    array = found
    key: int | str | None = array_key(stem)
    for step in keys:
        inner = None if key is None else array.get(key)
        if not isinstance(inner, dict):
            inner = _put(array, key, {})
        array, key = inner, step
    _put(array, key, value)


def _keys(brackets: str) -> list[int | str | None]:
    """Return the keys of ``[a][]``, None for an empty one; what follows a bracket's end is ignored."""
    keys: list[int | str | None] = []
    place = 0
    while (match := _BRACKET.match(brackets, place)) is not None:
        keys.append(None if match[1] in _NO_KEY else array_key(match[1]))
        place = match.end()
    return keys


def _put(array: PhpArray, key: int | str | None, value: PhpValue) -> PhpArray:
    if key is None:
        append(array, value)
    else:
        array[key] = value
    return value if isinstance(value, dict) else array


def _posted(request: HttpRequest) -> Iterable[tuple[str, str]]:
    match request.content_type:
        case "application/x-www-form-urlencoded":
            return _pairs(request.body)
        case "multipart/form-data":
            return _parts(request)
        case _:
            return ()


def _pairs(encoded: bytes) -> Iterable[tuple[str, str]]:
    for part in encoded.split(b"&"):
        name, _, value = part.partition(b"=")
        if name:
            yield _decoded(name), _decoded(value)


def _decoded(encoded: bytes) -> str:
    return unquote_to_bytes(encoded.replace(b"+", b" ")).decode("utf-8", "replace")


def _parts(request: HttpRequest) -> Iterable[tuple[str, str]]:
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode("latin-1")
    for part in message_from_bytes(head + request.body).walk():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str) and not part.is_multipart() and part.get_filename() is None:
            yield name, _text(part)


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
