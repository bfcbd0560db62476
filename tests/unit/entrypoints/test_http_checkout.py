"""From configuration to order over HTTP, and what each answer is called."""

from datetime import timedelta

import attrs
import pytest

from litestar.testing import TestClient

from ordering_core import Sku
from ordering_core.testing.world import Fault
from tests.unit.application.shop import APARTMENT, ESIM, PORTED_CARD, picture
from tests.unit.entrypoints.api import JPEG, Api, body, kind, wrong


def test_an_order_goes_from_a_configuration_to_a_submit() -> None:
    api = Api()
    customer = api.world.new_customer(verified=False)
    checked = api.call("POST", "/configurations/validation", json=body(ESIM)).json()
    assert checked["verdict"]["passed"]
    assert checked["quote"] == api.call("POST", "/configurations/price", json=body(ESIM)).json()

    begun = api.call("POST", "/checkout-sessions", json=checked["draft"])
    assert begun.status_code == 201
    assert begun.headers["location"] == f"/api/checkout-sessions/{begun.json()['id']}"
    assert api.client.get(begun.headers["location"]).json() == begun.json()

    adopted = api.call("POST", f"/checkout-sessions/{begun.json()['id']}/adoption", customer)
    assert adopted.status_code == 201
    assert adopted.json()["id"] != begun.json()["id"]
    session = f"/checkout-sessions/{adopted.json()['id']}"
    assert adopted.headers["location"] == f"/api{session}"

    review = api.call("GET", f"{session}/requirements", customer).json()
    assert review["outstanding"] == ["address", "identity"]
    assert not review["ready"]
    assert api.call("POST", f"{session}/address-confirmation", customer).json()["address_confirmed"]
    assert api.call("POST", "/identity-documents", customer, file=JPEG).status_code == 204
    review = api.call("GET", f"{session}/requirements", customer).json()
    assert (review["outstanding"], review["identity"], review["ready"]) == ([], "pending", True)

    placed = api.call("POST", f"{session}/submission", customer)
    assert placed.status_code == 201
    order = placed.json()["order"]
    assert placed.headers["location"] == f"/api/orders/{order}"
    assert api.call("GET", f"/orders/{order}", customer).json()["label"] == "Under Review"


def test_a_second_submit_answers_200_with_the_same_order() -> None:
    api = Api()
    customer = api.world.new_customer()
    session = api.ready(customer)
    first = api.call("POST", f"{session}/submission", customer)
    second = api.call("POST", f"{session}/submission", customer)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert first.headers["location"] == second.headers["location"]
    assert api.call("GET", "/orders", customer).json()["total"] == 1


def test_a_submit_of_unknown_outcome_answers_202_until_it_is_known() -> None:
    api = Api()
    customer = api.world.new_customer()
    session = api.ready(customer)
    api.world.faults.set("orders.place", Fault.LOSE_REPLY)
    unknown = api.call("POST", f"{session}/submission", customer)
    assert unknown.status_code == 202
    assert unknown.json() == {"state": "placing", "order": None}
    assert 1 <= int(unknown.headers["retry-after"]) <= 60
    assert "location" not in unknown.headers
    api.world.clock.advance(timedelta(minutes=15))
    known = api.call("POST", f"{session}/submission", customer)
    assert known.status_code == 200
    assert known.json()["state"] == "placed"
    assert api.call("GET", "/orders", customer).json()["total"] == 1


def test_internet_is_submitted_when_the_address_can_be_served() -> None:
    api = Api()
    customer = api.world.new_customer(apartment=True)
    session = api.ready(customer, APARTMENT)
    assert api.call("GET", f"{session}/requirements", customer).json()["eligibility"] == {
        "state": "not_requested",
        "offering": None,
    }
    asked = api.call("POST", f"{session}/eligibility-request", customer)
    assert asked.status_code == 202
    assert asked.json()["eligibility"]["state"] == "pending"
    incomplete = api.call("POST", f"{session}/submission", customer)
    assert (incomplete.status_code, incomplete.json()["outstanding"]) == (409, ["eligibility"])
    api.world.agent.record_eligibility(api.world.account_of(customer), "Apartment 1G")
    review = api.call("GET", f"{session}/requirements", customer).json()
    assert review["eligibility"] == {"state": "eligible", "offering": "Apartment 1G"}
    assert api.call("POST", f"{session}/submission", customer).status_code == 201


