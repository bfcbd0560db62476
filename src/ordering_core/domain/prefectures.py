"""Japan's 47 prefectures and the many ways people spell them (JIS X 0401; reference japan-telecom 8)."""

from __future__ import annotations

import unicodedata

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from ordering_core.domain.text import compact


PREFECTURES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "01": ("北海道", "Hokkaido"),
        "02": ("青森県", "Aomori"),
        "03": ("岩手県", "Iwate"),
        "04": ("宮城県", "Miyagi"),
        "05": ("秋田県", "Akita"),
        "06": ("山形県", "Yamagata"),
        "07": ("福島県", "Fukushima"),
        "08": ("茨城県", "Ibaraki"),
        "09": ("栃木県", "Tochigi"),
        "10": ("群馬県", "Gunma"),
        "11": ("埼玉県", "Saitama"),
        "12": ("千葉県", "Chiba"),
        "13": ("東京都", "Tokyo"),
        "14": ("神奈川県", "Kanagawa"),
        "15": ("新潟県", "Niigata"),
        "16": ("富山県", "Toyama"),
        "17": ("石川県", "Ishikawa"),
        "18": ("福井県", "Fukui"),
        "19": ("山梨県", "Yamanashi"),
        "20": ("長野県", "Nagano"),
        "21": ("岐阜県", "Gifu"),
        "22": ("静岡県", "Shizuoka"),
        "23": ("愛知県", "Aichi"),
        "24": ("三重県", "Mie"),
        "25": ("滋賀県", "Shiga"),
        "26": ("京都府", "Kyoto"),
        "27": ("大阪府", "Osaka"),
        "28": ("兵庫県", "Hyogo"),
        "29": ("奈良県", "Nara"),
        "30": ("和歌山県", "Wakayama"),
        "31": ("鳥取県", "Tottori"),
        "32": ("島根県", "Shimane"),
        "33": ("岡山県", "Okayama"),
        "34": ("広島県", "Hiroshima"),
        "35": ("山口県", "Yamaguchi"),
        "36": ("徳島県", "Tokushima"),
        "37": ("香川県", "Kagawa"),
        "38": ("愛媛県", "Ehime"),
        "39": ("高知県", "Kochi"),
        "40": ("福岡県", "Fukuoka"),
        "41": ("佐賀県", "Saga"),
        "42": ("長崎県", "Nagasaki"),
        "43": ("熊本県", "Kumamoto"),
        "44": ("大分県", "Oita"),
        "45": ("宮崎県", "Miyazaki"),
        "46": ("鹿児島県", "Kagoshima"),
        "47": ("沖縄県", "Okinawa"),
    }
)
"""Every prefecture by its JIS code, in kanji and in romaji."""

_USUAL: Final = frozenset(name for names in PREFECTURES.values() for name in names)
_ROMAJI_SUFFIXES: Final[Mapping[str, str]] = MappingProxyType({"県": "ken", "都": "to", "府": "fu", "道": ""})
_MACRONS_AND_STOPS: Final = "\u0302\u0304."
_LONG_VOWELS: Final = ("ou", "oo", "oh")


def prefecture_code(spelling: str) -> str | None:
    """
    Return the JIS code of the prefecture written *spelling*, "01" to "47", or None when there is none.

    Understands kanji with and without 都府県, and romaji with macrons, long vowels or a suffix: 大阪, Ōsaka,
    Oosaka-fu, Osaka Prefecture.
    """
    return _spellings().get(_fold(spelling))


def usual_spelling(spelling: str) -> str | None:
    """Return the usual spelling of a prefecture in the script of *spelling*, or None when there is none."""
    if spelling in _USUAL:
        return spelling
    code = prefecture_code(spelling)
    if code is None:
        return None
    kanji, romaji = PREFECTURES[code]
    return romaji if _fold(spelling).isascii() else kanji


def _fold(spelling: str) -> str:
    """Reduce *spelling* to what all of one prefecture share: no case, width, macrons or long vowels."""
    plain = unicodedata.normalize("NFD", compact(spelling)).casefold()
    letters = "".join(character for character in plain if character not in _MACRONS_AND_STOPS)
    for long_vowel in _LONG_VOWELS:
        letters = letters.replace(long_vowel, "o")
    return letters.replace("mm", "nm")  # Gumma is Gunma


@cache
def _spellings() -> Mapping[str, str]:
    """Return the code of every accepted spelling, folded."""
    codes: dict[str, str] = {}
    for code, (kanji, romaji) in PREFECTURES.items():
        suffix = _ROMAJI_SUFFIXES[kanji[-1]]
        without_suffix = kanji[:-1] if suffix else kanji  # nobody writes 北海
        spellings = (
            kanji,
            without_suffix,
            romaji,
            f"{romaji}{suffix}",
            f"{romaji} Prefecture",
            f"{romaji} Pref.",
        )
        codes |= dict.fromkeys(map(_fold, spellings), code)
    return MappingProxyType(codes)
