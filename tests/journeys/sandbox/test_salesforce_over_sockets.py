"""The org over real sockets: clients that others wrote, what the network does, the admin endpoint."""

import json
import signal
import socket
import subprocess
import sys
import time

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import requests

from simple_salesforce.api import Salesforce, SFType
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
)

from ordering_sandbox.json_values import Json
from tests.journeys.sandbox.running import DATA, RunningOrg, running_org
from tests.unit.sandbox.orgs import at, listed


def trusting_session(org: RunningOrg) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.verify = org.addresses["ca_file"]
    return session


@pytest.fixture
def sf(org: RunningOrg) -> Salesforce:
    """Return an unmodified simple-salesforce whose session trusts the sandbox's authority."""
    return Salesforce(
        session_id=org.token,
        instance_url=org.addresses["https"],
        session=trusting_session(org),
        version="66.0",
    )


def test_simple_salesforce_writes_reads_changes_and_deletes_rows(org: RunningOrg, sf: Salesforce) -> None:
    orders = sf.Order
    assert isinstance(orders, SFType)
    made: Json = orders.create(dict(org.order(Portal_Request_Key__c="a/b c")))
    order = str(at(made, "id"))
    assert at(orders.get(order), "Status") == "Draft"
    assert orders.update(order, {"PoNumber": "1"}) == 204
    assert orders.upsert("Portal_Request_Key__c/a%2Fb%20c", {"PoNumber": "2"}) == 200
    found = sf.query(f"SELECT PoNumber FROM Order WHERE Id = '{order}'")
    assert at(found, "records", 0, "PoNumber") == "2"
    assert orders.delete(order) == 204
    assert at(sf.query("SELECT COUNT() FROM Order"), "totalSize") == 0
    names = {str(at(kind, "name")) for kind in listed(sf.describe(), "sobjects")}
    assert names > {"Order", "OrderItem", "Opportunity", "Case"}
    assert at(orders.describe(), "keyPrefix") == "801"
    assert at(sf.limits(), "DailyApiRequests", "Max") == 100_000


def test_simple_salesforce_pages_to_the_end(org: RunningOrg, sf: Salesforce) -> None:
    org.admin("PUT", "switches", {"largest_batch": 20})
    found = sf.query_all("SELECT Id, Product2.StockKeepingUnit FROM PricebookEntry ORDER BY Id")
    org.admin("PUT", "switches", {"largest_batch": 2000})
    assert len(found["records"]) == found["totalSize"] == 108
    assert len({record["Id"] for record in found["records"]}) == 108
    assert at(org.admin("GET", "calls"), "total") == 6


def test_simple_salesforce_places_an_order_in_two_calls(org: RunningOrg, sf: Salesforce) -> None:
    org.admin("DELETE", "calls")
    query = (
        "SELECT Id, UnitPrice FROM PricebookEntry WHERE Pricebook2.Name = 'Portal'"
        " AND Product2.StockKeepingUnit = 'SIM-DATA-3GB'"
    )
    (entry,) = sf.query(query)["records"]
    body = {
        "allOrNone": True,
        "collateSubrequests": False,
        "compositeRequest": [
            {
                "method": "POST",
                "url": f"{DATA}/sobjects/Order",
                "referenceId": "ord",
                "body": org.order(Portal_Request_Key__c="k"),
            },
            {
                "method": "POST",
                "url": f"{DATA}/composite/sobjects",
                "referenceId": "items",
                "body": {
                    "allOrNone": True,
                    "records": [
                        {
                            "attributes": {"type": "OrderItem"},
                            "OrderId": "@{ord.id}",
                            "PricebookEntryId": entry["Id"],
                            "Quantity": 1,
                            "UnitPrice": entry["UnitPrice"],
                        }
                    ],
                },
            },
        ],
    }
    answers = listed(sf.restful("composite", method="POST", json=body), "compositeResponse")
    assert [at(answer, "httpStatusCode") for answer in answers] == [201, 200]
    again = sf.restful("composite", method="POST", json=body)
    assert at(again, "compositeResponse", 0, "body", 0, "errorCode") == "DUPLICATE_VALUE"
    assert at(org.admin("GET", "calls"), "total") == 3
    assert len(org.found("SELECT Id FROM OrderItem")) == 1


def test_simple_salesforce_raises_what_it_raises_for_salesforce(org: RunningOrg, sf: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest) as malformed:
        sf.query("SELECT Nonsense FROM Order")
    refusal: object = malformed.value.content
    assert "INVALID_FIELD" in str(refusal)
    org.fault(kind="answer", failure="CONCURRENT_REQUESTS_LIMIT")
    with pytest.raises(SalesforceRefusedRequest):
        sf.query("SELECT Id FROM Order")
    org.admin("DELETE", "tokens")
    with pytest.raises(SalesforceExpiredSession):
        sf.query("SELECT Id FROM Order")


