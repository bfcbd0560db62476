"""WHMCS as the billing system: mark, look, add, look (DESIGN 3.21, 5; reference whmcs 2c, 2d, 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urljoin, urlsplit

from ordering_adapters.whmcs.api import WhmcsApi
from ordering_adapters.whmcs.errors import Code, refusal
from ordering_adapters.whmcs.invoices import WhmcsInvoices
from ordering_adapters.whmcs.looking import ACTIVE, PENDING, Look
from ordering_adapters.whmcs.marks import marking
from ordering_adapters.whmcs.php import Parameter, serialised
from ordering_adapters.whmcs.products import FieldNumbers, WhmcsProducts
from ordering_adapters.whmcs.remembered import KnownOrder, Remembered
from ordering_adapters.whmcs.settings import FieldName, WhmcsSettings
from ordering_adapters.whmcs.values import Row, month, rows, text, title, whole
from ordering_core.domain.address import PostalAddress
from ordering_core.domain.identifiers import (
    BillingOrderId,
    BillingProductId,
    ClientId,
    OpportunityId,
    OrderId,
    ServiceId,
)
from ordering_core.domain.invoice import Invoice
from ordering_core.domain.payment import PaymentMethod
from ordering_core.domain.vocabulary import BillingCycle, System
from ordering_core.errors import OutcomeUnknown, Refused, Unavailable
from ordering_core.ports.billing import BilledOrder, BillingSystem, NewBillingOrder


CYCLES: Final[Mapping[BillingCycle, str]] = {
    BillingCycle.MONTHLY: "monthly",
    BillingCycle.ONE_TIME: "onetime",
}
"""How AddOrder spells a cycle; services show another spelling (reference 3)."""


class WhmcsBilling(BillingSystem):
    """
    One installation behind the port.

    *mark_proved* says that `ordering whmcs check` saw the mark read back; until then every order of a client
    is looked into, and a note counts as a mark.
    """

    def __init__(self, api: WhmcsApi, products: WhmcsProducts, *, mark_proved: bool = False) -> None:
        """Nothing is sent before the first call."""
        self._api = api
        self._products = products
        self._invoices = WhmcsInvoices(api)
        self._remembered = Remembered()
        self._mark_proved = mark_proved
        self._look = Look(api, products, self._remembered, mark_proved=mark_proved)

    def payment_methods(self, client: ClientId, /) -> tuple[PaymentMethod, ...]:
        answer = self._api.read("GetPayMethods", {"clientid": client})
        return tuple(
            _payment_method(row, known)
            for row in rows(answer, "paymethods", "paymethod")
            if (known := whole(row, "id")) is not None
        )

    def card_entry_url(self, client: ClientId, /) -> str:
        page = self._api.settings.card_page
        try:
            answer = self._sign_on(client, {"destination": "sso:custom_redirect", "sso_redirect_path": page})
        except Refused as refused:
            if refused.code == Code.SIGN_ON_BLOCKED:
                # The client switched single sign-on off: they log in there themselves.
                return urljoin(self._api.settings.base, page)
            if refused.code != Code.DESTINATION_INVALID:
                raise
            answer = self._sign_on(client, {})
        url = text(answer, "redirect_url")
        if urlsplit(url).scheme not in {"https", urlsplit(self._api.settings.base).scheme}:
            raise Unavailable(System.WHMCS, "NO_ADDRESS")
        return url

    def find(self, client: ClientId, reference: OrderId, /) -> tuple[BilledOrder, ...]:
        return self._look.orders(client, reference)

    def add(self, order: NewBillingOrder, /) -> BillingOrderId:
        if not order.lines:
            raise refusal(Code.NO_ITEMS)
        numbers = self._products.field_numbers({line.product for line in order.lines})
        try:
            answer = self._api.write("AddOrder", order_parameters(self._api.settings, order, numbers))
        except Refused as refused:
            if refused.code == Code.REFUSED and not self._is_absent(order):
                raise OutcomeUnknown(System.WHMCS, "REFUSED_IN_UNKNOWN_WORDS") from None
            raise
        added = whole(answer, "orderid")
        if added is None:
            raise OutcomeUnknown(System.WHMCS, "NO_ORDER_ID")
        made = BillingOrderId(added)
        self._remembered.keep_order(
            made, KnownOrder(reference=order.reference, status=PENDING, at=self._api.clock.now())
        )
        return made

    def accept(self, order: BillingOrderId, /) -> None:
        try:
            # The order's own settings say what a module does; a mail would be ours, and none is wanted.
            self._api.write("AcceptOrder", {"orderid": order, "sendemail": False})
        except Refused as refused:
            if refused.code not in _ASK_THE_ORDER:
                raise
            # A repeat is refused, and so is a module's failure after the order was accepted (reference 2d).
            row = self._look.order_row(order)
            if row is None:
                raise refusal(Code.ORDER_NOT_FOUND) from None
            if title(row, "status") != ACTIVE:
                raise refused from None
        self._remembered.accepted(order, status=ACTIVE, at=self._api.clock.now())

    def activate_service(self, service: ServiceId, /, *, opportunity: OpportunityId | None) -> None:
        fields = self._opportunity_field(service, opportunity) if opportunity else None
        self._api.write(
            "UpdateClientProduct", {"serviceid": service, "status": ACTIVE, "customfields": fields}
        )

    def update_address(self, client: ClientId, address: PostalAddress, /) -> None:
        self._api.write("UpdateClient", {"clientid": client, **address_parameters(address, self._country)})

    def active_products(self, client: ClientId, /) -> Mapping[ServiceId, BillingProductId]:
        return {
            found.service.id: found.service.product
            for found in self._look.services(client)
            if found.service.status == ACTIVE
        }

    def invoice(self, order: BillingOrderId, /) -> Invoice | None:
        return self._invoices.of_order(order)

    @property
    def _country(self) -> str:
        return self._api.settings.country

    def _sign_on(self, client: ClientId, where: Mapping[str, str]) -> Row:
        return self._api.read("CreateSsoToken", {"client_id": client, **where})

    def _is_absent(self, order: NewBillingOrder) -> bool:
        """
        Whether it is certain that *order* was not added, though nobody knows the words of its refusal.

        They may be those of a hook or of a module, after the order was made (reference 4.3): WHMCS has
        answered, so a look at once tells, where no order of ours is without its mark.
        """
        try:
            return self._mark_proved and not self._look.orders(order.client, order.reference)
        except (Refused, Unavailable):
            return False

    def _opportunity_field(self, service: ServiceId, opportunity: OpportunityId) -> str | None:
        """Return the custom field of *service* that links it, None when its product has none."""
        product = self._remembered.product(service)
        if product is None:
            found = self._look.service(service)
            if found is None:
                raise refusal(Code.SERVICE_NOT_FOUND)
            product = found.service.product
        number = self._products.field_numbers([product])[product].get(FieldName.OPPORTUNITY)
        return None if number is None else serialised({number: opportunity})


_ASK_THE_ORDER: Final = frozenset({Code.ORDER_NOT_PENDING, Code.ORDER_NOT_FOUND, Code.REFUSED})


def order_parameters(
    settings: WhmcsSettings, order: NewBillingOrder, numbers: Mapping[BillingProductId, FieldNumbers]
) -> Mapping[str, Parameter]:
    """
    Return the parameters of AddOrder for *order*, marked, and without any mail.

    Raises:
        Refused: A product has no field for the mark (code MARK_FIELD_MISSING).

    """
    return {
        "clientid": order.client,
        "paymentmethod": order.gateway,
        "pid": [line.product for line in order.lines],
        "billingcycle": [CYCLES[line.cycle] for line in order.lines],
        "priceoverride": [line.price for line in order.lines],
        **marking(settings, order, numbers),
        "noemail": True,
        "noinvoiceemail": True,
    }


def address_parameters(address: PostalAddress, country: str) -> dict[str, str]:
    """Return *address* in WHMCS's fields; building and room share the second line."""
    return {
        "address1": address.town_and_number,
        "address2": " ".join(filter(None, (address.building, address.room))),
        "city": address.city,
        "state": address.prefecture,
        "postcode": str(address.postal_code),
        "country": country,
    }


def _payment_method(row: Row, known: int) -> PaymentMethod:
    return PaymentMethod(
        id=known,
        gateway=text(row, "gateway_name"),
        description=text(row, "card_type") or text(row, "bank_name") or text(row, "type"),
        last_four=text(row, "card_last_four"),
        expires=month(row, "expiry_date"),
    )
