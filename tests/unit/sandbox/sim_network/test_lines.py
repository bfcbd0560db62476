"""The network accepts what a carrier takes, refuses the rest by its code, and opens lines later."""

from datetime import UTC, datetime, timedelta

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_sandbox.sim_network.completions import completion_file
from ordering_sandbox.sim_network.freebit import LineApi
from ordering_sandbox.web import HttpRequest
from tests.unit.sandbox.sim_network.networks import EID, NOON, NetworkInHand, esim, ported


ADD = "mvno/esim/addAcnt/"
CARD = "mvno/semiblack/addAcnt/"
OPTIONS = "mvno/talkoption/changeOrder/"
END = "master/cnclAcnt/"
OK = "200"


@pytest.fixture
def network() -> NetworkInHand:
    return NetworkInHand()


def test_a_line_is_accepted_first_and_opens_when_its_time_has_come(network: NetworkInHand) -> None:
    accepted = network.call(ADD, **esim())
    assert (accepted["resultCode"], accepted["account"]) == ("100", "07010000001")
    assert network.lines()[0]["state"] == "accepted"
    network.clock.advance(timedelta(seconds=599))
    assert network.lines()[0]["state"] == "accepted"
    network.clock.advance(timedelta(seconds=1))
    assert network.lines()[0]["state"] == "open"


def test_the_same_request_twice_opens_two_lines(network: NetworkInHand) -> None:
    receipts = {str(network.call(ADD, **esim())["receiptNumber"]) for _ in range(2)}
    assert {line["receiptNumber"] for line in network.lines()} == receipts
    assert len(receipts) == 2


def test_a_device_may_be_held_to_one_line() -> None:
    network = NetworkInHand(line_per_device=True)
    assert [network.code(ADD, **esim()) for _ in range(2)] == [OK, "410"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"eid": EID[:31]}, "400"),
        ({"eid": f"{EID}0"}, "400"),
        ({"eid": f"{EID[:30]}45"}, "400"),
        ({"eid": None}, "400"),
        ({"planCode": "PASI_11G"}, "413"),
        ({"simKind": "E1"}, "356"),
        ({"addKind": "X"}, "356"),
        ({"createType": "new"}, "400"),
        ({"aladinOperated": "10"}, "400"),
        ({"aladinOperated": "10", "shipDate": "20260230"}, "400"),
        ({"account": "07010000001"}, "356"),
        ({"simKind": "E2", "talkOption": {"voiceMail": "10"}}, "356"),
    ],
)
def test_what_a_carrier_does_not_take_is_refused_and_opens_nothing(
    network: NetworkInHand, changed: dict[str, object], code: str
) -> None:
    assert network.code(ADD, **esim(**changed)) == code
    assert network.lines() == []
    assert network.call(ADD, **esim())["account"] == "07010000001", "a refused request used a number up"


def test_when_no_number_is_left_a_new_one_is_refused() -> None:
    network = NetworkInHand()
    with network.site.open() as (state, _):
        state.network.numbers.clear()
    assert network.code(ADD, **esim()) == "412"


@given(st.integers(-20, 40))
def test_a_port_needs_its_days_with_the_last_one_counted(days: int) -> None:
    last = (NOON + timedelta(days=days - 1)).date()
    code = NetworkInHand().code(ADD, **ported(reserveExpireDate=last.strftime("%Y%m%d")))
    assert code == ("421" if days < 1 else "422" if days < 7 else OK)


@pytest.mark.parametrize(("minute", "code"), [(59, OK), (60, "422")])
def test_the_days_of_a_port_change_at_midnight_in_japan(minute: int, code: str) -> None:
    network = NetworkInHand()
    network.clock.set(datetime(2026, 4, 8, 14, 0, tzinfo=UTC) + timedelta(minutes=minute), stopped=True)
    assert network.code(ADD, **ported(reserveExpireDate="20260414")) == code


@pytest.mark.parametrize(
    "changed",
    [
        {"reserveNumber": "123456789"},
        {"reserveNumber": "12345678901"},
        {"lastnameKanji": "Smith"},
        {"lastnameKanji": "ｽﾐｽ"},
        {"lastnameZenKana": "たかはし"},
        {"lastnameZenKana": "ﾀｶﾊｼ"},
        {"gender": "F"},
        {"birthday": "19900230"},
        {"firstnameKanji": ""},
    ],
)
def test_a_port_whose_data_are_not_as_the_losing_carrier_has_them_is_refused(
    network: NetworkInHand, changed: dict[str, object]
) -> None:
    assert network.code(ADD, **ported(**changed)) == "423"


def test_a_company_ports_without_first_names_and_birthday(network: NetworkInHand) -> None:
    company = {"gender": "C", "firstnameKanji": None, "firstnameZenKana": None, "birthday": None}
    assert network.code(ADD, **ported(**company)) == OK