def test_simple_salesforce_uploads_a_file(org: RunningOrg, sf: Salesforce) -> None:
    meta = {"Title": "card", "PathOnClient": "card.jpg"}
    data = bytes(range(256)) * 200
    made = sf.restful(
        "sobjects/ContentVersion",
        method="POST",
        headers={"Content-Type": None},
        files={
            "entity_content": (None, json.dumps(meta), "application/json"),
            "VersionData": ("card.jpg", data, "application/octet-stream"),
        },
    )
    content = org.client.get(f"{DATA}/sobjects/ContentVersion/{at(made, 'id')}/VersionData")
    assert content.content == data


@pytest.mark.parametrize("login", ["jwt", "client credentials"])
def test_simple_salesforce_logs_in_by_salesforces_own_host_names(org: RunningOrg, login: str) -> None:
    session = trusting_session(org)
    session.proxies = {"https": org.addresses["proxy"]}
    if login == "jwt":
        sf = Salesforce(
            username=org.addresses["username"],
            consumer_key=org.addresses["client_id"],
            privatekey_file=org.addresses["jwt_key_file"],
            domain="acme.my",
            session=session,
            version="66.0",
        )
    else:
        sf = Salesforce(
            consumer_key=org.addresses["client_id"],
            consumer_secret=org.addresses["client_secret"],
            domain="acme.my",
            session=session,
            version="66.0",
        )
    assert sf.sf_instance == "acme.my.salesforce.com"
    assert sf.query("SELECT COUNT() FROM Product2")["totalSize"] == 54
    org.admin("DELETE", "tokens")
    assert sf.query("SELECT COUNT() FROM Product2")["totalSize"] == 54


def test_the_proxy_leads_nowhere_else(org: RunningOrg) -> None:
    proxy = org.addresses["proxy"]
    with httpx.Client(proxy=proxy, trust_env=False) as client:
        with pytest.raises(httpx.ProxyError):
            client.get("https://example.org/")
        assert client.get("http://example.org/").status_code == 502


def test_who_does_not_know_the_authority_does_not_talk_to_it(org: RunningOrg) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{org.addresses['https']}/services/data", trust_env=False)


def test_a_body_may_come_in_chunks_and_a_path_may_end_with_a_slash(org: RunningOrg) -> None:
    body = json.dumps(org.order()).encode()
    answer = org.client.post(
        f"{DATA}/sobjects/Order/",
        content=iter([body[:10], body[10:20], body[20:]]),
        headers={"Content-Type": "application/json"},
    )
    assert answer.request.headers["Transfer-Encoding"] == "chunked"
    assert answer.status_code == 201


# --- what the network does to calls ------------------------------------------------------------------------


def place(org: RunningOrg, key: str, timeout: float = 10) -> httpx.Response:
    body = org.order(Portal_Request_Key__c=key)
    return org.client.post(f"{DATA}/sobjects/Order", json=body, timeout=timeout)


def keys(org: RunningOrg) -> list[Json]:
    return [
        at(order, "Portal_Request_Key__c") for order in org.found("SELECT Portal_Request_Key__c FROM Order")
    ]


def test_a_call_lost_before_commit_did_nothing(org: RunningOrg) -> None:
    org.fault(kind="lost_before_commit", method="POST", path="/sobjects/Order")
    with pytest.raises(httpx.RemoteProtocolError):
        place(org, "k")
    assert keys(org) == []
    assert place(org, "k").status_code == 201


def test_a_call_lost_after_commit_did_everything(org: RunningOrg) -> None:
    org.fault(kind="lost_after_commit", body='"k"')
    assert place(org, "j").status_code == 201
    with pytest.raises(httpx.RemoteProtocolError):
        place(org, "k")
    assert keys(org) == ["j", "k"]
    assert at(org.admin("GET", "calls"), "calls", -1, "status") == 0


def test_a_late_answer_is_to_something_done_at_once(org: RunningOrg) -> None:
    org.fault(kind="delay", path="/sobjects/Order", seconds=0.6)
    with pytest.raises(httpx.ReadTimeout):
        place(org, "k", timeout=0.2)
    assert keys(org) == ["k"]


def test_a_slow_call_is_still_done_after_its_client_gave_up(org: RunningOrg) -> None:
    org.fault(kind="slow_then_committed", path="/sobjects/Order", seconds=0.4)
    with pytest.raises(httpx.ReadTimeout):
        place(org, "k", timeout=0.1)
    assert keys(org) == []
    deadline = time.monotonic() + 10
    while not keys(org):
        assert time.monotonic() < deadline
    assert keys(org) == ["k"]


