"""Every code of Salesforce's that a client has to know is sent, with the status and body that go with it."""

import json

from datetime import timedelta
from urllib.parse import quote

import pytest

from ordering_sandbox.json_values import Json
from ordering_sandbox.salesforce.failures import FAILURES
from tests.unit.sandbox.orgs import DATA, Desk, at, listed


def first_error(desk: Desk, method: str, path: str, body: Json = None) -> tuple[int, str, str, Json]:
    status, answer = desk.ask(method, path, body)
    error = at(answer, 0)
    assert isinstance(error, dict)
    return status, str(error["errorCode"]), str(error["message"]), error.get("fields")


def test_a_wrong_or_ended_token_is_an_expired_session(desk: Desk) -> None:
    answer = desk.send("GET", f"{DATA}/limits", headers={"Authorization": "Bearer nonsense"})
    assert answer.status == 401
    assert json.loads(answer.body) == [
        {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    ]
    desk.org.clock.advance(timedelta(hours=2))
    assert desk.refused("GET", "/query?q=SELECT+Id+FROM+Order") == [(401, "INVALID_SESSION_ID")]


def test_both_words_introduce_a_token(desk: Desk) -> None:
    for word in ("Bearer", "OAuth", "bearer"):
        answer = desk.send("GET", f"{DATA}/limits", headers={"Authorization": f"{word} {desk.token}"})
        assert answer.status == 200
    assert desk.send("GET", f"{DATA}/limits", headers={"Authorization": f"Basic {desk.token}"}).status == 401


def test_a_token_that_a_fault_ends_is_ended_for_good(desk: Desk) -> None:
    desk.org.faults.switch_on({"kind": "expire_token", "path": "/query"})
    assert desk.call("GET", "/limits").status == 200
    assert desk.refused("GET", "/query?q=SELECT+Id+FROM+Order") == [(401, "INVALID_SESSION_ID")]
    assert desk.call("GET", "/limits").status == 401
    desk.token = desk.log_in()
    assert desk.call("GET", "/query?q=SELECT+Id+FROM+Order").status == 200


def test_missing_required_fields_are_named_together(desk: Desk) -> None:
    assert first_error(desk, "POST", "/sobjects/Opportunity", {"Name": "x"}) == (
        400,
        "REQUIRED_FIELD_MISSING",
        "Required fields are missing: [StageName, CloseDate]",
        ["StageName", "CloseDate"],
    )


def test_a_required_field_cannot_be_emptied(desk: Desk) -> None:
    order = desk.create("Order", **desk.order())
    assert desk.refused("PATCH", f"/sobjects/Order/{order}", {"EffectiveDate": None}) == [
        (400, "REQUIRED_FIELD_MISSING")
    ]


def test_a_text_too_long_is_echoed(desk: Desk) -> None:
    assert first_error(desk, "POST", "/sobjects/Order", desk.order(BillingCity="市" * 41)) == (
        400,
        "STRING_TOO_LONG",
        f"Billing City: data value too large: {'市' * 41} (max length=40)",
        ["BillingCity"],
    )
    assert desk.create("Order", **desk.order(BillingCity="市" * 40))


def test_a_value_that_a_restricted_picklist_does_not_have_is_refused(desk: Desk) -> None:
    for field, value in (("Status", "Nonsense"), ("SIM_Type__c", "Paper SIM")):
        status, code, message, fields = first_error(
            desk, "POST", "/sobjects/Order", desk.order(**{field: value})
        )
        assert (status, code, fields) == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", [field])
        assert message.endswith(f"bad value for restricted picklist field: {value}")


def test_a_value_that_an_open_picklist_does_not_have_is_taken(desk: Desk) -> None:
    order = desk.create("Order", **desk.order(Type="Satellite"))
    assert desk.query(f"SELECT Type FROM Order WHERE Id = '{order}'")[0]["Type"] == "Satellite"


def test_a_unique_value_names_the_record_that_has_it(desk: Desk) -> None:
    order = desk.create("Order", **desk.order(Portal_Request_Key__c="k"))
    assert first_error(desk, "POST", "/sobjects/Order", desk.order(Portal_Request_Key__c="k")) == (
        400,
        "DUPLICATE_VALUE",
        f"duplicate value found: Portal_Request_Key__c duplicates value on record with id: {order[:15]}",
        [],
    )
    assert desk.create("Order", **desk.order(Portal_Request_Key__c="K"))


def test_a_deleted_record_has_no_unique_value(desk: Desk) -> None:
    order = desk.create("Order", **desk.order(Portal_Request_Key__c="k"))
    assert desk.call("DELETE", f"/sobjects/Order/{order}").status == 204
    assert desk.create("Order", **desk.order(Portal_Request_Key__c="k"))


@pytest.mark.parametrize("hidden", ["Nonsense__c", "Portal_Request_Key__c"])
def test_a_hidden_field_looks_like_a_missing_one(desk: Desk, hidden: str) -> None:
    desk.org.save_setting("fields", {"Order.Portal_Request_Key__c": {"access": "none"}})
    assert first_error(desk, "POST", "/sobjects/Order", desk.order(**{hidden: "k"})) == (
        400,
        "INVALID_FIELD",
        f"No such column '{hidden}' on sobject of type Order",
        None,
    )
    status, code, message, _ = first_error(desk, "GET", f"/query?q=SELECT+{hidden}+FROM+Order")
    assert (status, code) == (400, "INVALID_FIELD")
    assert f"No such column '{hidden}' on entity 'Order'" in message
    described = desk.ask("GET", "/sobjects/Order/describe")[1]
    assert hidden not in [at(field, "name") for field in listed(described, "fields")]


@pytest.mark.parametrize(("kind", "field"), [("Order", "OrderNumber"), ("OrderItem", "Product2Id")])
def test_a_field_that_is_only_read_cannot_be_written(desk: Desk, kind: str, field: str) -> None:
    order = desk.create("Order", **desk.order())
    record = desk.order() if kind == "Order" else desk.item(order)
    status, code, message, fields = first_error(desk, "POST", f"/sobjects/{kind}", {**record, field: "1"})
    assert (status, code, fields) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE", [field])
    assert message.startswith(f"Unable to create/update fields: {field}. Please check the security settings")


def test_field_level_security_can_leave_a_field_readable(desk: Desk) -> None:
    desk.org.save_setting("fields", {"Order.WHMCS_Order_ID__c": {"access": "read"}})
    assert desk.refused("POST", "/sobjects/Order", desk.order(WHMCS_Order_ID__c="1")) == [
        (400, "INVALID_FIELD_FOR_INSERT_UPDATE")
    ]
    assert desk.query("SELECT WHMCS_Order_ID__c FROM Order") == []


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("AccountId", "801IS0000000001YAA", "MALFORMED_ID"),
        ("AccountId", "nonsense", "MALFORMED_ID"),
        ("AccountId", "001IS0000000001", "INVALID_CROSS_REFERENCE_KEY"),
        ("EffectiveDate", "2026-11-22T00:00:00Z", "JSON_PARSER_ERROR"),
        ("EffectiveDate", "22.11.2026", "JSON_PARSER_ERROR"),
        ("Activation_Scheduled_At__c", "tomorrow", "JSON_PARSER_ERROR"),
        ("Priority__c", "perhaps", "JSON_PARSER_ERROR"),
        ("Priority__c", None, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("PoNumber", 12, "JSON_PARSER_ERROR"),
        ("PoNumber", {"a": 1}, "JSON_PARSER_ERROR"),
    ],
)
def test_a_value_of_another_kind_is_refused(desk: Desk, field: str, value: Json, code: str) -> None:
    assert desk.refused("POST", "/sobjects/Order", desk.order(**{field: value})) == [(400, code)]


