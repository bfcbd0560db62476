"""The rules about who orders and where: account, address, building, identity, other services, checkout."""

from datetime import date, timedelta

import attrs
import pytest

from ordering_core.domain.checkout import Requirement
from ordering_core.domain.drafts import Draft
from ordering_core.domain.eligibility import NOT_REQUESTED, EligibilityStanding, EligibilityState
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.identity import IdentityMethod, IdentityStanding
from ordering_core.domain.policy import MethodCheck, Policy
from ordering_core.domain.rules import RuleFacts
from ordering_core.domain.violations import Gate
from ordering_core.domain.vocabulary import Offering
from tests.unit.domain.rule_cases import (
    ADDRESS,
    CATALOGUE,
    ESIM,
    INTERNET,
    NOON,
    VPN,
    codes,
    facts,
    found,
    only,
    skus,
    warnings,
)


FROM_SUBMIT = [Gate.SUBMIT, Gate.APPROVE, Gate.PROVISION]
EVERY_TYPE = pytest.mark.parametrize("draft", [INTERNET, ESIM, VPN], ids=["internet", "sim", "vpn"])


@EVERY_TYPE
def test_configuring_asks_nothing_about_the_customer(draft: Draft) -> None:
    stranger = RuleFacts(
        draft=draft,
        products=CATALOGUE.products,
        gate=Gate.CONFIGURE,
        at=NOON,
        policy=Policy(),
        other_active_service=True,
    )
    assert codes(stranger) == set()
    assert warnings(stranger) == []


@EVERY_TYPE
@pytest.mark.parametrize("gate", FROM_SUBMIT)
def test_the_customer_has_an_account_and_a_client(draft: Draft, gate: Gate) -> None:
    nobody = attrs.evolve(facts(draft, gate), account=None, client=None)
    assert found(nobody) == [("account_not_mapped", "/account"), ("client_not_mapped", "/account")]


@EVERY_TYPE
@pytest.mark.parametrize("gate", FROM_SUBMIT)
def test_there_is_an_address(draft: Draft, gate: Gate) -> None:
    assert found(attrs.evolve(facts(draft, gate), address=None)) == [("address_missing", "/address")]


@pytest.mark.parametrize("gate", FROM_SUBMIT)
@pytest.mark.parametrize("missing", [["building"], ["room"], ["building", "room"]])
def test_an_apartment_has_building_and_room(missing: list[str], gate: Gate) -> None:
    address = attrs.evolve(
        ADDRESS,
        building="" if "building" in missing else ADDRESS.building,
        room="" if "room" in missing else ADDRESS.room,
    )
    given = attrs.evolve(facts(INTERNET, gate), address=address)
    assert found(given) == [("address_incomplete", f"/address/{field}") for field in missing]


@pytest.mark.parametrize("gate", FROM_SUBMIT)
@pytest.mark.parametrize("draft", [ESIM, VPN], ids=["sim", "vpn"])
def test_a_parcel_needs_neither_building_nor_room(draft: Draft, gate: Gate) -> None:
    house = attrs.evolve(ADDRESS, building="", room="")
    assert codes(attrs.evolve(facts(draft, gate), address=house)) == set()


def test_a_house_needs_neither_building_nor_room() -> None:
    home = attrs.evolve(INTERNET, skus=skus("INTERNET-HOME-1G-STANDARD", "INTERNET-INSTALL-12"))
    given = attrs.evolve(
        facts(home, Gate.SUBMIT),
        address=attrs.evolve(ADDRESS, building="", room=""),
        eligibility=EligibilityStanding(state=EligibilityState.ELIGIBLE, offering=Offering.HOME_1G),
    )
    assert codes(given) == set()


def test_without_a_result_the_plan_tells_whether_it_is_an_apartment() -> None:
    house = attrs.evolve(ADDRESS, building="", room="")
    given = attrs.evolve(facts(INTERNET, Gate.SUBMIT), address=house, eligibility=NOT_REQUESTED)
    assert codes(given) == {"address_incomplete", "eligibility_not_requested"}
    without_plan = attrs.evolve(given, draft=attrs.evolve(INTERNET, skus=()))
    assert "address_incomplete" not in codes(without_plan)


