"""The WHMCS as a process: addresses, TLS, lost and late and doubled calls, its clock, a restart."""

from __future__ import annotations

import ssl
import threading

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ordering_sandbox.json_values import Json
from tests.journeys.sandbox.whmcs_process import API, RunningWhmcs, running_whmcs
from tests.unit.sandbox.orgs import at, listed


pytestmark = pytest.mark.whmcs_sim

ADDING = "action=AddOrder"


@pytest.fixture(scope="module")
def one_whmcs() -> Iterator[RunningWhmcs]:
    with running_whmcs() as whmcs:
        yield whmcs


@pytest.fixture
def whmcs(one_whmcs: RunningWhmcs) -> RunningWhmcs:
    """Return an installation as its seed left it."""
    one_whmcs.admin("POST", "reset")
    return one_whmcs


def test_the_line_it_prints_says_where_it_is_and_who_may_call(whmcs: RunningWhmcs) -> None:
    assert whmcs.addresses.keys() == {"http", "https", "admin", "ca_file", "identifier", "secret"}
    assert at(whmcs.call("WhmcsDetails"), "whmcs", "version") == "8.13.1"


def test_it_is_reached_over_tls_by_who_trusts_its_authority(whmcs: RunningWhmcs) -> None:
    trusting = ssl.create_default_context(cafile=whmcs.addresses["ca_file"])
    with httpx.Client(verify=trusting, trust_env=False) as client:
        answer = client.post(f"{whmcs.addresses['https']}{API}", data=whmcs.form("WhmcsDetails"))
        assert answer.json()["result"] == "success"
        link = client.post(
            f"{whmcs.addresses['https']}{API}", data=whmcs.form("CreateSsoToken", client_id="9001")
        ).json()["redirect_url"]
        assert link.startswith(whmcs.addresses["https"])
        assert client.get(link, follow_redirects=True).status_code == 200
    with httpx.Client(trust_env=False) as distrusting, pytest.raises(httpx.ConnectError):
        distrusting.post(f"{whmcs.addresses['https']}{API}", data=whmcs.form("WhmcsDetails"))


@pytest.mark.parametrize(("kind", "added"), [("lost_before_commit", 0), ("lost_after_commit", 1)])
def test_a_lost_call_has_added_an_order_or_not(whmcs: RunningWhmcs, kind: str, added: int) -> None:
    whmcs.fault(kind=kind, body=ADDING)
    with pytest.raises(httpx.TransportError):
        whmcs.order()
    assert whmcs.orders() == added
    whmcs.order()
    assert whmcs.orders() == added + 1


def test_a_call_that_is_given_up_may_add_its_order_later(whmcs: RunningWhmcs) -> None:
    whmcs.fault(kind="slow_then_committed", body=ADDING, seconds=0.3)
    with pytest.raises(httpx.ReadTimeout):
        whmcs.client.post(
            API,
            data=whmcs.form("AddOrder", clientid="9001", paymentmethod="stripe", **{"pid[0]": "101"}),
            timeout=0.05,
        )
    assert whmcs.orders() == 0
    committed = threading.Event()
    for _ in range(100):
        if whmcs.orders() == 1:
            break
        committed.wait(0.05)
    assert whmcs.orders() == 1


def test_a_call_that_is_delivered_twice_adds_two_orders(whmcs: RunningWhmcs) -> None:
    whmcs.fault(kind="delivered_twice", body=ADDING)
    assert at(whmcs.order(), "result") == "success"
    assert whmcs.orders() == 2


@pytest.mark.parametrize(
    ("failure", "status", "added"),
    [
        ("HTML", 200, 0),
        ("HTML_AFTER_COMMIT", 200, 1),
        ("EMPTY_AFTER_COMMIT", 200, 1),
        ("PHP_NOTICE", 200, 1),
        ("TOO_MANY_REQUESTS", 429, 0),
        ("SERVER_ERROR", 500, 0),
        ("SERVER_ERROR_AFTER_COMMIT", 500, 1),
        ("BAD_GATEWAY", 502, 0),
        ("SERVICE_UNAVAILABLE", 503, 0),
        ("GATEWAY_TIMEOUT", 504, 0),
        ("GATEWAY_TIMEOUT_AFTER_COMMIT", 504, 1),
    ],
)
def test_what_stands_in_between_answers_in_its_own_way(
    whmcs: RunningWhmcs, failure: str, status: int, added: int
) -> None:
    whmcs.fault(kind="answer", body=ADDING, failure=failure)
    form = whmcs.form("AddOrder", clientid="9001", paymentmethod="stripe", **{"pid[0]": "101"})
    answer = whmcs.client.post(API, data=form)
    assert answer.status_code == status
    with pytest.raises(ValueError, match=r"Expecting value|JSON"):
        answer.json()
    assert whmcs.orders() == added
    assert failure in str(whmcs.admin("GET", "failures"))


