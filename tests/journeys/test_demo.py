"""`ordering demo`: four orders from configuration to Active over HTTP, the same at any hour and place."""

import io
import os
import pty
import re
import resource
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from ordering_entrypoints.demo import run_demo
from ordering_entrypoints.demo_journeys import DAY, MINUTE, STORIES, Scene, Story, vpn
from ordering_entrypoints.terminal import Terminal


DEMO = [sys.executable, "-m", "ordering_entrypoints.cli", "demo"]
LIMIT = 30
WORTH = 15
"""Seconds of processor time that a demo may take, its sandboxes included."""

# One worker plays the whole demo, for all of these.
pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.whmcs_sim]


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def begun(zone: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*DEMO, "--exit"],
        env={**os.environ, "TZ": zone},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def tales() -> list[str]:
    """What two demos tell that are played side by side at different places."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    demos = [begun("Asia/Tokyo"), begun("Pacific/Kiritimati")]
    tales: list[str] = []
    for demo in demos:
        out, err = demo.communicate(timeout=4 * LIMIT)
        assert demo.returncode == 0, out + err
        assert re.fullmatch(r"API documentation: http://127\.0\.0\.1:\d+/schema .*\n", err)
        tales.append(out)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < len(demos) * WORTH
    return tales


@pytest.fixture(scope="module")
def told(tales: list[str]) -> str:
    return tales[0]


def column(told: str, story: str) -> dict[str, str]:
    """Return what the table at the end says of *story*, by the fact's name."""
    table = told[told.index("what exists where") :].splitlines()
    start = table[0].index(story)
    end = start + len(table[1][start:].partition(" ")[0])
    return {row[:20].strip(): row[start:end].strip() for row in table[2:] if "  " in row}


def test_every_order_ends_active(told: str) -> None:
    assert told.rstrip().endswith("All 4 orders are Active.")
    for story in STORIES:
        assert column(told, story)["customer reads"] == "Service Active"
        assert column(told, story)["Status"] == "Approved"
        assert column(told, story)["activation"] == "Activated"


def test_it_is_the_same_at_another_place_and_hour(tales: list[str]) -> None:
    here, elsewhere = tales
    assert elsewhere == here


def test_every_order_is_billed_once_and_linked_both_ways(told: str) -> None:
    for story in STORIES:
        exists = column(told, story)
        assert re.fullmatch(r"\d{8}", exists["order number"])
        assert re.fullmatch(r"801\w{15}", exists["Salesforce Order"])
        assert re.fullmatch(r"006\w{15}", exists["Opportunity"])
        assert exists["Stage"] == "Active"
        assert re.fullmatch(r"500\w{15}(, 500\w{15})?", exists["Cases"])
        assert re.fullmatch(r"\d+", exists["WHMCS order"])
        assert exists["its WHMCS order"] == exists["WHMCS order"]
        assert exists["status"] == "Active"
        assert exists["their status"] == "Active"
        assert re.fullmatch(r"\d+(, \d+)*", exists["services"])
        assert exists["its services"] == exists["services"]
        assert exists["its service"] in exists["services"].split(", ")


def test_only_sims_have_a_line_and_each_has_one(told: str) -> None:
    states = {story: column(told, story)["state"] for story in STORIES}
    assert states == {
        "Internet": "-",
        "eSIM with number": "open",
        "SIM card with number": "open",
        "VPN router": "-",
    }
    receipts = [column(told, story)["network line"] for story in STORIES if "SIM" in story]
    assert all(re.fullmatch(r"R\d{10}", receipt) for receipt in receipts)
    assert len(set(receipts)) == len(receipts)


def test_the_device_of_an_esim_and_no_other_may_have_a_profile(told: str) -> None:
    profiles = {story: column(told, story)["eSIM profile"] for story in STORIES}
    assert profiles.pop("eSIM with number") == "Released"
    assert set(profiles.values()) == {"-"}


def test_totals_are_those_of_the_catalogue_with_tax(told: str) -> None:
    assert column(told, "VPN router")["monthly, with tax"] == "¥3,080"
    assert column(told, "VPN router")["one-time, with tax"] == "¥3,300"


