"""Many records in one call: collections, trees, graphs, batches."""

import pytest

from ordering_sandbox.json_values import Json, JsonObject
from tests.unit.sandbox.orgs import DATA, Desk, at, listed


def account(**fields: Json) -> JsonObject:
    return {"attributes": {"type": "Account"}, **fields}


def test_without_all_or_none_good_records_are_kept(desk: Desk) -> None:
    status, results = desk.ask(
        "POST", "/composite/sobjects", {"records": [account(Name="a"), account(), account(Name="b")]}
    )
    assert status == 200
    assert [at(result, "success") for result in listed(results)] == [True, False, True]
    assert at(results, 1, "errors") == [
        {
            "statusCode": "REQUIRED_FIELD_MISSING",
            "message": "Required fields are missing: [Name]",
            "fields": ["Name"],
        }
    ]
    assert desk.count("Account") == 4


def test_with_all_or_none_one_failure_takes_all_back(desk: Desk) -> None:
    _, results = desk.ask(
        "POST", "/composite/sobjects", {"allOrNone": True, "records": [account(Name="a"), account()]}
    )
    assert at(results, 0) == {
        "success": False,
        "errors": [
            {
                "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
                "message": (
                    "Record rolled back because not all records were valid and the request was using"
                    " AllOrNone header"
                ),
                "fields": [],
            }
        ],
    }
    assert at(results, 1, "errors", 0, "statusCode") == "REQUIRED_FIELD_MISSING"
    assert desk.count("Account") == 2


def test_records_are_changed_upserted_read_and_deleted_together(desk: Desk) -> None:
    order = desk.create("Order", **desk.order(Portal_Request_Key__c="a"))
    _, changed = desk.ask(
        "PATCH",
        "/composite/sobjects",
        {"records": [{"attributes": {"type": "Order"}, "id": order, "PoNumber": "1"}]},
    )
    assert changed == [{"id": order, "success": True, "errors": []}]
    keyed = [desk.order(Portal_Request_Key__c=key) for key in ("a", "b")]
    _, upserted = desk.ask(
        "PATCH",
        "/composite/sobjects/Order/Portal_Request_Key__c",
        {"records": [{"attributes": {"type": "Order"}, **record} for record in keyed]},
    )
    assert [at(result, "created") for result in listed(upserted)] == [False, True]
    ids = [str(at(result, "id")) for result in listed(upserted)]
    for read in (
        desk.ask(
            "GET", f"/composite/sobjects/Order?ids={','.join([*ids, '801IS0000009999'])}&fields=PoNumber"
        ),
        desk.ask(
            "POST", "/composite/sobjects/Order", {"ids": [*ids, "801IS0000009999"], "fields": ["PoNumber"]}
        ),
    ):
        assert [record and at(record, "PoNumber") for record in listed(read[1])] == ["1", None, None]
    _, deleted = desk.ask("DELETE", f"/composite/sobjects?ids={','.join(ids)}&allOrNone=true")
    assert [at(result, "success") for result in listed(deleted)] == [True, True]
    assert desk.count("Order") == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("POST", "/composite/sobjects", {"records": []}, "MISSING_ARGUMENT"),
        ("POST", "/composite/sobjects", {"records": "x"}, "JSON_PARSER_ERROR"),
        ("POST", "/composite/sobjects", {"records": [{}]}, "INVALID_TYPE"),
        ("POST", "/composite/sobjects", {"records": [account(Name="x")] * 201}, "EXCEEDED_ID_LIMIT"),
        (
            "POST",
            "/composite/sobjects",
            {"allOrNone": 1, "records": [account(Name="x")]},
            "JSON_PARSER_ERROR",
        ),
        ("PATCH", "/composite/sobjects/Order/Nonsense", {"records": [account(Name="x")]}, "NOT_FOUND"),
        ("DELETE", "/composite/sobjects", None, "MISSING_ARGUMENT"),
        ("PUT", "/composite/sobjects", {}, "METHOD_NOT_ALLOWED"),
    ],
)
def test_a_collection_that_is_wrong_in_itself_is_refused(
    desk: Desk, method: str, path: str, body: Json, code: str
) -> None:
    assert [found for _, found in desk.refused(method, path, body)] == [code]


def test_a_collection_holds_200_records_in_10_stretches_of_one_type(desk: Desk) -> None:
    whole: Json = {"allOrNone": True, "records": [account(Name="x")] * 200}
    assert desk.call("POST", "/composite/sobjects", whole).status == 200
    assert desk.count("Account") == 202
    contact: JsonObject = {"attributes": {"type": "Contact"}, "LastName": "x"}
    ten = [account(Name="x"), contact] * 5
    assert desk.call("POST", "/composite/sobjects", {"records": ten}).status == 200
    assert desk.refused("POST", "/composite/sobjects", {"records": [*ten, account(Name="x")]}) == [
        (400, "TOO_MANY_ENUM_VALUE")
    ]


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"attributes": {"type": "Order"}, "PoNumber": "1"}, "MISSING_ARGUMENT"),
        ({"attributes": {"type": "Order"}, "Id": "801IS0000009999"}, "NOT_FOUND"),
        ({"attributes": {"type": "Order"}, "Id": "nonsense"}, "NOT_FOUND"),
    ],
)
def test_a_record_to_change_needs_its_id(desk: Desk, record: JsonObject, code: str) -> None:
    _, results = desk.ask("PATCH", "/composite/sobjects", {"records": [record]})
    assert at(results, 0, "errors", 0, "statusCode") == code


def tree(desk: Desk, **item: Json) -> JsonObject:
    child = {name: value for name, value in desk.item("").items() if name != "OrderId"}
    return {
        "attributes": {"type": "Order", "referenceId": "ord"},
        **desk.order(),
        "OrderItems": {
            "records": [{"attributes": {"type": "OrderItem", "referenceId": "item"}, **child, **item}]
        },
    }


