"""Several calls in one: references, all or nothing, and what the answer then says."""

import json

from urllib.parse import quote

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_sandbox.json_values import Json, JsonObject
from tests.unit.sandbox.orgs import DATA, Desk, at, listed, seeded_desk


HALTED: Json = [
    {
        "message": "The transaction was rolled back since another operation in the same transaction failed.",
        "errorCode": "PROCESSING_HALTED",
    }
]


def sub(name: str, method: str, path: str, body: Json = None, **headers: str) -> JsonObject:
    call: dict[str, Json] = {"referenceId": name, "method": method, "url": f"{DATA}{path}"}
    if body is not None:
        call["body"] = body
    if headers:
        call["httpHeaders"] = {key.replace("_", "-"): value for key, value in headers.items()}
    return call


def compose(
    desk: Desk, *calls: JsonObject, whole: bool = True, collate: bool = False
) -> dict[str, tuple[int, Json]]:
    """Run a composite; return status and body of each call by its name."""
    body: Json = {"allOrNone": whole, "collateSubrequests": collate, "compositeRequest": list(calls)}
    status, answer = desk.ask("POST", "/composite", body)
    assert status == 200, answer
    return {
        str(at(each, "referenceId")): (int(str(at(each, "httpStatusCode"))), at(each, "body"))
        for each in listed(answer, "compositeResponse")
    }


def placing(desk: Desk, key: str = "k", **order: Json) -> list[JsonObject]:
    """Return the calls that place an order."""
    item = {"attributes": {"type": "OrderItem"}, **desk.item("@{ord.id}")}
    return [
        sub(
            "opp",
            "POST",
            "/sobjects/Opportunity",
            {
                "Name": "x",
                "StageName": "Post Processing",
                "CloseDate": "2026-12-22",
                "AccountId": desk.account,
            },
        ),
        sub(
            "ord",
            "POST",
            "/sobjects/Order",
            desk.order(OpportunityId="@{opp.id}", Portal_Request_Key__c=key, **order),
        ),
        sub("items", "POST", "/composite/sobjects", {"allOrNone": True, "records": [item]}),
        sub("case", "POST", "/sobjects/Case", {"AccountId": desk.account, "Origin": "Portal Notification"}),
        sub(
            "read",
            "GET",
            "/sobjects/Order/@{ord.id}?fields=OrderNumber,CreatedDate,SystemModstamp,TotalAmount",
        ),
    ]


def test_an_order_is_placed_with_everything_around_it(desk: Desk) -> None:
    answers = compose(desk, *placing(desk))
    assert [status for status, _ in answers.values()] == [201, 201, 200, 201, 200]
    assert at(answers["read"][1], "TotalAmount") == 780.0
    (order,) = desk.query(
        "SELECT Id, OpportunityId, Opportunity.Probability,"
        " (SELECT Id, Product2.StockKeepingUnit FROM OrderItems) FROM Order"
    )
    assert order["OpportunityId"] == at(answers["opp"][1], "id")
    assert at(order, "Opportunity", "Probability") == 75.0
    assert at(order, "OrderItems", "records", 0, "Product2", "StockKeepingUnit") == "SIM-DATA-3GB"


def test_placing_twice_under_one_key_places_once_and_says_why(desk: Desk) -> None:
    compose(desk, *placing(desk))
    answers = compose(desk, *placing(desk))
    assert at(answers["ord"][1], 0, "errorCode") == "DUPLICATE_VALUE"
    for name in ("opp", "items", "case", "read"):
        assert answers[name] == (400, HALTED)
    assert {kind: desk.count(kind) for kind in ("Opportunity", "Order", "OrderItem", "Case")} == {
        "Opportunity": 1,
        "Order": 1,
        "OrderItem": 1,
        "Case": 1,
    }


def snapshot(desk: Desk) -> list[object]:
    with desk.org.database.reading() as connection:
        kinds = ("Opportunity", "Order", "OrderItem", "Case", "Account")
        return [connection.execute(f'SELECT * FROM "{kind}" ORDER BY "Id"').fetchall() for kind in kinds]