@pytest.mark.parametrize(
    ("kind", "field", "value", "code"),
    [
        ("Opportunity", "Amount", 10**18, "NUMBER_OUTSIDE_VALID_RANGE"),
        ("Opportunity", "Amount", "much", "JSON_PARSER_ERROR"),
        ("Contact", "Email", "no address", "INVALID_EMAIL_ADDRESS"),
    ],
)
def test_numbers_and_addresses_are_checked(desk: Desk, kind: str, field: str, value: Json, code: str) -> None:
    base: dict[str, Json] = {"Name": "x", "StageName": "Ready", "CloseDate": "2026-12-01"}
    record = base if kind == "Opportunity" else {"LastName": "x"}
    assert desk.refused("POST", f"/sobjects/{kind}", {**record, field: value}) == [(400, code)]


def test_a_reference_to_a_deleted_record_is_refused(desk: Desk) -> None:
    account = desk.create("Account", Name="x")
    assert desk.call("DELETE", f"/sobjects/Account/{account}").status == 204
    assert desk.refused("POST", "/sobjects/Order", desk.order(AccountId=account)) == [
        (400, "ENTITY_IS_DELETED")
    ]


def test_a_deleted_record_is_told_from_one_that_never_was(desk: Desk) -> None:
    order = desk.create("Order", **desk.order())
    desk.call("DELETE", f"/sobjects/Order/{order}")
    for method, body in (("GET", None), ("PATCH", {"PoNumber": "1"}), ("DELETE", None)):
        assert desk.refused(method, f"/sobjects/Order/{order}", body) == [(404, "ENTITY_IS_DELETED")]
        assert desk.refused(method, "/sobjects/Order/801IS0000099999", body) == [(404, "NOT_FOUND")]


