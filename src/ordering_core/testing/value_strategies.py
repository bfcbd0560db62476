"""Hypothesis strategies for the values of an order, right ones and the ways in which people type them."""

from __future__ import annotations

import unicodedata

from datetime import UTC, datetime
from typing import Final

from hypothesis import strategies as st

from ordering_core.domain.address import PostalAddress, PostalCode


def instants() -> st.SearchStrategy[datetime]:
    """Return aware instants of the years in which orders are placed, any second of them."""
    return st.datetimes(
        min_value=datetime(2026, 5, 1),  # noqa: DTZ001 - Hypothesis wants naive limits
        max_value=datetime(2034, 12, 31),  # noqa: DTZ001
        timezones=st.just(UTC),
    ).map(lambda at: at.replace(microsecond=0))


def eids() -> st.SearchStrategy[str]:
    """Return valid EIDs: thirty digits and the two that check them (ISO 7064 MOD 97-10)."""
    return st.integers(0, 10**30 - 1).map(lambda number: f"{number:030}{98 - number * 100 % 97:02}")


def mobile_numbers() -> st.SearchStrategy[str]:
    """Return Japanese mobile numbers, 060 to 090."""
    return st.from_regex(r"\A0[6-9]0[1-9][0-9]{7}\Z")


def reservation_numbers() -> st.SearchStrategy[str]:
    """Return MNP reservation numbers, ten digits."""
    return st.from_regex(r"\A[0-9]{10}\Z")


def katakana() -> st.SearchStrategy[str]:
    """Return one part of a name in full-width katakana."""
    return st.text(st.characters(min_codepoint=0x30A2, max_codepoint=0x30F4), min_size=1, max_size=12)


def names() -> st.SearchStrategy[str]:
    """Return one part of a name as a card writes it, in kanji or in capitals."""
    kanji = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
    capitals = st.characters(min_codepoint=ord("A"), max_codepoint=ord("Z"))
    return st.text(kanji, min_size=1, max_size=6) | st.text(capitals, min_size=1, max_size=20)


def addresses() -> st.SearchStrategy[PostalAddress]:
    """Return complete addresses that name building and room, as any service takes them."""
    return st.builds(
        PostalAddress,
        postal_code=st.from_regex(r"\A[0-9]{7}\Z").map(PostalCode),
        prefecture=st.sampled_from(["東京都", "大阪府", "Hokkaido", "Okinawa"]),
        city=names(),
        town_and_number=names(),
        building=names(),
        room=st.integers(101, 9999).map(str),
    )


def as_typed(text: str) -> st.SearchStrategy[str]:
    """Return *text*, a number, as people type it: full-width, with spaces, with hyphens."""
    wide = "".join(chr(ord(character) + 0xFEE0) for character in text)
    hyphens = "-".join(text[place : place + 4] for place in range(0, len(text), 4))
    spaces = " ".join(text[place : place + 4] for place in range(0, len(text), 4))
    return st.sampled_from([text, wide, hyphens, spaces, f" {text}\n", f"{wide}　"])


def arabic_indic(digits: str) -> str:
    """Return *digits* in Arabic-Indic, which ``int`` and ``isdigit`` take for digits and we refuse."""
    return digits.translate({ord("0") + digit: 0x0660 + digit for digit in range(10)})


def half_width(kana: str) -> str:
    """Return full-width *kana* in half-width katakana; a voiced mark becomes a character of its own."""
    parts = unicodedata.normalize("NFD", kana)
    return "".join(_HALF_WIDTH.get(character, character) for character in parts)


_HALF_WIDTH: Final = {
    unicodedata.normalize("NFKC", chr(point)): chr(point) for point in range(0xFF66, 0xFF9E)
} | {"\u3099": "\uff9e", "\u309a": "\uff9f"}
