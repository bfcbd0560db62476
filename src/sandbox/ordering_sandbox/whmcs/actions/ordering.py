"""AddOrder: an order, its services, its invoice; nothing keeps it from being added twice (reference 2c)."""

from __future__ import annotations

import secrets

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import attrs

from ordering_sandbox.faults import FaultKind
from ordering_sandbox.whmcs.custom_fields import set_fields
from ordering_sandbox.whmcs.cycles import CYCLES, chosen_cycle, price_in, prices_of
from ordering_sandbox.whmcs.installation import Work
from ordering_sandbox.whmcs.invoices import Item, item_for, make_invoice
from ordering_sandbox.whmcs.listing import Answer, Handler
from ordering_sandbox.whmcs.money import totals, written
from ordering_sandbox.whmcs.parameters import Parameters, Refusal
from ordering_sandbox.whmcs.php import PhpValue, to_decimal, to_int, to_text
from ordering_sandbox.whmcs.serialised import read_fields
from ordering_sandbox.whmcs.tables import NO_DATE, Row


ADD_ORDER: Final = "AddOrder"
_ORDER_NUMBER: Final = 10**9


@attrs.frozen(kw_only=True)
class _Line:
    """One product in the cart."""

    product: Row
    cycle: str
    price: Decimal
    fee: Decimal
    quantity: int
    domain: str
    fields: Mapping[int | str, str]

    @property
    def first_payment(self) -> Decimal:
        return (self.price + self.fee) * self.quantity

    @property
    def recurring(self) -> Decimal:
        return self.price * self.quantity if CYCLES[self.cycle].months else Decimal(0)


def add_order(work: Work, parameters: Parameters) -> Answer:
    """Add an order, its services Pending, and bill it unless ``noinvoice`` says otherwise."""
    client = work.rows.get("clients", parameters.number("clientid"))
    if client is None:
        raise Refusal("Client ID Not Found")
    if client["status"] == "Closed":
        raise Refusal("Unable to add order when client status is Closed")
    gateway = known_gateway(work, parameters.text("paymentmethod"))
    _refuse_addons(parameters)
    lines = _cart(work, parameters, client)
    if not lines:
        raise Refusal("No items added to cart so order cannot proceed")
    ignored = _ignored(work)
    order = _new_order(work, parameters, client, gateway, ignored)
    shuffled = not work.switches.services_in_order or work.struck(ADD_ORDER, FaultKind.SHUFFLE_IDS)
    services = [
        _new_service(work, order, line, client=client, gateway=gateway, ignored=ignored)
        for line in (reversed(lines) if shuffled else lines)
    ]
    amount, invoice = _bill(work, parameters, client, services, gateway)
    work.rows.update("orders", order, {"amount": written(amount), "invoiceid": invoice})
    ids = ",".join(str(service) for service, _ in services)
    legacy: Answer = {"productids": ids} if work.switches.productids else {}
    return {
        "orderid": order,
        **legacy,
        "serviceids": ids,
        "addonids": "",
        "domainids": "",
        "invoiceid": invoice or "",
    }


def known_gateway(work: Work, name: str) -> str:
    """
    Return the gateway *name*, which has to be an active one's.

    Raises:
        Refusal: It is not.

    """
    active = [str(row["module"]) for row in work.rows.find("gateways", active=1)]
    if name not in active:
        raise Refusal(f"Invalid Payment Method. Valid options include {','.join(active)}")
    return name


def _refuse_addons(parameters: Parameters) -> None:
    """Refuse addons: what is added to a service here is a product of its own."""
    if parameters.number("addonid") or any(parameters.array("addonids").values()):
        raise Refusal("Addon ID invalid")


