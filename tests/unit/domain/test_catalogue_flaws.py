"""What is wrong with a catalogue, found before a customer does."""

import attrs
import pytest

from ordering_core.domain.catalogue import Product
from ordering_core.domain.catalogue_flaws import flaws
from ordering_core.domain.identifiers import BillingProductId, Sku
from ordering_core.domain.vocabulary import BillingCycle, ProductOption
from tests.unit.domain.rule_cases import CATALOGUE


def product(sku: str) -> Product:
    return CATALOGUE.products[Sku(sku)]


def told(*products: Product) -> list[tuple[str, str]]:
    return [(flaw.product.sku, flaw.field) for flaw in flaws(products)]


INTERNET = product("INTERNET-HOME-1G-STANDARD")
BUNDLING = product("INTERNET-HOME-1G-PRO")
GATEWAY = product("INTERNET-GATEWAY-INCLUDED")
INSTALMENTS = product("INTERNET-INSTALL-12")
SIM = product("SIM-VOICE-10GB")
VPN = product("VPN-US")


def test_the_shipped_catalogue_has_no_flaw() -> None:
    assert told(*CATALOGUE.products.values()) == []
    assert told() == []


def test_a_sku_stands_in_one_place() -> None:
    other = attrs.evolve(INTERNET, billing_product=BillingProductId(999))
    assert told(INTERNET, other) == [(INTERNET.sku, "sku"), (INTERNET.sku, "sku")]


@pytest.mark.parametrize("sku", ["", " ", "VPN-US ", "\tVPN-US"])
def test_a_sku_is_written_without_spaces_around_it(sku: str) -> None:
    assert told(attrs.evolve(VPN, sku=Sku(sku))) == [(sku, "sku")]


def test_every_product_has_a_product_of_its_own_in_whmcs() -> None:
    same = attrs.evolve(VPN, billing_product=SIM.billing_product)
    assert told(SIM, same) == [(SIM.sku, "billing_product"), (VPN.sku, "billing_product")]


def test_what_comes_with_a_plan_exists_and_is_of_its_service() -> None:
    assert told(BUNDLING, GATEWAY) == []
    assert told(BUNDLING) == [(BUNDLING.sku, "bundles")]
    stranger = attrs.evolve(BUNDLING, bundles=frozenset({VPN.sku, Sku("GONE")}))
    assert told(stranger, VPN) == [(BUNDLING.sku, "bundles"), (BUNDLING.sku, "bundles")]


@pytest.mark.parametrize(
    ("plan", "fields"),
    [
        (attrs.evolve(INTERNET, offerings=frozenset()), ["offerings"]),
        (attrs.evolve(INTERNET, tier=None, offerings=frozenset()), ["offerings", "tier"]),
        (attrs.evolve(SIM, plan_kind=None, network_plan=""), ["plan_kind", "network_plan"]),
        (attrs.evolve(SIM, data_gb=None), []),
        (attrs.evolve(VPN, region=None), ["region"]),
        (attrs.evolve(GATEWAY, tier=None, offerings=frozenset()), []),
    ],
)
def test_a_plan_says_what_it_is_for(plan: Product, fields: list[str]) -> None:
    assert told(plan) == [(plan.sku, field) for field in fields]


@pytest.mark.parametrize(
    ("instalments", "cycle", "fields"),
    [
        (12, BillingCycle.MONTHLY, []),
        (24, BillingCycle.MONTHLY, []),
        (None, BillingCycle.ONE_TIME, []),
        (13, BillingCycle.MONTHLY, ["instalments"]),
        (0, BillingCycle.MONTHLY, ["instalments"]),
        (12, BillingCycle.ONE_TIME, ["cycle"]),
    ],
)
def test_instalments_are_twelve_or_twenty_four_monthly_payments(
    instalments: int | None, cycle: BillingCycle, fields: list[str]
) -> None:
    item = attrs.evolve(INSTALMENTS, instalments=instalments, cycle=cycle)
    assert told(item) == [(item.sku, field) for field in fields]


@pytest.mark.parametrize("option", ProductOption)
@pytest.mark.parametrize("sku", ["INTERNET-ROUTER", "SIM-SECURITY", "VPN-WARRANTY"])
def test_an_option_belongs_to_its_service(sku: str, option: ProductOption) -> None:
    homes = {
        ProductOption.WEEKEND_INSTALL: "INTERNET",
        ProductOption.HIKARI_DENWA: "INTERNET",
        ProductOption.VOICE_MAIL: "SIM",
        ProductOption.CALL_WAITING: "SIM",
    }
    item = attrs.evolve(product(sku), option=option)
    assert told(item) == ([] if sku.startswith(homes[option]) else [(item.sku, "option")])


def test_a_flaw_says_what_to_write() -> None:
    (flaw,) = flaws([attrs.evolve(INSTALMENTS, instalments=13)])
    assert flaw.problem == "13 is unknown; write 12 or 24, or leave it out"
