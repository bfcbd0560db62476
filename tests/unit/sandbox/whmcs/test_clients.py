"""Clients, their users and cards, and the link that lets them in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.sandbox.orgs import at, listed
from tests.unit.sandbox.whmcs.installations import NEW, NO_LOGIN, SMITH, YAMADA, Caller


pytestmark = pytest.mark.whmcs_sim

CARDS = "index.php?rp=/account/paymentmethods"


def test_a_client_is_made_with_the_user_who_owns_it(whmcs: Caller) -> None:
    number = str(whmcs.done("AddClient", **NEW)["clientid"])
    by_mail = whmcs.done("GetClientsDetails", email="HANAKO@customer.example")
    assert at(by_mail, "client", "id") == int(number)
    assert at(by_mail, "client", "users", "user", 0, "is_owner") is True
    login = whmcs.done("ValidateLogin", email=NEW["email"], password2="correct horse")
    assert login["userid"] != number
    assert login["twoFactorEnabled"] == "false"
    users = whmcs.done("GetUsers", search="hanako")
    assert at(users, "users", 0, "clients") == [{"id": int(number), "isOwner": True}]
    assert whmcs.refused("ValidateLogin", email=NEW["email"], password2="x") == "Email or Password Invalid"


def test_an_address_belongs_to_one_client_and_one_user(whmcs: Caller) -> None:
    whmcs.done("AddClient", **NEW)
    assert whmcs.refused("AddClient", **NEW) == "The email address entered is not available for use."
    whmcs.plant(users=[{"email": "user@customer.example"}])
    message = whmcs.refused("AddClient", **{**NEW, "email": "user@customer.example"})
    assert message == "A user already exists with that email address"
    assert whmcs.refused("UpdateClient", clientid=SMITH, email=NEW["email"]) == "Duplicate Email Address"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"firstname": ""}, "You did not enter your first name"),
        ({"address1": ""}, "You did not enter your  address line 1"),
        ({"email": "nobody"}, "The email address you entered was not valid"),
        ({"country": "Japan"}, "Valid country required"),
        ({"phonenumber": "none"}, "Invalid telephone phone number"),
        ({"owner_user_id": "3"}, "Invalid Owner User ID"),
    ],
)
def test_what_is_missing_is_said_in_whmcs_words(whmcs: Caller, change: dict[str, str], message: str) -> None:
    assert whmcs.refused("AddClient", **{**NEW, **change}) == message
    if change.keys() & {"firstname", "address1"}:
        whmcs.done("AddClient", **{**NEW, **change}, skipvalidation="1")


def test_clients_are_found_by_how_they_begin_and_percent_signs_are_letters(whmcs: Caller) -> None:
    found = whmcs.done("GetClients", search="jane")
    assert [at(client, "email") for client in listed(found, "clients", "client")] == [
        "jane.smith@customer.example"
    ]
    assert whmcs.done("GetClients", search="smith@")["totalresults"] == 0
    assert whmcs.done("GetClients", search="%")["totalresults"] == 0
    assert whmcs.done("GetClients", status="Closed")["totalresults"] == 1


def test_what_was_sent_of_a_client_is_changed_and_the_rest_stays(whmcs: Caller) -> None:
    before = whmcs.done("GetClientsDetails", clientid=SMITH)
    whmcs.done(
        "UpdateClient",
        clientid=SMITH,
        address1="新宿1-2-3",
        phonenumber="03-1234-5678",
        **{"email_preferences[invoice]": "0"},
    )
    after = whmcs.done("GetClientsDetails", clientid=SMITH)
    assert after["address1"] == "新宿1-2-3"
    assert after["phonenumber"] == "03-1234-5678"
    assert at(after, "email_preferences", "invoice") == "0"
    assert at(after, "email_preferences", "general") == "1"
    assert (after["city"], after["email"]) == (before["city"], before["email"])
    whmcs.installation.switch({"phone_digits_only": True})
    whmcs.done("UpdateClient", clientid=SMITH, phonenumber="03-1234-5678")
    assert whmcs.done("GetClientsDetails", clientid=SMITH)["phonenumber"] == "0312345678"


def test_cards_are_listed_with_the_default_first(whmcs: Caller) -> None:
    card = {"type": "RemoteCreditCard", "gateway_module_name": "stripe", "card_number": "5555555555554444"}
    added = whmcs.done("AddPayMethod", clientid=YAMADA, **card, card_expiry="0131")
    whmcs.done("AddPayMethod", clientid=YAMADA, **card, card_expiry="0231", set_as_default="1")
    found = listed(whmcs.done("GetPayMethods", clientid=YAMADA), "paymethods")
    assert [at(method, "expiry_date") for method in found] == ["02/31", "12/35", "01/31"]
    assert at(found[0], "card_last_four") == "4444"
    whmcs.done("UpdatePayMethod", clientid=YAMADA, paymethodid=str(added["paymethodid"]), card_expiry="0333")
    whmcs.done("DeletePayMethod", clientid=YAMADA, paymethodid="201")
    found = listed(whmcs.done("GetPayMethods", clientid=YAMADA), "paymethods")
    assert [at(method, "expiry_date") for method in found] == ["02/31", "03/33"]
    message = "Pay Method does not belong to passed Client ID"
    assert whmcs.refused("DeletePayMethod", clientid=SMITH, paymethodid="202") == message
    assert not [row for row in whmcs.rows("paymethods") if "5555" in str(row.values())]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"type": "Cash"}, "Invalid Pay Method Type. Type should be one of"),
        ({"type": "CreditCard"}, "No Local Credit Card Payment Gateways Enabled"),
        ({"gateway_module_name": ""}, "Gateway is Required for RemoteCreditCard type"),
        ({"gateway_module_name": "paypal"}, "Invalid Gateway Module Name. Must be one of: stripe"),
        ({"gateway_module_name": "gocardless"}, "Unsupported Gateway Type for Storage"),
        ({"card_number": ""}, "Card Number is required"),
        ({"card_expiry": "1399"}, "Expiry Date is invalid"),
        ({"clientid": "1"}, "Invalid Client ID"),
        ({"clientid": ""}, "Client ID Is Required"),
    ],
)
def test_a_card_that_cannot_be_stored_is_refused(whmcs: Caller, change: dict[str, str], message: str) -> None:
    card = {
        "clientid": YAMADA,
        "type": "RemoteCreditCard",
        "gateway_module_name": "stripe",
        "card_number": "4242424242424242",
        "card_expiry": "1231",
    }
    assert whmcs.refused("AddPayMethod", **{**card, **change}).startswith(message)


def test_a_card_expires_in_a_month_that_there_is(whmcs: Caller) -> None:
    card = {
        "type": "RemoteCreditCard",
        "gateway_module_name": "stripe",
        "card_number": "4242424242424242",
    }
    for month in range(100):
        answer = whmcs.call("AddPayMethod", clientid=SMITH, **card, card_expiry=f"{month:02}31")
        assert (at(answer, "result") == "success") == (1 <= month <= 12)


def signed_on(whmcs: Caller, **parameters: str) -> tuple[int, str, str]:
    """Follow a link; return status, where it leads, and the cookie."""
    made = whmcs.done("CreateSsoToken", **parameters)
    path, _, query = str(made["redirect_url"]).removeprefix("http://whmcs.sandbox.example").partition("?")
    answer = whmcs.send("", path=path, query=query, method="GET")
    return answer.status, answer.headers.get("Location", ""), answer.headers.get("Set-Cookie", "")


def test_a_link_leads_to_the_cards_once_and_a_card_can_be_added_there(whmcs: Caller) -> None:
    made = whmcs.done(
        "CreateSsoToken", client_id=SMITH, destination="sso:custom_redirect", sso_redirect_path=f"/{CARDS}"
    )
    query = f"access_token={made['access_token']}"
    first = whmcs.send("", path="/oauth/singlesignon.php", query=query, method="GET")
    assert (first.status, first.headers["Location"]) == (302, f"/{CARDS}")
    assert whmcs.send("", path="/oauth/singlesignon.php", query=query, method="GET").status == 403
    cookie = first.headers["Set-Cookie"].partition(";")[0]
    page = {"path": "/index.php", "query": "rp=/account/paymentmethods", "cookie": cookie}
    assert "4242" not in whmcs.send("", method="GET", **page).body.decode()
    page["query"] = "rp=/account/paymentmethods/add"
    added = whmcs.send("card_number=4242+4242+4242+4242&card_expiry=12/31", **page)
    assert added.status == 302
    [card] = listed(whmcs.done("GetPayMethods", clientid=SMITH), "paymethods")
    assert (at(card, "gateway_name"), at(card, "expiry_date")) == ("stripe", "12/31")
    assert whmcs.send("", path="/index.php", query="rp=/account/paymentmethods").status == 403


@pytest.mark.parametrize(("seconds", "status"), [(60, 302), (61, 403)])
def test_a_link_lives_a_minute_of_the_servers_clock(whmcs: Caller, seconds: int, status: int) -> None:
    clock = whmcs.installation.clock
    clock.set(clock.now(), stopped=True)
    made = whmcs.done("CreateSsoToken", client_id=YAMADA)
    clock.advance(timedelta(seconds=seconds))
    query = f"access_token={made['access_token']}"
    assert whmcs.send("", path="/oauth/singlesignon.php", query=query, method="GET").status == status


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "A valid client_id or user_id is required"),
        ({"client_id": "1"}, "Invalid client_id"),
        ({"user_id": "1"}, "Invalid user_id"),
        ({"client_id": YAMADA, "user_id": "402"}, "Invalid user_id for client"),
        ({"client_id": NO_LOGIN}, "SSO authentication blocked for client 9006"),
        ({"client_id": YAMADA, "destination": "clientarea:payment_methods"}, "Invalid destination"),
        (
            {
                "client_id": YAMADA,
                "destination": "sso:custom_redirect",
                "sso_redirect_path": "https://elsewhere.example",
            },
            "Invalid destination",
        ),
    ],
)
def test_a_link_that_must_not_be_is_not_made(whmcs: Caller, parameters: dict[str, str], message: str) -> None:
    assert whmcs.refused("CreateSsoToken", **parameters) == message
    assert not whmcs.rows("tokens")


def test_newer_installations_know_no_named_destination(whmcs: Caller) -> None:
    assert signed_on(whmcs, client_id=YAMADA, destination="clientarea:invoices")[0] == 302
    whmcs.installation.switch({"sso_destinations": False})
    message = whmcs.refused("CreateSsoToken", client_id=YAMADA, destination="clientarea:invoices")
    assert message == "Invalid destination"
    assert signed_on(whmcs, client_id=YAMADA)[1] == "/clientarea.php"
