"""An org without a field: ordering does without it, or says at start that it cannot."""

import re

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs
import pytest

from ordering_adapters.salesforce import Field, Names, SalesforceSettings
from ordering_adapters.salesforce.needs import DEGRADATIONS, INDISPENSABLE
from ordering_core.domain.drafts import Draft, InternetDraft, SimDraft, VpnDraft
from ordering_core.testing.contracts.order_base import DRAFTS
from tests.contract.salesforce_acts import Acts, RecordingOrg


OF_INTERNET: Final = {
    Field.ACCESS_MODE,
    Field.PLAN_TIER,
    Field.INSTALLATION,
    Field.WEEKEND_INSTALL,
    Field.HIKARI_DENWA,
    Field.ORDER_DESCRIPTION,
}
NOT_ALONE: Final = {Field.CARD_ICCID, Field.CARD_STATUS, Field.CARD_ORDER}
"""Missing only together with the lookup to cards."""

HIDEABLE: Final = sorted(set(DEGRADATIONS) - {Field.ACCOUNT_NAME})
"""Salesforce requires an Account's name, which ordering never writes."""


def ordered(field: Field) -> Draft:
    """Return a draft that would fill *field*."""
    _, physical, internet, vpn = DRAFTS
    assert isinstance(physical, SimDraft)
    assert isinstance(internet, InternetDraft)
    assert isinstance(vpn, VpnDraft)
    if field in OF_INTERNET:
        return attrs.evolve(internet, notes="Ring twice")
    return vpn if field is Field.VPN_REGION else physical


class TestMissingFields(Acts):
    @pytest.mark.parametrize("field", Field)
    def test_a_field_is_done_without_or_refused_at_start(self, field: Field) -> None:
        missing = {field: "", **({Field.ASSIGNED_CARD: ""} if field in NOT_ALONE else {})}
        if field in INDISPENSABLE:
            with pytest.raises(ValueError, match=rf"{field}: \w+"):
                self.lacking(missing)
            return
        account = self.new_account()
        if field in HIDEABLE:
            self.process.admin("PUT", "fields", {name: {"access": "none"} for name in missing})
        org = RecordingOrg(self.lacking(missing))
        match field.partition(".")[0]:
            case "Account":
                self.serve_customer(org, account)
            case "Case":
                self.open_case(org, account)
            case _:
                pass
        done = self.fulfil(org, account, ordered(field), key="key")
        assert done.activation.status == "Activated"

    @pytest.mark.parametrize("field", sorted(NOT_ALONE))
    def test_cards_are_done_without_altogether_or_not_at_all(self, field: Field) -> None:
        with pytest.raises(ValueError, match=rf"{field}.*Assign_Physical_SIM__c"):
            self.lacking({field: ""})

    def test_a_line_says_how_often_it_is_billed_or_its_product_does(self) -> None:
        with pytest.raises(ValueError, match="One-time"):
            self.lacking({Field.ITEM_CYCLE: "", Field.PRODUCT_CYCLE: ""})

    def test_everything_that_is_wrong_is_said_at_once(self) -> None:
        with pytest.raises(ValueError, match=r"Order\.Status.*Product2\.StockKeepingUnit"):
            self.lacking({Field.ORDER_STATUS: "", Field.PRODUCT_SKU: ""})

    def lacking(self, missing: Mapping[Field, str]) -> SalesforceSettings:
        names = Names(fields={str(field): name for field, name in missing.items()})
        return attrs.evolve(self.settings(), names=names)


def test_every_field_is_indispensable_or_has_a_degradation() -> None:
    assert INDISPENSABLE.keys() | DEGRADATIONS.keys() == set(Field)
    assert not INDISPENSABLE.keys() & DEGRADATIONS.keys()


def test_the_admins_page_names_every_degradation_and_every_field_that_may_not_be_missing() -> None:
    page = (Path(__file__).parents[2] / "docs" / "salesforce-org.md").read_text(encoding="utf-8")
    _, _, table = page.partition("## What a missing field costs")
    assert {degradation.name for degradation in DEGRADATIONS.values()} == set(
        re.findall(r"^\| .* \| \*\*([^*]+)\*\* \|", table, re.MULTILINE)
    ) - {"slow doubt", "slow doubt, Cases", "borrowed file key", "late start"}
    assert {field for field in INDISPENSABLE if field.endswith("__c")} <= set(
        re.findall(r"`([A-Z][A-Za-z0-9_]+\.\w+)`", table)
    )