@pytest.mark.parametrize(
    ("donor", "failure"),
    [
        ({}, ""),
        ({"lastNameKana": "タカバシ"}, "MNP-301"),
        ({"birthday": "19900227"}, "MNP-301"),
        ({"phoneNumber": "09012345679"}, "MNP-303"),
        ({"unpaid": True}, "MNP-304"),
    ],
)
def test_a_port_fails_later_when_the_losing_carrier_objects(donor: dict[str, object], failure: str) -> None:
    network = NetworkInHand()
    known = {
        "reservationNumber": "1234567890",
        "phoneNumber": "09012345678",
        "lastNameKana": "タカハシ",
        "firstNameKana": "サクラ",
        "birthday": "19900228",
        **donor,
    }
    network.plant(donors=[known])
    assert network.code(ADD, **ported()) == OK
    network.clock.advance(timedelta(minutes=10))
    line = network.lines()[0]
    assert (line["state"], line["resultDetail"]) == ("failed" if failure else "open", failure)


def card(**changed: object) -> dict[str, object]:
    return {
        "addKind": "N",
        "productNumber": "PT0200000000001",
        "account": "07020000001",
        "simKind": "E0",
        "planCode": "PASI_10G",
        "requestKey": "801",
        **changed,
    }


def test_a_card_opens_with_its_own_number_and_once(network: NetworkInHand) -> None:
    assert [network.code(CARD, **card()) for _ in range(2)] == [OK, "411"]
    assert [line["account"] for line in network.lines()] == ["07020000001"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"account": "07020000002"}, "411"),
        ({"productNumber": "PT0299999999999"}, "411"),
        ({"productNumber": "PT020000000001"}, "400"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(
    network: NetworkInHand, changed: dict[str, object], code: str
) -> None:
    assert network.code(CARD, **card(**changed)) == code


def test_a_card_whose_line_failed_can_be_used_again(network: NetworkInHand) -> None:
    network.call(CARD, **card())
    with network.site.open() as (state, now):
        state.network.settle(state.network.lines[0], now, "ESIM-101")
    assert network.code(CARD, **card()) == OK


def test_options_change_one_by_one_and_stay(network: NetworkInHand) -> None:
    account = network.call(ADD, **esim())["account"]
    network.call(OPTIONS, account=account, talkOption={"voiceMail": "10"})
    network.call(OPTIONS, account=account, talkOption={"callWaiting": "10"})
    assert network.lines()[0]["talkOption"] == {"voiceMail": "10", "callWaiting": "10"}


def test_a_line_may_be_locked_for_a_while_after_a_change() -> None:
    network = NetworkInHand(lock_minutes=30)
    account = network.call(ADD, **esim())["account"]
    change = {"account": account, "talkOption": {"voiceMail": "10"}}
    assert [network.code(OPTIONS, **change) for _ in range(2)] == [OK, "409"]
    network.clock.advance(timedelta(minutes=30))
    assert network.code(OPTIONS, **change) == OK


def test_a_line_ends_after_its_last_day(network: NetworkInHand) -> None:
    account = network.call(ADD, **esim())["account"]
    assert network.code(END, account=account, runDate="20260407") == "400"
    assert network.code(END, account="07019999999", runDate="20260430") == "404"
    assert network.code(END, account=account, runDate="20260430") == OK
    network.clock.set(datetime(2026, 4, 30, 14, 59, tzinfo=UTC), stopped=True)
    assert network.lines()[0]["state"] == "open"
    network.clock.set(datetime(2026, 4, 30, 15, 0, tzinfo=UTC), stopped=True)
    assert network.lines()[0]["state"] == "ended"


def test_a_key_lives_for_a_while_and_a_wrong_word_gets_none(network: NetworkInHand) -> None:
    assert network.post("authOem/", {"oemId": "sandbox-oem", "oemKey": "wrong"})["resultCode"] == "400"
    assert network.code(ADD, **esim()) == OK
    network.clock.advance(timedelta(hours=1))
    assert network.code(ADD, **esim()) == "401"


def test_a_network_without_a_status_query_does_not_know_its_path() -> None:
    network = NetworkInHand(status_query=False)
    path = "/emptool/api/mvno/getDetail/"
    answered = LineApi(network.site).answer(HttpRequest(method="POST", path=path, raw_path=path))
    assert answered.status == 404


def test_the_file_of_completions_tells_each_line_once_after_a_moment(network: NetworkInHand) -> None:
    for key in ("801", "802"):
        network.call(ADD, **esim(requestKey=key))
        network.clock.advance(timedelta(minutes=1))
    network.clock.advance(timedelta(minutes=9))
    with network.site.open() as (state, _):
        lines = state.network.lines
        whole = completion_file(lines, since=None, encoding="cp932").decode("cp932").splitlines()
        newer = completion_file(lines, since=lines[0].settled_at, encoding="utf-8").decode().splitlines()
    assert [row.split(",")[0] for row in whole] == ["要求番号", "801", "802"]
    assert newer[1:] == whole[2:]
    assert whole[1].split(",")[1:] == [
        "R0000000001",
        "07010000001",
        EID,
        "",
        "OK",
        "",
        "2026/04/08 12:10:00",
    ]
