"""The field table, queries, addresses and versions of the Salesforce adapter."""

import json

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_adapters.salesforce import ClientCredentials, Field, Names, SalesforceSettings
from ordering_adapters.salesforce.addresses import ACCOUNT_ADDRESS, address_in, address_values
from ordering_adapters.salesforce.fields import Reference
from ordering_adapters.salesforce.order_rows import select_orders, snapshot_of
from ordering_adapters.salesforce.order_versions import Guard
from ordering_adapters.salesforce.rows import Record
from ordering_adapters.salesforce.soql import among, is_id, quoted
from ordering_adapters.salesforce.writing import FREE_ITEMS, ITEMS, WRITTEN, writing_calls
from ordering_core.domain.address import PostalAddress, PostalCode
from ordering_core.domain.identifiers import OrderId, OrderItemId, ServiceId, Version
from ordering_core.domain.orders import ActivationFields, OrderWrite
from ordering_core.domain.vocabulary import OrderType


LINES = st.text("一丁目ーabcXYZ019-", min_size=1, max_size=20).filter(lambda text: text.strip("- "))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def settings(names: Names) -> SalesforceSettings:
    credentials = ClientCredentials(client_id="app", client_secret="hidden")
    return SalesforceSettings(domain="a.my", credentials=credentials, price_book="01s", names=names)


def read(address: PostalAddress, names: Names) -> PostalAddress | None:
    body = names.body(address_values(ACCOUNT_ADDRESS, address, names, country="Japan"))
    return address_in(Record(names, json.loads(json.dumps(body))), ACCOUNT_ADDRESS)


def test_a_name_that_no_document_knows_is_refused_and_named() -> None:
    with pytest.raises(ValueError, match=r"Order\.Nonsense__c"):
        Names(fields={"Order.Nonsense__c": "X__c"})


@pytest.mark.parametrize("field", [Field.ORDER_KEY, Field.CASE_KEY, Field.FILE_KEY])
def test_a_key_needs_a_field(field: Field) -> None:
    with pytest.raises(ValueError, match=field):
        settings(Names(fields={field: ""}))


def test_a_secret_is_never_shown() -> None:
    assert "hidden" not in repr(settings(Names()))


def test_a_field_of_another_name_is_asked_for_and_written_by_it() -> None:
    names = Names(fields={Field.EID: "eUICC__c", Field.ASSIGNED_CARD: "Card__c"})
    asked = select_orders(names)
    assert "eUICC__c" in asked
    assert "Card__r.ICCID__c" in asked
    assert names.body({Field.EID: "1"}) == {"eUICC__c": "1"}


def test_a_field_that_is_not_there_is_neither_asked_for_nor_written_and_reads_as_empty() -> None:
    names = Names(
        fields={Field.ORDER_PRIORITY: "", Field.ASSIGNED_CARD: "", Field.ORDER_REJECTION_REASON: ""}
    )
    asked = select_orders(names)
    assert "Priority__c" not in asked
    assert "ICCID__c" not in asked
    assert names.body({Field.ORDER_PRIORITY: True}) == {}
    record = Record(names, {"Priority__c": True})
    assert (record.flag(Field.ORDER_PRIORITY), record.text(Field.ORDER_REJECTION_REASON)) == (False, None)


@given(TEXTS, TEXTS)
def test_a_text_of_the_org_is_read_back_as_the_documents_have_it(theirs: str, other: str) -> None:
    names = Names(texts={Field.OPPORTUNITY_STAGE: {"△Cancelling": theirs}})
    assert names.meant(Field.OPPORTUNITY_STAGE, names.written(Field.OPPORTUNITY_STAGE, "△Cancelling")) == (
        "△Cancelling"
    )
    assert names.meant(Field.OPPORTUNITY_STAGE, other) == ("△Cancelling" if other == theirs else other)


def test_values_are_sent_as_salesforce_keeps_them() -> None:
    names = Names()
    tokyo = datetime(2026, 6, 10, 0, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=9)))
    sent = names.body(
        {
            Field.ACTIVATION_SCHEDULED_AT: tokyo,
            Field.ORDER_EFFECTIVE_ON: date(2026, 6, 10),
            Field.ITEM_PRICE: Decimal("4800.00"),
            Field.WEEKEND_INSTALL: True,
            Field.EID: None,
            Field.ORDER_OPPORTUNITY: Reference("@{free.records[0].Id}"),
        }
    )
    assert list(sent.values()) == [
        "2026-06-09T15:00:00Z",
        "2026-06-10",
        4800,
        True,
        None,
        "@{free.records[0].Id}",
    ]
    assert isinstance(sent["UnitPrice"], int)


@given(TEXTS)
def test_no_text_of_a_customer_is_a_reference(text: str) -> None:
    sent = Names().sent(Field.ORDER_DESCRIPTION, f"{text}@{{order.id}}")
    assert isinstance(sent, str)
    assert "@{" not in sent


@given(TEXTS)
def test_a_quoted_text_ends_where_it_ends(text: str) -> None:
    literal = quoted(text)
    inside = literal[1:-1]
    assert literal[0] == literal[-1] == "'"
    plain = inside.replace("\\\\", "").replace("\\'", "").replace('\\"', "")
    assert "'" not in plain
    assert not plain.endswith("\\")
    assert not set(plain) & set("\n\r\t\b\f")


def test_an_empty_list_is_never_asked() -> None:
    with pytest.raises(ValueError, match="at least one"):
        among([])
    assert among(["a'b", "c"]) == "('a\\'b', 'c')"


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("801000000000001", True),
        ("801000000000001AAA", True),
        ("", False),
        ("80100000000000", False),
        ("8010000000000012", False),
        ("801000000000001AAAA", False),
        ("801000000000001' OR", False),
        ("８01000000000001AAA", False),
    ],
)
def test_an_id_has_15_or_18_letters_and_digits(text: str, known: bool) -> None:
    assert is_id(text) is known


