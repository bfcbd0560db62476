"""`ordering pause` and `ordering resume`: kept in the database, and said in words with the way out."""

from pathlib import Path

import pytest

from ordering_adapters.clock import SystemClock
from ordering_adapters.storage import open_storage
from ordering_core import Pause
from ordering_core.application.pausing import paused
from ordering_entrypoints.cli import main


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/ordering.db"
    monkeypatch.setenv("ORDERING_DATABASE", url)
    return url


def kept(database: str) -> set[Pause]:
    with open_storage(database, SystemClock()) as (store, *_):
        return set(paused(store))


def test_what_is_paused_is_paused_for_every_process_until_it_is_resumed(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pause", "billing"]) == 0
    assert main(["pause"]) == 0
    told = capsys.readouterr().out
    assert "paused: billing since " in told
    assert "nothing is changed in WHMCS; ordering resume billing ends it" in told
    assert kept(database) == {Pause.BILLING, Pause.ALL}
    assert main(["resume", "billing"]) == 0
    assert kept(database) == {Pause.ALL}
    assert main(["resume"]) == 0
    assert kept(database) == set()
    assert capsys.readouterr().out.endswith("nothing is paused; what rested goes on within a minute\n")


def test_observing_is_ended_by_its_name_only(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["pause", "observe"])
    main(["pause", "sim"])
    assert main(["resume"]) == 0
    assert kept(database) == {Pause.OBSERVE}
    assert "ordering resume observe ends it" in capsys.readouterr().out
    assert main(["resume", "observe"]) == 0
    assert kept(database) == set()


def test_observing_by_the_settings_is_said_with_its_own_way_out(
    database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDERING_POLICY_MODE", "observe")
    assert main(["resume", "observe"]) == 0
    assert "observe by ORDERING_POLICY_MODE" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_without_the_database_of_the_system_there_is_nothing_to_pause(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command]) == 2
    assert "name it in ORDERING_DATABASE" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_what_cannot_be_paused_is_refused_with_what_can(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main([command, "everything"])
    assert refused.value.code == 2
    assert "billing" in capsys.readouterr().err
