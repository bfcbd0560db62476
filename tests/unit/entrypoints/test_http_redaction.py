"""Personal data never reaches a log: it is sent everywhere, all is made to fail, the logs are searched."""

import io
import json
import logging
import os
import subprocess
import sys
import threading

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Final
from uuid import UUID

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core import PortingDraft
from ordering_core.testing.world import Fault, Moment
from ordering_entrypoints.http.principals import Role
from ordering_entrypoints.http.redaction import (
    FIELDS,
    HIDDEN,
    REQUEST_ID,
    frames_of,
    log_event,
    redacted,
    subject_in_logs,
)
from ordering_entrypoints.logs import (
    LogFormat,
    LogVariables,
    RedactingFormatter,
    TextFormatter,
    configure_logging,
)
from tests.unit.application.shop import APARTMENT, EID, ESIM, PORTED_CARD
from tests.unit.entrypoints.api import JPEG, KEY, Api, body


LAST_NAME: Final = "鬼龍院"
SENTINELS: Final = (
    EID,
    LAST_NAME,
    "キリュウイン",
    "Xzqfirstname",
    "1987-06-05",
    "08098765432",
    "9871236540",
    "MVNO-ACC-5566",
    "Kitashirakawa 9-8-7",
    "Maison Zyx",
    "6061234",
    "Ring the Qwv bell",
    "osk_wrongkeywrongkey",
    "eyJhbGciOiJIUzI1NiJ9",
    "whoever@personal.example",
    "seen-by-bob-123456",
    KEY,
)
PERSONAL: Final = PortingDraft(
    reservation_number="9871236540",
    reservation_expires_on=date(2026, 6, 17),
    phone_number="08098765432",
    mvno_account_number="MVNO-ACC-5566",
    last_name=LAST_NAME,
    first_name="Xzqfirstname",
    last_name_katakana="キリュウイン",
    first_name_katakana="ハナコ",
    gender="Female",
    birth_date=date(1987, 6, 5),
)
ADDRESS: Final = {
    "postal_code": "606-1234",
    "prefecture": "京都府",
    "city": "京都市左京区",
    "town_and_number": "Kitashirakawa 9-8-7",
    "building": "Maison Zyx",
    "room": "1001",
}


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """Collect what this process would write to its log at its most talkative."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(RedactingFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def live_a_life(api: Api) -> None:
    """Send sentinels to every route, well and badly, with everything behind it working and failing."""
    world = api.world
    customer = world.new_customer(verified=False, apartment=True)
    drafts = (
        body(attrs.evolve(PORTED_CARD, porting=PERSONAL)),
        body(attrs.evolve(ESIM, eid=EID)),
        body(attrs.evolve(ESIM, eid=EID + "9")) | {LAST_NAME: LAST_NAME},
        body(attrs.evolve(APARTMENT, notes="Ring the Qwv bell")),
    )
    for draft in drafts:
        for route in ("/configurations/validation", "/configurations/price", "/checkout-sessions"):
            api.client.post(f"/api{route}", json=draft, headers={"Idempotency-Key": "seen-by-bob-123456"})
    for header in ("Bearer osk_wrongkeywrongkey", f"Bearer {KEY}", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.x"):
        api.client.get("/api/orders", headers={"Authorization": header})
    api.client.get(f"/api/orders/{EID}?search={LAST_NAME}&limit={EID}", headers=api.token(customer))
    api.client.get(f"/{LAST_NAME}/{EID}")
    api.client.get("/api/catalogue", headers={"X-Request-Id": EID, "User-Agent": "Xzqfirstname"})
    api.client.post(
        "/api/configurations/price",
        content=json.dumps(drafts[0])[:-1],
        headers={"Content-Type": "application/json"},
    )
    api.client.get("/api/orders", headers=api.token("whoever@personal.example"))

    session = api.begin(PORTED_CARD, customer)
    operations = (
        "customers.account",
        "billing.payment_methods",
        "files.upload",
        "orders.place",
        "catalogue.products",
    )
    for fault in (Fault.DOWN, Fault.REFUSE, Fault.LOSE_REPLY):
        for operation in operations:
            world.faults.set(operation, fault, times=3, code=LAST_NAME)
        use(api, session)
        world.faults.clear()
    for operation in operations:
        world.faults.hook(operation, Moment.BEFORE, break_down)
    use(api, session)
    world.faults.clear()
    use(api, session)
    world.run_due()
    api.client.post(
        "/api/orders/801/retry", headers=api.token("jane", Role.AGENT), json={"reason": LAST_NAME}
    )


def use(api: Api, session: str) -> None:
    customer = next(iter(api.world._identities))
    header = api.token(customer)
    client = api.client
    client.get(f"/api{session}/requirements", headers=header)
    client.put(f"/api{session}/draft", headers=header, json=body(attrs.evolve(PORTED_CARD, porting=PERSONAL)))
    client.put(f"/api{session}/address", headers=header, json={"address": ADDRESS})
    client.put(
        f"/api{session}/address", headers=header, json={"address": ADDRESS | {"postal_code": LAST_NAME}}
    )
    client.post(f"/api{session}/address-confirmation", headers=header)
    client.post(f"/api{session}/eligibility-request", headers=header)
    client.post("/api/identity-documents", headers=header, files={"file": (LAST_NAME, JPEG + EID.encode())})
    client.post("/api/payment-methods/entry", headers=header, follow_redirects=False)
    client.post(f"/api{session}/submission", headers=header)


def break_down() -> None:
    raise RuntimeError(f"{LAST_NAME} {EID} 08098765432 1987-06-05")


def test_no_sentinel_reaches_a_log(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    api = Api()
    with caplog.at_level(logging.DEBUG), everything_logged() as written:
        live_a_life(api)
    lines = written.getvalue().splitlines()
    ours = [
        f"{record.getMessage()} {vars(record).get('fields')} {record.exc_text or record.exc_info}"
        for record in caplog.records
        if record.name.startswith("ordering_")
    ]
    assert len(ours) > 60
    assert len(lines) >= len(ours)
    output = capfd.readouterr()
    everything = "\n".join([*lines, *ours, output.out, output.err])
    assert [sentinel for sentinel in SENTINELS if sentinel in everything] == []
    for line in lines:
        json.loads(line)  # every line is one JSON object


def test_the_logs_say_what_is_needed_to_help() -> None:
    api = Api()
    with everything_logged() as written:
        answer = api.call("POST", "/configurations/price", json={**body(ESIM), "eid": "1"})
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    request_id = answer.headers["x-request-id"]
    failed, answered = [line for line in lines if line["request_id"] == request_id]
    assert failed["event"] == "request failed"
    assert (failed["status"], failed["codes"], failed["error"]) == (422, "eid_length", "OrderRejected")
    assert failed["problem"] == "urn:ordering:problem:order-rejected"
    assert answered["event"] == "request answered"
    assert (answered["method"], answered["status"]) == ("POST", 422)
    assert answered["route"] == "/api/configurations/price"
    assert answered["principal"] == "anonymous"
    assert answered["duration_ms"] > 0


def test_the_logs_tell_what_somebody_is_and_not_who() -> None:
    api = Api()
    customer = api.world.new_customer()
    with everything_logged() as written:
        assert api.call("GET", "/orders", customer).status_code == 200
    [answered] = [json.loads(line) for line in written.getvalue().splitlines() if "answered" in line]
    assert answered["principal"] == "user"
    assert customer not in written.getvalue()


def test_a_session_that_is_a_secret_is_not_in_the_logs() -> None:
    api = Api()
    session = api.begin()
    with everything_logged() as written:
        api.call("GET", session)
    assert session.rpartition("/")[2] not in written.getvalue()
    assert "/api/checkout-sessions/{session_id}" in written.getvalue()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("4bf92f35-77b3-4da6-a3ce-929d0e0e4736", True),
        (EID, False),
        ("08098765432", False),
        ("", False),
        ("not-a-uuid", False),
    ],
)
def test_a_callers_request_id_is_kept_if_it_is_a_uuid(given: str, *, kept: bool) -> None:
    answer = Api().client.get("/api/catalogue", headers={"X-Request-Id": given})
    assert (answer.headers["x-request-id"] == given) == kept


def test_a_request_without_an_id_gets_one_of_its_own_that_others_would_keep() -> None:
    api = Api()
    ids = [api.call("GET", "/catalogue").headers["x-request-id"] for _ in range(20)]
    assert len(set(ids)) == 20
    assert all(UUID(one).version == 4 and str(UUID(one)) == one for one in ids)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system that cannot copy processes copies no ids")
def test_processes_that_were_one_do_not_give_the_same_ids() -> None:
    script = (
        "import os\n"
        "from ordering_entrypoints.http.access import new_request_id\n"
        "read, write = os.pipe()\n"
        "child = os.fork()\n"
        "os.write(write, new_request_id().encode())\n"
        "if not child: os._exit(0)\n"
        "os.waitpid(child, 0)\n"
        "print(os.read(read, 72).decode())\n"
    )
    told = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    assert told[:36] != told[36:72]


def test_only_known_fields_pass() -> None:
    assert redacted({"status": 200, "eid": EID, "name": LAST_NAME}) == {"status": 200}
    assert redacted(dict.fromkeys(FIELDS, 1)) == dict.fromkeys(FIELDS, 1)


@pytest.mark.parametrize(
    "text",
    [
        LAST_NAME,
        "花子",
        "ﾊﾅｺ",
        EID,
        "090-1234-5678",
        "+81 90 1234 5678",
        "whoever@personal.example",
        "1987-06-05",
        pytest.param(KEY, id="a service key"),  # made anew in every process
    ],
)
def test_what_looks_personal_is_hidden_in_any_text(text: str) -> None:
    (shown,) = redacted({"error": f"it was {text}."}).values()
    assert shown == f"it was {HIDDEN}."


@pytest.mark.parametrize(
    "text", ["urn:ordering:problem:not-found", "errors.py:120 handle", "port 8000", "2031-12"]
)
def test_what_is_not_personal_stays(text: str) -> None:
    assert redacted({"frames": text}) == {"frames": text}


def test_long_texts_are_cut() -> None:
    (shown,) = redacted({"error": "x" * 9000}).values()
    assert isinstance(shown, str)
    assert len(shown) == 500


def formatted(record: logging.LogRecord) -> dict[str, object]:
    line: dict[str, object] = json.loads(RedactingFormatter().format(record))
    return line


def record_of(message: object, *args: object, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("elsewhere", logging.WARNING, __file__, 1, message, args, info)


def test_of_other_peoples_records_only_the_wording_passes() -> None:
    line = formatted(record_of("customer %s of %s", LAST_NAME, EID))
    assert line["event"] == "customer %s of %s"
    assert line["level"] == "WARNING"


@given(st.sampled_from(SENTINELS), st.sampled_from(["", "customer ", "of "]))
def test_a_text_put_together_before_it_was_logged_is_told_by_its_place_alone(
    personal: str, before: str
) -> None:
    line = formatted(record_of(f"{before}{personal}!"))
    assert line["event"] == f"{HIDDEN} entrypoints/test_http_redaction.py:1"


@pytest.mark.parametrize("message", [12345678, RuntimeError(LAST_NAME), ("a", LAST_NAME)])
def test_what_is_logged_and_is_no_text_is_told_by_its_place_alone(message: object) -> None:
    assert str(formatted(record_of(message))["event"]).startswith(HIDDEN)


def test_fields_of_other_peoples_records_pass_the_same_way() -> None:
    record = record_of("customer %s of %s")
    record.fields = {"eid": EID, "status": 3, "error": f"it was {EID}"}
    line = formatted(record)
    assert "eid" not in line
    assert (line["status"], line["error"]) == (3, f"it was {HIDDEN}")


def test_an_order_is_named_in_logs_and_any_other_subject_is_not() -> None:
    assert subject_in_logs("801000000000012AAA") == "801000000000012AAA"
    secret = "u2Jb3Zr1p0dYJ2bqv5cQ1A"
    assert secret not in subject_in_logs(secret)
    for personal in SENTINELS:
        assert personal not in subject_in_logs(personal)
        assert redacted({"subject": personal}) == {"subject": HIDDEN}
        shown = {"subject": subject_in_logs(personal)}
        assert redacted(shown) == shown


def test_text_for_a_terminal_says_the_same_in_one_line() -> None:
    record = record_of("customer %s of %s", LAST_NAME, EID)
    record.fields = {"status": 3, "error": "a\nb"}
    line = TextFormatter().format(record)
    assert "WARNING customer %s of %s" in line
    assert line.endswith("status=3 error=a b")
    assert "\n" not in line


def test_of_an_exception_its_class_and_its_way_pass_and_not_what_it_said() -> None:
    with pytest.raises(RuntimeError) as caught:
        break_down()
    line = formatted(record_of("it broke", error=caught.value))
    assert line["error"] == "RuntimeError"
    assert "break_down" in str(line["frames"])
    assert LAST_NAME not in json.dumps(line, ensure_ascii=False)
    assert frames_of(None) == ""


def test_a_line_belongs_to_its_request() -> None:
    token = REQUEST_ID.set("4bf92f35-77b3-4da6-a3ce-929d0e0e4736")
    try:
        with everything_logged() as written:
            log_event(
                logging.getLogger("ordering.test"), logging.INFO, "something", {"status": 1, "eid": EID}
            )
    finally:
        REQUEST_ID.reset(token)
    line = json.loads(written.getvalue())
    assert (line["request_id"], line["status"]) == ("4bf92f35-77b3-4da6-a3ce-929d0e0e4736", 1)
    assert "eid" not in line


@contextmanager
def own_logging(chosen: LogVariables) -> Iterator[None]:
    root = logging.getLogger()
    before, level, hooks = (
        root.handlers[:],
        root.level,
        (sys.excepthook, sys.unraisablehook, threading.excepthook),
    )
    levels = {name: logging.getLogger(name).level for name in logging.root.manager.loggerDict}
    try:
        configure_logging(chosen)
        yield
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        for name, was in levels.items():
            logging.getLogger(name).setLevel(was)
        logging.captureWarnings(capture=False)
        sys.excepthook, sys.unraisablehook, threading.excepthook = hooks


@pytest.mark.parametrize("chosen", [LogFormat.JSON, LogFormat.TEXT])
def test_a_server_of_ours_logs_through_the_redaction_alone(chosen: LogFormat) -> None:
    servers = logging.getLogger("a.server.of.ours")
    servers.addHandler(logging.StreamHandler())
    servers.propagate = False
    with own_logging(LogVariables(format=chosen)):
        formatter = TextFormatter if chosen is LogFormat.TEXT else RedactingFormatter
        assert [type(handler.formatter) for handler in logging.getLogger().handlers] == [formatter]
        assert (servers.handlers, servers.propagate) == ([], True)


def test_an_exception_that_nobody_catches_is_logged_without_what_it_said(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with own_logging(LogVariables()):
        thread = threading.Thread(target=break_down)
        thread.start()
        thread.join()
        with pytest.raises(RuntimeError) as caught:
            break_down()
        sys.excepthook(RuntimeError, caught.value, caught.tb)
    in_thread, at_the_end = (json.loads(line) for line in capfd.readouterr().err.splitlines())
    assert (in_thread["event"], in_thread["error"]) == ("an exception ended a thread", "RuntimeError")
    assert at_the_end["event"] == "an exception ended the process"
    assert "break_down" in at_the_end["frames"]
    assert LAST_NAME not in json.dumps([in_thread, at_the_end], ensure_ascii=False)
