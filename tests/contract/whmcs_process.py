"""A WHMCS installation of the sandbox as a child process, and the hands of an administrator in it."""

import json
import subprocess
import sys

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import httpx


SOURCES: Final = Path(__file__).parents[2] / "src" / "sandbox"

Row = dict[str, object]


class WhmcsProcess:
    """One installation on a port of its own; stopped by closing its standard input."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ordering_sandbox.whmcs", "--port", "0"],
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
        asked = {name: str(value) for name, value in query.items()}
        answer = self._admin.request(method, path, json=body, params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rows(self, table: str, **columns: object) -> list[Row]:
        found = self.admin("GET", "rows", table=table, **columns)
        assert isinstance(found, list)
        return found

    def plant(self, table: str, row: Row) -> int:
        made = self.admin("POST", "rows", {table: [row]})
        assert isinstance(made, dict)
        return int(made[table][0])

    def change(self, table: str, row: object, **values: object) -> None:
        self.admin("PUT", "rows", {"table": table, "id": row, "values": values})

    def fault(self, **fault: object) -> None:
        self.admin("POST", "faults", fault)

    def switch(self, **switches: object) -> None:
        self.admin("PUT", "switches", switches)

    def actions(self) -> list[str]:
        """Return the actions that were called, in their order, and forget them."""
        counted = self.admin("GET", "calls")
        self.admin("DELETE", "calls")
        assert isinstance(counted, dict)
        return [str(call["path"]) for call in counted["calls"]]


def seed(
    fields: Iterable[str],
    *,
    monthly: Mapping[int, int],
    once: Mapping[int, int],
    switches: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Return an installation without clients that sells products at these prices, each with *fields*."""
    products = [
        _product(number, price, paytype)
        for prices, paytype in ((monthly, "recurring"), (once, "onetime"))
        for number, price in prices.items()
    ]
    return {
        "admins": [{"id": 1, "username": "portal", "password": "sandbox-password"}],
        "credentials": [{"identifier": "sandbox-identifier", "secret": "sandbox-secret", "admin": "portal"}],
        "currencies": [{"id": 1, "code": "JPY", "prefix": "¥", "suffix": " JPY", "format": "4"}],
        "gateways": [
            {"id": 1, "module": "stripe", "displayname": "Credit Card", "type": "CreditCard"},
            {"id": 2, "module": "banktransfer", "displayname": "Bank", "type": "Bank", "remote": 0},
        ],
        "groups": [{"id": 1, "name": "SIM"}],
        "products": products,
        "customfields": [
            {"id": product * 10 + place, "relid": product, "fieldname": field}
            for product in (*monthly, *once)
            for place, field in enumerate(fields, 1)
        ],
        "switches": dict(switches or {}),
    }


def _product(number: int, price: int, paytype: str) -> Row:
    return {
        "id": number,
        "name": f"product {number}",
        "paytype": paytype,
        "pricing": {"JPY": {"monthly": f"{price}.00"}},
    }
