"""What WHMCS's sentences, pages and silences mean, and that none of them is repeated."""

import json

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx
import pytest

from ordering_adapters.whmcs import Code, WhmcsApi, WhmcsSettings
from ordering_adapters.whmcs.errors import SENTENCES, code_of
from ordering_adapters.whmcs.shortfalls import MOST_LOOKS
from ordering_core.errors import OutcomeUnknown, PortError, Refused, Unavailable
from ordering_core.testing.clocks import ManualClock


SECRET: Final = "s3cr3t-of-the-credential"
ACCESS: Final = "access-key-1"
PERSONAL: Final = "sakura@example.jp"
NOON: Final = datetime(2026, 6, 3, 3, tzinfo=UTC)

Answer = Callable[[httpx.Request], httpx.Response]


def api_that(answer: Answer) -> tuple[WhmcsApi, list[httpx.Request], ManualClock]:
    """Return an installation that gives *answer*, and the requests that reach it."""
    settings = WhmcsSettings(
        url="https://billing.example/", identifier="id-1", secret=SECRET, access_key=ACCESS
    )
    clock = ManualClock(NOON)
    api = WhmcsApi(settings, clock)
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        request.read()
        seen.append(request)
        return answer(request)

    api._client = httpx.Client(base_url=settings.base, transport=httpx.MockTransport(handle))
    return api, seen, clock


def says(body: object, status: int = 200) -> Answer:
    return lambda request: httpx.Response(status, json=body)


def page(status: int, text: str = "<html>maintenance</html>") -> Answer:
    return lambda request: httpx.Response(status, text=text)


def fails(error: type[httpx.HTTPError]) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error(f"{SECRET} {PERSONAL}")

    return answer


def test_every_sentence_of_the_reference_is_known() -> None:
    said = {
        "Client Not Found": Code.CLIENT_NOT_FOUND,
        "Client ID Not Found": Code.CLIENT_NOT_FOUND,
        "client  id not FOUND": Code.CLIENT_NOT_FOUND,
        "Invalid client_id": Code.CLIENT_NOT_FOUND,
        "Order ID Not Found": Code.ORDER_NOT_FOUND,
        "Order ID not found or Status not Pending": Code.ORDER_NOT_PENDING,
        "Service ID Not Found": Code.SERVICE_NOT_FOUND,
        "Invalid Payment Method. Valid options include stripe,banktransfer": Code.PAYMENT_METHOD_INVALID,
        "No items added to cart so order cannot proceed": Code.NO_ITEMS,
        "Expecting parameter 'pid' to be an array": Code.ARRAY_EXPECTED,
        "Unable to add order when client status is Closed": Code.CLIENT_CLOSED,
        'Invalid Permissions: API action "addorder" is not allowed': Code.ACTION_NOT_ALLOWED,
        "Invalid IP 203.0.113.9": Code.IP_NOT_ALLOWED,
        "Authentication Failed": Code.NOT_AUTHENTICATED,
        "API Function Not Found": Code.ACTION_UNKNOWN,
        'Invalid API Action: "x" is not a valid API action': Code.ACTION_UNKNOWN,
        "Service not assigned to a module": Code.NO_MODULE,
        "SSO authentication blocked for client 7": Code.SIGN_ON_BLOCKED,
        "A user already exists with that email address": Code.EMAIL_TAKEN,
        "The email address entered is not available for use.": Code.EMAIL_TAKEN,
        "The module said: カードが拒否されました": Code.REFUSED,
        "": Code.REFUSED,
    }
    assert {sentence: code_of(sentence) for sentence in said} == said
    of_our_own = {Code.REFUSED, Code.MARK_FIELD_MISSING, Code.LIST_INCOMPLETE}
    assert set(SENTENCES.values()) | of_our_own == set(Code)


@pytest.mark.parametrize("status", [200, 400, 403, 500])
@pytest.mark.parametrize("key", ["result", "status"])
def test_the_json_of_an_error_counts_whatever_the_status(status: int, key: str) -> None:
    api, _, _ = api_that(says({key: "error", "message": "Client ID Not Found"}, status))
    for call in (api.read, api.write):
        with pytest.raises(Refused) as refused:
            call("AddOrder", {})
        assert refused.value.code == "CLIENT_NOT_FOUND"


