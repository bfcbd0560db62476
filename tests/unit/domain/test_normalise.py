"""Drafts as they were meant: what can be understood is rewritten, the rest stays as typed."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

import attrs
import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_core.domain.drafts import Draft, InternetDraft, PortingDraft, SimDraft, VpnDraft
from ordering_core.domain.identifiers import Sku
from ordering_core.domain.normalise import normalise, read
from ordering_core.domain.policy import Policy
from ordering_core.domain.vocabulary import (
    AccessMode,
    ActivationType,
    Gender,
    InstallmentPlan,
    SimType,
    VpnRegion,
)
from ordering_core.testing.strategies import arbitrary_drafts, drafts
from ordering_core.testing.value_strategies import arabic_indic, as_typed, eids, instants
from tests.unit.domain.rule_cases import CATALOGUE, EID, ESIM, INTERNET, PORTING, VPN, skus


@given(arbitrary_drafts())
def test_normalising_twice_is_the_same_as_once(draft: Draft) -> None:
    once = normalise(draft)
    assert normalise(once) == once
    assert type(once) is type(draft)


@given(st.data(), instants())
def test_a_draft_that_is_in_order_is_returned_as_it_is(data: st.DataObject, at: datetime) -> None:
    draft = data.draw(drafts(CATALOGUE, at=at, policy=Policy()))
    assert normalise(draft) is draft


def internet(draft: Draft) -> InternetDraft:
    assert isinstance(draft, InternetDraft)
    return draft


def sim(draft: Draft) -> SimDraft:
    assert isinstance(draft, SimDraft)
    return draft


def porting(draft: Draft) -> PortingDraft:
    port = sim(draft).porting
    assert port is not None
    return port


def vpn(draft: Draft) -> VpnDraft:
    assert isinstance(draft, VpnDraft)
    return draft


WORDS: list[tuple[type[StrEnum], Callable[[str | None], str | None]]] = [
    (AccessMode, lambda typed: internet(normalise(attrs.evolve(INTERNET, access_mode=typed))).access_mode),
    (
        InstallmentPlan,
        lambda typed: internet(normalise(attrs.evolve(INTERNET, installation=typed))).installation,
    ),
    (SimType, lambda typed: sim(normalise(attrs.evolve(ESIM, sim_type=typed))).sim_type),
    (ActivationType, lambda typed: sim(normalise(attrs.evolve(ESIM, activation_type=typed))).activation_type),
    (
        Gender,
        lambda typed: (
            porting(normalise(attrs.evolve(ESIM, porting=attrs.evolve(PORTING, gender=typed)))).gender
        ),
    ),
    (VpnRegion, lambda typed: vpn(normalise(attrs.evolve(VPN, region=typed))).region),
]


@pytest.mark.parametrize(("words", "read"), WORDS, ids=[words.__name__ for words, _ in WORDS])
class TestAWord:
    def test_is_read_in_any_case_width_and_spacing(
        self, words: type[StrEnum], read: Callable[[str | None], str | None]
    ) -> None:
        for word in words:
            wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word.value)
            for typed in (word.value, word.value.upper(), word.value.lower(), f"  {word.value} ", wide):
                assert read(typed) == word.value
            assert read(word.value.replace("-", " ")) == word.value

    def test_that_is_none_of_the_seeds_stays_as_typed(
        self, words: type[StrEnum], read: Callable[[str | None], str | None]
    ) -> None:
        for typed in ("Yes please", " other ", "---", arabic_indic("12"), "\u212aelvin", "日本"):
            assert read(typed) == typed

    def test_that_is_empty_is_absent(
        self, words: type[StrEnum], read: Callable[[str | None], str | None]
    ) -> None:
        for typed in (None, "", "  ", "\u3000"):
            assert read(typed) is None


def test_letters_of_other_scripts_are_not_taken_for_ours() -> None:
    assert vpn(normalise(attrs.evolve(VPN, region="U\u212a"))).region == "U\u212a"
    assert sim(normalise(attrs.evolve(ESIM, sim_type="e\u017fim"))).sim_type == "e\u017fim"


@given(eids(), st.data())
def test_an_eid_is_echoed_as_its_digits(eid: str, data: st.DataObject) -> None:
    typed = data.draw(as_typed(eid))
    assert sim(normalise(attrs.evolve(ESIM, eid=typed))).eid == eid


@pytest.mark.parametrize(
    "typed", [arabic_indic(EID), "O" + EID[1:], "89\u200b049", "8904 9O32-1234", arabic_indic("12") + "-３"]
)
def test_an_eid_that_cannot_be_read_stays_as_typed(typed: str) -> None:
    assert sim(normalise(attrs.evolve(ESIM, eid=typed))).eid == typed


@pytest.mark.parametrize("typed", ["", " ", "-", "ー"])
def test_an_eid_without_anything_in_it_is_absent(typed: str) -> None:
    assert sim(normalise(attrs.evolve(ESIM, eid=typed))).eid is None


def test_skus_lose_the_spaces_around_them_and_nothing_else() -> None:
    typed = (Sku(" VPN-US\n"), Sku("vpn-activation"), Sku(""))
    assert normalise(attrs.evolve(VPN, skus=typed)).skus == skus("VPN-US", "vpn-activation", "")


def test_notes_stay_as_written() -> None:
    notes = " 裏口から\n\n入ってください　ＯＫ "
    assert internet(normalise(attrs.evolve(INTERNET, notes=notes, access_mode="pppoe"))).notes == notes


def test_a_porting_application_is_read_field_by_field() -> None:
    typed = attrs.evolve(
        PORTING,
        reservation_number="12-345-67890",
        phone_number="０９０‐１２３４‐５６７８",
        mvno_account_number=" A  1 ",
        last_name=" Van  Dyke ",
        first_name="か\u3099く",
        last_name_katakana="ｳﾞｧﾝ ﾀﾞｲｸ",
        first_name_katakana="がく",
        gender="corporate/other",
    )
    assert porting(normalise(attrs.evolve(ESIM, porting=typed))) == attrs.evolve(
        PORTING,
        reservation_number="1234567890",
        phone_number="09012345678",
        mvno_account_number="A 1",
        last_name="Van Dyke",
        first_name="がく",
        last_name_katakana="ヴァン ダイク",
        first_name_katakana="ガク",
        gender="Corporate/Other",
    )


def test_a_phone_number_that_is_no_mobile_number_is_echoed_by_its_digits() -> None:
    landline = attrs.evolve(PORTING, phone_number="03-1234-5678")
    assert porting(normalise(attrs.evolve(ESIM, porting=landline))).phone_number == "0312345678"


def test_what_is_missing_in_an_application_stays_missing() -> None:
    assert porting(normalise(attrs.evolve(ESIM, porting=PortingDraft(last_name="")))) == PortingDraft()
    assert sim(normalise(attrs.evolve(ESIM, porting=None))).porting is None


@given(arbitrary_drafts())
def test_what_is_kept_of_a_misreading_keeps_nothing_that_was_typed_alive(draft: Draft) -> None:
    assert all(error.__traceback__ is None for error in read(draft).misread.values())
