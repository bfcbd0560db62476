"""What goes onto the event bus, in what shape, and under which replay ids."""

import json

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_sandbox.json_values import Json
from ordering_sandbox.salesforce.events.avro import read_avro
from ordering_sandbox.salesforce.events.log import BadReplayId, Event, EventLog
from ordering_sandbox.salesforce.events.publisher import Publisher
from ordering_sandbox.salesforce.events.subscription import Ended, Fault, Preset, Subscription
from ordering_sandbox.salesforce.flows import announce
from ordering_sandbox.salesforce.work import Caller
from tests.unit.sandbox.orgs import Desk, at


PROVISION = "/event/OrderProvisionRequested__e"
ORDERS = "/data/OrderChangeEvent"


@pytest.fixture
def log(desk: Desk, tmp_path: Path) -> Iterator[EventLog]:
    """Return the bus that *desk*'s org publishes to."""
    opened = EventLog(
        tmp_path / "events",
        now=desk.org.clock.now,
        keeps=lambda: timedelta(hours=desk.org.switches.retention_hours),
    )
    Publisher(desk.org, opened)
    yield opened
    opened.close()


def said(log: EventLog, event: Event) -> Json:
    schema = log.schema(event.schema_id)
    assert schema is not None
    value: Json = json.loads(json.dumps(read_avro(schema, event.payload)))
    return value


def all_said(log: EventLog, topic: str) -> list[Json]:
    return [said(log, event) for event in log.after(topic, 0, 100)]


def named(log: EventLog, event: Event, entry: str) -> list[str]:
    """Return the fields that a bitmap in a change event's header names."""
    schema: Json = json.loads(str(log.schema(event.schema_id)))
    fields = at(schema, "fields")
    names: list[str] = []
    bitmaps = at(said(log, event), "ChangeEventHeader", entry)
    assert isinstance(bitmaps, list)
    for bitmap in bitmaps:
        parent, _, bits = str(bitmap).rpartition("-")
        places = [place for place, bit in enumerate(reversed(f"{int(bits, 16):b}")) if bit == "1"]
        if parent:
            inner = at(fields, int(parent), "type", 1)
            prefix = f"{at(fields, int(parent), 'name')}."
            if isinstance(inner, str):
                inner = next(
                    at(field, "type", 1)
                    for field in (fields if isinstance(fields, list) else [])
                    if at(field, "name") == "BillingAddress"
                )
            names += [prefix + str(at(inner, "fields", place, "name")) for place in places]
        else:
            names += [str(at(fields, place, "name")) for place in places]
    return names


def test_approval_publishes_the_event_once(desk: Desk, log: EventLog) -> None:
    order = desk.create("Order", **desk.order())
    assert all_said(log, PROVISION) == []
    for _ in range(2):
        desk.call("PATCH", f"/sobjects/Order/{order}", {"Status": "Approved"})
    (event,) = all_said(log, PROVISION)
    assert at(event, "Order_Id__c") == order
    assert str(at(event, "CreatedById")).startswith("005")


def test_an_order_created_as_approved_publishes_too(desk: Desk, log: EventLog) -> None:
    order = desk.create("Order", **desk.order(Status="Approved"))
    assert [at(event, "Order_Id__c") for event in all_said(log, PROVISION)] == [order]


def test_a_flow_that_is_off_publishes_nothing(desk: Desk, log: EventLog) -> None:
    desk.org.save_setting("switches", {"approval_flow": False})
    desk.create("Order", **desk.order(Status="Approved"))
    assert all_said(log, PROVISION) == []


def test_what_is_rolled_back_publishes_nothing(desk: Desk, log: EventLog) -> None:
    records: Json = [
        {"attributes": {"type": "Order"}, **desk.order(Status="Approved")},
        {"attributes": {"type": "Order"}},
    ]
    desk.call("POST", "/composite/sobjects", {"allOrNone": True, "records": records})
    assert all_said(log, PROVISION) == all_said(log, ORDERS) == []
    desk.call("POST", "/composite/sobjects", {"allOrNone": False, "records": records})
    assert len(all_said(log, PROVISION)) == len(all_said(log, ORDERS)) == 1


