"""Personal data in the database: sealed with the first key, opened with any, and never without."""

import base64

from collections.abc import Iterator
from pathlib import Path

import pytest

from sqlalchemy import Engine, create_engine, text

from ordering_adapters.storage import SqlStore, open_storage, seal_again, sealed
from ordering_adapters.storage.keys import Keys
from ordering_adapters.storage.sealing import PAGE
from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.identifiers import SessionId
from ordering_core.errors import Refused
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.decisions import DecisionsContract
from ordering_core.testing.contracts.journal import CaseFilesContract
from ordering_core.testing.contracts.placements import PlacementsContract
from ordering_core.testing.contracts.projection import ProjectionContract
from ordering_core.testing.contracts.samples import START, placement, projected, session
from ordering_core.testing.contracts.sessions import SessionsContract
from ordering_entrypoints.cli import main
from tests.contract.sql_database import OnSqlite, new_database


def _key(byte: int) -> str:
    return base64.b64encode(bytes([byte]) * 32).decode()


OLD, NEW = _key(0xFB), _key(0xFF)  # both have a plus or a slash in them
ONE = SessionId("session-one")


class OnSealed(OnSqlite):
    @pytest.fixture
    def engine(self, tmp_path: Path) -> Iterator[Engine]:
        engine = new_database(tmp_path)
        sealed.use(engine, Keys([NEW, OLD]))
        yield engine
        engine.dispose()


class TestSealedSessions(OnSealed, SessionsContract): ...


class TestSealedPlacements(OnSealed, PlacementsContract): ...


class TestSealedCaseFiles(OnSealed, CaseFilesContract): ...


class TestSealedProjection(OnSealed, ProjectionContract): ...


class TestSealedDecisions(OnSealed, DecisionsContract): ...


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/ordering.db"


def _write(url: str, *keys: str) -> None:
    with open_storage(url, ManualClock(START), keys=keys) as (store, _, _), store.transaction() as tx:
        tx.sessions.add(session())
        tx.requests.add(placement())
        tx.projection.put(projected())


def _read(url: str, *keys: str) -> CheckoutSession | None:
    with open_storage(url, ManualClock(START), keys=keys) as (store, _, _):
        return _kept(store)


def _kept(store: SqlStore) -> CheckoutSession | None:
    with store.transaction() as tx:
        return tx.sessions.get(ONE)


def test_nothing_personal_is_in_the_file_and_it_comes_back(url: str, tmp_path: Path) -> None:
    _write(url, NEW)
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for personal in (
        b"89049032000001000000012345678901",
        b"09012345678",
        b"1990-02-28",
        b"1500001",
        b"\\u9ad9",
    ):
        assert personal not in stored
    assert _read(url, NEW) == session()


def test_without_a_key_it_would_be(url: str, tmp_path: Path) -> None:
    _write(url)
    assert b"89049032000001000000012345678901" in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_keys_are_changed_by_putting_the_new_one_first(url: str) -> None:
    _write(url, OLD)
    assert _read(url, NEW, OLD) == session()
    with pytest.raises(
        Refused, match=r"it was sealed with key '[0-9a-f]{8}'; name it in ORDERING_DATABASE_KEYS"
    ):
        _read(url, NEW)


def test_what_was_there_before_the_first_key_stays_readable(url: str) -> None:
    _write(url)
    assert _read(url, NEW) == session()


def test_what_is_sealed_is_refused_at_once_without_a_key(url: str) -> None:
    _write(url, NEW)
    with (
        pytest.raises(Refused, match="name it in ORDERING_DATABASE_KEYS") as no,
        open_storage(url, ManualClock(START)),
    ):
        pass
    assert no.value.code == "KEY_MISSING"


@pytest.mark.parametrize("before", [(), (OLD,)])
def test_sealing_again_makes_the_old_key_needless(url: str, before: tuple[str, ...]) -> None:
    _write(url, *before)
    with open_storage(url, ManualClock(START), keys=(NEW, OLD)) as (store, _, _):
        with store.transaction() as tx:
            for number in range(PAGE):
                tx.sessions.add(session(f"new-{number}"))
        assert seal_again(store.engine) == 3
        assert seal_again(store.engine) == 0
    assert _read(url, NEW) == session()


def test_more_than_a_page_is_sealed_again(url: str) -> None:
    with open_storage(url, ManualClock(START)) as (store, _, _), store.transaction() as tx:
        for number in range(2 * PAGE + 1):
            tx.sessions.add(session(f"old-{number}"))
    with open_storage(url, ManualClock(START), keys=(NEW,)) as (store, _, _):
        assert seal_again(store.engine) == 2 * PAGE + 1


def test_without_a_key_there_is_nothing_to_seal_with(url: str) -> None:
    with (
        open_storage(url, ManualClock(START)) as (store, _, _),
        pytest.raises(ValueError, match="open the database with keys"),
    ):
        seal_again(store.engine)


def test_what_somebody_changed_is_refused(url: str) -> None:
    _write(url, NEW)
    bare = create_engine(url)
    with bare.begin() as connection:
        connection.execute(
            text("UPDATE oc_sessions SET payload = substr(payload, 1, length(payload) - 9) || 'AAAAAAAA='")
        )
    bare.dispose()
    with pytest.raises(Refused, match="changed since"):
        _read(url, NEW)


@pytest.mark.parametrize("wrong", ["", "hunter2", OLD[:-5], "高" * 32])
def test_what_is_no_key_is_refused_with_the_way_to_one_and_not_quoted(url: str, wrong: str) -> None:
    with pytest.raises(
        ValueError, match="key 2 is not 32 bytes in base64; make one with: openssl rand"
    ) as error:
        _write(url, NEW, wrong)
    assert not wrong or wrong not in str(error.value)


def test_the_command_seals_everything_with_the_first_key_and_the_other_may_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = (base64.b64encode(bytes([each]) * 32).decode() for each in (1, 2))
    url = f"sqlite:///{tmp_path / 'ordering.db'}"
    with open_storage(url, ManualClock(START), keys=[old]) as (store, _, _), store.transaction() as tx:
        tx.sessions.add(session())
    monkeypatch.setenv("ORDERING_DATABASE", url)
    monkeypatch.setenv("ORDERING_DATABASE_KEYS", f"{new},{old}")
    for rows in (1, 0):
        assert main(["seal"]) == 0
        assert f"{rows} rows were sealed again" in capsys.readouterr().out
    with open_storage(url, ManualClock(START), keys=[new]) as (store, _, _), store.transaction() as tx:
        assert tx.sessions.get(session().id) == session()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "put the new one first in ORDERING_DATABASE_KEYS"),
        ({"ORDERING_DATABASE_KEYS": base64.b64encode(bytes(32)).decode()}, "ORDERING_DATABASE"),
        (
            {
                "ORDERING_DATABASE_KEYS": base64.b64encode(bytes(32)).decode(),
                "ORDERING_DATABASE": "sqlite:////nowhere/ordering.db",
            },
            "there is no database",
        ),
    ],
)
def test_the_command_says_what_it_lacks(
    settings: dict[str, str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, given in settings.items():
        monkeypatch.setenv(name, given)
    assert main(["seal"]) == 2
    assert said in capsys.readouterr().err
