"""What stands in the messages of the event bus, read without a bus."""

from __future__ import annotations

import io
import json

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import attrs
import pytest

from fastavro import parse_schema, schemaless_writer
from hypothesis import example, given
from hypothesis import strategies as st

from ordering_adapters.memory import MemoryWorld
from ordering_adapters.memory.store import MemoryStore
from ordering_adapters.salesforce.events.bus import BusFault, Stream
from ordering_adapters.salesforce.events.change_header import records_changed
from ordering_adapters.salesforce.events.handling import told
from ordering_adapters.salesforce.events.hints import (
    AccountsChanged,
    AnythingChanged,
    Hint,
    NothingOfOurs,
    OrdersChanged,
    ProvisionRequested,
    hint_in,
)
from ordering_adapters.salesforce.events.lease import Lease
from ordering_adapters.salesforce.events.messages import (
    Event,
    FetchResponse,
    fetch_request,
    fetch_response,
    schema_in,
    schema_request,
)
from ordering_adapters.salesforce.events.pacing import Pacing
from ordering_adapters.salesforce.events.payloads import Payloads, Unreadable
from ordering_adapters.salesforce.events.record_ids import full_id
from ordering_adapters.salesforce.events.settings import (
    ACCOUNT_CHANGED,
    ORDER_CHANGED,
    PROVISION_REQUESTED,
    BusSettings,
)
from ordering_adapters.salesforce.events.topic_reader import TopicReader
from ordering_adapters.salesforce.events.wire import Malformed, fields_of, written
from ordering_adapters.salesforce.fields import Names
from ordering_core.domain.identifiers import AccountId, OrderId
from ordering_core.errors import Refused, Unavailable
from ordering_core.testing.clocks import ManualClock
from ordering_sandbox.salesforce.events.proto import pubsub_api_pb2 as published
from ordering_sandbox.salesforce.ids import long_id


NOW: Final = datetime(2026, 11, 22, tzinfo=UTC)
EVENT: Final = Event(id="e1", schema_id="s1", payload=b"", replay_id=b"r")
NAMES: Final = Names()
texts = st.text(max_size=20)


# --- the wire, held against the published messages -------------------------------------------------------


@given(topic=texts.filter(bool), replay_id=st.none() | st.binary(max_size=12), number=st.integers(1, 100))
def test_the_first_request_is_what_the_published_messages_make_of_it(
    topic: str, replay_id: bytes | None, number: int
) -> None:
    read = published.FetchRequest.FromString(fetch_request(topic=topic, replay_id=replay_id, number=number))
    preset = published.CUSTOM if replay_id else published.EARLIEST
    assert read == published.FetchRequest(
        topic_name=topic, replay_preset=preset, replay_id=replay_id or b"", num_requested=number
    )


@given(st.integers(1, 2**31 - 1))
def test_a_later_request_only_asks_for_more(number: int) -> None:
    assert published.FetchRequest.FromString(fetch_request(number=number)) == published.FetchRequest(
        num_requested=number
    )


@given(texts, texts)
def test_schemas_are_asked_for_and_read(schema_id: str, schema: str) -> None:
    assert published.SchemaRequest.FromString(schema_request(schema_id)).schema_id == schema_id
    answer = published.SchemaInfo(schema_json=schema, schema_id=schema_id, rpc_id="r")
    assert schema_in(answer.SerializeToString()) == schema


events = st.builds(
    Event, id=texts, schema_id=texts, payload=st.binary(max_size=300), replay_id=st.binary(max_size=12)
)


@given(st.lists(events, max_size=4), st.binary(max_size=12), texts, st.integers(0, 100))
def test_a_response_is_read_as_the_published_messages_write_it(
    heard: list[Event], latest: bytes, rpc_id: str, pending: int
) -> None:
    message = published.FetchResponse(
        events=[
            published.ConsumerEvent(
                event=published.ProducerEvent(
                    id=event.id,
                    schema_id=event.schema_id,
                    payload=event.payload,
                    headers=[published.EventHeader(key="k", value=b"v")],
                ),
                replay_id=event.replay_id,
            )
            for event in heard
        ],
        latest_replay_id=latest,
        rpc_id=rpc_id,
        pending_num_requested=pending,
    )
    read = fetch_response(message.SerializeToString())
    assert read == FetchResponse(events=tuple(heard), latest=latest)


