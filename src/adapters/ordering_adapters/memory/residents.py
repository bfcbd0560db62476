"""Customers for a world in memory: made up, distinct, with addresses that a letter would reach."""

from __future__ import annotations

from typing import Final

import attrs

from ordering_core.domain.address import PostalAddress, PostalCode


_FAMILY_NAMES: Final = ("佐藤", "鈴木", "高橋", "田中", "伊藤", "渡辺", "山本", "Smith", "Tanaka", "Garcia")
_GIVEN_NAMES: Final = ("花子", "太郎", "美咲", "翔太", "陽菜", "John", "Yuki", "Maria", "健")
_TOWNS: Final = (
    ("1060032", "東京都", "港区", "六本木"),
    ("1500001", "東京都", "渋谷区", "神宮前"),
    ("2310023", "神奈川県", "横浜市中区", "山下町"),
    ("5300001", "大阪府", "大阪市北区", "梅田"),
    ("4600008", "愛知県", "名古屋市中区", "栄"),
    ("8100001", "福岡県", "福岡市中央区", "天神"),
    ("0640801", "北海道", "札幌市中央区", "南一条西"),
)
_BUILDINGS: Final = ("青葉ハイツ", "メゾン桜", "コーポみなと", "Sunrise Mansion")


@attrs.frozen
class Resident:
    """A person with an address."""

    name: str = attrs.field(repr=False)
    address: PostalAddress = attrs.field(repr=False)


def resident(number: int, *, apartment: bool) -> Resident:
    """Return the person of this *number*; the home is in an *apartment* building or a house."""
    postal_code, prefecture, city, town = _TOWNS[number % len(_TOWNS)]
    family = _FAMILY_NAMES[number % len(_FAMILY_NAMES)]
    given = _GIVEN_NAMES[number % len(_GIVEN_NAMES)]
    block, house = divmod(number, 20)
    return Resident(
        f"{family} {given}",
        PostalAddress(
            postal_code=PostalCode(postal_code),
            prefecture=prefecture,
            city=city,
            town_and_number=f"{town}{block + 1}-{house + 1}-{number % 9 + 1}",
            building=_BUILDINGS[number % len(_BUILDINGS)] if apartment else "",
            room=f"{101 + number}" if apartment else "",
        ),
    )
