"""Single records: how they are written, found, changed, described."""

import json

from datetime import timedelta

import pytest

from ordering_sandbox.json_values import Json
from tests.unit.sandbox.orgs import BASE, DATA, Desk, at, listed


def test_a_new_record_says_where_it_is(desk: Desk) -> None:
    answer = desk.call("POST", "/sobjects/Account/", {"Name": "x"})
    assert answer.status == 201
    body: Json = json.loads(answer.body)
    assert body == {"id": at(body, "id"), "success": True, "errors": []}
    assert answer.headers["Location"] == f"{DATA}/sobjects/Account/{at(body, 'id')}"
    assert answer.headers["Sforce-Limit-Info"] == "api-usage=1/100000"


def test_field_names_and_ids_do_not_mind_their_case(desk: Desk) -> None:
    order = desk.create("order", **{name.upper(): value for name, value in desk.order().items()})
    for text in (order, order[:15], order.lower(), order.upper()):
        status, record = desk.ask("GET", f"/sobjects/ORDER/{text}?fields=STATUS,accountid")
        assert status == 200
        assert record == {
            "attributes": {"type": "Order", "url": f"{DATA}/sobjects/Order/{order}"},
            "Id": order,
            "Status": "Draft",
            "AccountId": desk.account,
        }
    assert desk.query(f"select ID from order where STATUS = 'DRAFT' and accountid = '{desk.account[:15]}'")


def test_a_record_is_read_with_all_its_fields(desk: Desk) -> None:
    _, record = desk.ask("GET", f"/sobjects/Account/{desk.account}")
    assert at(record, "BillingAddress") == {
        "street": "丸の内1-1-1\nサンドボックスビル\n101",
        "city": "千代田区",
        "state": "東京都",
        "postalCode": "100-0005",
        "country": "Japan",
        "geocodeAccuracy": None,
        "latitude": None,
        "longitude": None,
    }
    assert at(record, "ShippingAddress") is None
    assert at(record, "IsDeleted") is False
    assert desk.refused("GET", f"/sobjects/Account/{desk.account}?fields=Nonsense") == [
        (400, "INVALID_FIELD")
    ]


def test_what_was_not_said_gets_its_default(desk: Desk) -> None:
    order = desk.create("Order", **desk.order())
    _, record = desk.ask("GET", f"/sobjects/Order/{order}")
    assert at(record, "OrderNumber") == "00000001"
    assert at(record, "Weekend_Install__c") is False
    assert at(record, "StatusCode") == "Draft"
    assert at(record, "TotalAmount") == 0.0
    assert at(record, "PoNumber") is None
    assert at(record, "OwnerId") == at(record, "CreatedById")
    case = desk.create("Case")
    assert at(desk.ask("GET", f"/sobjects/Case/{case}")[1], "Status") == "New"


def test_an_empty_text_is_no_value_and_spaces_around_one_go(desk: Desk) -> None:
    order = desk.create("Order", **desk.order(PoNumber="  a b  ", Name="   "))
    _, record = desk.ask("GET", f"/sobjects/Order/{order}")
    assert (at(record, "PoNumber"), at(record, "Name")) == ("a b", None)


def test_moments_are_kept_in_whole_seconds_of_utc(desk: Desk) -> None:
    order = desk.create("Order", **desk.order(Activation_Scheduled_At__c="2026-11-22T10:00:00.987+09:00"))
    _, record = desk.ask("GET", f"/sobjects/Order/{order}")
    assert at(record, "Activation_Scheduled_At__c") == "2026-11-22T01:00:00.000+0000"
    assert str(at(record, "SystemModstamp")).endswith(".000+0000")


def test_a_picklist_keeps_its_own_spelling(desk: Desk) -> None:
    order = desk.create("Order", **desk.order(Status="draft", SIM_Type__c="ESIM"))
    _, record = desk.ask("GET", f"/sobjects/Order/{order}")
    assert (at(record, "Status"), at(record, "SIM_Type__c")) == ("Draft", "eSIM")


def test_a_change_is_told_by_nothing_and_moves_the_stamp(desk: Desk) -> None:
    order = desk.create("Order", **desk.order())
    before = at(desk.ask("GET", f"/sobjects/Order/{order}")[1], "SystemModstamp")
    desk.org.clock.advance(timedelta(seconds=5))
    answer = desk.call("PATCH", f"/sobjects/Order/{order}", {"PoNumber": "1"})
    assert (answer.status, answer.body) == (204, b"")
    after = desk.ask("GET", f"/sobjects/Order/{order}")[1]
    assert str(at(after, "SystemModstamp")) > str(before)
    assert str(at(after, "CreatedDate")) == str(before)


def test_null_empties_a_field_and_leaving_it_out_does_not(desk: Desk) -> None:
    order = desk.create("Order", **desk.order(PoNumber="1", Name="x"))
    desk.call("PATCH", f"/sobjects/Order/{order}", {"PoNumber": None})
    _, record = desk.ask("GET", f"/sobjects/Order/{order}")
    assert (at(record, "PoNumber"), at(record, "Name")) == (None, "x")