@given(st.binary(max_size=60))
@example(b"\x0a")
@example(b"\xff" * 11)
@example(b"\x0b\x00")
@example(b"\x08\x01")
@example(b"\x12\x01")
def test_whatever_comes_is_a_message_or_malformed(message: bytes) -> None:
    for read in (fetch_response, schema_in):
        with suppress(Malformed):
            read(message)


def test_fields_of_fixed_width_are_passed_over() -> None:
    fixed = b"\x09" + bytes(8) + b"\x15" + bytes(4)
    assert list(fields_of(fixed + written((3, b"x")) + fixed)) == [(3, b"x")]


@pytest.mark.parametrize("message", [b"\x0a\x02x", b"\x08\x80", b"\x09\x00", b"\x0e", b"\x08" + b"\x80" * 10])
def test_a_message_that_ends_in_the_middle_is_malformed(message: bytes) -> None:
    with pytest.raises(Malformed):
        list(fields_of(message))


# --- payloads --------------------------------------------------------------------------------------------


class OneSchema:
    """A bus that knows one schema, and counts how often it is asked."""

    def __init__(self, answer: str | BusFault) -> None:
        self.answer = answer
        self.asked = 0

    def schema(self, _schema_id: str) -> str:
        self.asked += 1
        if isinstance(self.answer, BusFault):
            raise self.answer
        return self.answer


SCHEMA: Final = json.dumps(
    {"type": "record", "name": "E", "fields": [{"name": "Order_Id__c", "type": ["null", "string"]}]}
)


def payload(value: Mapping[str, object]) -> bytes:
    out = io.BytesIO()
    schemaless_writer(out, parse_schema(json.loads(SCHEMA)), value)
    return out.getvalue()


def test_a_schema_is_asked_for_once() -> None:
    bus = OneSchema(SCHEMA)
    payloads = Payloads(bus.schema)
    event = attrs.evolve(EVENT, payload=payload({"Order_Id__c": "801"}))
    for _ in range(3):
        assert payloads.read(event) == ({"Order_Id__c": "801"}, ("Order_Id__c",))
    assert bus.asked == 1


@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        (SCHEMA, b"\xff\xff"),
        ('"string"', b"\x02x"),
        ("not JSON", b""),
        ("{}", b""),
        (BusFault("NOT_FOUND", "schema.not.found"), b""),
    ],
)
def test_an_event_that_cannot_be_read_says_nothing_of_what_it_carries(
    answer: str | BusFault, sent: bytes
) -> None:
    with pytest.raises(Unreadable) as caught:
        Payloads(OneSchema(answer).schema).read(attrs.evolve(EVENT, payload=sent))
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_bus_that_does_not_answer_is_no_unreadable_event() -> None:
    with pytest.raises(BusFault, match="UNAVAILABLE"):
        Payloads(OneSchema(BusFault("UNAVAILABLE", "service.unavailable")).schema).read(EVENT)


# --- what an event hints at ------------------------------------------------------------------------------

FIELDS: Final = ("ChangeEventHeader", "Name", "BillingAddress", "Id_Verification_Status__c", "Phone")


def change(
    kind: object = "UPDATE", ids: object = ("001000000000001AAA",), **header: object
) -> dict[str, object]:
    listed = list(ids) if isinstance(ids, tuple) else ids
    return {"ChangeEventHeader": {"changeType": kind, "recordIds": listed, **header}}


def hint(topic: str, said: Mapping[str, object], names: Names = NAMES) -> Hint:
    return hint_in(topic, EVENT, said, FIELDS, names)


def test_a_request_names_its_order_its_event_and_its_time() -> None:
    said = {"Order_Id__c": "801000000000001AAA", "CreatedDate": 1_795_305_600_123}
    assert hint(PROVISION_REQUESTED, said) == ProvisionRequested(
        event="e1",
        order=OrderId("801000000000001AAA"),
        published_at=datetime(2026, 11, 22, tzinfo=UTC) + timedelta(milliseconds=123),
    )