@given(st.data())
def test_a_composite_with_one_failure_leaves_no_trace(data: st.DataObject) -> None:
    with seeded_desk() as desk:
        good = placing(desk)
        wrong = data.draw(
            st.sampled_from(
                [
                    sub("bad", "POST", "/sobjects/Order", desk.order(Nonsense__c=1)),
                    sub("bad", "PATCH", f"/sobjects/Account/{desk.account}", {"BillingCity": "x" * 41}),
                    sub("bad", "GET", "/sobjects/Order/801IS0000009999"),
                    sub("bad", "GET", f"/query?q={quote('SELECT Nonsense FROM Order')}"),
                    sub("bad", "GET", "/sobjects/Order/@{nothing.id}"),
                    sub("bad", "DELETE", "/sobjects/Case/500IS0000009999"),
                    sub(
                        "bad",
                        "POST",
                        "/composite/sobjects",
                        {
                            "allOrNone": data.draw(st.booleans()),
                            "records": [
                                {"attributes": {"type": "Account"}, "Name": "y"},
                                {"attributes": {"type": "Account"}},
                            ],
                        },
                    ),
                ]
            )
        )
        at_place = data.draw(st.integers(0, len(good)))
        collate = data.draw(st.booleans())
        before = snapshot(desk)
        answers = compose(desk, *good[:at_place], wrong, *good[at_place:], collate=collate)
        assert snapshot(desk) == before
        for name, (status, body) in answers.items():
            if name != "bad":
                assert status == 400
                assert at(body, 0, "errorCode") in ("PROCESSING_HALTED", "ALL_OR_NONE_OPERATION_ROLLED_BACK")
        after = compose(desk, *placing(desk))
        assert at(after["ord"][1], "success") is True


def test_ids_of_a_rolled_back_composite_are_never_given_again(desk: Desk) -> None:
    taken = at(compose(desk, *placing(desk, "a"))["ord"][1], "id")
    compose(desk, *placing(desk, "b"), sub("bad", "GET", "/sobjects/Order/801IS0000009999"))
    following = at(compose(desk, *placing(desk, "c"))["ord"][1], "id")
    with desk.org.database.reading() as connection:
        rows = connection.execute('SELECT "Id" FROM "Order" ORDER BY "Id"').fetchall()
    assert [row[0] for row in rows] == [taken, following]
    assert int(str(following)[6:15]) - int(str(taken)[6:15]) == 2


def test_without_all_or_none_every_call_stands_for_itself(desk: Desk) -> None:
    answers = compose(
        desk,
        sub("a", "POST", "/sobjects/Account", {"Name": "a"}),
        sub("b", "POST", "/sobjects/Account", {}),
        sub("c", "PATCH", "/sobjects/Account/@{b.id}", {"Name": "c"}),
        sub("d", "PATCH", "/sobjects/Account/@{a.id}", {"Name": "d"}),
        whole=False,
    )
    assert [status for status, _ in answers.values()] == [201, 400, 400, 204]
    assert at(answers["c"][1], 0, "errorCode") == "PROCESSING_HALTED"
    made = at(answers["a"][1], "id")
    assert desk.query(f"SELECT Name FROM Account WHERE Id = '{made}'")[0]["Name"] == "d"


def test_a_failing_collection_says_200_and_calls_rolled_back_records_successful(desk: Desk) -> None:
    records: Json = [{"attributes": {"type": "Account"}, "Name": "y"}, {"attributes": {"type": "Account"}}]
    for inner in (True, False):
        answers = compose(
            desk,
            sub("acc", "POST", "/sobjects/Account", {"Name": "x"}),
            sub("all", "POST", "/composite/sobjects", {"allOrNone": inner, "records": records}),
        )
        status, results = answers["all"]
        assert status == 200
        assert answers["acc"] == (400, HALTED)
        assert at(results, 1, "errors", 0, "statusCode") == "REQUIRED_FIELD_MISSING"
        assert at(results, 0, "success") is not inner
        if inner:
            assert at(results, 0, "errors", 0, "statusCode") == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
        else:
            assert str(at(results, 0, "id")).startswith("001")
        assert desk.count("Account") == 2


def test_collated_siblings_of_the_culprit_are_rolled_back_with_another_code(desk: Desk) -> None:
    answers = compose(
        desk,
        sub("a", "POST", "/sobjects/Account", {"Name": "a"}),
        sub("c", "POST", "/sobjects/Contact", {"LastName": "c"}),
        sub("b", "POST", "/sobjects/Account", {}),
        collate=True,
    )
    assert at(answers["a"][1], 0, "errorCode") == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert at(answers["b"][1], 0, "errorCode") == "REQUIRED_FIELD_MISSING"
    assert at(answers["c"][1], 0, "errorCode") == "PROCESSING_HALTED"


