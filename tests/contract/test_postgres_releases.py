"""A database that an earlier release wrote is upgraded, and every record of it is read (on PostgreSQL)."""

import pytest

from ordering_adapters.storage import upgrade
from tests.contract.postgres_database import Databases, opened
from tests.unit.storage.releases.reading import (
    RELEASES,
    goes_on,
    read_through_the_store,
    says_the_same,
    written_by,
)


@pytest.mark.parametrize("release", RELEASES)
def test_everything_that_a_release_wrote_is_read_after_the_upgrade(release: str, postgres: Databases) -> None:
    with opened(postgres.new()) as engine:
        written = written_by(release, engine)
        upgrade(engine)
        assert says_the_same(engine) > 50
        assert read_through_the_store(engine) == written
        assert goes_on(engine)
