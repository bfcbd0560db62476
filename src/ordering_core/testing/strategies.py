"""
Hypothesis strategies for orders.

Drafts that are valid by construction, whatever catalogue they are drawn from; drafts that are any nonsense;
complete facts for submitting. `near_misses` has drafts with exactly one thing wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from hypothesis import strategies as st

from ordering_core.domain.calendar import business_date
from ordering_core.domain.catalogue import Catalogue, Product
from ordering_core.domain.customers import Account
from ordering_core.domain.drafts import Draft, InternetDraft, PortingDraft, SimDraft, VpnDraft
from ordering_core.domain.eligibility import NOT_REQUESTED, EligibilityStanding, EligibilityState
from ordering_core.domain.identifiers import AccountId, ClientId, Sku
from ordering_core.domain.identity import IdentityMethod, IdentityStanding, method_is_lawful
from ordering_core.domain.policy import MNP_VALIDITY_DAYS, Policy
from ordering_core.domain.rules import RuleFacts
from ordering_core.domain.violations import Gate
from ordering_core.domain.vocabulary import (
    AccessMode,
    ActivationType,
    Gender,
    InstallmentPlan,
    InternetTier,
    ItemClass,
    Offering,
    OrderType,
    PlanKind,
    ProductOption,
    SimType,
)
from ordering_core.testing.value_strategies import (
    addresses,
    eids,
    katakana,
    mobile_numbers,
    names,
    reservation_numbers,
)


_INSTALMENTS: Final = {
    None: InstallmentPlan.SINGLE,
    12: InstallmentPlan.TWELVE_MONTHS,
    24: InstallmentPlan.TWENTY_FOUR_MONTHS,
}

_LETTER: Final = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\r\n"),
    max_size=20,
)
"""What somebody may write to the team."""


def plans(catalogue: Catalogue, order_type: OrderType) -> list[Product]:
    """Return the plans for sale; strategies need at least one."""
    return [product for product in catalogue.of_type(order_type) if product.item_class is ItemClass.SERVICE]


def fitting(catalogue: Catalogue, plan: Product, item_class: ItemClass) -> list[Product]:
    """Return what of *item_class* can stand beside *plan*, read off the products' own attributes."""
    return [
        product
        for product in catalogue.of_type(plan.order_type)
        if product.item_class is item_class
        and product.tier in {None, plan.tier}
        and product.region in {None, plan.region}
        and product.plan_kind in {None, plan.plan_kind}
        and (not product.offerings or plan.offerings & product.offerings)
        and (plan.plan_kind is not PlanKind.DATA or product.option is None)
    ]


@st.composite
def _items(draw: st.DrawFn, catalogue: Catalogue, plan: Product, fees: Sequence[Product]) -> list[Product]:
    """Return *plan* with its *fees*, everything it bundles, and some add-ons, in any order."""
    offered = fitting(catalogue, plan, ItemClass.ADD_ON)
    chosen = draw(st.lists(st.sampled_from(offered), unique=True, max_size=4)) if offered else []
    options: set[ProductOption] = set()
    items = [plan, *fees, *(catalogue.products[sku] for sku in sorted(plan.bundles))]
    options |= {item.option for item in items if item.option}
    for item in chosen:
        if item not in items and item.option not in options:
            items.append(item)
            options |= {item.option} if item.option else set()
    return draw(st.permutations(items))


def _skus(items: Sequence[Product]) -> tuple[Sku, ...]:
    return tuple(item.sku for item in items)