def test_the_edge_answers_with_pages(org: RunningOrg) -> None:
    for name, status in (("TOO_MANY_REQUESTS", 429), ("SERVER_UNAVAILABLE_PAGE", 503), ("NO_ROUTE", 420)):
        org.fault(kind="answer", failure=name)
        answer = org.client.get(f"{DATA}/limits")
        assert answer.status_code == status
        assert answer.headers["Content-Type"].startswith("text/html")


def test_long_headers_are_refused_by_the_edge(org: RunningOrg) -> None:
    answer = org.client.get(f"{DATA}/limits", headers={"X-Long": "x" * 16_384})
    assert answer.status_code == 431


# --- the admin endpoint ------------------------------------------------------------------------------------


def test_the_clock_is_set_moved_and_stopped(org: RunningOrg) -> None:
    org.admin("PUT", "clock", {"at": "2027-01-01T09:00:00+09:00", "stopped": True})
    assert org.admin("GET", "clock") == {"now": "2027-01-01T00:00:00+00:00", "stopped": True}
    org.log_in()
    order = org.create_order()
    org.admin("PUT", "clock", {"advance_seconds": 3600})
    org.admin("POST", "agent", {"object": "Order", "id": order, "fields": {"PoNumber": "1"}})
    (found,) = org.found("SELECT CreatedDate, SystemModstamp FROM Order")
    assert at(found, "CreatedDate") == "2027-01-01T00:00:00.000+0000"
    assert at(found, "SystemModstamp") == "2027-01-01T01:00:00.000+0000"
    org.admin("PUT", "clock", {"advance_seconds": timedelta(hours=2).total_seconds()})
    assert org.client.get(f"{DATA}/limits").status_code == 401
    for wrong in ({"at": "soon"}, {"at": "2027-01-01T00:00:00"}, {"advance_seconds": "1"}):
        assert org.desk.put("/clock", json=wrong).status_code == 400
    org.admin("PUT", "clock", {"at": "2026-11-22T00:00:00Z", "stopped": False})
    assert at(org.admin("GET", "clock"), "stopped") is False


def test_calls_are_counted_with_their_sizes(org: RunningOrg) -> None:
    org.admin("DELETE", "calls")
    org.create_order()
    place(org, "k")
    place(org, "j")
    org.client.get(f"{DATA}/sobjects/Order/801IS0000000001YAA?fields=Name")
    counted = org.admin("GET", "calls")
    sums = [(at(each, "method"), at(each, "path"), at(each, "count")) for each in listed(counted, "by_path")]
    assert sums == [
        ("GET", f"{DATA}/sobjects/Order/{{}}", 1),
        ("POST", f"{DATA}/sobjects/Order", 2),
    ]
    first = at(counted, "calls", 0)
    assert int(str(at(first, "bytes_in"))) > 200
    assert int(str(at(first, "bytes_out"))) > 40
    assert "fields" not in str(counted)


def test_an_agent_works_under_rules_and_behind_locks(org: RunningOrg) -> None:
    wrong = org.desk.post("/agent", json={"object": "Order", "fields": {}})
    assert wrong.status_code == 400
    assert wrong.json()["error"].startswith("REQUIRED_FIELD_MISSING")
    order = org.create_order()
    org.admin("POST", "agent", {"object": "Order", "id": order})
    assert org.found("SELECT Id FROM Order") == []
    assert org.desk.post("/agent", json={"object": "Nonsense"}).status_code == 400


def test_many_records_are_planted_at_once(org: RunningOrg) -> None:
    records: list[Json] = [
        {"attributes": {"type": "Account"}, "Name": f"Customer {number}", "AccountNumber": f"N-{number}"}
        for number in range(2000)
    ]
    assert len(listed(org.admin("POST", "records", records))) == 2000
    assert at(org.admin("GET", "query", q="SELECT COUNT() FROM Account"), "totalSize") == 2002
    nonsense: tuple[Json, ...] = (
        [{"attributes": {"type": "Nonsense"}}],
        [{"attributes": {"type": "Account"}, "X": 1}],
        {},
    )
    for wrong in nonsense:
        assert org.desk.post("/records", json=wrong).status_code == 400


