"""The rules about items and plan: what is sold, at which price, how often, and what belongs together."""

from decimal import Decimal

import attrs
import pytest

from ordering_core.domain.drafts import Draft
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.rules import verdict
from ordering_core.domain.violations import Gate, Severity
from ordering_core.domain.vocabulary import PlanKind, ProductOption, VpnRegion
from tests.unit.domain.rule_cases import (
    CATALOGUE,
    ESIM,
    INTERNET,
    PHYSICAL,
    PORTING,
    VPN,
    codes,
    facts,
    found,
    only,
    skus,
)


BEFORE_SUBMIT = (Gate.CONFIGURE, Gate.SUBMIT)
AFTER_SUBMIT = (Gate.APPROVE, Gate.PROVISION)


@pytest.mark.parametrize("gate", Gate)
@pytest.mark.parametrize(
    "draft", [INTERNET, ESIM, PHYSICAL, VPN], ids=["internet", "esim", "physical", "vpn"]
)
def test_an_order_with_nothing_wrong_passes_every_gate(draft: Draft, gate: Gate) -> None:
    result = verdict(facts(draft, gate))
    assert result.violations == ()
    assert result.passed
    assert result.satisfied
    assert (result.gate, result.skus) == (gate, draft.skus)


@pytest.mark.parametrize("gate", BEFORE_SUBMIT)
def test_an_unknown_sku_is_named_by_its_place_and_not_repeated(gate: Gate) -> None:
    typed = Sku("4111-1111-1111-1111")
    violation = only(facts(attrs.evolve(ESIM, skus=(*ESIM.skus, typed)), gate))
    assert (violation.code, violation.pointer, violation.facts) == ("sku_unknown", "/skus/2", {"item": 3})
    assert typed not in repr(violation)


@pytest.mark.parametrize("gate", AFTER_SUBMIT)
def test_an_item_that_was_not_quoted_is_refused_after_submit(gate: Gate) -> None:
    quoted = {sku: CATALOGUE.products[sku] for sku in ESIM.skus}
    draft = attrs.evolve(ESIM, skus=(*ESIM.skus, Sku("SIM-SECURITY")))
    violation = only(facts(draft, gate, products=quoted))
    assert (violation.code, violation.pointer, violation.facts) == ("sku_not_quoted", "/skus/2", {"item": 3})


@pytest.mark.parametrize(("gate", "expected"), [(gate, {"sku_inactive"}) for gate in BEFORE_SUBMIT])
def test_a_retired_product_is_not_for_sale(gate: Gate, expected: set[str]) -> None:
    draft = attrs.evolve(ESIM, skus=skus("SIM-VOICE-1GB", "SIM-ACTIVATION"))
    assert codes(facts(draft, gate)) == expected


@pytest.mark.parametrize("gate", AFTER_SUBMIT)
def test_a_product_that_was_retired_after_submit_does_not_block_an_accepted_order(gate: Gate) -> None:
    draft = attrs.evolve(ESIM, skus=skus("SIM-VOICE-1GB", "SIM-ACTIVATION"))
    assert codes(facts(draft, gate)) == set()


@pytest.mark.parametrize("gate", BEFORE_SUBMIT)
def test_a_product_of_another_type_is_refused_and_counts_for_nothing_else(gate: Gate) -> None:
    draft = attrs.evolve(ESIM, skus=(*ESIM.skus, *skus("VPN-US", "VPN-ACTIVATION", "INTERNET-WEEKEND")))
    assert found(facts(draft, gate)) == [
        ("sku_of_another_type", "/skus/2"),
        ("sku_of_another_type", "/skus/3"),
        ("sku_of_another_type", "/skus/4"),
    ]


@pytest.mark.parametrize("gate", Gate)
def test_a_price_that_changed_is_refused_until_submit_and_frozen_afterwards(gate: Gate) -> None:
    shown = {sku: CATALOGUE.products[sku].price for sku in ESIM.skus}
    shown[ESIM.skus[0]] -= 1
    given = attrs.evolve(facts(ESIM, gate), prices=shown)
    if gate in BEFORE_SUBMIT:
        violation = only(given)
        assert (violation.code, violation.pointer) == ("price_changed", "/skus/0")
        assert violation.facts == {"sku": "SIM-VOICE-10GB", "shown": "1979", "now": "1980"}
    else:
        assert codes(given) == set()