@pytest.mark.parametrize("status", [200, 403, 500])
@pytest.mark.parametrize("key", ["result", "status"])
def test_a_success_is_one_whatever_the_status(status: int, key: str) -> None:
    api, _, _ = api_that(says({key: "success", "orderid": "7"}, status))
    assert api.write("AddOrder", {})["orderid"] == "7"


@pytest.mark.parametrize(
    "text",
    [
        "<html>maintenance</html>",
        '<br />\n<b>Notice</b>: undefined index\n{"result":"success","orderid":"1"}',
        "",
        "null",
        "[]",
        '"success"',
        "{}",
        '{"result":"perhaps"}',
        '{"orderid":"1"}',
        '{"result":"success"',
    ],
)
@pytest.mark.parametrize("status", [200, 500, 502, 503, 504])
def test_a_page_instead_of_an_answer_is_a_lost_answer(text: str, status: int) -> None:
    api, _, _ = api_that(page(status, text))
    with pytest.raises(OutcomeUnknown):
        api.write("AddOrder", {})
    with pytest.raises(Unavailable):
        api.read("GetOrders", {})


@pytest.mark.parametrize("status", [404, 429])
def test_what_never_reached_php_did_nothing(status: int) -> None:
    api, _, _ = api_that(page(status))
    with pytest.raises(Unavailable):
        api.write("AddOrder", {})


def test_a_mark_before_the_text_does_not_hide_it() -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"result": "success", "name": "髙橋"}).encode()
    api, _, _ = api_that(lambda request: httpx.Response(200, content=body))
    assert api.read("GetClientsDetails", {})["name"] == "髙橋"


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_what_was_not_sent_did_nothing(error: type[httpx.HTTPError]) -> None:
    api, _, _ = api_that(fails(error))
    for call in (api.read, api.write):
        with pytest.raises(Unavailable):
            call("AddOrder", {})


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout,
        httpx.WriteTimeout,
        httpx.ReadError,
        httpx.WriteError,
        httpx.RemoteProtocolError,
        httpx.DecodingError,
    ],
)
def test_a_write_that_broke_off_may_have_been_done(error: type[httpx.HTTPError]) -> None:
    api, seen, _ = api_that(fails(error))
    with pytest.raises(OutcomeUnknown):
        api.write("AddOrder", {})
    with pytest.raises(Unavailable):
        api.read("GetOrders", {})
    assert len(seen) == 2, "nothing is sent a second time by itself"


@pytest.mark.parametrize(
    "answer",
    [
        fails(httpx.ReadTimeout),
        fails(httpx.ConnectError),
        page(200, f"<html>{PERSONAL} {SECRET}</html>"),
        says({"result": "error", "message": f"Duplicate Email Address {PERSONAL} {SECRET}"}),
        says({"result": "error", "message": f"{PERSONAL} is blocked"}),
        says({"result": "error", "message": f"Invalid IP 203.0.113.9 {SECRET}"}, 403),
    ],
    ids=["time-out", "not connected", "page", "known sentence", "unknown sentence", "address"],
)
def test_no_error_tells_secrets_or_personal_data(answer: Answer) -> None:
    api, seen, _ = api_that(answer)
    for call in (api.read, api.write):
        with pytest.raises(PortError) as raised:
            call("AddClient", {"email": PERSONAL})
        error: BaseException | None = raised.value
        while error is not None:
            told = f"{error} {error!r} {error.args}"
            assert PERSONAL not in told
            assert SECRET not in told
            error = error.__cause__ or error.__context__
    assert all(SECRET not in str(request.url) and PERSONAL not in str(request.url) for request in seen)
    assert SECRET not in repr(api.settings)
    assert ACCESS not in repr(api.settings)


def test_nothing_is_logged_but_the_address(caplog: pytest.LogCaptureFixture) -> None:
    api, _, _ = api_that(says({"result": "success", "paymethods": [{"remote_token": SECRET}]}))
    with caplog.at_level(0):
        api.read("GetPayMethods", {"clientid": 7})
        api.write("AddClient", {"email": PERSONAL})
    assert SECRET not in caplog.text
    assert ACCESS not in caplog.text
    assert PERSONAL not in caplog.text


