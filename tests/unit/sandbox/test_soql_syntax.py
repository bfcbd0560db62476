"""What queries can be written, and what is said about the others."""

from datetime import UTC, date, datetime

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_sandbox.salesforce.errors import Refusal
from ordering_sandbox.salesforce.soql.parser import parse
from ordering_sandbox.salesforce.soql.syntax import (
    Among,
    Both,
    Compare,
    Count,
    DateLiteral,
    Either,
    Negation,
    Operator,
    Path,
    Query,
)


TODAY = date(2026, 11, 22)


def where(condition: str) -> object:
    return parse(f"SELECT Id FROM Order WHERE {condition}", today=TODAY).where


def refused(query: str) -> tuple[str, str]:
    with pytest.raises(Refusal) as caught:
        parse(query, today=TODAY)
    return caught.value.errors[0].code, caught.value.errors[0].message


def test_a_whole_query_is_read() -> None:
    query = parse(
        "select Id, Account.Name, (SELECT Id FROM OrderItems LIMIT 5) from Order where Status = 'Draft'"
        " order by CreatedDate desc nulls last, Id limit 10 offset 20",
        today=TODAY,
    )
    assert query.of == "Order"
    assert (query.limit, query.offset) == (10, 20)
    account, items = query.selected[1:]
    assert isinstance(account, Path)
    assert account.names == ("Account", "Name")
    assert isinstance(items, Query)
    assert items.of == "OrderItems"
    assert [(str(key.path), key.descending, key.nulls_first) for key in query.order_by] == [
        ("CreatedDate", True, False),
        ("Id", False, None),
    ]


@given(st.text(st.characters(exclude_categories=("Cs", "Co")), max_size=50))
def test_any_text_can_be_asked_for_once_quote_and_backslash_are_escaped(text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    condition = where(f"Name = '{escaped}'")
    assert isinstance(condition, Compare)
    assert condition.value == text


@pytest.mark.parametrize(
    ("escape", "said"),
    [
        ("\\n", "\n"),
        ("\\r", "\r"),
        ("\\t", "\t"),
        ("\\b", "\b"),
        ("\\f", "\f"),
        ('\\"', '"'),
        ("\\u5c71", "山"),
    ],
)
def test_escapes_say_what_they_say(escape: str, said: str) -> None:
    condition = where(f"Name = '{escape}'")
    assert isinstance(condition, Compare)
    assert condition.value == said


@pytest.mark.parametrize("escape", ["\\x", "\\_", "\\%", "\\u12", "\\"])
def test_any_other_backslash_is_refused(escape: str) -> None:
    assert refused(f"SELECT Id FROM Order WHERE Name = 'a{escape}'")[0] == "MALFORMED_QUERY"


def test_only_like_takes_the_meaning_of_its_signs_away() -> None:
    condition = where(r"Name LIKE '50\% \\ \_%'")
    assert isinstance(condition, Compare)
    assert condition.value == r"50\% \\ \_%"


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("null", None),
        ("TRUE", True),
        ("false", False),
        ("12", 12),
        ("-1.5", -1.5),
        ("2026-11-22", TODAY),
        ("2026-11-22T09:00:00+09:00", datetime(2026, 11, 22, tzinfo=UTC)),
        ("2026-11-22T00:00:00.000Z", datetime(2026, 11, 22, tzinfo=UTC)),
        ("TODAY", DateLiteral(TODAY, date(2026, 11, 23))),
        ("YESTERDAY", DateLiteral(date(2026, 11, 21), TODAY)),
        ("TOMORROW", DateLiteral(date(2026, 11, 23), date(2026, 11, 24))),
        ("LAST_N_DAYS:2", DateLiteral(date(2026, 11, 20), date(2026, 11, 23))),
        ("NEXT_N_DAYS:2", DateLiteral(date(2026, 11, 23), date(2026, 11, 25))),
    ],
)
def test_literals_mean_what_they_say(literal: str, value: object) -> None:
    condition = where(f"F = {literal}")
    assert isinstance(condition, Compare)
    assert condition.value == value


