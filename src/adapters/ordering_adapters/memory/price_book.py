"""
A small price list to begin with: every order type, every option, one bundle.

The realistic catalogue is a file (`ordering_adapters.catalogue_file`); this one needs nothing to be read.
"""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import Final

from ordering_core.domain.catalogue import Catalogue, Product
from ordering_core.domain.identifiers import BillingProductId, Sku
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


_INTERNET: Final = (
    Product(
        sku=Sku("INTERNET-HOME-1G-STANDARD"),
        name="Internet Home 1G Standard",
        order_type=OrderType.INTERNET,
        item_class=ItemClass.SERVICE,
        cycle=BillingCycle.MONTHLY,
        price=Decimal(5200),
        billing_product=BillingProductId(101),
        offerings=frozenset({Offering.HOME_1G}),
        tier=InternetTier.STANDARD,
    ),
    Product(
        sku=Sku("INTERNET-APARTMENT-1G-STANDARD"),
        name="Internet Apartment 1G Standard",
        order_type=OrderType.INTERNET,
        item_class=ItemClass.SERVICE,
        cycle=BillingCycle.MONTHLY,
        price=Decimal(4200),
        billing_product=BillingProductId(102),
        offerings=frozenset({Offering.APARTMENT_1G}),
        tier=InternetTier.STANDARD,
    ),
    Product(
        sku=Sku("INTERNET-HOME-1G-PLATINUM"),
        name="Internet Home 1G Platinum",
        order_type=OrderType.INTERNET,
        item_class=ItemClass.SERVICE,
        cycle=BillingCycle.MONTHLY,
        price=Decimal(7800),
        billing_product=BillingProductId(103),
        offerings=frozenset({Offering.HOME_1G}),
        tier=InternetTier.PLATINUM,
        bundles=frozenset({Sku("INTERNET-ROUTER")}),
    ),
    Product(
        sku=Sku("INTERNET-ROUTER"),
        name="Router rental",
        order_type=OrderType.INTERNET,
        item_class=ItemClass.ADD_ON,
        cycle=BillingCycle.MONTHLY,
        price=Decimal(0),
        billing_product=BillingProductId(104),
    ),
    Product(
        sku=Sku("INTERNET-INSTALL-SINGLE"),
        name="Installation, paid at once",
        order_type=OrderType.INTERNET,
        item_class=ItemClass.INSTALLATION,
        cycle=BillingCycle.ONE_TIME,
        price=Decimal(22800),
        billing_product=BillingProductId(105),
    ),
    Product(
        sku=Sku("INTERNET-INSTALL-12"),
        name="Installation, 12 payments",
        order_type=OrderType.INTERNET,
        item_class=ItemClass.INSTALLATION,
        cycle=BillingCycle.MONTHLY,
        price=Decimal(1900),
        billing_product=BillingProductId(106),
        instalments=12,
    ),
    Product(
        sku=Sku("INTERNET-INSTALL-24"),
        name="Installation, 24 payments",
        order_type=OrderType.INTERNET,
        item_class=ItemClass.INSTALLATION,
        cycle=BillingCycle.MONTHLY,
        price=Decimal(950),
        billing_product=BillingProductId(107),
        instalments=24,
    ),
    Product(
        sku=Sku("INTERNET-WEEKEND"),
        name="Weekend installation",
        order_type=OrderType.INTERNET,
        item_class=ItemClass.ADD_ON,
        cycle=BillingCycle.ONE_TIME,
        price=Decimal(3000),
        billing_product=BillingProductId(108),
        option=ProductOption.WEEKEND_INSTALL,
    ),
    Product(
        sku=Sku("INTERNET-DENWA"),
        name="Hikari Denwa",
        order_type=OrderType.INTERNET,
        item_class=ItemClass.ADD_ON,
        cycle=BillingCycle.MONTHLY,
        price=Decimal(500),
        billing_product=BillingProductId(109),
        option=ProductOption.HIKARI_DENWA,
    ),
)

_SIM: Final = (
    Product(
        sku=Sku("SIM-DATA-5GB"),
        name="SIM data 5 GB",
        order_type=OrderType.SIM,
        item_class=ItemClass.SERVICE,
        cycle=BillingCycle.MONTHLY,
        price=Decimal(980),
        billing_product=BillingProductId(201),
        plan_kind=PlanKind.DATA,
        data_gb=5,
        network_plan="PASI_5G",
    ),
    Product(
        sku=Sku("SIM-VOICE-10GB"),
        name="SIM data and voice 10 GB",
        order_type=OrderType.SIM,
        item_class=ItemClass.SERVICE,
        cycle=BillingCycle.MONTHLY,
        price=Decimal(1980),
        billing_product=BillingProductId(202),
        plan_kind=PlanKind.DATA_AND_VOICE,
        data_gb=10,
        network_plan="PASI_10G",
    ),
    Product(
        sku=Sku("SIM-ACTIVATION"),
        name="SIM activation",
        order_type=OrderType.SIM,
        item_class=ItemClass.ACTIVATION,
        cycle=BillingCycle.ONE_TIME,
        price=Decimal(1500),
        billing_product=BillingProductId(203),
    ),
    Product(
        sku=Sku("SIM-VOICE-MAIL"),
        name="Voice mail",
        order_type=OrderType.SIM,
        item_class=ItemClass.ADD_ON,
        cycle=BillingCycle.MONTHLY,
        price=Decimal(300),
        billing_product=BillingProductId(204),
        option=ProductOption.VOICE_MAIL,
    ),
    Product(
        sku=Sku("SIM-CALL-WAITING"),
        name="Call waiting",
        order_type=OrderType.SIM,
        item_class=ItemClass.ADD_ON,
        cycle=BillingCycle.MONTHLY,
        price=Decimal(200),
        billing_product=BillingProductId(205),
        option=ProductOption.CALL_WAITING,
    ),
)

_VPN: Final = tuple(
    Product(
        sku=Sku(f"VPN-{region}"),
        name=f"VPN router {region}",
        order_type=OrderType.VPN,
        item_class=ItemClass.SERVICE,
        cycle=BillingCycle.MONTHLY,
        price=Decimal(2500),
        billing_product=BillingProductId(product),
        region=region,
    )
    for product, region in ((301, VpnRegion.US), (302, VpnRegion.UK))
)

_VPN_ACTIVATION: Final = Product(
    sku=Sku("VPN-ACTIVATION"),
    name="VPN activation",
    order_type=OrderType.VPN,
    item_class=ItemClass.ACTIVATION,
    cycle=BillingCycle.ONE_TIME,
    price=Decimal(3000),
    billing_product=BillingProductId(303),
)

SMALL_CATALOGUE: Final = Catalogue(
    version="small-1",
    products=MappingProxyType(
        {product.sku: product for product in (*_INTERNET, *_SIM, *_VPN, _VPN_ACTIVATION)}
    ),
)
"""What a world sells unless it is given a catalogue."""
