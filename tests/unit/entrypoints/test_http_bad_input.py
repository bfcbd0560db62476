"""
Bad input over HTTP, line by line as the issue lists it.

Each gets a problem that names every violation, never a 500, and nothing is written.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import attrs
import httpx
import pytest

from ordering_core import Draft, InternetDraft, PortingDraft, SimDraft, Sku, VpnDraft
from ordering_core.domain.values import Eid
from tests.unit.application.shop import (
    APARTMENT,
    EID,
    ESIM,
    HOME,
    OTHER_ADDRESS,
    PORTED_CARD,
    PORTING,
    ROUTER,
    picture,
)
from tests.unit.entrypoints.api import JPEG, PROBLEM, Api, body, kind, wrong


TODAY: Final = date(2026, 6, 3)
PART: Final = b"--b\r\nContent-Disposition: form-data; name="
PORTED: Final = attrs.evolve(ESIM, skus=(Sku("SIM-VOICE-10GB"), Sku("SIM-ACTIVATION")), porting=PORTING)
ROUTES: Final = (
    "/configurations/price",
    "/checkout-sessions",
)


@pytest.fixture(scope="module")
def api() -> Api:
    """One API for all refusals: none of them leaves a trace in it."""
    return Api()


@pytest.fixture(autouse=True)
def nothing_is_written(api: Api) -> Iterator[None]:
    before = picture(api.world)
    yield
    assert picture(api.world) == before


def refused(api: Api, draft: Draft | dict[str, object]) -> dict[str, str]:
    """Send *draft* to every route that takes one, and return what they all say is wrong with it."""
    sent = draft if isinstance(draft, dict) else body(draft)
    answers = [api.call("POST", route, json=sent) for route in ROUTES]
    assert {answer.status_code for answer in answers} == {422}
    first, *others = (wrong(answer) for answer in answers)
    assert all(other == first for other in others)
    checked = api.call("POST", "/configurations/validation", json=sent)
    if checked.status_code == 200:
        assert not checked.json()["verdict"]["passed"]
        errors = [one for one in checked.json()["verdict"]["violations"] if one["severity"] == "error"]
        assert {one["pointer"]: one["code"] for one in errors} == first
        assert all(one["message_ja"] for one in errors)
    return first


def accepted(api: Api, draft: Draft) -> dict[str, object]:
    """Return what the API makes of a good *draft*."""
    checked = api.call("POST", "/configurations/validation", json=body(draft)).json()
    assert checked["verdict"]["passed"], checked["verdict"]["violations"]
    normal: dict[str, object] = checked["draft"]
    return normal


def sim(**changed: object) -> dict[str, object]:
    return body(ESIM) | changed


def ported(**changed: object) -> dict[str, object]:
    return body(PORTED) | {"porting": {**body_of_porting(), **changed}}


def body_of_porting() -> dict[str, object]:
    porting = body(PORTED)["porting"]
    assert isinstance(porting, dict)
    return porting


# The cart.


def test_an_unknown_sku(api: Api) -> None:
    assert refused(api, sim(skus=["SIM-DATA-5GB", "SIM-ACTIVATION", "SIM-MOON"])) == {
        "/skus/2": "sku_unknown"
    }


def test_a_sku_of_another_type(api: Api) -> None:
    assert (
        refused(api, sim(skus=["SIM-DATA-5GB", "SIM-ACTIVATION", "VPN-US"]))["/skus/2"]
        == "sku_of_another_type"
    )


def test_no_main_service(api: Api) -> None:
    assert refused(api, sim(skus=["SIM-ACTIVATION"])) == {"/skus": "main_service_missing"}


def test_two_main_services(api: Api) -> None:
    assert (
        "main_service_twice"
        in refused(api, sim(skus=["SIM-DATA-5GB", "SIM-VOICE-10GB", "SIM-ACTIVATION"])).values()
    )


def test_a_missing_bundle(api: Api) -> None:
    platinum = attrs.evolve(
        HOME,
        skus=(Sku("INTERNET-HOME-1G-PLATINUM"), Sku("INTERNET-INSTALL-SINGLE")),
        router_notice_acknowledged=True,
    )
    assert set(refused(api, platinum).values()) == {"bundle_missing"}


def test_every_violation_at_once(api: Api) -> None:
    found = refused(
        api,
        {
            "type": "SIM",
            "skus": ["SIM-MOON", "SIM-ACTIVATION"],
            "sim_type": "eSIM",
            "eid": "1",
            "activation_type": "Scheduled",
        },
    )
    assert {"/skus/0", "/skus", "/eid", "/scheduled_on"} <= set(found)


# The EID.


@pytest.mark.parametrize("eid", [EID[:-1], EID + "0"])
def test_an_eid_of_31_or_33_digits(api: Api, eid: str) -> None:
    assert refused(api, sim(eid=eid)) == {"/eid": "eid_length"}


def test_an_eid_with_wrong_check_digits(api: Api) -> None:
    last = str((int(EID[-1]) + 1) % 10)
    assert refused(api, sim(eid=EID[:-1] + last)) == {"/eid": "eid_check_digits"}


def swapped(eid: str, first: int) -> str:
    return eid[:first] + eid[first + 1] + eid[first] + eid[first + 2 :]


def test_an_adjacent_swap_is_offered_exactly_when_one_repairs_it(api: Api) -> None:
    offered = 0
    for first in range(len(EID) - 1):
        typed = swapped(EID, first)
        if typed == EID:
            continue
        answer = api.call("POST", "/configurations/price", json=sim(eid=typed))
        (error,) = answer.json()["errors"]
        assert error["code"] == "eid_check_digits"
        meant = Eid.adjacent_swap(typed)
        assert ("swapped; compare" in error["remedy"]) == (meant is not None)
        offered += meant is not None
    assert offered


def test_full_width_digits_are_normalised(api: Api) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in EID)
    assert accepted(api, attrs.evolve(ESIM, eid=wide))["eid"] == EID
    assert accepted(api, attrs.evolve(ESIM, eid=f"{EID[:16]} {EID[16:]}"))["eid"] == EID


def test_arabic_indic_digits_are_refused(api: Api) -> None:
    arabic = "".join(chr(0x0660 + int(digit)) for digit in EID)
    assert refused(api, sim(eid=arabic)) == {"/eid": "eid_characters"}


# The number to bring along.


def test_a_reservation_number_of_nine_digits(api: Api) -> None:
    assert refused(api, ported(reservation_number="123456789")) == {
        "/porting/reservation_number": "reservation_number_length"
    }


def test_a_reservation_that_ends_tomorrow(api: Api) -> None:
    found = refused(api, ported(reservation_expires_on=(TODAY + timedelta(days=1)).isoformat()))
    assert set(found) == {"/porting/reservation_expires_on"}


@pytest.mark.parametrize(("draft", "minimum"), [(PORTED, 10), (PORTED_CARD, 12)])
def test_a_reservation_one_day_below_and_exactly_at_the_minimum(
    api: Api, draft: SimDraft, minimum: int
) -> None:
    def with_days(days: int) -> Draft:
        assert draft.porting is not None
        last = TODAY + timedelta(days=days - 1)  # today counts
        return attrs.evolve(draft, porting=attrs.evolve(draft.porting, reservation_expires_on=last))

    assert set(refused(api, with_days(minimum - 1))) == {"/porting/reservation_expires_on"}
    accepted(api, with_days(minimum))


def test_half_width_katakana_is_normalised(api: Api) -> None:
    narrow = attrs.evolve(PORTING, last_name_katakana="ﾔﾏﾀﾞ", first_name_katakana="ﾀﾛｳ")
    porting = accepted(api, attrs.evolve(PORTED, porting=narrow))["porting"]
    assert isinstance(porting, dict)
    assert (porting["last_name_katakana"], porting["first_name_katakana"]) == ("ヤマダ", "タロウ")


def test_a_missing_birth_date(api: Api) -> None:
    assert set(refused(api, ported(birth_date=None))) == {"/porting/birth_date"}


def test_everything_about_the_number_at_once(api: Api) -> None:
    empty = attrs.evolve(PORTED, porting=PortingDraft())
    assert set(refused(api, empty)) >= {
        f"/porting/{field.name}"
        for field in attrs.fields(PortingDraft)
        if field.name != "mvno_account_number"
    }


# The day.


def test_a_schedule_for_today(api: Api) -> None:
    found = refused(api, sim(activation_type="Scheduled", scheduled_on=TODAY.isoformat()))
    assert set(found) == {"/scheduled_on"}


def test_a_schedule_past_the_reservation(api: Api) -> None:
    later = PORTING.reservation_expires_on
    assert later is not None
    found = refused(
        api,
        ported() | {"activation_type": "Scheduled", "scheduled_on": (later + timedelta(days=1)).isoformat()},
    )
    assert found
    assert set(found) <= {"/scheduled_on", "/porting/reservation_expires_on"}


# VPN.


def test_a_region_that_is_not_the_plans(api: Api) -> None:
    assert set(refused(api, attrs.evolve(ROUTER, region="UK"))) == {"/region"}


# The form of the request.


@pytest.mark.parametrize("route", [*ROUTES, "/configurations/validation"])
@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b"[" * 100_000, b'{"type":"SIM","type":"VPN"}', b"NaN"]
)
def test_malformed_json(api: Api, route: str, content: bytes) -> None:
    answer = api.call("POST", route, content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, kind(answer)) == (400, "malformed-json")


@pytest.mark.parametrize("route", [*ROUTES, "/configurations/validation"])
def test_a_body_of_2_mb(api: Api, route: str) -> None:
    sent = b'{"type":"SIM","notes":"' + b"x" * 2_000_000 + b'"}'
    answer = api.call("POST", route, content=sent, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


def test_a_body_of_2_mb_that_does_not_say_how_long_it_is(api: Api) -> None:
    def chunks() -> Iterator[bytes]:
        yield from (b"x" * 100_000 for _ in range(20))

    answer = api.client.post(
        "/api/configurations/price", content=chunks(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413
    assert answer.headers["content-type"] == PROBLEM


def test_unknown_fields(api: Api) -> None:
    assert refused(api, sim(wekend_install=True, colour="red")) == {
        "/wekend_install": "field_unknown",
        "/colour": "field_unknown",
    }


def test_wrong_types_are_not_guessed_at(api: Api) -> None:
    assert refused(api, sim(eid=int(EID), voice_mail="true", skus="SIM-DATA-5GB")) == {
        "/eid": "text_expected",
        "/voice_mail": "flag_expected",
        "/skus": "list_expected",
    }


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_of_another_kind(api: Api, media_type: str) -> None:
    answer = api.call(
        "POST", "/configurations/price", content=b'{"type":"VPN"}', headers={"Content-Type": media_type}
    )
    assert (answer.status_code, kind(answer)) == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/orders?limit=0", "limit"),
        ("/orders?limit=101", "limit"),
        ("/orders?limit=many", "limit"),
        ("/orders?bucket=Lost", "bucket"),
        ("/orders?type=Phone", "type"),
        (f"/orders?search={'9' * 200}", "search"),
        ("/orders/801/events?after=-1", "after"),
        ("/orders/801/events?after=x", "after"),
    ],
)
def test_parameters_that_cannot_be_read(api: Api, path: str, parameter: str) -> None:
    answer = api.client.get(f"/api{path}", headers=api.token("customer-1"))
    assert answer.status_code == 400
    assert wrong(answer) == {f"/query/{parameter}": "parameter_invalid"}
    assert "9" * 20 not in answer.text


# Checkout.


@attrs.frozen
class Shop:
    """Another API, in which something has to be written before something can be refused."""

    api: Api

    def refusal(self, answer: httpx.Response, before: object) -> httpx.Response:
        assert 400 <= answer.status_code < 500
        assert picture(self.api.world) == before
        return answer


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(Api())


def test_an_apartment_without_room(shop: Shop) -> None:
    api = shop.api
    customer = api.world.new_customer(apartment=False)
    session = api.begin(APARTMENT, customer)
    before = picture(api.world)
    answer = shop.refusal(api.call("POST", f"{session}/address-confirmation", customer), before)
    assert answer.status_code == 422
    assert set(wrong(answer)) == {"/address/building", "/address/room"}


def test_an_address_that_cannot_be_read_says_so_field_by_field(shop: Shop) -> None:
    api = shop.api
    customer = api.world.new_customer()
    session = api.begin(ESIM, customer)
    before = picture(api.world)
    typed = attrs.asdict(OTHER_ADDRESS) | {"postal_code": "15", "prefecture": "Atlantis", "city": ""}
    answer = shop.refusal(api.call("PUT", f"{session}/address", customer, json={"address": typed}), before)
    assert answer.status_code == 422
    assert set(wrong(answer)) == {"/address/postal_code", "/address/prefecture", "/address/city"}


@pytest.mark.parametrize(
    "path", ["", "/requirements", "/draft", "/address-confirmation", "/submission", "/address"]
)
def test_an_expired_session(shop: Shop, path: str) -> None:
    api = shop.api
    customer = api.world.new_customer()
    session = api.begin(ESIM, customer)
    api.world.clock.advance(timedelta(hours=24))
    before = picture(api.world)
    match path:
        case "" | "/requirements":
            answer = api.call("GET", session + path, customer)
        case "/draft":
            answer = api.call("PUT", session + path, customer, json=body(ESIM))
        case "/address":
            sent = {"address": attrs.asdict(OTHER_ADDRESS)}
            answer = api.call("PUT", session + path, customer, json=sent)
        case _:
            answer = api.call("POST", session + path, customer)
    shop.refusal(answer, before)
    assert (answer.status_code, kind(answer)) == (410, "checkout-expired")


@pytest.mark.parametrize("missing", ["address", "payment_method", "identity", "eligibility"])
def test_a_submit_without_each_requirement(shop: Shop, missing: str) -> None:
    api = shop.api
    customer = api.world.new_customer(
        with_payment_method=missing != "payment_method", verified=missing != "identity", apartment=True
    )
    session = api.begin(APARTMENT if missing == "eligibility" else ESIM, customer)
    if missing != "address":
        api.call("POST", f"{session}/address-confirmation", customer)
    before = picture(api.world)
    answer = shop.refusal(api.call("POST", f"{session}/submission", customer), before)
    assert (answer.status_code, answer.json()["outstanding"]) == (409, [missing])
    assert wrong(answer) == {f"/{missing}": f"{missing}_outstanding"}


def test_a_second_submit_gets_the_same_order_back(shop: Shop) -> None:
    api = shop.api
    customer = api.world.new_customer()
    session = api.ready(customer)
    first = api.call("POST", f"{session}/submission", customer)
    before = picture(api.world)
    second = api.call("POST", f"{session}/submission", customer)
    assert (second.status_code, second.json()) == (200, first.json())
    assert picture(api.world) == before


def test_a_change_after_submit(shop: Shop) -> None:
    api = shop.api
    customer = api.world.new_customer()
    session = api.ready(customer)
    order = api.call("POST", f"{session}/submission", customer).json()["order"]
    before = picture(api.world)
    sent = {"address": attrs.asdict(OTHER_ADDRESS)}
    for answer in (
        api.call("PUT", f"{session}/draft", customer, json=body(ESIM)),
        api.call("PUT", f"{session}/address", customer, json=sent),
        api.call("POST", f"{session}/address-confirmation", customer),
    ):
        shop.refusal(answer, before)
        assert (answer.status_code, kind(answer)) == (409, "checkout-closed")
        assert answer.json()["order"] == order


def test_another_customers_session_and_order_do_not_exist(shop: Shop) -> None:
    api = shop.api
    owner, other = api.world.new_customer(), api.world.new_customer()
    session, order = api.begin(ESIM, owner), api.place(owner)
    for who in (owner, other):
        api.call("GET", "/orders", who)  # a first visit copies the account's orders
    before = picture(api.world)
    sent = {"address": attrs.asdict(OTHER_ADDRESS)}
    for answer in (
        api.call("GET", session, other),
        api.call("GET", f"{session}/requirements", other),
        api.call("PUT", f"{session}/draft", other, json=body(ESIM)),
        api.call("PUT", f"{session}/address", other, json=sent),
        api.call("POST", f"{session}/adoption", other),
        api.call("POST", f"{session}/address-confirmation", other),
        api.call("POST", f"{session}/eligibility-request", other),
        api.call("POST", f"{session}/submission", other),
        api.call("GET", order, other),
        api.call("GET", f"{order}/timeline", other),
        api.call("GET", f"{order}/events", other),
        api.call("POST", f"{order}/sim-arrived", other),
    ):
        shop.refusal(answer, before)
        assert (answer.status_code, kind(answer)) == (404, "not-found")
    assert (
        api.call("GET", "/orders/801000000000999AAA", owner).json()["detail"]
        == (api.call("GET", order, other).json()["detail"])
    )


@pytest.mark.parametrize("session", ["x", "..", "%2e%2e", "a" * 300, "セッション", "%00", "' OR 1=1 --"])
def test_a_session_that_nobody_ever_had(shop: Shop, session: str) -> None:
    before = picture(shop.api.world)
    answer = shop.refusal(shop.api.client.get(f"/api/checkout-sessions/{session}"), before)
    assert answer.status_code in {404, 405}


# Files.


def send_file(api: Api, content: bytes) -> httpx.Response:
    return api.call("POST", "/identity-documents", api.world.new_customer(verified=False), file=content)


def test_a_file_that_is_no_image(shop: Shop) -> None:
    answer = send_file(shop.api, b"%PDF-1.7")
    assert (answer.status_code, wrong(answer)) == (422, {"/file": "FILE_NOT_AN_IMAGE"})
    assert (send_file(shop.api, b"").status_code, send_file(shop.api, JPEG).status_code) == (422, 204)


def test_a_file_of_10_mb(shop: Shop) -> None:
    assert send_file(shop.api, JPEG + bytes(10_000_000 - len(JPEG))).status_code == 204


def test_a_file_above_10_mb(shop: Shop) -> None:
    customer = shop.api.world.new_customer()
    before = picture(shop.api.world)
    for size in (10_000_001, 12_000_000):
        answer = shop.api.call("POST", "/identity-documents", customer, file=JPEG + bytes(size - len(JPEG)))
        assert shop.refusal(answer, before).status_code == 413


@pytest.mark.parametrize(
    ("media_type", "content", "status"),
    [
        ("application/json", b"{}", 415),
        ("image/jpeg", JPEG, 415),
        ("multipart/form-data", JPEG, 422),
        ("multipart/form-data; boundary=", JPEG, 422),
        ("multipart/form-data; boundary=b", b"", 422),
        ("multipart/form-data; boundary=b", b"--b\r\nnonsense", 422),
        ("multipart/form-data; boundary=b", b"--b--\r\n", 422),
        (
            "multipart/form-data; boundary=b",
            PART + b'"file"\r\n\r\ntext\r\n--b--\r\n',
            422,
        ),
        (
            "multipart/form-data; boundary=b",
            PART + b'"photo"; filename="a"\r\n\r\n\xff\xd8\xff\r\n--b--',
            422,
        ),
        (
            "multipart/form-data; boundary=b",
            PART + b'"file"\r\nContent-Type: a/b; charset=none\r\n\r\nx\r\n--b--',
            422,
        ),
        (
            "multipart/form-data; boundary=b",
            PART + b'"file"\r\n\r\n\xff\xfe\r\n--b--\r\n',
            422,
        ),
    ],
    ids=range(11),
)
def test_a_form_that_is_not_one_file(shop: Shop, media_type: str, content: bytes, status: int) -> None:
    customer = shop.api.world.new_customer()
    before = picture(shop.api.world)
    answer = shop.api.call(
        "POST", "/identity-documents", customer, content=content, headers={"Content-Type": media_type}
    )
    assert shop.refusal(answer, before).status_code == status


def test_two_files(shop: Shop) -> None:
    customer = shop.api.world.new_customer()
    before = picture(shop.api.world)
    answer = shop.api.client.post(
        "/api/identity-documents",
        headers=shop.api.token(customer),
        files=[("file", ("a.jpg", JPEG)), ("file", ("b.jpg", JPEG))],
    )
    assert shop.refusal(answer, before).status_code == 422


@pytest.mark.parametrize("draft", [InternetDraft(), SimDraft(), VpnDraft()])
def test_a_draft_with_nothing_in_it(api: Api, draft: Draft) -> None:
    assert "/skus" in refused(api, draft)
