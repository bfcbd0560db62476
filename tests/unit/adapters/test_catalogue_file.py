"""The catalogue file: the one that ships, and everything that can be wrong with one."""

from pathlib import Path

import attrs
import pytest

from ordering_adapters.catalogue_file import SHIPPED, FileCatalogue, load_catalogue, shipped_catalogue
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.pricing import instalment_total
from ordering_core.domain.vocabulary import (
    BillingCycle,
    InternetTier,
    ItemClass,
    Offering,
    OrderType,
    PlanKind,
    ProductOption,
    VpnRegion,
)
from ordering_core.errors import CatalogueFileError, OrderingError, Unavailable


CATALOGUE = shipped_catalogue()

PLAN = """
[vpn.VPN-US]
name = "VPN"
item_class = "Service"
cycle = "Monthly"
price = 2500
billing_product = 1
region = "US"
"""


def file_of(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return file


def problems(tmp_path: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(CatalogueFileError) as error:
        load_catalogue(file_of(tmp_path, text))
    assert "mine.toml cannot be used" in str(error.value)
    assert all(problem in str(error.value) for problem in error.value.problems)
    return error.value.problems


class TestTheShippedCatalogue:
    def test_sells_every_offering_in_three_tiers(self) -> None:
        plans = [
            product
            for product in CATALOGUE.of_type(OrderType.INTERNET)
            if product.item_class is ItemClass.SERVICE
        ]
        assert {(offering, plan.tier) for plan in plans for offering in plan.offerings} == {
            (offering, tier) for offering in Offering for tier in InternetTier
        }
        assert len(plans) == len(Offering) * len(InternetTier)

    def test_sells_the_installation_at_once_or_in_instalments_of_the_same_sum(self) -> None:
        fees = {
            product.instalments: product
            for product in CATALOGUE.of_type(OrderType.INTERNET)
            if product.item_class is ItemClass.INSTALLATION
        }
        assert set(fees) == {None, 12, 24}
        assert fees[None].cycle is BillingCycle.ONE_TIME
        assert len({instalment_total(fee) for fee in fees.values()}) == 1

    def test_has_one_item_for_each_option(self) -> None:
        options = [product.option for product in CATALOGUE.products.values() if product.option]
        assert sorted(options) == sorted(ProductOption)

    def test_bundles_something_with_some_plans(self) -> None:
        plans = [product for product in CATALOGUE.products.values() if product.bundles]
        assert plans
        for plan in plans:
            assert CATALOGUE.preselect(plan.sku) == plan.bundles

    def test_sells_a_dozen_sim_plans_of_both_kinds(self) -> None:
        plans = [
            product for product in CATALOGUE.of_type(OrderType.SIM) if product.item_class is ItemClass.SERVICE
        ]
        assert len(plans) == 12
        assert {(plan.plan_kind, plan.data_gb) for plan in plans} == {
            (kind, volume) for kind in PlanKind for volume in (3, 5, 10, 20, 30, 50)
        }

    def test_sells_vpn_routers_for_both_regions(self) -> None:
        regions = [product.region for product in CATALOGUE.of_type(OrderType.VPN) if product.region]
        assert sorted(regions) == sorted(VpnRegion)

    @pytest.mark.parametrize("order_type", OrderType)
    def test_has_activation_and_add_ons(self, order_type: OrderType) -> None:
        classes = {product.item_class for product in CATALOGUE.of_type(order_type)}
        fee = ItemClass.INSTALLATION if order_type is OrderType.INTERNET else ItemClass.ACTIVATION
        assert {ItemClass.SERVICE, ItemClass.ADD_ON, fee} == classes

    def test_has_whmcs_ids_of_their_own_and_prices_a_person_would_pay(self) -> None:
        products = CATALOGUE.products.values()
        assert len({product.billing_product for product in products}) == len(products)
        assert all(0 <= product.price <= 30_000 for product in products)
        assert all(product.price > 0 for product in products if product.item_class is ItemClass.SERVICE)

    def test_knows_a_retired_plan_that_it_does_not_offer(self) -> None:
        retired = [product for product in CATALOGUE.products.values() if not product.active]
        assert retired
        for product in retired:
            assert product not in CATALOGUE.of_type(product.order_type)


def test_every_field_is_read_as_the_file_has_it(tmp_path: Path) -> None:
    text = """
[internet."PLAN 1"]
name = "光 1G"
item_class = "Service"
cycle = "Monthly"
price = 5200
billing_product = 7
active = false
offerings = ["Home 1G", "Apartment 1G"]
tier = "Pro"
bundles = ["ROUTER"]

[internet.ROUTER]
name = "Router"
item_class = "Add-on"
cycle = "One-time"
price = 0
billing_product = 8
option = "hikari_denwa"
"""
    plan = load_catalogue(file_of(tmp_path, text)).products[Sku("PLAN 1")]
    assert attrs.asdict(plan, recurse=False) == {
        "sku": "PLAN 1",
        "name": "光 1G",
        "order_type": OrderType.INTERNET,
        "item_class": ItemClass.SERVICE,
        "cycle": BillingCycle.MONTHLY,
        "price": 5200,
        "billing_product": 7,
        "active": False,
        "offerings": {Offering.HOME_1G, Offering.APARTMENT_1G},
        "tier": InternetTier.PRO,
        "region": None,
        "plan_kind": None,
        "data_gb": None,
        "network_plan": None,
        "instalments": None,
        "option": None,
        "bundles": {"ROUTER"},
    }
    assert isinstance(plan.tier, InternetTier)
    assert isinstance(plan.cycle, BillingCycle)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("name = 7", "[vpn.VPN-US] name: 7 is no text; write it in quotes"),
        ('name = ""\nname = ""', "is no TOML in UTF-8"),
        ("price = 25.5", "[vpn.VPN-US] price: 25.5 is no whole number"),
        ("price = -1", "[vpn.VPN-US] price: -1 is no whole number"),
        ("price = 9999999999999", "[vpn.VPN-US] price: The amount is too large. Stay within"),
        ('price = "2500"', "[vpn.VPN-US] price: '2500' is no whole number; write it with digits only"),
        ("billing_product = true", "[vpn.VPN-US] billing_product: True is no whole number"),
        ('active = "yes"', "[vpn.VPN-US] active: 'yes' is neither true nor false"),
        ('cycle = "monthly"', "[vpn.VPN-US] cycle: 'monthly' is unknown; write one of Monthly, One-time"),
        ('region = "EU"', "[vpn.VPN-US] region: 'EU' is unknown; write one of US, UK"),
        (
            'offerings = "Home 1G"',
            "[vpn.VPN-US] offerings: 'Home 1G' is no list; write it in square brackets",
        ),
        ('offerings = ["Home 2G"]', "[vpn.VPN-US] offerings: 'Home 2G' is unknown; write one of Home 1G"),
        ("bundles = [3]", "[vpn.VPN-US] bundles: 3 is no text; write it in quotes"),
        ('colour = "red"', "[vpn.VPN-US] colour: unknown; the fields are name, item_class"),
        ('sku = "OTHER"', "[vpn.VPN-US] sku: unknown; the fields are name, item_class"),
        ("instalments = 13", "[vpn.VPN-US] instalments: 13 is unknown; write 12 or 24"),
    ],
)
def test_a_wrong_field_is_named_with_what_to_write(tmp_path: Path, line: str, problem: str) -> None:
    field = line.split(" = ", maxsplit=1)[0]
    kept = [kept for kept in PLAN.splitlines() if not kept.startswith(f"{field} =")]
    (told,) = problems(tmp_path, "\n".join([*kept, line]))
    assert told.startswith(problem)


