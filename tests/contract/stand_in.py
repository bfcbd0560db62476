"""Any stand-in of the sandbox as a child process, with its admin endpoint in hand."""

import json
import subprocess
import sys

from pathlib import Path
from typing import Final

import httpx


SOURCES: Final = Path(__file__).parents[2] / "src" / "sandbox"

Row = dict[str, object]


class StandIn:
    """One stand-in on ports of its own; stopped by closing its standard input."""

    def __init__(self, name: str) -> None:
        """Start ``ordering_sandbox.NAME`` and wait until it answers."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"ordering_sandbox.{name}", "--port", "0"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": str(SOURCES), "PATH": ""},
            text=True,
        )
        assert self._process.stdout is not None
        self.ready: dict[str, str] = json.loads(self._process.stdout.readline())
        self._admin = httpx.Client(base_url=self.ready["admin"], timeout=30)

    def close(self) -> None:
        self._admin.close()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def admin(self, method: str, path: str, body: object = None, **query: object) -> object:
        """Ask the admin endpoint."""
        asked = {name: str(value) for name, value in query.items()}
        answer = self._admin.request(method, path, json=body, params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, **fault: object) -> None:
        """Let something go wrong."""
        self.admin("POST", "faults", fault)