def test_an_action_can_be_refused_on_purpose(whmcs: RunningWhmcs) -> None:
    whmcs.fault(kind="error", target="AddOrder", failure="Out of stock", times=2)
    answers: list[Json] = [whmcs.order() for _ in range(3)]
    assert [at(answer, "result") for answer in answers] == ["error", "error", "success"]
    assert at(answers[0], "message") == "Out of stock"


def test_calls_are_counted_by_action_and_hold_no_parameters(whmcs: RunningWhmcs) -> None:
    whmcs.order()
    whmcs.call("getorders", userid="9001")
    whmcs.call("GetOrders", userid="9001")
    whmcs.call("personal@customer.example")
    assert whmcs.counts() == {"AddOrder": 1, "GetOrders": 2, "unknown action": 1}
    assert "9001" not in str(at(whmcs.admin("GET", "calls"), "calls", 1))


def test_the_clock_and_the_daily_job_move_with_the_admin(whmcs: RunningWhmcs) -> None:
    whmcs.admin("PUT", "clock", {"at": "2026-11-22T09:00:00+09:00", "stopped": True})
    order = whmcs.order()
    whmcs.call("AddInvoicePayment", invoiceid=str(at(order, "invoiceid")), transid="t1", gateway="stripe")
    service = str(at(order, "serviceids"))
    whmcs.call("UpdateClientProduct", serviceid=service, status="Active")
    assert at(whmcs.admin("POST", "daily"), "invoices") == []
    whmcs.admin("PUT", "clock", {"at": "2026-12-08T09:00:00+09:00"})
    [invoice] = listed(whmcs.admin("POST", "daily"), "invoices")
    billed = whmcs.call("GetInvoice", invoiceid=str(invoice))
    assert (at(billed, "duedate"), at(billed, "total")) == ("2026-12-22", "4950.00")
    assert at(whmcs.admin("POST", "daily"), "invoices") == []
    whmcs.call("AddCancelRequest", serviceid=service, type="Immediate")
    assert at(whmcs.admin("POST", "daily"), "cancelled") == [int(service)]


def test_switches_and_rows_are_set_read_and_refused_over_the_admin_endpoint(whmcs: RunningWhmcs) -> None:
    assert at(whmcs.admin("PUT", "switches", {"notes_at_order": False}), "notes_at_order") is False
    whmcs.order(notes="801A")
    assert at(whmcs.admin("GET", "rows", table="orders"), 0, "notes") == ""
    whmcs.admin("PUT", "rows", {"table": "paymethods", "id": 201, "values": {"expiry_date": "01/20"}})
    assert at(whmcs.call("GetPayMethods", clientid="9001"), "paymethods", 0, "expiry_date") == "01/20"
    whmcs.admin("DELETE", "rows", {"table": "paymethods", "values": {"clientid": 9001}})
    assert at(whmcs.call("GetPayMethods", clientid="9001"), "paymethods") == []
    for method, path, body in (
        ("PUT", "switches", {"nonsense": True}),
        ("PUT", "rows", {"table": "clients", "id": 9001, "values": {"colour": "red"}}),
        ("DELETE", "rows", {"table": "clients", "values": {}}),
        ("POST", "rows", {"nonsense": []}),
        ("POST", "faults", {"kind": "nonsense"}),
        ("POST", "faults", {"kind": "answer", "failure": "NONSENSE"}),
    ):
        answer = whmcs.desk.request(method, f"/{path}", json=body)
        assert answer.status_code == 400, path
        assert answer.json()["error"]
    assert "POST /admin/daily" in whmcs.desk.get("/nonsense").json()["actions"]
    whmcs.admin("POST", "reset")
    assert at(whmcs.admin("GET", "switches"), "notes_at_order") is True


def test_two_orders_at_once_are_two_orders(whmcs: RunningWhmcs) -> None:
    def add() -> None:
        with httpx.Client(base_url=whmcs.addresses["http"], trust_env=False) as client:
            for _ in range(5):
                form = whmcs.form("AddOrder", clientid="9001", paymentmethod="stripe", **{"pid[0]": "101"})
                assert client.post(API, data=form).json()["result"] == "success"

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = whmcs.admin("GET", "rows", table="orders")
    assert isinstance(rows, list)
    assert len({str(at(row, "id")) for row in rows}) == 20
    assert len({str(at(row, "invoiceid")) for row in rows}) == 20


def test_with_a_database_orders_and_switches_outlive_the_process(tmp_path: Path) -> None:
    database = str(tmp_path / "whmcs.sqlite3")
    with running_whmcs("--database", database, "--tls", str(tmp_path)) as first:
        first.order(notes="801A")
        first.admin("PUT", "switches", {"ids": "texts"})
        authority = Path(first.addresses["ca_file"]).read_bytes()
    with running_whmcs("--database", database, "--tls", str(tmp_path)) as second:
        assert at(second.call("GetOrders"), "orders", "order", 0, "notes") == "801A"
        assert at(second.call("GetOrders"), "orders", "order", 0, "userid") == "9001"
        assert Path(second.addresses["ca_file"]).read_bytes() == authority
