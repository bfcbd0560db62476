"""
A draft as it was meant: typed text in one way of writing it, to be echoed to whoever typed it (DESIGN 4).

What cannot be understood without guessing stays as typed, and the rules refuse it. Normalising twice is the
same as once. An empty field is an absent one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, assert_never

import attrs

from ordering_core.domain.drafts import Draft, InternetDraft, PortingDraft, SimDraft, VpnDraft
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.text import (
    InvalidValue,
    compact,
    normalise_digits,
    normalise_kana,
    normalise_name,
    normalise_spaces,
)
from ordering_core.domain.values import MobileNumber
from ordering_core.domain.vocabulary import (
    AccessMode,
    ActivationType,
    Gender,
    InstallmentPlan,
    SimType,
    VpnRegion,
)


def _spellings(words: type[StrEnum]) -> Mapping[str, str]:
    """Return the seed's spelling of *words*, by itself and by what is left without spaces, dashes, capitals."""
    return MappingProxyType(
        {compact(word.value).lower(): word.value for word in words}
        | {word.value: word.value for word in words}
    )


_ACCESS_MODES: Final = _spellings(AccessMode)
_INSTALLATIONS: Final = _spellings(InstallmentPlan)
_SIM_TYPES: Final = _spellings(SimType)
_ACTIVATION_TYPES: Final = _spellings(ActivationType)
_GENDERS: Final = _spellings(Gender)
_REGIONS: Final = _spellings(VpnRegion)


def normalise(draft: Draft) -> Draft:
    """Return *draft* with every text normalised that can be; *draft* itself when nothing changes."""
    match draft:
        case InternetDraft():
            return _internet(draft)
        case SimDraft():
            return _sim(draft)
        case VpnDraft():
            return _vpn(draft)
        case _:
            assert_never(draft)


def _internet(draft: InternetDraft) -> InternetDraft:
    """Normalise an Internet draft; its notes are a letter to the team and stay as written."""
    skus = _skus(draft.skus)
    access_mode = _word(draft.access_mode, _ACCESS_MODES)
    installation = _word(draft.installation, _INSTALLATIONS)
    if (skus, access_mode, installation) == (draft.skus, draft.access_mode, draft.installation):
        return draft
    return attrs.evolve(draft, skus=skus, access_mode=access_mode, installation=installation)


def _sim(draft: SimDraft) -> SimDraft:
    """Normalise a SIM draft."""
    skus = _skus(draft.skus)
    sim_type = _word(draft.sim_type, _SIM_TYPES)
    eid = _text(draft.eid, normalise_digits)
    activation_type = _word(draft.activation_type, _ACTIVATION_TYPES)
    porting = _porting(draft.porting) if draft.porting else None
    if (skus, sim_type, eid, activation_type, porting) == (
        draft.skus,
        draft.sim_type,
        draft.eid,
        draft.activation_type,
        draft.porting,
    ):
        return draft
    return attrs.evolve(
        draft, skus=skus, sim_type=sim_type, eid=eid, activation_type=activation_type, porting=porting
    )


def _vpn(draft: VpnDraft) -> VpnDraft:
    """Normalise a VPN draft."""
    skus = _skus(draft.skus)
    region = _word(draft.region, _REGIONS)
    if (skus, region) == (draft.skus, draft.region):
        return draft
    return attrs.evolve(draft, skus=skus, region=region)


def _porting(porting: PortingDraft) -> PortingDraft:
    """Normalise a wish to port a number."""
    return attrs.evolve(
        porting,
        reservation_number=_text(porting.reservation_number, normalise_digits),
        phone_number=_text(porting.phone_number, _phone_number),
        mvno_account_number=_text(porting.mvno_account_number, normalise_spaces),
        last_name=_text(porting.last_name, normalise_name),
        first_name=_text(porting.first_name, normalise_name),
        last_name_katakana=_text(porting.last_name_katakana, normalise_kana),
        first_name_katakana=_text(porting.first_name_katakana, normalise_kana),
        gender=_word(porting.gender, _GENDERS),
    )


def _skus(skus: tuple[Sku, ...]) -> tuple[Sku, ...]:
    """Return *skus* without the spaces that pasting leaves around them."""
    return tuple([Sku(sku.strip()) for sku in skus])


def _word(raw: str | None, spellings: Mapping[str, str]) -> str | None:
    """Return the seed's spelling of *raw*, or *raw* when it is none of its words."""
    if raw is None or not raw.strip():
        return None
    if raw in spellings:
        return spellings[raw]
    key = compact(raw)
    # lower() alone would read letters of other scripts as ours: U+212A KELVIN SIGN as k
    return spellings.get(key.lower(), raw) if key.isascii() else raw


def _text(raw: str | None, reading: Callable[[str], str]) -> str | None:
    """Return *raw* as *reading* understands it, or *raw* when it cannot; None when there is nothing in it."""
    if raw is None or not raw.strip():
        return None
    try:
        return reading(raw) or None
    except InvalidValue:
        return raw


def _phone_number(raw: str) -> str:
    """Return the national digits of a mobile number, or just the digits of what is none."""
    try:
        return MobileNumber.parse(raw).value
    except InvalidValue:
        return normalise_digits(raw)