def test_an_id_of_another_object_is_no_id_and_another_word_is_no_external_id(desk: Desk) -> None:
    assert desk.refused("GET", f"/sobjects/Order/{desk.account}") == [(400, "MALFORMED_ID")]
    status, code, message, _ = first_error(desk, "GET", "/sobjects/Order/nonsense")
    assert (status, code) == (404, "NOT_FOUND")
    assert message == "Provided external ID field does not exist or is not accessible: nonsense"
    assert desk.refused("PATCH", "/sobjects/Order/PoNumber/1", {}) == [(404, "NOT_FOUND")]


def test_an_object_that_is_not_there_is_not_found_by_path_and_unsupported_in_a_query(desk: Desk) -> None:
    assert desk.refused("GET", "/sobjects/Nonsense__c") == [(404, "NOT_FOUND")]
    assert desk.refused("GET", "/query?q=SELECT+Id+FROM+Nonsense__c") == [(400, "INVALID_TYPE")]
    assert desk.refused("GET", "/tooling/query?q=SELECT+Id+FROM+ApexClass") == [(400, "INVALID_TYPE")]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Nonsense FROM Order", "INVALID_FIELD"),
        ("SELECT Id FROM Order WHERE Nonsense = 1", "INVALID_FIELD"),
        ("SELECT Id FROM Order ORDER BY Nonsense", "INVALID_FIELD"),
        ("SELECT Nonsense.Name FROM Order", "INVALID_FIELD"),
        ("SELECT Id, (SELECT Id FROM Nonsense) FROM Order", "INVALID_FIELD"),
        ("SELECT Id, (SELECT Nonsense FROM OrderItems) FROM Order", "INVALID_FIELD"),
        ("SELECT Id FROM Order WHERE Status = 1", "INVALID_FIELD"),
        ("SELECT Id FROM Order WHERE EffectiveDate = '2026-11-22'", "INVALID_FIELD"),
        ("SELECT Id FROM Order WHERE CreatedDate > 2026-11-22", "INVALID_FIELD"),
        ("SELECT Id FROM Order WHERE EffectiveDate > 2026-11-22T00:00:00Z", "INVALID_FIELD"),
        ("SELECT Id FROM Order WHERE Description = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Order ORDER BY Description", "INVALID_FIELD"),
        ("SELECT Id FROM Order WHERE Priority__c > true", "INVALID_FIELD"),
        ("SELECT Id FROM Order WHERE AccountId LIKE 'x%'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Order WHERE Id = 'nonsense'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Order WHERE Id IN ()", "MALFORMED_QUERY"),
        ("SELECT Id, COUNT(Id) FROM Order", "MALFORMED_QUERY"),
        ("SELECT Id FROM ContentDocumentLink", "MALFORMED_QUERY"),
        ("SELECT Id FROM ContentDocumentLink WHERE ShareType = 'V'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Order OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
        ("", "MALFORMED_QUERY"),
    ],
)
def test_queries_are_checked_against_the_org(desk: Desk, query: str, code: str) -> None:
    assert desk.refused("GET", f"/query?q={quote(query)}") == [(400, code)]


@pytest.mark.parametrize("locator", ["nonsense", "01gIS0000000001YAA-2000", "01gIS0000000001YAA-x"])
def test_a_locator_that_names_nothing_is_refused(desk: Desk, locator: str) -> None:
    assert desk.refused("GET", f"/query/{locator}") == [(400, "INVALID_QUERY_LOCATOR")]