def _cart(work: Work, parameters: Parameters, client: Row) -> Sequence[_Line]:
    pid = parameters.values.get("pid", "")
    single = not isinstance(pid, dict)
    if single and pid and work.switches.strict_arrays:
        raise Refusal("Expecting parameter 'pid' to be an array")
    pids = pid if isinstance(pid, dict) else {0: pid}
    column = {
        name: _column(parameters, name, single=single)
        for name in ("billingcycle", "qty", "domain", "hostname", "customfields", "priceoverride")
    }
    currency = work.rows.get("currencies", int(client["currency"]))
    lines: list[_Line] = []
    for key, wanted in pids.items():
        product = work.rows.get("products", to_int(wanted))
        if product is None:
            continue
        prices = prices_of(product, "" if currency is None else str(currency["code"]))
        cycle = chosen_cycle(product, prices, to_text(column["billingcycle"].get(key)))
        price, fee = price_in(prices, cycle)
        override = to_text(column["priceoverride"].get(key))
        domain = to_text(column["domain"].get(key)) or to_text(column["hostname"].get(key))
        lines.append(
            _Line(
                product=product,
                cycle=cycle,
                price=to_decimal(override) if override else price,
                fee=Decimal(0) if override else fee,
                quantity=max(to_int(column["qty"].get(key)), 1),
                domain=domain,
                fields=read_fields(to_text(column["customfields"].get(key))) or {},
            )
        )
    return lines


def _column(parameters: Parameters, name: str, *, single: bool) -> Mapping[int | str, PhpValue]:
    """Return a parameter's values by line; beside a plain ``pid`` it may be plain too."""
    value = parameters.values.get(name, "")
    if single and not isinstance(value, dict):
        return {0: value}
    return parameters.array(name)


def _new_order(work: Work, parameters: Parameters, client: Row, gateway: str, ignored: frozenset[str]) -> int:
    owner = work.rows.first("clientusers", client=client["id"], owner=1)
    return work.rows.insert(
        "orders",
        {
            "ordernum": str(_ORDER_NUMBER + secrets.randbelow(9 * _ORDER_NUMBER)),
            "userid": client["id"],
            "contactid": parameters.number("contactid"),
            "requestor_id": 0 if owner is None else owner["user"],
            "date": work.stamp,
            "paymentmethod": gateway,
            "ipaddress": parameters.text("clientip"),
            "notes": "" if "notes" in ignored else parameters.text("notes"),
        },
    )


def _new_service(
    work: Work, order: int, line: _Line, *, client: Row, gateway: str, ignored: frozenset[str]
) -> tuple[int, _Line]:
    due = work.today.isoformat() if CYCLES[line.cycle].months else NO_DATE
    service = work.rows.insert(
        "services",
        {
            "clientid": client["id"],
            "orderid": order,
            "pid": line.product["id"],
            "qty": line.quantity,
            "regdate": work.today.isoformat(),
            "domain": "" if "domain" in ignored else line.domain,
            "firstpaymentamount": written(line.first_payment),
            "recurringamount": written(line.recurring),
            "paymentmethod": gateway,
            "billingcycle": CYCLES[line.cycle].shown,
            "nextduedate": due,
            "nextinvoicedate": due,
            "password": secrets.token_urlsafe(9),
        },
    )
    if "customfields" not in ignored:
        set_fields(work, service, int(line.product["id"]), line.fields)
    return service, line


def _bill(
    work: Work, parameters: Parameters, client: Row, services: Sequence[tuple[int, _Line]], gateway: str
) -> tuple[Decimal, int]:
    """Return what the order comes to, and the invoice that says so (0: none)."""
    items: list[Item] = []
    for service, line in services:
        row = work.rows.get("services", service)
        if row is not None:
            item = item_for(row, str(line.product["name"]), line.first_payment, work.today)
            items.append(attrs.evolve(item, taxed=bool(line.product["tax"])))
    rate = Decimal(0) if client["taxexempt"] else Decimal(work.switches.tax_rate)
    total = totals([(item.amount, item.taxed) for item in items], work.switches, rate).total
    if parameters.flag("noinvoice") or not total:
        return total, 0
    return total, make_invoice(work, client, items, gateway=gateway)


def _ignored(work: Work) -> frozenset[str]:
    """Return what this installation, or a fault, does not store of an order."""
    stored = {
        "customfields": work.switches.custom_fields_at_order,
        "notes": work.switches.notes_at_order,
        "domain": work.switches.domain_at_order,
    }
    ignored = {name for name, kept in stored.items() if not kept}
    for fault in work.struck(ADD_ORDER, FaultKind.IGNORE_FIELDS):
        ignored |= set(fault.failure.split(",")) if fault.failure else stored.keys()
    return frozenset(ignored)


ACTIONS: Final[Mapping[str, Handler]] = {ADD_ORDER: add_order}
