"""Who may call: refusals at the door come with 403 and a reason, those of actions with 200."""

import hashlib
import json

from urllib.parse import urlencode

import pytest

from ordering_sandbox.json_values import Json
from tests.unit.sandbox.orgs import at
from tests.unit.sandbox.whmcs.installations import CREDENTIALS, Caller


pytestmark = pytest.mark.whmcs_sim

MD5 = hashlib.md5(b"sandbox-password").hexdigest()


@pytest.mark.parametrize(
    "credentials",
    [
        CREDENTIALS,
        {"username": CREDENTIALS["identifier"], "password": CREDENTIALS["secret"]},
        {"username": "portal", "password": MD5, "identifier": "", "secret": ""},
    ],
)
def test_a_pair_of_credentials_comes_under_either_name(whmcs: Caller, credentials: dict[str, str]) -> None:
    form = {"action": "whmcsdetails", "responsetype": "json", **credentials}
    answer = whmcs.send(urlencode(form))
    assert (answer.status, json.loads(answer.body)["result"]) == (200, "success")


@pytest.mark.parametrize(
    ("sent", "status", "message"),
    [
        ({}, 403, "Authentication Failed"),
        ({**CREDENTIALS, "secret": "wrong"}, 403, "Authentication Failed"),
        ({"identifier": "unknown", "secret": "x"}, 403, "Invalid or missing credentials"),
        ({"username": "portal", "password": "sandbox-password"}, 403, "Authentication Failed"),
        ({**CREDENTIALS, "action": ""}, 400, "Empty action request"),
        ({**CREDENTIALS, "action": "Nonsense"}, 200, "API Function Not Found"),
    ],
)
def test_a_refusal_at_the_door_says_why_in_json(
    whmcs: Caller, sent: dict[str, str], status: int, message: str
) -> None:
    answer = whmcs.send(urlencode({"action": "GetOrders", "responsetype": "json", **sent}))
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.status == status
    assert json.loads(answer.body) == {"result": "error", "message": message}
    whmcs.installation.switch({"refusals_as_200": True})
    assert whmcs.send(urlencode({"action": "GetOrders", **sent})).status == 200


def test_a_role_without_an_action_is_told_which(whmcs: Caller) -> None:
    whmcs.installation.switch({"denied_actions": ["GetPayMethods"]})
    message = 'Invalid Permissions: API action "getpaymethods" is not allowed'
    assert whmcs.refused("GetPayMethods", clientid="9001") == message
    whmcs.done("GetOrders")
    whmcs.plant(credentials=[{"identifier": "reader", "secret": "r", "actions": "GetOrders, GetInvoices"}])
    whmcs.done("GetOrders", identifier="reader", secret="r")
    denied = whmcs.refused("AddOrder", identifier="reader", secret="r")
    assert denied == 'Invalid Permissions: API action "addorder" is not allowed'


def test_an_administrator_who_may_not_is_told_so(whmcs: Caller) -> None:
    refusals: tuple[tuple[dict[str, Json], str], ...] = (
        ({"username": "gone", "disabled": True}, "Administrator Account Disabled"),
        ({"username": "clerk", "api_access": False}, "Access Denied"),
    )
    for admin, message in refusals:
        whmcs.plant(admins=[{**admin, "password": "sandbox-password"}])
        name = str(admin["username"])
        assert whmcs.refused("GetOrders", identifier="", secret="", username=name, password=MD5) == message


def test_an_address_that_is_not_listed_needs_the_access_key(whmcs: Caller) -> None:
    whmcs.installation.switch({"allowed_ips": ["203.0.113.9"]})
    assert whmcs.refused("GetOrders", accesskey="") == "Invalid IP 127.0.0.1"
    whmcs.installation.switch({"access_key": "let me in!"})
    assert whmcs.refused("GetOrders") == "Invalid IP 127.0.0.1"
    assert whmcs.refused("GetOrders", accesskey="let me") == "Invalid IP 127.0.0.1"
    whmcs.done("GetOrders", accesskey="let me in!")


def test_too_many_failed_logins_shut_an_address_out(whmcs: Caller) -> None:
    whmcs.installation.switch({"failures_to_ban": 2})
    assert whmcs.refused("GetOrders", secret="wrong") == "Authentication Failed"
    whmcs.done("GetOrders")
    assert whmcs.refused("GetOrders", secret="wrong") == "Authentication Failed"
    assert whmcs.refused("GetOrders") == "Invalid IP 127.0.0.1"
    whmcs.api.forget_failed_logins()
    whmcs.done("GetOrders")


def test_answers_come_in_json_xml_and_name_value_pairs(whmcs: Caller) -> None:
    form = {**CREDENTIALS, "action": "GetPaymentMethods"}
    xml = whmcs.send(urlencode(form)).body.decode()
    assert "<action>getpaymentmethods</action>\n<result>success</result>" in xml
    assert "<paymentmethod>\n<module>stripe</module>" in xml
    pairs = whmcs.send(urlencode({**form, "responsetype": "nvp"})).body.decode()
    assert "result=success;" in pairs
    assert "paymentmethods[paymentmethod][0][module]=stripe;" in pairs
    body = whmcs.send(urlencode({**form, "responsetype": "json"})).body
    assert at(json.loads(body), "paymentmethods", "paymentmethod", 0, "module") == "stripe"


def test_json_is_written_as_php_writes_it(whmcs: Caller) -> None:
    form = {**CREDENTIALS, "action": "GetPayMethods", "clientid": "9001", "responsetype": "json"}
    assert rb'"expiry_date":"12\/35"' in whmcs.send(urlencode(form)).body
    form = {**CREDENTIALS, "action": "GetClientsDetails", "clientid": "9001", "responsetype": "json"}
    assert rb'"lastname":"\u5c71\u7530"' in whmcs.send(urlencode(form)).body
