"""Behind a pool that lends sessions for one transaction, nothing is begun that would lose its locks there."""

import psycopg
import pytest

from ordering_adapters.storage import open_storage
from ordering_adapters.work_queue import EngineSettings
from ordering_adapters.work_queue.slots import take
from ordering_core.errors import Refused
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.samples import START
from ordering_entrypoints.container import open_ordering
from ordering_entrypoints.settings import Settings, SettingsError
from ordering_entrypoints.worker import runs_url
from tests.contract.pooling import pooled
from tests.contract.postgres_database import Databases


def test_the_pool_of_these_tests_lends_a_session_for_one_transaction(postgres: Databases) -> None:
    asked = b"SELECT pg_backend_pid()"
    with (
        pooled(postgres.migrated()) as url,
        psycopg.connect(url, autocommit=True) as one,
        psycopg.connect(url) as other,
    ):
        before = one.execute(asked).fetchone()
        assert one.execute(asked).fetchone() == before
        assert other.execute(asked).fetchone() == before
        assert one.execute(asked).fetchone() != before


def test_a_store_is_not_opened_there_and_says_what_to_set(postgres: Databases) -> None:
    url = postgres.migrated()
    with pooled(url) as there:
        with (
            pytest.raises(Refused, match="pool_mode = session") as refused,
            open_storage(there, ManualClock(START)),
        ):
            pass
        assert refused.value.code == "NO_SESSIONS"
        settings = Settings(database=there)
        with pytest.raises(SettingsError, match="pool_mode = session"), open_ordering(settings):
            pass
    for _ in range(2):
        with open_storage(url, ManualClock(START)), open_storage(url, ManualClock(START)):
            pass


def test_one_look_after_the_other_through_the_same_sessions_finds_the_pool(postgres: Databases) -> None:
    with pooled(postgres.migrated()) as there:
        for _ in range(5):
            with (
                pytest.raises(Refused, match="pool_mode = session"),
                open_storage(there, ManualClock(START)),
            ):
                pass


def test_a_worker_takes_no_name_there(postgres: Databases) -> None:
    url = EngineSettings(url=runs_url(postgres.migrated())).url
    with pooled(url) as there, pytest.raises(Refused, match="pool_mode = session"):
        take(runs_url(there), "pooled")
    slot = take(url, "pooled-not")
    assert slot is not None
    assert take(url, "pooled-not") is None
    assert slot.is_ours()
    slot.give_back()
    again = take(url, "pooled-not")
    assert again is not None
    again.give_back()