def test_a_price_that_was_never_shown_cannot_have_changed() -> None:
    given = attrs.evolve(facts(ESIM), prices={Sku("SIM-ACTIVATION"): Decimal(1500)})
    assert codes(given) == set()


@pytest.mark.parametrize("draft", [INTERNET, ESIM, VPN], ids=["internet", "sim", "vpn"])
def test_an_order_without_a_plan_is_refused_with_the_word_for_it(draft: Draft) -> None:
    items = tuple(sku for sku in draft.skus[1:] if "GATEWAY" not in sku)
    violation = only(facts(attrs.evolve(draft, skus=items)))
    assert (violation.code, violation.pointer) == ("main_service_missing", "/skus")
    assert violation.facts == {"type": draft.order_type.value}


def test_every_plan_after_the_first_is_one_too_many() -> None:
    draft = attrs.evolve(ESIM, skus=skus("SIM-VOICE-10GB", "SIM-ACTIVATION", "SIM-DATA-3GB", "SIM-DATA-5GB"))
    assert found(facts(draft)) == [("main_service_twice", "/skus/2"), ("main_service_twice", "/skus/3")]


def test_with_two_plans_nobody_guesses_which_one_is_meant() -> None:
    draft = attrs.evolve(ESIM, skus=skus("SIM-DATA-3GB", "SIM-VOICE-10GB", "SIM-ACTIVATION"), porting=PORTING)
    given = facts(draft)
    assert given.plan is None
    assert found(given) == [("main_service_twice", "/skus/1")]


def test_one_plan_twice_is_still_that_plan() -> None:
    draft = attrs.evolve(ESIM, skus=skus("SIM-DATA-3GB", "SIM-DATA-3GB", "SIM-ACTIVATION"), porting=PORTING)
    given = facts(draft)
    assert given.plan is CATALOGUE.products[Sku("SIM-DATA-3GB")]
    assert codes(given) == {"sku_twice", "main_service_twice", "voice_plan_needed"}


@pytest.mark.parametrize("gate", Gate)
def test_an_item_is_ordered_once(gate: Gate) -> None:
    draft = attrs.evolve(ESIM, skus=(*ESIM.skus, *skus("SIM-SECURITY", "SIM-SECURITY")))
    violation = only(facts(draft, gate))
    assert (violation.code, violation.pointer) == ("sku_twice", "/skus/3")
    assert violation.facts == {"item": 4, "first": 3}


@pytest.mark.parametrize("gate", Gate)
def test_what_comes_with_the_plan_has_to_be_on_the_order(gate: Gate) -> None:
    draft = attrs.evolve(INTERNET, skus=(INTERNET.skus[0], INTERNET.skus[2]))
    violation = only(facts(draft, gate))
    assert (violation.code, violation.pointer) == ("bundle_missing", "/skus")
    assert violation.facts == {"sku": "INTERNET-GATEWAY-INCLUDED", "name": "Home gateway (included)"}


def test_a_bundled_item_that_is_unknown_itself_is_named_by_its_sku() -> None:
    products = dict(CATALOGUE.products)
    products[VPN.skus[0]] = attrs.evolve(products[VPN.skus[0]], bundles=frozenset({Sku("GONE")}))
    assert only(facts(VPN, products=products)).facts == {"sku": "GONE", "name": "GONE"}


def test_nothing_is_added_silently() -> None:
    draft = attrs.evolve(INTERNET, skus=(INTERNET.skus[0], INTERNET.skus[2]))
    assert facts(draft).draft == draft


@pytest.mark.parametrize(
    ("sku", "code"),
    [
        ("INTERNET-GATEWAY-10G", "item_of_another_offering"),
        ("INTERNET-CONCIERGE", "item_of_another_tier"),
    ],
)
def test_an_internet_item_fits_offering_and_tier_of_the_plan(sku: str, code: str) -> None:
    draft = attrs.evolve(INTERNET, skus=(*INTERNET.skus, Sku(sku)))
    assert found(facts(draft)) == [(code, "/skus/3")]


def test_a_sim_item_fits_the_kind_of_the_plan() -> None:
    draft = attrs.evolve(ESIM, skus=skus("SIM-DATA-3GB", "SIM-ACTIVATION", "SIM-CALLS-5MIN"))
    assert found(facts(draft)) == [("item_of_another_plan_kind", "/skus/2")]


