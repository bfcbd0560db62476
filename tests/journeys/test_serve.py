"""`ordering serve`: the HTTP API as a process, set up by its environment, until it is stopped."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

from collections.abc import Iterator
from pathlib import Path

import pytest


SERVE = [sys.executable, "-m", "ordering_entrypoints.cli", "serve", "--port", "0"]
LIMIT = 30
CATALOGUE = """
[vpn.VPN-MOON]
name = "VPN router Moon"
item_class = "Service"
cycle = "Monthly"
price = 9000
billing_product = 1
region = "US"
"""


@contextlib.contextmanager
def serving(*arguments: str, **settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [*SERVE, *arguments],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        told = re.search(r"(http://\S+)/schema ", process.stderr.readline())
        assert told is not None
        try:
            yield process, told[1]
        finally:
            process.kill()


def test_without_tokens_it_says_that_nobody_can_log_in() -> None:
    with serving() as (process, _):
        assert process.stderr is not None
        assert "no customer can log in" in process.stderr.readline()


def get(url: str) -> object:
    with urllib.request.urlopen(url, timeout=LIMIT) as answer:
        return json.load(answer)


def test_it_says_where_it_is_and_answers_there_until_it_is_stopped() -> None:
    with serving() as (process, address):
        assert get(f"{address}/health") == {"status": "alive"}
        document = get(f"{address}/schema/openapi.json")
        assert isinstance(document, dict)
        assert document["openapi"].startswith("3.1")
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT) == 0


def test_told_to_stop_it_ends_well() -> None:
    with serving() as (process, address):
        assert get(f"{address}/ready") == {"status": "ready"}
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=LIMIT)
        assert process.returncode == 0
        logged = [line for line in rest.splitlines() if "tokens" not in line]
        assert logged
        assert all(json.loads(line)["level"] == "INFO" for line in logged)


def test_while_it_drains_it_is_not_ready_and_told_again_it_is_gone() -> None:
    with serving(ORDERING_HTTP_DRAIN="1h") as (process, address):
        process.send_signal(signal.SIGTERM)
        status = 0
        for _ in range(1000):  # it looks ten times a second whether it was told
            try:
                get(f"{address}/ready")
            except urllib.error.HTTPError as error:
                status = error.code
                break
        assert status == 503
        assert get(f"{address}/health") == {"status": "alive"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(LIMIT) == -signal.SIGTERM


def test_its_catalogue_is_the_file_that_the_environment_names(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.toml"
    file.write_text(CATALOGUE, encoding="utf-8")
    with serving(ORDERING_CATALOGUE=str(file)) as (_, address):
        sold = get(f"{address}/api/catalogue")
    assert isinstance(sold, dict)
    assert [product["sku"] for product in sold["products"]] == ["VPN-MOON"]


def test_it_listens_on_the_address_it_is_given() -> None:
    with serving("--host", "localhost") as (_, address):
        assert get(f"{address}/health") == {"status": "alive"}


@pytest.mark.parametrize(
    ("arguments", "settings", "told"),
    [
        (["--host", "nowhere.invalid"], {}, "--host"),
        ([], {"ORDERING_POLICY_TAX_RAET": "0.10"}, "ORDERING_POLICY_TAX_RATE"),
        ([], {"ORDERING_CATALOGUE": "/nowhere/catalogue.toml"}, "/nowhere/catalogue.toml"),
    ],
)
def test_what_keeps_it_from_starting_is_told_with_the_way_out(
    arguments: list[str], settings: dict[str, str], told: str
) -> None:
    done = subprocess.run(
        [*SERVE, *arguments],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT,
    )
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*SERVE, "--port", port], capture_output=True, text=True, check=False, timeout=LIMIT
        )
    assert done.returncode == 2
    assert f"port {port} of 127.0.0.1" in done.stderr
