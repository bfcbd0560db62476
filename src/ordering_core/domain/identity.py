"""
Where a customer's identity check stands, and which ways of checking are lawful (DESIGN 3.13).

The Act on Prevention of Improper Use of Mobile Phones covers voice SIMs; since 2026-04-01 a picture of a card
is no lawful check for them (reference japan-telecom 4). Internet, VPN and data SIMs are outside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ordering_core.domain.customers import IdentityFields
from ordering_core.domain.vocabulary import OrderType


class IdentityStanding(StrEnum):
    """How far the identity check of an Account is; UNKNOWN is a text of Salesforce that we do not know."""

    NOT_SUBMITTED = "not_submitted"
    PENDING = "pending"
    VERIFIED = "verified"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class IdentityMethod(StrEnum):
    """How an agent checked the identity, as recorded on the Account (Id_Verification_Method__c)."""

    FACE_TO_FACE = "face_to_face"
    IC_CHIP = "ic_chip"
    JPKI = "jpki"
    MAIL = "mail"
    IMAGE = "image"
    UNKNOWN = "unknown"


_STANDINGS: Final[Mapping[str, IdentityStanding]] = MappingProxyType(
    {
        "": IdentityStanding.NOT_SUBMITTED,
        "pending": IdentityStanding.PENDING,
        "verified": IdentityStanding.VERIFIED,
        "rejected": IdentityStanding.REJECTED,
    }
)
_METHODS: Final[Mapping[str, IdentityMethod]] = MappingProxyType(
    {method.value: method for method in IdentityMethod}
)

LawfulDays = tuple[date, date]
"""The first and the last day, JST, on which a method is lawful."""

ALWAYS: Final[LawfulDays] = (date.min, date.max)

VOICE_SIM_METHODS: Final[Mapping[IdentityMethod, LawfulDays]] = MappingProxyType(
    {
        IdentityMethod.FACE_TO_FACE: ALWAYS,
        IdentityMethod.IC_CHIP: ALWAYS,
        IdentityMethod.JPKI: ALWAYS,
        IdentityMethod.MAIL: ALWAYS,
        IdentityMethod.IMAGE: (date.min, date(2026, 3, 31)),
    }
)
"""
The lawful methods for a SIM with voice (enforcement rules as amended for 2026-04-01); one not listed never
is.
"""

OTHER_METHODS: Final[Mapping[IdentityMethod, LawfulDays]] = MappingProxyType(
    dict.fromkeys(IdentityMethod, ALWAYS)
)
"""The lawful methods for services that the Act does not cover: all, also one that nobody recorded."""

_NEVER: Final[LawfulDays] = (date.max, date.min)


def identity_standing(fields: IdentityFields) -> IdentityStanding:
    """Return where the identity check stands; total over every text of Salesforce."""
    return _STANDINGS.get((fields.status or "").strip().lower(), IdentityStanding.UNKNOWN)


def identity_method(fields: IdentityFields) -> IdentityMethod:
    """Return how the identity was checked; UNKNOWN when nobody said, or said something we do not know."""
    spelling = (fields.method or "").strip().lower().replace(" ", "_").replace("-", "_")
    return _METHODS.get(spelling, IdentityMethod.UNKNOWN)


def method_is_lawful(method: IdentityMethod, order_type: OrderType, *, voice: bool, on: date) -> bool:
    """Whether a check by *method* lets a service, with *voice* or not, be activated *on* a day (JST)."""
    methods = VOICE_SIM_METHODS if voice and order_type is OrderType.SIM else OTHER_METHODS
    first, last = methods.get(method, _NEVER)
    return first <= on <= last
