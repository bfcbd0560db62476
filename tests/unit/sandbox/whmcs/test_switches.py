"""Each point on which installations differ can be switched, and makes the difference it says."""

from __future__ import annotations

from datetime import datetime

import attrs
import pytest

from ordering_sandbox.json_values import Json, NotJson
from ordering_sandbox.whmcs.switches import Switches
from tests.unit.sandbox.orgs import at, listed
from tests.unit.sandbox.whmcs.installations import LINE, NEW, YAMADA, Caller, cart, field, fields


pytestmark = pytest.mark.whmcs_sim


def marked(whmcs: Caller) -> Json:
    """Add an order of two products with notes, domains and fields; return the services as they are read."""
    whmcs.order(
        101,
        201,
        notes="801A",
        **{
            "domain[0]": "a",
            "customfields[0]": fields({field(101, LINE): "8021"}),
            "customfields[1]": fields({field(201, LINE): "8022"}),
        },
    )
    return [
        [service["pid"], service["domain"], at(service, "customfields", "customfield", 1, "value")]
        for service in whmcs.services(clientid=YAMADA)
    ]


def noted(whmcs: Caller) -> Json:
    return at(whmcs.done("GetOrders", userid=YAMADA), "orders", "order", 0, "notes")


def test_an_installation_may_store_nothing_of_what_marks_an_order(whmcs: Caller) -> None:
    assert marked(whmcs) == [["101", "a", "8021"], ["201", "", "8022"]]
    assert noted(whmcs) == "801A"


@pytest.mark.parametrize(
    ("switch", "services", "notes"),
    [
        ("custom_fields_at_order", [["101", "a", ""], ["201", "", ""]], "801A"),
        ("notes_at_order", [["101", "a", "8021"], ["201", "", "8022"]], ""),
        ("domain_at_order", [["101", "", "8021"], ["201", "", "8022"]], "801A"),
        ("services_in_order", [["201", "", "8022"], ["101", "a", "8021"]], "801A"),
    ],
)
def test_what_addorder_does_not_store_is_a_switch(
    whmcs: Caller, switch: str, services: Json, notes: str
) -> None:
    whmcs.installation.switch({switch: False})
    assert marked(whmcs) == services
    assert noted(whmcs) == notes


def test_a_fault_does_the_same_to_one_order(whmcs: Caller) -> None:
    whmcs.fault(kind="ignore_fields", target="AddOrder", failure="customfields,notes")
    whmcs.fault(kind="shuffle_ids", target="AddOrder", skip=1)
    assert marked(whmcs) == [["101", "a", ""], ["201", "", ""]]
    assert noted(whmcs) == ""
    marked(whmcs)
    assert [service["pid"] for service in whmcs.services()] == ["101", "201", "201", "101"]


def test_accepting_and_cancelling_differ(whmcs: Caller) -> None:
    whmcs.installation.switch(
        {
            "accept_activates": True,
            "cancel_items": False,
            "cancel_invoice": False,
            "cancel_subscriptions": False,
        }
    )
    whmcs.done("AcceptOrder", orderid=str(whmcs.order(101)["orderid"]))
    order = whmcs.order(201)
    message = whmcs.refused("CancelOrder", orderid=str(order["orderid"]), cancelsub="1")
    assert message.startswith("Subscription Cancellation Failed")
    whmcs.done("CancelOrder", orderid=str(order["orderid"]))
    assert [service["status"] for service in whmcs.services()] == ["Active", "Pending"]
    assert whmcs.invoice(order)["status"] == "Unpaid"


@pytest.mark.parametrize(
    ("ids", "order", "service"), [("documented", int, str), ("texts", str, str), ("numbers", int, int)]
)
def test_numbers_come_as_numbers_or_as_texts(whmcs: Caller, ids: str, order: type, service: type) -> None:
    whmcs.installation.switch({"ids": ids})
    assert type(whmcs.order(101)["orderid"]) is order
    assert type(whmcs.services()[0]["id"]) is service
    assert (
        type(at(whmcs.done("GetOrders"), "orders", "order", 0, "lineitems", "lineitem", 0, "relid")) is order
    )


@pytest.mark.parametrize(
    ("empty", "orders", "methods"),
    [("list", {"order": []}, []), ("text", "", ""), ("object", {}, {}), ("missing", None, None)],
)
def test_nothing_found_looks_different(whmcs: Caller, empty: str, orders: Json, methods: Json) -> None:
    whmcs.installation.switch({"empty_lists": empty})
    found = whmcs.done("GetOrders")
    assert found["totalresults"] == 0
    assert found.get("orders") == orders
    assert whmcs.done("GetPayMethods", clientid="9002").get("paymethods") == methods
    assert ("orders" in found) == (empty != "missing")


