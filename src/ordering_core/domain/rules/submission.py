"""The rules of the moment of submitting: a checkout that is alive, with nothing outstanding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ordering_core.domain.drafts import Draft
from ordering_core.domain.rules.facts import RuleFacts
from ordering_core.domain.rules.rule import EVERY_TYPE, SUBMIT_ONLY, Broken, Rule, Words, rule


def the_checkout_has_not_expired(facts: RuleFacts, _draft: Draft) -> Sequence[Broken]:
    """Compare the time with that of the session; without a session nothing can be submitted."""
    ends = facts.session_expires_at
    return () if ends is not None and facts.at < ends else (Broken("checkout_expired", ""),)


def nothing_is_outstanding(facts: RuleFacts, _draft: Draft) -> Sequence[Broken]:
    """Find each requirement of the checkout page that is not met."""
    return [
        Broken(f"{requirement.value}_outstanding", f"/{requirement.value}")
        for requirement in facts.outstanding
    ]


RULES: Final[tuple[Rule[Draft], ...]] = (
    rule(
        the_checkout_has_not_expired,
        "The checkout has not expired.",
        order_types=EVERY_TYPE,
        gates=SUBMIT_ONLY,
        source="seed Checkout Session Expiry; DESIGN 3.16",
        words={
            "checkout_expired": Words(
                "The checkout has expired.",
                "お手続きの有効期限が切れました。",
                "Configure the service again.",
            )
        },
    ),
    rule(
        nothing_is_outstanding,
        "Nothing that the checkout asks for is outstanding.",
        order_types=EVERY_TYPE,
        gates=SUBMIT_ONLY,
        source="seed Checkout Requirements; DESIGN 3.14, 4 Checkout",
        words={
            "eligibility_outstanding": Words(
                "The address is not known to be served.",
                "提供エリアの確認が完了していません。",
                "Request an eligibility check, or wait for its result.",
            ),
            "address_outstanding": Words(
                "The address is not confirmed.",
                "住所の確認が済んでいません。",
                "Complete the address if needed, and confirm it.",
            ),
            "payment_method_outstanding": Words(
                "There is no valid payment method.",
                "有効なお支払い方法が登録されていません。",
                "Add a card in the payment portal, then refresh.",
            ),
            "identity_outstanding": Words(
                "No residence card is submitted.",
                "在留カードが提出されていません。",
                "Upload a picture of the residence card.",
            ),
        },
    ),
)
