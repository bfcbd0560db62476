"""
The mark of a line: written with AddOrder, and read off a service to know whose it is (DESIGN 3.21).

Both kinds of mark are read, whichever is written: what was ordered before the setting was changed has to be
found as well.
"""

from __future__ import annotations

import re

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from ordering_adapters.whmcs.errors import Code, refusal
from ordering_adapters.whmcs.php import Parameter, serialised
from ordering_adapters.whmcs.products import FieldNumbers, plain_name
from ordering_adapters.whmcs.settings import FieldName, Mark, WhmcsSettings
from ordering_adapters.whmcs.values import Row, rows, text, whole
from ordering_core.domain.billing import BillingLine, NewBillingOrder
from ordering_core.domain.identifiers import BillingProductId, OpportunityId, OrderId, OrderItemId


_DOMAIN: Final = re.compile(r"(802[A-Za-z0-9]{12,15})\.(801[A-Za-z0-9]{12,15})")


@attrs.frozen(kw_only=True)
class Marks:
    """What a service says of itself; empty for one that is not ours."""

    item: OrderItemId | None = None
    reference: OrderId | None = None
    opportunity: OpportunityId | None = None


def marking(
    settings: WhmcsSettings,
    order: NewBillingOrder,
    numbers: Mapping[BillingProductId, FieldNumbers],
) -> Mapping[str, Parameter]:
    """
    Return the parameters of AddOrder that mark each line of *order*, and the order in its notes.

    Raises:
        Refused: A product has no field for the mark (code MARK_FIELD_MISSING); unmarked, a line is lost.

    """
    in_domain = settings.mark is Mark.DOMAIN
    fields = [_fields(order, line, numbers[line.product], required=not in_domain) for line in order.lines]
    domains = [f"{line.item}.{order.reference}" for line in order.lines] if in_domain else ()
    return {"notes": order.reference, "customfields": fields, "domain": domains}


def marks_of(settings: WhmcsSettings, service: Row, numbers: FieldNumbers) -> Marks:
    """Return the marks of *service*; *numbers* tell its custom fields where WHMCS gives no names."""
    values = _values(settings, service, numbers)
    in_domain = _DOMAIN.fullmatch(text(service, "domain"))
    item = values.get(FieldName.ITEM) or (in_domain[1] if in_domain else "")
    reference = values.get(FieldName.ORDER) or (in_domain[2] if in_domain else "")
    opportunity = values.get(FieldName.OPPORTUNITY)
    return Marks(
        item=OrderItemId(item) if item else None,
        reference=OrderId(reference) if reference else None,
        opportunity=OpportunityId(opportunity) if opportunity else None,
    )


def names_its_fields(service: Row) -> bool:
    """Whether the custom fields of *service* say their names, so that nobody has to know their numbers."""
    return all(plain_name(field) for field in rows(service, "customfields", "customfield"))


def _fields(order: NewBillingOrder, line: BillingLine, numbers: FieldNumbers, *, required: bool) -> str:
    if required and FieldName.ITEM not in numbers:
        raise refusal(Code.MARK_FIELD_MISSING, f"product {line.product} has no field for the order item")
    values = {
        FieldName.ITEM: line.item,
        FieldName.ORDER: order.reference,
        FieldName.OPPORTUNITY: order.opportunity,
    }
    known = {numbers[name]: value for name, value in values.items() if value and name in numbers}
    return serialised(known) if known else ""


def _values(settings: WhmcsSettings, service: Row, numbers: FieldNumbers) -> Mapping[FieldName, str]:
    by_name = {called.casefold(): name for name, called in settings.names.items()}
    by_number = {number: name for name, number in numbers.items()}
    fields: Sequence[Row] = rows(service, "customfields", "customfield")
    found: dict[FieldName, str] = {}
    for field in fields:
        name = by_name.get(plain_name(field)) or by_number.get(whole(field, "id") or 0)
        if name is not None and (value := text(field, "value")):
            found[name] = value
    return found
