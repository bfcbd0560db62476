"""The units of systemd in `deploy/` start what there is, with usable settings, behind closed doors."""

import shutil
import subprocess
import sys

from pathlib import Path
from typing import Final

import pytest

from ordering_entrypoints import background, cli_serve
from ordering_entrypoints.cli_arguments import parser
from ordering_entrypoints.settings import Settings
from ordering_entrypoints.worker import LAST_RUN
from ordering_entrypoints.worker_settings import WorkPlace


DEPLOY: Final = Path(__file__).parents[3] / "deploy"
SYSTEMD: Final = DEPLOY / "systemd"
INSTANCES: Final = {"ordering-serve@.service": "8000", "ordering-worker@.service": "tokyo-1"}
ANALYZE: Final = shutil.which("systemd-analyze")
SYSUSERS: Final = shutil.which("systemd-sysusers")
WORST_EXPOSURE: Final = 30
"""Tenths of the exposure that systemd counts; 100 is a unit without any hardening."""

CLOSED: Final = {
    "CapabilityBoundingSet": "",
    "NoNewPrivileges": "yes",
    "PrivateDevices": "yes",
    "PrivateTmp": "yes",
    "ProtectHome": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectSystem": "strict",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
    "UMask": "0077",
    "User": "ordering",
}

units = pytest.mark.parametrize("unit", sorted(INSTANCES))
analysed = pytest.mark.skipif(ANALYZE is None, reason="this machine has no systemd-analyze")


def directives(unit: str) -> dict[str, list[str]]:
    """Return what each directive of *unit* is set to, for the instance that stands for all."""
    found: dict[str, list[str]] = {}
    for line in (SYSTEMD / unit).read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "#[":
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value.replace("%i", INSTANCES[unit]))
    return found


def command(unit: str) -> list[str]:
    (line,) = directives(unit)["ExecStart"]
    return line.split()


def settings_of(unit: str, tmp_path: Path) -> Settings:
    """Return the settings that *unit* starts with: the shipped file, credentials, its own environment."""
    for secret in ("salesforce_client_secret", "whmcs_secret", "sim_oem_key"):
        (tmp_path / f"ordering_{secret}").write_text("s")
    chosen = parser().parse_args(command(unit)[1:])
    assert chosen.settings == "/etc/ordering/settings.toml"
    own = dict(each.split("=", maxsplit=1) for each in directives(unit).get("Environment", []))
    return Settings.from_env(
        {"ORDERING_SETTINGS": str(DEPLOY / "settings.toml"), "CREDENTIALS_DIRECTORY": str(tmp_path), **own}
    )


@units
def test_it_starts_a_command_that_there_is(unit: str) -> None:
    program, *arguments = command(unit)
    chosen = parser().parse_args(arguments)
    assert Path(program).name == "ordering"
    assert unit.startswith(f"ordering-{chosen.command}@")


def test_each_instance_of_serve_has_a_port_and_only_a_proxy_reaches_it() -> None:
    chosen = parser().parse_args(command("ordering-serve@.service")[1:])
    assert (chosen.host, chosen.port) == ("127.0.0.1", 8000)


@units
def test_its_settings_can_be_used(unit: str, tmp_path: Path) -> None:
    settings = settings_of(unit, tmp_path)
    assert settings.worker.where is WorkPlace.APART
    assert settings.whmcs is not None
    assert settings.whmcs.secret == "s"


def test_each_instance_of_worker_is_called_as_it_is(tmp_path: Path) -> None:
    settings = settings_of("ordering-worker@.service", tmp_path)
    assert settings.worker.executor == INSTANCES["ordering-worker@.service"]


@units
def test_it_keeps_its_database_where_it_may_write(unit: str, tmp_path: Path) -> None:
    settings = settings_of(unit, tmp_path)
    assert settings.database == f"sqlite:////var/lib/{directives(unit)['StateDirectory'][0]}/ordering.db"


