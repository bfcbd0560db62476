"""The page of the configuration lists every setting with its real default, and none that is not there."""

import re

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import NoneType

import attrs
import pytest

from ordering_core.domain.policy import Policy
from ordering_entrypoints.http.settings import EventSettings, HttpSettings, TokenSettings
from ordering_entrypoints.logs import LogVariables
from ordering_entrypoints.mail_settings import MailVariables
from ordering_entrypoints.memory_systems import IN_MEMORY
from ordering_entrypoints.salesforce_settings import SalesforceVariables
from ordering_entrypoints.settings import CATALOGUE, DATABASE, DATABASE_KEYS, Kept, Settings
from ordering_entrypoints.settings_sources import SETTINGS
from ordering_entrypoints.sim_settings import Es2PlusVariables, SimVariables
from ordering_entrypoints.whmcs_settings import WhmcsVariables
from ordering_entrypoints.worker_settings import WorkerVariables


ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")

ROW = re.compile(r"^\| `(ORDERING_\w+)` \| (.+?) \| ", re.MULTILINE)
GROUPS = {
    "HTTP": HttpSettings,
    "TOKENS": TokenSettings,
    "EVENTS": EventSettings,
    "SALESFORCE": SalesforceVariables,
    "WHMCS": WhmcsVariables,
    "SIM": SimVariables,
    "ES2PLUS": Es2PlusVariables,
    "MAIL": MailVariables,
    "WORKER": WorkerVariables,
    "LOG": LogVariables,
    "POLICY": Policy,
}
GROUPS_OF_THEIR_OWN = {"ORDERING_HTTP_TOKENS", "ORDERING_HTTP_EVENTS"}

LISTED = dict(ROW.findall(PAGE))
WRITTEN = {name: default[1:-1] for name, default in LISTED.items() if default.startswith("`")}


def settings() -> Iterator[tuple[str, str, str]]:
    for group, cls in GROUPS.items():
        for field in attrs.fields(cls):
            yield f"ORDERING_{group}_{field.name.upper()}", group, field.name


def test_it_lists_every_setting_once() -> None:
    top = {CATALOGUE, DATABASE, DATABASE_KEYS, IN_MEMORY}
    known = {name for name, _, _ in settings()} - GROUPS_OF_THEIR_OWN | top
    assert set(LISTED) == known
    assert len(ROW.findall(PAGE)) == len(known)


def needed() -> dict[str, str]:
    """Return what has to be set before anything else of its group can be."""
    tokens = {
        "ORDERING_TOKENS_ISSUER": "i",
        "ORDERING_TOKENS_AUDIENCE": "a",
        "ORDERING_TOKENS_SECRET": "s" * 32,
    }
    org = {
        "ORDERING_SALESFORCE_DOMAIN": "d",
        "ORDERING_SALESFORCE_CLIENT_ID": "i",
        "ORDERING_SALESFORCE_CLIENT_SECRET": "s",
        "ORDERING_SALESFORCE_PRICE_BOOK": "b",
    }
    billing = {
        "ORDERING_WHMCS_URL": "https://billing.example/",
        "ORDERING_WHMCS_IDENTIFIER": "i",
        "ORDERING_WHMCS_SECRET": "s",
    }
    network = {
        "ORDERING_SIM_URL": "https://network.example/",
        "ORDERING_SIM_OEM_ID": "i",
        "ORDERING_SIM_OEM_KEY": "k",
    }
    delivery = {
        "ORDERING_ES2PLUS_URL": "https://smdp.example/",
        "ORDERING_ES2PLUS_REQUESTER": "1.3.6.1.4.1.99999.1",
        "ORDERING_POLICY_ESIM_PROFILE_DELIVERY": "true",
    }
    mail = {"ORDERING_MAIL_HOST": "mail.example", "ORDERING_MAIL_SENDER": "orders@shop.example"}
    return tokens | org | billing | network | delivery | mail


def test_its_defaults_are_the_defaults() -> None:
    assert Settings.from_env(WRITTEN | needed()) == Settings.from_env(needed())


def test_a_file_may_say_the_same_in_types_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.touch(mode=0o600)
    file.write_text(as_toml(WRITTEN | needed()), encoding="utf-8")
    assert Settings.from_env({SETTINGS: str(file)}) == Settings.from_env(needed())


def as_toml(variables: Mapping[str, str]) -> str:
    tables = dict.fromkeys(("", *map(str.lower, GROUPS)), "")
    for name, text in variables.items():
        group, _, field = name.removeprefix("ORDERING_").lower().partition("_")
        if group not in tables:
            group, field = "", f"{group}_{field}".rstrip("_")
        tables[group] += f"{field} = {native(text)}\n"
    return "".join(f"[{group}]\n{lines}" if group else lines for group, lines in tables.items())


OF_TOML = re.compile(r"true|false|[0-9]{1,9}|0\.[0-9]+|[0-9]{2}:[0-9]{2}")


def native(text: str) -> str:
    """Return a number, a flag or a time as TOML has it, and anything else as a text."""
    if not OF_TOML.fullmatch(text):
        return repr(text)
    return f"{text}:00" if ":" in text else text


def secrets() -> set[str]:
    top = {f"ORDERING_{field.name.upper()}" for field in attrs.fields(Kept) if field.repr is False}
    return top | {
        name for name, group, field in settings() if getattr(attrs.fields(GROUPS[group]), field).repr is False
    }


def test_it_names_every_secret() -> None:
    (sentence,) = re.findall(r"^Secrets are (.+?)\. ", PAGE, re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"ORDERING_\w+", sentence)) == secrets()


def test_its_example_of_a_file_can_be_used(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.+?)```", PAGE, re.DOTALL)
    file = tmp_path / "settings.toml"
    file.write_text(example, encoding="utf-8")
    assert Settings.from_env({SETTINGS: str(file)}) != Settings()


@pytest.mark.parametrize(("name", "group", "field"), list(settings()))
def test_what_has_no_default_is_written_without_one(name: str, group: str, field: str) -> None:
    default = getattr(attrs.fields(GROUPS[group]), field).default
    empty = isinstance(default, NoneType) or default == ()
    if name not in GROUPS_OF_THEIR_OWN:
        assert (LISTED[name] == "none") is empty
        assert (LISTED[name] == "required") is (default is attrs.NOTHING)


def test_what_readme_lists_is_the_same() -> None:
    listed = ROW.findall(README)
    assert len(listed) >= 8
    assert all(LISTED[name] == default for name, default in listed)
