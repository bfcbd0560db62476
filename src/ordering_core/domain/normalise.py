"""
A draft as it was meant: typed text in one way of writing it, to be echoed to whoever typed it (DESIGN 4).

What cannot be understood without guessing stays as typed, and the rules refuse it. Normalising twice is the
same as once. An empty field is an absent one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple, assert_never

import attrs

from ordering_core.domain.drafts import Draft, InternetDraft, PortingDraft, SimDraft, VpnDraft
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.text import InvalidValue, compact, normalise_spaces
from ordering_core.domain.values import Eid, KatakanaName, MnpReservationNumber, MobileNumber, PersonName
from ordering_core.domain.vocabulary import (
    AccessMode,
    ActivationType,
    Gender,
    InstallmentPlan,
    SimType,
    VpnRegion,
)


def _spellings(words: type[StrEnum]) -> Mapping[str, str]:
    """Return the seed's spelling of *words*, by itself and without spaces, dashes and capitals."""
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

_NOTHING: Final[Mapping[str, InvalidValue]] = MappingProxyType({})


class Reading(NamedTuple):
    """A draft as it was meant, and the texts in it that could not be read, by JSON pointer."""

    draft: Draft
    misread: Mapping[str, InvalidValue]


def normalise(draft: Draft) -> Draft:
    """Return *draft* with every text normalised that can be; *draft* itself when nothing changes."""
    return read(draft).draft


def read(draft: Draft) -> Reading:
    """Return *draft* normalised, and why what could not be read could not."""
    match draft:
        case InternetDraft():
            return Reading(_internet(draft), _NOTHING)
        case SimDraft():
            misread: dict[str, InvalidValue] = {}
            return Reading(_sim(draft, misread), misread)
        case VpnDraft():
            return Reading(_vpn(draft), _NOTHING)
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


def _sim(draft: SimDraft, misread: dict[str, InvalidValue]) -> SimDraft:
    """Normalise a SIM draft."""
    skus = _skus(draft.skus)
    sim_type = _word(draft.sim_type, _SIM_TYPES)
    eid = _number(draft.eid, Eid.parse, "/eid", misread)
    activation_type = _word(draft.activation_type, _ACTIVATION_TYPES)
    porting = _porting(draft.porting, misread) if draft.porting else None
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


def _porting(porting: PortingDraft, misread: dict[str, InvalidValue]) -> PortingDraft:
    """Normalise a wish to port a number; *porting* itself when nothing changes."""
    reservation_number = _number(
        porting.reservation_number, MnpReservationNumber.parse, "/porting/reservation_number", misread
    )
    phone_number = _number(porting.phone_number, MobileNumber.parse, "/porting/phone_number", misread)
    mvno_account_number = _spaced(porting.mvno_account_number)
    last_name = _name(porting.last_name, PersonName.parse, "/porting/last_name", misread)
    first_name = _name(porting.first_name, PersonName.parse, "/porting/first_name", misread)
    last_name_katakana = _name(
        porting.last_name_katakana, KatakanaName.parse, "/porting/last_name_katakana", misread
    )
    first_name_katakana = _name(
        porting.first_name_katakana, KatakanaName.parse, "/porting/first_name_katakana", misread
    )
    gender = _word(porting.gender, _GENDERS)
    if (
        reservation_number == porting.reservation_number
        and phone_number == porting.phone_number
        and mvno_account_number == porting.mvno_account_number
        and last_name == porting.last_name
        and first_name == porting.first_name
        and last_name_katakana == porting.last_name_katakana
        and first_name_katakana == porting.first_name_katakana
        and gender == porting.gender
    ):
        return porting
    return PortingDraft(
        reservation_number=reservation_number,
        reservation_expires_on=porting.reservation_expires_on,
        phone_number=phone_number,
        mvno_account_number=mvno_account_number,
        last_name=last_name,
        first_name=first_name,
        last_name_katakana=last_name_katakana,
        first_name_katakana=first_name_katakana,
        gender=gender,
        birth_date=porting.birth_date,
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


def _number(
    raw: str | None,
    parse: Callable[[str], Eid | MnpReservationNumber | MobileNumber],
    pointer: str,
    misread: dict[str, InvalidValue],
) -> str | None:
    """Return *raw* as *parse* reads it; else its digits if it has nothing else, or *raw*."""
    if raw is None or not raw.strip():
        return None
    try:
        return parse(raw).value
    except InvalidValue as error:
        text = compact(raw)
        if not text:
            return None
        misread[pointer] = error.with_traceback(None)  # its frames would keep what was typed
        return text if text.isascii() and text.isdigit() else raw


def _name(
    raw: str | None,
    parse: Callable[[str], PersonName | KatakanaName],
    pointer: str,
    misread: dict[str, InvalidValue],
) -> str | None:
    """Return *raw* as *parse* reads it, or *raw*."""
    if raw is None or not raw.strip():
        return None
    try:
        return parse(raw).value
    except InvalidValue as error:
        misread[pointer] = error.with_traceback(None)  # its frames would keep what was typed
        return raw


def _spaced(raw: str | None) -> str | None:
    """Return *raw* with its spaces in order, or *raw* if it hides something; None when it is empty."""
    if raw is None:
        return None
    try:
        return normalise_spaces(raw) or None
    except InvalidValue:
        return raw