def test_a_locator_lives_two_days(desk: Desk) -> None:
    desk.org.save_setting("switches", {"largest_batch": 5, "session_seconds": 10**6})
    desk.token = desk.log_in()
    page = desk.ask("GET", "/query?q=SELECT+Id+FROM+Product2")[1]
    following = str(at(page, "nextRecordsUrl")).removeprefix(DATA)
    desk.org.clock.advance(timedelta(hours=47, minutes=59))
    assert desk.call("GET", following).status == 200
    desk.org.clock.advance(timedelta(minutes=2))
    assert desk.refused("GET", following) == [(400, "INVALID_QUERY_LOCATOR")]


def test_an_item_without_a_price_book_entry_is_refused_three_times_at_once(desk: Desk) -> None:
    order = desk.create("Order", **desk.order())
    item = {name: value for name, value in desk.item(order).items() if name != "PricebookEntryId"}
    status, answer = desk.ask("POST", "/sobjects/OrderItem", item)
    assert status == 400
    assert answer == [
        {
            "message": "Required fields are missing: [PricebookEntryId]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["PricebookEntryId"],
        },
        {
            "message": (
                "Order Products must have a Price Book Entry that belongs to the Price Book related to the"
                " parent Order.: Price Book Entry ID"
            ),
            "errorCode": "FIELD_INTEGRITY_EXCEPTION",
            "fields": ["PricebookEntryId"],
        },
        {
            "message": "Enter a List Price.: List Price",
            "errorCode": "FIELD_INTEGRITY_EXCEPTION",
            "fields": ["ListPrice"],
        },
    ]


def test_an_item_needs_an_entry_of_its_orders_price_book_that_is_active(desk: Desk) -> None:
    order = desk.create("Order", **desk.order())
    wrong_book = desk.item(order, PricebookEntryId=desk.entry("SIM-DATA-3GB", "Standard Price Book"))
    assert desk.refused("POST", "/sobjects/OrderItem", wrong_book) == [(400, "FIELD_INTEGRITY_EXCEPTION")]
    retired = desk.item(order, PricebookEntryId=desk.entry("SIM-VOICE-1GB"))
    assert desk.refused("POST", "/sobjects/OrderItem", retired) == [(400, "FIELD_INTEGRITY_EXCEPTION")]
    bookless = desk.create("Order", **desk.order(Pricebook2Id=None))
    assert desk.refused("POST", "/sobjects/OrderItem", desk.item(bookless)) == [
        (400, "FIELD_INTEGRITY_EXCEPTION")
    ]
    assert desk.create("OrderItem", **desk.item(order))


def test_an_order_without_products_cannot_be_activated(desk: Desk) -> None:
    order = desk.create("Order", **desk.order())
    assert desk.refused("PATCH", f"/sobjects/Order/{order}", {"Status": "Activated"}) == [
        (400, "FAILED_ACTIVATION")
    ]
    assert desk.refused("POST", "/sobjects/Order", desk.order(Status="Activated")) == [
        (400, "FAILED_ACTIVATION")
    ]
    desk.create("OrderItem", **desk.item(order))
    assert desk.call("PATCH", f"/sobjects/Order/{order}", {"Status": "Activated"}).status == 204


def test_an_activated_order_is_locked(desk: Desk) -> None:
    order = desk.create("Order", **desk.order())
    item = desk.create("OrderItem", **desk.item(order))
    desk.call("PATCH", f"/sobjects/Order/{order}", {"Status": "Activated"})
    locked = [(400, "ENTITY_IS_LOCKED")]
    assert desk.refused("POST", "/sobjects/OrderItem", desk.item(order)) == locked
    assert desk.refused("DELETE", f"/sobjects/OrderItem/{item}") == locked
    assert desk.refused("DELETE", f"/sobjects/Order/{order}") == locked
    for path in (f"/sobjects/OrderItem/{item}", f"/sobjects/Order/{order}"):
        field = "WHMCS_Service_ID__c" if "OrderItem" in path else "WHMCS_Order_ID__c"
        assert desk.refused("PATCH", path, {field: "5"}) == locked
    desk.org.save_setting("switches", {"edit_activated_orders": True})
    assert desk.call("PATCH", f"/sobjects/OrderItem/{item}", {"WHMCS_Service_ID__c": "5"}).status == 204
    assert desk.call("PATCH", f"/sobjects/Order/{order}", {"WHMCS_Order_ID__c": "5"}).status == 204
    assert desk.refused("PATCH", f"/sobjects/OrderItem/{item}", {"UnitPrice": 1}) == locked
    assert (
        desk.refused("PATCH", f"/sobjects/Order/{order}", {"AccountId": desk.create("Account", Name="x")})
        == locked
    )
    assert desk.refused("POST", "/sobjects/OrderItem", desk.item(order)) == locked