@units
def test_it_is_closed_where_it_need_not_be_open(unit: str) -> None:
    found = directives(unit)
    assert {name: found.get(name) for name in CLOSED} == {name: [value] for name, value in CLOSED.items()}
    assert "@system-service" in found["SystemCallFilter"]


@units
def test_it_is_started_again_however_often_it_ends(unit: str) -> None:
    found = directives(unit)
    assert (found["Restart"], found["StartLimitIntervalSec"]) == (["always"], ["0"])


@units
def test_it_waits_for_no_word_that_nobody_says(unit: str) -> None:
    """Nothing of ours notifies systemd: a unit that waited for that would be killed."""
    assert directives(unit)["Type"] == ["exec"]
    assert "WatchdogSec" not in directives(unit)


@pytest.mark.parametrize(
    ("unit", "last_words"),
    [
        ("ordering-serve@.service", cli_serve.LAST_WORDS + background.LAST_STEP.total_seconds()),
        ("ordering-worker@.service", LAST_RUN.total_seconds()),
    ],
)
def test_it_is_given_the_time_that_it_takes_to_end(unit: str, last_words: float) -> None:
    (patience,) = directives(unit)["TimeoutStopSec"]
    assert float(patience) > last_words


def test_both_differ_only_in_what_they_run() -> None:
    serve, worker = (directives(unit) for unit in sorted(INSTANCES))
    different = {name for name in {*serve, *worker} if serve.get(name) != worker.get(name)}
    assert different == {"Description", "Environment", "ExecStart", "LimitNOFILE", "TimeoutStopSec"}


@units
def test_its_user_and_folders_are_made(unit: str) -> None:
    found = directives(unit)
    users = [line.split() for line in lines("sysusers.conf")]
    folders = {line.split()[1]: line.split()[2:5] for line in lines("tmpfiles.conf")}
    assert [user[1] for user in users] == found["User"] == found["Group"]
    credentials = found["LoadCredential"][0].removeprefix("ordering:")
    assert folders == {"/etc/ordering": ["0750", "root", "ordering"], credentials: ["0700", "root", "root"]}


def lines(name: str) -> list[str]:
    text = (SYSTEMD / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


def analyse(unit: str, text: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Let systemd look at *text* as an instance of *unit* whose program is one that there is."""
    file = folder / unit.replace("@", f"@{INSTANCES[unit]}")
    file.write_text(text.replace("/opt/ordering/bin/ordering", sys.executable), encoding="utf-8")
    return subprocess.run([str(ANALYZE), *arguments, str(file)], capture_output=True, text=True, check=False)


@units
@analysed
def test_systemd_understands_it(unit: str, tmp_path: Path) -> None:
    text = (SYSTEMD / unit).read_text(encoding="utf-8")
    said = analyse(unit, text, tmp_path, "verify", "--man=no")
    assert (said.returncode, said.stderr) == (0, "")
    for wrong in (text.replace("NoNewPrivileges", "NoNewPrivilege"), text.replace("=strict", "=stirct")):
        assert analyse(unit, wrong, tmp_path, "verify", "--man=no").stderr


@units
@analysed
def test_systemd_counts_it_as_little_exposed(unit: str, tmp_path: Path) -> None:
    text = (SYSTEMD / unit).read_text(encoding="utf-8")
    arguments = ("security", "--offline=yes", "--no-pager", f"--threshold={WORST_EXPOSURE}")
    said = analyse(unit, text, tmp_path, *arguments)
    assert said.returncode == 0, said.stdout
    bare = "[Service]\nExecStart=/opt/ordering/bin/ordering\n"
    assert analyse(unit, bare, tmp_path, *arguments).returncode != 0


@pytest.mark.skipif(SYSUSERS is None, reason="this machine has no systemd-sysusers")
def test_systemd_would_make_the_user() -> None:
    said = subprocess.run(
        [str(SYSUSERS), "--dry-run", str(SYSTEMD / "sysusers.conf")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
