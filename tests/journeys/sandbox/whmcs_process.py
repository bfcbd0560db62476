"""The WHMCS as a process of its own, and who talks to it: plain HTTP and its admin endpoint."""

import json
import subprocess
import sys

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx

from ordering_sandbox.json_values import Json
from tests.unit.sandbox.orgs import at


API = "/includes/api.php"


class RunningWhmcs:
    """A running installation, by the line of JSON it printed."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self.addresses = addresses
        self.client = httpx.Client(base_url=addresses["http"], timeout=10, trust_env=False)
        self.desk = httpx.Client(base_url=addresses["admin"], timeout=10, trust_env=False)

    def form(self, action: str, **parameters: str) -> dict[str, str]:
        known = {name: self.addresses[name] for name in ("identifier", "secret")}
        return {**known, "action": action, "responsetype": "json", **parameters}

    def call(self, action: str, **parameters: str) -> Json:
        value: Json = self.client.post(API, data=self.form(action, **parameters)).json()
        return value

    def order(self, **more: str) -> Json:
        return self.call("AddOrder", clientid="9001", paymentmethod="stripe", **{"pid[0]": "101", **more})

    def orders(self) -> int:
        """Return how many orders there are, uncounted."""
        found = self.admin("GET", "rows", table="orders")
        assert isinstance(found, list)
        return len(found)

    def admin(self, method: str, path: str, body: Json = None, **query: str) -> Json:
        answer = self.desk.request(method, f"/{path}", json=body, params=query)
        assert answer.status_code == 200, answer.text
        value: Json = answer.json()
        return value

    def fault(self, **fault: Json) -> None:
        self.admin("POST", "faults", fault)

    def counts(self) -> dict[str, Json]:
        """Return how often each action was called."""
        sums = at(self.admin("GET", "calls"), "by_path")
        assert isinstance(sums, list)
        return {str(at(entry, "path")): at(entry, "count") for entry in sums}


@contextmanager
def running_whmcs(*arguments: str) -> Iterator[RunningWhmcs]:
    """Run an installation for as long as this lasts."""
    command = [sys.executable, "-m", "ordering_sandbox.whmcs", "--port", "0", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        whmcs = RunningWhmcs(json.loads(process.stdout.readline()))
        try:
            yield whmcs
        finally:
            whmcs.client.close()
            whmcs.desk.close()
            process.stdin.close()
            assert process.wait(15) == 0
