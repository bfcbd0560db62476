"""
The stand-ins of the outside systems, each a process of its own beside this one (DESIGN 9).

A stand-in is started as a person would start it, ``python -m ordering_sandbox.NAME``: nothing of it is
imported here. It ends when its standard input does, so that none is left however this process ends.
"""

from __future__ import annotations

import json
import subprocess
import sys

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import ExitStack, contextmanager
from subprocess import PIPE, Popen
from tempfile import TemporaryFile
from threading import Timer
from types import MappingProxyType
from typing import IO, Final, TypeAlias

import attrs

from cattrs import BaseValidationError, structure

from ordering_entrypoints.memory_systems import IN_MEMORY, MemorySystem
from ordering_entrypoints.terminal import Unusable


START: Final = 20.0
"""Seconds within which a stand-in has to be ready."""

STOP: Final = 10.0
"""Seconds within which a stand-in has to end once it was told to."""

_LAST_WORDS: Final = 4096
"""Bytes of its last output that are looked at for why a stand-in did not start."""

Ready: TypeAlias = Mapping[str, str]
"""What a stand-in says when it answers: its addresses, and how to sign in."""


@attrs.frozen(kw_only=True)
class Sandbox:
    """
    One stand-in: *name* is its module's, *title* the system's that it stands for.

    *environment* makes the settings of a process that is to work on it out of what it says when it is ready;
    *following* are those of one that is to hear what it tells by itself, too.
    """

    name: str
    title: str
    environment: Callable[[Ready], Mapping[str, str]]
    following: Mapping[str, str] = MappingProxyType({})


def _salesforce(ready: Ready) -> Mapping[str, str]:
    return {
        "ORDERING_SALESFORCE_DOMAIN": "sandbox.my.salesforce.com",
        "ORDERING_SALESFORCE_PLAIN_ADDRESS": ready["http"],
        "ORDERING_SALESFORCE_CLIENT_ID": ready["client_id"],
        "ORDERING_SALESFORCE_CLIENT_SECRET": ready["client_secret"],
        "ORDERING_SALESFORCE_PRICE_BOOK": ready["price_book"],
        "ORDERING_SALESFORCE_EVENTS_ADDRESS": ready["grpc"],
        "ORDERING_SALESFORCE_EVENTS_PLAINTEXT": "true",
    }


def _whmcs(ready: Ready) -> Mapping[str, str]:
    return {
        "ORDERING_WHMCS_URL": ready["https"],
        "ORDERING_WHMCS_CA_FILE": ready["ca_file"],
        "ORDERING_WHMCS_IDENTIFIER": ready["identifier"],
        "ORDERING_WHMCS_SECRET": ready["secret"],
    }


def _sim_network(ready: Ready) -> Mapping[str, str]:
    return {
        "ORDERING_SIM_URL": f"{ready['https']}/emptool/api/",
        "ORDERING_SIM_CA_FILE": ready["ca_file"],
        "ORDERING_SIM_OEM_ID": ready["oem_id"],
        "ORDERING_SIM_OEM_KEY": ready["oem_key"],
        "ORDERING_SIM_STATUS_PATH": "mvno/getDetail/",
        "ORDERING_POLICY_ESIM_PROFILE_DELIVERY": "true",
        "ORDERING_ES2PLUS_URL": ready["https"],
        "ORDERING_ES2PLUS_CA_FILE": ready["ca_file"],
        "ORDERING_ES2PLUS_REQUESTER": "1.3.6.1.4.1.99999.1",
        "ORDERING_ES2PLUS_SMDP_ADDRESS": ready["smdp_address"],
        "ORDERING_ES2PLUS_ICCIDS": ready["profiles"],
    }


SANDBOXES: Final[Mapping[str, Sandbox]] = MappingProxyType(
    {
        sandbox.name: sandbox
        for sandbox in (
            Sandbox(
                name="salesforce",
                title="Salesforce",
                environment=_salesforce,
                following=MappingProxyType({"ORDERING_SALESFORCE_FOLLOW_EVENTS": "true"}),
            ),
            Sandbox(name="whmcs", title="WHMCS", environment=_whmcs),
            Sandbox(name="sim_network", title="the mobile network", environment=_sim_network),
        )
    }
)
"""Every stand-in that there is, by its name."""

