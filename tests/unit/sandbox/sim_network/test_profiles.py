"""ES2+ keeps to SGP.22: states, codes, and status 200 for what a function refuses."""

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_sandbox.sim_network.seed import with_check_digit
from tests.unit.sandbox.sim_network.networks import EID, NetworkInHand


DONE = "Executed-Success"
FIRST = "8981199040000000018"


@pytest.fixture
def network() -> NetworkInHand:
    return NetworkInHand()


def ordered(network: NetworkInHand) -> str:
    done, answer = network.es2("downloadOrder", eid=EID, profileType="PASI_10G")
    assert done == DONE
    return str(answer["iccid"])


def test_a_profile_goes_from_the_stock_to_the_device(network: NetworkInHand) -> None:
    iccid = ordered(network)
    done, confirmed = network.es2("confirmOrder", iccid=iccid, releaseFlag=False)
    assert (done, confirmed["eid"], confirmed["smdpAddress"]) == (DONE, EID, "smdp.example")
    assert network.es2("releaseProfile", iccid=iccid)[0] == DONE
    assert network.es2("releaseProfile", iccid=f"{iccid}F")[0] == DONE


def test_the_same_order_twice_takes_two_profiles(network: NetworkInHand) -> None:
    assert ordered(network) != ordered(network)


def test_an_iccid_that_was_ordered_is_in_use(network: NetworkInHand) -> None:
    assert [network.es2("downloadOrder", eid=EID, iccid=FIRST)[0] for _ in range(2)] == [DONE, "8.2.1/3.3"]


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({}, "8.2.1/2.3"),
        ({"profileType": "PASI_11G"}, "8.2.5/3.9"),
        ({"iccid": "8981199990000000010"}, "8.2.1/3.9"),
        ({"iccid": FIRST, "profileType": "PASI_3G"}, "8.2.5/3.8"),
        ({"iccid": FIRST[:18]}, "8.2.1/2.1"),
        ({"eid": EID[:31], "profileType": "PASI_10G"}, "8.1.1/2.1"),
    ],
)
def test_an_order_that_cannot_be_filled_says_which_code(
    network: NetworkInHand, record: dict[str, object], code: str
) -> None:
    assert network.es2("downloadOrder", **record)[0] == code


def test_an_empty_stock_says_so(network: NetworkInHand) -> None:
    with network.site.open() as (state, _):
        for profile in list(state.profiles.profiles.values()):
            if profile.profile_type == "PASI_10G" and profile.iccid != FIRST:
                del state.profiles.profiles[profile.iccid]
    assert ordered(network) == FIRST
    assert network.es2("downloadOrder", eid=EID, profileType="PASI_10G")[0] == "8.2.5/3.7"


def test_only_what_was_confirmed_is_released(network: NetworkInHand) -> None:
    assert network.es2("releaseProfile", iccid=FIRST)[0] == "8.2.1/3.5"
    assert network.es2("releaseProfile", iccid=ordered(network))[0] == "8.2.1/3.5"


def test_a_profile_is_confirmed_once(network: NetworkInHand) -> None:
    iccid = ordered(network)
    codes = [network.es2("confirmOrder", iccid=iccid, releaseFlag=True)[0] for _ in range(2)]
    assert codes == [DONE, "8.2.1/1.2"]


def test_a_matching_id_is_bound_once_and_an_empty_one_needs_the_device(network: NetworkInHand) -> None:
    first, second = ordered(network), ordered(network)
    bound = {"releaseFlag": False, "matchingId": "ABC-1"}
    assert network.es2("confirmOrder", iccid=first, **bound)[0] == DONE
    assert network.es2("confirmOrder", iccid=second, **bound)[0] == "8.2.6/3.3"
    _, answer = network.es2("downloadOrder", profileType="PASI_10G")
    nobody = {"iccid": answer["iccid"], "releaseFlag": False, "matchingId": ""}
    assert network.es2("confirmOrder", **nobody)[0] == "8.1.1/2.2"


def test_a_cancellation_names_what_the_order_is_bound_to(network: NetworkInHand) -> None:
    iccid = ordered(network)
    _, confirmed = network.es2("confirmOrder", iccid=iccid, releaseFlag=True)
    cancel = {"iccid": iccid, "finalProfileStatusIndicator": "Available"}
    matching = confirmed["matchingId"]
    assert network.es2("cancelOrder", **cancel, matchingId=matching)[0] == "8.2.1/3.10"
    assert network.es2("cancelOrder", **cancel, eid=EID)[0] == "8.2.6/3.10"
    assert network.es2("cancelOrder", **cancel, eid=EID, matchingId=matching)[0] == DONE
    assert ordered(network) == iccid, "the profile is in stock again"


def test_an_installed_profile_stays() -> None:
    network = NetworkInHand(release_activates=True)
    iccid = ordered(network)
    network.es2("confirmOrder", iccid=iccid, releaseFlag=True)
    cancel = {"iccid": iccid, "finalProfileStatusIndicator": "Unavailable", "eid": EID}
    assert network.es2("cancelOrder", **cancel)[0] == "8.2.1/3.3"


def test_a_request_without_the_protocol_is_not_of_es2(network: NetworkInHand) -> None:
    assert network.es2_response("downloadOrder", {}, protocol="").status == 400
    assert network.es2_response("nothingLikeThat", {}).status == 404


@given(st.integers(0, 10**18 - 1))
def test_a_check_digit_is_the_one_that_luhn_asks_for(body: int) -> None:
    digits = [int(digit) for digit in reversed(with_check_digit(f"{body:018d}"))]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    assert (sum(digits[::2]) + sum(doubled)) % 10 == 0