def test_publishing_immediately_publishes_even_what_is_rolled_back(desk: Desk, log: EventLog) -> None:
    """The event is out while the transaction is still open, and readers see the order as it was."""
    desk.org.save_setting("switches", {"publish_immediately": True})
    order = desk.create("Order", **desk.order())
    seen: list[Json] = []
    log.listen(lambda: seen.append(desk.query(f"SELECT Status FROM Order WHERE Id = '{order}'")[0]["Status"]))
    desk.call("PATCH", f"/sobjects/Order/{order}", {"Status": "Approved"})
    assert seen[0] == "Draft"
    assert seen[-1] == "Approved"


def test_a_posted_event_is_queued_under_the_id_that_the_answer_tells(desk: Desk, log: EventLog) -> None:
    status, answer = desk.ask("POST", "/sobjects/OrderProvisionRequested__e", {"Order_Id__c": "801"})
    assert (status, at(answer, "success")) == (201, True)
    assert at(answer, "errors", 0, "statusCode") == "OPERATION_ENQUEUED"
    (event,) = log.after(PROVISION, 0, 10)
    assert event.event_id == at(answer, "errors", 0, "message")
    assert desk.refused("POST", "/sobjects/OrderProvisionRequested__e", {"Order_Id__c": "8" * 19}) == [
        (400, "STRING_TOO_LONG")
    ]
    assert desk.refused("GET", "/query?q=SELECT+Id+FROM+OrderProvisionRequested__e") == [
        (400, "INVALID_TYPE")
    ]


def test_a_change_event_carries_what_changed_and_names_it(desk: Desk, log: EventLog) -> None:
    order = desk.create("Order", **desk.order(PoNumber="1", BillingCity="x"))
    desk.org.clock.advance(timedelta(seconds=2))
    changes: dict[str, Json] = {
        "Status": "Pending Review",
        "PoNumber": None,
        "BillingCity": "y",
        "ShippingState": "z",
        "Activation_Scheduled_At__c": "2026-11-22T01:00:00Z",
    }
    desk.call("PATCH", f"/sobjects/Order/{order}", changes, {"Sforce-Call-Options": "client=ordering"})
    created, changed = log.after(ORDERS, 0, 10)
    header = at(said(log, created), "ChangeEventHeader")
    assert (at(header, "changeType"), at(header, "recordIds"), at(header, "changedFields")) == (
        "CREATE",
        [order],
        [],
    )
    update = said(log, changed)
    assert at(update, "ChangeEventHeader", "changeType") == "UPDATE"
    assert at(update, "ChangeEventHeader", "changeOrigin") == "com/salesforce/api/rest/66.0;client=ordering"
    assert at(update, "Status") == "Pending Review"
    assert at(update, "Activation_Scheduled_At__c") == 1795309200000
    assert at(update, "AccountId") is None
    assert at(update, "BillingAddress", "City") == "y"
    assert set(named(log, changed, "changedFields")) == {
        "LastModifiedDate",
        "Status",
        "PoNumber",
        "Activation_Scheduled_At__c",
        "BillingAddress.City",
        "ShippingAddress.State",
    }
    assert named(log, changed, "nulledFields") == ["PoNumber"]


def test_a_transaction_tells_each_record_once(desk: Desk, log: EventLog) -> None:
    body: Json = {
        "allOrNone": True,
        "collateSubrequests": False,
        "compositeRequest": [
            {
                "referenceId": "ord",
                "method": "POST",
                "url": "/services/data/v66.0/sobjects/Order",
                "body": desk.order(),
            },
            {
                "referenceId": "pat",
                "method": "PATCH",
                "url": "/services/data/v66.0/sobjects/Order/@{ord.id}",
                "body": {"PoNumber": "2"},
            },
            {
                "referenceId": "acc",
                "method": "PATCH",
                "url": f"/services/data/v66.0/sobjects/Account/{desk.account}",
                "body": {"Phone": "2"},
            },
        ],
    }
    desk.call("POST", "/composite", body)
    (order,) = all_said(log, ORDERS)
    (account,) = all_said(log, "/data/AccountChangeEvent")
    assert (at(order, "ChangeEventHeader", "changeType"), at(order, "PoNumber")) == ("CREATE", "2")
    keys = [at(event, "ChangeEventHeader", "transactionKey") for event in (order, account)]
    assert keys[0] == keys[1]
    assert [at(event, "ChangeEventHeader", "sequenceNumber") for event in (order, account)] == [1, 2]


def test_a_deletion_is_told_without_fields(desk: Desk, log: EventLog) -> None:
    order = desk.create("Order", **desk.order())
    desk.call("DELETE", f"/sobjects/Order/{order}")
    deleted = all_said(log, ORDERS)[-1]
    assert at(deleted, "ChangeEventHeader", "changeType") == "DELETE"
    assert at(deleted, "Status") is None


