from collections.abc import Iterator

import pytest

from tests.unit.sandbox.whmcs.installations import Caller, installed


@pytest.fixture
def whmcs() -> Iterator[Caller]:
    """Return a client of an installation with the shipped seed."""
    with installed() as opened:
        yield opened
