"""Orders as WHMCS takes them: what is added, what is passed over, what becomes of them."""

from __future__ import annotations

import pytest

from tests.unit.sandbox.orgs import at, listed
from tests.unit.sandbox.whmcs.installations import (
    CLOSED,
    LINE,
    OPPORTUNITY,
    YAMADA,
    Caller,
    cart,
    field,
    fields,
)


pytestmark = pytest.mark.whmcs_sim


def marks(whmcs: Caller) -> list[tuple[str, dict[str, str]]]:
    """Return the products of the services with what their custom fields say, where they say something."""
    return [
        (
            str(service["pid"]),
            {
                str(at(row, "name")): str(at(row, "value"))
                for row in listed(service, "customfields", "customfield")
                if at(row, "value")
            },
        )
        for service in whmcs.services(clientid=YAMADA)
    ]


def test_adding_the_same_order_twice_bills_it_twice(whmcs: Caller) -> None:
    first, second = (whmcs.order(101, notes="801A") for _ in range(2))
    assert first["orderid"] != second["orderid"]
    assert first["invoiceid"] != second["invoiceid"]
    found = whmcs.done("GetOrders", userid=YAMADA)
    assert [at(order, "notes") for order in listed(found, "orders", "order")] == ["801A", "801A"]


def test_each_line_becomes_a_pending_service_with_its_own_fields(whmcs: Caller) -> None:
    order = whmcs.order(
        101,
        201,
        **{
            "customfields[0]": fields({field(101, OPPORTUNITY): "006A", field(101, LINE): "8021"}),
            "customfields[1]": fields({field(201, LINE): "注文行"}),
        },
    )
    assert marks(whmcs) == [
        ("101", {"OpportunityId": "006A", "SalesforceOrderItemId": "8021"}),
        ("201", {"SalesforceOrderItemId": "注文行"}),
    ]
    services = whmcs.services(clientid=YAMADA)
    assert order["serviceids"] == ",".join(str(service["id"]) for service in services)
    assert order["productids"] == order["serviceids"]
    assert {str(service["status"]) for service in services} == {"Pending"}
    assert {str(service["orderid"]) for service in services} == {str(order["orderid"])}


@pytest.mark.parametrize(
    "sent",
    [
        fields({"SalesforceOrderItemId": "8021"}),
        fields({field(102, LINE): "8021"}),
        "eyIxMDEyIjogIjgwMjEifQ==",
        "not base64 at all",
    ],
)
def test_fields_by_name_of_another_product_or_in_json_are_passed_over(whmcs: Caller, sent: str) -> None:
    whmcs.order(101, **{"customfields[0]": sent})
    assert marks(whmcs) == [("101", {})]
    assert not whmcs.rows("fieldvalues")


def test_a_repeated_plain_pid_orders_the_last_product_alone(whmcs: Caller) -> None:
    from urllib.parse import urlencode

    from tests.unit.sandbox.whmcs.installations import CREDENTIALS

    form = {**CREDENTIALS, "action": "addorder", "clientid": YAMADA, "paymentmethod": "stripe"}
    whmcs.send(f"{urlencode(form)}&pid=101&pid=201&billingcycle=monthly")
    assert [service["pid"] for service in whmcs.services(clientid=YAMADA)] == ["201"]
    whmcs.installation.switch({"strict_arrays": True})
    assert (
        whmcs.refused("AddOrder", clientid=YAMADA, paymentmethod="stripe", pid="101")
        == "Expecting parameter 'pid' to be an array"
    )


def test_a_plain_text_beside_an_array_of_products_is_refused(whmcs: Caller) -> None:
    message = whmcs.refused("AddOrder", **cart(101, customfields=fields({1011: "a"})))
    assert message == "Expecting parameter 'customfields' to be an array"
    assert not whmcs.services(clientid=YAMADA)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"clientid": "1"}, "Client ID Not Found"),
        ({"clientid": CLOSED}, "Unable to add order when client status is Closed"),
        (
            {"paymentmethod": "201"},
            "Invalid Payment Method. Valid options include stripe,banktransfer,gocardless",
        ),
        ({"pid[0]": "99999"}, "No items added to cart so order cannot proceed"),
        ({"addonid": "3"}, "Addon ID invalid"),
    ],
)
def test_an_order_is_refused_with_the_documented_words(
    whmcs: Caller, change: dict[str, str], message: str
) -> None:
    assert whmcs.refused("AddOrder", **{**cart(101), **change}) == message
    assert not whmcs.rows("orders")


def test_a_cycle_that_is_not_sold_becomes_the_shortest_one_and_one_time_stays(whmcs: Caller) -> None:
    one_time = next(row for row in whmcs.rows("products") if row["paytype"] == "onetime")
    whmcs.order(101, int(one_time["id"]), **{"billingcycle[0]": "annually", "billingcycle[1]": "monthly"})
    monthly, once = whmcs.services(clientid=YAMADA)
    assert (monthly["billingcycle"], monthly["recurringamount"]) == ("Monthly", "4500.00")
    assert (once["billingcycle"], once["recurringamount"], once["nextduedate"]) == (
        "One Time",
        "0.00",
        "0000-00-00",
    )


def test_an_override_is_read_as_php_reads_a_number(whmcs: Caller) -> None:
    whmcs.order(101, 102, **{"priceoverride[0]": "3,000", "priceoverride[1]": "6500.5"})
    assert [service["firstpaymentamount"] for service in whmcs.services()] == ["3.00", "6500.50"]