@given(town=LINES, building=st.just("") | LINES, room=st.just("") | LINES)
def test_an_address_comes_back_as_it_was_written(town: str, building: str, room: str) -> None:
    address = PostalAddress(
        postal_code=PostalCode("1540017"),
        prefecture="東京都",
        city="世田谷区",
        town_and_number=town,
        building=building,
        room=room,
    )
    assert read(address, Names()) == address


def test_a_prefecture_is_written_as_the_org_spells_it() -> None:
    names = Names(texts={Field.ACCOUNT_STATE: {"東京都": "Tokyo"}})
    address = PostalAddress(
        postal_code=PostalCode("1540017"), prefecture="東京都", city="世田谷区", town_and_number="1-1"
    )
    assert (
        names.body(address_values(ACCOUNT_ADDRESS, address, names, country="Japan"))["BillingState"]
        == "Tokyo"
    )
    assert read(address, names) == address


@pytest.mark.parametrize(
    ("prefecture", "city"),
    [("東京都", "世田谷区"), ("Tokyo", "Setagaya-ku"), ("北海道", "札幌市"), ("沖縄県", "那覇市")],
)
def test_where_an_org_keeps_lists_states_are_written_by_their_codes(prefecture: str, city: str) -> None:
    names = Names(
        fields={Field.ACCOUNT_STATE: "BillingStateCode", Field.ACCOUNT_COUNTRY: "BillingCountryCode"}
    )
    address = PostalAddress(
        postal_code=PostalCode("1540017"), prefecture=prefecture, city=city, town_and_number="1-1"
    )
    body = names.body(address_values(ACCOUNT_ADDRESS, address, names, country="Japan"))
    assert "BillingState" not in body
    assert (len(str(body["BillingStateCode"])), body["BillingCountryCode"]) == (2, "JP")
    assert read(address, names) == address


@pytest.mark.parametrize(
    "changed", [{"BillingPostalCode": "123"}, {"BillingState": "Bavaria"}, {"BillingCity": None}]
)
def test_an_address_that_staff_wrote_otherwise_is_none(changed: dict[str, object]) -> None:
    row = {
        "BillingStreet": "1-1\r\n桜\r\n別館\r\n203",
        "BillingCity": "世田谷区",
        "BillingState": "東京都",
        "BillingPostalCode": "154-0017",
    }
    known = address_in(Record(Names(), row), ACCOUNT_ADDRESS)
    assert known is not None
    assert (known.town_and_number, known.building, known.room) == ("1-1", "桜 別館", "203")
    assert address_in(Record(Names(), {**row, **changed}), ACCOUNT_ADDRESS) is None


ORDER = {
    "Id": "801000000000001AAA",
    "Type": "SIM",
    "EffectiveDate": "2026-06-03",
    "CreatedDate": "2026-06-03T01:00:00.000+0000",
    "SystemModstamp": "2026-06-03T01:00:00.000+0000",
    "OrderItems": {
        "records": [{"Id": "802000000000001AAA", "Product2": None, "UnitPrice": 980.0, "Quantity": 1.0}]
    },
}


def test_an_order_that_says_almost_nothing_is_read_all_the_same() -> None:
    snapshot = snapshot_of(Record(Names(), ORDER))
    assert snapshot is not None
    assert (snapshot.order_type, snapshot.status, snapshot.sim, snapshot.address) == (
        OrderType.SIM,
        None,
        None,
        None,
    )
    assert [(line.sku, line.unit_price) for line in snapshot.lines] == [("", Decimal(980))]
    assert snapshot.created_at == datetime(2026, 6, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("order_type", [None, "Renewal"])
def test_an_order_of_what_the_portal_does_not_sell_is_none(order_type: str | None) -> None:
    assert snapshot_of(Record(Names(), {**ORDER, "Type": order_type})) is None


@given(st.lists(st.text("ab |'", max_size=5), min_size=2, max_size=2), TEXTS)
def test_a_version_tells_what_it_stands_for(texts: list[str], code: str) -> None:
    guard = attrs.evolve(
        Guard.of(Record(Names(), ORDER)), activation=texts[0].replace("|", ""), error_code=code
    )
    assert Guard.parse(guard.version) == guard


@pytest.mark.parametrize("version", ["", "never", "a|b|c|d|e", "a|b|c|d||f", "2026-06-03|b|c|d|soon|f"])
def test_a_strange_version_stands_for_nothing(version: str) -> None:
    assert Guard.parse(Version(version)) is None


def test_every_item_gets_its_own_service_in_whatever_order_salesforce_finds_them() -> None:
    # Between Z and a the ids of two items sort one way by signs, the other way by letters.
    services = {
        OrderItemId("802IS000000000ZYAA"): ServiceId(26),
        OrderItemId("802IS000000000aYAA"): ServiceId(27),
    }
    write = OrderWrite(order=OrderId("801IS0000000001YAA"), activation=ActivationFields(), services=services)
    calls = {call.name: call.rendered("66.0") for call in writing_calls(write, None, Names())}
    sent = json.dumps(calls[ITEMS]["body"])
    body = json.loads(sent)
    assert {row["id"]: row["WHMCS_Service_ID__c"] for row in body["records"]} == {
        item: str(service) for item, service in services.items()
    }
    assert list(calls).index(FREE_ITEMS) < list(calls).index(ITEMS)
    assert "@{free_items.records[1].Id}" in str(calls[WRITTEN]["url"])
