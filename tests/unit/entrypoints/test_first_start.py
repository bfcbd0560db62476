"""Nobody works on the orders of a real org before it is said which of them came before."""

from pathlib import Path

import pytest

from ordering_entrypoints.cli import UNUSABLE, main
from ordering_entrypoints.first_start import NOT_BEFORE, need_first_instant
from ordering_entrypoints.settings import Settings, SettingsError
from tests.unit.entrypoints.test_memory_systems import REAL, org_with


ORG = {name: text for name, text in org_with(*REAL).items() if name != NOT_BEFORE}
STAND_IN = "ORDERING_SALESFORCE_PLAIN_ADDRESS"


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_whoever_would_work_on_its_orders_says_what_to_set(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name, text in ORG.items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("ORDERING_DATABASE", f"sqlite:///{tmp_path}/ordering.db")
    monkeypatch.setattr("ordering_entrypoints.worker.configure_logging", lambda _: None)
    monkeypatch.setattr("ordering_entrypoints.cli_serve.configure_logging", lambda _: None)
    if command == "worker":
        monkeypatch.setenv("ORDERING_WORKER_WHERE", "apart")
    assert main([command]) == UNUSABLE
    assert f"{NOT_BEFORE} is missing: set it to the instant of the first start" in capsys.readouterr().err
    assert not [*tmp_path.iterdir()], "nothing was begun"


@pytest.mark.parametrize(
    "told",
    [
        {NOT_BEFORE: "2026-06-03T00:00:00+09:00"},
        {"ORDERING_POLICY_MODE": "observe"},
        {STAND_IN: "http://127.0.0.1:8101"},
    ],
)
def test_it_may_be_said_or_observed_or_be_no_real_org(told: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        need_first_instant(Settings.from_env(ORG))
    need_first_instant(Settings.from_env(ORG | told))


def test_without_an_org_there_is_nothing_to_say() -> None:
    need_first_instant(Settings())
