"""From a draft to a configuration: everything that was typed, read once and for all."""

from datetime import date

import attrs
import pytest

from ordering_core.domain.configuration import (
    InternetConfiguration,
    NumberPorting,
    SimConfiguration,
    VpnConfiguration,
)
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.rules import validate
from ordering_core.domain.rules.configure import _known
from ordering_core.domain.values import Eid, KatakanaName, MnpReservationNumber, MobileNumber, PersonName
from ordering_core.domain.violations import Gate, OrderRejected
from ordering_core.domain.vocabulary import AccessMode, Gender, InstallmentPlan, OrderType, SimType, VpnRegion
from tests.unit.domain.rule_cases import (
    CATALOGUE,
    DAY,
    EID,
    ESIM,
    INTERNET,
    PHYSICAL,
    PORTING,
    TODAY,
    VPN,
    facts,
    warnings,
)


def products(*skus: Sku) -> tuple[object, ...]:
    return tuple(CATALOGUE.products[sku] for sku in skus)


def test_an_internet_draft_becomes_an_internet_configuration() -> None:
    draft = attrs.evolve(
        INTERNET,
        skus=(*INTERNET.skus, Sku("INTERNET-WEEKEND"), Sku("INTERNET-DENWA")),
        access_mode="ipoe hgw",
        weekend_install=True,
        hikari_denwa=True,
        notes="裏口から\n入ってください",
    )
    configuration = validate(facts(draft))
    assert isinstance(configuration, InternetConfiguration)
    assert configuration.order_type is OrderType.INTERNET
    assert configuration.plan == CATALOGUE.products[INTERNET.skus[0]]
    assert configuration.products == products(*draft.skus)
    assert configuration.access_mode is AccessMode.IPOE_HGW
    assert configuration.installation is InstallmentPlan.TWELVE_MONTHS
    assert (configuration.weekend_install, configuration.hikari_denwa) == (True, True)
    assert configuration.notes == draft.notes


def test_an_esim_draft_becomes_a_configuration_with_an_eid() -> None:
    configuration = validate(facts(attrs.evolve(ESIM, eid="8904 9032-1234 5123 4512 3456 7890 1235")))
    assert configuration == SimConfiguration(
        plan=CATALOGUE.products[ESIM.skus[0]],
        products=tuple(CATALOGUE.products[sku] for sku in ESIM.skus),
        eid=Eid(EID),
    )
    assert isinstance(configuration, SimConfiguration)
    assert configuration.sim_type is SimType.ESIM
    assert configuration.order_type is OrderType.SIM


def test_a_card_with_options_on_a_day_keeps_all_of_it() -> None:
    draft = attrs.evolve(
        PHYSICAL,
        skus=(*PHYSICAL.skus, Sku("SIM-VOICE-MAIL"), Sku("SIM-CALL-WAITING")),
        activation_type="Scheduled",
        scheduled_on=TODAY + DAY,
        voice_mail=True,
        call_waiting=True,
    )
    configuration = validate(facts(draft))
    assert isinstance(configuration, SimConfiguration)
    assert configuration.sim_type is SimType.PHYSICAL
    assert (configuration.voice_mail, configuration.call_waiting) == (True, True)
    assert configuration.scheduled_on == TODAY + DAY
    assert configuration.porting is None


def test_a_number_to_port_is_read_field_by_field() -> None:
    porting = attrs.evolve(
        PORTING,
        reservation_number="１２-３４５-６７８９０",
        phone_number="+81 90-1234-5678",
        last_name_katakana="ﾀｶﾊｼ",
        first_name_katakana="さくら",
        mvno_account_number=" A-1 ",
    )
    configuration = validate(facts(attrs.evolve(ESIM, porting=porting)))
    assert isinstance(configuration, SimConfiguration)
    assert configuration.porting == NumberPorting(
        reservation_number=MnpReservationNumber("1234567890"),
        reservation_expires_on=date(2026, 11, 24),
        phone_number=MobileNumber("09012345678"),
        last_name=PersonName("髙橋"),
        first_name=PersonName("さくら"),
        last_name_katakana=KatakanaName("タカハシ"),
        first_name_katakana=KatakanaName("サクラ"),
        gender=Gender.FEMALE,
        birth_date=date(1990, 2, 28),
        mvno_account_number="A-1",
    )


def test_a_date_that_an_agent_gave_an_immediate_activation_is_not_the_customers() -> None:
    draft = attrs.evolve(ESIM, scheduled_on=TODAY + DAY)
    configuration = validate(facts(draft, Gate.PROVISION))
    assert isinstance(configuration, SimConfiguration)
    assert configuration.scheduled_on is None


def test_a_vpn_draft_becomes_a_vpn_configuration() -> None:
    configuration = validate(facts(attrs.evolve(VPN, region="us")))
    assert isinstance(configuration, VpnConfiguration)
    assert configuration.order_type is OrderType.VPN
    assert configuration.region is VpnRegion.US
    assert configuration.products == products(*VPN.skus)


def test_what_is_only_pointed_out_keeps_no_draft_from_being_valid() -> None:
    given = attrs.evolve(facts(VPN, Gate.SUBMIT), other_active_service=True)
    assert warnings(given) == ["another_active_service"]
    assert validate(given).order_type is OrderType.VPN


def test_a_rejection_names_every_code_and_no_value() -> None:
    draft = attrs.evolve(ESIM, eid=EID[:-1], activation_type=None, porting=attrs.evolve(PORTING, gender=None))
    with pytest.raises(OrderRejected) as rejected:
        validate(facts(draft))
    assert str(rejected.value) == "rules violated: eid_length, activation_type_missing, mnp_field_missing"
    assert EID[:-1] not in repr(rejected.value)


def test_a_hole_in_the_rule_book_would_be_noticed_and_not_papered_over() -> None:
    assert _known(PORTING) is PORTING
    with pytest.raises(LookupError, match="incomplete"):
        _known(None)
