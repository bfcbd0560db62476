from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core import Draft, OrderRejected, OrderType, PortingDraft, SimDraft, Sku, VpnDraft
from tests.unit.application.shop import (
    EID,
    ESIM,
    HOME,
    PHYSICAL,
    PORTED_CARD,
    PORTING,
    ROUTER,
    new_world,
    picture,
)


TODAY: Final = date(2026, 6, 3)


def codes(draft: Draft) -> set[str]:
    return {violation.code for violation in new_world().ordering.check(draft).verdict.errors}


def test_the_catalogue_of_one_type_holds_that_type_alone_and_the_whole_holds_all() -> None:
    ordering = new_world().ordering
    everything = ordering.catalogue_for()
    parts = [ordering.catalogue_for(order_type) for order_type in OrderType]
    assert all(
        product.order_type is order_type
        for order_type, part in zip(OrderType, parts, strict=True)
        for product in part.products.values()
    )
    assert {sku for part in parts for sku in part.products} == {
        sku for sku, product in everything.products.items() if product.active
    }
    assert {part.version for part in parts} == {everything.version}


def test_refreshing_the_catalogue_leaves_it_readable() -> None:
    ordering = new_world().ordering
    before = ordering.catalogue_for()
    ordering.refresh_catalogue()
    assert ordering.catalogue_for() == before


@pytest.mark.parametrize("draft", [ESIM, PHYSICAL, PORTED_CARD, HOME, ROUTER])
def test_a_right_configuration_passes_with_reasons_and_a_price(draft: Draft) -> None:
    ordering = new_world().ordering
    checked = ordering.check(draft)
    assert checked.verdict.passed
    assert checked.verdict.satisfied
    assert checked.draft == draft
    assert checked.quote == ordering.price(draft)


def test_the_price_is_net_with_tax_once_per_total() -> None:
    quote = new_world().ordering.price(ESIM)
    assert (quote.monthly.net, quote.one_time.net) == (Decimal(980), Decimal(1500))
    assert quote.first_bill.gross == Decimal(2480) + Decimal(248)


def test_typed_text_comes_back_normalised() -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in EID)
    typed = attrs.evolve(ESIM, eid=f"{wide[:8]} {wide[8:]}", sim_type="esim")
    assert new_world().ordering.check(typed).draft == ESIM


def test_what_is_wrong_is_told_all_at_once_and_has_no_price_if_something_is_unknown() -> None:
    wrong = attrs.evolve(ESIM, skus=(Sku("NO-SUCH"), *ESIM.skus), eid="1", activation_type="Whenever")
    checked = new_world().ordering.check(wrong)
    assert checked.quote is None
    assert {violation.pointer for violation in checked.verdict.errors} >= {
        "/skus/0",
        "/eid",
        "/activation_type",
    }
    assert all(violation.remedy and violation.message_ja for violation in checked.verdict.errors)


def test_an_empty_cart_has_no_price() -> None:
    assert new_world().ordering.check(VpnDraft()).quote is None


def port(porting: PortingDraft = PORTING) -> SimDraft:
    """Return a wish to bring a number to an eSIM, with *porting* as its application."""
    return attrs.evolve(PORTED_CARD, sim_type="eSIM", eid=EID, porting=porting)


def expiring(*, days: int) -> PortingDraft:
    """Return an application whose reservation expires *days* from today."""
    return attrs.evolve(PORTING, reservation_expires_on=TODAY + timedelta(days=days))


def scheduled(draft: SimDraft, *, days: int) -> SimDraft:
    """Return *draft* for *days* from today."""
    return attrs.evolve(draft, activation_type="Scheduled", scheduled_on=TODAY + timedelta(days=days))