def test_a_request_without_a_time_has_none_and_one_without_an_order_says_nothing() -> None:
    heard = hint(PROVISION_REQUESTED, {"Order_Id__c": "801000000000001AAA"})
    assert isinstance(heard, ProvisionRequested)
    assert heard.published_at is None
    for order in (None, "", 7):
        assert isinstance(hint(PROVISION_REQUESTED, {"Order_Id__c": order}), AnythingChanged)


@pytest.mark.parametrize("kind", ["CREATE", "UPDATE", "DELETE", "UNDELETE", "GAP_CREATE", "GAP_UPDATE"])
def test_whatever_happened_to_records_they_are_looked_at(kind: str) -> None:
    ids = ("801000000000001AAA", "801000000000002AAA")
    assert hint(ORDER_CHANGED, change(kind, ids)) == OrdersChanged(
        event="e1", orders=tuple(OrderId(each) for each in ids)
    )


@pytest.mark.parametrize(
    "said",
    [
        change("GAP_OVERFLOW"),
        change("UPDATE", ("801*",)),
        change("UPDATE", ("801000000000001AAA", "801*")),
        change("UPDATE", ()),
        change("UPDATE", None),
        change(kind=7),
        {},
        {"ChangeEventHeader": "x"},
    ],
)
def test_what_does_not_say_which_records_changed_may_be_about_any(said: Mapping[str, object]) -> None:
    for topic in (ORDER_CHANGED, ACCOUNT_CHANGED):
        assert isinstance(hint(topic, said), AnythingChanged)


@pytest.mark.parametrize(
    ("bitmaps", "concerns"),
    [
        (["0x02"], False),  # the name
        (["0x10"], False),  # the phone
        (["0x08"], True),  # the identity
        (["0x1A"], True),
        (["0x02", "2-0x03"], True),  # two lines of the address
        (["0x02", "4-0x01"], False),
        ([], True),  # it does not say what changed
        (["nonsense"], True),
        (["0x8000"], True),  # a field that the schema does not have
        (["99-0x1"], True),
    ],
)
def test_an_account_matters_as_far_as_its_orders_depend_on_it(bitmaps: list[str], concerns: bool) -> None:
    heard = hint(ACCOUNT_CHANGED, change(changedFields=bitmaps))
    assert isinstance(heard, AccountsChanged if concerns else NothingOfOurs)


def test_a_field_that_was_emptied_matters_too_and_by_the_orgs_own_name() -> None:
    assert isinstance(hint(ACCOUNT_CHANGED, change(nulledFields=["0x08"])), AccountsChanged)
    other = Names(fields={"Account.Id_Verification_Status__c": "Phone"})
    assert isinstance(hint(ACCOUNT_CHANGED, change(changedFields=["0x10"]), other), AccountsChanged)
    assert hint(ACCOUNT_CHANGED, change(changedFields=["0x08"]), other) == NothingOfOurs()


def test_only_an_update_says_which_fields_changed() -> None:
    heard = records_changed(change("CREATE", changedFields=["0x02"]), FIELDS)
    assert heard is not None
    assert heard.fields is None
    assert hint(ACCOUNT_CHANGED, change("CREATE", changedFields=["0x02"])) == AccountsChanged(
        event="e1", accounts=(AccountId("001000000000001AAA"),)
    )


@given(st.text(alphabet="aZbY01", min_size=15, max_size=15))
def test_a_short_id_is_the_long_one(short: str) -> None:
    long = full_id(short)
    assert long == long_id(short)
    assert full_id(long) == long


@pytest.mark.parametrize("text", ["", "801", "801000000000001AAA", "8" * 16])
def test_what_is_no_short_id_stays_as_it_is(text: str) -> None:
    assert full_id(text) == text


def test_ordering_is_told_of_every_kind_of_hint() -> None:
    world = MemoryWorld(clock=ManualClock(NOW))
    for each in (
        ProvisionRequested(event="e1", order=OrderId("801-no-such"), published_at=None),
        OrdersChanged(event="e2", orders=(OrderId("801-no-such"),)),
        AccountsChanged(event="e3", accounts=(world.account_of(world.new_customer()),)),
        NothingOfOurs(),
    ):
        told(world.ordering, each)
    assert world.faults.calls("orders.provisioning_facts") == 2
    assert world.faults.calls("orders.changed_since") == 0
    told(world.ordering, AnythingChanged("x"))
    assert world.faults.calls("orders.changed_since") == 1


