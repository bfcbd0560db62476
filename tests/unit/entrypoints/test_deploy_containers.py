"""The containers in `deploy/`, which are not built here, agree with what would run in them."""

import json
import re
import shutil
import subprocess
import sys
import tomllib

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, TypeGuard

import pytest
import yaml  # type: ignore[import-untyped]  # it comes with dbos; what it loads is checked here

from ordering_entrypoints import background, cli_serve
from ordering_entrypoints.cli_arguments import parser
from ordering_entrypoints.http.settings import EventSettings, HttpSettings
from ordering_entrypoints.sandboxes import SANDBOXES
from ordering_entrypoints.settings import Settings
from ordering_entrypoints.worker import LAST_RUN
from ordering_entrypoints.worker_settings import WorkPlace


ROOT: Final = Path(__file__).parents[3]
FOLDER: Final = ROOT / "deploy" / "container"
DOCKERFILE: Final = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
PROXY: Final = (FOLDER / "nginx.conf").read_text(encoding="utf-8")
NGINX: Final = shutil.which("nginx")

PINNED: Final = re.compile(r"[a-z]+:[0-9]+\.[0-9]+(?:\.[0-9]+)?(?:-[a-z0-9-]+)?")
"""A name and a version to the patch, and no host before it: whoever builds knows where images come from."""

OURS: Final = "ordering:0.1.0"
WORKERS: Final = ("worker-1", "worker-2")