def test_an_address_is_typed_then_confirmed_for_this_order() -> None:
    api = Api()
    customer = api.world.new_customer()
    session = api.begin(PORTED_CARD, customer)
    typed = {
        "postal_code": "５３０ー０００１",
        "prefecture": "Osaka",
        "city": "大阪市北区",
        "town_and_number": "梅田1-2-3",
        "building": "",
        "room": "",
    }
    changed = api.call("PUT", f"{session}/address", customer, json={"address": typed})
    assert changed.status_code == 200
    assert changed.json()["address"] == {**typed, "postal_code": "530-0001"}
    assert (changed.json()["address_changed"], changed.json()["address_confirmed"]) == (True, False)
    assert api.call("POST", f"{session}/address-confirmation", customer).json()["address_confirmed"]


def test_a_configuration_is_changed_until_it_is_submitted() -> None:
    api = Api()
    customer = api.world.new_customer()
    session = api.ready(customer)
    other = attrs.evolve(ESIM, skus=(Sku("SIM-VOICE-10GB"), Sku("SIM-ACTIVATION")))
    changed = api.call("PUT", f"{session}/draft", customer, json=body(other))
    assert changed.status_code == 200
    assert changed.json()["draft"]["skus"] == ["SIM-VOICE-10GB", "SIM-ACTIVATION"]


def test_a_rejected_card_comes_with_the_reviewers_note() -> None:
    api = Api()
    customer = api.world.new_customer(verified=False)
    session = api.begin(ESIM, customer)
    api.world.agent.reject_identity(api.world.account_of(customer), "The photo is blurred.")
    review = api.call("GET", f"{session}/requirements", customer).json()
    assert (review["identity"], review["identity_message"]) == ("rejected", "The photo is blurred.")
    assert review["outstanding"] == ["address", "identity"]


def test_a_payment_method_is_added_in_the_billing_system() -> None:
    api = Api()
    customer = api.world.new_customer(with_payment_method=False)
    first = api.call("POST", "/payment-methods/entry", customer)
    second = api.call("POST", "/payment-methods/entry", customer)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] != second.headers["location"]
    assert "no-store" in first.headers["cache-control"]
    assert first.headers["referrer-policy"] == "no-referrer"


def test_an_anonymous_checkout_is_nobodys_once_it_is_adopted() -> None:
    api = Api()
    customer, other = api.world.new_customer(), api.world.new_customer()
    session = api.begin()
    assert api.call("GET", session, customer).status_code == 404
    adopted = api.call("POST", f"{session}/adoption", customer).json()["id"]
    assert api.call("GET", session).status_code == 404
    assert api.call("GET", session, customer).status_code == 404
    for who in (None, other):
        assert api.call("GET", f"/checkout-sessions/{adopted}", who).status_code == 404
    assert api.call("GET", f"/checkout-sessions/{adopted}", customer).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/adoption"),
        ("GET", "/requirements"),
        ("PUT", "/address"),
        ("POST", "/address-confirmation"),
        ("POST", "/eligibility-request"),
        ("POST", "/submission"),
    ],
)
def test_what_only_customers_can_do_asks_for_a_login_before_anything_is_read(method: str, path: str) -> None:
    api = Api()
    session = api.begin()
    before = picture(api.world)
    answer = api.call(method, session + path, content=b"not even JSON")
    assert (answer.status_code, kind(answer)) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="ordering"'
    assert picture(api.world) == before


def test_locations_hold_behind_a_proxy_that_takes_off_a_prefix() -> None:
    client = TestClient(Api().app, root_path="/shop")
    begun = client.post("/api/checkout-sessions", json=body(ESIM))
    assert begun.headers["location"].startswith("/shop/api/checkout-sessions/")


def test_everything_a_checkout_needs_is_said_at_once() -> None:
    api = Api()
    customer = api.world.new_customer(with_payment_method=False, verified=False, apartment=True)
    session = api.begin(APARTMENT, customer)
    answer = api.call("POST", f"{session}/submission", customer)
    assert (answer.status_code, kind(answer)) == (409, "checkout-incomplete")
    assert answer.json()["outstanding"] == ["eligibility", "address", "payment_method", "identity"]
    assert wrong(answer) == {
        "/eligibility": "eligibility_outstanding",
        "/address": "address_outstanding",
        "/payment_method": "payment_method_outstanding",
        "/identity": "identity_outstanding",
    }


def test_a_price_list_that_is_out_of_reach_is_a_503_with_a_time_to_wait() -> None:
    api = Api()
    api.world.faults.set("catalogue.all", Fault.DOWN)
    answer = api.call("GET", "/catalogue")
    assert (answer.status_code, kind(answer)) == (503, "unavailable")
    assert answer.headers["retry-after"] == "30"
