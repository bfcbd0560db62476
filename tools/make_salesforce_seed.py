"""
Write the seed of the Salesforce stand-in: `python tools/make_salesforce_seed.py`.

Products and prices follow the shipped catalogue, which a test compares with the seed; customers, users,
statuses and stages are the seed's own. Ids are written out, so that examples may name them.
"""

import json
import tomllib

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias


Record: TypeAlias = dict[str, str | int | float | bool | dict[str, str] | None]

SRC: Final = Path(__file__).parents[1] / "src"
CATALOGUE: Final = SRC / "adapters" / "ordering_adapters" / "catalogue.toml"
SEED: Final = SRC / "sandbox" / "ordering_sandbox" / "seeds" / "salesforce.json"

SUFFIX: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
FAMILIES: Final = {"internet": "Internet", "sim": "SIM", "vpn": "VPN"}
STATUSES: Final = (
    ("Draft", "Draft"),
    ("Pending Review", "Draft"),
    ("Approved", "Draft"),
    ("Cancelled", "Draft"),
    ("Activated", "Activated"),
)
STAGES: Final = (
    ("Introduction", 30, False, False),
    ("Ready", 60, False, False),
    ("Post Processing", 75, False, False),
    ("Active", 90, False, False),
    ("△Cancelling", 100, False, False),
    ("Cancelled", 100, True, True),
    ("Void", 0, True, False),
)
USERS: Final = (
    ("integration@sandbox.example", "Portal Integration"),
    ("agent@sandbox.example", "Support Agent"),
    ("supervisor@sandbox.example", "Support Supervisor"),
)
CLIENTS: Final = (
    {
        "consumer_key": "sandbox-consumer-key",
        "consumer_secret": "sandbox-consumer-secret",
        "username": "integration@sandbox.example",
    },
)


def record_id(prefix: str, number: int) -> str:
    """Return the id of the *number*-th seeded record of an object: a range of its own, told by SD."""
    short = f"{prefix}SD0{number:09d}"
    chunks = (short[start : start + 5] for start in (0, 5, 10))
    return short + "".join(
        SUFFIX[sum(1 << at for at, sign in enumerate(chunk) if "A" <= sign <= "Z")] for chunk in chunks
    )


def record(kind: str, prefix: str, number: int, **fields: str | float | bool | None) -> Record:
    """Return one record as Salesforce writes it."""
    return {"attributes": {"type": kind}, "Id": record_id(prefix, number), **fields}


def organisation() -> Iterator[Record]:
    """Yield the org itself, its users, statuses and stages."""
    yield record(
        "Organization",
        "00D",
        1,
        Name="Ordering Sandbox",
        InstanceName="SBX1",
        IsSandbox=True,
        OrganizationType="Developer Edition",
        TimeZoneSidKey="Asia/Tokyo",
    )
    for number, (username, name) in enumerate(USERS, start=1):
        yield record(
            "User",
            "005",
            number,
            Username=username,
            Name=name,
            Email=username,
            TimeZoneSidKey="Asia/Tokyo",
            IsActive=True,
        )
    for number, (name, category) in enumerate(STATUSES, start=1):
        yield record(
            "OrderStatus",
            "0Os",
            number,
            ApiName=name,
            MasterLabel=name,
            SortOrder=number,
            IsDefault=number == 1,
            StatusCode=category,
        )
    for number, (name, probability, closed, won) in enumerate(STAGES, start=1):
        yield record(
            "OpportunityStage",
            "01J",
            number,
            ApiName=name,
            MasterLabel=name,
            IsActive=True,
            SortOrder=number,
            DefaultProbability=probability,
            IsClosed=closed,
            IsWon=won,
        )


