"""
Fills a network from a seed file.

A seed is ``{"partners": {oemId: oemKey}, "plans": […], "numbers": {"first": "07010000001", "count": 1000},
"cards": [{"productNumber", "phoneNumber"}], "donors": […], "profiles": [{"profileType", "first", "count"}],
"switches": {…}}``. Numbers and ICCIDs count up from the first; an ICCID's first 18 digits count, its check
digit follows from them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final

from ordering_sandbox.json_values import (
    JsonObject,
    NotJson,
    expect_list,
    expect_object,
    flag_of,
    number_of,
    parse_object,
    text_of,
)
from ordering_sandbox.sim_network.keys import Keys
from ordering_sandbox.sim_network.network import Card, Donor, Network
from ordering_sandbox.sim_network.profiles import Profile, ProfileStock
from ordering_sandbox.sim_network.site import State
from ordering_sandbox.sim_network.switches import Switches


SHIPPED: Final = "sim_network.json"
"""The seed that comes with the sandbox."""

_KNOWN: Final = frozenset({"partners", "plans", "numbers", "cards", "donors", "profiles", "switches"})
_ICCID_BODY: Final = 18


def read_seed(path: Path | None) -> JsonObject:
    """
    Return the seed in the file *path*, or the one that is shipped.

    Raises:
        NotJson: The file holds none.

    """
    if path is not None:
        return parse_object(path.read_bytes())
    return parse_object((files("ordering_sandbox") / "seeds" / SHIPPED).read_bytes())


def planted(seed: JsonObject) -> tuple[State, Switches]:
    """
    Return the state and the switches that *seed* describes.

    Raises:
        NotJson: It says what a network cannot keep.

    """
    if unknown := seed.keys() - _KNOWN:
        raise NotJson(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(_KNOWN))}")
    partners = expect_object(seed.get("partners", {}))
    stock = ProfileStock()
    add_profiles(stock, seed)
    network = Network(
        plans={str(plan) for plan in expect_list(seed.get("plans", []))},
        numbers=deque(_numbers(expect_object(seed.get("numbers", {})))),
    )
    add_cards(network, seed)
    add_donors(network, seed)
    keys = Keys(partners={name: text_of(partners, name) for name in partners})
    switches = Switches().changed(expect_object(seed.get("switches", {})))
    return State(network=network, profiles=stock, keys=keys), switches


def add_cards(network: Network, record: JsonObject) -> None:
    """
    Put ``cards`` into the stock.

    Raises:
        NotJson: One is not described as a card.

    """
    for card in map(expect_object, expect_list(record.get("cards", []))):
        product_number = text_of(card, "productNumber")
        network.cards[product_number] = Card(
            product_number=product_number, phone_number=text_of(card, "phoneNumber")
        )


def add_donors(network: Network, record: JsonObject) -> None:
    """
    Make known ``donors``, the contracts of other carriers.

    Raises:
        NotJson: One is not described as a donor.

    """
    for donor in map(expect_object, expect_list(record.get("donors", []))):
        reservation_number = text_of(donor, "reservationNumber")
        network.donors[reservation_number] = Donor(
            reservation_number=reservation_number,
            phone_number=text_of(donor, "phoneNumber"),
            last_name_kana=text_of(donor, "lastNameKana"),
            first_name_kana=text_of(donor, "firstNameKana"),
            birthday=text_of(donor, "birthday"),
            unpaid=flag_of(donor, "unpaid", default=False),
        )


def ranges(seed: JsonObject) -> str:
    """Return the profiles of *seed* as ``type=first+count``, ``;`` between; no ICCID has its check digit."""
    kinds = map(expect_object, expect_list(seed.get("profiles", [])))
    return ";".join(
        f"{text_of(kind, 'profileType')}={text_of(kind, 'first')}+{int(number_of(kind, 'count', 1))}"
        for kind in kinds
    )


def add_profiles(stock: ProfileStock, record: JsonObject) -> None:
    """
    Put ``profiles`` into the stock.

    Raises:
        NotJson: They are not described as profiles.

    """
    for kind in map(expect_object, expect_list(record.get("profiles", []))):
        first = text_of(kind, "first")
        if len(first) != _ICCID_BODY or not first.isdecimal():
            raise NotJson(f"first has to be the {_ICCID_BODY} digits of an ICCID without its check digit")
        for place in range(int(number_of(kind, "count", 1))):
            iccid = with_check_digit(f"{int(first) + place:018d}")
            stock.profiles[iccid] = Profile(iccid=iccid, profile_type=text_of(kind, "profileType"))


def with_check_digit(body: str) -> str:
    """Return *body* with the digit that makes it an ICCID (Luhn)."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        weighted = int(digit) * (1 if place % 2 else 2)
        total += weighted // 10 + weighted % 10
    return body + str(-total % 10)


def _numbers(record: JsonObject) -> Iterator[str]:
    first = text_of(record, "first")
    for place in range(int(number_of(record, "count", 0))):
        yield f"{int(first) + place:011d}"