def test_a_tree_is_created_whole(desk: Desk) -> None:
    status, answer = desk.ask("POST", "/composite/tree/Order", {"records": [tree(desk)]})
    assert status == 201
    assert at(answer, "hasErrors") is False
    assert [at(result, "referenceId") for result in listed(answer, "results")] == ["ord", "item"]
    assert desk.count("OrderItem") == 1


def test_a_tree_with_a_wrong_leaf_is_not_created(desk: Desk) -> None:
    status, answer = desk.ask("POST", "/composite/tree/Order", {"records": [tree(desk, Quantity=None)]})
    assert status == 400
    assert at(answer, "hasErrors") is True
    assert at(answer, "results", 0, "referenceId") == "item"
    assert at(answer, "results", 0, "errors", 0, "statusCode") == "REQUIRED_FIELD_MISSING"
    assert len(listed(answer, "results")) == 1
    assert desk.count("Order") == 0


def test_a_tree_needs_names_and_has_limits(desk: Desk) -> None:
    nameless = {**tree(desk), "attributes": {"type": "Order"}}
    assert desk.refused("POST", "/composite/tree/Order", {"records": [nameless]}) == [(400, "INVALID_INPUT")]
    many: Json = [
        {"attributes": {"type": "Account", "referenceId": f"r{number}"}, "Name": "x"} for number in range(201)
    ]
    assert desk.refused("POST", "/composite/tree/Account", {"records": many}) == [(400, "LIMIT_EXCEEDED")]
    assert desk.count("Account") == 2


def graph(name: str, *calls: JsonObject) -> JsonObject:
    return {"graphId": name, "compositeRequest": list(calls)}


def node(name: str, kind: str, **fields: Json) -> JsonObject:
    return {"referenceId": name, "method": "POST", "url": f"{DATA}/sobjects/{kind}", "body": fields}


def test_each_graph_is_done_or_not_done_as_a_whole(desk: Desk) -> None:
    status, answer = desk.ask(
        "POST",
        "/composite/graph",
        {
            "graphs": [
                graph(
                    "1",
                    node("a", "Account", Name="x"),
                    node("c", "Contact", LastName="y", AccountId="@{a.id}"),
                ),
                graph("2", node("a", "Account", Name="z"), node("c", "Contact", AccountId="@{a.id}")),
            ]
        },
    )
    assert status == 200
    assert [at(each, "isSuccessful") for each in listed(answer, "graphs")] == [True, False]
    codes = [
        at(each, "body", 0, "errorCode")
        for each in listed(answer, "graphs", 1, "graphResponse", "compositeResponse")
    ]
    assert codes == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert desk.count("Account") == 3


@pytest.mark.parametrize(
    "graphs",
    [
        [graph("x" * 40, node("a", "Account", Name="x"))],
        [graph("a.b", node("a", "Account", Name="x"))],
        [{"graphId": 5, "compositeRequest": [node("a", "Account", Name="x")]}],
        [graph("1", {"referenceId": "a", "method": "GET", "url": f"{DATA}/query?q=x"})],
        [graph("1")],
        [graph(str(number), node("a", "Account", Name="x")) for number in range(76)],
    ],
)
def test_graphs_that_are_wrong_in_themselves_are_refused(desk: Desk, graphs: list[Json]) -> None:
    assert desk.call("POST", "/composite/graph", {"graphs": graphs}).status == 400
    assert desk.count("Account") == 2


def test_a_graph_may_hold_more_nodes_than_a_composite(desk: Desk) -> None:
    nodes = [node(f"n{number}", "Account", Name="x") for number in range(60)]
    _, answer = desk.ask("POST", "/composite/graph", {"graphs": [graph("1", *nodes)]})
    assert at(answer, "graphs", 0, "isSuccessful") is True
    assert desk.count("Account") == 62


def test_a_batch_goes_on_after_a_failure_unless_told_to_halt(desk: Desk) -> None:
    requests: Json = [
        {"method": "POST", "url": "v66.0/sobjects/Account", "richInput": {"Name": "x"}},
        {"method": "POST", "url": f"{DATA}/sobjects/Account", "richInput": {}},
        {"method": "GET", "url": "v66.0/query?q=SELECT+COUNT()+FROM+Account"},
    ]
    _, answer = desk.ask("POST", "/composite/batch", {"batchRequests": requests})
    assert at(answer, "hasErrors") is True
    assert [at(result, "statusCode") for result in listed(answer, "results")] == [201, 400, 200]
    assert at(answer, "results", 1, "result", 0, "errorCode") == "REQUIRED_FIELD_MISSING"
    assert at(answer, "results", 2, "result", "totalSize") == 3
    _, answer = desk.ask("POST", "/composite/batch", {"haltOnError": True, "batchRequests": requests})
    assert [at(result, "statusCode") for result in listed(answer, "results")] == [201, 400, 412]
    assert at(answer, "results", 2, "result", 0, "errorCode") == "BATCH_PROCESSING_HALTED"
    assert desk.count("Account") == 4


@pytest.mark.parametrize(
    ("requests", "code"),
    [
        ([], "LIMIT_EXCEEDED"),
        ([{"method": "GET", "url": "v66.0/limits"}] * 26, "LIMIT_EXCEEDED"),
        ("x", "JSON_PARSER_ERROR"),
    ],
)
def test_a_batch_holds_1_to_25_calls(desk: Desk, requests: Json, code: str) -> None:
    assert desk.refused("POST", "/composite/batch", {"batchRequests": requests}) == [(400, code)]
