"""
The event bus serves a client that is not ours, over TLS. [ci]

It is salesforce-pubsub-api-client on Node, unmodified: it hears approvals and changes, goes on from a place
it kept, and publishes what our own adapter hears. On the budget of tests/ci for Salesforce.
"""

from __future__ import annotations

import json
import os
import subprocess

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import pytest

from ordering_adapters.salesforce.events.hints import ProvisionRequested
from ordering_sandbox.json_values import Json
from tests.contract.event_bus import bus_settings, follower, following, org_of
from tests.contract.sandbox_process import SalesforceProcess
from tests.unit.sandbox.orgs import at


CLIENT: Final = Path(__file__).with_name("pubsub_client.cjs")
PROVISION: Final = "/event/OrderProvisionRequested__e"
CHANGES: Final = "/data/OrderChangeEvent"
PORTAL_BOOK: Final = "SELECT Id FROM Pricebook2 WHERE IsStandard = false"


@pytest.fixture
def org() -> Iterator[SalesforceProcess]:
    org = SalesforceProcess()
    yield org
    org.close()


class Foreigner:
    """The client at work: what it says, and what it is asked to publish."""

    def __init__(self, reads: IO[str], says: IO[str]) -> None:
        self._reads = reads
        self._says = says

    def next(self) -> Json:
        said: Json = json.loads(self._says.readline() or "null")
        assert said is not None, "it said nothing"
        return said

    def publish(self, topic: str, payload: Mapping[str, Json]) -> None:
        self._reads.write(json.dumps({"topic": topic, "payload": payload}) + "\n")
        self._reads.flush()


@contextmanager
def foreigner(
    org: SalesforceProcess, modules: Path, topics: Mapping[str, Json], trusted: str = ""
) -> Iterator[Foreigner]:
    """Let the client follow *topics*, each from a place, or from the earliest event."""
    ready = org.ready
    told = {
        **ready,
        "topics": [{"topic": topic, "replay_id": place} for topic, place in topics.items()],
        "trusted": trusted or ready["ca_file"],
    }
    env = {"PATH": os.environ["PATH"], "NODE_PATH": str(modules), "NODE_EXTRA_CA_CERTS": ready["ca_file"]}
    with subprocess.Popen(
        ["node", str(CLIENT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()
        try:
            yield Foreigner(process.stdin, process.stdout)
        finally:
            process.stdin.close()
            assert process.wait(30) == 0


def approve(org: SalesforceProcess) -> str:
    fields = {
        "AccountId": org.query("SELECT Id FROM Account LIMIT 1")[0]["Id"],
        "Pricebook2Id": org.query(PORTAL_BOOK)[0]["Id"],
        "EffectiveDate": "2026-11-22",
        "Status": "Approved",
        "Type": "SIM",
    }
    return org.write("Order", fields)


def test_it_hears_approvals_that_were_and_that_come_and_goes_on_from_a_place_it_kept(
    org: SalesforceProcess, modules: Path
) -> None:
    orders = [approve(org)]
    places: list[Json] = []
    with foreigner(org, modules, {PROVISION: None}) as client:
        for _ in range(3):
            said = client.next()
            assert at(said, "payload", "Order_Id__c") == orders[-1]
            places.append(at(said, "replay_id"))
            orders.append(approve(org))
    with foreigner(org, modules, {PROVISION: places[1]}) as client:
        assert [at(client.next(), "payload", "Order_Id__c") for _ in range(2)] == orders[2:]


def test_it_reads_from_the_bitmaps_which_fields_changed(org: SalesforceProcess, modules: Path) -> None:
    order = approve(org)
    with foreigner(org, modules, {CHANGES: None}) as client:
        assert at(client.next(), "payload", "ChangeEventHeader", "changeType") == "CREATE"
        org.write("Order", {"Activation_Status__c": "Activating", "BillingCity": "Osaka"}, order)
        header = at(client.next(), "payload", "ChangeEventHeader")
        assert at(header, "recordIds") == [order]
        changed = at(header, "changedFields")
        assert isinstance(changed, list)
        assert "Activation_Status__c" in changed
        assert "BillingAddress.City" in changed
        org.write("Order", {"Activation_Status__c": None}, order)
        assert at(client.next(), "payload", "ChangeEventHeader", "nulledFields") == ["Activation_Status__c"]


def test_our_own_client_hears_what_it_publishes(org: SalesforceProcess, modules: Path) -> None:
    with (
        foreigner(org, modules, {}) as client,
        following(follower(org_of(org.ready), bus_settings(org.ready, tls=True))) as ours,
    ):
        user = str(org.query("SELECT Id FROM User LIMIT 1")[0]["Id"])
        payload: dict[str, Json] = {
            "CreatedDate": 1_795_000_000_000,
            "CreatedById": user,
            "Order_Id__c": {"string": "801000000000001AAA"},
        }
        client.publish(PROVISION, payload)
        hint = ours.heard.next()
    assert isinstance(hint, ProvisionRequested)
    assert hint.order == "801000000000001AAA"


def test_it_does_not_talk_to_who_is_not_certified_by_whom_it_trusts(
    org: SalesforceProcess, modules: Path, tmp_path: Path
) -> None:
    other = SalesforceProcess()
    try:
        stranger = tmp_path / "other.pem"
        stranger.write_bytes(Path(other.ready["ca_file"]).read_bytes())
    finally:
        other.close()
    approve(org)
    with foreigner(org, modules, {PROVISION: None}, trusted=str(stranger)) as client:
        assert "UNAVAILABLE" in str(at(client.next(), "error"))
