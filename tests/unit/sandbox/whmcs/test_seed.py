"""The shipped seed sells what the shipped catalogue sells, to the customers of the Salesforce seed."""

import pytest

from ordering_adapters.catalogue_file import shipped_catalogue
from ordering_sandbox.json_values import Json, NotJson, expect_list, expect_object, text_of
from ordering_sandbox.salesforce.seed import read_seed as read_salesforce_seed
from ordering_sandbox.whmcs.seed import plant, read_seed
from tests.unit.sandbox.orgs import at, listed
from tests.unit.sandbox.whmcs.installations import Caller


pytestmark = pytest.mark.whmcs_sim

CYCLES = {"recurring": "Monthly", "onetime": "One-time"}


def test_products_and_prices_are_those_of_the_catalogue(whmcs: Caller) -> None:
    sold = {
        at(product, "pid"): (
            at(product, "name"),
            at(product, "pricing", "JPY", "monthly"),
            CYCLES[str(at(product, "paytype"))],
            str(at(product, "slug")).upper(),
        )
        for product in listed(whmcs.done("GetProducts"), "products", "product")
    }
    assert sold == {
        int(product.billing_product): (
            product.name,
            f"{product.price:.2f}",
            str(product.cycle),
            str(product.sku),
        )
        for product in shipped_catalogue().products.values()
    }


def test_every_product_has_the_fields_that_mark_and_link_its_services(whmcs: Caller) -> None:
    numbers: list[int] = []
    for product in listed(whmcs.done("GetProducts"), "products", "product"):
        found = {
            str(at(row, "name")): at(row, "id") for row in listed(product, "customfields", "customfield")
        }
        assert found.keys() == {"OpportunityId", "SalesforceOrderItemId", "SalesforceOrderId"}
        numbers += [int(str(number)) for number in found.values()]
    assert len(numbers) == len(set(numbers))


def test_the_first_clients_are_the_customers_of_the_salesforce_seed(whmcs: Caller) -> None:
    contacts = [
        (text_of(record, "LastName"), text_of(record, "FirstName"), text_of(record, "Email"))
        for record in map(expect_object, expect_list(read_salesforce_seed(None)["records"]))
        if at(record, "attributes", "type") == "Contact"
    ]
    clients = whmcs.rows("clients")[: len(contacts)]
    assert [(row["lastname"], row["firstname"], row["email"]) for row in clients] == contacts


def test_what_a_seed_cannot_say_is_refused_and_nothing_changes(whmcs: Caller) -> None:
    before = whmcs.rows("clients")
    mistakes: tuple[dict[str, Json], ...] = (
        {"nonsense": []},
        {"clients": [{"colour": "red"}]},
        {"clients": [{"city": None}]},
    )
    for wrong in mistakes:
        with pytest.raises(NotJson):
            plant(whmcs.installation, wrong)
    assert whmcs.rows("clients") == before
    assert read_seed(None)["clients"]
