"""What is ordered in the grids of provisioning, and what agents and carriers do for it on its way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final, TypeAlias

import attrs

from ordering_core import AddressDraft, Draft, PortingDraft, Sku
from tests.unit.application.shop import ESIM, HOME, PHYSICAL, PORTING, ROUTER


VOICE: Final = (Sku("SIM-VOICE-10GB"), Sku("SIM-ACTIVATION"))
VOICE_OPTIONS: Final = (*VOICE, Sku("SIM-VOICE-MAIL"), Sku("SIM-CALL-WAITING"))
NEW_ADDRESS: Final = AddressDraft(
    postal_code="530-0001",
    prefecture="Osaka",
    city="大阪市北区",
    town_and_number="梅田1-2-3",
    building="梅田ビル",
    room="1203",
)


class Kind(StrEnum):
    """What is ordered."""

    INTERNET = "internet"
    ESIM = "esim"
    PORTED_ESIM = "ported_esim"
    CARD = "card"
    PORTED_CARD = "ported_card"
    VPN = "vpn"


class Extra(StrEnum):
    """
    What is ordered with steps of its own.

    *WHOLE_ESIM* has everything that a SIM can have beside: both voice options, a profile over ES2+, and an
    address that was changed at checkout. *REFUSED_PORT* brings a number that its carrier keeps at first: the
    line fails and its profile is given back, then the carrier lets the number go and the order goes on.
    """

    WHOLE_ESIM = "whole_esim"
    REFUSED_PORT = "refused_port"


AnyKind: TypeAlias = Kind | Extra

EVERY: Final[tuple[AnyKind, ...]] = (*Kind, *Extra)
BUT_ESIM: Final = tuple(kind for kind in EVERY if kind is not Kind.ESIM)
CARDS: Final[frozenset[AnyKind]] = frozenset({Kind.CARD, Kind.PORTED_CARD})
PORTS: Final[frozenset[AnyKind]] = frozenset({Kind.PORTED_ESIM, Kind.PORTED_CARD, Extra.REFUSED_PORT})
PROFILES: Final[frozenset[AnyKind]] = frozenset(Extra)
"""The kinds whose profile is delivered over ES2+."""

SIMS: Final = frozenset({Kind.ESIM, *Extra}) | CARDS | PORTS


def draft(kind: AnyKind, number: int, *, expires: date) -> Draft:
    """Return what is ordered the *number*-th time; the reservation of a number that moves *expires*."""
    porting = moving(number, expires=expires)
    drafts: Mapping[AnyKind, Draft] = {
        Kind.INTERNET: HOME,
        Kind.ESIM: ESIM,
        Kind.PORTED_ESIM: attrs.evolve(ESIM, skus=VOICE, porting=porting),
        Kind.CARD: PHYSICAL,
        Kind.PORTED_CARD: attrs.evolve(PHYSICAL, skus=VOICE, porting=porting),
        Kind.VPN: ROUTER,
        Extra.WHOLE_ESIM: attrs.evolve(ESIM, skus=VOICE_OPTIONS, voice_mail=True, call_waiting=True),
        Extra.REFUSED_PORT: attrs.evolve(ESIM, skus=VOICE, porting=porting),
    }
    return drafts[kind]


def moving(number: int, *, expires: date) -> PortingDraft:
    """Return the *number*-th number that moves."""
    return attrs.evolve(
        PORTING,
        reservation_number=f"{number:010d}",
        reservation_expires_on=expires,
        phone_number=f"0801234{number:04d}",
    )


def donor(number: int, *, unpaid: bool) -> dict[str, object]:
    """Return the carrier's record of the *number*-th number that moves; *unpaid*, it does not let it go."""
    return {
        "reservationNumber": f"{number:010d}",
        "phoneNumber": f"0801234{number:04d}",
        "lastNameKana": PORTING.last_name_katakana,
        "firstNameKana": PORTING.first_name_katakana,
        "birthday": PORTING.birth_date.strftime("%Y%m%d") if PORTING.birth_date else "",
        "unpaid": unpaid,
    }
