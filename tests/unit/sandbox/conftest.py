from collections.abc import Iterator

import pytest

from tests.unit.sandbox.orgs import Desk, seeded_desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Return a client of an org with the shipped seed."""
    with seeded_desk() as opened:
        yield opened
