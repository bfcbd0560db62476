"""The Pub/Sub API over real sockets: flow control, replay, broken streams, tokens, schemas."""

from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from ordering_sandbox.json_values import Json
from ordering_sandbox.salesforce.events.proto import pubsub_api_pb2 as messages
from tests.journeys.sandbox.running import DATA, PROVISION, RunningOrg, Subscriber, subscribed, trailers_of
from tests.unit.sandbox.orgs import at


LATEST, EARLIEST, CUSTOM = messages.LATEST, messages.EARLIEST, messages.CUSTOM
PREFIX = "sfdc.platform.eventbus.grpc."


def orders_in(subscriber: Subscriber, response: messages.FetchResponse) -> list[str]:
    return [str(at(subscriber.read(event), "Order_Id__c")) for event in response.events]


def heard(subscriber: Subscriber, count: int) -> list[str]:
    """Return the orders of the next *count* events."""
    orders: list[str] = []
    while len(orders) < count:
        orders += orders_in(subscriber, subscriber.next())
    return orders


def to_the_end(subscriber: Subscriber) -> None:
    while True:
        subscriber.next()


def end_of(subscriber: Subscriber) -> tuple[grpc.StatusCode, str]:
    """Return status and error code with which the stream ends."""
    with pytest.raises(grpc.RpcError) as caught:
        to_the_end(subscriber)
    trailers = trailers_of(caught.value)
    assert trailers["rpc-id"] in str(caught.value.details())
    return caught.value.code(), trailers["error-code"].removeprefix(PREFIX)


@pytest.mark.parametrize("tls", [False, True])
def test_an_approval_arrives(org: RunningOrg, tls: bool) -> None:
    with subscribed(org, tls=tls) as subscriber:
        assert subscriber.topic(PROVISION).can_subscribe
        subscriber.subscribe(PROVISION, EARLIEST)
        order = org.create_order(Status="Approved")
        assert heard(subscriber, 1) == [order]


def test_latest_hears_what_comes_and_earliest_what_was(org: RunningOrg, subscriber: Subscriber) -> None:
    past = org.approve(2)
    subscriber.subscribe(PROVISION, EARLIEST)
    assert heard(subscriber, 2) == past
    with subscribed(org) as late:
        org.admin("PUT", "switches", {"keepalive_seconds": 0.05})
        late.subscribe(PROVISION, LATEST)
        assert list(late.next().events) == []
        org.admin("PUT", "switches", {"keepalive_seconds": 60})
        coming = org.approve(1)
        assert heard(late, 1) == coming


def test_no_more_events_come_than_were_asked_for(org: RunningOrg, subscriber: Subscriber) -> None:
    orders = org.approve(5)
    subscriber.subscribe(PROVISION, EARLIEST, number=2)
    first = subscriber.next()
    assert orders_in(subscriber, first) == orders[:2]
    assert first.pending_num_requested == 0
    subscriber.ask(10)
    second = subscriber.next()
    assert orders_in(subscriber, second) == orders[2:]
    assert second.pending_num_requested == 7


def test_a_silent_stream_says_that_it_lives(org: RunningOrg, subscriber: Subscriber) -> None:
    org.admin("PUT", "switches", {"keepalive_seconds": 0.05})
    subscriber.subscribe(PROVISION, LATEST, number=3)
    subscriber.next()
    alive = subscriber.next()
    assert list(alive.events) == []
    assert alive.pending_num_requested == 3
    order = org.create_order(Status="Approved")
    with subscribed(org) as again:
        again.subscribe(PROVISION, CUSTOM, replay_id=alive.latest_replay_id)
        assert heard(again, 1) == [order]


def test_a_stream_goes_on_after_the_last_event_that_was_handled(org: RunningOrg) -> None:
    orders = org.approve(3)
    with subscribed(org) as first:
        first.subscribe(PROVISION, EARLIEST, number=1)
        handled = first.next().events[0].replay_id
    with subscribed(org) as second:
        second.subscribe(PROVISION, CUSTOM, replay_id=handled)
        assert heard(second, 2) == orders[1:]


