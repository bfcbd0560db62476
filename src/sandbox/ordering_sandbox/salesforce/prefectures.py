"""The states of Japan, as an org with state and country picklists lists them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final


_ROMAN: Final = (
    "Hokkaido Aomori Iwate Miyagi Akita Yamagata Fukushima Ibaraki Tochigi Gunma Saitama Chiba Tokyo"
    " Kanagawa Niigata Toyama Ishikawa Fukui Yamanashi Nagano Gifu Shizuoka Aichi Mie Shiga Kyoto"
    " Osaka Hyogo Nara Wakayama Tottori Shimane Okayama Hiroshima Yamaguchi Tokushima Kagawa Ehime"
    " Kochi Fukuoka Saga Nagasaki Kumamoto Oita Miyazaki Kagoshima Okinawa"
)

PREFECTURES: Final = frozenset(_ROMAN.split())
"""Labels, as Salesforce ships them for an org in English."""

STATE_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {f"{number:02d}": name for number, name in enumerate(_ROMAN.split(), 1)}
)
"""Labels by their codes, which are those of ISO 3166-2."""

COUNTRY_CODES: Final[Mapping[str, str]] = MappingProxyType({"JP": "Japan"})
