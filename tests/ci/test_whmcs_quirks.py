"""
The billing contract on every kind of WHMCS installation there is, one difference at a time.

Budget: none in test; two minutes in CI.
"""

from collections.abc import Iterator
from typing import ClassVar

import pytest

from ordering_adapters.whmcs import FieldName, Mark
from ordering_core.domain.identifiers import BillingProductId
from tests.contract.whmcs_installation import ALL_FIELDS, BillingOnSandbox
from tests.contract.whmcs_process import WhmcsProcess


NUMBERS = {
    BillingProductId(product): {field: product * 10 + place for place, field in enumerate(ALL_FIELDS, 1)}
    for product in (202, 203)
}
QUIRKS: dict[str, dict[str, object]] = {
    "IdsAsTexts": {"ids": "texts"},
    "IdsAsNumbers": {"ids": "numbers"},
    "EmptyListsAsTexts": {"empty_lists": "text"},
    "EmptyListsAsObjects": {"empty_lists": "object"},
    "EmptyListsMissing": {"empty_lists": "missing"},
    "ListsAsObjects": {"lists_as_objects": True},
    "MoneyAsNumbers": {"money_as_numbers": True},
    "StatusForResult": {"status_key": True},
    "NoProductIds": {"productids": False},
    "ServicesShuffled": {"services_in_order": False},
    "AcceptActivates": {"accept_activates": True},
    "ItemsStayAtCancel": {"cancel_items": False, "cancel_invoice": False},
    "StrictArrays": {"strict_arrays": True},
    "NoDestinations": {"sso_destinations": False},
    "NotesIgnored": {"notes_at_order": False},
    "DomainsIgnored": {"domain_at_order": False},
    "NotesHidden": {"hidden_fields": ["GetOrders.notes"]},
    "ModulesUnknown": {"modules_known": False},
    "RefusalsAs200": {"refusals_as_200": True},
    "XmlByDefault": {"default_responsetype": "xml"},
    "PagesOfOneRow": {"largest_page": 1},
    "SmallPages": {"largest_page": 2},
    "SmallPagesWithoutTotals": {
        "largest_page": 2,
        "hidden_fields": ["GetClientsProducts.totalresults", "GetOrders.totalresults"],
    },
    "OneYenOfTax": {"tax_calculation": "line", "tax_rounding": "floor"},
    "TaxRoundedByHalves": {"tax_rounding": "half_up"},
    "OldVersion": {"version": "8.0.4", "unknown_action": "invalid"},
    "NoSubscriptions": {"cancel_subscriptions": False},
    "DigitsOfPhonesAlone": {"phone_digits_only": True},
    "PasswordRequired": {"password_required": True},
    "BansAfterOneFailure": {"failures_to_ban": 1},
    "DaysOfGrace": {"order_grace_days": 7, "invoice_days": 0},
    "AnotherZone": {"utc_offset": -10},
}
SUITES_OF_THEIR_OWN = {"custom_fields_at_order", "custom_fields_listed", "custom_field_names"}
NOT_FOR_US = {
    "tax_rate": "docs/whmcs.md 3: 10 %",
    "tax_inclusive": "docs/whmcs.md 3: exclusive",
    "miscounted": "held for an operator: tests/contract/test_whmcs_provisioning.py",
    "denied_actions": "found by the check: tests/contract/test_whmcs_check.py",
    "allowed_ips": "found by the check, with access_key",
    "access_key": "found by the check, with allowed_ips",
}
"""Installations that bill otherwise, or do not let us in: no suite can be green there."""


@pytest.fixture(scope="module")
def whmcs_process() -> Iterator[WhmcsProcess]:
    """Run one installation for all of them."""
    process = WhmcsProcess()
    yield process
    process.close()


def test_every_switch_of_the_stand_in_is_on_in_a_suite_or_has_a_reason_not_to_be(
    whmcs_process: WhmcsProcess,
) -> None:
    known = whmcs_process.admin("GET", "switches")
    assert isinstance(known, dict)
    switched_on = {switch for switches in QUIRKS.values() for switch in switches}
    assert switched_on | SUITES_OF_THEIR_OWN | NOT_FOR_US.keys() == known.keys()


class TestFieldsNotListed(BillingOnSandbox):
    switches: ClassVar[dict[str, object]] = {"custom_fields_listed": False}
    field_numbers = NUMBERS


class TestFieldsWithoutNames(BillingOnSandbox):
    switches: ClassVar[dict[str, object]] = {"custom_field_names": False}


class TestFieldsNeitherListedNorNamed(BillingOnSandbox):
    switches: ClassVar[dict[str, object]] = {"custom_fields_listed": False, "custom_field_names": False}
    field_numbers = NUMBERS


class TestCustomFieldsIgnored(BillingOnSandbox):
    switches: ClassVar[dict[str, object]] = {"custom_fields_at_order": False}
    mark = Mark.DOMAIN


class TestMarkInTheDomain(BillingOnSandbox):
    mark = Mark.DOMAIN
    fields = (FieldName.OPPORTUNITY.value,)


class TestFieldsOfTheDesignAlone(BillingOnSandbox):
    fields = (FieldName.OPPORTUNITY.value, FieldName.ITEM.value)


class TestMarkNotProved(BillingOnSandbox):
    mark_proved = False


for _name, _switches in QUIRKS.items():
    globals()[f"Test{_name}"] = type(
        f"Test{_name}", (BillingOnSandbox,), {"switches": _switches, "__module__": __name__}
    )
