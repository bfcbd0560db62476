"""
The billing contract on every kind of WHMCS installation there is, one difference at a time.

Budget: none in test; a minute in CI.
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
    "SmallPages": {"largest_page": 1},
    "OneYenOfTax": {"tax_calculation": "line", "tax_rounding": "floor"},
    "OldVersion": {"version": "8.0.4", "unknown_action": "invalid"},
}


@pytest.fixture(scope="module")
def whmcs_process() -> Iterator[WhmcsProcess]:
    """Run one installation for all of them."""
    process = WhmcsProcess()
    yield process
    process.close()


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