def test_accepting_leaves_services_without_a_module_pending_and_works_once(whmcs: Caller) -> None:
    order = str(whmcs.order(101, 201)["orderid"])
    whmcs.done("AcceptOrder", orderid=order)
    assert {str(service["status"]) for service in whmcs.services()} == {"Pending"}
    assert at(whmcs.done("GetOrders", id=order), "orders", "order", 0, "status") == "Active"
    assert whmcs.refused("AcceptOrder", orderid=order) == "Order ID not found or Status not Pending"
    assert whmcs.refused("CancelOrder", orderid=order) == "Order ID not found or Status not Pending"


def test_a_cancelled_order_takes_services_and_invoice_along_and_can_be_deleted(whmcs: Caller) -> None:
    made = whmcs.order(101)
    order = str(made["orderid"])
    message = "The order status must be in Cancelled or Fraud to be deleted"
    assert whmcs.refused("DeleteOrder", orderid=order) == message
    whmcs.done("CancelOrder", orderid=order)
    assert [service["status"] for service in whmcs.services()] == ["Cancelled"]
    assert whmcs.invoice(made)["status"] == "Cancelled"
    whmcs.done("PendingOrder", orderid=order)
    whmcs.done("FraudOrder", orderid=order)
    whmcs.done("DeleteOrder", orderid=order)
    assert not whmcs.services()
    assert whmcs.refused("GetInvoice", invoiceid=str(made["invoiceid"])) == "Invoice ID Not Found"


def test_lists_come_in_pages_of_twenty_five(whmcs: Caller) -> None:
    for _ in range(27):
        whmcs.order(101)
    first = whmcs.done("GetClientsProducts", clientid=YAMADA)
    assert (first["totalresults"], first["startnumber"], first["numreturned"]) == ("27", 0, 25)
    rest = whmcs.done("GetClientsProducts", clientid=YAMADA, limitstart="25")
    assert rest["numreturned"] == 2
    beyond = whmcs.done("GetClientsProducts", clientid=YAMADA, limitstart="99")
    assert (beyond["numreturned"], at(beyond, "products", "product")) == (0, [])
    assert whmcs.done("GetOrders", userid=YAMADA, limitnum="100")["numreturned"] == 27
    whmcs.installation.switch({"largest_page": 10})
    assert whmcs.done("GetOrders", userid=YAMADA, limitnum="100")["numreturned"] == 10


def test_services_are_found_by_what_was_put_into_their_domain(whmcs: Caller) -> None:
    whmcs.order(101, 201, **{"domain[1]": "802A"})
    found = whmcs.done("GetClientsProducts", domain="802A")
    assert (found["domain"], found["clientid"], found["totalresults"]) == ("802A", None, "1")
    assert at(found, "products", "product", 0, "pid") == "201"


def test_a_service_is_written_field_by_field_and_no_module_runs(whmcs: Caller) -> None:
    whmcs.order(101)
    number = str(whmcs.services()[0]["id"])
    whmcs.done(
        "UpdateClientProduct",
        serviceid=number,
        status="Active",
        billingcycle="semi annually",
        customfields=fields({field(101, OPPORTUNITY): "006B"}),
        notes="linked",
    )
    [service] = whmcs.services()
    assert (service["status"], service["billingcycle"], service["notes"]) == (
        "Active",
        "Semi-Annually",
        "linked",
    )
    assert marks(whmcs)[0][1]["OpportunityId"] == "006B"
    whmcs.done("UpdateClientProduct", serviceid=number, status="Nonsense", **{"unset[0]": "notes"})
    [service] = whmcs.services()
    assert (service["status"], service["notes"]) == ("Active", "")
    assert whmcs.refused("UpdateClientProduct", serviceid="1") == "Service ID Not Found"
    for sent, kept in (("2027-02-28", "2027-02-28"), ("2027-02-30", "0000-00-00")):
        whmcs.done("UpdateClientProduct", serviceid=number, nextduedate=sent)
        assert whmcs.services()[0]["nextduedate"] == kept


def test_modules_are_run_for_products_that_have_one(whmcs: Caller) -> None:
    whmcs.order(101)
    number = str(whmcs.services()[0]["id"])
    for action in ("ModuleCreate", "ModuleSuspend", "ModuleUnsuspend", "ModuleTerminate"):
        assert whmcs.refused(action) == "Service ID is required"
        assert whmcs.refused(action, serviceid="1") == "Service ID not found"
        assert whmcs.refused(action, serviceid=number) == "Service not assigned to a module"
    whmcs.plant(
        products=[{"id": 900, "name": "Mail", "module": "mail", "pricing": {"JPY": {"monthly": "1"}}}]
    )
    order = whmcs.order(900, 101)
    whmcs.fault(kind="error", target="ModuleCreate", failure="mail is full")
    assert whmcs.refused("AcceptOrder", orderid=str(order["orderid"]), autosetup="1") == "mail is full"
    assert at(whmcs.done("GetModuleQueue"), "queue", 0, "lastAttemptError") == "mail is full"
    whmcs.done("AcceptOrder", orderid=str(order["orderid"]), autosetup="1")
    [mail] = whmcs.services(pid="900")
    assert mail["status"] == "Active"
    whmcs.done("ModuleTerminate", accountid=str(mail["id"]))
    assert whmcs.services(pid="900")[0]["status"] == "Terminated"


def test_one_request_to_cancel_is_kept_for_a_service(whmcs: Caller) -> None:
    whmcs.order(101)
    number = str(whmcs.services()[0]["id"])
    answer = whmcs.done("AddCancelRequest", serviceid=number, reason="moving")
    assert answer == {"result": "success", "serviceid": number, "userid": YAMADA}
    message = "Existing Cancellation Request Exists"
    assert whmcs.refused("AddCancelRequest", serviceid=number) == message
    packages = whmcs.done("GetCancelledPackages")
    assert packages["totalresults"] == "1"
    assert at(packages, "packages", "package", 0, "type") == "End of Billing Period"
