"""Queries find what a plain look at the rows finds."""

from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_sandbox.json_values import Json, JsonObject
from ordering_sandbox.salesforce.seed import plant_records
from ordering_sandbox.salesforce.work import Caller
from tests.unit.sandbox.orgs import Desk, at, listed, seeded_desk


Row = tuple[str | None, float | None, bool, str | None, str | None]
Test = Callable[[Row], bool]

texts = st.sampled_from(["Draft", "draft", "山田", "O'Neill", "50%", "a_b", "x\\y", "", None])
amounts = st.sampled_from([None, 0, 1, 780, 1500])
days = st.sampled_from([None, "2026-11-21", "2026-11-22", "2026-12-01"])
customers = st.sampled_from([None, "C-10001", "C-10002"])
rows = st.lists(st.tuples(texts, amounts, st.booleans(), days, customers), max_size=8)


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fold(text: str | None) -> str | None:
    return text.casefold() if text else None


def compared(field: int, name: str, operator: str, value: object, literal: str) -> tuple[str, Test]:
    def test(row: Row) -> bool:
        found = row[field]
        if isinstance(found, str):
            found = fold(found)
        wanted = fold(value) if isinstance(value, str) else value
        match operator:
            case "=":
                return found == wanted
            case "!=":
                return found != wanted
            case _ if found is None:
                return False
            case "<":
                return found < wanted  # type: ignore[operator]  # both are of the field's type
            case "<=":
                return found <= wanted  # type: ignore[operator]  # both are of the field's type
            case ">":
                return found > wanted  # type: ignore[operator]  # both are of the field's type
            case _:
                return found >= wanted  # type: ignore[operator]  # both are of the field's type

    return f"{name} {operator} {literal}", test


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[str, Test]:
    kind = draw(st.sampled_from(["text", "number", "flag", "date", "null", "in", "like", "parent"]))
    operator = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))
    equality = draw(st.sampled_from(["=", "!="]))
    match kind:
        case "text":
            text = draw(texts.filter(bool))
            assert text is not None
            return compared(0, "Opportunity_Source__c", operator, text, quoted(text))
        case "number":
            number = draw(st.sampled_from([0, 1, 779.5, 780, 2000]))
            return compared(1, "Amount", operator, number, str(number))
        case "flag":
            flag = draw(st.booleans())
            return compared(2, "IsWon", equality, flag, str(flag).lower())
        case "date":
            day = draw(days.filter(bool))
            return compared(3, "CloseDate", operator, day, str(day))
        case "parent":
            customer = draw(customers.filter(bool))
            return compared(4, "Account.AccountNumber", operator, customer, quoted(str(customer)))
        case "null":
            nullable = [
                (0, "Opportunity_Source__c"),
                (1, "Amount"),
                (3, "CloseDate"),
                (4, "Account.AccountNumber"),
            ]
            field, name = draw(st.sampled_from(nullable))
            return compared(field, name, equality, None, "null")
        case "in":
            wanted = draw(st.lists(texts.filter(bool), min_size=1, max_size=3))
            inside = draw(st.booleans())
            several = ", ".join(quoted(text) for text in wanted if text)
            folded = {fold(text) for text in wanted}
            return (
                f"Opportunity_Source__c {'IN' if inside else 'NOT IN'} ({several})",
                lambda row: (fold(row[0]) in folded) is inside,
            )
        case _:
            text = draw(texts.filter(bool))
            assert text is not None
            escaped = quoted(text)[1:-1].replace("_", "\\_").replace("%", "\\%")
            return (
                f"Opportunity_Source__c LIKE '%{escaped}%'",
                lambda row: bool(row[0]) and (fold(text) or "") in (fold(row[0]) or ""),
            )


def joined(inner: st.SearchStrategy[tuple[str, Test]]) -> st.SearchStrategy[tuple[str, Test]]:
    def both(parts: list[tuple[str, Test]]) -> tuple[str, Test]:
        return "(" + " AND ".join(text for text, _ in parts) + ")", lambda row: all(t(row) for _, t in parts)

    def either(parts: list[tuple[str, Test]]) -> tuple[str, Test]:
        return "(" + " OR ".join(text for text, _ in parts) + ")", lambda row: any(t(row) for _, t in parts)

    several = st.lists(inner, min_size=1, max_size=3)
    negated = inner.map(lambda part: (f"(NOT {part[0]})", lambda row: not part[1](row)))
    return st.one_of(several.map(both), several.map(either), negated)


conditions = st.recursive(comparisons(), joined, max_leaves=6)


@pytest.fixture(scope="module")
def shared() -> Iterator[Desk]:
    """Return a client of an org whose Opportunities every example replaces."""
    with seeded_desk() as opened:
        yield opened


def plant(desk: Desk, found: list[Row]) -> list[str]:
    """Let the org have Opportunities with those values and no others, behind its rules."""
    accounts = {
        row["AccountNumber"]: row["Id"] for row in desk.query("SELECT Id, AccountNumber FROM Account")
    }
    records: list[JsonObject] = [
        {
            "attributes": {"type": "Opportunity"},
            "Name": "x",
            "Opportunity_Source__c": text,
            "Amount": amount,
            "IsWon": flag,
            "CloseDate": day,
            "AccountId": None if customer is None else accounts[customer],
        }
        for text, amount, flag, day, customer in found
    ]
    with desk.org.writing(Caller(user_id="")) as work:
        work.connection.execute('DELETE FROM "Opportunity"')
        return plant_records(work, records)