@st.composite
def internet_drafts(draw: st.DrawFn, catalogue: Catalogue) -> InternetDraft:
    """Return valid Internet drafts; *catalogue* needs a plan with an installation that fits it."""
    plan = draw(st.sampled_from(plans(catalogue, OrderType.INTERNET)))
    installations = [item for item in fitting(catalogue, plan, ItemClass.INSTALLATION) if item.option is None]
    installation = draw(st.sampled_from(installations))
    items = draw(_items(catalogue, plan, [installation]))
    options = {item.option for item in items}
    return InternetDraft(
        skus=_skus(items),
        access_mode=draw(st.sampled_from(AccessMode)).value,
        installation=_INSTALMENTS[installation.instalments].value,
        weekend_install=ProductOption.WEEKEND_INSTALL in options,
        hikari_denwa=ProductOption.HIKARI_DENWA in options,
        router_notice_acknowledged=plan.tier is InternetTier.PLATINUM or draw(st.booleans()),
        notes=draw(_LETTER),
    )


@st.composite
def portings(draw: st.DrawFn, *, today: date, minimum_days: int) -> PortingDraft:
    """Return complete porting applications with at least *minimum_days* left, today included."""
    days = draw(st.integers(minimum_days, MNP_VALIDITY_DAYS))
    return PortingDraft(
        reservation_number=draw(reservation_numbers()),
        reservation_expires_on=today + timedelta(days=days - 1),
        phone_number=draw(mobile_numbers()),
        mvno_account_number=draw(st.none() | st.from_regex(r"\A[A-Z0-9]{4,12}\Z")),
        last_name=draw(names()),
        first_name=draw(names()),
        last_name_katakana=draw(katakana()),
        first_name_katakana=draw(katakana()),
        gender=draw(st.sampled_from(Gender)).value,
        birth_date=draw(st.dates(date(1926, 1, 1), today)),
    )


@st.composite
def sim_drafts(
    draw: st.DrawFn, catalogue: Catalogue, *, at: datetime, policy: Policy, porting: bool | None = None
) -> SimDraft:
    """
    Return SIM drafts that can be configured and submitted *at* an instant.

    *porting* asks for a number to bring along (True), for none (False), or for either (None). *catalogue*
    needs a plan, with voice if numbers are brought along, and an activation that fits it.
    """
    today = business_date(at)
    ports = draw(st.booleans()) if porting is None else porting
    offered = plans(catalogue, OrderType.SIM)
    voice = [plan for plan in offered if plan.plan_kind is PlanKind.DATA_AND_VOICE]
    plan = draw(st.sampled_from(voice if ports else offered))
    activation = draw(st.sampled_from(fitting(catalogue, plan, ItemClass.ACTIVATION)))
    items = draw(_items(catalogue, plan, [activation]))
    options = {item.option for item in items}
    sim_type = draw(st.sampled_from(SimType))
    application = None
    furthest = policy.sim_schedule_days
    if ports:
        minimum = policy.mnp_minimum_days(Gate.SUBMIT, sim_type)
        application = draw(portings(today=today, minimum_days=minimum))
        expires_on = application.reservation_expires_on or today
        in_time = (expires_on - today).days + 1 - policy.mnp_minimum_days(Gate.PROVISION, sim_type)
        furthest = min(furthest, in_time)
    scheduled = draw(st.booleans())
    return SimDraft(
        skus=_skus(items),
        sim_type=sim_type.value,
        eid=draw(eids()) if sim_type is SimType.ESIM else None,
        activation_type=(ActivationType.SCHEDULED if scheduled else ActivationType.IMMEDIATE).value,
        scheduled_on=today + timedelta(days=draw(st.integers(1, furthest))) if scheduled else None,
        voice_mail=ProductOption.VOICE_MAIL in options,
        call_waiting=ProductOption.CALL_WAITING in options,
        porting=application,
    )


@st.composite
def vpn_drafts(draw: st.DrawFn, catalogue: Catalogue) -> VpnDraft:
    """Return valid VPN drafts; *catalogue* needs a plan."""
    plan = draw(st.sampled_from(plans(catalogue, OrderType.VPN)))
    activations = fitting(catalogue, plan, ItemClass.ACTIVATION)
    fees = draw(st.lists(st.sampled_from(activations), max_size=1)) if activations else []
    items = draw(_items(catalogue, plan, fees))
    return VpnDraft(skus=_skus(items), region=plan.region.value if plan.region else None)