def customers() -> Iterator[Record]:
    """Yield two customers: one whom everything is known of, one who has just signed up."""
    integration = record_id("005", 1)
    yield record(
        "Account",
        "001",
        1,
        Name="山田 太郎",
        AccountNumber="C-10001",
        Type="Customer",
        Phone="09012345678",
        OwnerId=integration,
        BillingStreet="丸の内1-1-1\nサンドボックスビル\n101",
        BillingCity="千代田区",
        BillingState="東京都",
        BillingPostalCode="100-0005",
        BillingCountry="Japan",
        Internet_Eligibility__c="Apartment 1G",
        Internet_Eligibility_Status__c="Checked",
        Internet_Eligibility_Checked_Date_Time__c="2026-11-01T01:00:00.000+0000",
        Id_Verification_Status__c="Verified",
        Id_Verification_Verified_Date_Time__c="2026-11-02T02:00:00.000+0000",
        Id_Verification_Method__c="IC chip",
    )
    yield record(
        "Account",
        "001",
        2,
        Name="Jane Smith",
        AccountNumber="C-10002",
        Type="Customer",
        Phone="08087654321",
        OwnerId=integration,
        BillingStreet="2-3-4 Umeda",
        BillingCity="Kita-ku, Osaka-shi",
        BillingState="Osaka",
        BillingPostalCode="530-0001",
        BillingCountry="Japan",
    )
    people = (
        ("山田", "太郎", "taro.yamada@customer.example"),
        ("Smith", "Jane", "jane.smith@customer.example"),
    )
    for number, (last, first, email) in enumerate(people, start=1):
        yield record(
            "Contact",
            "003",
            number,
            AccountId=record_id("001", number),
            LastName=last,
            FirstName=first,
            Email=email,
            OwnerId=integration,
        )


def products(catalogue: Mapping[str, Mapping[str, Mapping[str, str | int | bool]]]) -> Iterator[Record]:
    """Yield both price books, and for every SKU its product, its standard price and the portal's price."""
    yield record("Pricebook2", "01s", 1, Name="Standard Price Book", IsActive=True, IsStandard=True)
    yield record("Pricebook2", "01s", 2, Name="Portal", IsActive=True, IsStandard=False)
    items = [(family, sku, item) for family, found in catalogue.items() for sku, item in found.items()]
    for number, (family, sku, item) in enumerate(items, start=1):
        yield record(
            "Product2",
            "01t",
            number,
            Name=item["name"],
            ProductCode=sku,
            StockKeepingUnit=sku,
            Family=FAMILIES[family],
            IsActive=item.get("active", True),
            WH_Product_ID__c=item["billing_product"],
            Billing_Cycle__c=item["cycle"],
            Item_Class__c=item["item_class"],
        )
    for number, (_, sku, item) in enumerate(items, start=1):
        for book in (1, 2):
            yield record(
                "PricebookEntry",
                "01u",
                2 * number + book - 2,
                Pricebook2Id=record_id("01s", book),
                Product2Id=record_id("01t", number),
                UnitPrice=item["price"],
                IsActive=item.get("active", True),
                Name=item["name"],
                ProductCode=sku,
            )


def with_check_digit(digits: str) -> str:
    """Return *digits* with the digit that makes them an ICCID (Luhn)."""
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-sum(value // 10 + value % 10 for value in doubled) % 10}"


def cards() -> Iterator[Record]:
    """Yield the SIM cards in stock, and one that cannot be used."""
    for number in range(1, 7):
        yield record(
            "SIM_Inventory__c",
            "a0S",
            number,
            Name=f"SIM-{number:04d}",
            ICCID__c=with_check_digit(f"898110{number:012d}"),
            Product_Number__c=f"PT02{number:011d}",
            Phone_Number__c=f"0702000{number:04d}",
            Status__c="Defective" if number == 6 else "In Stock",  # noqa: PLR2004 - the last one
        )


def main() -> None:
    """Write the seed file."""
    catalogue = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    seed = {
        "clients": CLIENTS,
        "records": [*organisation(), *customers(), *products(catalogue), *cards()],
    }
    lines = ",\n    ".join(json.dumps(entry, ensure_ascii=False) for entry in seed["records"])
    clients = ",\n    ".join(json.dumps(client) for client in CLIENTS)
    text = f'{{\n  "clients": [\n    {clients}\n  ],\n  "records": [\n    {lines}\n  ]\n}}\n'
    SEED.write_text(text, encoding="utf-8")
    print(f"{SEED.relative_to(SRC.parent)}: {len(seed['records'])} records")


if __name__ == "__main__":
    main()
