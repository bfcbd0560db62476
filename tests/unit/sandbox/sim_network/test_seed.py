"""The shipped seed of the network has in stock what the org's inventory and the catalogue say it has."""

from collections.abc import Iterator

from ordering_adapters.catalogue_file import shipped_catalogue
from ordering_core.domain.values import CardNumber, MobileNumber
from ordering_sandbox.json_values import JsonObject, expect_list, expect_object, text_of
from ordering_sandbox.salesforce.seed import read_seed as org_seed
from ordering_sandbox.sim_network.seed import read_seed


def inventory() -> Iterator[JsonObject]:
    for record in map(expect_object, expect_list(org_seed(None)["records"])):
        if expect_object(record["attributes"])["type"] == "SIM_Inventory__c":
            yield record


def stock() -> Iterator[JsonObject]:
    return map(expect_object, expect_list(read_seed(None)["cards"]))


def plans() -> set[str]:
    return {str(plan.network_plan) for plan in shipped_catalogue().products.values() if plan.network_plan}


def test_every_card_that_an_agent_can_assign_is_one_of_the_networks_with_the_same_number() -> None:
    ours = {text_of(card, "Product_Number__c"): text_of(card, "Phone_Number__c") for card in inventory()}
    theirs = {text_of(card, "productNumber"): text_of(card, "phoneNumber") for card in stock()}
    assert ours == theirs
    assert len(ours) == len(list(stock())) == len(set(ours.values()))


def test_the_networks_cards_are_what_a_card_of_a_network_can_be() -> None:
    for card in stock():
        CardNumber(text_of(card, "productNumber"))
        MobileNumber(text_of(card, "phoneNumber"))


def test_the_network_sells_every_plan_of_the_catalogue_and_has_profiles_for_it() -> None:
    seed = read_seed(None)
    made = {text_of(expect_object(kind), "profileType") for kind in expect_list(seed["profiles"])}
    assert plans()
    assert plans() <= set(map(str, expect_list(seed["plans"])))
    assert plans() <= made
