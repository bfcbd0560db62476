"""
What an org's fields have to be for ordering: which it cannot do without, and what the others are worth.

A field that the org lacks is named empty in the settings. One of `INDISPENSABLE` cannot be: queries go by it,
or what is written without it would be wrong. For every other one there is a named degradation (DESIGN 3.27).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from ordering_adapters.salesforce.fields import PORTING, Field, Names


@attrs.frozen
class Degradation:
    """What is different in an org without a field: a *name* for it, and what *happens*."""

    name: str
    happens: str


_ADDRESS: Final = "an address without it cannot be read back"
_FOUND: Final = "records are found by it"
_PLACED: Final = "no order can be placed without it"
_SOLD: Final = "nothing would be for sale"
_RUNS: Final = "each run compares it with what it wrote last; a hold that cannot be read would seem lifted"

INDISPENSABLE: Final[Mapping[Field, str]] = MappingProxyType(
    {
        Field.ACCOUNT_STREET: _ADDRESS,
        Field.ACCOUNT_CITY: _ADDRESS,
        Field.ACCOUNT_STATE: _ADDRESS,
        Field.ACCOUNT_POSTAL_CODE: _ADDRESS,
        Field.IDENTITY_STATUS: "nobody could ever be verified, so nothing could be ordered",
        Field.OPPORTUNITY_ACCOUNT: _FOUND,
        Field.OPPORTUNITY_NAME: _PLACED,
        Field.OPPORTUNITY_STAGE: _PLACED,
        Field.OPPORTUNITY_CLOSES_ON: _PLACED,
        Field.OPPORTUNITY_CREATED_AT: _FOUND,
        Field.OPPORTUNITY_COMMODITY: _FOUND,
        Field.ORDER_NUMBER: _FOUND,
        Field.ORDER_ACCOUNT: _FOUND,
        Field.ORDER_OPPORTUNITY: _FOUND,
        Field.ORDER_PRICE_BOOK: _PLACED,
        Field.ORDER_TYPE: "an order would not say what was ordered",
        Field.ORDER_STATUS: "an approval could not be seen",
        Field.ORDER_EFFECTIVE_ON: _PLACED,
        Field.ORDER_CREATED_AT: _FOUND,
        Field.ORDER_STAMP: "changes are found by it",
        Field.ORDER_KEY: "a key needs a field; name another one, such as OrderReferenceNumber",
        Field.ACTIVATION_STATUS: _RUNS,
        Field.ACTIVATION_SCHEDULED_AT: _RUNS,
        Field.ACTIVATION_ERROR_CODE: _RUNS,
        Field.ORDER_STREET: _ADDRESS,
        Field.ORDER_CITY: _ADDRESS,
        Field.ORDER_STATE: _ADDRESS,
        Field.ORDER_POSTAL_CODE: _ADDRESS,
        Field.ITEM_NUMBER: "the lines of an order are read in its order",
        Field.ITEM_ORDER: _PLACED,
        Field.ITEM_ENTRY: _PLACED,
        Field.ITEM_PRICE: _PLACED,
        Field.ITEM_QUANTITY: _PLACED,
        Field.PRODUCT_SKU: _FOUND,
        Field.PRODUCT_ACTIVE: _SOLD,
        Field.PRODUCT_CLASS: "no order would have a main service",
        Field.ENTRY_BOOK: _FOUND,
        Field.ENTRY_ACTIVE: _SOLD,
        Field.CASE_KEY: "a key needs a field; name another one, such as SuppliedCompany",
        Field.FILE_KEY: "a key needs a field; name another one, such as ReasonForChange",
    }
)
"""Why ordering does not start without a field."""

_NO_CARD: Final = f'a card without it cannot be used; name "{Field.ASSIGNED_CARD}" empty to do without cards'
_WITH_CARDS: Final = (Field.CARD_ICCID, Field.CARD_STATUS, Field.CARD_ORDER)
_CYCLES: Final = (Field.ITEM_CYCLE, Field.PRODUCT_CYCLE)

_ADDRESS_ELSEWHERE: Final = Degradation("country unsaid", "the address is written without its country")
_ONE_CYCLE: Final = Degradation(
    "cycle from one side", "an item's cycle is read from its product, and the reverse"
)
_NO_INTERNET: Final = Degradation("no Internet", "every address reads as not asked")
_INCOMPLETE: Final = Degradation(
    "order incomplete", "what the customer chose is not on the order, and cannot be provisioned from it"
)
_NO_WORDS: Final = Degradation("holds without words", "agents see a hold's code, not its sentence or time")
_UNLINKED: Final = Degradation("no links", "Salesforce does not show which services were billed")
_CASES_SAY_LESS: Final = Degradation("Cases say less", "the team's Cases open without it")
_CARD_SAYS_LESS: Final = Degradation("cards say less", "agents and lines do without it")

DEGRADATIONS: Final[Mapping[Field, Degradation]] = MappingProxyType(
    {
        Field.ACCOUNT_NAME: Degradation("Account by number", "Opportunities are named after its number"),
        Field.ACCOUNT_NUMBER: Degradation("Account by name", "Opportunities are named after its name"),
        Field.ACCOUNT_COUNTRY: _ADDRESS_ELSEWHERE,
        Field.ELIGIBILITY_STATUS: _NO_INTERNET,
        Field.ELIGIBILITY_RESULT: _NO_INTERNET,
        Field.ELIGIBILITY_CHECKED_AT: Degradation(
            "check undated", "nobody reads when an address was checked"
        ),
        Field.IDENTITY_METHOD: Degradation(
            "method unknown",
            "every verification reads as unknown: SIMs with voice are held (IDENTITY_METHOD)",
        ),
        Field.IDENTITY_VERIFIED_AT: Degradation("verification undated", "nobody reads when it was"),
        Field.IDENTITY_REJECTION: Degradation(
            "rejection without words", "a customer whose card was rejected reads a neutral sentence"
        ),
        Field.OPPORTUNITY_SOURCE: Degradation("source unsaid", "reports cannot tell where a sale came from"),
        Field.OPPORTUNITY_SERVICE: _UNLINKED,
        Field.ORDER_DESCRIPTION: Degradation("notes lost", "the customer's notes do not reach the team"),
        Field.ORDER_REJECTION_REASON: Degradation(
            "neutral reason",
            "a customer rejected in Salesforce reads a neutral sentence, unless our decision says more",
        ),
        Field.ORDER_PRIORITY: Degradation(
            "priority by expiry only", "only orders whose MNP reservation runs out soon are urgent"
        ),
        Field.BILLING_ORDER: Degradation(
            "billing order not shown", "orders provisioned elsewhere are recognised by their services alone"
        ),
        Field.ACTIVATION_TYPE: _INCOMPLETE,
        Field.ACTIVATION_ERROR_MESSAGE: _NO_WORDS,
        Field.ACTIVATION_LAST_ATTEMPT_AT: _NO_WORDS,
        **dict.fromkeys(
            (
                Field.ACCESS_MODE,
                Field.PLAN_TIER,
                Field.INSTALLATION,
                Field.WEEKEND_INSTALL,
                Field.HIKARI_DENWA,
                Field.SIM_TYPE,
                Field.EID,
                Field.VOICE_MAIL,
                Field.CALL_WAITING,
                *PORTING,
                Field.VPN_REGION,
            ),
            _INCOMPLETE,
        ),
        Field.ASSIGNED_CARD: Degradation(
            "no cards", "orders of a physical SIM wait for a card for ever; sell eSIM only"
        ),
        Field.MNP_APPLICATION: Degradation("porting unsaid", "agents do not see how far a porting is"),
        Field.ADDRESS_CHANGED: Degradation("change unsaid", "agents do not see that the address is new"),
        Field.ORDER_COUNTRY: _ADDRESS_ELSEWHERE,
        Field.ITEM_CYCLE: _ONE_CYCLE,
        Field.ITEM_SERVICE: _UNLINKED,
        Field.PRODUCT_NAME: Degradation("names from the catalogue file", "orders show lines without names"),
        Field.PRODUCT_BILLING_ID: Degradation(
            "ids from the catalogue file", "the WHMCS product is the one of catalogue.toml"
        ),
        Field.PRODUCT_CYCLE: _ONE_CYCLE,
        Field.ENTRY_PRICE: Degradation("prices from the catalogue file", "the price book's are not read"),
        Field.CARD_ICCID: Degradation("no cards", _NO_CARD),
        Field.CARD_STATUS: Degradation("no cards", _NO_CARD),
        Field.CARD_ORDER: Degradation("no cards", _NO_CARD),
        Field.CARD_PRODUCT_NUMBER: _CARD_SAYS_LESS,
        Field.CARD_PHONE_NUMBER: _CARD_SAYS_LESS,
        Field.CARD_SHIPPED_AT: Degradation(
            "shipping unseen", "a card with MNP waits for the customer or an agent (SHIPMENT_NOT_RECORDED)"
        ),
        Field.CARD_DELIVERED_AT: Degradation(
            "delivery unseen", "a card with MNP goes on by the customer's word or by shipping days alone"
        ),
        Field.CASE_ACCOUNT: _CASES_SAY_LESS,
        Field.CASE_ORIGIN: _CASES_SAY_LESS,
        Field.CASE_SUBJECT: _CASES_SAY_LESS,
        Field.CASE_DESCRIPTION: _CASES_SAY_LESS,
    }
)
"""What an org without a field is like."""


def problems_with(names: Names) -> Iterator[str]:
    """Yield why ordering cannot work with *names*: what may not be missing, by its name."""
    for field, reason in INDISPENSABLE.items():
        if not names.has(field):
            yield f"{field}: {reason}"
    if names.has(Field.ASSIGNED_CARD):
        yield from (f"{field}: {_NO_CARD}" for field in _WITH_CARDS if not names.has(field))
    if not any(map(names.has, _CYCLES)):
        yield f"{' or '.join(_CYCLES)}: every line would read as One-time"
