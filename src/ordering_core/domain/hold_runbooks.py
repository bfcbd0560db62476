"""What to do about an order that is held (DESIGN 4, Hold codes and owners)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ordering_core.domain.fallout import HoldCode, Owner, Runbook


_RETRY: Final = "a retry (API, desk or CLI)"
_AGAIN: Final = (
    "Activation Status set to Activating or Scheduled again, the error code emptied, a new provisioning"
    f" request, or {_RETRY}"
)

HOLD_RUNBOOKS: Final[Mapping[HoldCode, Runbook]] = MappingProxyType(
    {
        HoldCode.PAYMENT_METHOD_MISSING: Runbook(
            owner=Owner.CUSTOMER,
            title="No payment method that counts",
            meaning="WHMCS has no payment method of our gateway that is valid at the end of this month.",
            steps=(
                "Wait for the customer, who was told by mail, to add a card in the billing section.",
                "After some days without an answer, call the customer.",
            ),
            clears="a card that counts; asked hourly",
            clears_itself=True,
            for_customer="Please add a payment method in the billing section.",
        ),
        HoldCode.IDENTITY_NOT_VERIFIED: Runbook(
            owner=Owner.CUSTOMER,
            title="Identity not verified",
            meaning="The Account is not Verified. While a card waits for review, this is the agent's.",
            steps=(
                "Pending: review the card in Salesforce Files; set Verified with the method, or Rejected.",
                "Not submitted or Rejected: the customer has to upload a card; nothing else to do.",
            ),
            clears="the Account's identity becomes Verified by a lawful method",
            clears_itself=True,
            for_customer="Please upload a photo of your residence card.",
        ),
        HoldCode.IDENTITY_METHOD: Runbook(
            owner=Owner.AGENT,
            title="Identity verified by a method that is not lawful for this service",
            meaning="A voice SIM may not be activated on the recorded method of identity verification.",
            steps=(
                "Verify the customer again by IC chip, JPKI, mail or face to face.",
                "Record that method on the Account.",
            ),
            clears="a lawful method on the Account",
            clears_itself=True,
        ),
        HoldCode.MNP_TOO_SHORT: Runbook(
            owner=Owner.CUSTOMER,
            title="Too few days left of the MNP reservation",
            meaning="The number cannot be moved before its reservation ends.",
            steps=(
                "The customer asks the present carrier for a new reservation number.",
                "Enter the new number and expiry date on the order.",
            ),
            clears="a reservation with enough days left on the order",
            clears_itself=True,
            for_customer="Please obtain a new MNP reservation number and send it to us.",
        ),
        HoldCode.MNP_REFUSED: Runbook(
            owner=Owner.CUSTOMER,
            title="The number could not be moved",
            meaning="The network refused the port: its data differ from those of the present carrier.",
            steps=(
                "Compare name, katakana, birth date and numbers, character by character, with the customer.",
                "Correct them on the order, or enter a new reservation.",
            ),
            clears="changed MNP data on the order",
            clears_itself=True,
            for_customer="Please check the details of your number transfer with us.",
        ),
        HoldCode.SCHEDULE_DATE_MISSING: Runbook(
            owner=Owner.AGENT,
            title="Scheduled without a date",
            meaning="Activation Status is Scheduled, but Activation Scheduled At is empty.",
            steps=("Enter the date, or set Activation Status to Activating to begin now.",),
            clears="the date",
            clears_itself=True,
        ),
        HoldCode.ELIGIBILITY_CHANGED: Runbook(
            owner=Owner.AGENT,
            title="The plan no longer fits the eligibility result",
            meaning="The Account's eligibility for this address differs from the ordered offering.",
            steps=(
                "Check the address with NTT again and correct the Account's eligibility.",
                "If the plan cannot be had there, cancel the order with a reason.",
            ),
            clears="an eligibility result that fits the plan",
            clears_itself=True,
        ),
        HoldCode.DUPLICATE_SERVICE: Runbook(
            owner=Owner.AGENT,
            title="The customer already has an active Internet service",
            meaning="WHMCS has another active Internet service of this customer.",
            steps=("Ask the customer.", "End the other service, or cancel this order with a reason."),
            clears="no other active Internet service",
            clears_itself=True,
        ),
        HoldCode.RULES_VIOLATED: Runbook(
            owner=Owner.AGENT,
            title="The order breaks a rule",
            meaning="The order as it stands in Salesforce is not one that can be provisioned.",
            steps=(
                "Correct the named fields on the order.",
                "If it cannot be corrected, cancel it with a reason.",
            ),
            clears="an order that satisfies the rules",
            clears_itself=True,
        ),
        HoldCode.SIM_CARD_UNUSABLE: Runbook(
            owner=Owner.AGENT,
            title="The assigned SIM card cannot be used",
            meaning="Another order uses the card, it is not in stock, or its numbers are no card's.",
            steps=("Assign another card from the inventory.",),
            clears="a usable card",
            clears_itself=True,
        ),
        HoldCode.LINE_REFUSED: Runbook(
            owner=Owner.AGENT,
            title="The network will not open the line",
            meaning="The mobile network refused the line, or failed to open it.",
            steps=(
                "Look up the network's code, and correct EID, card or plan.",
                "Then set Activation Status to Activating.",
            ),
            clears=_AGAIN,
        ),
        HoldCode.APPROVAL_WITHDRAWN: Runbook(
            owner=Owner.AGENT,
            title="Approval withdrawn while the order was being provisioned",
            meaning="Status went back to review after billing had been begun.",
            steps=(
                "To go on, approve the order and set Activation Status to Activating.",
                "To stop, set Status to Cancelled; what exists is then listed with its undo.",
            ),
            clears=_AGAIN,
        ),
        HoldCode.FOREIGN_ERROR: Runbook(
            owner=Owner.AGENT,
            title="Somebody else reported an activation error",
            meaning="Activation Error Code holds a code that provisioning did not write.",
            steps=("Find out who wrote it and why.", "Empty both error fields when it is solved."),
            clears="an empty error code",
            clears_itself=True,
        ),
        HoldCode.SECOND_APPROVAL: Runbook(
            owner=Owner.SUPERVISOR,
            title="A supervisor has to approve as well",
            meaning="The order was escalated.",
            steps=("Review the order and record the decision.",),
            clears="the supervisor's approval",
        ),
        HoldCode.BILLING_REFUSED: Runbook(
            owner=Owner.OPERATOR,
            title="WHMCS refused",
            meaning="WHMCS will not add, accept or activate what the order needs.",
            steps=("Look up the code, and put the client, product or order right in WHMCS.", "Then retry."),
            clears=_AGAIN,
        ),
        HoldCode.OUTCOME_AMBIGUOUS: Runbook(
            owner=Owner.OPERATOR,
            title="Nobody knows whether it happened",
            meaning="A request has an unknown outcome that looking does not settle; it is not sent again.",
            steps=(
                "Look for the named effect in the outside system itself, by customer and time.",
                "If it is there, put our mark on it, and retry.",
                "If it is not there, retry: your word counts as absent, and it is sent again.",
            ),
            clears=f"{_RETRY}; other ways only make provisioning look again",
        ),
        HoldCode.DUPLICATE_EFFECT: Runbook(
            owner=Owner.OPERATOR,
            title="Billed or opened twice",
            meaning="Two effects carry the mark of this order.",
            steps=(
                "Cancel one of the two named orders, with its invoice, or terminate one of the two lines.",
                "Then retry.",
            ),
            clears=_AGAIN,
            urgent=True,
        ),
        HoldCode.CANCELLED_IN_FLIGHT: Runbook(
            owner=Owner.OPERATOR,
            title="Cancelled while it was being provisioned",
            meaning="The order is Cancelled, and what is named already exists.",
            steps=("Undo each of the named things; nothing is undone by itself.", "Then retry."),
            clears=f"nothing of it exists any more, or {_RETRY}",
        ),
        HoldCode.ACTIVATED_BY_HAND: Runbook(
            owner=Owner.OPERATOR,
            title="Activated by hand with steps open",
            meaning="Somebody set Activated while steps were open; nothing more is billed by itself.",
            steps=(
                "If everything was done by hand, enter the WHMCS ids and empty the error code.",
                "If not, retry, or set Activating again: the open steps are then done.",
            ),
            clears=f"the error code emptied, Activation Status set to Activating again, or {_RETRY}",
        ),
        HoldCode.CONFIGURATION: Runbook(
            owner=Owner.OPERATOR,
            title="Something is not set up",
            meaning="A mapping, product, mark or permission that provisioning needs is missing or wrong.",
            steps=(
                "Put right what is named.",
                "LIST_INCOMPLETE: WHMCS counts more services or orders of the client than it shows.",
                "Mend or delete there what has lost its product or its client; nothing is billed until then.",
                "If a line opened with another number than the one that moves, ask the network whose it is.",
                "If that is the customer's, correct the order's MNP phone number.",
                "If not, have the line ended, cancel the order and place another.",
                "Then retry.",
            ),
            clears=_AGAIN,
        ),
    }
)
"""One runbook for every code that can hold an order."""