def test_an_order_that_goes_back_to_draft_is_unlocked(desk: Desk) -> None:
    order = desk.create("Order", **desk.order())
    desk.create("OrderItem", **desk.item(order))
    desk.call("PATCH", f"/sobjects/Order/{order}", {"Status": "Activated"})
    assert desk.call("PATCH", f"/sobjects/Order/{order}", {"Status": "Draft"}).status == 204
    assert desk.create("OrderItem", **desk.item(order))


def test_a_custom_price_needs_a_standard_price(desk: Desk) -> None:
    product = desk.create("Product2", Name="x", IsActive=True)
    entry: dict[str, Json] = {"Pricebook2Id": desk.book, "Product2Id": product, "UnitPrice": 1}
    assert desk.refused("POST", "/sobjects/PricebookEntry", entry) == [(400, "STANDARD_PRICE_NOT_DEFINED")]
    standard = desk.id_of("SELECT Id FROM Pricebook2 WHERE IsStandard = true")
    desk.create("PricebookEntry", Pricebook2Id=standard, Product2Id=product, UnitPrice=1)
    assert desk.create("PricebookEntry", **entry)


def test_states_are_checked_where_picklists_are_on(desk: Desk) -> None:
    assert desk.create("Order", **desk.order(BillingState="東京都"))
    desk.org.save_setting("switches", {"state_country_picklists": True})
    for address in (
        {"BillingState": "東京都", "BillingCountry": "Japan"},
        {"BillingState": "Tokyo"},
        {"BillingState": "Bavaria", "BillingCountry": "Japan"},
    ):
        assert desk.refused("POST", "/sobjects/Order", desk.order(**address)) == [
            (400, "FIELD_INTEGRITY_EXCEPTION")
        ]
    assert desk.create("Order", **desk.order(BillingState="Tokyo", BillingCountry="Japan"))
    assert desk.refused(
        "POST", "/sobjects/Order", desk.order(BillingStateCode="48", BillingCountryCode="JP")
    ) == [(400, "FIELD_INTEGRITY_EXCEPTION")]
    coded = desk.create("Order", **desk.order(BillingStateCode="13", BillingCountryCode="JP"))
    [row] = desk.query(
        "SELECT BillingState, BillingStateCode, BillingCountry FROM Order"
        f" WHERE Id = '{coded}' AND BillingCountryCode = 'JP'"
    )
    assert (row["BillingState"], row["BillingStateCode"], row["BillingCountry"]) == ("Tokyo", "13", "Japan")


