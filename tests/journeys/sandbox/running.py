"""The org as a process of its own, and who talks to it: plain HTTP, its admin endpoint, the Pub/Sub API."""

import io
import json
import queue
import subprocess
import sys

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import grpc
import httpx

from fastavro import parse_schema, schemaless_reader

from ordering_sandbox.json_values import Json, JsonObject
from ordering_sandbox.salesforce.events.proto import pubsub_api_pb2 as messages
from tests.unit.sandbox.orgs import at


DATA = "/services/data/v66.0"
PROVISION = "/event/OrderProvisionRequested__e"


class RunningOrg:
    """A running org, by the line of JSON it printed."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self.addresses = addresses
        self.client = httpx.Client(base_url=addresses["http"], timeout=10, trust_env=False)
        self.desk = httpx.Client(base_url=addresses["admin"], timeout=10, trust_env=False)
        self.log_in()

    def log_in(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.addresses["client_id"],
            "client_secret": self.addresses["client_secret"],
        }
        token = str(self.client.post("/services/oauth2/token", data=form).json()["access_token"])
        self.client.headers["Authorization"] = f"Bearer {token}"
        return token

    @property
    def token(self) -> str:
        return self.client.headers["Authorization"].removeprefix("Bearer ")

    def admin(self, method: str, path: str, body: Json = None, **query: str) -> Json:
        answer = self.desk.request(method, f"/{path}", json=body, params=query)
        assert answer.status_code == 200, answer.text
        value: Json = answer.json()
        return value

    def fault(self, **fault: Json) -> None:
        self.admin("POST", "faults", fault)

    def found(self, soql: str) -> list[Json]:
        """Return what a query finds behind the API's back."""
        records = at(self.admin("GET", "query", q=soql), "records")
        assert isinstance(records, list)
        return records

    def id_of(self, soql: str) -> str:
        return str(at(self.found(soql)[0], "Id"))

    def order(self, **fields: Json) -> JsonObject:
        return {
            "AccountId": self.id_of("SELECT Id FROM Account WHERE AccountNumber = 'C-10001'"),
            "Pricebook2Id": self.id_of("SELECT Id FROM Pricebook2 WHERE Name = 'Portal'"),
            "EffectiveDate": "2026-11-22",
            "Status": "Draft",
            "Type": "SIM",
            **fields,
        }

    def create_order(self, **fields: Json) -> str:
        """Let an agent make an order by hand."""
        made = self.admin("POST", "agent", {"object": "Order", "fields": self.order(**fields)})
        return str(at(made, "id"))

    def approve(self, count: int) -> list[str]:
        """Let an agent make and approve orders; return their ids."""
        return [self.create_order(Status="Approved") for _ in range(count)]


class Subscriber:
    """A client of the Pub/Sub API."""

    def __init__(self, org: RunningOrg, *, tls: bool = False) -> None:
        addresses = org.addresses
        if tls:
            credentials = grpc.ssl_channel_credentials(Path(addresses["ca_file"]).read_bytes())
            self.channel = grpc.secure_channel(addresses["grpc_tls"], credentials)
        else:
            self.channel = grpc.insecure_channel(addresses["grpc"])
        self.headers = {
            "accesstoken": org.token,
            "instanceurl": addresses["http"],
            "tenantid": addresses["org_id"],
        }
        self.asking: queue.SimpleQueue[messages.FetchRequest | None] = queue.SimpleQueue()
        self.responses: Iterator[messages.FetchResponse] | None = None

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        return tuple(self.headers.items())

    def topic(self, name: str) -> messages.TopicInfo:
        call = self.channel.unary_unary(
            "/eventbus.v1.PubSub/GetTopic",
            messages.TopicRequest.SerializeToString,
            messages.TopicInfo.FromString,
        )
        answer: messages.TopicInfo = call(
            messages.TopicRequest(topic_name=name), metadata=self.metadata, timeout=10
        )
        return answer

    def schema(self, schema_id: str) -> str:
        call = self.channel.unary_unary(
            "/eventbus.v1.PubSub/GetSchema",
            messages.SchemaRequest.SerializeToString,
            messages.SchemaInfo.FromString,
        )
        answer: messages.SchemaInfo = call(
            messages.SchemaRequest(schema_id=schema_id), metadata=self.metadata, timeout=10
        )
        return answer.schema_json

    def publish(self, *events: messages.ProducerEvent) -> messages.PublishResponse:
        call = self.channel.unary_unary(
            "/eventbus.v1.PubSub/Publish",
            messages.PublishRequest.SerializeToString,
            messages.PublishResponse.FromString,
        )
        request = messages.PublishRequest(topic_name=PROVISION, events=events)
        answer: messages.PublishResponse = call(request, metadata=self.metadata, timeout=10)
        return answer

    def subscribe(
        self, topic: str, preset: messages.ReplayPreset, number: int = 100, replay_id: bytes = b""
    ) -> None:
        call = self.channel.stream_stream(
            "/eventbus.v1.PubSub/Subscribe",
            messages.FetchRequest.SerializeToString,
            messages.FetchResponse.FromString,
        )
        self.asking = queue.SimpleQueue()
        self.ask(number, topic=topic, preset=preset, replay_id=replay_id)
        self.responses = call(iter(self.asking.get, None), metadata=self.metadata, timeout=30)

    def ask(
        self,
        number: int,
        *,
        topic: str = "",
        preset: messages.ReplayPreset = messages.LATEST,
        replay_id: bytes = b"",
    ) -> None:
        self.asking.put(
            messages.FetchRequest(
                topic_name=topic, replay_preset=preset, replay_id=replay_id, num_requested=number
            )
        )

    def next(self) -> messages.FetchResponse:
        assert self.responses is not None
        return next(self.responses)

    def read(self, event: messages.ConsumerEvent) -> Json:
        """Return what an event says."""
        schema = parse_schema(json.loads(self.schema(event.event.schema_id)))
        value: Json = json.loads(json.dumps(schemaless_reader(io.BytesIO(event.event.payload), schema, None)))
        return value

    def close(self) -> None:
        self.asking.put(None)
        self.channel.close()


def trailers_of(error: grpc.RpcError) -> dict[str, str]:
    """Return the trailers of a call that was refused."""
    assert isinstance(error, grpc.Call)
    return {entry.key: str(entry.value) for entry in error.trailing_metadata()}


@contextmanager
def running_org(*arguments: str) -> Iterator[RunningOrg]:
    """Run the org for as long as this lasts."""
    command = [sys.executable, "-m", "ordering_sandbox.salesforce", "--port", "0", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        org = RunningOrg(json.loads(process.stdout.readline()))
        try:
            yield org
        finally:
            org.client.close()
            org.desk.close()
            process.stdin.close()
            assert process.wait(15) == 0


@contextmanager
def subscribed(org: RunningOrg, *, tls: bool = False) -> Iterator[Subscriber]:
    """Open a client of the Pub/Sub API for as long as this lasts."""
    subscriber = Subscriber(org, tls=tls)
    try:
        yield subscriber
    finally:
        subscriber.close()
