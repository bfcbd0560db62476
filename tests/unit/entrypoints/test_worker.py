"""Who does the work: settings that say so, and those that cannot be used."""

import threading

from pathlib import Path

import pytest

from litestar.testing import TestClient

from ordering_entrypoints import asgi
from ordering_entrypoints.cli import UNUSABLE, main
from ordering_entrypoints.settings import Settings, SettingsError
from ordering_entrypoints.worker import runs_url
from ordering_entrypoints.worker_settings import WorkerVariables, WorkPlace


DUTIES = {"work", "sweep", "poll", "retention"}
WHERE = "ORDERING_WORKER_WHERE"


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


def test_what_serves_does_the_work_unless_workers_do(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'ordering.db'}"
    with TestClient(asgi.app_of(Settings(database=database))):
        assert threads() >= DUTIES
    apart = Settings(database=database, worker=WorkerVariables(where=WorkPlace.APART))
    with TestClient(asgi.app_of(apart)):
        assert not threads() & DUTIES


def test_work_apart_needs_a_database() -> None:
    with pytest.raises(SettingsError, match="ORDERING_WORKER_WHERE=apart needs ORDERING_DATABASE"):
        Settings.from_env({WHERE: "apart"})
    assert Settings.from_env({WHERE: "apart", "ORDERING_DATABASE": "sqlite:///o.db"}).worker.executor


def test_a_place_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(SettingsError, match=r"ORDERING_WORKER_WHERE .*inside.*apart"):
        Settings.from_env({WHERE: "outside"})


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "ORDERING_WORKER_WHERE has to be apart"),
        ({WHERE: "apart", "ORDERING_WORKER_EXECUTOR": "No. 1"}, "the executor has to be"),
        (
            {WHERE: "apart", "ORDERING_WORKER_CONCURRENCY": "0"},
            "ORDERING_WORKER_CONCURRENCY has to be 1 or more",
        ),
    ],
)
def test_a_worker_that_cannot_work_says_why_before_it_begins(
    settings: dict[str, str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("ordering_entrypoints.worker.configure_logging", lambda _: None)
    monkeypatch.setenv("ORDERING_DATABASE", f"sqlite:///{tmp_path / 'ordering.db'}")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert main(["worker"]) == UNUSABLE
    assert said in capsys.readouterr().err
    assert not [*tmp_path.glob("*-runs*")]


@pytest.mark.parametrize(
    ("database", "runs"),
    [
        ("sqlite:////srv/ordering.db", "sqlite:////srv/ordering.db-runs"),
        ("postgresql://me:secret@db/ordering", "postgresql+psycopg://me:secret@db/ordering"),
        ("postgresql+psycopg://db/ordering", "postgresql+psycopg://db/ordering"),
    ],
)
def test_runs_are_in_a_file_beside_the_database_or_in_the_database_itself(database: str, runs: str) -> None:
    assert runs_url(database) == runs
