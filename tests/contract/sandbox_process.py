"""A Salesforce org of the sandbox as a child process, and the hands of an admin and of an agent in it."""

import json

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx

from tests.contract.stand_in import Row, StandIn


SEEDS: Final = Path(__file__).parents[2] / "src" / "sandbox" / "ordering_sandbox" / "seeds"


class SalesforceProcess(StandIn):
    """One org on a port of its own; stopped by closing its standard input."""

    def __init__(self) -> None:
        super().__init__("salesforce")
        self._rest = httpx.Client(base_url=self.ready["http"], timeout=30)

    def close(self) -> None:
        self._rest.close()
        super().close()

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
