"""A mobile network of the sandbox as a child process, and the hands of its staff and of devices in it."""

import json
import subprocess
import sys

from pathlib import Path
from typing import Final

import httpx

from ordering_core.domain.identifiers import OrderId


SOURCES: Final = Path(__file__).parents[2] / "src" / "sandbox"

Row = dict[str, object]


class SimNetworkProcess:
    """One network on ports of its own; stopped by closing its standard input."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ordering_sandbox.sim_network", "--port", "0"],
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

    def admin(self, method: str, path: str, body: object = None, **query: str) -> object:
        answer = self._admin.request(method, path, json=body, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, **fault: object) -> None:
        self.admin("POST", "faults", fault)

    def switch(self, **switches: object) -> None:
        self.admin("PUT", "switches", switches)

    def lines(self, order: OrderId | None = None) -> list[Row]:
        """Return every line, or those asked for under *order*, as the network's staff see them."""
        return self._rows("lines", **({} if order is None else {"requestKey": str(order)}))

    def profiles(self) -> list[Row]:
        """Return every profile, in stock or not."""
        return self._rows("profiles", all="1")

    def completions(self) -> bytes:
        """Return the file of completions."""
        said = self.admin("GET", "completions")
        assert isinstance(said, dict)
        return bytes.fromhex(str(said["hex"]))

    def calls(self) -> list[str]:
        """Return the last parts of the paths that were called, in their order, and forget them."""
        counted = self.admin("GET", "calls")
        self.admin("DELETE", "calls")
        assert isinstance(counted, dict)
        return [str(call["path"]).strip("/").rpartition("/")[2] for call in counted["calls"]]

    def _rows(self, path: str, **query: str) -> list[Row]:
        found = self.admin("GET", path, **query)
        assert isinstance(found, list)
        return found
