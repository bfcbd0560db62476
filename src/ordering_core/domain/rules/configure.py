"""From a draft to a configuration: the only way there leads through the rules (DESIGN 4, Configurations)."""

from __future__ import annotations

from typing import TypeVar, assert_never

from ordering_core.domain.catalogue import Product
from ordering_core.domain.configuration import (
    Configuration,
    InternetConfiguration,
    NumberPorting,
    SimConfiguration,
    VpnConfiguration,
)
from ordering_core.domain.drafts import InternetDraft, PortingDraft, SimDraft, VpnDraft
from ordering_core.domain.rules.book import require_valid
from ordering_core.domain.rules.facts import RuleFacts
from ordering_core.domain.values import Eid, KatakanaName, MnpReservationNumber, MobileNumber, PersonName
from ordering_core.domain.vocabulary import (
    AccessMode,
    ActivationType,
    Gender,
    InstallmentPlan,
    SimType,
    VpnRegion,
)


_Known = TypeVar("_Known")


def validate(facts: RuleFacts) -> Configuration:
    """
    Return the configuration that a valid draft means.

    Raises:
        OrderRejected: With every violation that is an error.

    """
    require_valid(facts)
    plan = _known(facts.plan)
    products = tuple(product for _, product in facts.cart.known)
    draft = facts.draft
    match draft:
        case InternetDraft():
            return _internet(draft, plan, products)
        case SimDraft():
            return _sim(draft, plan, products)
        case VpnDraft():
            return VpnConfiguration(plan=plan, products=products, region=VpnRegion(_known(draft.region)))
        case _:
            assert_never(draft)


def _internet(draft: InternetDraft, plan: Product, products: tuple[Product, ...]) -> InternetConfiguration:
    """Read a valid Internet draft."""
    return InternetConfiguration(
        plan=plan,
        products=products,
        access_mode=AccessMode(_known(draft.access_mode)),
        installation=InstallmentPlan(_known(draft.installation)),
        weekend_install=draft.weekend_install,
        hikari_denwa=draft.hikari_denwa,
        notes=draft.notes,
    )


def _sim(draft: SimDraft, plan: Product, products: tuple[Product, ...]) -> SimConfiguration:
    """Read a valid SIM draft; a date that an agent gave an immediate activation is the order's alone."""
    return SimConfiguration(
        plan=plan,
        products=products,
        eid=Eid(_known(draft.eid)) if draft.sim_type == SimType.ESIM else None,
        scheduled_on=draft.scheduled_on if draft.activation_type == ActivationType.SCHEDULED else None,
        voice_mail=draft.voice_mail,
        call_waiting=draft.call_waiting,
        porting=_porting(draft.porting) if draft.porting else None,
    )


def _porting(porting: PortingDraft) -> NumberPorting:
    """Read a valid porting application."""
    return NumberPorting(
        reservation_number=MnpReservationNumber(_known(porting.reservation_number)),
        reservation_expires_on=_known(porting.reservation_expires_on),
        phone_number=MobileNumber(_known(porting.phone_number)),
        last_name=PersonName(_known(porting.last_name)),
        first_name=PersonName(_known(porting.first_name)),
        last_name_katakana=KatakanaName(_known(porting.last_name_katakana)),
        first_name_katakana=KatakanaName(_known(porting.first_name_katakana)),
        gender=Gender(_known(porting.gender)),
        birth_date=_known(porting.birth_date),
        mvno_account_number=porting.mvno_account_number,
    )


def _known(value: _Known | None) -> _Known:
    """Return what the rules have found to be there; that it is not would be a hole in the rule book."""
    if value is None:
        raise LookupError("the rules let an incomplete draft pass")
    return value