def test_credentials_go_in_the_body_with_every_call() -> None:
    api, seen, _ = api_that(says({"result": "success"}))
    api.read("GetOrders", {"id": 7})
    (request,) = seen
    sent = dict(httpx.QueryParams(request.content.decode()))
    assert request.method == "POST"
    assert str(request.url) == "https://billing.example/includes/api.php"
    assert sent == {
        "action": "GetOrders",
        "responsetype": "json",
        "id": "7",
        "identifier": "id-1",
        "secret": SECRET,
        "accesskey": ACCESS,
    }


@pytest.mark.parametrize("message", ["Authentication Failed", "Invalid IP 203.0.113.9"])
def test_whoever_is_not_known_keeps_quiet_for_a_while(message: str) -> None:
    api, seen, clock = api_that(says({"result": "error", "message": message}, 403))
    for _ in range(5):
        with pytest.raises(Refused):
            api.read("GetOrders", {})
    assert len(seen) == 1
    clock.advance(api.settings.quiet_for - timedelta(seconds=1))
    with pytest.raises(Refused):
        api.read("GetOrders", {})
    assert len(seen) == 1
    clock.advance(timedelta(seconds=1))
    with pytest.raises(Refused):
        api.read("GetOrders", {})
    assert len(seen) == 2


def test_an_action_that_is_not_allowed_stops_no_other() -> None:
    refused = {"result": "error", "message": 'Invalid Permissions: API action "x" is not allowed'}
    api, seen, _ = api_that(says(refused, 403))
    for _ in range(2):
        with pytest.raises(Refused):
            api.read("WhmcsDetails", {})
    assert len(seen) == 2


@pytest.mark.parametrize("total", ["7", 7, None], ids=repr)
@pytest.mark.parametrize("largest", [1, 2, 3, 100])
def test_pages_are_read_to_the_end_however_few_rows_a_page_may_have(total: object, largest: int) -> None:
    known = [{"id": number} for number in range(7)]

    def answer(request: httpx.Request) -> httpx.Response:
        asked = dict(httpx.QueryParams(request.content.decode()))
        start = int(asked["limitstart"])
        size = min(int(asked["limitnum"]), largest)
        body = {"result": "success", "orders": {"order": known[start : start + size] or ""}}
        return httpx.Response(200, json=body if total is None else {**body, "totalresults": total})

    api, seen, _ = api_that(answer)
    assert api.pages("GetOrders", {}, container="orders", item="order") == known
    if largest > 1:  # the last row of a page is asked for again with the next; without a total one page more
        assert len(seen) <= 6 // (largest - 1) + 1 + (total is None)


def moving(lists: Sequence[Sequence[int]], size: int = 2) -> tuple[WhmcsApi, list[httpx.Request]]:
    """Return an installation whose orders are those of the next list at each call, the last one for ever."""
    calls = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        known = lists[min(calls, len(lists) - 1)]
        calls += 1
        start = int(dict(httpx.QueryParams(request.content.decode()))["limitstart"])
        page = [{"id": number} for number in known[start : start + size]]
        body = {"result": "success", "totalresults": len(known), "orders": {"order": page or ""}}
        return httpx.Response(200, json=body)

    api, seen, _ = api_that(answer)
    api.settings = WhmcsSettings(url="https://billing.example/", identifier="i", secret="s", page_size=size)
    return api, seen


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ([1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5]),
        ([1, 2, 3, 4, 5], [2, 3, 4, 5]),
        ([1, 2, 3, 4, 5], [2, 3, 4, 5, 6]),
        ([1, 2, 3, 4, 5], [1, 3, 4, 5, 6]),
        ([1, 2, 3], [3, 2, 1]),
    ],
    ids=["one comes before", "one goes before", "one goes and one comes", "one goes within", "turned"],
)
@pytest.mark.parametrize("calls", [1, 2, 3])
def test_rows_that_move_between_pages_are_neither_missed_nor_twice(
    first: list[int], then: list[int], calls: int
) -> None:
    api, _ = moving([*[first] * calls, then])
    found = [row["id"] for row in api.pages("GetOrders", {}, container="orders", item="order")]
    assert len(found) == len(set(found))
    assert {*first} & {*then} <= {*found} <= {*first} | {*then}


