"""A database that an earlier release wrote is upgraded, and every record of it is read (on SQLite)."""

from pathlib import Path

import pytest

from ordering_adapters.storage import is_current, migrating, open_engine, schema, upgrade
from tests.unit.storage.releases.reading import (
    RELEASES,
    goes_on,
    read_through_the_store,
    says_the_same,
    written_by,
)


@pytest.mark.parametrize("release", RELEASES)
def test_everything_that_a_release_wrote_is_read_after_the_upgrade(release: str, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/ordering.db")
    written = written_by(release, engine)
    assert not is_current(engine)
    upgrade(engine)
    assert is_current(engine)
    assert says_the_same(engine) > 50
    assert read_through_the_store(engine) == written
    assert goes_on(engine)
    engine.dispose()


def test_every_release_before_this_one_left_something_to_read() -> None:
    before = sorted(migrating.known() - {schema.REVISION})
    assert before == RELEASES, f"write down the release before {schema.REVISION}: releases/write.py says how"