def is_table(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def table(value: object) -> dict[str, object]:
    assert is_table(value)
    return value


def texts(value: object) -> list[str]:
    assert isinstance(value, list)
    return [str(each) for each in value]


@cache
def compose() -> dict[str, object]:
    return table(yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8")))


def services() -> dict[str, dict[str, object]]:
    return {name: table(service) for name, service in table(compose()["services"]).items()}


def ours() -> Iterator[tuple[str, list[str]]]:
    """Yield the services that run our command line, with its arguments."""
    for name, service in services().items():
        if service["image"] == OURS and "entrypoint" not in service:
            yield name, texts(service["command"])


def instructions(name: str) -> list[str]:
    """Return what follows each instruction of that *name* in the Dockerfile, continued lines joined."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return [line.removeprefix(f"{name} ") for line in joined.splitlines() if line.startswith(f"{name} ")]


class TestImage:
    def test_its_base_is_one_and_pinned(self) -> None:
        bases = {line.split()[0] for line in instructions("FROM")}
        assert len(bases) == 1
        (base,) = bases
        assert PINNED.fullmatch(base)
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert base.startswith(f"python:{project['requires-python'].removeprefix('>=')}.")

    def test_its_own_name_has_the_version(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert f"ordering:{project['version']}" == OURS
        assert OURS in DOCKERFILE

    def test_it_does_not_run_as_root(self) -> None:
        last = DOCKERFILE.rindex("\nFROM ")
        users = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE[last:], re.MULTILINE)
        assert users == [("10001", "10001")]
        after_user = DOCKERFILE[DOCKERFILE.rindex("\nUSER ") :]
        assert "\nRUN " not in after_user
        assert "\nCOPY " not in after_user

    def test_it_installs_what_is_locked_with_extras_that_there_are(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        (extras,) = re.findall(r"\$wheel\[([a-z,]+)\]", DOCKERFILE)
        extras_of = {
            name: re.findall(r"^ordering-core\[([a-z,]+)\]", "\n".join(needs), re.MULTILINE)
            for name, needs in project["optional-dependencies"].items()
        }
        installed = set(extras.split(","))
        while (
            more := {part for name in installed for part in ",".join(extras_of[name]).split(",")}
            - installed
            - {""}
        ):
            installed |= more
        assert set(extras_of) - installed == {"testing"}
        assert "--require-hashes" in DOCKERFILE
        assert "--constraint" in DOCKERFILE

    def test_the_locks_versions_come_out_of_it_as_constraints(self) -> None:
        (pattern,) = re.findall(r"sed -E '([^']+)'", DOCKERFILE)
        lock = ROOT / "requirements" / "lock.txt"
        made = subprocess.run(["sed", "-E", pattern, str(lock)], capture_output=True, text=True, check=True)
        lines = made.stdout.splitlines()
        assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[^ ]+( ?;.*)?", line) for line in lines if line)
        assert [line for line in lines if line.startswith("attrs==")]

    def test_what_it_copies_is_there_and_let_through(self) -> None:
        ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        let_through = {line.removeprefix("!") for line in ignored if line.startswith("!")}
        copied = {name for line in instructions("COPY") if "--from" not in line for name in line.split()[:-1]}
        assert copied
        for name in copied:
            assert (ROOT / name).exists()
            assert name.split("/", maxsplit=1)[0] in let_through

    def test_by_itself_it_serves(self) -> None:
        (entrypoint,), (command,) = (instructions("ENTRYPOINT"), instructions("CMD"))
        assert json.loads(entrypoint) == ["ordering"]
        chosen = parser().parse_args(json.loads(command))
        assert (chosen.command, chosen.host, chosen.port) == ("serve", "0.0.0.0", 8000)


class TestServices:
    def test_images_are_pinned_and_name_no_host(self) -> None:
        images = {str(service["image"]) for service in services().values()}
        assert OURS in images
        assert all(PINNED.fullmatch(image) for image in images)

    def test_all_commands_are_commands(self) -> None:
        for name, command in ours():
            chosen = parser().parse_args(command)
            assert chosen.command == ("worker" if name in WORKERS else "serve")

    def test_there_are_two_api_processes_and_two_workers_with_names_of_their_own(self) -> None:
        assert table(services()["api"]["deploy"])["replicas"] == 2
        assert {name for name, command in ours() if command == ["worker"]} == set(WORKERS)
        assert {read(name).worker.executor for name in WORKERS} == set(WORKERS)

    @pytest.mark.parametrize("name", ["api", *WORKERS])
    def test_settings_can_be_used(self, name: str, tmp_path: Path) -> None:
        settings = read(name, tmp_path)
        assert settings.worker.where is WorkPlace.APART
        assert settings.database == "postgresql://ordering:s@postgres/ordering"
        assert settings.http.tokens is not None
        assert settings.database_keys

    def test_the_stand_ins_settings_can_be_used_and_are_all_that_stand_ins_ask_for(self) -> None:
        env = table(services()["sandbox-api"]["environment"])
        settings = Settings.from_env({name: str(value) for name, value in env.items()})
        assert settings.worker.where is WorkPlace.INSIDE
        ready: dict[str, str] = defaultdict(str)
        asked = {name for sandbox in SANDBOXES.values() for name in sandbox.environment(ready)}
        assert asked <= set(env)

    @pytest.mark.parametrize("name", ["sandbox-salesforce", "sandbox-whmcs", "sandbox-network"])
    def test_stand_ins_take_the_arguments_that_they_are_given(self, name: str) -> None:
        service = services()[name]
        program, *module = texts(service["entrypoint"])
        assert program == "python"
        helped = subprocess.run(
            [sys.executable, *module, "--help"], capture_output=True, text=True, check=True
        )
        options = [each for each in texts(service["command"]) if each.startswith("--")]
        assert options
        assert all(option in helped.stdout for option in options)

    def test_settings_of_stand_ins_name_the_ports_that_they_are_given(self) -> None:
        env = " ".join(map(str, table(services()["sandbox-api"]["environment"]).values()))
        asked = set(re.findall(r"(?:localhost|127\.0\.0\.1):(\d+)", env))
        given = {
            port
            for name, service in services().items()
            if name.startswith("sandbox-") and name != "sandbox-api"
            for port in texts(service["command"])
            if port.isdigit()
        }
        assert asked
        assert asked <= given

    def test_all_are_given_the_time_that_they_take_to_end(self) -> None:
        drain = read("api").http.drain.total_seconds()
        last_words = drain + cli_serve.LAST_WORDS + background.LAST_STEP.total_seconds()
        for name, needed in (("api", last_words), *((each, LAST_RUN.total_seconds()) for each in WORKERS)):
            assert float(str(services()[name]["stop_grace_period"]).removesuffix("s")) > needed

    @pytest.mark.parametrize("name", ["api", *WORKERS])
    def test_each_is_asked_how_it_is_where_it_listens(self, name: str) -> None:
        asked = " ".join(texts(table(services()[name]["healthcheck"])["test"]))
        (port,) = re.findall(r"http://127\.0\.0\.1:(\d+)/(?:ready|health)", asked)
        listens = parser().parse_args(texts(services()[name]["command"]))
        at = read(name).worker.status_port if name in WORKERS else listens.port
        assert int(port) == at

    def test_nothing_of_ours_can_write_to_its_image_or_gain_rights(self) -> None:
        for name in ("api", *WORKERS):
            service = services()[name]
            assert service["read_only"] is True
            assert service["cap_drop"] == ["ALL"]
            assert service["security_opt"] == ["no-new-privileges:true"]

    def test_files_that_are_named_are_there_and_secrets_are_not(self) -> None:
        for config in table(compose()["configs"]).values():
            assert (FOLDER / str(table(config)["file"])).is_file()
        named = {str(table(secret)["file"]) for secret in table(compose()["secrets"]).values()}
        assert {Path(name).parent.name for name in named} == {"secrets"}
        assert "deploy/container/secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()

    def test_each_secret_that_is_read_is_mounted(self) -> None:
        read_by_us = set(
            re.findall(r"/run/secrets/(\w+)", (FOLDER / "settings.toml").read_text(encoding="utf-8"))
        )
        for name in ("api", *WORKERS):
            assert set(texts(services()[name]["secrets"])) == read_by_us <= set(table(compose()["secrets"]))


def read(name: str, folder: Path | None = None) -> Settings:
    """Return the settings of service *name*, with files of secrets in *folder*, or without their settings."""
    env = {key: str(value) for key, value in table(services()[name]["environment"]).items()}
    del env["ORDERING_SETTINGS"]
    if folder is None:
        return Settings.from_env({**env, "ORDERING_DATABASE": "postgresql://postgres/ordering"})
    secrets = {"database": "postgresql://ordering:s@postgres/ordering", "database_keys": "k"}
    for secret in texts(services()[name]["secrets"]):
        (folder / secret).write_text(secrets.get(secret, "s" * 32))
    file = folder / "settings.toml"
    text = (FOLDER / "settings.toml").read_text(encoding="utf-8")
    file.write_text(text.replace("/run/secrets", str(folder)), encoding="utf-8")
    return Settings.from_env({**env, "ORDERING_SETTINGS": str(file)})


class TestProxy:
    @pytest.fixture
    def stream(self) -> str:
        (location,) = re.findall(r"location ~ (\S+events\$) \{(.+?)\n    \}", PROXY, re.DOTALL)
        pattern, lines = location
        path = f"{HttpSettings().path}/orders/801000000000001AAA/events"
        assert re.fullmatch(pattern, path)
        assert not re.fullmatch(pattern, f"{HttpSettings().path}/orders/801000000000001AAA")
        return str(lines)

    def test_live_updates_are_not_held_back_and_outlast_a_heartbeat(self, stream: str) -> None:
        assert "proxy_buffering off;" in stream
        (longest,) = re.findall(r"proxy_read_timeout (\d+)s;", stream)
        assert int(longest) >= 2 * EventSettings().heartbeat.total_seconds()

    def test_it_lets_go_of_an_idle_connection_before_the_process_closes_it(self) -> None:
        (idle,) = re.findall(r"keepalive_timeout (\d+)s;", PROXY)
        assert int(idle) < cli_serve.KEPT_OPEN

    def test_an_upload_is_let_through(self) -> None:
        (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", PROXY)
        assert int(megabytes) * 1_000_000 > HttpSettings().upload_limit

    def test_no_path_is_logged(self) -> None:
        (form,) = re.findall(r"log_format (\w+ .+);", PROXY)
        assert "$request_method" in form
        assert not re.search(r"\$(request|uri|request_uri|args|http_referer)\b", form)
        assert re.findall(r"access_log \S+ (\w+);", PROXY) == [form.split()[0]]

    def test_what_is_for_the_machinery_is_not_for_the_world(self) -> None:
        (closed,) = re.findall(r"location ~ (\S+) \{\s+return 404;", PROXY)
        assert all(re.fullmatch(closed, f"/{name}") for name in ("health", "ready", "metrics"))

    def test_it_leads_to_the_service_and_its_port(self) -> None:
        (name, port) = re.findall(r"server (\w+):(\d+);", PROXY)[0]
        assert texts(services()[name]["expose"]) == [port]
        assert "8080:8080" in texts(services()["proxy"]["ports"])
        assert "listen 8080;" in PROXY

    @pytest.mark.skipif(NGINX is None, reason="this machine has no nginx")
    def test_nginx_understands_it(self, tmp_path: Path) -> None:
        whole = tmp_path / "nginx.conf"
        here = PROXY.replace("server api:", "server 127.0.0.1:").replace("/dev/stdout", str(tmp_path / "log"))
        whole.write_text(f"events {{}}\nhttp {{\n{here}}}\n", encoding="utf-8")
        said = subprocess.run(
            [str(NGINX), "-t", "-p", str(tmp_path), "-c", str(whole), "-g", f"pid {tmp_path}/pid;"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.returncode == 0, said.stderr