_IN_MEMORY: Final[Mapping[str, MemorySystem]] = MappingProxyType(
    {"whmcs": MemorySystem.WHMCS, "sim_network": MemorySystem.SIM}
)


@contextmanager
def running(sandboxes: Iterable[Sandbox]) -> Generator[Mapping[str, Ready]]:
    """
    Start *sandboxes* side by side and yield what each says, by its name; stop them all afterwards.

    Raises:
        Unusable: One of them does not start.

    """
    with ExitStack() as started:
        children = [(sandbox, started.enter_context(_started(sandbox))) for sandbox in sandboxes]
        yield {sandbox.name: child.ready() for sandbox, child in children}


def environment(ready: Mapping[str, Ready]) -> Mapping[str, str]:
    """
    Return the settings of a process that is to work on the stand-ins that *ready* tells of.

    Beside that of Salesforce, what others stand for is to be in memory.
    """
    missing = [group for name, group in _IN_MEMORY.items() if name not in ready]
    in_memory = {IN_MEMORY: ",".join(missing)} if missing and "salesforce" in ready else {}
    return in_memory | {
        variable: value
        for name, said in ready.items()
        for variable, value in SANDBOXES[name].environment(said).items()
    }


@contextmanager
def _started(sandbox: Sandbox) -> Generator[_Child]:
    """Start *sandbox* and yield it on its way up; stop it afterwards."""
    # -P: a module of the folder we are in must not be taken for one of the stand-in's.
    command = [sys.executable, "-P", "-m", f"ordering_sandbox.{sandbox.name}", "--port", "0"]
    with (
        TemporaryFile() as complaints,
        # In a session of its own: Ctrl-C is for us, who need the stand-in until we have ended what we do.
        subprocess.Popen(  # noqa: S603 - our own module, on this very interpreter
            command, stdin=PIPE, stdout=PIPE, stderr=complaints, start_new_session=True
        ) as process,
    ):
        try:
            yield _Child(sandbox, process, complaints)
        finally:
            _stop(process)


def _stop(process: Popen[bytes]) -> None:
    """Let *process* end as it does when we are gone, and see to it that it does."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(STOP)
    except subprocess.TimeoutExpired:
        process.kill()
    except BaseException:
        process.kill()
        raise


class _Child:
    """A stand-in on its way up."""

    def __init__(self, sandbox: Sandbox, process: Popen[bytes], complaints: IO[bytes]) -> None:
        self._sandbox = sandbox
        self._process = process
        self._complaints = complaints

    def ready(self) -> Ready:
        """Wait for its line and return it. Raises Unusable when none comes, with what it said instead."""
        late = Timer(START, self._process.kill)
        late.start()
        try:
            line = self._process.stdout.readline() if self._process.stdout is not None else b""
        finally:
            late.cancel()
        said = _addresses(line)
        if said is None:
            raise Unusable(f"the sandbox of {self._sandbox.title} does not start: {self._reason()}")
        return said

    def _reason(self) -> str:
        """Return what a person can make of its last words."""
        self._process.kill()
        self._process.wait()
        end = self._complaints.seek(0, 2)
        self._complaints.seek(max(0, end - _LAST_WORDS))
        lines = self._complaints.read().decode(errors="replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        if last.startswith("ModuleNotFoundError"):
            return f"{last}. Install ordering-core[sandbox]."
        again = f"`python -m ordering_sandbox.{self._sandbox.name}` shows more."
        return f"{last or f'it says nothing that can be understood within {START:.0f} s'}. {again}"


def _addresses(line: bytes) -> Ready | None:
    """Return what *line* tells, None when it is not the line of a stand-in that is ready."""
    try:
        said: object = json.loads(line)
        return structure(said, dict[str, str])
    except (ValueError, BaseValidationError, AttributeError):
        return None
