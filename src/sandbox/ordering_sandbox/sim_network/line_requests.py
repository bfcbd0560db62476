"""Reads requests for lines field by field, as strictly as a carrier's system does (reference 2, 3.1)."""

from __future__ import annotations

import re
import unicodedata

from datetime import date
from typing import Final

from ordering_sandbox.json_values import Json, JsonObject
from ordering_sandbox.sim_network.network import Porting
from ordering_sandbox.sim_network.refusals import LineRefusal


_EID: Final = re.compile(r"[0-9]{32}")
_PHONE: Final = re.compile(r"0[6-9]0[1-9][0-9]{7}")
_ACCOUNT: Final = re.compile(r"[0-9]{11,14}")
_PRODUCT_NUMBER: Final = re.compile(r"[A-Z]{2}[0-9]{13}")
_RESERVATION: Final = re.compile(r"[0-9]{10}")
_DATE: Final = re.compile(r"[0-9]{8}")
_KANA: Final = re.compile(r"[ァ-ヺー・]+")
_LATIN: Final = range(0x250)
"""Letters of Latin scripts with their accents: no Japanese set of characters has them full-width."""

_LONGEST_NAME: Final = 50


def required(record: JsonObject, name: str) -> str:
    """
    Return the text *name*.

    Raises:
        LineRefusal: It is not there, or no text.

    """
    value = optional(record, name)
    if not value:
        raise LineRefusal("400", name)
    return value


def optional(record: JsonObject, name: str) -> str:
    """
    Return the text *name*, empty when it is not there.

    Raises:
        LineRefusal: It is no text.

    """
    value = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise LineRefusal("400", name)
    return value


def choice(record: JsonObject, name: str, *known: str) -> str:
    """
    Return the text *name*, one of *known*.

    Raises:
        LineRefusal: It is none of them.

    """
    value = required(record, name)
    if value not in known:
        raise LineRefusal("356", name)
    return value


def eid_in(record: JsonObject) -> str:
    """
    Return the EID: 32 digits with their check digits (ISO 7064 MOD 97-10).

    Raises:
        LineRefusal: It is no EID.

    """
    value = required(record, "eid")
    if not _EID.fullmatch(value) or int(value) % 97 != 1:
        raise LineRefusal("400", "eid")
    return value


def product_number_in(record: JsonObject) -> str:
    """
    Return the number printed on a card.

    Raises:
        LineRefusal: It is none.

    """
    return _matching(record, "productNumber", _PRODUCT_NUMBER)


def phone_in(record: JsonObject) -> str:
    """
    Return the phone number to port, 11 digits without hyphens.

    Raises:
        LineRefusal: It is none.

    """
    return _matching(record, "account", _PHONE)


def account_in(record: JsonObject) -> str:
    """
    Return the account: 11 to 14 digits.

    Raises:
        LineRefusal: It is none.

    """
    return _matching(record, "account", _ACCOUNT)


def date_in(record: JsonObject, name: str) -> date:
    """
    Return the day *name*, written YYYYMMDD.

    Raises:
        LineRefusal: There is no such day.

    """
    value = _matching(record, name, _DATE)
    try:
        return date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        raise LineRefusal("400", name) from None


def porting_in(record: JsonObject) -> Porting:
    """
    Return the data of a port.

    Raises:
        LineRefusal: A field is missing or not as the losing carrier's system takes it.

    """
    port: Json = record.get("mnp")
    if isinstance(port, str) or not isinstance(port, dict):
        raise LineRefusal("423", "mnp")
    try:
        gender = choice(port, "gender", "M", "W", "C")
        _full_width(port, "lastnameKanji")
        if gender != "C":
            _full_width(port, "firstnameKanji")
        return Porting(
            reservation_number=_matching(port, "reserveNumber", _RESERVATION),
            expires_on=date_in(port, "reserveExpireDate"),
            last_name_kana=_kana(port, "lastnameZenKana"),
            first_name_kana="" if gender == "C" else _kana(port, "firstnameZenKana"),
            birthday="" if gender == "C" else date_in(port, "birthday").strftime("%Y%m%d"),
        )
    except LineRefusal as refusal:
        raise LineRefusal("423", f"mnp.{refusal.detail}") from None


def _matching(record: JsonObject, name: str, pattern: re.Pattern[str]) -> str:
    value = required(record, name)
    if not pattern.fullmatch(value):
        raise LineRefusal("400", name)
    return value


def _full_width(record: JsonObject, name: str) -> None:
    value = required(record, name)
    half = (
        (sign.isalpha() and ord(sign) in _LATIN) or unicodedata.east_asian_width(sign) not in "FWA"
        for sign in value
    )
    if len(value) > _LONGEST_NAME or any(half):
        raise LineRefusal("400", name)


def _kana(record: JsonObject, name: str) -> str:
    value = required(record, name)
    if len(value) > _LONGEST_NAME or not _KANA.fullmatch(value):
        raise LineRefusal("400", name)
    return value