def drafts(catalogue: Catalogue, *, at: datetime, policy: Policy) -> st.SearchStrategy[Draft]:
    """Return valid drafts of every order type."""
    return st.one_of(
        internet_drafts(catalogue), sim_drafts(catalogue, at=at, policy=policy), vpn_drafts(catalogue)
    )


def _typed() -> st.SearchStrategy[str | None]:
    """Return what anybody may have typed into a field."""
    digits = st.text(st.characters(categories=["Nd"]) | st.sampled_from(" -ー‐"), max_size=34)
    return st.none() | st.text(max_size=40) | digits


def arbitrary_drafts(skus: Sequence[Sku] = ()) -> st.SearchStrategy[Draft]:
    """Return drafts of any text in any field, their SKUs any text or some of *skus*."""
    sku = st.text(max_size=8).map(Sku) | (st.sampled_from(skus) if skus else st.nothing())
    cart = st.lists(sku, max_size=8).map(tuple)
    days = st.none() | st.dates()
    words = _typed() | st.sampled_from(
        [word.value for words in (AccessMode, InstallmentPlan, SimType, ActivationType) for word in words]
    )
    porting = st.builds(
        PortingDraft,
        reservation_number=_typed(),
        reservation_expires_on=days,
        phone_number=_typed(),
        mvno_account_number=_typed(),
        last_name=_typed(),
        first_name=_typed(),
        last_name_katakana=_typed(),
        first_name_katakana=_typed(),
        gender=_typed(),
        birth_date=days,
    )
    return st.one_of(
        st.builds(
            InternetDraft, skus=cart, access_mode=words, installation=words, notes=st.text(max_size=40)
        ),
        st.builds(
            SimDraft,
            skus=cart,
            sim_type=words,
            eid=_typed(),
            activation_type=words,
            scheduled_on=days,
            voice_mail=st.booleans(),
            call_waiting=st.booleans(),
            porting=st.none() | porting,
        ),
        st.builds(VpnDraft, skus=cart, region=words | st.sampled_from(["US", "UK"])),
    )


@st.composite
def submit_facts(
    draw: st.DrawFn, catalogue: Catalogue, *, at: datetime, policy: Policy, draft: Draft | None = None
) -> RuleFacts:
    """
    Return complete facts with which an order can be submitted and, its dates allowing, provisioned.

    The card is verified by a lawful method, no other service is active. *draft* is valid; None draws one.
    """
    chosen = draft or draw(drafts(catalogue, at=at, policy=policy))
    products = {sku: catalogue.products[sku] for sku in chosen.skus}
    plan = next(product for product in products.values() if product.item_class is ItemClass.SERVICE)
    address = draw(addresses())
    today = business_date(at)
    lawful = [
        method
        for method in IdentityMethod
        if method_is_lawful(method, chosen.order_type, voice=plan.plan_kind is not PlanKind.DATA, on=today)
    ]
    served = [
        offering
        for offering in Offering
        if chosen.order_type is OrderType.INTERNET
        and all(offering in product.offerings for product in products.values() if product.offerings)
    ]
    return RuleFacts(
        draft=chosen,
        products=products,
        gate=Gate.SUBMIT,
        at=at,
        policy=policy,
        prices={sku: Decimal(product.price) for sku, product in products.items()},
        account=Account(id=AccountId("001A"), number="10001", name=draw(names()), address=address),
        client=ClientId(draw(st.integers(1, 10**6))),
        address=address,
        eligibility=EligibilityStanding(
            state=EligibilityState.ELIGIBLE, offering=draw(st.sampled_from(served))
        )
        if served
        else NOT_REQUESTED,
        identity=IdentityStanding.VERIFIED,
        identity_method=draw(st.sampled_from(lawful)),
        session_expires_at=at + timedelta(seconds=draw(st.integers(1, 86_400))),
    )