def test_objects_that_are_not_captured_are_not_told(desk: Desk, log: EventLog) -> None:
    desk.org.save_setting("switches", {"captured": ["Account"]})
    desk.create("Order", **desk.order())
    assert log.after(ORDERS, 0, 10) == []


def test_news_of_a_sim_card_touch_its_orders(desk: Desk, log: EventLog) -> None:
    card = desk.id_of("SELECT Id FROM SIM_Inventory__c")
    order = desk.create("Order", **desk.order(Assign_Physical_SIM__c=card))
    other = desk.create("Order", **desk.order())
    before = desk.query("SELECT Id, SystemModstamp FROM Order ORDER BY Id")
    desk.org.clock.advance(timedelta(seconds=5))
    desk.call("PATCH", f"/sobjects/SIM_Inventory__c/{card}", {"Shipped_At__c": "2026-11-22T00:00:00Z"})
    after = desk.query("SELECT Id, SystemModstamp FROM Order ORDER BY Id")
    touched = [one["Id"] for one, two in zip(before, after, strict=True) if one != two]
    assert touched == [order]
    desk.call("PATCH", f"/sobjects/SIM_Inventory__c/{card}", {"Order__c": other})
    assert desk.query("SELECT Id, SystemModstamp FROM Order ORDER BY Id")[1] != before[1]
    assert at(all_said(log, ORDERS)[-1], "ChangeEventHeader", "changeType") == "UPDATE"


def test_the_fields_of_an_event_may_change(desk: Desk, log: EventLog) -> None:
    desk.create("Order", **desk.order(Status="Approved"))
    desk.org.save_setting("fields", {"OrderProvisionRequested__e.Source__c": {"access": "edit"}})
    desk.create("Order", **desk.order(Status="Approved"))
    old, new = log.after(PROVISION, 0, 10)
    assert old.schema_id != new.schema_id
    assert at(said(log, new), "Source__c") is None
    assert str(at(said(log, old), "Order_Id__c")).startswith("801")


@pytest.mark.parametrize(
    ("fault", "heard"),
    [
        ({"kind": "lose_events", "times": 2}, [2, 3]),
        ({"kind": "lose_events", "skip": 1, "times": 2}, [0, 3]),
        ({"kind": "duplicate_events", "times": 1}, [0, 0, 1, 2, 3]),
        ({"kind": "shuffle_events", "times": 3}, [2, 1, 0, 3]),
    ],
)
def test_faults_lose_double_and_shuffle_events(
    desk: Desk, log: EventLog, fault: dict[str, Json], heard: list[int]
) -> None:
    desk.org.faults.switch_on({**fault, "target": "OrderProvisionRequested__e"})
    sent: list[str] = []
    for number in range(4):
        with desk.org.writing(Caller(user_id="005")) as work:
            sent.append(announce(work, "OrderProvisionRequested__e", {"Order_Id__c": str(number)}))
    assert [event.event_id for event in log.after(PROVISION, 0, 10)] == [sent[number] for number in heard]


# --- replay ids and flow control ---------------------------------------------------------------------------


START = datetime(2026, 11, 22, tzinfo=UTC)


def bus(folder: Path, clock: list[datetime]) -> EventLog:
    return EventLog(folder / "events", now=lambda: clock[0], keeps=lambda: timedelta(hours=72))


def publish(log: EventLog, count: int, topic: str = "/event/A") -> list[int]:
    return [
        log.append(Event(topic=topic, event_id=str(number), schema_id="s", payload=b""))
        for number in range(count)
    ]


def begun(log: EventLog, preset: int, replay_id: bytes = b"") -> Subscription:
    return Subscription.begin(log, "/event/A", preset, replay_id)


def numbers(subscription: Subscription, ask: int) -> list[str]:
    subscription.ask("", ask)
    events = subscription.waiting()
    for event in events:
        subscription.take(event)
    return [event.event_id for event in events]


def test_a_subscription_begins_where_it_is_asked_to(tmp_path: Path) -> None:
    log = bus(tmp_path, [START])
    places = publish(log, 3)
    assert numbers(begun(log, Preset.LATEST), 10) == []
    assert numbers(begun(log, Preset.EARLIEST), 10) == ["0", "1", "2"]
    assert numbers(begun(log, Preset.CUSTOM, log.replay_id(places[0])), 10) == ["1", "2"]
    assert numbers(begun(log, Preset.CUSTOM, log.replay_id(places[2])), 10) == []