@given(rows, conditions)
def test_a_condition_finds_what_a_plain_filter_finds(
    shared: Desk, found: list[Row], condition: tuple[str, Test]
) -> None:
    text, test = condition
    ids = plant(shared, found)
    answer = shared.query(f"SELECT Id FROM Opportunity WHERE {text}")
    assert [record["Id"] for record in answer] == [
        record_id for record_id, row in zip(ids, found, strict=True) if test(row)
    ]


@given(rows, st.sampled_from(["", "ASC", "DESC"]), st.sampled_from(["", "NULLS FIRST", "NULLS LAST"]))
def test_an_order_by_sorts_with_empty_values_at_one_end(
    shared: Desk, found: list[Row], direction: str, nulls: str
) -> None:
    plant(shared, found)
    answer = shared.query(f"SELECT Amount FROM Opportunity ORDER BY Amount {direction} {nulls}")
    amounts_found = [record["Amount"] for record in answer]
    known = sorted((row[1] for row in found if row[1] is not None), reverse=direction == "DESC")
    empty: list[Json] = [None] * (len(found) - len(known))
    assert amounts_found == ([*known, *empty] if nulls == "NULLS LAST" else [*empty, *known])


@given(rows, st.integers(0, 9), st.integers(0, 9))
def test_limit_and_offset_cut_out_a_part(shared: Desk, found: list[Row], limit: int, offset: int) -> None:
    ids = plant(shared, found)
    answer = shared.query(f"SELECT Id FROM Opportunity ORDER BY Id LIMIT {limit} OFFSET {offset}")
    assert [record["Id"] for record in answer] == sorted(ids)[offset : offset + limit]


@given(rows, st.integers(1, 4), st.sampled_from(["query", "queryAll"]))
def test_paging_to_the_end_finds_everything_once(
    shared: Desk, found: list[Row], batch: int, resource: str
) -> None:
    ids = plant(shared, found)
    shared.org.save_setting("switches", {"largest_batch": batch})
    status, page = shared.ask("GET", f"/{resource}?q=SELECT+Id+FROM+Opportunity")
    seen: list[Json] = []
    while True:
        assert status == 200
        assert isinstance(page, dict)
        assert page["totalSize"] == len(ids)
        assert len(listed(page, "records")) <= batch
        seen += [at(record, "Id") for record in listed(page, "records")]
        if page["done"]:
            assert "nextRecordsUrl" not in page
            break
        status, page = shared.ask("GET", str(page["nextRecordsUrl"]).removeprefix("/services/data/v66.0"))
    shared.org.save_setting("switches", {})
    assert seen == ids


@given(rows)
def test_counting_counts(shared: Desk, found: list[Row]) -> None:
    plant(shared, found)
    assert shared.count("Opportunity") == len(found)
    status, answer = shared.ask("GET", "/query?q=SELECT+COUNT(Id),COUNT(Amount)+a+FROM+Opportunity")
    assert status == 200
    assert at(answer, "records") == [
        {
            "attributes": {"type": "AggregateResult"},
            "expr0": len(found),
            "a": sum(row[1] is not None for row in found),
        }
    ]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("Account.AccountNumber = null", ["nobody's"]),
        ("Account.AccountNumber IN ('C-10001', null)", ["nobody's", "somebody's"]),
        ("Account.AccountNumber IN ('C-10001')", ["somebody's"]),
        ("Account.AccountNumber != 'C-10001'", ["nobody's"]),
        ("Account.AccountNumber NOT IN ('C-10001')", ["nobody's"]),
        ("Account.AccountNumber LIKE 'c-%'", ["somebody's"]),
        ("(Account.AccountNumber = 'C-10001' OR Amount = 1)", ["nobody's", "somebody's"]),
        ("Id IN (SELECT OpportunityId FROM Order)", ["somebody's"]),
        ("Id NOT IN (SELECT OpportunityId FROM Order)", ["nobody's"]),
    ],
)
def test_a_parent_that_is_not_there_is_an_empty_value(desk: Desk, condition: str, found: list[str]) -> None:
    nobodys, somebodys = plant(desk, [(None, 1, False, None, None), (None, 2, False, None, "C-10001")])
    desk.create("Order", **desk.order(OpportunityId=somebodys))
    names = {nobodys: "nobody's", somebodys: "somebody's"}
    answer = desk.query(f"SELECT Id FROM Opportunity WHERE Amount > 0 AND {condition}")
    assert [names[str(record["Id"])] for record in answer] == found


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("Id IN (SELECT Id FROM Account)", "same object type"),
        ("Name IN (SELECT AccountId FROM Order)", "hold an ID"),
        ("Id IN (SELECT Status FROM Order)", "hold an ID"),
        ("Id IN (SELECT AccountId FROM Order ORDER BY Id LIMIT 1)", "ORDER BY and LIMIT"),
        ("Id IN (SELECT AccountId FROM Order WHERE Id IN (SELECT OrderId FROM OrderItem))", "Nesting"),
        ("Name = 'x' OR Id IN (SELECT AccountId FROM Order)", "top level"),
        ("NOT Id IN (SELECT AccountId FROM Order)", "top level"),
        (
            " AND ".join(f"Id IN (SELECT AccountId FROM {kind})" for kind in ("Order", "Case", "Contact")),
            "maximum 2",
        ),
    ],
)
def test_a_semi_join_that_salesforce_does_not_make_is_refused(desk: Desk, condition: str, said: str) -> None:
    status, answer = desk.ask("GET", f"/query?q={quote(f'SELECT Id FROM Account WHERE {condition}')}")
    assert status == 400
    assert at(answer, 0, "errorCode") == "MALFORMED_QUERY"
    assert said in str(at(answer, 0, "message"))
