"""A WHMCS installation of the sandbox as a child process, and the hands of an administrator in it."""

from collections.abc import Iterable, Mapping

from tests.contract.stand_in import Row, StandIn


class WhmcsProcess(StandIn):
    """One installation on a port of its own; stopped by closing its standard input."""

    def __init__(self) -> None:
        super().__init__("whmcs")

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