def test_collation_does_not_keep_the_order_of_calls_that_do_not_refer_to_each_other(desk: Desk) -> None:
    calls = [
        sub("a", "POST", "/sobjects/Account", {"Name": "a"}),
        sub("n", "GET", f"/query?q={quote('SELECT COUNT() FROM Account')}"),
        sub("b", "POST", "/sobjects/Account", {"Name": "b"}),
    ]
    in_order = compose(desk, *calls, collate=False)
    collated = compose(desk, *calls, collate=True)
    assert at(in_order["n"][1], "totalSize") == 3
    assert at(collated["n"][1], "totalSize") == 6


def test_references_reach_into_rows_queries_and_collections(desk: Desk) -> None:
    soql = quote("SELECT Id, (SELECT Id FROM Contacts) FROM Account WHERE AccountNumber = 'C-10001'")
    answers = compose(
        desk,
        sub("q", "GET", f"/query?q={soql}"),
        sub("row", "GET", "/sobjects/Account/@{q.records[0].Id}?fields=Name"),
        sub(
            "all",
            "POST",
            "/composite/sobjects",
            {"records": [{"attributes": {"type": "Contact"}, "LastName": "z", "AccountId": "@{row.Id}"}]},
        ),
        sub("end", "PATCH", "/sobjects/Contact/@{all[0].id}", {"FirstName": "of @{row.Name}"}),
    )
    assert [status for status, _ in answers.values()] == [200, 200, 200, 204]
    (contact,) = desk.query("SELECT FirstName, AccountId FROM Contact WHERE LastName = 'z'")
    assert contact == {**contact, "FirstName": "of 山田 太郎", "AccountId": desk.account}


@pytest.mark.parametrize(
    "reference", ["acc.Id", "acc.nothing", "nothing.id", "q.records[0].Id", "q.records[x].Id", "patch.id", ""]
)
def test_a_reference_to_nothing_halts_its_call(desk: Desk, reference: str) -> None:
    answers = compose(
        desk,
        sub("acc", "POST", "/sobjects/Account", {"Name": "x"}),
        sub("q", "GET", f"/query?q={quote('SELECT Id FROM Order')}"),
        sub("patch", "PATCH", "/sobjects/Account/@{acc.id}", {"Name": "y"}),
        sub("end", "POST", "/sobjects/Contact", {"LastName": "z", "AccountId": f"@{{{reference}}}"}),
        whole=False,
    )
    status, body = answers["end"]
    assert status == 400
    assert at(body, 0, "errorCode") == "PROCESSING_HALTED"
    message = str(at(body, 0, "message"))
    assert message.startswith(f"Invalid reference specified. No value for {reference} found in ")


def test_an_upsert_by_external_id_can_be_referred_to(desk: Desk) -> None:
    for status in (201, 200):
        answers = compose(
            desk,
            sub(
                "case",
                "PATCH",
                "/sobjects/Case/Portal_Request_Key__c/a%2Fb",
                {"Subject": "x"},
            ),
            sub("read", "GET", "/sobjects/Case/@{case.id}?fields=Portal_Request_Key__c"),
        )
        assert answers["case"][0] == status
        assert at(answers["read"][1], "Portal_Request_Key__c") == "a/b"


def test_a_call_may_carry_a_condition_of_its_own(desk: Desk) -> None:
    old = "Sat, 21 Nov 2020 00:00:00 GMT"
    answers = compose(
        desk,
        sub("case", "POST", "/sobjects/Case", {}),
        sub("acc", "PATCH", f"/sobjects/Account/{desk.account}", {"Name": "x"}, If_Unmodified_Since=old),
    )
    assert answers["acc"] == (412, None)
    assert answers["case"] == (400, HALTED)
    assert desk.count("Case") == 0


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (sub("a[0]", "GET", "/sobjects/Account"), "JSON_PARSER_ERROR"),
        (sub("", "GET", "/sobjects/Account"), "JSON_PARSER_ERROR"),
        (sub("a", "get", "/sobjects/Account"), "INVALID_INPUT"),
        ({"referenceId": "a", "method": "GET", "url": "/query?q=x"}, "INVALID_INPUT"),
        ({"referenceId": "a", "method": "GET", "url": 5}, "JSON_PARSER_ERROR"),
        (sub("a", "GET", "/sobjects/Account", None, Authorization="Bearer x"), "INVALID_INPUT"),
        (sub("a", "GET", "/sobjects/Account", None, Content_Type="x/y"), "INVALID_INPUT"),
    ],
)
def test_a_call_that_is_wrong_in_itself_refuses_the_whole(desk: Desk, call: JsonObject, code: str) -> None:
    good = sub("good", "POST", "/sobjects/Account", {"Name": "x"})
    body: Json = {"compositeRequest": [good, call]}
    assert desk.refused("POST", "/composite", body) == [(400, code)]
    assert desk.count("Account") == 2


