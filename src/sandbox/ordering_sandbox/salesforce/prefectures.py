"""The states of Japan, as an org with state and country picklists lists them."""

from __future__ import annotations

from typing import Final


_ROMAN: Final = (
    "Hokkaido Aomori Iwate Miyagi Akita Yamagata Fukushima Ibaraki Tochigi Gunma Saitama Chiba Tokyo"
    " Kanagawa Niigata Toyama Ishikawa Fukui Yamanashi Nagano Gifu Shizuoka Aichi Mie Shiga Kyoto"
    " Osaka Hyogo Nara Wakayama Tottori Shimane Okayama Hiroshima Yamaguchi Tokushima Kagawa Ehime"
    " Kochi Fukuoka Saga Nagasaki Kumamoto Oita Miyazaki Kagoshima Okinawa"
)

PREFECTURES: Final = frozenset(_ROMAN.split())
"""Labels, as Salesforce ships them for an org in English."""
