"""Orders over HTTP: the list with its pages, one order, and what is done to it."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from ordering_core import Cursor, CustomerId, Draft, OrderId
from ordering_entrypoints.http.principals import Role
from tests.unit.application.shop import ESIM, PORTED_CARD, ROUTER, picture
from tests.unit.entrypoints.api import KEY, Api, kind


def placed(api: Api, customer: CustomerId, *drafts: Draft) -> list[str]:
    """Place *drafts*, a minute apart, and return their orders, newest first."""
    orders = []
    for draft in drafts:
        orders.append(api.place(customer, draft).removeprefix("/orders/"))
        api.world.clock.advance(timedelta(minutes=1))
    return orders[::-1]


def next_of(answer: httpx.Response) -> str | None:
    """Return the path that the Link leads to, below the API."""
    link = answer.headers.get("link")
    if link is None:
        return None
    assert link.startswith("</api/")
    assert link.endswith('>; rel="next"')
    path: str = link[len("</api") : link.index(">")]
    return path


def test_the_list_is_read_page_by_page_newest_first() -> None:
    api = Api()
    customer = api.world.new_customer()
    expected = placed(api, customer, ESIM, ROUTER, ESIM, ROUTER, ESIM)
    path: str | None = "/orders?limit=2"
    seen: list[str] = []
    pages = 0
    while path:
        page = api.call("GET", path, customer)
        assert (page.json()["total"], page.json()["counts"]["Pending"]) == (5, 5)
        seen += [order["id"] for order in page.json()["orders"]]
        path = next_of(page)
        pages += 1
    assert (seen, pages) == (expected, 3)


def test_filters_hold_on_the_next_page_too() -> None:
    api = Api()
    customer = api.world.new_customer()
    everything = placed(api, customer, ESIM, ROUTER, ESIM)
    page = api.call("GET", "/orders?type=SIM&bucket=Pending&search=0&limit=1", customer)
    path = next_of(page)
    assert path is not None
    query = parse_qs(urlsplit(path).query)
    assert (query["type"], query["bucket"], query["search"], query["limit"]) == (
        ["SIM"],
        ["Pending"],
        ["0"],
        ["1"],
    )
    assert query["after"] == [page.json()["orders"][0]["id"]]
    second = api.call("GET", path, customer).json()["orders"]
    assert [order["id"] for order in second] == [everything[2]]


def test_the_list_is_searched_and_filtered() -> None:
    api = Api()
    customer = api.world.new_customer()
    router, esim = placed(api, customer, ESIM, ROUTER)
    number = api.call("GET", f"/orders/{esim}", customer).json()["number"]
    for query, found in (
        ("", [router, esim]),
        ("?type=VPN", [router]),
        ("?bucket=Active", []),
        (f"?search={number[-3:]}", [esim]),
        (f"?search=%20{number}%20", [esim]),
        ("?search=%25", []),
        ("?search=nothing", []),
    ):
        page = api.call("GET", f"/orders{query}", customer)
        assert [order["id"] for order in page.json()["orders"]] == found, query
        assert page.json()["total"] == 2
        assert "link" not in page.headers


def test_somebody_new_has_an_empty_list() -> None:
    page = Api().call("GET", "/orders", CustomerId("nobody-knows-me")).json()
    assert (page["orders"], page["total"], page["next"]) == ([], 0, None)
    assert page["counts"] == {"Pending": 0, "Processing": 0, "Active": 0, "Cancelled": 0}


def test_an_order_that_did_not_change_is_not_sent_again() -> None:
    api = Api()
    customer = api.world.new_customer()
    order = api.place(customer)
    first = api.call("GET", order, customer)
    tag = first.headers["etag"]
    assert set(first.headers["cache-control"].split(", ")) == {"private", "no-cache"}
    api.world.clock.advance(timedelta(minutes=30))
    for known in (tag, f'"other", {tag}', "*", tag.removeprefix("W/")):
        again = api.call("GET", order, customer, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    api.world.agent.approve(OrderId(order.removeprefix("/orders/")))
    api.world.run_due()
    changed = api.call("GET", order, customer, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_the_catalogue_that_did_not_change_is_not_sent_again() -> None:
    api = Api()
    first = api.call("GET", "/catalogue")
    assert set(first.headers["cache-control"].split(", ")) == {"max-age=60", "public"}
    again = api.call("GET", "/catalogue", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    sims = api.call("GET", "/catalogue?type=SIM", headers={"If-None-Match": first.headers["etag"]})
    assert sims.status_code == 200
    assert {product["type"] for product in sims.json()["products"]} == {"SIM"}


def test_an_order_is_shown_until_its_service_is_active() -> None:
    api = Api()
    customer = api.world.new_customer()
    order = api.place(customer)
    assert api.call("GET", f"{order}/timeline", customer).json()["current"] == "Processing"
    api.world.agent.approve(OrderId(order.removeprefix("/orders/")))
    for _ in range(3):
        api.world.run_due()
        api.world.clock.advance(timedelta(minutes=15))
    api.world.run_due()
    detail = api.call("GET", order, customer).json()
    assert (detail["state"], detail["label"], detail["bucket"]) == ("Activated", "Service Active", "Active")
    assert detail["timeline"]["complete"]
    assert all(line["service"] for line in detail["lines"])
    assert detail["action"] is None


def test_a_customer_is_told_what_to_do_and_not_what_others_have_to() -> None:
    api = Api()
    customer = api.world.new_customer()
    order = api.place(customer)
    api.world.agent.remove_payment_methods(api.world.client_of(customer))
    api.world.agent.approve(OrderId(order.removeprefix("/orders/")))
    api.world.run_due()
    mine = api.call("GET", order, customer).json()
    assert (mine["state"], mine["label"]) == ("OnHold", "Action Needed")
    assert mine["action"]["code"] == "PAYMENT_METHOD_MISSING"
    assert mine["action"]["sentence"]


def test_sentences_are_in_the_language_that_is_preferred() -> None:
    api = Api()
    customer = api.world.new_customer()
    order = api.place(customer)
    english = api.call("GET", order, customer).json()
    for wanted in ("ja", "ja-JP,ja;q=0.9,en;q=0.8", "en;q=0.1, ja;q=0.2"):
        japanese = api.call("GET", order, customer, headers={"Accept-Language": wanted}).json()
        assert japanese["next_steps"] != english["next_steps"]
        listed = api.call("GET", "/orders", customer, headers={"Accept-Language": wanted}).json()
        assert listed["orders"][0]["label"] == japanese["label"] != english["label"]
    for wanted in ("en", "fr", "en-GB, ja;q=0.9", "ja;q=nonsense", ""):
        assert api.call("GET", order, customer, headers={"Accept-Language": wanted}).json() == english


def test_a_sim_that_arrived_has_its_number_moved() -> None:
    api = Api()
    customer = api.world.new_customer()
    order = api.place(customer, PORTED_CARD)
    order_id = OrderId(order.removeprefix("/orders/"))
    early = api.call("POST", f"{order}/sim-arrived", customer)
    assert (early.status_code, kind(early)) == (409, "illegal-transition")
    api.world.agent.approve(order_id)
    api.world.run_due()
    api.world.agent.assign_sim(order_id)
    api.world.run_due()
    assert api.world.opened(order_id) == ()
    for _ in range(2):
        assert api.call("POST", f"{order}/sim-arrived", customer).status_code == 204
    api.world.run_due()
    assert len(api.world.opened(order_id)) == 1


def test_an_order_on_hold_is_tried_again_by_staff_with_a_reason() -> None:
    api = Api()
    customer = api.world.new_customer()
    order = api.place(customer)
    order_id = OrderId(order.removeprefix("/orders/"))
    api.world.agent.remove_payment_methods(api.world.client_of(customer))
    api.world.agent.approve(order_id)
    api.world.run_due()
    header = api.token("jane", Role.AGENT)
    answer = api.call("POST", f"{order}/retry", headers=header, json={"reason": "asked by telephone"})
    assert answer.status_code == 204
    with api.world.store.transaction() as tx:
        (decision,) = [one for one in tx.decisions.of(order_id) if one.kind == "retried"]
    assert (decision.by, decision.reason) == ("user:jane", "asked by telephone")


@pytest.mark.parametrize("sent", [{}, {"reason": 1}, {"reason": "x", "force": True}, [], "x"])
def test_a_retry_needs_a_reason_and_nothing_else(sent: object) -> None:
    api = Api()
    order = api.place(api.world.new_customer())
    answer = api.call("POST", f"{order}/retry", headers=api.token("jane", Role.AGENT), json=sent)
    assert (answer.status_code, kind(answer)) == (422, "request-invalid")


def test_a_retry_of_an_order_that_nothing_holds_is_a_409_that_says_so() -> None:
    api = Api()
    order = api.place(api.world.new_customer())
    before = picture(api.world)
    header = api.token("jane", Role.AGENT)
    answer = api.call("POST", f"{order}/retry", headers=header, json={"reason": "asked by telephone"})
    assert (answer.status_code, kind(answer)) == (409, "nothing-to-retry")
    assert answer.json()["title"] == "No hold is open on this order"
    assert picture(api.world) == before


def test_a_retry_of_an_order_that_nobody_knows_is_a_404() -> None:
    api = Api()
    header = api.token("jane", Role.AGENT)
    answer = api.call("POST", "/orders/801000000000999AAA/retry", headers=header, json={"reason": "x"})
    assert (answer.status_code, kind(answer)) == (404, "not-found")


def test_a_host_reads_every_change_once_and_in_order() -> None:
    api = Api()
    header = {"Authorization": f"Bearer {KEY}"}
    for _ in range(3):
        customer = api.world.new_customer()
        api.world.agent.approve(OrderId(api.place(customer).removeprefix("/orders/")))
        api.world.run_due()
    path: str | None = "/changes?limit=2"
    seen: list[int] = []
    after = 0
    while path:
        page = api.call("GET", path, headers=header)
        changes = page.json()["changes"]
        seen += [change["cursor"] for change in changes]
        path = next_of(page)
        after = page.json()["next"]
        assert path == (f"/changes?limit=2&after={after}" if changes else None)
    with api.world.store.transaction() as tx:
        assert seen == [event.cursor for event in tx.events.after(Cursor(0), limit=1000)]
    assert len(seen) >= 6


def test_the_change_feed_says_what_customers_are_not_told() -> None:
    api = Api()
    customer = api.world.new_customer()
    order = OrderId(api.place(customer).removeprefix("/orders/"))
    api.world.agent.approve(order)
    api.world.run_due()
    changes = api.call("GET", "/changes", headers={"Authorization": f"Bearer {KEY}"}).json()["changes"]
    assert {change["order"] for change in changes} == {order}
    assert changes[0]["kind"] == "submitted"
    assert changes[0]["account"] == api.world.account_of(customer)
