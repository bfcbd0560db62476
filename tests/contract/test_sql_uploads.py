"""Images in transit are kept sealed on SQLite, and not at all where nothing seals them."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from sqlalchemy import Engine

from ordering_adapters.storage import SqlStore, open_engine
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.samples import START
from ordering_core.testing.contracts.uploads import IMAGE, UploadsContract
from tests.contract.sql_database import OnSqlite, new_database


KEYS: Final = (b64encode(bytes(range(32))).decode(),)


def sealed(engine: Engine) -> Engine:
    """Return another engine on the database of *engine*, which it disposes of, with a key."""
    url = engine.url.render_as_string(hide_password=False)
    engine.dispose()
    return open_engine(url, keys=KEYS)


class TestSqlUploads(OnSqlite, UploadsContract):
    @pytest.fixture
    def engine(self, tmp_path: Path) -> Iterator[Engine]:
        engine = sealed(new_database(tmp_path))
        yield engine
        engine.dispose()


def test_nobody_who_has_the_file_sees_the_image(tmp_path: Path) -> None:
    engine = sealed(new_database(tmp_path))
    with SqlStore(engine, ManualClock(START)).transaction() as tx:
        assert tx.uploads.keep(IMAGE)
    with engine.connect() as connection:
        payload: object = connection.exec_driver_sql("SELECT payload FROM oc_uploads").scalar_one()
    engine.dispose()
    assert str(payload).startswith("sealed:")
    files = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert b64encode(IMAGE.content)[:40] not in files


def test_without_a_key_no_image_is_written(tmp_path: Path) -> None:
    engine = new_database(tmp_path)
    with SqlStore(engine, ManualClock(START)).transaction() as tx:
        assert not tx.uploads.keep(IMAGE)
        assert tx.uploads.get(IMAGE.key) is None
    engine.dispose()
