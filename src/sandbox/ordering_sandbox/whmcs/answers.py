"""An action's answer as it goes out: shaped as this installation shapes it, in JSON, XML or NVP."""

from __future__ import annotations

import json
import re

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final
from xml.sax.saxutils import escape

from ordering_sandbox.json_values import Json, JsonObject
from ordering_sandbox.web import HttpResponse
from ordering_sandbox.whmcs.switches import Switches


_MONEY: Final = re.compile(r"-?[0-9]+\.[0-9]{2}")
_WHOLE: Final = re.compile(r"0|[1-9][0-9]*")
_COUNTS: Final = frozenset({"totalresults", "startnumber", "numreturned", "count", "qty"})


def shaped(action: str, answer: JsonObject, switches: Switches) -> JsonObject:
    """Return *answer* with the installation's habits."""
    hidden = frozenset(
        field for name, _, field in (path.partition(".") for path in switches.hidden_fields) if name == action
    )
    return {
        name: _shaped(
            name, _counted(name, value) if action in switches.miscounted else value, switches, hidden
        )
        for name, value in answer.items()
        if name not in hidden and not (_empty(value) and switches.empty_lists == "missing")
    }


def rendered(status: int, action: str, answer: JsonObject, kind: str, version: str) -> HttpResponse:
    """Return *answer* as a response of *kind*: json, xml or nvp."""
    match kind:
        case "json":
            # As PHP writes it: every other sign than ASCII by its number, every slash behind a backslash.
            text = json.dumps(answer, separators=(",", ":")).replace("/", "\\/")
            return _text(status, text, "application/json")
        case "nvp":
            text = "".join(f"{name}={value};" for name, value in _flat("", answer))
            return _text(status, text, "text/plain;charset=utf-8")
        case _:
            body = "".join(_elements("action", action.lower())) + "".join(
                part for name, value in answer.items() for part in _elements(name, value)
            )
            text = (
                f'<?xml version="1.0" encoding="utf-8"?>\n<whmcsapi version="{version}">\n{body}</whmcsapi>\n'
            )
            return _text(status, text, "application/xml;charset=utf-8")


def _counted(name: str, value: Json) -> Json:
    """Return *value*; the total of a list is one more than there are."""
    if name != "totalresults" or not isinstance(value, int | str):
        return value
    return type(value)(int(value) + 1)


def _shaped(name: str, value: Json, switches: Switches, hidden: frozenset[str]) -> Json:
    if isinstance(value, str):
        return _shaped_text(name, value, switches)
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return value
    if isinstance(value, int):
        return str(value) if switches.ids == "texts" else value
    if isinstance(value, Mapping):
        if _empty(value):
            return _shaped_empty(value, switches)
        return {
            key: _shaped(key, inner, switches, hidden)
            for key, inner in value.items()
            if key not in hidden and not (_empty(inner) and switches.empty_lists == "missing")
        }
    items = [_shaped(name, inner, switches, hidden) for inner in value]
    if not items:
        return _shaped_empty(items, switches)
    if switches.lists_as_objects:
        return {str(place): item for place, item in enumerate(items, start=1)}
    return items


def _empty(value: Json) -> bool:
    """Whether *value* is an empty list, or the container of one."""
    if isinstance(value, Mapping):
        inner = list(value.values())
        return len(inner) == 1 and inner[0] == []
    return value == []


def _shaped_empty(value: Json, switches: Switches) -> Json:
    match switches.empty_lists:
        case "text":
            return ""
        case "object":
            return {}
        case _:
            return value


def _shaped_text(name: str, value: str, switches: Switches) -> Json:
    if switches.money_as_numbers and _MONEY.fullmatch(value):
        number = Decimal(value)
        return int(number) if number == number.to_integral_value() else float(number)
    if (
        switches.ids == "numbers"
        and (name.endswith("id") or name in _COUNTS)
        and _WHOLE.fullmatch(value) is not None
    ):
        return int(value)
    return value


def _text(status: int, text: str, kind: str) -> HttpResponse:
    return HttpResponse(status=status, body=text.encode(), headers={"Content-Type": kind})


def _elements(name: str, value: Json) -> Iterator[str]:
    if isinstance(value, Mapping):
        inner = "".join(part for key, item in value.items() for part in _elements(key, item))
        yield f"<{name}>\n{inner}</{name}>\n"
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _elements(name, item)
    else:
        yield f"<{name}>{escape(_scalar(value))}</{name}>\n"


def _flat(prefix: str, value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        pairs = list(value.items())
    elif isinstance(value, list | tuple):
        pairs = [(str(place), item) for place, item in enumerate(value)]
    else:
        yield prefix, _scalar(value)
        return
    for key, item in pairs:
        yield from _flat(f"{prefix}[{key}]" if prefix else key, item)


def _scalar(value: Json) -> str:
    """Return what PHP prints for a plain value."""
    if value is None or value is False:
        return ""
    return "1" if value is True else str(value)
