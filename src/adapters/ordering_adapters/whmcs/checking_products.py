"""Does an installation have what the catalogue sells: gateway, products, prices, custom fields?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ordering_adapters.whmcs.api import WhmcsApi
from ordering_adapters.whmcs.checked import Checked, State
from ordering_adapters.whmcs.products import WhmcsProduct
from ordering_adapters.whmcs.settings import FieldName, Mark
from ordering_adapters.whmcs.values import rows, text
from ordering_core.domain.catalogue import Catalogue, Product
from ordering_core.domain.identifiers import BillingProductId
from ordering_core.domain.vocabulary import BillingCycle


_NAMED: Final = 5


def check_gateway(api: WhmcsApi, gateway: str) -> Checked:
    """Check that the gateway we bill with is active."""
    answer = api.read("GetPaymentMethods")
    active = [text(row, "module") for row in rows(answer, "paymentmethods", "paymentmethod")]
    if gateway in active:
        return Checked(name="gateway", state=State.OK, detail=f"{gateway} is active")
    return Checked(
        name="gateway",
        state=State.FAILED,
        detail=f"{gateway} is not active; active: {', '.join(active) or 'none'}",
        remedy="Activate it (System Settings > Payment Gateways) or set ORDERING_POLICY_WHMCS_GATEWAY.",
    )


def sold(catalogue: Catalogue) -> list[Product]:
    """Return the products that are for sale."""
    return [product for product in catalogue.products.values() if product.active]


def check_products(
    catalogue: Catalogue, found: Mapping[BillingProductId, WhmcsProduct], currency: str
) -> Iterator[Checked]:
    """Yield for each product whether it is there, billed in the same cycle and at the same price."""
    for product in sold(catalogue):
        name = f"product {product.billing_product} ({product.sku})"
        known = found.get(product.billing_product)
        if known is None:
            yield Checked(
                name=name,
                state=State.FAILED,
                detail="not in WHMCS",
                remedy="Make it there, or correct WH_Product_ID__c of the product in Salesforce.",
            )
        elif known.cycle is not product.cycle:
            asked = "one time" if product.cycle is BillingCycle.ONE_TIME else "recurring, monthly"
            yield Checked(
                name=name,
                state=State.FAILED,
                detail="its payment type is another one",
                remedy=f"Set its payment type to {asked} on the pricing tab.",
            )
        elif known.price != product.price:
            has = "no price" if known.price is None else f"{known.price} {currency}"
            yield Checked(
                name=name,
                state=State.FAILED,
                detail=f"costs {product.price} in the catalogue, {has} in WHMCS",
                remedy="Make both the same: renewals after a change there are billed at WHMCS's price.",
            )
        else:
            yield Checked(name=name, state=State.OK, detail=f"{known.price} {currency}")


def check_fields(
    api: WhmcsApi, catalogue: Catalogue, found: Mapping[BillingProductId, WhmcsProduct]
) -> Iterator[Checked]:
    """Yield for each of our custom fields whether every product has it."""
    needed = {
        FieldName.ITEM: State.FAILED if api.settings.mark is Mark.CUSTOM_FIELD else State.OK,
        FieldName.OPPORTUNITY: State.FAILED,
        FieldName.ORDER: State.WARNING if api.settings.mark is Mark.CUSTOM_FIELD else State.OK,
    }
    for field, gravity in needed.items():
        missing = sorted(
            {product.billing_product for product in sold(catalogue)}
            & {known.id for known in found.values() if field not in known.field_numbers}
        )
        called = api.settings.names[field]
        if missing and gravity is not State.OK:
            yield Checked(
                name=f"custom field {called}",
                state=gravity,
                detail=f"not seen on {_few(missing)}",
                remedy=(
                    "Add a text box of this name to each (Custom Fields tab). Fields that are not on the "
                    "order form are not listed to us: name their ids in ORDERING_WHMCS_FIELDS_FILE."
                ),
            )
        else:
            yield Checked(name=f"custom field {called}", state=State.OK, detail="there where it is needed")


def _few(products: Sequence[BillingProductId]) -> str:
    """Name the first of *products*, and say how many there are."""
    named = ", ".join(map(str, products[:_NAMED]))
    more = len(products) - _NAMED
    return f"products {named}" + (f" and {more} more" if more > 0 else "")
