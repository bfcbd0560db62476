"""The one list of holds is what the code can emit, each with the owner of the design."""

from __future__ import annotations

import ast

from collections.abc import Iterator
from pathlib import Path

import pytest

from ordering_core.domain import provisioning
from ordering_core.domain.fallout import FindingCode, HoldCode, Owner
from ordering_core.domain.hold_runbooks import HOLD_RUNBOOKS
from ordering_core.domain.identity import IdentityStanding
from ordering_core.domain.provisioning.gate import HOLDS
from ordering_core.domain.rules import rule_book
from ordering_core.domain.runbooks import RUNBOOKS, owner_of


RESERVED = {HoldCode.SECOND_APPROVAL}
"""Emitted by the review of escalated orders, which provisioning only reads."""


def emitted() -> Iterator[str]:
    """Give every hold code that the process manager names."""
    for module in Path(str(provisioning.__path__[0])).glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "HoldCode":
                yield node.attr


def test_every_hold_that_the_code_can_emit_has_a_runbook_and_no_other_has() -> None:
    codes = {HoldCode[name] for name in emitted()}
    assert codes | RESERVED == set(HOLD_RUNBOOKS) == set(HoldCode)


def test_every_finding_has_a_runbook() -> None:
    assert set(RUNBOOKS) == {code.value for code in (*HoldCode, *FindingCode)}


@pytest.mark.parametrize("code", RUNBOOKS)
def test_a_runbook_tells_what_to_do_and_what_ends_it(code: str) -> None:
    book = RUNBOOKS[code]
    assert book.title
    assert book.meaning
    assert all(book.steps)
    assert book.clears
    assert bool(book.for_customer) is (book.owner is Owner.CUSTOMER)


OWNERS = {
    Owner.CUSTOMER: {"PAYMENT_METHOD_MISSING", "IDENTITY_NOT_VERIFIED", "MNP_TOO_SHORT", "MNP_REFUSED"},
    Owner.AGENT: {
        "IDENTITY_METHOD",
        "SCHEDULE_DATE_MISSING",
        "ELIGIBILITY_CHANGED",
        "DUPLICATE_SERVICE",
        "RULES_VIOLATED",
        "SIM_CARD_UNUSABLE",
        "LINE_REFUSED",
        "APPROVAL_WITHDRAWN",
        "FOREIGN_ERROR",
    },
    Owner.SUPERVISOR: {"SECOND_APPROVAL"},
    Owner.OPERATOR: {
        "BILLING_REFUSED",
        "OUTCOME_AMBIGUOUS",
        "DUPLICATE_EFFECT",
        "CANCELLED_IN_FLIGHT",
        "ACTIVATED_BY_HAND",
        "CONFIGURATION",
    },
}


@pytest.mark.parametrize(("owner", "codes"), OWNERS.items())
def test_who_owns_a_hold_is_as_the_design_says(owner: Owner, codes: set[str]) -> None:
    assert {code.value for code, book in HOLD_RUNBOOKS.items() if book.owner is owner} == codes


def test_only_a_double_effect_among_the_holds_is_urgent() -> None:
    assert [code for code, book in HOLD_RUNBOOKS.items() if book.urgent] == [HoldCode.DUPLICATE_EFFECT]


@pytest.mark.parametrize(
    ("standing", "owner"),
    [
        (IdentityStanding.NOT_SUBMITTED, Owner.CUSTOMER),
        (IdentityStanding.REJECTED, Owner.CUSTOMER),
        (IdentityStanding.PENDING, Owner.AGENT),
        (IdentityStanding.UNKNOWN, Owner.AGENT),
    ],
)
def test_a_card_that_waits_for_review_is_the_agents(standing: IdentityStanding, owner: Owner) -> None:
    assert owner_of(HoldCode.IDENTITY_NOT_VERIFIED, {"identity": standing.value}) is owner


def test_the_gate_knows_only_codes_that_a_rule_can_give() -> None:
    assert HOLDS.keys() <= {code for entry in rule_book() for code in entry.codes}