def test_a_stream_broken_at_every_event_loses_none(org: RunningOrg) -> None:
    orders = org.approve(6)
    handled: list[str] = []
    replay_id = b""
    for place in range(7):
        org.fault(kind="break_stream", target="OrderProvisionRequested__e", skip=1)
        with subscribed(org) as subscriber:
            subscriber.subscribe(PROVISION, CUSTOM if replay_id else EARLIEST, replay_id=replay_id)
            if place == 6:
                break
            response = subscriber.next()
            assert len(response.events) == 1
            handled += orders_in(subscriber, response)
            replay_id = response.events[-1].replay_id
            if place < 5:
                assert end_of(subscriber) == (grpc.StatusCode.UNAVAILABLE, "service.unavailable")
    assert handled == orders


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        ("LIMIT", grpc.StatusCode.RESOURCE_EXHAUSTED, "subscription.limit.exceeded"),
        ("CLIENTS", grpc.StatusCode.RESOURCE_EXHAUSTED, "concurrent.client.limit.exceeded"),
        ("CORRUPTED", grpc.StatusCode.INVALID_ARGUMENT, "subscription.fetch.replayid.corrupted"),
    ],
)
def test_a_stream_may_end_for_other_reasons(
    org: RunningOrg, subscriber: Subscriber, failure: str, status: grpc.StatusCode, code: str
) -> None:
    org.approve(1)
    org.fault(kind="break_stream", target="OrderProvisionRequested__e", failure=failure)
    subscriber.subscribe(PROVISION, EARLIEST)
    assert end_of(subscriber) == (status, code)


def test_every_stream_can_be_broken_at_once(org: RunningOrg, subscriber: Subscriber) -> None:
    org.approve(1)
    subscriber.subscribe(PROVISION, EARLIEST)
    heard(subscriber, 1)
    org.admin("DELETE", "streams")
    assert end_of(subscriber) == (grpc.StatusCode.UNAVAILABLE, "service.unavailable")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((PROVISION, CUSTOM, 1, b"nonsense"), "subscription.fetch.replayid.corrupted"),
        ((PROVISION, CUSTOM, 1, b""), "subscription.fetch.replayid.validation.failed"),
        ((PROVISION, EARLIEST, 0, b""), "subscription.fetch.requested.events.invalid"),
        (("/event/Nonsense__e", LATEST, 1, b""), "topic.not.found"),
        (("/data/ContactChangeEvent", LATEST, 1, b""), "topic.not.found"),
    ],
)
def test_a_subscription_that_is_wrong_ends_with_its_code(
    subscriber: Subscriber, arguments: tuple[str, messages.ReplayPreset, int, bytes], code: str
) -> None:
    subscriber.subscribe(*arguments)
    assert end_of(subscriber)[1] == code


def test_a_stream_cannot_change_its_topic(org: RunningOrg, subscriber: Subscriber) -> None:
    org.approve(1)
    subscriber.subscribe(PROVISION, EARLIEST)
    heard(subscriber, 1)
    subscriber.ask(1, topic="/data/OrderChangeEvent")
    assert end_of(subscriber) == (grpc.StatusCode.INVALID_ARGUMENT, "subscription.fetch.topic.invalid")


def test_events_are_forgotten_after_72_hours_and_when_the_org_moves(org: RunningOrg) -> None:
    for forget in (("PUT", "clock", {"advance_seconds": 72 * 3600 + 5}), ("POST", "events/move", None)):
        org.approve(2)
        with subscribed(org) as first:
            first.subscribe(PROVISION, EARLIEST, number=1)
            handled = first.next().events[0].replay_id
        org.admin(*forget)
        org.log_in()
        with subscribed(org) as second:
            second.subscribe(PROVISION, CUSTOM, replay_id=handled)
            if forget[0] == "POST":
                assert end_of(second) == (
                    grpc.StatusCode.INVALID_ARGUMENT,
                    "subscription.fetch.replayid.corrupted",
                )