def test_a_subscription_hears_its_own_topic_only(tmp_path: Path) -> None:
    log = bus(tmp_path, [START])
    publish(log, 2, "/event/B")
    publish(log, 1)
    assert numbers(begun(log, Preset.EARLIEST), 10) == ["0"]


@given(st.lists(st.integers(1, 150), min_size=1, max_size=5), st.integers(0, 230))
def test_never_more_than_was_asked_for_nor_than_a_hundred_at_once(asked: list[int], there: int) -> None:
    with TemporaryDirectory() as folder:
        log = bus(Path(folder), [START])
        publish(log, there)
        subscription = begun(log, Preset.EARLIEST)
        heard = pending = 0
        for number in asked:
            pending = min(100, pending + number)
            sent = min(pending, there - heard)
            assert numbers(subscription, number) == [str(place) for place in range(heard, heard + sent)]
            heard, pending = heard + sent, pending - sent
            assert subscription.pending == pending
        log.close()


@pytest.mark.parametrize("number", [0, -1])
def test_nothing_cannot_be_asked_for(tmp_path: Path, number: int) -> None:
    subscription = begun(bus(tmp_path, [START]), Preset.LATEST)
    with pytest.raises(Ended) as caught:
        subscription.ask("", number)
    assert caught.value.fault is Fault.INVALID_NUMBER


def test_a_stream_stays_on_its_topic(tmp_path: Path) -> None:
    subscription = begun(bus(tmp_path, [START]), Preset.LATEST)
    subscription.ask("/event/A", 1)
    with pytest.raises(Ended) as caught:
        subscription.ask("/event/B", 1)
    assert caught.value.fault is Fault.OTHER_TOPIC


@pytest.mark.parametrize(("preset", "replay_id"), [(Preset.CUSTOM, b""), (7, b"x")])
def test_a_place_that_is_not_told_is_a_mistake(tmp_path: Path, preset: int, replay_id: bytes) -> None:
    with pytest.raises(Ended) as caught:
        begun(bus(tmp_path, [START]), preset, replay_id)
    assert caught.value.fault is Fault.INVALID_POSITION


@given(st.binary(max_size=20))
def test_any_other_bytes_are_no_replay_id(shared_bus: EventLog, replay_id: bytes) -> None:
    with pytest.raises(BadReplayId):
        shared_bus.place_of(replay_id)


@pytest.fixture(scope="module")
def shared_bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EventLog]:
    """Return a bus with some events."""
    log = bus(tmp_path_factory.mktemp("bus"), [START])
    publish(log, 5)
    yield log
    log.close()


def test_an_event_older_than_72_hours_is_forgotten_and_its_replay_id_with_it(tmp_path: Path) -> None:
    clock = [START]
    log = bus(tmp_path, clock)
    old, older = publish(log, 2)
    clock[0] += timedelta(hours=1)
    publish(log, 1)
    kept = log.replay_id(older)
    clock[0] = START + timedelta(hours=72)
    assert numbers(begun(log, Preset.CUSTOM, kept), 10) == ["0"]
    clock[0] += timedelta(seconds=1)
    assert numbers(begun(log, Preset.EARLIEST), 10) == ["0"]
    assert numbers(begun(log, Preset.CUSTOM, kept), 10) == ["0"]
    with pytest.raises(Ended) as caught:
        begun(log, Preset.CUSTOM, log.replay_id(old))
    assert caught.value.fault is Fault.CORRUPTED


def test_after_a_move_no_replay_id_means_anything(tmp_path: Path) -> None:
    log = bus(tmp_path, [START])
    (place,) = publish(log, 1)
    before = log.replay_id(place)
    log.move()
    with pytest.raises(Ended) as caught:
        begun(log, Preset.CUSTOM, before)
    assert caught.value.fault is Fault.CORRUPTED
    assert numbers(begun(log, Preset.EARLIEST), 10) == ["0"]


def test_a_bus_goes_on_after_a_restart(tmp_path: Path) -> None:
    log = bus(tmp_path, [START])
    place = publish(log, 2)[0]
    log.keep_schema("s", "{}")
    replay_id = log.replay_id(place)
    log.close()
    again = bus(tmp_path, [START])
    assert numbers(begun(again, Preset.CUSTOM, replay_id), 10) == ["1"]
    assert again.schema("s") == "{}"
    assert again.schema("t") is None