BAD_INPUTS: Final[dict[str, tuple[Draft, str]]] = {
    "unknown SKU": (attrs.evolve(ESIM, skus=(*ESIM.skus, Sku("NO-SUCH"))), "sku_unknown"),
    "SKU of another type": (attrs.evolve(ESIM, skus=(*ESIM.skus, Sku("VPN-US"))), "sku_of_another_type"),
    "no main service": (attrs.evolve(ESIM, skus=(Sku("SIM-ACTIVATION"),)), "main_service_missing"),
    "two main services": (attrs.evolve(ESIM, skus=(*ESIM.skus, Sku("SIM-VOICE-10GB"))), "main_service_twice"),
    "missing bundle": (
        attrs.evolve(
            HOME,
            skus=(Sku("INTERNET-HOME-1G-PLATINUM"), Sku("INTERNET-INSTALL-SINGLE")),
            router_notice_acknowledged=True,
        ),
        "bundle_missing",
    ),
    "EID of 31 digits": (attrs.evolve(ESIM, eid=EID[:-1]), "eid_length"),
    "EID of 33 digits": (attrs.evolve(ESIM, eid=EID + "1"), "eid_length"),
    "wrong check digits": (attrs.evolve(ESIM, eid=EID[:-1] + "6"), "eid_check_digits"),
    "Arabic-Indic digits": (attrs.evolve(ESIM, eid="٨" + EID[1:]), "eid_characters"),
    "MNP with 9 digits": (
        port(attrs.evolve(PORTING, reservation_number="123456789")),
        "reservation_number_length",
    ),
    "MNP expiring tomorrow": (port(expiring(days=1)), "mnp_too_short"),
    "MNP one day below": (port(expiring(days=8)), "mnp_too_short"),
    "missing birth date": (port(attrs.evolve(PORTING, birth_date=None)), "mnp_field_missing"),
    "scheduled today": (scheduled(ESIM, days=0), "scheduled_date_too_early"),
    "scheduled past the reservation": (scheduled(port(), days=15), "mnp_too_short_on_scheduled_day"),
    "VPN region not the plan's": (attrs.evolve(ROUTER, region="UK"), "region_not_of_plan"),
}


@pytest.mark.parametrize(("wrong", "code"), BAD_INPUTS.values(), ids=BAD_INPUTS.keys())
def test_bad_input_is_neither_priced_nor_checked_out_and_nothing_is_written(wrong: Draft, code: str) -> None:
    world = new_world()
    customer = world.new_customer()
    session = world.ordering.begin_checkout(ROUTER, customer=customer)
    before = picture(world)
    for use_case in (
        world.ordering.price,
        lambda draft: world.ordering.begin_checkout(draft, customer=customer),
        lambda draft: world.ordering.change_checkout(session.id, draft, customer=customer),
    ):
        with pytest.raises(OrderRejected) as caught:
            use_case(wrong)
        assert code in {violation.code for violation in caught.value.violations}
        assert all(violation.remedy for violation in caught.value.violations)
    assert picture(world) == before


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (port(attrs.evolve(PORTING, last_name_katakana="ﾔﾏﾀﾞ")), port()),
        (port(attrs.evolve(PORTING, phone_number="080-1234-5678")), port()),
        (port(expiring(days=9)), port(expiring(days=9))),
    ],
    ids=["half-width katakana", "hyphens", "exactly the minimum"],
)
def test_what_can_be_understood_is_taken_and_echoed(typed: Draft, meant: Draft) -> None:
    checked = new_world().ordering.check(typed)
    assert checked.verdict.passed
    assert checked.draft == meant


def test_a_swap_is_offered_when_exactly_one_repairs_the_eid() -> None:
    swapped = EID[0] + EID[2] + EID[1] + EID[3:]
    (violation,) = new_world().ordering.check(attrs.evolve(ESIM, eid=swapped)).verdict.errors
    assert violation.code == "eid_check_digits"
    assert EID not in repr(violation.facts)


@given(st.permutations(PORTED_CARD.skus))
def test_the_order_of_the_cart_does_not_change_the_price(skus: list[Sku]) -> None:
    ordering = new_world().ordering
    shuffled = ordering.price(attrs.evolve(PORTED_CARD, skus=tuple(skus)))
    straight = ordering.price(PORTED_CARD)
    assert shuffled.first_bill == straight.first_bill
    assert shuffled.catalogue_version == straight.catalogue_version


def test_pricing_reads_the_skus_of_the_cart_and_not_the_catalogue() -> None:
    world = new_world()
    world.ordering.price(SimDraft(**attrs.asdict(ESIM, recurse=False)))
    assert world.faults.calls("catalogue.all") == 0
    assert world.faults.calls("catalogue.products") == 1
