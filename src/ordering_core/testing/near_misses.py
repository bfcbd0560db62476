"""
Drafts with exactly one thing wrong, each with the code of the one error that it has to be refused with.

A rule that looks away lets its near miss pass; a rule that is too eager gives a second code.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from attrs import evolve
from hypothesis import strategies as st

from ordering_core.domain.calendar import business_date
from ordering_core.domain.catalogue import Catalogue, Product
from ordering_core.domain.drafts import Draft, PortingDraft, SimDraft
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.policy import MNP_VALIDITY_DAYS, Policy
from ordering_core.domain.rules.internet import LONGEST_NOTES
from ordering_core.domain.rules.porting import LONGEST_MVNO_ACCOUNT_NUMBER
from ordering_core.domain.values import LONGEST_NAME
from ordering_core.domain.violations import Gate
from ordering_core.domain.vocabulary import (
    ActivationType,
    InstallmentPlan,
    InternetTier,
    ItemClass,
    OrderType,
    PlanKind,
    ProductOption,
    SimType,
    VpnRegion,
)
from ordering_core.testing.strategies import internet_drafts, plans, sim_drafts, vpn_drafts
from ordering_core.testing.value_strategies import arabic_indic


class NearMiss(NamedTuple):
    """A draft, and the code of the only error in it at the configure gate."""

    draft: Draft
    code: str


UNKNOWN_SKU: Final = Sku("NO-SUCH-PRODUCT")


def near_misses(catalogue: Catalogue, *, at: datetime, policy: Policy) -> st.SearchStrategy[NearMiss]:
    """Return drafts of every order type with one thing wrong *at* an instant."""
    return st.one_of(
        internet_near_misses(catalogue),
        sim_near_misses(catalogue, at=at, policy=policy),
        porting_near_misses(catalogue, at=at, policy=policy),
        vpn_near_misses(catalogue),
    )


@st.composite
def _one_of(draw: st.DrawFn, misses: Sequence[tuple[Draft, str]]) -> NearMiss:
    """Return one of *misses*, every code as likely as another."""
    code = draw(st.sampled_from(sorted({code for _, code in misses})))
    return NearMiss(draw(st.sampled_from([draft for draft, other in misses if other == code])), code)


def _plan(catalogue: Catalogue, skus: tuple[Sku, ...]) -> Product:
    """Return the plan of a valid cart."""
    products = (catalogue.products[sku] for sku in skus)
    return next(product for product in products if product.item_class is ItemClass.SERVICE)


def _without(skus: tuple[Sku, ...], product: Product) -> tuple[Sku, ...]:
    return tuple(sku for sku in skus if sku != product.sku)


def _carts(catalogue: Catalogue, skus: tuple[Sku, ...]) -> list[tuple[tuple[Sku, ...], str]]:
    """Return valid *skus* with one too many or one too few."""
    plan = _plan(catalogue, skus)
    carts = [((*skus, UNKNOWN_SKU), "sku_unknown"), (_without(skus, plan), "main_service_missing")]
    carts += [
        ((other.sku, *skus), "sku_of_another_type")
        for other in catalogue.products.values()
        if other.active and other.order_type is not plan.order_type
    ]
    carts += [
        ((*skus, other.sku), "main_service_twice")
        for other in plans(catalogue, plan.order_type)
        if other is not plan
    ]
    for item in (catalogue.products[sku] for sku in skus if catalogue.products[sku].option is None):
        match item.item_class, item.order_type:
            case ItemClass.ADD_ON, _:
                carts.append(((item.sku, *skus), "sku_twice"))
                if item.sku in plan.bundles:
                    carts.append((_without(skus, item), "bundle_missing"))
            case ItemClass.INSTALLATION, _:
                carts.append((_without(skus, item), "installation_item_missing"))
            case ItemClass.ACTIVATION, OrderType.SIM:
                carts.append((_without(skus, item), "activation_item_missing"))
            case _:
                pass
    return carts


def _misfits(catalogue: Catalogue, skus: tuple[Sku, ...]) -> list[tuple[tuple[Sku, ...], str]]:
    """Return valid *skus* with one add-on that is made for another plan, in one respect."""
    plan = _plan(catalogue, skus)
    carts: list[tuple[tuple[Sku, ...], str]] = []
    for item in catalogue.of_type(plan.order_type):
        if item.item_class is ItemClass.ADD_ON and item.option is None:
            wrong = [
                code
                for code, differs in (
                    (
                        "item_of_another_offering",
                        bool(item.offerings) and not item.offerings & plan.offerings,
                    ),
                    ("item_of_another_tier", item.tier not in {None, plan.tier}),
                    ("item_of_another_region", item.region not in {None, plan.region}),
                    ("item_of_another_plan_kind", item.plan_kind not in {None, plan.plan_kind}),
                )
                if differs
            ]
            if len(wrong) == 1:
                carts.append(((*skus, item.sku), wrong[0]))
    return carts


@st.composite
def internet_near_misses(draw: st.DrawFn, catalogue: Catalogue) -> NearMiss:
    """Return Internet drafts with one thing wrong."""
    draft = draw(internet_drafts(catalogue))
    carts = _carts(catalogue, draft.skus) + _misfits(catalogue, draft.skus)
    misses = [(evolve(draft, skus=skus), code) for skus, code in carts]
    misses += [
        (evolve(draft, access_mode=None), "access_mode_missing"),
        (evolve(draft, access_mode="IPoE"), "access_mode_unknown"),
        (evolve(draft, installation=None), "installation_missing"),
        (evolve(draft, installation="36-Month"), "installation_unknown"),
        (evolve(draft, notes="\x00"), "notes_characters"),
        (evolve(draft, notes="a" * (LONGEST_NOTES + 1)), "notes_length"),
        (
            evolve(draft, weekend_install=not draft.weekend_install),
            f"weekend_install_{'not_chosen' if draft.weekend_install else 'item_missing'}",
        ),
        (
            evolve(draft, hikari_denwa=not draft.hikari_denwa),
            f"hikari_denwa_{'not_chosen' if draft.hikari_denwa else 'item_missing'}",
        ),
    ]
    misses += [
        (evolve(draft, installation=other.value), "installation_item_differs")
        for other in InstallmentPlan
        if other.value != draft.installation
    ]
    if _plan(catalogue, draft.skus).tier is InternetTier.PLATINUM:
        misses.append((evolve(draft, router_notice_acknowledged=False), "router_notice_not_acknowledged"))
    return draw(_one_of(misses))


@st.composite
def sim_near_misses(draw: st.DrawFn, catalogue: Catalogue, *, at: datetime, policy: Policy) -> NearMiss:
    """Return SIM drafts, without a number to bring along, with one thing wrong."""
    draft = draw(sim_drafts(catalogue, at=at, policy=policy, porting=False))
    today = business_date(at)
    immediate = evolve(draft, activation_type=ActivationType.IMMEDIATE.value, scheduled_on=None)
    scheduled = evolve(draft, activation_type=ActivationType.SCHEDULED.value, scheduled_on=None)
    beyond = today + timedelta(days=policy.sim_schedule_days + 1)
    carts = _carts(catalogue, draft.skus) + _misfits(catalogue, draft.skus)
    misses = [(evolve(draft, skus=skus), code) for skus, code in carts]
    misses += [
        (evolve(draft, sim_type=None), "sim_type_missing"),
        (evolve(draft, sim_type="nano SIM"), "sim_type_unknown"),
        (evolve(immediate, activation_type=None), "activation_type_missing"),
        (evolve(immediate, activation_type="Later"), "activation_type_unknown"),
        (scheduled, "scheduled_date_missing"),
        (evolve(immediate, scheduled_on=today + timedelta(days=1)), "scheduled_date_not_wanted"),
        (evolve(scheduled, scheduled_on=today), "scheduled_date_too_early"),
        (evolve(scheduled, scheduled_on=beyond), "scheduled_date_too_late"),
    ]
    misses += _voice_near_misses(catalogue, draft)
    misses += [(evolve(draft, eid=eid), code) for eid, code in _eids(draft)]
    return draw(_one_of(misses))


def _voice_near_misses(catalogue: Catalogue, draft: SimDraft) -> list[tuple[SimDraft, str]]:
    """Return *draft* with an option chosen or ordered that should not be."""
    if _plan(catalogue, draft.skus).plan_kind is PlanKind.DATA_AND_VOICE:
        mail = f"voice_mail_{'not_chosen' if draft.voice_mail else 'item_missing'}"
        call = f"call_waiting_{'not_chosen' if draft.call_waiting else 'item_missing'}"
        return [
            (evolve(draft, voice_mail=not draft.voice_mail), mail),
            (evolve(draft, call_waiting=not draft.call_waiting), call),
        ]
    items = [item for item in catalogue.of_type(OrderType.SIM) if item.option is ProductOption.VOICE_MAIL]
    return [
        (evolve(draft, skus=(*draft.skus, item.sku), voice_mail=True), "voice_plan_needed") for item in items
    ]


def _eids(draft: SimDraft) -> list[tuple[str | None, str]]:
    """Return EIDs that *draft* cannot have."""
    if draft.eid is None:
        return [("89049032123451234512345678901235", "eid_not_wanted")]
    wrong = str((int(draft.eid[0]) + 1) % 10) + draft.eid[1:]
    return [
        (None, "eid_missing"),
        (draft.eid[:-1], "eid_length"),
        (draft.eid + "0", "eid_length"),
        (wrong, "eid_check_digits"),
        ("O" + draft.eid[1:], "eid_characters"),
        (arabic_indic(draft.eid), "eid_characters"),
    ]


@st.composite
def porting_near_misses(draw: st.DrawFn, catalogue: Catalogue, *, at: datetime, policy: Policy) -> NearMiss:
    """Return SIM drafts that bring a number along, with one thing wrong about that."""
    draft = draw(sim_drafts(catalogue, at=at, policy=policy, porting=True))
    immediate = evolve(draft, activation_type=ActivationType.IMMEDIATE.value, scheduled_on=None)
    today = business_date(at)
    port = draft.porting or PortingDraft()
    sim_type = SimType.PHYSICAL if draft.eid is None else SimType.ESIM
    least = policy.mnp_minimum_days(Gate.CONFIGURE, sim_type)
    last_day = port.reservation_expires_on or today
    too_late = last_day - timedelta(days=policy.mnp_minimum_days(Gate.PROVISION, sim_type) - 2)
    applications = [
        (evolve(port, reservation_number=None), "mnp_field_missing"),
        (
            evolve(port, mvno_account_number="A" * (LONGEST_MVNO_ACCOUNT_NUMBER + 1)),
            "mvno_account_number_length",
        ),
        (evolve(port, reservation_expires_on=None), "mnp_field_missing"),
        (evolve(port, phone_number=None), "mnp_field_missing"),
        (evolve(port, last_name="  "), "mnp_field_missing"),
        (evolve(port, first_name=None), "mnp_field_missing"),
        (evolve(port, last_name_katakana=None), "mnp_field_missing"),
        (evolve(port, first_name_katakana=""), "mnp_field_missing"),
        (evolve(port, gender=None), "mnp_field_missing"),
        (evolve(port, birth_date=None), "mnp_field_missing"),
        (evolve(port, reservation_number="123456789"), "reservation_number_length"),
        (evolve(port, reservation_number="12345678901"), "reservation_number_length"),
        (evolve(port, reservation_number="MNP-123456"), "reservation_number_characters"),
        (evolve(port, reservation_number=arabic_indic("1234567890")), "reservation_number_characters"),
        (evolve(port, phone_number="03-1234-5678"), "mobile_number_length"),
        (evolve(port, phone_number="020-1234-5678"), "mobile_number_kind"),
        (evolve(port, phone_number="090-1234-567x"), "mobile_number_characters"),
        (evolve(port, last_name="123"), "name_characters"),
        (evolve(port, first_name="A" * (LONGEST_NAME + 1)), "name_length"),
        (evolve(port, last_name="Smith\u200b"), "text_invisible"),
        (evolve(port, last_name="Ngô"), "mnp_name_not_writable"),
        (evolve(port, last_name_katakana="Smith"), "kana_characters"),
        (evolve(port, first_name_katakana="ア" * (LONGEST_NAME + 1)), "kana_length"),
        (evolve(port, gender="X"), "mnp_gender_unknown"),
        (evolve(port, birth_date=today + timedelta(days=1)), "mnp_birth_date_in_future"),
        (evolve(port, reservation_expires_on=today + timedelta(days=least - 2)), "mnp_too_short"),
        (evolve(port, reservation_expires_on=today), "mnp_too_short"),
        (
            evolve(port, reservation_expires_on=today + timedelta(days=MNP_VALIDITY_DAYS)),
            "mnp_reservation_too_long",
        ),
        (evolve(port, reservation_expires_on=today - timedelta(days=1)), "mnp_too_short"),
    ]
    misses = [(evolve(immediate, porting=application), code) for application, code in applications]
    scheduled = evolve(draft, activation_type=ActivationType.SCHEDULED.value, scheduled_on=too_late)
    misses.append((scheduled, "mnp_too_short_on_scheduled_day"))
    return draw(_one_of(misses))


@st.composite
def vpn_near_misses(draw: st.DrawFn, catalogue: Catalogue) -> NearMiss:
    """Return VPN drafts with one thing wrong."""
    draft = draw(vpn_drafts(catalogue))
    carts = _carts(catalogue, draft.skus) + _misfits(catalogue, draft.skus)
    misses = [(evolve(draft, skus=skus), code) for skus, code in carts]
    misses += [(evolve(draft, region=None), "region_missing"), (evolve(draft, region="EU"), "region_unknown")]
    misses += [
        (evolve(draft, region=other.value), "region_not_of_plan")
        for other in VpnRegion
        if other.value != draft.region
    ]
    return draw(_one_of(misses))
