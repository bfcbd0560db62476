"""
Write the pages that are computed from the code: `python tools/generate_docs.py`.

A test holds each of them equal to what the code says now.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from ordering_core.domain.rules.document import render_rule_book
from ordering_core.domain.runbook_page import render_runbooks
from ordering_core.domain.status_table import render_status_table


DOCS: Final = Path(__file__).parents[1] / "docs"

PAGES: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {"rules.md": render_rule_book, "runbooks.md": render_runbooks, "status.md": render_status_table}
)
"""What writes each page."""


def main() -> None:
    """Write every page and say which ones changed."""
    for name, render in PAGES.items():
        page = DOCS / name
        text = render()
        changed = not page.exists() or page.read_text(encoding="utf-8") != text
        page.write_text(text, encoding="utf-8")
        print(f"{page.relative_to(DOCS.parent)}: {'written' if changed else 'unchanged'}")


if __name__ == "__main__":
    main()