def test_each_order_is_followed_live(told: str) -> None:
    for story, labels in {
        "Internet": ["Under Review", "Processing", "Installation Scheduled", "Setting Up Service"],
        "eSIM with number": ["Under Review", "Processing", "Setting Up Service"],
        "SIM card with number": ["Under Review", "Processing", "Setting Up Service"],
        "VPN router": ["Under Review", "Processing", "Setting Up Service"],
    }.items():
        live = re.findall(rf"{story} +live +([\w ]+):", told)
        assert list(dict.fromkeys(live)) == [*labels, "Service Active"]


def test_internet_waits_for_the_evening_of_its_day_and_a_card_for_its_delivery(told: str) -> None:
    assert "Fri 17 Apr 18:00  Internet              live      Service Active" in told
    delivered = told.index("delivers the card")
    assert delivered < told.index("SIM card with number  live      Setting Up Service")


def forgotten(scene: Scene) -> Story:
    """Submit an order that nobody approves."""
    yield next(vpn(scene))


def without_a_card(scene: Scene) -> Story:
    """Lose the payment method before the order is approved."""
    story = vpn(scene)
    yield next(story)
    scene.agent.remove_payment_methods(scene.client)
    next(story)
    yield DAY


def refused(scene: Scene) -> Story:
    yield MINUTE
    scene.shopper.begin({"type": "VPN", "skus": []})


@pytest.fixture(scope="module")
def troubles() -> str:
    """What a demo tells in which three of four stories do not end well."""
    out = io.StringIO()
    stories = {"forgotten": forgotten, "held": without_a_card, "refused": refused, "served": vpn}
    assert run_demo(Terminal(out, io.StringIO()), port=0, leave=True, stories=stories) == 1
    return out.getvalue()


def test_an_order_that_is_not_active_is_shown_with_its_rest(troubles: str) -> None:
    told = troubles[troubles.index("forgotten: the order did not become Active") :]
    assert "waits for approval" in told[: told.index("held:")]


def test_an_order_on_hold_is_shown_with_its_runbook(troubles: str) -> None:
    told = troubles[troubles.index("held: the order did not become Active") :]
    assert "PAYMENT_METHOD_MISSING" in told
    assert "No payment method that counts" in told
    assert "Clears by: a card that counts" in told


def test_a_refusal_ends_one_story_and_not_the_others(troubles: str) -> None:
    assert "refused: POST /api/checkout-sessions" in troubles
    assert "main_service_missing" in troubles
    assert column(troubles, "served")["customer reads"] == "Service Active"


def test_somebody_who_watches_sees_a_bar_for_each_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    screen = Screen()
    assert run_demo(Terminal(screen, io.StringIO()), port=0, leave=True, stories={"router": vpn}) == 0
    assert "━" in screen.getvalue()
    assert "Service Active" in screen.getvalue()


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run([*DEMO, "--exit", "--port", port], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"port {port} of 127.0.0.1" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_at_a_terminal_it_goes_on_serving_until_it_is_stopped() -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    with subprocess.Popen(DEMO, stdout=theirs, stderr=subprocess.PIPE, env=environment) as process:
        os.close(theirs)
        told = b""
        try:
            while b"Serving until Ctrl-C" not in told:
                told += os.read(ours, 4096)
            address = re.search(rb"(http://127\.0\.0\.1:\d+)/schema/openapi\.json", told)
            assert address is not None
            with urllib.request.urlopen(address.group().decode(), timeout=10) as answer:
                assert answer.status == 200
            sandboxes = re.findall(rb"(?:Salesforce|WHMCS|Mobile network): http://127\.0\.0\.1:(\d+)", told)
            assert len(sandboxes) == 3
            for port in sandboxes:
                socket.create_connection(("127.0.0.1", int(port))).close()
            process.send_signal(signal.SIGINT)
            assert process.wait(LIMIT) == 0
            for port in sandboxes:
                with pytest.raises(ConnectionRefusedError):
                    socket.create_connection(("127.0.0.1", int(port)))
        finally:
            process.kill()
    os.close(ours)
