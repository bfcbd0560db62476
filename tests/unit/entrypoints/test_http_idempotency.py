"""A request under an Idempotency-Key is done once, however often it is sent."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Final

import attrs
import httpx
import pytest

from litestar.testing import TestClient

from ordering_core import OrderId, Sku
from ordering_core.errors import Unavailable
from ordering_core.testing.world import Fault, Moment
from ordering_entrypoints.http.idempotency import KEPT, LONGEST_RUN
from ordering_entrypoints.http.principals import Role
from tests.unit.application.shop import ESIM, picture
from tests.unit.entrypoints.api import JPEG, Api, body, kind


KEY: Final = {"Idempotency-Key": "0d5a2b8c-6a0e-4f7e-9c58-2f6f0a3b9d11"}
OTHER: Final = attrs.evolve(ESIM, skus=(Sku("SIM-VOICE-10GB"), Sku("SIM-ACTIVATION")))


def test_a_checkout_is_begun_once() -> None:
    api = Api()
    first = api.call("POST", "/checkout-sessions", json=body(ESIM), headers=KEY)
    before = picture(api.world)
    again = api.call("POST", "/checkout-sessions", json=body(ESIM), headers=KEY)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["location"] == first.headers["location"]
    assert picture(api.world) == before


def test_without_a_key_each_request_is_another_one() -> None:
    api = Api()
    first, second = (api.call("POST", "/checkout-sessions", json=body(ESIM)).json() for _ in range(2))
    assert first["id"] != second["id"]


def test_an_answer_shows_things_as_they_are_now() -> None:
    api = Api()
    session = api.call("POST", "/checkout-sessions", json=body(ESIM), headers=KEY).json()["id"]
    api.call("PUT", f"/checkout-sessions/{session}/draft", json=body(OTHER))
    again = api.call("POST", "/checkout-sessions", json=body(ESIM), headers=KEY)
    assert again.json()["id"] == session
    assert again.json()["draft"]["skus"] == list(OTHER.skus)


def test_an_adoption_whose_answer_was_lost_is_found_again() -> None:
    api = Api()
    customer = api.world.new_customer()
    session = api.begin()
    adopted = api.call("POST", f"{session}/adoption", customer, headers=KEY)
    again = api.call("POST", f"{session}/adoption", customer, headers=KEY)
    assert (again.status_code, again.json()) == (201, adopted.json())
    assert api.call("POST", f"{session}/adoption", customer).status_code == 404


def test_a_submit_is_answered_as_the_first_time() -> None:
    api = Api()
    customer = api.world.new_customer()
    session = api.ready(customer)
    answers = [api.call("POST", f"{session}/submission", customer, headers=KEY) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.text for answer in answers}) == 1
    assert api.call("POST", f"{session}/submission", customer).status_code == 200


def test_a_submit_that_is_still_being_placed_is_asked_again_under_its_key() -> None:
    api = Api()
    customer = api.world.new_customer()
    session = api.ready(customer)
    api.world.faults.set("orders.place", Fault.LOSE_REPLY)
    assert api.call("POST", f"{session}/submission", customer, headers=KEY).status_code == 202
    api.world.clock.advance(timedelta(minutes=15))
    placed = api.call("POST", f"{session}/submission", customer, headers=KEY)
    assert (placed.status_code, placed.json()["state"]) == (200, "placed")


def test_requirements_are_met_once() -> None:
    api = Api()
    customer = api.world.new_customer(apartment=True, verified=False)
    session = api.begin(ESIM, customer)
    for path, status in (("address-confirmation", 200),):
        answers = [api.call("POST", f"{session}/{path}", customer, headers=KEY) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [status, status]
        assert answers[0].json() == answers[1].json()
    uploads = [api.call("POST", "/identity-documents", customer, headers=KEY, file=JPEG) for _ in range(2)]
    assert [answer.status_code for answer in uploads] == [204, 204]
    assert api.world.faults.calls("files.upload") == 1


def test_a_retry_is_one_decision() -> None:
    api = Api()
    customer = api.world.new_customer()
    order = api.place(customer)
    api.world.agent.remove_payment_methods(api.world.client_of(customer))
    api.world.agent.approve(OrderId(order.removeprefix("/orders/")))
    api.world.run_due()
    header = {**api.token("jane", Role.AGENT), **KEY}
    sent = {"reason": "the customer added a card"}
    answers = [api.call("POST", f"{order}/retry", headers=header, json=sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    with api.world.store.transaction() as tx:
        retried = [
            one for one in tx.decisions.of(OrderId(order.removeprefix("/orders/"))) if one.kind == "retried"
        ]
    assert [(one.by, one.reason) for one in retried] == [("user:jane", "the customer added a card")]


@pytest.mark.parametrize("sent", [body(OTHER), {**body(ESIM), "voice_mail": True}])
def test_a_key_of_another_payload_is_refused(sent: object) -> None:
    api = Api()
    api.call("POST", "/checkout-sessions", json=body(ESIM), headers=KEY)
    before = picture(api.world)
    answer = api.call("POST", "/checkout-sessions", json=sent, headers=KEY)
    assert (answer.status_code, kind(answer)) == (422, "idempotency-key-reused")
    assert picture(api.world) == before


def test_a_key_of_another_path_is_refused() -> None:
    api = Api()
    customer = api.world.new_customer()
    first, second = api.ready(customer), api.ready(customer)
    assert api.call("POST", f"{first}/submission", customer, headers=KEY).status_code == 201
    answer = api.call("POST", f"{second}/submission", customer, headers=KEY)
    assert (answer.status_code, kind(answer)) == (422, "idempotency-key-reused")


def test_the_same_key_of_another_principal_or_route_is_another_key() -> None:
    api = Api()
    one, two = api.world.new_customer(), api.world.new_customer()
    ids = {
        api.call("POST", "/checkout-sessions", who, json=body(ESIM), headers=KEY).json()["id"]
        for who in (None, one, two)
    }
    assert len(ids) == 3
    session = api.begin(ESIM, one)
    assert api.call("POST", f"{session}/address-confirmation", one, headers=KEY).status_code == 200
    assert api.call("POST", f"{session}/submission", one, headers=KEY).status_code == 201


@pytest.mark.parametrize(
    "key",
    ["", "short", "x" * 15, "x" * 201, "with spaces in it, and long", "鍵" * 20, "tab\there, and so on"],
)
def test_a_key_that_could_be_guessed_or_not_be_read_is_refused(key: str) -> None:
    api = Api()
    before = picture(api.world)
    answer = api.client.post(
        "/api/checkout-sessions", json=body(ESIM), headers=[(b"Idempotency-Key", key.encode())]
    )
    assert (answer.status_code, kind(answer)) == (400, "idempotency-key-unusable")
    assert picture(api.world) == before


@pytest.mark.parametrize("key", ["x" * 16, "x" * 200, '"' + "x" * 36 + '"', "a.b_c~d!e/f=g(h)i"])
def test_a_key_may_be_quoted_and_of_any_visible_characters(key: str) -> None:
    assert (
        Api()
        .call("POST", "/checkout-sessions", json=body(ESIM), headers={"Idempotency-Key": key})
        .status_code
        == 201
    )


def test_keys_are_kept_as_digests() -> None:
    api = Api()
    api.call("POST", "/checkout-sessions", json=body(ESIM), headers=KEY)
    assert KEY["Idempotency-Key"] not in repr(picture(api.world))


def test_a_key_belongs_to_its_request_for_24_hours() -> None:
    api = Api()
    customer = api.world.new_customer()

    def begin() -> str:
        session: str = api.call("POST", "/checkout-sessions", customer, json=body(ESIM), headers=KEY).json()[
            "id"
        ]
        return session

    first = begin()
    api.world.clock.advance(KEPT - timedelta(seconds=1))
    assert begin() == first
    api.world.clock.advance(timedelta(seconds=2))
    assert begin() != first


def test_a_request_that_was_refused_may_be_corrected_under_its_key() -> None:
    api = Api()
    wrong = api.call("POST", "/checkout-sessions", json={**body(ESIM), "eid": "1"}, headers=KEY)
    right = api.call("POST", "/checkout-sessions", json=body(ESIM), headers=KEY)
    assert (wrong.status_code, right.status_code) == (422, 201)


def test_a_request_that_failed_may_be_tried_again_under_its_key() -> None:
    api = Api()
    api.world.faults.set("catalogue.products", Fault.DOWN, times=9)
    failed = api.call("POST", "/checkout-sessions", json=body(ESIM), headers=KEY)
    api.world.faults.clear()
    again = api.call("POST", "/checkout-sessions", json=body(ESIM), headers=KEY)
    assert (failed.status_code, again.status_code) == (503, 201)


def while_one_is_running(
    api: Api, then: Callable[[], httpx.Response]
) -> tuple[httpx.Response, httpx.Response]:
    """Send a request, and call *then* in the middle of its work; return both answers."""
    begun, go_on = Event(), Event()

    def wait() -> None:
        begun.set()
        assert go_on.wait(10)

    api.world.faults.hook("catalogue.products", Moment.BEFORE, wait)
    with ThreadPoolExecutor(1) as pool, TestClient(api.app) as other:
        running = pool.submit(other.post, "/api/checkout-sessions", json=body(ESIM), headers=KEY)
        try:
            assert begun.wait(10)
            during = then()
        finally:
            go_on.set()
        return running.result(10), during


def test_the_same_request_at_the_same_time_is_told_to_wait() -> None:
    api = Api()

    def again() -> httpx.Response:
        return api.call("POST", "/checkout-sessions", json=body(ESIM), headers=KEY)

    first, during = while_one_is_running(api, again)
    assert (first.status_code, during.status_code) == (201, 409)
    assert (kind(during), during.headers["retry-after"]) == ("request-running", "1")
    assert again().json() == first.json()


def test_a_request_that_died_with_its_process_frees_its_key_after_a_while() -> None:
    api = Api()

    def much_later() -> httpx.Response:
        api.world.clock.advance(LONGEST_RUN)
        return api.call("POST", "/checkout-sessions", json=body(ESIM), headers=KEY)

    first, later = while_one_is_running(api, much_later)
    assert (first.status_code, later.status_code) == (201, 201)


def test_an_answer_is_given_even_if_the_key_cannot_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api()
    with api.world.store.transaction() as tx:
        answers = type(tx.answers)

    def down(*_: object) -> None:
        raise Unavailable("store")

    monkeypatch.setattr(answers, "finish", down)
    first = api.call("POST", "/checkout-sessions", json=body(ESIM), headers=KEY)
    assert first.status_code == 201
    assert api.call("POST", "/checkout-sessions", json=body(ESIM), headers=KEY).status_code == 409


def test_a_refusal_is_told_even_if_the_key_cannot_be_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    api = Api()
    with api.world.store.transaction() as tx:
        answers = type(tx.answers)

    def down(*_: object) -> None:
        raise Unavailable("store")

    monkeypatch.setattr(answers, "abandon", down)
    answer = api.call("POST", "/checkout-sessions", json={**body(ESIM), "eid": "1"}, headers=KEY)
    assert (answer.status_code, kind(answer)) == (422, "order-rejected")