@pytest.mark.parametrize("gate", FROM_SUBMIT)
@pytest.mark.parametrize(
    "state", [state for state in EligibilityState if state is not EligibilityState.ELIGIBLE]
)
def test_an_internet_order_needs_a_building_that_can_be_served(state: EligibilityState, gate: Gate) -> None:
    given = attrs.evolve(facts(INTERNET, gate), eligibility=EligibilityStanding(state=state))
    assert found(given) == [(f"eligibility_{state.value}", "/eligibility")]


@pytest.mark.parametrize("gate", FROM_SUBMIT)
@pytest.mark.parametrize("offering", Offering)
def test_the_plan_is_for_what_the_building_has(offering: Offering, gate: Gate) -> None:
    standing = EligibilityStanding(state=EligibilityState.ELIGIBLE, offering=offering)
    given = attrs.evolve(facts(INTERNET, gate), eligibility=standing)
    plan_and_gateway = CATALOGUE.products[INTERNET.skus[0]], CATALOGUE.products[INTERNET.skus[1]]
    expected = [
        ("offering_differs", f"/skus/{place}")
        for place, product in enumerate(plan_and_gateway)
        if offering not in product.offerings
    ]
    assert found(given) == expected
    assert bool(expected) is (offering is not Offering.APARTMENT_1G)


def test_a_difference_names_what_the_building_has() -> None:
    standing = EligibilityStanding(state=EligibilityState.ELIGIBLE, offering=Offering.APARTMENT_100M)
    violation = only(attrs.evolve(facts(INTERNET, Gate.APPROVE), eligibility=standing))
    assert violation.facts == {
        "sku": "INTERNET-APARTMENT-1G-PRO",
        "name": "Internet Apartment 1G Pro",
        "eligible": "Apartment 100M",
    }
    assert "Apartment 100M" in violation.remedy


@pytest.mark.parametrize("draft", [ESIM, VPN], ids=["sim", "vpn"])
def test_eligibility_is_for_internet_alone(draft: Draft) -> None:
    assert codes(attrs.evolve(facts(draft, Gate.SUBMIT), eligibility=NOT_REQUESTED)) == set()


@EVERY_TYPE
@pytest.mark.parametrize("standing", IdentityStanding)
def test_a_waiting_card_is_enough_to_submit_and_only_a_verified_one_to_be_activated(
    draft: Draft, standing: IdentityStanding
) -> None:
    at_gates = {gate: attrs.evolve(facts(draft, gate), identity=standing) for gate in Gate}
    code = f"identity_{standing.value}"
    verified = standing is IdentityStanding.VERIFIED
    enough = verified or standing is IdentityStanding.PENDING
    assert found(at_gates[Gate.CONFIGURE]) == []
    assert found(at_gates[Gate.SUBMIT]) == ([] if enough else [(code, "/identity")])
    assert found(at_gates[Gate.APPROVE]) == []
    assert warnings(at_gates[Gate.APPROVE]) == ([] if verified else [code])
    assert found(at_gates[Gate.PROVISION]) == ([] if verified else [(code, "/identity")])


VOICE_LAWFUL = {
    IdentityMethod.FACE_TO_FACE,
    IdentityMethod.IC_CHIP,
    IdentityMethod.JPKI,
    IdentityMethod.MAIL,
}
DATA = attrs.evolve(ESIM, skus=skus("SIM-DATA-3GB", "SIM-ACTIVATION"))


@pytest.mark.parametrize("gate", Gate)
@pytest.mark.parametrize("method", IdentityMethod)
def test_a_sim_with_voice_is_activated_only_on_a_lawful_check(method: IdentityMethod, gate: Gate) -> None:
    given = attrs.evolve(facts(ESIM, gate), identity_method=method)
    refused = gate is Gate.PROVISION and method not in VOICE_LAWFUL
    assert found(given) == ([("identity_method_unlawful", "/identity")] if refused else [])


@pytest.mark.parametrize("method", IdentityMethod)
@pytest.mark.parametrize("draft", [INTERNET, DATA, VPN], ids=["internet", "data", "vpn"])
def test_other_services_take_any_check(draft: Draft, method: IdentityMethod) -> None:
    assert codes(attrs.evolve(facts(draft, Gate.PROVISION), identity_method=method)) == set()


def test_a_sim_whose_plan_is_unknown_counts_as_one_with_voice() -> None:
    without_plan = attrs.evolve(ESIM, skus=skus("SIM-ACTIVATION"))
    given = attrs.evolve(facts(without_plan, Gate.PROVISION), identity_method=IdentityMethod.IMAGE)
    assert codes(given) == {"main_service_missing", "identity_method_unlawful"}