# --- waiting and settings --------------------------------------------------------------------------------


def test_delays_double_up_to_the_longest_and_begin_again_after_success() -> None:
    pacing = Pacing(timedelta(seconds=1), timedelta(seconds=5))
    for full in (1, 2, 4, 5, 5):
        assert 0.8 * full <= pacing.delay() <= full
    pacing.succeeded()
    assert pacing.delay() <= 1


@pytest.mark.parametrize("batch", [0, 101])
def test_a_batch_is_what_the_bus_takes(batch: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 100"):
        BusSettings(batch=batch)


def test_a_lease_outlasts_two_renewals() -> None:
    with pytest.raises(ValueError, match="two renewals"):
        BusSettings(lease_lasts=timedelta(seconds=4), renew_every=timedelta(seconds=2))


@pytest.mark.parametrize(
    "address", ["api.pubsub.salesforce.com:7443", "bus.example:80", "localhost.example:1"]
)
def test_tokens_are_sent_in_the_clear_on_ones_own_machine_alone(address: str) -> None:
    assert BusSettings(address=address).address == address
    with pytest.raises(ValueError, match="on this machine"):
        BusSettings(address=address, plaintext=True)
    for here in ("127.0.0.1:1", "localhost:1", "[::1]:1"):
        assert BusSettings(address=here, plaintext=True).plaintext


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        (BusFault("INVALID_ARGUMENT", "subscription.fetch.replayid.corrupted"), "lost_place"),
        (BusFault("FAILED_PRECONDITION", "subscription.fetch.replayid.corrupted"), "lost_place"),
        (BusFault("INVALID_ARGUMENT", "subscription.fetch.replayid.validation.failed"), "lost_place"),
        (BusFault("INVALID_ARGUMENT", "subscription.fetch.requested.events.invalid"), ""),
        (BusFault("RESOURCE_EXHAUSTED", "subscription.limit.exceeded"), "used_up"),
        (BusFault("UNAUTHENTICATED", "service.auth.error"), "signed_out"),
        (BusFault("PERMISSION_DENIED", "service.auth.error"), "signed_out"),
        (BusFault("UNAUTHENTICATED"), "signed_out"),
        (BusFault("NOT_FOUND", "schema.not.found"), "no_schema"),
        (BusFault("UNAVAILABLE"), ""),
    ],
)
def test_what_a_fault_means(fault: BusFault, meaning: str) -> None:
    held = [
        name
        for name, holds in (
            ("lost_place", fault.lost_place),
            ("used_up", fault.used_up),
            ("signed_out", fault.signed_out),
            ("no_schema", fault.no_schema),
        )
        if holds
    ]
    assert held == [meaning] * bool(meaning)
    assert str(fault).startswith(fault.status)
    passes = meaning in {"", "signed_out"}
    assert fault.kind is (Unavailable if passes else Refused)


class BusWithoutPlace:
    """A bus that does not know the place from which it is to go on."""

    def __init__(self) -> None:
        self.asked = 0

    def schema(self, schema_id: str) -> str:
        raise BusFault("NOT_FOUND", "schema.not.found")

    def subscribe(self, topic: str, replay_id: bytes | None, number: int) -> Stream:
        self.asked += 1
        raise BusFault("INVALID_ARGUMENT", "subscription.fetch.replayid.corrupted")


def test_a_topic_is_read_on_whatever_keeps_it_from_beginning_again() -> None:
    bus, clock = BusWithoutPlace(), ManualClock(datetime(2026, 6, 3, tzinfo=UTC))
    store = MemoryStore(clock)
    reader = TopicReader(
        ORDER_CHANGED,
        bus=bus,  # type: ignore[arg-type]  # only what a reader asks of it
        store=store,
        lease=Lease(store, clock, holder="me", lasts=timedelta(seconds=8)),
        handle=lambda _hint: None,
        names=Names(),
        settings=BusSettings(first_delay=timedelta(0), longest_delay=timedelta(0)),
    )
    places = iter([None, ValueError("a store that fails in its own way")])

    def place() -> bytes | None:
        said = next(places, None)
        if said is not None:
            reader.end()
            raise said
        return None

    reader._place = place  # type: ignore[method-assign]  # what the store answers
    reader.run()
    assert bus.asked == 1
