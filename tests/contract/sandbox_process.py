"""A Salesforce org of the sandbox as a child process, and the hands of an admin and of an agent in it."""

import json
import subprocess
import sys

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx


SEEDS: Final = Path(__file__).parents[2] / "src" / "sandbox" / "ordering_sandbox" / "seeds"
SOURCES: Final = Path(__file__).parents[2] / "src" / "sandbox"

Row = dict[str, object]


class SalesforceProcess:
    """One org on a port of its own; stopped by closing its standard input."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ordering_sandbox.salesforce", "--port", "0"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": str(SOURCES), "PATH": ""},
            text=True,
        )
        assert self._process.stdout is not None
        self.ready: dict[str, str] = json.loads(self._process.stdout.readline())
        self._admin = httpx.Client(base_url=self.ready["admin"], timeout=30)
        self._rest = httpx.Client(base_url=self.ready["http"], timeout=30)

    def close(self) -> None:
        self._admin.close()
        self._rest.close()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def admin(self, method: str, path: str, body: object = None) -> object:
        answer = self._admin.request(method, path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def query(self, soql: str) -> list[Row]:
        answer = self._admin.get("query", params={"q": soql})
        assert answer.status_code == 200, answer.text
        rows: list[Row] = answer.json()["records"]
        return rows

    def row(self, kind: str, record: str, *fields: str) -> Row:
        return self.query(f"SELECT {', '.join(fields)} FROM {kind} WHERE Id = '{record}'")[0]

    def write(self, kind: str, fields: Mapping[str, object], record: str = "") -> str:
        """Do what an agent does in the screens: rules and flows apply."""
        answer = self.admin("POST", "agent", {"object": kind, "id": record, "fields": dict(fields)})
        assert isinstance(answer, dict)
        return str(answer["id"])

    def fault(self, **fault: object) -> None:
        self.admin("POST", "faults", fault)

    def counted(self) -> dict[str, object]:
        """Return how many calls there were and how large."""
        answer = self.admin("GET", "calls")
        assert isinstance(answer, dict)
        return answer

    def data_calls(self) -> list[Row]:
        """Return the calls of the API, without those for tokens."""
        calls = self.counted()["calls"]
        assert isinstance(calls, list)
        return [call for call in calls if str(call["path"]).startswith("/services/data")]

    def download(self, version: str) -> bytes:
        """Return the content of a file."""
        token = self._rest.post(
            "/services/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(self.ready["client_id"], self.ready["client_secret"]),
        ).json()["access_token"]
        path = f"/services/data/v66.0/sobjects/ContentVersion/{version}/VersionData"
        answer = self._rest.get(path, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200
        return answer.content


def bare_seed() -> dict[str, list[Row]]:
    """Return the shipped seed without customers and products."""
    seed: dict[str, list[Row]] = json.loads((SEEDS / "salesforce.json").read_text())
    left_out = {"Account", "Contact", "Product2", "PricebookEntry", "SIM_Inventory__c"}
    return {**seed, "records": [row for row in seed["records"] if _kind(row) not in left_out]}


def _kind(row: Row) -> str:
    attributes = row["attributes"]
    assert isinstance(attributes, dict)
    return str(attributes["type"])
