"""Beside a real org nothing is made up in memory, unless the settings ask for it by name."""

from itertools import chain, combinations
from pathlib import Path

import pytest

from ordering_adapters.memory.billing import MemoryBilling
from ordering_core.domain.policy import Policy
from ordering_entrypoints.cli import UNUSABLE, main
from ordering_entrypoints.container import open_ordering
from ordering_entrypoints.doctor import State, settings_found
from ordering_entrypoints.memory_systems import IN_MEMORY, MADE_UP, MemorySystem
from ordering_entrypoints.settings import Settings, SettingsError


ORG = {
    "ORDERING_SALESFORCE_DOMAIN": "a.my.salesforce.com",
    "ORDERING_SALESFORCE_CLIENT_ID": "i",
    "ORDERING_SALESFORCE_CLIENT_SECRET": "s",
    "ORDERING_SALESFORCE_PRICE_BOOK": "01s000000000001AAA",
    "ORDERING_POLICY_ESIM_PROFILE_DELIVERY": "true",
    "ORDERING_POLICY_PROVISIONING_NOT_BEFORE": "2026-06-03T00:00:00+09:00",
}
REAL = {
    MemorySystem.WHMCS: {
        "ORDERING_WHMCS_URL": "https://billing.example/",
        "ORDERING_WHMCS_IDENTIFIER": "i",
        "ORDERING_WHMCS_SECRET": "s",
    },
    MemorySystem.SIM: {
        "ORDERING_SIM_URL": "https://network.example/",
        "ORDERING_SIM_OEM_ID": "i",
        "ORDERING_SIM_OEM_KEY": "k",
    },
    MemorySystem.ES2PLUS: {
        "ORDERING_ES2PLUS_URL": "https://smdp.example/",
        "ORDERING_ES2PLUS_REQUESTER": "1.3.6.1.4.1.99999.1",
    },
}
SETS = [*chain.from_iterable(combinations(MemorySystem, count) for count in range(len(MemorySystem) + 1))]


def org_with(*real: MemorySystem, in_memory: tuple[MemorySystem, ...] = ()) -> dict[str, str]:
    asked = {IN_MEMORY: ",".join(in_memory)} if in_memory else {}
    return ORG | asked | {name: text for each in real for name, text in REAL[each].items()}


@pytest.mark.parametrize("real", SETS)
def test_an_org_whose_other_systems_are_not_named_is_not_worked_on(real: tuple[MemorySystem, ...]) -> None:
    settings = Settings.from_env(org_with(*real))
    lacking = [each for each in MemorySystem if each not in real]
    if not lacking:
        with open_ordering(settings) as ordering:
            assert not type(ordering.lines).__name__.startswith("Memory")
        return
    with pytest.raises(SettingsError) as refused, open_ordering(settings):
        pass
    assert len(refused.value.problems) == len(lacking)
    for each, problem in zip(lacking, refused.value.problems, strict=True):
        assert MADE_UP[each].settings in problem
        assert f"name {each} in {IN_MEMORY}" in problem


@pytest.mark.parametrize("asked", SETS)
def test_what_is_asked_for_by_name_is_in_memory(asked: tuple[MemorySystem, ...]) -> None:
    real = [each for each in MemorySystem if each not in asked]
    with open_ordering(Settings.from_env(org_with(*real, in_memory=asked))) as ordering:
        in_memory = {
            each
            for each in MemorySystem
            if type(getattr(ordering, MADE_UP[each].port)).__name__.startswith("Memory")
        }
    assert in_memory == {*asked}


@pytest.mark.parametrize("command", [["serve"], ["worker"], ["show", "801"], ["pause", "all"]])
def test_every_command_that_would_work_on_it_says_what_to_set(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name, text in org_with(MemorySystem.WHMCS, in_memory=(MemorySystem.ES2PLUS,)).items():
        monkeypatch.setenv(name, text)
    monkeypatch.setenv("ORDERING_DATABASE", f"sqlite:///{tmp_path}/ordering.db")
    monkeypatch.setattr("ordering_entrypoints.worker.configure_logging", lambda _: None)
    monkeypatch.setattr("ordering_entrypoints.cli_serve.configure_logging", lambda _: None)
    if command == ["worker"]:
        monkeypatch.setenv("ORDERING_WORKER_WHERE", "apart")
    assert main(command) == UNUSABLE
    said = capsys.readouterr().err
    assert "ORDERING_SIM_URL" in said
    assert f"name sim in {IN_MEMORY}" in said
    assert not [*tmp_path.iterdir()]


def test_without_delivery_of_profiles_nobody_has_to_deliver_them() -> None:
    env = org_with(MemorySystem.WHMCS, MemorySystem.SIM)
    del env["ORDERING_POLICY_ESIM_PROFILE_DELIVERY"]
    assert Settings.from_env(env).made_up == ()


def test_without_an_org_everything_may_be_in_memory() -> None:
    assert Settings(policy=Policy(esim_profile_delivery=True)).made_up == ()


def test_an_adapter_of_the_hosts_own_is_none_in_memory() -> None:
    settings = Settings.from_env(org_with(MemorySystem.SIM, MemorySystem.ES2PLUS))
    with open_ordering(Settings()) as other:
        own = other.billing
    assert isinstance(own, MemoryBilling)
    with open_ordering(settings, billing=own) as ordering:
        assert ordering.billing is own


@pytest.mark.parametrize("system", MemorySystem)
def test_the_doctor_fails_what_is_missing_and_warns_of_what_is_asked_for(system: MemorySystem) -> None:
    real = [each for each in MemorySystem if each is not system]
    for in_memory, state in (((), State.FAILED), ((system,), State.WARNING)):
        settings = Settings.from_env(org_with(*real, in_memory=in_memory))
        [found] = [each for each in settings_found(settings) if each.what == MADE_UP[system].what]
        assert found.state is state
        assert MADE_UP[system].settings in found.remedy
        assert IN_MEMORY in found.remedy


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("whmcs", "names whmcs, which is set as well"),
        ("billing", "has to be of whmcs, sim, es2plus"),
    ],
)
def test_what_cannot_be_in_memory_is_refused(text: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        Settings.from_env(org_with(MemorySystem.WHMCS) | {IN_MEMORY: text})


def test_a_file_may_list_them(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('in_memory = ["whmcs", "sim"]\n', encoding="utf-8")
    settings = Settings.from_env({"ORDERING_SETTINGS": str(file)})
    assert settings.in_memory == (MemorySystem.WHMCS, MemorySystem.SIM)
