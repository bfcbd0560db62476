"""The rules about who orders: known everywhere, identified lawfully, not supplied already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ordering_core.domain.checkout import Requirement
from ordering_core.domain.drafts import Draft, InternetDraft
from ordering_core.domain.identity import IdentityStanding, method_is_lawful
from ordering_core.domain.policy import MethodCheck
from ordering_core.domain.rules.facts import RuleFacts
from ordering_core.domain.rules.rule import (
    EVERY_TYPE,
    FROM_SUBMIT,
    INTERNET,
    SIM,
    VPN,
    Broken,
    Rule,
    Words,
    rule,
)
from ordering_core.domain.violations import Gate, Severity
from ordering_core.domain.vocabulary import PlanKind


_ENOUGH_TO_SUBMIT: Final = frozenset({IdentityStanding.PENDING, IdentityStanding.VERIFIED})


def the_customer_is_known_everywhere(facts: RuleFacts, _draft: Draft) -> Sequence[Broken]:
    """Ask for the Salesforce Account and the WHMCS client of the portal user."""
    known = {"account_not_mapped": facts.account is not None, "client_not_mapped": facts.client is not None}
    return [Broken(code, "/account") for code, mapped in known.items() if not mapped]


def the_identity_is_checked(facts: RuleFacts, _draft: Draft) -> Sequence[Broken] | None:
    """Look at the identity check: a card that waits for review is enough to submit, not to be activated."""
    if Requirement.IDENTITY in facts.outstanding:
        return None  # the checkout says so already
    if facts.identity is IdentityStanding.VERIFIED:
        return ()
    if facts.gate is Gate.SUBMIT and facts.identity in _ENOUGH_TO_SUBMIT:
        return ()
    return (Broken(f"identity_{facts.identity.value}", "/identity"),)


def the_identity_was_checked_lawfully(facts: RuleFacts, draft: Draft) -> Sequence[Broken] | None:
    """Look the method up for this service and day; a SIM whose plan is not known counts as one with voice."""
    if facts.identity is not IdentityStanding.VERIFIED:
        return None
    voice = facts.plan is None or facts.plan.plan_kind is not PlanKind.DATA
    if method_is_lawful(facts.identity_method, draft.order_type, voice=voice, on=facts.today):
        return ()
    return (
        Broken(
            "identity_method_unlawful",
            "/identity",
            {"method": facts.identity_method.value},
            warning=facts.policy.identity_method_check is MethodCheck.WARN,
        ),
    )


def no_other_internet_service_is_active(facts: RuleFacts, _draft: InternetDraft) -> Sequence[Broken]:
    """Find a second Internet line for one account."""
    return (Broken("duplicate_service", "/account"),) if facts.other_active_service else ()


def another_active_service_is_pointed_out(facts: RuleFacts, _draft: Draft) -> Sequence[Broken]:
    """Point out a second service of one type, which is lawful and often meant."""
    return (Broken("another_active_service", "/account"),) if facts.other_active_service else ()


_TELL_US: Final = "Contact us, so that the accounts can be linked."
_UPLOAD: Final = "Upload a picture of the residence card."

RULES: Final[tuple[Rule[Draft], ...]] = (
    rule(
        the_customer_is_known_everywhere,
        "The customer has a Salesforce Account and a WHMCS client.",
        order_types=EVERY_TYPE,
        gates=FROM_SUBMIT,
        source="seed Order Creation 1, Customer Onboarding Flow",
        words={
            "account_not_mapped": Words(
                "The customer has no Salesforce Account.", "お客さま情報が連携されていません。", _TELL_US
            ),
            "client_not_mapped": Words(
                "The customer has no WHMCS client.", "ご請求先の情報が連携されていません。", _TELL_US
            ),
        },
    ),
    rule(
        the_identity_is_checked,
        "The identity is verified; to submit, a card that waits for review is enough.",
        order_types=EVERY_TYPE,
        gates={
            Gate.SUBMIT: Severity.ERROR,
            Gate.APPROVE: Severity.WARNING,
            Gate.PROVISION: Severity.ERROR,
        },
        source="seed Checkout Requirements 3; DESIGN 3.13, 4 Rules (Identity)",
        words={
            "identity_not_submitted": Words(
                "No residence card was submitted.", "在留カードが提出されていません。", _UPLOAD
            ),
            "identity_pending": Words(
                "The residence card waits for review.",
                "在留カードを確認中です。",
                "Review the card and record the result and the method.",
            ),
            "identity_rejected": Words(
                "The residence card was rejected.",
                "在留カードを確認できませんでした。",
                "Read the reviewer's notes and upload another picture of the card.",
            ),
            "identity_unknown": Words(
                "The state of the identity check is not known.",
                "本人確認の状態を確認できません。",
                "Set the verification status to Pending, Verified or Rejected.",
            ),
        },
    ),
    rule(
        the_identity_was_checked_lawfully,
        "The identity was checked by a method that is lawful for the service on this day.",
        order_types=EVERY_TYPE,
        gates={Gate.PROVISION: Severity.ERROR},
        source="DESIGN 3.13; reference japan-telecom 4",
        words={
            "identity_method_unlawful": Words(
                "An identity check by {method} is not lawful for this service.",
                "この本人確認方法（{method}）ではサービスを開通できません。",
                "Check the identity by IC chip, JPKI, face to face or mail, and record the method.",
            )
        },
    ),
)

INTERNET_RULES: Final[tuple[Rule[InternetDraft], ...]] = (
    rule(
        no_other_internet_service_is_active,
        "No other Internet service of the customer is active.",
        order_types=INTERNET,
        gates={
            Gate.SUBMIT: Severity.WARNING,
            Gate.APPROVE: Severity.ERROR,
            Gate.PROVISION: Severity.ERROR,
        },
        source="seed Order Review Checklist 4; DESIGN 4 Rules",
        words={
            "duplicate_service": Words(
                "The customer already has an active Internet service.",
                "すでにご利用中のインターネットサービスがあります。",
                "Cancel one of the two, or make sure with the customer which one is meant.",
            )
        },
    ),
)

OTHER_RULES: Final[tuple[Rule[Draft], ...]] = (
    rule(
        another_active_service_is_pointed_out,
        "Another active service of the same type is pointed out.",
        order_types=SIM | VPN,
        gates=dict.fromkeys(FROM_SUBMIT, Severity.WARNING),
        source="seed Order Review Checklist 4; DESIGN 4 Rules",
        words={
            "another_active_service": Words(
                "The customer already has an active service of this type.",
                "すでに同じ種類のサービスをご利用中です。",
                "Nothing has to be done if a second one is meant.",
            )
        },
    ),
)
