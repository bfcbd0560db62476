"""
Write the seed of the WHMCS stand-in: `python tools/make_whmcs_seed.py`.

Products and prices follow the shipped catalogue, which a test compares with the seed; clients are those of
the Salesforce seed, by name and e-mail, and a few whose cards or accounts do not count.
"""

import json
import tomllib

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias


Row: TypeAlias = dict[str, object]

SRC: Final = Path(__file__).parents[1] / "src"
CATALOGUE: Final = SRC / "adapters" / "ordering_adapters" / "catalogue.toml"
SEED: Final = SRC / "sandbox" / "ordering_sandbox" / "seeds" / "whmcs.json"

GROUPS: Final = {"internet": "Internet", "sim": "SIM", "vpn": "VPN"}
PAYTYPES: Final = {"Monthly": "recurring", "One-time": "onetime"}
FIELDS: Final = {
    "OpportunityId": "The Salesforce Opportunity of the service",
    "SalesforceOrderItemId": "The line of the Salesforce Order that the service was ordered by",
    "SalesforceOrderId": "The Salesforce Order that the service was ordered by",
}
CARD: Final = {"type": "RemoteCreditCard", "gateway_name": "stripe", "card_type": "Visa"}


def installation() -> dict[str, list[Row]]:
    """Return who may call, and how customers pay."""
    return {
        "admins": [{"id": 1, "username": "portal", "password": "sandbox-password"}],
        "credentials": [{"identifier": "sandbox-identifier", "secret": "sandbox-secret", "admin": "portal"}],
        "currencies": [{"id": 1, "code": "JPY", "prefix": "¥", "suffix": " JPY", "format": "4"}],
        "gateways": [
            {"id": 1, "module": "stripe", "displayname": "Credit Card", "type": "CreditCard"},
            {"id": 2, "module": "banktransfer", "displayname": "Bank Transfer", "type": "Bank", "remote": 0},
            {"id": 3, "module": "gocardless", "displayname": "Direct Debit", "type": "Bank"},
        ],
        "groups": [{"id": number, "name": name} for number, name in enumerate(GROUPS.values(), start=1)],
    }


def customers() -> dict[str, list[Row]]:
    """Return the clients: two of the Salesforce seed, the second without a card, and four to be refused."""
    people: tuple[tuple[str, str, str, Row], ...] = (
        ("太郎", "山田", "taro.yamada@customer.example", {"postcode": "100-0005", "state": "東京都"}),
        ("Jane", "Smith", "jane.smith@customer.example", {"postcode": "530-0001", "state": "Osaka"}),
        ("Expired", "Card", "expired.card@customer.example", {}),
        ("Other", "Gateway", "other.gateway@customer.example", {}),
        ("Closed", "Account", "closed.account@customer.example", {"status": "Closed"}),
        ("No", "Login", "no.login@customer.example", {"allow_sso": 0}),
    )
    addresses: tuple[Row, ...] = (
        {"address1": "丸の内1-1-1", "address2": "サンドボックスビル 101", "city": "千代田区"},
        {"address1": "2-3-4 Umeda", "city": "Kita-ku, Osaka-shi"},
    )
    clients: list[Row] = []
    users: list[Row] = []
    for place, (first, last, email, more) in enumerate(people):
        name: Row = {"firstname": first, "lastname": last, "email": email}
        address = addresses[place] if place < len(addresses) else {}
        client: Row = {
            "id": 9001 + place,
            "uuid": f"5a6d0000-0000-4000-8000-{9001 + place:012d}",
            **name,
            "phonenumber": f"090123456{place + 78}",
            "datecreated": "2026-10-01",
            **address,
            **more,
        }
        clients.append(client)
        password = f"sandbox-password-{place + 1}"
        users.append({"id": 401 + place, **name, "password": password, "datecreated": "2026-10-01 09:00:00"})
    links: list[Row] = [{"client": 9001 + place, "user": 401 + place} for place in range(len(people))]
    return {"clients": clients, "users": users, "clientusers": links, "paymethods": pay_methods()}


def pay_methods() -> list[Row]:
    """Return the cards: one that counts, one long expired, one of a gateway that nobody orders with."""
    remote = '{"customer":"cus_sandbox","method":"pm_sandbox"}'
    stamp = "01/10/2026 09:00"
    return [
        {
            "id": 201,
            "clientid": 9001,
            **CARD,
            "description": "Visa-4242",
            "card_last_four": "4242",
            "expiry_date": "12/35",
            "remote_token": remote,
            "last_updated": stamp,
        },
        {
            "id": 202,
            "clientid": 9003,
            **CARD,
            "description": "Visa-0069",
            "card_last_four": "0069",
            "expiry_date": "03/24",
            "remote_token": remote,
            "last_updated": stamp,
        },
        {
            "id": 203,
            "clientid": 9004,
            "type": "RemoteBankAccount",
            "gateway_name": "gocardless",
            "description": "Direct Debit",
            "remote_token": "MD000000001",
            "last_updated": stamp,
        },
    ]


def products(
    catalogue: Mapping[str, Mapping[str, Mapping[str, str | int | bool]]],
) -> Iterator[tuple[Row, list[Row]]]:
    """Yield every product of the catalogue with its custom fields, whose numbers no two products share."""
    for gid, family in enumerate(GROUPS, start=1):
        for sku, item in catalogue[family].items():
            pid = int(item["billing_product"])
            product: Row = {
                "id": pid,
                "gid": gid,
                "name": item["name"],
                "slug": sku.lower(),
                "paytype": PAYTYPES[str(item["cycle"])],
                "pricing": {"JPY": {"monthly": f"{item['price']}.00"}},
                "retired": int(not item.get("active", True)),
            }
            fields: list[Row] = [
                {"id": pid * 10 + place, "relid": pid, "fieldname": name, "description": what}
                for place, (name, what) in enumerate(FIELDS.items(), start=1)
            ]
            yield product, fields


def main() -> None:
    """Write the seed file."""
    catalogue = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    sold = list(products(catalogue))
    seed: dict[str, list[Row]] = {
        **installation(),
        **customers(),
        "products": [product for product, _ in sold],
        "customfields": [field for _, fields in sold for field in fields],
    }
    tables = ",\n  ".join(
        f'"{table}": [\n    ' + ",\n    ".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n  ]"
        for table, rows in seed.items()
    )
    SEED.write_text(f"{{\n  {tables}\n}}\n", encoding="utf-8")
    print(f"{SEED.relative_to(SRC.parent)}: {sum(len(rows) for rows in seed.values())} rows")


if __name__ == "__main__":
    main()
