"""A WHMCS without sockets: calls go straight to its API, as requests that have arrived."""

import base64
import json

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlencode

from ordering_sandbox.clock import SandboxClock
from ordering_sandbox.faults import Switchboard
from ordering_sandbox.json_values import Json, JsonObject
from ordering_sandbox.web import HttpRequest, HttpResponse
from ordering_sandbox.whmcs.api import API, Api
from ordering_sandbox.whmcs.installation import Installation
from ordering_sandbox.whmcs.seed import plant, plant_rows, read_seed
from ordering_sandbox.whmcs.tables import Row
from tests.unit.sandbox.orgs import at


BASE = "http://whmcs.sandbox.example"
CREDENTIALS = {"identifier": "sandbox-identifier", "secret": "sandbox-secret"}
YAMADA, SMITH, CLOSED, NO_LOGIN = "9001", "9002", "9005", "9006"
OPPORTUNITY, LINE = 1, 2
"""What a product's number times ten has to be raised by to be the number of one of its custom fields."""


NEW = {
    "firstname": "花子",
    "lastname": "佐藤",
    "email": "hanako@customer.example",
    "address1": "2-3-4",
    "city": "渋谷区",
    "state": "東京都",
    "postcode": "150-0001",
    "country": "JP",
    "phonenumber": "080-1234-5678",
    "password2": "correct horse",
}
"""What a new client is made of."""


def field(pid: int, which: int) -> int:
    """Return the number of a seeded custom field of product *pid*."""
    return pid * 10 + which


def serialised(values: Mapping[int | str, str]) -> bytes:
    """Return what PHP's serialize makes of *values*."""
    parts = b"".join(
        (f"i:{key};" if isinstance(key, int) else f's:{len(key.encode())}:"{key}";').encode()
        + f's:{len(value.encode())}:"{value}";'.encode()
        for key, value in values.items()
    )
    return b"a:%d:{%b}" % (len(values), parts)


def fields(values: Mapping[int | str, str]) -> str:
    """Return *values* as a client sends custom fields."""
    return base64.b64encode(serialised(values)).decode()


def cart(*pids: int, **more: str) -> dict[str, str]:
    """Return the parameters of an order of *pids* for a client whose card counts."""
    lines = {f"pid[{place}]": str(pid) for place, pid in enumerate(pids)}
    cycles = {f"billingcycle[{place}]": "monthly" for place in range(len(pids))}
    return {"clientid": YAMADA, "paymentmethod": "stripe", "noemail": "1", **lines, **cycles, **more}


class Caller:
    """One installation and one client of it; answers are parsed."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.api = Api(installation)

    def send(
        self,
        body: str | bytes,
        *,
        query: str = "",
        kind: str = "application/x-www-form-urlencoded",
        path: str = API,
        method: str = "POST",
        cookie: str = "",
    ) -> HttpResponse:
        return self.api.answer(
            HttpRequest(
                method=method,
                path=path,
                raw_path=path,
                query=query,
                headers={"content-type": kind, "cookie": cookie},
                body=body.encode() if isinstance(body, str) else body,
                base_url=BASE,
            )
        )

    def call(self, action: str, **parameters: str) -> Json:
        """Call an action whatever it answers."""
        form = {**CREDENTIALS, "action": action, "responsetype": "json", **parameters}
        value: Json = json.loads(self.send(urlencode(form)).body)
        return value

    def done(self, action: str, **parameters: str) -> JsonObject:
        """Call an action that is to succeed."""
        answer = self.call(action, **parameters)
        assert isinstance(answer, dict), answer
        assert answer["result"] == "success", answer
        return answer

    def refused(self, action: str, **parameters: str) -> str:
        """Call an action that is to be refused; return why it was."""
        answer = self.call(action, **parameters)
        assert at(answer, "result") == "error", answer
        return str(at(answer, "message"))

    def order(self, *pids: int, **more: str) -> JsonObject:
        return self.done("AddOrder", **cart(*pids, **more))

    def services(self, **wanted: str) -> list[JsonObject]:
        found = at(self.done("GetClientsProducts", **wanted), "products", "product")
        assert isinstance(found, list)
        return [service for service in found if isinstance(service, dict)]

    def invoice(self, order: JsonObject) -> JsonObject:
        return self.done("GetInvoice", invoiceid=str(order["invoiceid"]))

    def rows(self, table: str) -> list[Row]:
        with self.installation.work() as work:
            return work.rows.find(table)

    def plant(self, **tables: Json) -> None:
        with self.installation.work() as work:
            plant_rows(work, tables)

    def fault(self, **fault: Json) -> None:
        self.installation.faults.switch_on(fault)


@contextmanager
def installed(seed: JsonObject | None = None) -> Iterator[Caller]:
    """Open an installation with the shipped seed, or another, for as long as this lasts."""
    installation = Installation(None, clock=SandboxClock(), faults=Switchboard())
    plant(installation, seed or read_seed(None))
    try:
        yield Caller(installation)
    finally:
        installation.close()
