"""What the adapter makes of answers that no installation of the sandbox gives."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from ordering_adapters.whmcs import (
    NewClient,
    WhmcsApi,
    WhmcsBilling,
    WhmcsClients,
    WhmcsProducts,
    WhmcsSettings,
)
from ordering_adapters.whmcs.remembered import STATUS_AGE, KnownOrder, Remembered
from ordering_core.domain.billing import BillingLine, NewBillingOrder
from ordering_core.domain.identifiers import (
    BillingOrderId,
    BillingProductId,
    ClientId,
    OrderId,
    OrderItemId,
    ServiceId,
)
from ordering_core.domain.vocabulary import BillingCycle
from ordering_core.errors import OutcomeUnknown, PortError, Refused, Unavailable
from ordering_core.testing.clocks import ManualClock
from ordering_core.testing.contracts.outside import FLAT


ORDER = OrderId("801000000000001AAA")
ITEM = OrderItemId("802000000000001AAA")
FIELD = {"id": 7, "name": "SalesforceOrderItemId"}
PRODUCTS = {"products": {"product": [{"pid": 202, "customfields": {"customfield": [FIELD]}}]}}
SERVICE = {
    "id": "31",
    "clientid": "5",
    "orderid": "41",
    "pid": "202",
    "billingcycle": "Monthly",
    "recurringamount": "1777.00",
    "status": "Pending",
    "customfields": {"customfield": [{**FIELD, "value": ITEM}]},
}
ORDER_ROW = {"id": 41, "notes": ORDER, "status": "Pending"}

Answers = Mapping[str, Mapping[str, object]]


def installation(answers: Answers) -> tuple[WhmcsApi, list[str], ManualClock]:
    """Return an installation that gives these answers, and the names of the actions that it was asked for."""
    clock = ManualClock(datetime(2026, 6, 3, 3, tzinfo=UTC))
    api = WhmcsApi(WhmcsSettings(url="https://billing.example", identifier="i", secret="s"), clock)
    called: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        action = dict(httpx.QueryParams(request.content.decode()))["action"]
        called.append(action)
        return httpx.Response(200, json={"result": "success", **answers[action]})

    api._client = httpx.Client(base_url=api.settings.base, transport=httpx.MockTransport(answer))
    return api, called, clock


def billing(api: WhmcsApi) -> WhmcsBilling:
    return WhmcsBilling(api, WhmcsProducts(api), mark_proved=True)


def order() -> NewBillingOrder:
    line = BillingLine(
        item=ITEM, product=BillingProductId(202), cycle=BillingCycle.MONTHLY, price=Decimal(1777)
    )
    return NewBillingOrder(client=ClientId(5), reference=ORDER, gateway="stripe", lines=(line,))


@pytest.mark.parametrize("answer", [{}, {"orderid": ""}, {"orderid": "0"}, {"orderid": None}], ids=repr)
def test_a_success_without_an_order_is_an_outcome_that_nobody_knows(answer: dict[str, object]) -> None:
    api, _, _ = installation({"GetProducts": PRODUCTS, "AddOrder": answer})
    with pytest.raises(OutcomeUnknown):
        billing(api).add(order())


UNHEARD: Mapping[str, object] = {"result": "error", "message": "Hook: 接続に失敗しました"}
HERE: Mapping[str, object] = {"products": {"product": [SERVICE]}}
NOT_HERE: Mapping[str, object] = {"products": {"product": ""}}


@pytest.mark.parametrize(
    ("found", "proved", "error"),
    [
        (NOT_HERE, True, Refused),
        (HERE, True, OutcomeUnknown),
        (NOT_HERE, False, OutcomeUnknown),
        ({"result": "maintenance"}, True, OutcomeUnknown),
        ({"result": "error", "message": "Client Id Not Found"}, True, Refused),
        ({"result": "error", "message": "Invalid IP 192.0.2.1"}, True, OutcomeUnknown),
    ],
    ids=["absent", "there", "no proof", "not to be read", "nobody", "not allowed"],
)
def test_a_refusal_in_words_that_nobody_knows_is_one_only_where_a_look_shows_nothing(
    found: Mapping[str, object], *, proved: bool, error: type[PortError]
) -> None:
    api, called, _ = installation(
        {
            "GetProducts": PRODUCTS,
            "AddOrder": UNHEARD,
            "GetClientsProducts": found,
            "GetOrders": {"orders": {"order": [ORDER_ROW]}},
        }
    )
    whmcs = WhmcsBilling(api, WhmcsProducts(api), mark_proved=proved)
    with pytest.raises(error) as raised:
        whmcs.add(order())
    assert "接続" not in str(raised.value)
    assert called.count("AddOrder") == 1


def test_a_refusal_in_known_words_is_one_without_a_look() -> None:
    closed = {"result": "error", "message": "Unable to add order when client status is Closed"}
    api, called, _ = installation({"GetProducts": PRODUCTS, "AddOrder": closed})
    with pytest.raises(Refused):
        billing(api).add(order())
    assert called == ["GetProducts", "AddOrder"]


def test_a_client_without_an_id_is_an_outcome_that_nobody_knows() -> None:

    nobody = {"result": "error", "message": "Client Not Found"}
    api, _, _ = installation({"GetClientsDetails": nobody, "AddClient": {}})
    new = NewClient(email="a@b.example", first_name="a", last_name="b", phone="0", address=FLAT)
    with pytest.raises(OutcomeUnknown):
        WhmcsClients(api).add(new)


@pytest.mark.parametrize(
    ("status", "error"), [("Active", None), ("Pending", Refused), ("Cancelled", Refused), ("Fraud", Refused)]
)
def test_a_module_that_fails_is_no_failure_once_the_order_is_active(
    status: str, error: type[PortError] | None
) -> None:
    said = {"result": "error", "message": "Connection to server 192.0.2.1 failed"}
    api, called, _ = installation(
        {"AcceptOrder": said, "GetOrders": {"orders": {"order": [{"id": 41, "status": status}]}}}
    )
    if error is None:
        billing(api).accept(BillingOrderId(41))
    else:
        with pytest.raises(error) as raised:
            billing(api).accept(BillingOrderId(41))
        assert "192.0.2.1" not in str(raised.value)
    assert called == ["AcceptOrder", "GetOrders"]


def test_an_order_that_cannot_be_read_after_a_refusal_is_not_known_to_be_refused() -> None:
    said = {"result": "error", "message": "Order ID not found or Status not Pending"}
    api, _, _ = installation({"AcceptOrder": said, "GetOrders": {"result": "maintenance"}})
    with pytest.raises(Unavailable):
        billing(api).accept(BillingOrderId(41))


def test_services_of_another_client_are_nobody_of_ours() -> None:
    stranger = {**SERVICE, "clientid": "6", "status": "Active"}
    api, _, _ = installation({"GetClientsProducts": {"products": {"product": [stranger]}}})
    assert billing(api).find(ClientId(5), ORDER) == ()
    assert billing(api).active_products(ClientId(5)) == {}


def test_a_price_that_cannot_be_read_is_none_that_was_quoted() -> None:
    broken = {**SERVICE, "recurringamount": ""}
    api, _, _ = installation(
        {
            "GetClientsProducts": {"products": {"product": [broken]}},
            "GetOrders": {"orders": {"order": [ORDER_ROW]}},
        }
    )
    (found,) = billing(api).find(ClientId(5), ORDER)
    assert [service.price for service in found.services] == [Decimal(-1)]


def test_a_status_is_believed_for_a_minute() -> None:
    api, called, clock = installation(
        {
            "GetClientsProducts": {"totalresults": 1, "products": {"product": [SERVICE]}},
            "GetOrders": {"totalresults": 1, "orders": {"order": [ORDER_ROW]}},
        }
    )
    whmcs = billing(api)
    for _ in range(2):
        assert len(whmcs.find(ClientId(5), ORDER)) == 1
    assert called == ["GetClientsProducts", "GetOrders", "GetClientsProducts"]
    clock.advance(STATUS_AGE)
    whmcs.find(ClientId(5), ORDER)
    assert called.count("GetOrders") == 1
    clock.advance(STATUS_AGE / 60)
    whmcs.find(ClientId(5), ORDER)
    assert called.count("GetOrders") == 2


def test_an_answer_that_drips_beyond_its_time_is_given_up() -> None:
    api, _, _ = installation({"GetOrders": {}})
    api.timeout = 0.0
    with pytest.raises(Unavailable):
        api.read("GetOrders")


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "http://elsewhere.example/"])
def test_a_link_that_is_not_safe_is_not_given_to_a_customer(url: str) -> None:
    api, _, _ = installation({"CreateSsoToken": {"redirect_url": url}})
    with pytest.raises(Unavailable) as raised:
        billing(api).card_entry_url(ClientId(5))
    assert "elsewhere" not in str(raised.value)


def test_what_is_remembered_has_an_end() -> None:
    remembered = Remembered()
    known = KnownOrder(reference=ORDER, status="Pending", at=datetime(2026, 6, 3, tzinfo=UTC))
    for number in range(1, 10_002):
        remembered.keep_order(BillingOrderId(number), known)
        remembered.keep_product(ServiceId(number), BillingProductId(202))
    assert remembered.order(BillingOrderId(1)) is None
    assert remembered.order(BillingOrderId(2)) == known
    assert remembered.product(ServiceId(1)) is None
    assert remembered.product(ServiceId(10_001)) == 202
