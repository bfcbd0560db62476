"""The page of many machines names what there is: commands, settings, files, tests and headings."""

import re

from pathlib import Path
from typing import Final

import pytest

from ordering_adapters.salesforce.events import BusSettings
from ordering_adapters.work_queue import EngineSettings
from ordering_core.domain.policy import Policy
from ordering_entrypoints.cli_arguments import parser
from ordering_entrypoints.http.settings import EventSettings


ROOT: Final = Path(__file__).parents[3]
PAGE: Final = (ROOT / "docs" / "many-machines.md").read_text(encoding="utf-8")
CONFIGURATION: Final = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def test_its_commands_are_commands() -> None:
    commands = set(re.findall(r"`ordering ([a-z][^`]+)`", PAGE))
    assert {"serve", "worker", "backup FILE", "restore FILE", "resume observe"} <= commands
    for command in commands:
        parser().parse_args(command.split())


def test_its_settings_are_settings() -> None:
    names = set(re.findall(r"ORDERING_[A-Z0-9_]*[A-Z0-9]", PAGE)) - {"ORDERING_TOKENS"}
    assert names
    assert names <= set(re.findall(r"`(ORDERING_\w+)`", CONFIGURATION))


def test_its_files_are_there() -> None:
    files = set(re.findall(r"\b((?:tests|deploy|docs)/[\w./-]*\w)", PAGE))
    assert len(files) > 8
    assert not [name for name in files if not (ROOT / name).exists()]


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]*)(?:#([^)]+))?\)", PAGE)
    assert links
    for path, heading in links:
        page = ROOT / "docs" / path
        assert page.exists(), path
        if heading:
            headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {each.lower().replace(" ", "-") for each in headings}


def test_the_units_that_it_starts_are_shipped() -> None:
    started = re.findall(r"\b(ordering-\w+)@[\w-]+", PAGE)
    assert {f"{name}@.service" for name in started} == {
        file.name for file in (ROOT / "deploy" / "systemd").glob("*.service")
    }


@pytest.mark.parametrize("name", re.findall(r"enable --now.*?ordering-worker@([\w-]+)", PAGE))
def test_the_workers_that_it_starts_have_names_that_workers_may_have(name: str) -> None:
    assert EngineSettings(url="sqlite:///runs", executor=name).executor == name


def test_its_times_are_the_defaults() -> None:
    words = " ".join(PAGE.split())
    policy, events, bus = Policy(), EventSettings(), BusSettings()
    for sentence, time in (
        ("its time-out and `settle` ({} s)", policy.call_timeout + policy.settle),
        ("`ORDERING_POLICY_RETRY_AFTER` ({} s)", policy.retry_after),
        ("`ORDERING_EVENTS_HEARTBEAT` ({} s)", events.heartbeat),
        ("`ORDERING_EVENTS_RECONNECT` ({} s)", events.reconnect),
        ("a lease of {} seconds", bus.lease_lasts),
        ("renewed every {})", bus.renew_every),
    ):
        assert sentence.format(int(time.total_seconds())) in words