def test_rows_that_never_hold_still_are_not_taken_for_all_there_is() -> None:
    api, seen = moving([[number, number + 1, number + 2] for number in range(0, 300, 3)])
    with pytest.raises(Unavailable):
        api.pages("GetOrders", {}, container="orders", item="order")
    assert len(seen) < 40


@pytest.mark.parametrize("shown", [[{"id": 1}], "", "shown in a way nobody knows", {"row": 7}], ids=repr)
def test_fewer_rows_than_the_total_are_not_all_there_is(shown: object) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        start = int(dict(httpx.QueryParams(request.content.decode()))["limitstart"])
        found = shown if start == 0 else ""
        return httpx.Response(200, json={"result": "success", "totalresults": 99, "orders": {"order": found}})

    api, seen, _ = api_that(answer)
    with pytest.raises(Unavailable):
        api.pages("GetOrders", {}, container="orders", item="order")
    assert len(seen) < 20


def test_a_list_that_stays_short_is_refused_at_the_third_look_and_never_taken_for_complete() -> None:
    total = 3

    def answer(request: httpx.Request) -> httpx.Response:
        start = int(dict(httpx.QueryParams(request.content.decode()))["limitstart"])
        shown = [{"id": 1}, {"id": 2}][start:]
        return httpx.Response(
            200, json={"result": "success", "totalresults": total, "orders": {"order": shown or ""}}
        )

    api, _, _ = api_that(answer)

    def looked(client: int = 7) -> list[object]:
        found = api.pages("GetOrders", {"userid": client}, container="orders", item="order")
        return [row["id"] for row in found]

    def short(times: int, client: int = 7) -> None:
        for _ in range(times):
            with pytest.raises(Unavailable, match="LIST_INCOMPLETE"):
                looked(client)

    short(MOST_LOOKS - 1)
    short(MOST_LOOKS - 1, client=8)  # each list by itself
    total = 2
    assert looked() == [1, 2]
    total = 3
    short(MOST_LOOKS - 1)  # a look that found all of it counts from the beginning
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            looked()
        assert refused.value.code == "LIST_INCOMPLETE"
    total = 2
    assert looked() == [1, 2]


def test_rows_that_move_for_ever_are_no_list_that_stays_short() -> None:
    api, _ = moving([[number, number + 1, number + 2] for number in range(0, 3000, 3)])
    for _ in range(2 * MOST_LOOKS):
        with pytest.raises(Unavailable, match="PAGES_SHIFT"):
            api.pages("GetOrders", {}, container="orders", item="order")


def test_a_row_that_is_listed_twice_is_none_that_is_missing() -> None:
    body = {"result": "success", "totalresults": 3, "orders": {"order": [{"id": 1}, {"id": 2}, {"id": 2}]}}
    api, _, _ = api_that(says(body))
    found = api.pages("GetOrders", {}, container="orders", item="order")
    assert [row["id"] for row in found] == [1, 2]


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("billing.example", "https://"),
        ("http://billing.example/", "https"),
        ("https://user:pw@billing.example/", "alone"),
        ("https://billing.example/?key=1", "alone"),
        ("ftp://billing.example/", "https://"),
    ],
)
def test_an_address_that_cannot_be_used_says_why(url: str, named: str) -> None:
    with pytest.raises(ValueError, match=named) as raised:
        WhmcsSettings(url=url, identifier="i", secret=SECRET)
    assert "pw" not in str(raised.value)


def test_an_access_key_has_the_signs_that_whmcs_takes() -> None:
    WhmcsSettings(url="https://b.example", identifier="i", secret="s", access_key="aZ9!@#$%.()*[]-_")
    with pytest.raises(ValueError, match="access_key"):
        WhmcsSettings(url="https://b.example", identifier="i", secret="s", access_key="with space")