def test_a_vpn_item_fits_the_region_of_the_plan() -> None:
    products = dict(CATALOGUE.products)
    warranty = Sku("VPN-WARRANTY")
    products[warranty] = attrs.evolve(products[warranty], region=VpnRegion.UK)
    draft = attrs.evolve(VPN, skus=(*VPN.skus, warranty))
    assert found(facts(draft, products=products)) == [("item_of_another_region", "/skus/2")]


def test_an_item_without_restrictions_fits_every_plan() -> None:
    draft = attrs.evolve(INTERNET, skus=(*INTERNET.skus, *skus("INTERNET-ROUTER", "INTERNET-STATIC-IP")))
    assert codes(facts(draft)) == set()


OPTIONS = [
    ("weekend_install", INTERNET, attrs.evolve(INTERNET, weekend_install=True), "INTERNET-WEEKEND"),
    ("hikari_denwa", INTERNET, attrs.evolve(INTERNET, hikari_denwa=True), "INTERNET-DENWA"),
    ("voice_mail", ESIM, attrs.evolve(ESIM, voice_mail=True), "SIM-VOICE-MAIL"),
    ("call_waiting", ESIM, attrs.evolve(ESIM, call_waiting=True), "SIM-CALL-WAITING"),
]


def with_items(draft: Draft, *items: str) -> Draft:
    return attrs.evolve(draft, skus=(*draft.skus, *skus(*items)))


@pytest.mark.parametrize("gate", Gate)
@pytest.mark.parametrize(("flag", "without", "chosen", "sku"), OPTIONS, ids=[option[0] for option in OPTIONS])
class TestAnOption:
    def test_chosen_with_its_item_passes(
        self, flag: str, without: Draft, chosen: Draft, sku: str, gate: Gate
    ) -> None:
        assert codes(facts(with_items(chosen, sku), gate)) == set()

    def test_chosen_without_its_item_is_refused(
        self, flag: str, without: Draft, chosen: Draft, sku: str, gate: Gate
    ) -> None:
        assert found(facts(chosen, gate)) == [(f"{flag}_item_missing", f"/{flag}")]

    def test_ordered_without_being_chosen_is_refused(
        self, flag: str, without: Draft, chosen: Draft, sku: str, gate: Gate
    ) -> None:
        violation = only(facts(with_items(without, sku), gate))
        assert (violation.code, violation.pointer) == (f"{flag}_not_chosen", f"/{flag}")
        assert violation.facts == {"item": len(without.skus) + 1}

    def test_with_a_second_item_is_refused(
        self, flag: str, without: Draft, chosen: Draft, sku: str, gate: Gate
    ) -> None:
        products = dict(CATALOGUE.products)
        products[Sku("SECOND")] = attrs.evolve(products[Sku(sku)], sku=Sku("SECOND"))
        given = facts(with_items(chosen, sku, "SECOND"), gate, products=products)
        assert found(given) == [(f"{flag}_item_twice", f"/skus/{len(chosen.skus) + 1}")]


def test_every_option_of_the_vocabulary_has_a_flag_that_is_tested() -> None:
    assert {option[0] for option in OPTIONS} == {option.value for option in ProductOption}


def test_a_rule_that_lacks_its_inputs_does_not_keep_the_others_from_speaking() -> None:
    draft = attrs.evolve(
        ESIM, skus=skus("NOT-A-PLAN", "SIM-VOICE-MAIL"), eid=None, activation_type=None, voice_mail=False
    )
    assert codes(facts(draft)) == {
        "sku_unknown",
        "main_service_missing",
        "activation_item_missing",
        "eid_missing",
        "activation_type_missing",
        "voice_mail_not_chosen",
    }


def test_an_empty_order_is_refused_and_not_crashed_on() -> None:
    assert codes(facts(attrs.evolve(VPN, skus=()))) == {"main_service_missing"}


def test_every_violation_is_an_error_with_a_way_out_in_two_languages() -> None:
    violation = only(facts(attrs.evolve(ESIM, skus=skus("SIM-DATA-3GB", "SIM-ACTIVATION", "SIM-CALLS-5MIN"))))
    assert violation.severity is Severity.ERROR
    assert violation.rule == "every_item_fits_the_plan"
    assert (
        violation.message
        == "Domestic calls of up to 5 minutes is for another kind of plan than SIM data 3 GB."
    )
    assert "SIM data 3 GB" in violation.message_ja
    assert violation.remedy
    assert CATALOGUE.products[Sku("SIM-DATA-3GB")].plan_kind is PlanKind.DATA