def test_a_picture_was_lawful_until_the_last_of_march_2026() -> None:
    given = attrs.evolve(facts(ESIM, Gate.PROVISION), identity_method=IdentityMethod.IMAGE)
    midnight = NOON.replace(month=3, day=31, hour=15)
    assert given.today == date(2026, 11, 10)
    assert codes(attrs.evolve(given, at=midnight - timedelta(seconds=1))) == set()
    assert codes(attrs.evolve(given, at=midnight)) == {"identity_method_unlawful"}


def test_an_unlawful_check_only_warns_where_a_setting_says_so() -> None:
    lenient = Policy(identity_method_check=MethodCheck.WARN)
    given = attrs.evolve(facts(ESIM, Gate.PROVISION, policy=lenient), identity_method=IdentityMethod.IMAGE)
    assert found(given) == []
    assert warnings(given) == ["identity_method_unlawful"]


@pytest.mark.parametrize("gate", Gate)
def test_a_second_internet_service_is_pointed_out_at_submit_and_refused_afterwards(gate: Gate) -> None:
    given = attrs.evolve(facts(INTERNET, gate), other_active_service=True)
    assert warnings(given) == (["duplicate_service"] if gate is Gate.SUBMIT else [])
    refused = gate in {Gate.APPROVE, Gate.PROVISION}
    assert found(given) == ([("duplicate_service", "/account")] if refused else [])


@pytest.mark.parametrize("gate", Gate)
@pytest.mark.parametrize("draft", [ESIM, VPN], ids=["sim", "vpn"])
def test_a_second_sim_or_vpn_router_is_only_pointed_out(draft: Draft, gate: Gate) -> None:
    given = attrs.evolve(facts(draft, gate), other_active_service=True)
    assert warnings(given) == ([] if gate is Gate.CONFIGURE else ["another_active_service"])
    assert found(given) == []


@EVERY_TYPE
@pytest.mark.parametrize("gate", Gate)
def test_a_checkout_lives_until_just_before_its_end(draft: Draft, gate: Gate) -> None:
    second = timedelta(seconds=1)
    expected = [("checkout_expired", "")] if gate is Gate.SUBMIT else []
    given = facts(draft, gate)
    assert found(attrs.evolve(given, session_expires_at=NOON + second)) == []
    assert found(attrs.evolve(given, session_expires_at=NOON)) == expected
    assert found(attrs.evolve(given, session_expires_at=NOON - second)) == expected
    assert found(attrs.evolve(given, session_expires_at=None)) == expected


@pytest.mark.parametrize("requirement", Requirement)
def test_each_outstanding_requirement_is_said_once(requirement: Requirement) -> None:
    given = attrs.evolve(
        facts(INTERNET, Gate.SUBMIT),
        outstanding=(requirement,),
        identity=IdentityStanding.NOT_SUBMITTED
        if requirement is Requirement.IDENTITY
        else IdentityStanding.VERIFIED,
        eligibility=NOT_REQUESTED
        if requirement is Requirement.ELIGIBILITY
        else EligibilityStanding(state=EligibilityState.ELIGIBLE, offering=Offering.APARTMENT_1G),
    )
    assert found(given) == [(f"{requirement.value}_outstanding", f"/{requirement.value}")]


def test_all_outstanding_requirements_are_said_at_once() -> None:
    given = attrs.evolve(facts(VPN, Gate.SUBMIT), outstanding=tuple(Requirement))
    assert [code for code, _ in found(given)] == [
        f"{requirement.value}_outstanding" for requirement in Requirement
    ]


def test_requirements_are_asked_at_submit_alone() -> None:
    for gate in Gate:
        given = attrs.evolve(facts(VPN, gate), outstanding=(Requirement.PAYMENT_METHOD,))
        assert bool(codes(given)) is (gate is Gate.SUBMIT)


def test_the_facts_of_an_order_show_no_personal_data() -> None:
    shown = repr(facts(attrs.evolve(ESIM, skus=(*ESIM.skus, Sku("SIM-SECURITY"))), Gate.SUBMIT))
    assert ESIM.eid is not None
    for secret in (ESIM.eid, "髙橋", "神宮前", "青山マンション"):
        assert secret not in shown
