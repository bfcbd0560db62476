"""How databases are opened: durably, in WAL, and saying nothing of what is in them."""

import logging
import os

from pathlib import Path

import pytest

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ordering_adapters.storage import open_engine


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "no URL; write sqlite:///FILE or postgresql://"),
        ("orders.db", "no URL; write sqlite:///FILE or postgresql://"),
        ("postgresql://app:hunter2@db:port/orders", "no URL; write sqlite:///FILE or postgresql://"),
        ("postgresql+asyncpg://app:hunter2@db/orders", "by psycopg alone; write postgresql://, without"),
        ("mysql+pymysql://app:hunter2@db/orders", "'mysql'; write sqlite:///FILE or postgresql://"),
        ("sqlite://", "in memory is gone with its first connection; write sqlite:///FILE"),
        ("sqlite:///:memory:", "in memory is gone with its first connection; write sqlite:///FILE"),
        ("sqlite+nosuchdriver:///orders.db", "cannot be opened this way; write sqlite:///FILE"),
    ],
)
def test_what_is_no_database_of_ours_is_refused_with_the_way_out(url: str, says: str) -> None:
    with pytest.raises(ValueError, match="database") as error:
        open_engine(url)
    assert says in str(error.value)
    assert "hunter2" not in repr(error.value)


def test_a_connection_is_durable_patient_and_checks_references(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/ordering.db")
    with engine.connect() as connection:
        answers = {
            pragma: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one()
            for pragma in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    engine.dispose()
    assert answers == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 10_000, "foreign_keys": 1}


def test_a_new_file_is_its_owners_alone_and_one_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        for file, mode in ((tmp_path / "new.db", 0o600), (tmp_path / "shared.db", 0o640)):
            if mode == 0o640:
                file.touch(mode=mode)
            engine = open_engine(f"sqlite:///{file}")
            with engine.begin() as connection:
                connection.execute(text("CREATE TABLE typed (name TEXT)"))
                made = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob(f"{file.name}*")}
            engine.dispose()
            assert len(made) == 3
            assert set(made.values()) == {mode}
    finally:
        os.umask(before)


def test_a_transaction_begins_as_a_writer(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/ordering.db")
    with engine.connect() as first, engine.connect() as second:
        second.exec_driver_sql("PRAGMA busy_timeout = 0")
        second.rollback()
        first.execute(text("SELECT 1"))
        with pytest.raises(DBAPIError, match="locked"):
            second.execute(text("SELECT 1"))
    engine.dispose()


def test_neither_errors_nor_logs_show_what_a_statement_carries(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/ordering.db")
    caplog.set_level(logging.INFO)
    with engine.connect() as connection, pytest.raises(DBAPIError) as error:
        connection.execute(text("SELECT :name FROM nowhere"), {"name": "佐藤"})
    engine.dispose()
    assert "佐藤" not in f"{error.value}{caplog.text}"