def test_conditions_nest() -> None:
    condition = where("(a = 1 OR NOT b IN (1, 2)) AND c != 'x' AND d <> 2")
    assert isinstance(condition, Both)
    either, unequal, other = condition.parts
    assert isinstance(either, Either)
    assert isinstance(either.parts[1], Negation)
    assert isinstance(either.parts[1].part, Among)
    assert isinstance(unequal, Compare)
    assert isinstance(other, Compare)
    assert unequal.operator is other.operator is Operator.UNEQUAL


@pytest.mark.parametrize("mixed", ["a = 1 AND b = 2 OR c = 3", "a = 1 OR b = 2 AND c = 3"])
def test_a_mixture_of_and_and_or_needs_parentheses(mixed: str) -> None:
    code, message = refused(f"SELECT Id FROM Order WHERE {mixed}")
    assert code == "MALFORMED_QUERY"
    assert "unexpected token" in message


@pytest.mark.parametrize(
    ("query", "token"),
    [
        ("SELECT Id FROM Order WHERE Id IN ()", "')'"),
        ("SELECT Id FORM Order", "'FORM'"),
        ("SELECT Id FROM Order WHERE", "<EOF>"),
        ("SELECT Id FROM Order LIMIT x", "'x'"),
        ("SELECT Id FROM Order LIMIT 1.5", "'1.5'"),
        ("SELECT FROM Order", "'Order'"),
        ("SELECT Id FROM Order WHERE Name = Draft", "'Draft'"),
        ("SELECT Id FROM Order WHERE Name ~ 1", "'~'"),
        ("SELECT Id FROM Order WHERE CreatedDate = 2026-13-01", "'2026-13-01'"),
        ("SELECT Id FROM Order Id", "'Id'"),
        ("DELETE FROM Order", "'DELETE'"),
        ("", "<EOF>"),
    ],
)
def test_what_cannot_stand_where_it_stands_is_named(query: str, token: str) -> None:
    code, message = refused(query)
    assert code == "MALFORMED_QUERY"
    assert message.endswith(f"unexpected token: {token}")


def test_the_place_is_shown() -> None:
    _, message = refused("SELECT Id\nFROM Order WHERE x ! 1")
    assert message.startswith("\nFROM Order WHERE x ! 1\n                   ^\nERROR at Row:2:Column:20\n")


def test_a_text_that_never_ends_is_refused() -> None:
    assert refused("SELECT Id FROM Order WHERE Name = 'x")[0] == "MALFORMED_QUERY"


@pytest.mark.parametrize(("length", "fits"), [(4000, True), (4001, False)])
def test_a_text_has_up_to_4000_characters(length: int, fits: bool) -> None:
    query = f"SELECT Id FROM Order WHERE Name = '{'x' * length}'"
    if fits:
        assert parse(query, today=TODAY).of == "Order"
    else:
        assert refused(query)[0] == "MALFORMED_QUERY"


def test_a_query_has_up_to_100_000_characters() -> None:
    query = "SELECT Id FROM Order"
    assert parse(query + " " * (100_000 - len(query)), today=TODAY).of == "Order"
    assert refused(query + " " * (100_001 - len(query)))[0] == "MALFORMED_QUERY"


def test_an_offset_reaches_2000() -> None:
    assert parse("SELECT Id FROM Order OFFSET 2000", today=TODAY).offset == 2000
    assert refused("SELECT Id FROM Order OFFSET 2001")[0] == "NUMBER_OUTSIDE_VALID_RANGE"


def test_counts_are_read() -> None:
    assert parse("SELECT COUNT() FROM Order", today=TODAY).selected == (Count(None),)
    (named,) = parse("SELECT count(Id) n FROM Order", today=TODAY).selected
    assert isinstance(named, Count)
    assert (str(named.path), named.alias) == ("Id", "n")
