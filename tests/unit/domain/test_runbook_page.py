"""The page of the runbooks says what the code says, of every hold and every finding."""

from pathlib import Path

import pytest

from ordering_core.domain.fallout import Owner
from ordering_core.domain.runbook_page import render_runbooks
from ordering_core.domain.runbooks import RUNBOOKS


PAGE = Path(__file__).parents[3] / "docs" / "runbooks.md"


def test_the_page_is_the_one_of_the_code() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_runbooks(), "run python tools/generate_docs.py"


@pytest.mark.parametrize("code", RUNBOOKS)
def test_it_tells_everything_about_a_code(code: str) -> None:
    book = RUNBOOKS[code]
    section = render_runbooks().partition(f'### <a id="{code}"></a>')[2].partition("### ")[0]
    for told in (code, book.title, book.meaning, *book.steps, book.clears, book.for_customer):
        assert told in section
    assert f"Owner: {book.owner}" in section
    assert (f"Owner: {book.owner}, urgent." in section) is book.urgent
    assert ("goes on by itself" in section) is book.clears_itself


@pytest.mark.parametrize("owner", Owner)
def test_every_code_is_listed_with_who_acts(owner: Owner) -> None:
    (row,) = [line for line in render_runbooks().splitlines() if line.startswith(f"| {owner} |")]
    assert all((f"[{code}](#{code})" in row) is (book.owner is owner) for code, book in RUNBOOKS.items())