def test_categories_of_statuses_are_the_admins_choice(org: RunningOrg) -> None:
    order = org.create_order()
    categories = {"Draft": "Draft", "Approved": "Activated", "Cancelled": "Activated"}
    assert org.admin("PUT", "statuses", categories) == categories
    answer = org.client.patch(f"{DATA}/sobjects/Order/{order}", json={"Status": "Approved"})
    assert answer.json()[0]["errorCode"] == "FAILED_ACTIVATION"
    answer = org.client.patch(f"{DATA}/sobjects/Order/{order}", json={"Status": "Pending Review"})
    assert answer.json()[0]["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert org.desk.put("/statuses", json={"Draft": "Nonsense"}).status_code == 400


def test_fields_are_hidden_and_shown_again(org: RunningOrg) -> None:
    org.admin("PUT", "fields", {"Order.Portal_Request_Key__c": {"access": "none"}})
    assert place(org, "k").json()[0]["errorCode"] == "INVALID_FIELD"
    org.admin("PUT", "fields", {"Order.Portal_Request_Key__c": {}})
    assert org.admin("GET", "fields") == {}
    assert place(org, "k").status_code == 201
    nonsense: tuple[Json, ...] = (
        {"Order.Nonsense": {"access": "none"}},
        {"Order.Name": {"access": "x"}},
        {"X.Y": {"access": "none"}},
    )
    for wrong in nonsense:
        assert org.desk.put("/fields", json=wrong).status_code == 400


def test_what_an_admin_says_wrongly_is_explained(org: RunningOrg) -> None:
    assert "GET /admin/clock" in org.desk.get("/nonsense").json()["actions"]
    nonsense: tuple[Json, ...] = (
        {"kind": "nonsense"},
        {"kind": "delay", "second": 1},
        {"kind": "answer", "failure": "NONSENSE"},
        {"kind": "answer"},
        {"kind": "error", "failure": "NONSENSE"},
        {"kind": "break_stream", "failure": "NONSENSE"},
        [1],
    )
    for wrong in nonsense:
        assert org.desk.post("/faults", json=wrong).status_code == 400
    assert org.desk.put("/switches", json={"nonsense": 1}).status_code == 400
    assert org.desk.put("/switches", json={"largest_batch": "x"}).status_code == 400
    assert org.desk.get("/query", params={"q": "SELECT"}).status_code == 400
    assert org.desk.post("/faults", content=b"{").status_code == 400
    assert "UNABLE_TO_LOCK_ROW" in listed(org.admin("GET", "failures"))
    assert org.admin("GET", "faults") == []


def test_clients_and_refresh_tokens_are_registered(org: RunningOrg) -> None:
    org.admin(
        "PUT", "clients", {"consumer_key": "k", "consumer_secret": "s", "username": org.addresses["username"]}
    )
    refresh = str(at(org.admin("POST", "refresh-tokens", {"consumer_key": "k"}), "refresh_token"))
    form = {"grant_type": "refresh_token", "client_id": "k", "client_secret": "s", "refresh_token": refresh}
    assert org.client.post("/services/oauth2/token", data=form).status_code == 200
    assert org.desk.post("/refresh-tokens", json={"consumer_key": "x"}).status_code == 400


# --- the process -------------------------------------------------------------------------------------------


def test_what_was_written_survives_a_restart(tmp_path: Path) -> None:
    arguments = ("--database", str(tmp_path / "org.sqlite3"), "--tls", str(tmp_path / "tls"))
    with running_org(*arguments) as org:
        place(org, "k")
        org.approve(1)
        org.admin("PUT", "switches", {"largest_batch": 5})
        token, authority = org.token, Path(org.addresses["ca_file"]).read_bytes()
    with running_org(*arguments) as org:
        org.client.headers["Authorization"] = f"Bearer {token}"
        assert org.client.get(f"{DATA}/limits").status_code == 200
        assert keys(org) == ["k", None]
        assert at(org.admin("GET", "switches"), "largest_batch") == 5
        assert len(listed(org.admin("GET", "events", topic="/event/OrderProvisionRequested__e"))) == 1
        assert Path(org.addresses["ca_file"]).read_bytes() == authority
        assert place(org, "j").status_code == 201


def test_an_org_can_be_run_from_a_seed_of_ones_own(tmp_path: Path) -> None:
    seed = {
        "clients": [{"consumer_key": "a", "consumer_secret": "b", "username": "u@x.example"}],
        "records": [
            {"attributes": {"type": "Organization"}, "Id": "00DXX0000000001", "Name": "Mine"},
            {"attributes": {"type": "User"}, "Username": "u@x.example", "Name": "U", "IsActive": True},
            {"attributes": {"type": "Account"}, "Name": "Only", "Phone": None},
        ],
    }
    (tmp_path / "seed.json").write_text(json.dumps(seed), encoding="utf-8")
    with running_org("--seed", str(tmp_path / "seed.json")) as org:
        assert org.addresses["org_id"].startswith("00DXX0000000001")
        assert [at(account, "Name") for account in org.found("SELECT Name FROM Account")] == ["Only"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_and_it_leaves_nothing_behind(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "ordering_sandbox.salesforce", "--detached"]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        addresses = json.loads(process.stdout.readline())
        port = int(addresses["http"].rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            process.send_signal(number)
            assert process.wait(15) == 0
        assert process.stderr.read() == ""
    assert not Path(addresses["ca_file"]).exists()
