"""
A Japanese address in Salesforce's five lines, and back.

The street holds what there is beside prefecture, city and postal code, one part a line: town and number,
building, room. State and country are written as the org spells them (the texts of the field table). Where it
keeps lists of them, it has fields for their codes too, whatever language its lists are in: a field that is
named BillingStateCode gets the prefecture's number, BillingCountryCode the country's letters (reference 2.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from types import MappingProxyType
from typing import Final

import attrs

from ordering_adapters.salesforce.fields import Field, Names, Value
from ordering_adapters.salesforce.rows import Record
from ordering_core.domain.address import PostalAddress
from ordering_core.domain.prefectures import PREFECTURES, prefecture_code
from ordering_core.domain.text import InvalidValue


@attrs.frozen(kw_only=True)
class AddressFields:
    """The five fields of one address."""

    street: Field
    city: Field
    state: Field
    postal_code: Field
    country: Field

    @property
    def all(self) -> tuple[Field, ...]:
        """Every one of them."""
        return (self.street, self.city, self.state, self.postal_code, self.country)


ACCOUNT_ADDRESS: Final = AddressFields(
    street=Field.ACCOUNT_STREET,
    city=Field.ACCOUNT_CITY,
    state=Field.ACCOUNT_STATE,
    postal_code=Field.ACCOUNT_POSTAL_CODE,
    country=Field.ACCOUNT_COUNTRY,
)
ORDER_ADDRESS: Final = AddressFields(
    street=Field.ORDER_STREET,
    city=Field.ORDER_CITY,
    state=Field.ORDER_STATE,
    postal_code=Field.ORDER_POSTAL_CODE,
    country=Field.ORDER_COUNTRY,
)

STATE_CODE: Final = "StateCode"
COUNTRY_CODE: Final = "CountryCode"
"""How the names of fields end that hold codes."""

_COUNTRIES: Final[Mapping[str, str]] = MappingProxyType({"Japan": "JP"})
_LINES: Final = ("town_and_number", "building", "room")


def address_values(
    fields: AddressFields, address: PostalAddress, names: Names, *, country: str
) -> Mapping[Field, Value]:
    """Return what to write into *fields*."""
    state = address.prefecture
    if names[fields.state].endswith(STATE_CODE):
        state = prefecture_code(state) or state
    if names[fields.country].endswith(COUNTRY_CODE):
        country = _COUNTRIES.get(country, country)
    street = f"{address.town_and_number}\n{address.building}\n{address.room}".rstrip("\n")
    return MappingProxyType(
        {
            fields.street: street,
            fields.city: address.city,
            fields.state: state,
            fields.postal_code: str(address.postal_code),
            fields.country: country,
        }
    )


def address_in(record: Record, fields: AddressFields) -> PostalAddress | None:
    """Return the address in *record*, None when there is none or staff wrote one that cannot be read."""
    lines = (record.raw(fields.street)).replace("\r\n", "\n").split("\n")
    if len(lines) > len(_LINES):
        lines = [lines[0], " ".join(lines[1:-1]), lines[-1]]
    typed = dict(zip_longest(_LINES, lines, fillvalue=""))
    typed["city"] = record.raw(fields.city)
    typed["prefecture"] = _prefecture(record.text(fields.state) or "", typed["city"])
    typed["postal_code"] = record.raw(fields.postal_code)
    try:
        return PostalAddress.parse(typed)
    except InvalidValue:
        return None


def _prefecture(state: str, city: str) -> str:
    """Return the prefecture that *state* names; a code is read in the script in which *city* is written."""
    if state not in PREFECTURES:
        return state
    kanji, romaji = PREFECTURES[state]
    return romaji if city.isascii() else kanji


def written(address: PostalAddress) -> str:
    """Return *address* as a letter would carry it."""
    parts = (address.prefecture, address.city, address.town_and_number, address.building, address.room)
    return " ".join((str(address.postal_code), *filter(None, parts)))
