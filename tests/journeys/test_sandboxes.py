"""Stand-ins as child processes: how they are reached, that none is left behind, and why one did not start."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ordering_entrypoints import sandboxes
from ordering_entrypoints.memory_systems import IN_MEMORY
from ordering_entrypoints.sandboxes import SANDBOXES, Ready, Sandbox, environment, running
from ordering_entrypoints.settings import Settings
from ordering_entrypoints.terminal import Unusable


ORDERING = [sys.executable, "-m", "ordering_entrypoints.cli"]
LIMIT = 30

READY = 'import sys; print(\'{"http": "http://127.0.0.1:1"}\', flush=True)\n'

# One worker runs all that starts processes here.
pytestmark = [pytest.mark.xdist_group("sandboxes"), pytest.mark.whmcs_sim]


def nothing(_ready: Ready) -> Mapping[str, str]:
    return {}


def stub(name: str) -> Sandbox:
    return Sandbox(name=name, title=name.capitalize(), environment=nothing)


@pytest.fixture
def stubs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose modules are the stand-ins, in place of the real ones."""
    package = tmp_path / "ordering_sandbox"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return package


@contextmanager
def started(*arguments: str, cwd: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the command line up to the first word that it listens; yield what it wrote to its output."""
    with subprocess.Popen(
        [*ORDERING, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            process.stderr.readline()
            os.set_blocking(process.stdout.fileno(), False)
            yield process, process.stdout.read()
        finally:
            process.kill()


def ports(told: str) -> list[int]:
    found = [urlsplit(url).port for url in re.findall(r"https?://[\w.]+:\d+", told)]
    return [port for port in found if port is not None]


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def all_gone(told: str) -> bool:
    until = time.monotonic() + LIMIT
    while any(map(listens, ports(told))) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(map(listens, ports(told)))


def test_the_command_tells_the_settings_of_a_process_that_is_to_work_on_them(tmp_path: Path) -> None:
    # A module of the folder one happens to be in is none of the stand-in's.
    (tmp_path / "uvicorn.py").write_text("raise SystemExit('taken for another')")
    with started("sandbox", cwd=tmp_path) as (process, told):
        assert len(ports(told)) >= 3
        assert all(map(listens, ports(told)))
        exported = re.findall(r"^export (\w+)=(.*)$", told, re.MULTILINE)
        variables = {name: "".join(shlex.split(value)) for name, value in exported}
        settings = Settings.from_env(variables)
        assert settings.whmcs is not None
        assert settings.whmcs.url in told
        assert settings.es2plus is not None
        assert "PASI_10G=898119904000000001+500" in (settings.es2plus.iccids or "").split(";")
        salesforce = settings.salesforce
        assert salesforce is not None
        assert salesforce.plain_address in re.findall(r"http://[\w.:]+", told)
        assert re.fullmatch(r"01s\w{15}", salesforce.price_book)
        assert salesforce.follow_events
        assert str(salesforce.events_address) in told
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT) == 0
        assert all_gone(told)


def test_a_parent_that_is_killed_leaves_no_child(tmp_path: Path) -> None:
    with started("sandbox", "salesforce", cwd=tmp_path) as (process, told):
        assert all(map(listens, ports(told)))
        process.kill()
        process.wait()
        assert all_gone(told)


def test_a_sandbox_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    done = subprocess.run([*ORDERING, "sandbox", "sap"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "there is no sandbox 'sap'" in done.stderr
    assert all(name in done.stderr for name in SANDBOXES)


@pytest.mark.parametrize("command", [["demo", "--exit"], ["sandbox"]])
def test_a_sandbox_that_does_not_start_is_one_clear_error(stubs: Path, command: list[str]) -> None:
    for name in SANDBOXES:
        (stubs / f"{name}.py").write_text("raise SystemExit('port 8443 is taken')")
    done = subprocess.run([*ORDERING, *command], capture_output=True, text=True, check=False, timeout=LIMIT)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("ordering: the sandbox of ")
    assert "does not start: port 8443 is taken" in line
    assert "python -m ordering_sandbox." in line


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("import no_such_package", r"No module named 'no_such_package'\. Install ordering-core\[sandbox\]\."),
        ("print('listening on 8443')", "it says nothing that can be understood"),
        ("print('[1]')", "it says nothing that can be understood"),
        ("import sys; sys.stdin.read()", "it says nothing that can be understood within 1 s"),
    ],
)
def test_what_is_said_of_a_failed_start(
    stubs: Path, monkeypatch: pytest.MonkeyPatch, module: str, said: str
) -> None:
    monkeypatch.setattr(sandboxes, "START", 1.0)
    (stubs / "odd.py").write_text(module)
    with pytest.raises(Unusable, match=said) as refused, running([stub("odd")]):
        pass
    assert refused.value.sentence.startswith("the sandbox of Odd does not start: ")


def test_when_one_does_not_start_the_others_are_stopped(stubs: Path, tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    (stubs / "good.py").write_text(f"{READY}sys.stdin.read(); open({str(ended)!r}, 'w').close()")
    (stubs / "bad.py").write_text("raise SystemExit('no')")
    with pytest.raises(Unusable, match="Bad does not start"), running([stub("good"), stub("bad")]):
        pass
    assert ended.exists()


def test_one_that_will_not_stop_is_killed(stubs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxes, "STOP", 0.2)
    (stubs / "deaf.py").write_text(f"{READY}import time; time.sleep({10 * LIMIT})")
    begun = time.monotonic()
    with running([stub("deaf")]) as ready:
        assert ready["deaf"]["http"] == "http://127.0.0.1:1"
    assert time.monotonic() - begun < LIMIT


def test_every_sandbox_has_settings_of_its_own() -> None:
    said: Ready = defaultdict(lambda: "said")
    of_each = [set(environment({name: said})) - {IN_MEMORY} for name in SANDBOXES]
    assert all(of_each)
    assert len(set().union(*of_each)) == sum(map(len, of_each))


def test_what_is_not_started_beside_the_org_is_in_memory_as_the_settings_say() -> None:
    said: Ready = defaultdict(lambda: "said")
    assert environment({"salesforce": said})[IN_MEMORY] == "whmcs,sim"
    assert environment({"salesforce": said, "whmcs": said})[IN_MEMORY] == "sim"
    assert IN_MEMORY not in environment(dict.fromkeys(SANDBOXES, said))
    assert IN_MEMORY not in environment({"whmcs": said})
