"""
The API's documentation as one page of plain HTML, made from the OpenAPI document.

The pages that come with the framework load their scripts from elsewhere. This one needs neither network nor
script, and works wherever the API does.
"""

from __future__ import annotations

import json

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final, TypeGuard

from litestar.connection import Request
from litestar.constants import OPENAPI_JSON_HANDLER_NAME
from litestar.openapi.plugins import OpenAPIRenderPlugin


_METHODS: Final = ("get", "post", "put", "delete")

_STYLE: Final = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 54rem; margin: 0 auto; padding: 1rem 1.25rem 4rem; }
nav ul { list-style: none; padding-left: 0; columns: 20rem; }
nav li { break-inside: avoid; }
article { border-top: 1px solid; margin-top: 2rem; padding-top: .5rem; }
code, pre { font: 14px/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid; border-radius: .25rem; }
h3 code:first-child { font-weight: 700; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0; }
summary { cursor: pointer; }
"""


class DocumentationPage(OpenAPIRenderPlugin):
    """Shows the document to people."""

    def __init__(self) -> None:
        """Stand at the root of the documentation."""
        super().__init__(path="/")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Return the page."""
        return page(openapi_schema, source=request.app.route_reverse(OPENAPI_JSON_HANDLER_NAME)).encode()


def page(document: Mapping[str, object], *, source: str) -> str:
    """Return *document*, an OpenAPI document, as HTML; programs find it at the path *source*."""
    info = _object(document.get("info"))
    operations = list(_operations(document))
    title = escape(f"{info.get('title')} {info.get('version')}")
    links = "".join(
        f'<li><a href="#{escape(name)}"><code>{method} {escape(path)}</code></a></li>'
        for name, method, path, _ in operations
    )
    articles = "".join(_article(*operation) for operation in operations)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f"<h1>{title}</h1><p>{escape(str(info.get('description', '')))}</p>"
        f'<p>For programs: <a href="{escape(source)}"><code>{escape(source)}</code></a>.</p>'
        f"<h2>Who may come in</h2>{_security(document)}"
        f"<h2>Routes</h2><nav><ul>{links}</ul></nav>{articles}</body></html>"
    )


def _operations(document: Mapping[str, object]) -> Iterator[tuple[str, str, str, Mapping[str, object]]]:
    """Yield the name, method, path and description of every route, by path."""
    for path, item in sorted(_object(document.get("paths")).items()):
        for method in _METHODS:
            operation = _object(_object(item).get(method))
            if operation:
                yield str(operation.get("operationId")), method.upper(), path, operation


def _security(document: Mapping[str, object]) -> str:
    schemes = _object(_object(document.get("components")).get("securitySchemes"))
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(str(_object(scheme).get('description', '')))}</td></tr>"
        for name, scheme in schemes.items()
    )
    return f"<p>Send it as <code>Authorization: Bearer …</code></p><table>{rows}</table>"


def _article(name: str, method: str, path: str, operation: Mapping[str, object]) -> str:
    description = "".join(
        f"<p>{escape(paragraph)}</p>" for paragraph in str(operation.get("description") or "").split("\n\n")
    )
    return (
        f'<article id="{escape(name)}"><h3><code>{method}</code> <code>{escape(path)}</code></h3>'
        f"<p><strong>{escape(str(operation.get('summary', '')))}</strong></p>{description}"
        f"{_who(operation)}{_parameters(operation)}{_body(operation)}{_responses(operation)}</article>"
    )


def _who(operation: Mapping[str, object]) -> str:
    ways = [" and ".join(_object(way)) or "nobody has to log in" for way in _list(operation.get("security"))]
    return f"<p>Needs: {escape(' or '.join(ways))}.</p>" if ways else ""


def _parameters(operation: Mapping[str, object]) -> str:
    rows = "".join(
        f"<tr><th><code>{escape(str(one.get('name')))}</code></th><td>{escape(str(one.get('in')))}</td>"
        f"<td>{'required' if one.get('required') else ''}</td>"
        f"<td>{escape(str(one.get('description') or ''))}</td></tr>"
        for one in map(_object, _list(operation.get("parameters")))
    )
    return f"<h4>Parameters</h4><table>{rows}</table>" if rows else ""


def _body(operation: Mapping[str, object]) -> str:
    content = _object(_object(operation.get("requestBody")).get("content"))
    return f"<h4>Body</h4>{_content(content)}" if content else ""


def _responses(operation: Mapping[str, object]) -> str:
    return "<h4>Answers</h4>" + "".join(
        f"<details><summary><code>{escape(status)}</code> "
        f"{escape(str(_object(response).get('description', '')))}</summary>"
        f"{_content(_object(_object(response).get('content')))}</details>"
        for status, response in _object(operation.get("responses")).items()
    )


def _content(content: Mapping[str, object]) -> str:
    return "".join(
        f"<p><code>{escape(media_type)}</code></p>"
        + "".join(
            f"<p>{escape(str(_object(example).get('summary') or name))}</p>"
            f"<pre>{escape(_written(_object(example).get('value')))}</pre>"
            for name, example in _object(_object(described).get("examples")).items()
        )
        for media_type, described in content.items()
    )


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def _object(value: object) -> Mapping[str, object]:
    """Return *value* if it is an object, else an empty one."""
    return value if _is_object(value) else {}


def _list(value: object) -> list[object]:
    """Return *value* if it is a list, else an empty one."""
    return value if _is_list(value) else []


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)