def test_lists_may_come_as_objects_and_money_as_numbers(whmcs: Caller) -> None:
    whmcs.installation.switch({"lists_as_objects": True, "money_as_numbers": True})
    order = whmcs.order(101, 201)
    services = at(whmcs.done("GetClientsProducts"), "products", "product")
    assert isinstance(services, dict)
    assert list(services) == ["1", "2"]
    assert at(services["1"], "recurringamount") == 4500
    assert isinstance(whmcs.invoice(order)["total"], int)


@pytest.mark.parametrize(
    ("action", "total", "other"),
    [("GetClientsProducts", "3", "GetOrders"), ("GetOrders", 2, "GetClientsProducts")],
)
def test_a_list_may_count_a_row_that_it_does_not_show(
    whmcs: Caller, action: str, total: Json, other: str
) -> None:
    whmcs.order(101, 201)
    before = whmcs.done(other)
    rows = {**whmcs.done(action)}
    whmcs.installation.switch({"miscounted": [action]})
    assert whmcs.done(action) == {**rows, "totalresults": total}
    assert whmcs.done(other) == before


def test_answers_may_lack_fields_and_say_status(whmcs: Caller) -> None:
    whmcs.order(101, notes="801A")
    whmcs.installation.switch({"hidden_fields": ["GetOrders.notes", "GetClientsProducts.customfields"]})
    assert "notes" not in listed(whmcs.done("GetOrders"), "orders", "order")[0]  # type: ignore[operator] # a JSON object
    assert "customfields" not in whmcs.services()[0]
    assert "notes" in whmcs.services()[0]
    whmcs.installation.switch({"status_key": True, "productids": False})
    answer = whmcs.call("AddOrder", **cart(101))
    assert isinstance(answer, dict)
    assert answer["status"] == "success"
    assert not {"result", "productids"} & answer.keys()
    assert at(whmcs.call("AcceptOrder", orderid="1"), "status") == "error"


def test_an_answer_with_a_status_of_its_own_keeps_its_result(whmcs: Caller) -> None:
    invoice = whmcs.invoice(whmcs.order(101))["invoiceid"]
    whmcs.installation.switch({"status_key": True})
    answer = whmcs.call("GetInvoice", invoiceid=str(invoice))
    assert (at(answer, "result"), at(answer, "status")) == ("success", "Unpaid")


def test_custom_fields_may_come_without_names_or_not_at_all(whmcs: Caller) -> None:
    whmcs.installation.switch({"custom_field_names": False, "custom_fields_listed": False})
    whmcs.order(101)
    [first, _, _] = listed(whmcs.services()[0], "customfields", "customfield")
    assert first == {"id": 1011, "value": ""}
    product = at(whmcs.done("GetProducts", pid="101"), "products", "product", 0)
    assert listed(product, "customfields", "customfield") == []


def test_other_words_and_demands_are_switches_too(whmcs: Caller) -> None:
    whmcs.installation.switch(
        {"unknown_action": "command", "modules_known": False, "password_required": True}
    )
    assert whmcs.refused("Nonsense") == "Command Not Found"
    whmcs.installation.switch({"unknown_action": "invalid"})
    assert whmcs.refused("Nonsense") == 'Invalid API Action: "Nonsense" is not a valid API action'
    whmcs.order(101)
    number = str(whmcs.services()[0]["id"])
    assert whmcs.refused("ModuleCreate", serviceid=number) == "Module Not Found"
    assert whmcs.refused("AddClient", **{**NEW, "password2": ""}) == "The Password field is required."
    whmcs.done("AddClient", **NEW)


def test_the_zone_and_the_grace_of_an_installation(whmcs: Caller) -> None:
    whmcs.installation.clock.set(datetime.fromisoformat("2026-11-24T15:00:00+00:00"), stopped=True)
    assert whmcs.invoice(whmcs.order(101))["date"] == "2026-11-25"
    whmcs.installation.switch({"utc_offset": 0, "order_grace_days": 7, "tax_rate": "8.000"})
    invoice = whmcs.invoice(whmcs.order(101))
    assert (invoice["date"], invoice["duedate"], invoice["tax"]) == ("2026-11-24", "2026-12-01", "360.00")


@pytest.mark.parametrize(
    "record", [{"nonsense": True}, {"ids": "roman"}, {"productids": "yes"}, {"utc_offset": "9"}]
)
def test_a_switch_that_there_is_not_or_cannot_be_so_is_refused(
    whmcs: Caller, record: dict[str, Json]
) -> None:
    before = whmcs.installation.switches
    with pytest.raises(NotJson):
        whmcs.installation.switch(record)
    assert whmcs.installation.switches == before


def test_every_switch_is_listed_and_takes_back_what_it_lists() -> None:
    rendered = Switches().render()
    assert rendered.keys() == {switch.name for switch in attrs.fields(Switches)}
    assert Switches().changed(rendered) == Switches()