def test_a_client_that_cannot_patch_says_so_in_the_query(desk: Desk) -> None:
    order = desk.create("Order", **desk.order())
    assert desk.call("POST", f"/sobjects/Order/{order}?_HttpMethod=PATCH", {"PoNumber": "1"}).status == 204


def test_an_upsert_tells_creation_from_change(desk: Desk) -> None:
    path = "/sobjects/Order/Portal_Request_Key__c/a%20b%2Fc"
    assert desk.refused("PATCH", f"{path}?updateOnly=true", desk.order()) == [(404, "NOT_FOUND")]
    status, created = desk.ask("PATCH", path, desk.order())
    assert (status, at(created, "created")) == (201, True)
    status, changed = desk.ask("PATCH", path, {"PoNumber": "1"})
    assert (status, at(changed, "created"), at(changed, "id")) == (200, False, at(created, "id"))
    _, record = desk.ask("GET", path)
    assert at(record, "Portal_Request_Key__c") == "a b/c"
    assert desk.call("DELETE", path).status == 204
    assert desk.refused("GET", path) == [(404, "NOT_FOUND")]
    assert desk.refused("POST", path, {}) == [(405, "METHOD_NOT_ALLOWED")]


def test_an_upsert_of_old_versions_has_no_body(desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.token}", "Content-Type": "application/json"}
    path = "/services/data/v45.0/sobjects/Order/Portal_Request_Key__c/k"
    created = desk.send("PATCH", path, json.dumps(desk.order()).encode(), headers)
    assert (created.status, "created" in json.loads(created.body)) == (201, False)
    changed = desk.send("PATCH", path, b"{}", headers)
    assert (changed.status, changed.body) == (204, b"")


def test_an_external_id_that_means_several_records_lists_them(desk: Desk) -> None:
    for _ in range(2):
        file = {"Title": "x", "PathOnClient": "x.txt", "VersionData": "eA==", "Portal_Request_Key__c": "k"}
        desk.create("ContentVersion", **file)
    status, urls = desk.ask("GET", "/sobjects/ContentVersion/Portal_Request_Key__c/k")
    assert status == 300
    assert [str(url).rpartition("/")[0] for url in listed(urls)] == [f"{DATA}/sobjects/ContentVersion"] * 2


def test_a_record_may_be_found_by_its_id_as_by_an_external_id(desk: Desk) -> None:
    assert desk.call("PATCH", f"/sobjects/Account/Id/{desk.account}", {"Phone": "1"}).status == 200
    assert desk.refused("PATCH", "/sobjects/Account/Id/001IS0000099999", {"Name": "x"}) == [
        (404, "NOT_FOUND")
    ]


def test_a_lookup_may_name_its_record_by_external_id(desk: Desk) -> None:
    iccid = str(desk.query("SELECT ICCID__c FROM SIM_Inventory__c LIMIT 1")[0]["ICCID__c"])
    order = desk.create("Order", **desk.order(Assign_Physical_SIM__r={"ICCID__c": iccid}))
    found = desk.query(f"SELECT Assign_Physical_SIM__r.ICCID__c FROM Order WHERE Id = '{order}'")
    assert at(found[0], "Assign_Physical_SIM__r", "ICCID__c") == iccid
    for named in ({"ICCID__c": "nonsense"}, {"Phone_Number__c": "1"}, {}):
        assert desk.refused("POST", "/sobjects/Order", desk.order(Assign_Physical_SIM__r=named)) == [
            (400, "INVALID_FIELD")
        ]


def test_an_item_takes_product_and_list_price_from_its_entry(desk: Desk) -> None:
    order = desk.create("Order", **desk.order())
    for price in (700, 80):
        desk.create("OrderItem", **desk.item(order, UnitPrice=price, Quantity=2))
    items = desk.query(
        "SELECT ListPrice, UnitPrice, TotalPrice, Product2.Name, Order.TotalAmount FROM OrderItem"
    )
    assert [(at(i, "ListPrice"), at(i, "TotalPrice"), at(i, "Product2", "Name")) for i in items] == [
        (780.0, 1400.0, "SIM data 3 GB"),
        (780.0, 160.0, "SIM data 3 GB"),
    ]
    assert [at(item, "Order", "TotalAmount") for item in items] == [1560.0, 1560.0]


def test_a_stage_brings_its_probability_unless_one_is_given(desk: Desk) -> None:
    base: dict[str, Json] = {"Name": "x", "CloseDate": "2026-12-01", "AccountId": desk.account}
    opportunity = desk.create("Opportunity", StageName="Post Processing", **base)
    fields = "?fields=Probability,IsClosed"
    assert at(desk.ask("GET", f"/sobjects/Opportunity/{opportunity}{fields}")[1], "Probability") == 75.0
    desk.call("PATCH", f"/sobjects/Opportunity/{opportunity}", {"StageName": "Void"})
    _, record = desk.ask("GET", f"/sobjects/Opportunity/{opportunity}{fields}")
    assert (at(record, "Probability"), at(record, "IsClosed")) == (0.0, True)
    desk.call("PATCH", f"/sobjects/Opportunity/{opportunity}", {"StageName": "Ready", "Probability": 55})
    assert at(desk.ask("GET", f"/sobjects/Opportunity/{opportunity}{fields}")[1], "Probability") == 55.0