@pytest.mark.parametrize("field", ["name", "item_class", "cycle", "price", "billing_product"])
def test_a_missing_field_is_named(tmp_path: Path, field: str) -> None:
    kept = [kept for kept in PLAN.splitlines() if not kept.startswith(f"{field} =")]
    assert problems(tmp_path, "\n".join(kept)) == (f"[vpn.VPN-US] {field}: missing; every product needs it",)


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = PLAN.replace("2500", "-1").replace('"US"', '"EU"') + "[tv.A]\n[sim]\nB = 1\n"
    assert problems(tmp_path, "x = 1\n" + text) == (
        "[x]: unknown; name the service: internet, sim, vpn",
        "[vpn.VPN-US] price: -1 is no whole number; write it with digits only, without quotes",
        "[vpn.VPN-US] region: 'EU' is unknown; write one of US, UK",
        "[tv]: unknown; name the service: internet, sim, vpn",
        "[sim.B]: not a table; write [sim.B] on a line of its own and its fields below",
    )


def test_products_that_contradict_each_other_are_told_by_table_and_field(tmp_path: Path) -> None:
    text = PLAN + PLAN.replace("VPN-US", "VPN-UK").replace("US", "UK")
    assert problems(tmp_path, text) == (
        "[vpn.VPN-US] billing_product: 1 is used twice; each product has its own in WHMCS",
        "[vpn.VPN-UK] billing_product: 1 is used twice; each product has its own in WHMCS",
    )


def test_a_file_that_is_not_there_is_told_as_that(tmp_path: Path) -> None:
    with pytest.raises(CatalogueFileError, match="No such file") as error:
        load_catalogue(tmp_path / "none.toml")
    assert isinstance(error.value, OrderingError)
    assert isinstance(error.value, ValueError)


def test_a_file_that_is_no_text_is_told_as_that(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(CatalogueFileError, match="is no TOML in UTF-8"):
        load_catalogue(file)


def test_the_version_is_that_of_the_content(tmp_path: Path) -> None:
    one = load_catalogue(file_of(tmp_path, PLAN))
    assert load_catalogue(file_of(tmp_path, PLAN)).version == one.version
    assert load_catalogue(file_of(tmp_path, PLAN.replace("2500", "2501"))).version != one.version


def test_a_catalogue_cannot_be_changed_by_who_reads_it(tmp_path: Path) -> None:
    products = load_catalogue(file_of(tmp_path, PLAN)).products
    with pytest.raises(TypeError):
        products[Sku("X")] = products[Sku("VPN-US")]  # type: ignore[index]  # the proof of the type's promise


def test_a_file_that_breaks_later_is_unavailable_and_says_why(tmp_path: Path) -> None:
    file = file_of(tmp_path, PLAN)
    catalogue = FileCatalogue(file)
    file.write_text(PLAN.replace("2500", "-1"), encoding="utf-8")
    assert catalogue.all().products[Sku("VPN-US")].price == 2500
    catalogue.refresh()
    with pytest.raises(Unavailable, match="price: -1 is no whole number"):
        catalogue.all()


def test_a_broken_file_is_refused_when_starting(tmp_path: Path) -> None:
    with pytest.raises(CatalogueFileError):
        FileCatalogue(file_of(tmp_path, PLAN.replace("2500", "-1")))


def test_without_a_file_the_shipped_one_is_read() -> None:
    assert FileCatalogue().all() == CATALOGUE == load_catalogue(SHIPPED)