def test_a_stream_ends_with_its_token(org: RunningOrg, subscriber: Subscriber) -> None:
    subscriber.subscribe(PROVISION, LATEST)
    org.admin("DELETE", "tokens")
    org.admin("PUT", "switches", {"keepalive_seconds": 0.05})
    org.approve(1)
    assert end_of(subscriber) == (grpc.StatusCode.UNAUTHENTICATED, "service.auth.error")


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("accesstoken", "", "service.auth.headers.invalid"),
        ("accesstoken", "nonsense", "service.auth.error"),
        ("instanceurl", "", "service.auth.headers.invalid"),
        ("tenantid", "00DXX0000000000", "service.auth.error"),
    ],
)
def test_every_call_says_who_calls(subscriber: Subscriber, header: str, value: str, code: str) -> None:
    subscriber.headers[header] = value
    with pytest.raises(grpc.RpcError) as caught:
        subscriber.topic(PROVISION)
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert trailers_of(caught.value)["error-code"] == PREFIX + code


def test_a_short_org_id_is_an_org_id_too(org: RunningOrg, subscriber: Subscriber) -> None:
    subscriber.headers["tenantid"] = org.addresses["org_id"][:15]
    assert subscriber.topic(PROVISION).tenant_guid == org.addresses["org_id"]


def test_a_schema_that_changes_is_asked_for_by_its_new_id(org: RunningOrg, subscriber: Subscriber) -> None:
    org.approve(1)
    org.admin("PUT", "fields", {"OrderProvisionRequested__e.Source__c": {"access": "edit"}})
    org.approve(1)
    subscriber.subscribe(PROVISION, EARLIEST)
    events: list[messages.ConsumerEvent] = []
    while len(events) < 2:
        events += subscriber.next().events
    assert "Source__c" not in subscriber.schema(events[0].event.schema_id)
    assert "Source__c" in subscriber.schema(events[1].event.schema_id)
    with pytest.raises(grpc.RpcError) as caught:
        subscriber.schema("nonsense")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_events_are_published_over_the_bus_too(org: RunningOrg, subscriber: Subscriber) -> None:
    org.approve(1)
    subscriber.subscribe(PROVISION, EARLIEST)
    (sent,) = subscriber.next().events
    good = messages.ProducerEvent(id="mine", schema_id=sent.event.schema_id, payload=sent.event.payload)
    bad = messages.ProducerEvent(id="bad", schema_id=sent.event.schema_id, payload=b"\xff")
    unknown = messages.ProducerEvent(id="unknown", schema_id="nonsense", payload=b"")
    answer = subscriber.publish(good, bad, unknown)
    assert [result.correlation_key for result in answer.results] == ["mine", "bad", "unknown"]
    assert [bool(result.error.msg) for result in answer.results] == [False, True, True]
    (arrived,) = subscriber.next().events
    assert arrived.event.id == "mine"
    assert arrived.replay_id == answer.results[0].replay_id
    stream = subscriber.channel.stream_stream(
        "/eventbus.v1.PubSub/PublishStream",
        messages.PublishRequest.SerializeToString,
        messages.PublishResponse.FromString,
    )
    again = messages.PublishRequest(topic_name=PROVISION, events=[good])
    assert len(list(stream(iter([again, again]), metadata=subscriber.metadata, timeout=10))) == 2


def test_orders_and_accounts_tell_their_changes(org: RunningOrg, subscriber: Subscriber) -> None:
    order = org.create_order()
    subscriber.subscribe("/data/OrderChangeEvent", EARLIEST)
    (event,) = subscriber.next().events
    said = subscriber.read(event)
    assert at(said, "ChangeEventHeader", "recordIds") == [order]
    assert at(said, "ChangeEventHeader", "changeOrigin") == "com/salesforce/core"


def test_an_event_may_arrive_before_its_order_is_approved(org: RunningOrg, subscriber: Subscriber) -> None:
    org.approve(1)
    subscriber.subscribe(PROVISION, EARLIEST)
    heard(subscriber, 1)
    order = org.create_order()
    org.fault(kind="early_events", target="OrderProvisionRequested__e", seconds=1)
    with ThreadPoolExecutor(1) as hands:
        change: Json = {"object": "Order", "id": order, "fields": {"Status": "Approved"}}
        approving = hands.submit(org.desk.post, "/agent", json=change)
        assert heard(subscriber, 1) == [order]
        query = f"{DATA}/query?q=SELECT+Status+FROM+Order+WHERE+Id='{order}'"
        assert org.client.get(query).json()["records"][0]["Status"] == "Draft"
        assert approving.result().status_code == 200
    assert org.client.get(query).json()["records"][0]["Status"] == "Approved"
    assert len(list(org.found("SELECT Id FROM Order"))) == 2
