"""The rule book: complete, consistent, and printed as it is."""

import string

from pathlib import Path

import pytest

from ordering_core.domain.rules import RuleEntry, rule_book
from ordering_core.domain.rules.document import render_rule_book
from ordering_core.domain.violations import Gate, Severity
from ordering_core.domain.vocabulary import OrderType


PAGE = Path(__file__).parents[3] / "docs" / "rules.md"


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_rule_book(), "run python tools/generate_docs.py"


def test_the_page_has_every_rule_and_every_code() -> None:
    page = render_rule_book()
    for entry in rule_book():
        assert f'<a id="{entry.name}"></a>{entry.sentence}' in page
        assert f"(#{entry.name})" in page
        for code in entry.codes:
            assert f"| `{code}` |" in page
    assert page.endswith("|\n")
    assert not page.endswith("\n\n")


def test_no_two_rules_share_a_name_or_a_sentence() -> None:
    book = rule_book()
    assert len({entry.name for entry in book}) == len(book)
    assert len({entry.sentence for entry in book}) == len(book)


@pytest.mark.parametrize("entry", rule_book(), ids=lambda entry: entry.name)
class TestEveryEntry:
    def test_is_a_sentence_with_a_source_a_gate_and_a_code(self, entry: RuleEntry) -> None:
        assert entry.sentence[0].isupper()
        assert entry.sentence.endswith(".")
        assert entry.name == entry.name.lower()
        assert entry.source
        assert entry.gates
        assert entry.codes
        assert entry.order_types

    def test_has_words_in_two_languages_and_a_way_out_for_each_code(self, entry: RuleEntry) -> None:
        for code, words in entry.words.items():
            assert code == code.lower()
            assert words.en.endswith(".")
            assert words.remedy.endswith(".")
            assert words.ja.endswith(("。", "）。"))
            named = [
                {name.removesuffix("_ja") for _, name, _, _ in string.Formatter().parse(text) if name}
                for text in words[:2]
            ]
            assert named[1] <= named[0], "the Japanese sentence names facts that the English one does not"


def test_rules_for_every_order_come_first() -> None:
    kinds = [len(entry.order_types) for entry in rule_book()]
    assert kinds == sorted(kinds, reverse=True)
    assert kinds[0] == len(OrderType)


@pytest.mark.parametrize(
    ("name", "gates"),
    [
        ("every_item_is_in_the_catalogue", "CS"),
        ("every_item_is_for_sale", "CS"),
        ("every_item_belongs_to_this_service", "CS"),
        ("every_price_is_the_one_that_was_shown", "CS"),
        ("the_scheduled_date_is_within_reach", "CS"),
        ("there_is_exactly_one_main_service", "CSAP"),
        ("no_item_is_there_twice", "CSAP"),
        ("every_bundled_item_is_there", "CSAP"),
        ("there_is_exactly_one_installation", "CSAP"),
        ("there_is_exactly_one_activation", "CSAP"),
        ("an_esim_has_the_eid_of_its_device", "CSAP"),
        ("a_physical_sim_has_no_eid", "CSAP"),
        ("voice_options_and_porting_need_a_voice_plan", "CSAP"),
        ("a_porting_application_is_complete", "CSAP"),
        ("the_names_are_in_signs_that_carriers_have", "CSAP"),
        ("the_reservation_lasts_long_enough", "CSAP"),
        ("the_reservation_was_not_mistyped", "CSAP"),
        ("the_reservation_lasts_on_the_scheduled_day", "CSAP"),
        ("the_region_is_that_of_the_plan", "CSAP"),
        ("the_customer_is_known_everywhere", "SAP"),
        ("the_address_is_complete", "SAP"),
        ("the_plan_is_for_what_the_building_has", "SAP"),
        ("the_checkout_has_not_expired", "S"),
        ("nothing_is_outstanding", "S"),
        ("no_other_internet_service_is_active", "sAP"),
        ("another_active_service_is_pointed_out", "sap"),
        ("the_identity_is_checked", "SaP"),
        ("the_identity_was_checked_lawfully", "P"),
    ],
)
def test_a_rule_runs_at_the_gates_of_the_design(name: str, gates: str) -> None:
    """Capitals are errors, small letters warnings: configure, submit, approve, provision (DESIGN 4)."""
    (entry,) = (entry for entry in rule_book() if entry.name == name)
    letters = {
        gate.value[0].upper() if severity is Severity.ERROR else gate.value[0]
        for gate, severity in entry.gates.items()
    }
    assert letters == set(gates)
    assert len({gate.value[0] for gate in Gate}) == len(Gate)