def test_closing_a_case_says_when(desk: Desk) -> None:
    case = desk.create("Case")
    desk.call("PATCH", f"/sobjects/Case/{case}", {"Status": "Closed"})
    _, record = desk.ask("GET", f"/sobjects/Case/{case}?fields=IsClosed,ClosedDate,SystemModstamp")
    assert at(record, "IsClosed") is True
    assert at(record, "ClosedDate") == at(record, "SystemModstamp")
    desk.call("PATCH", f"/sobjects/Case/{case}", {"Status": "New"})
    assert at(desk.ask("GET", f"/sobjects/Case/{case}")[1], "ClosedDate") is None


def test_deleting_an_order_deletes_its_items_and_queryall_still_finds_them(desk: Desk) -> None:
    order = desk.create("Order", **desk.order())
    desk.create("OrderItem", **desk.item(order))
    assert desk.call("DELETE", f"/sobjects/Order/{order}").status == 204
    assert desk.count("OrderItem") == 0
    _, answer = desk.ask("GET", "/queryAll?q=SELECT+Id,IsDeleted+FROM+OrderItem")
    assert [at(record, "IsDeleted") for record in listed(answer, "records")] == [True]


def test_parents_that_are_not_there_are_null_and_no_children_are_null(desk: Desk) -> None:
    desk.create("Order", **desk.order())
    (found,) = desk.query("SELECT Opportunity.Account.Name, (SELECT Id FROM OrderItems) FROM Order")
    assert (found["Opportunity"], found["OrderItems"]) == (None, None)


def test_an_object_is_described_with_what_can_be_done_with_it(desk: Desk) -> None:
    _, described = desk.ask("GET", "/sobjects/Order/describe/")
    fields = {str(at(field, "name")): field for field in listed(described, "fields")}
    assert [at(value, "value") for value in listed(fields["Status"], "picklistValues")] == [
        "Draft",
        "Pending Review",
        "Approved",
        "Cancelled",
        "Activated",
    ]
    assert at(fields["Status"], "restrictedPicklist") is True
    assert at(fields["Portal_Request_Key__c"], "unique") is True
    assert at(fields["Portal_Request_Key__c"], "externalId") is True
    assert at(fields["OrderNumber"], "createable") is False
    assert at(fields["AccountId"], "referenceTo") == ["Account"]
    assert at(fields["AccountId"], "nillable") is False
    assert at(fields["BillingStreet"], "length") == 255
    children = [at(child, "relationshipName") for child in listed(described, "childRelationships")]
    assert "OrderItems" in children
    _, several = desk.ask("GET", "/sobjects/")
    assert "OrderProvisionRequested__e" in [at(kind, "name") for kind in listed(several, "sobjects")]
    assert at(desk.ask("GET", "/sobjects/Order")[1], "objectDescribe", "keyPrefix") == "801"


def test_the_api_tells_its_versions_resources_and_limits(desk: Desk) -> None:
    for path in ("/services/data", "/services/data/"):
        versions: Json = json.loads(desk.send("GET", path).body)
        assert at(versions, -1) == {"label": "Winter '27", "url": "/services/data/v68.0", "version": "68.0"}
        assert {"label": "Spring '26", "url": "/services/data/v66.0", "version": "66.0"} in listed(versions)
    _, resources = desk.ask("GET", "/")
    assert str(at(resources, "identity")).startswith(f"{BASE}/id/00D")
    _, limits = desk.ask("GET", "/limits")
    assert at(limits, "DailyApiRequests", "Max") == 100_000


def test_a_page_size_is_a_hint(desk: Desk) -> None:
    def size(hint: str) -> int:
        _, page = desk.ask(
            "GET", "/query/?q=SELECT+Id+FROM+PricebookEntry", headers={"Sforce-Query-Options": hint}
        )
        return len(listed(page, "records"))

    total = desk.count("PricebookEntry")
    assert [size(hint) for hint in ("", "batchSize=200", "batchSize=1", "nonsense")] == [total] * 4
    desk.org.save_setting("switches", {"largest_batch": 7})
    assert size("batchSize=2000") == 7


@pytest.mark.parametrize("field", ["Id, Id", "Status, status", "Account.Id, Account.Id"])
def test_a_field_is_selected_once(desk: Desk, field: str) -> None:
    assert desk.refused("GET", f"/query?q=SELECT+{field.replace(' ', '+')}+FROM+Order") == [
        (400, "MALFORMED_QUERY")
    ]