def test_lists_of_the_org_itself_are_not_written(desk: Desk) -> None:
    assert desk.refused("POST", "/sobjects/OrderStatus", {"ApiName": "x"}) == [
        (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")
    ]
    status = desk.id_of("SELECT Id FROM OrderStatus")
    assert desk.refused("PATCH", f"/sobjects/OrderStatus/{status}", {"ApiName": "x"}) == [
        (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")
    ]
    assert desk.refused("DELETE", f"/sobjects/OrderStatus/{status}") == [
        (400, "INSUFFICIENT_ACCESS_OR_READONLY")
    ]


def test_a_body_that_cannot_be_read_is_a_parser_error(desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.token}", "Content-Type": "application/json"}
    for body in (b"{", b'"x"', b"[1]", b"\xff"):
        answer = desk.send("POST", f"{DATA}/sobjects/Order", body, headers)
        assert answer.status == 400
        assert json.loads(answer.body)[0]["errorCode"] == "JSON_PARSER_ERROR"


def test_other_formats_and_methods_are_refused(desk: Desk) -> None:
    xml = {"Content-Type": "application/xml"}
    assert desk.refused("POST", "/sobjects/Order", {}, xml) == [(415, "UNSUPPORTED_MEDIA_TYPE")]
    assert desk.refused("PUT", "/sobjects/Order", {}) == [(405, "METHOD_NOT_ALLOWED")]
    assert desk.refused("GET", "/nonsense") == [(404, "NOT_FOUND")]


def test_versions_come_and_go(desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.token}"}
    statuses = {
        version: desk.send("GET", f"/services/data/{version}/limits", headers=headers).status
        for version in ("v30.0", "v31.0", "v59.0", "v68.0", "v69.0", "66.0", "v66")
    }
    assert statuses == {
        "v30.0": 410,
        "v31.0": 200,
        "v59.0": 200,
        "v68.0": 200,
        "v69.0": 404,
        "66.0": 404,
        "v66": 404,
    }


def test_what_was_modified_since_is_not_written(desk: Desk) -> None:
    order = desk.create("Order", **desk.order())
    now = desk.org.clock.now()
    earlier = (now - timedelta(minutes=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    later = (now + timedelta(minutes=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    path = f"/sobjects/Order/{order}"
    answer = desk.call("PATCH", path, {"PoNumber": "1"}, {"If-Unmodified-Since": earlier})
    assert (answer.status, answer.body) == (412, b"")
    assert desk.call("DELETE", path, headers={"If-Unmodified-Since": earlier}).status == 412
    assert desk.call("GET", path, headers={"If-Modified-Since": later}).status == 304
    assert desk.call("PATCH", path, {"PoNumber": "1"}, {"If-Unmodified-Since": later}).status == 204
    assert desk.call("PATCH", path, {"PoNumber": "1"}, {"If-Unmodified-Since": "nonsense"}).status == 204


def test_an_address_too_long_is_refused_by_the_edge(desk: Desk) -> None:
    answer = desk.call("GET", f"/query?q={'x' * 16_384}")
    assert answer.status == 414
    assert answer.headers["Content-Type"].startswith("text/html")


def test_calls_above_the_daily_limit_are_refused(desk: Desk) -> None:
    desk.org.save_setting("switches", {"daily_api_calls": desk.rest.used + 1})
    assert desk.call("GET", "/limits").status == 200
    assert first_error(desk, "GET", "/limits")[:3] == (
        403,
        "REQUEST_LIMIT_EXCEEDED",
        "TotalRequests Limit exceeded.",
    )


@pytest.mark.parametrize("name", sorted(FAILURES))
def test_every_failure_can_strike_a_call(desk: Desk, name: str) -> None:
    failure = FAILURES[name]
    desk.org.faults.switch_on({"kind": "answer", "path": "/query", "failure": name})
    answer = desk.call("GET", "/query?q=SELECT+Id+FROM+Order")
    assert answer.status == failure.status
    if failure.html:
        assert answer.body.decode() == failure.html
    elif failure.code:
        fields = {"fields": list(failure.fields)} if failure.fields else {}
        assert json.loads(answer.body) == [{"message": failure.message, "errorCode": failure.code, **fields}]
    else:
        assert answer.body == b""
    assert desk.call("GET", "/query?q=SELECT+Id+FROM+Order").status == 200


@pytest.mark.parametrize("name", sorted(name for name, failure in FAILURES.items() if failure.code))
def test_every_failure_with_a_code_can_strike_one_record(desk: Desk, name: str) -> None:
    failure = FAILURES[name]
    desk.org.faults.switch_on({"kind": "error", "target": "Order", "failure": name})
    assert first_error(desk, "POST", "/sobjects/Order", desk.order())[:3] == (
        failure.status,
        failure.code,
        failure.message,
    )
    assert desk.count("Order") == 0
    assert desk.create("Order", **desk.order())


def test_every_code_of_the_reference_can_be_met(desk: Desk) -> None:
    """Codes that arise by themselves are tested above; for the others there are failures."""
    assert {failure.code for failure in FAILURES.values()} >= {
        "API_CURRENTLY_DISABLED",
        "API_DISABLED_FOR_ORG",
        "CANNOT_EXECUTE_FLOW_TRIGGER",
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "DUPLICATES_DETECTED",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "FIELD_FILTER_VALIDATION_EXCEPTION",
        "FUNCTIONALITY_NOT_ENABLED",
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "QUERY_TIMEOUT",
        "REQUEST_LIMIT_EXCEEDED",
        "REQUEST_RUNNING_TOO_LONG",
        "SERVER_UNAVAILABLE",
        "STORAGE_LIMIT_EXCEEDED",
        "UNABLE_TO_LOCK_ROW",
        "UNEXPECTED_ERROR",
        "UNKNOWN_EXCEPTION",
    }
    assert {failure.status for failure in FAILURES.values()} >= {403, 420, 429, 500, 502, 503, 504}