def test_names_are_unique(desk: Desk) -> None:
    twice: Json = {"compositeRequest": [sub("a", "GET", "/sobjects/Account")] * 2}
    assert desk.refused("POST", "/composite", twice) == [(400, "JSON_PARSER_ERROR")]


@pytest.mark.parametrize("flags", [{"allOrNone": "yes"}, {"collateSubrequests": 1}])
def test_flags_are_flags(desk: Desk, flags: JsonObject) -> None:
    body = {**flags, "compositeRequest": [sub("a", "GET", "/sobjects/Account")]}
    assert desk.refused("POST", "/composite", body) == [(400, "JSON_PARSER_ERROR")]


@pytest.mark.parametrize("path", ["/limits", "/composite/batch", "/sobjects/ContentVersion/068/VersionData"])
def test_other_resources_do_not_stand_in_a_composite(desk: Desk, path: str) -> None:
    answers = compose(desk, sub("a", "GET", path), whole=False)
    assert at(answers["a"][1], 0, "errorCode") == "INVALID_INPUT"


def test_a_composite_holds_25_calls_and_5_queries_or_collections(desk: Desk) -> None:
    def calls(count: int, path: str) -> Json:
        return {"compositeRequest": [sub(f"c{number}", "GET", path) for number in range(count)]}

    account = f"/sobjects/Account/{desk.account}?fields=Id"
    query = f"/query?q={quote('SELECT COUNT() FROM Account')}"
    assert desk.call("POST", "/composite", calls(25, account)).status == 200
    assert desk.refused("POST", "/composite", calls(26, account)) == [(400, "LIMIT_EXCEEDED")]
    assert desk.call("POST", "/composite", calls(5, query)).status == 200
    assert desk.refused("POST", "/composite", calls(6, query)) == [(400, "LIMIT_EXCEEDED")]
    assert desk.refused("POST", "/composite", calls(0, query)) == [(400, "INVALID_INPUT")]


def test_a_composite_counts_as_one_call_and_a_batch_as_many(desk: Desk) -> None:
    used = desk.rest.used
    compose(
        desk, *(sub(f"c{number}", "GET", f"/sobjects/Account/{'0' * 15}") for number in range(7)), whole=False
    )
    assert desk.rest.used == used + 1
    batch: Json = {"batchRequests": [{"method": "GET", "url": "v66.0/sobjects/Account"}] * 3}
    answer = desk.call("POST", "/composite/batch", batch)
    assert desk.rest.used == used + 4
    assert answer.headers["Sforce-Limit-Info"] == f"api-usage={used + 4}/100000"


def test_a_failure_of_one_record_is_the_culprit_of_its_composite(desk: Desk) -> None:
    desk.org.faults.switch_on({"kind": "error", "target": "OrderItem", "failure": "UNABLE_TO_LOCK_ROW"})
    answers = compose(desk, *placing(desk))
    assert at(answers["items"][1], 0, "errors", 0, "statusCode") == "UNABLE_TO_LOCK_ROW"
    assert answers["ord"] == (400, HALTED)
    assert desk.count("Order") == 0


def test_text_that_looks_like_a_reference_is_one(desk: Desk) -> None:
    answers = compose(desk, sub("a", "POST", "/sobjects/Account", {"Name": "x @{y}"}), whole=False)
    assert at(answers["a"][1], 0, "errorCode") == "PROCESSING_HALTED"
    answers = compose(desk, sub("a", "POST", "/sobjects/Account", {"Name": "x @{y"}), whole=False)
    assert answers["a"][0] == 201


def test_a_body_without_calls_is_refused(desk: Desk) -> None:
    assert desk.refused("POST", "/composite", {}) == [(400, "JSON_PARSER_ERROR")]
    answer = desk.call("POST", "/composite/nonsense", {})
    assert json.loads(answer.body)[0]["errorCode"] == "NOT_FOUND"
