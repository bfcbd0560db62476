"""An org without sockets: calls go straight to its REST API, as requests that have arrived."""

import json

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, urlencode, urlsplit

from ordering_sandbox.clock import SandboxClock
from ordering_sandbox.faults import Switchboard
from ordering_sandbox.json_values import Json, JsonObject
from ordering_sandbox.salesforce.org import Org
from ordering_sandbox.salesforce.rest import RestApi
from ordering_sandbox.salesforce.seed import plant, read_seed
from ordering_sandbox.web import HttpRequest, HttpResponse


BASE = "https://org.sandbox.example"
DATA = "/services/data/v66.0"
KEY, SECRET = "sandbox-consumer-key", "sandbox-consumer-secret"


def at(value: Json, *path: str | int) -> Json:
    """Return what is in *value* on *path*."""
    for step in path:
        if isinstance(step, int):
            assert isinstance(value, list), value
            value = value[step]
        else:
            assert isinstance(value, dict), value
            value = value[step]
    return value


def listed(value: Json, *path: str | int) -> list[Json]:
    """Return the list in *value* on *path*."""
    found = at(value, *path)
    assert isinstance(found, list), found
    return found


class Desk:
    """One org and one client of it; answers are parsed."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.rest = RestApi(org)
        self.token = self.log_in()

    def log_in(self) -> str:
        form = {"grant_type": "client_credentials", "client_id": KEY, "client_secret": SECRET}
        answer = self.form("/services/oauth2/token", form)
        return str(json.loads(answer.body)["access_token"])

    def form(
        self, path: str, values: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> HttpResponse:
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self.send("POST", path, urlencode(values).encode(), {**kind, **(headers or {})})

    def send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpResponse:
        parts = urlsplit(path)
        return self.rest.answer(
            HttpRequest(
                method=method,
                path=parts.path,
                raw_path=parts.path,
                query=parts.query,
                headers={name.lower(): value for name, value in (headers or {}).items()},
                body=body,
                base_url=BASE,
            )
        )

    def call(
        self, method: str, path: str, body: Json = None, headers: Mapping[str, str] | None = None
    ) -> HttpResponse:
        """Call the data API with the client's token."""
        own = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        raw = b"" if body is None else json.dumps(body).encode()
        return self.send(method, f"{DATA}{path}", raw, {**own, **(headers or {})})

    def ask(
        self, method: str, path: str, body: Json = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Json]:
        """Call the data API; return status and JSON."""
        answer = self.call(method, path, body, headers)
        return answer.status, json.loads(answer.body) if answer.body else None

    def query(self, soql: str) -> list[JsonObject]:
        status, answer = self.ask("GET", f"/query?q={quote(soql)}")
        assert status == 200, answer
        return [record for record in listed(answer, "records") if isinstance(record, dict)]

    def refused(
        self, method: str, path: str, body: Json = None, headers: Mapping[str, str] | None = None
    ) -> list[tuple[int, str]]:
        """Return status and code of every error of a call that is refused."""
        status, answer = self.ask(method, path, body, headers)
        return [(status, str(at(error, "errorCode"))) for error in listed(answer)]

    def create(self, kind: str, **fields: Json) -> str:
        status, answer = self.ask("POST", f"/sobjects/{kind}", fields)
        assert status == 201, answer
        return str(at(answer, "id"))

    def count(self, kind: str) -> int:
        status, answer = self.ask("GET", f"/query?q=SELECT+COUNT()+FROM+{kind}")
        assert status == 200
        total = at(answer, "totalSize")
        assert isinstance(total, int)
        return total

    def id_of(self, soql: str) -> str:
        return str(self.query(soql)[0]["Id"])

    @property
    def account(self) -> str:
        return self.id_of("SELECT Id FROM Account WHERE AccountNumber = 'C-10001'")

    @property
    def book(self) -> str:
        return self.id_of("SELECT Id FROM Pricebook2 WHERE Name = 'Portal'")

    def entry(self, sku: str, book: str = "Portal") -> str:
        return self.id_of(
            f"SELECT Id FROM PricebookEntry WHERE Pricebook2.Name = '{book}'"
            f" AND Product2.StockKeepingUnit = '{sku}'"
        )

    def order(self, **fields: Json) -> JsonObject:
        """Return an order that would be taken, with *fields* changed."""
        return {
            "AccountId": self.account,
            "Pricebook2Id": self.book,
            "EffectiveDate": "2026-11-22",
            "Status": "Draft",
            "Type": "SIM",
            **fields,
        }

    def item(self, order: str, **fields: Json) -> JsonObject:
        """Return an item that would be taken, with *fields* changed."""
        return {
            "OrderId": order,
            "PricebookEntryId": self.entry("SIM-DATA-3GB"),
            "Quantity": 1,
            "UnitPrice": 780,
            **fields,
        }


@cache
def _seeded_file() -> bytes:
    """Return an org's database with the shipped seed: copying it is faster than planting."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "org.sqlite3"
        org = Org(file, clock=SandboxClock(), faults=Switchboard())
        plant(org, read_seed(None))
        org.close()
        return file.read_bytes()


@contextmanager
def seeded_desk() -> Iterator[Desk]:
    """Open an org with the shipped seed."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "org.sqlite3"
        file.write_bytes(_seeded_file())
        org = Org(file, clock=SandboxClock(), faults=Switchboard())
        try:
            yield Desk(org)
        finally:
            org.close()
