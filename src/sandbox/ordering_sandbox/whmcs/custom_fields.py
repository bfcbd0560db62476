"""The values of products' and clients' custom fields, by the numbers of the fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ordering_sandbox.json_values import Json
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.tables import Row


PRODUCT: Final = "product"
CLIENT: Final = "client"


def fields_of(work: Work, kind: str, owner: int) -> list[Row]:
    """Return the custom fields of one product, or of clients (*owner* 0)."""
    return work.rows.find("customfields", type=kind, relid=owner)


def set_fields(
    work: Work, relid: int, product: int, values: Mapping[int | str, str], *, kind: str = PRODUCT
) -> None:
    """Store *values* of the fields that *product* has; names and other numbers are passed over."""
    known = {int(field["id"]) for field in fields_of(work, kind, product)}
    for key, value in values.items():
        if isinstance(key, int) and key in known:
            work.rows.delete("fieldvalues", fieldid=key, relid=relid)
            work.rows.insert("fieldvalues", {"fieldid": key, "relid": relid, "value": value})


def field_values(work: Work, kind: str, owner: int, relid: int) -> dict[int, str]:
    """Return the values of a service's or a client's fields, empty ones too, by number."""
    stored = {int(row["fieldid"]): str(row["value"]) for row in work.rows.find("fieldvalues", relid=relid)}
    return {int(field["id"]): stored.get(int(field["id"]), "") for field in fields_of(work, kind, owner)}


def service_fields(work: Work, service: Row) -> Json:
    """Return a service's fields as GetClientsProducts says them."""
    product = int(service["pid"])
    values = field_values(work, PRODUCT, product, int(service["id"]))
    names = {int(field["id"]): str(field["fieldname"]) for field in fields_of(work, PRODUCT, product)}
    if not work.switches.custom_field_names:
        return [{"id": number, "value": value} for number, value in values.items()]
    return [
        {"id": number, "name": names[number], "translated_name": names[number], "value": value}
        for number, value in values.items()
    ]
