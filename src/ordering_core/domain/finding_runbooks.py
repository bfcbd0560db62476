"""What to do where two systems disagree (DESIGN 1, *finding*)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ordering_core.domain.fallout import FindingCode, Owner, Runbook


FINDING_RUNBOOKS: Final[Mapping[FindingCode, Runbook]] = MappingProxyType(
    {
        FindingCode.UNKNOWN_STATUS: Runbook(
            owner=Owner.OPERATOR,
            title="A status text that we do not know",
            meaning="Status or Activation Status holds a text outside the table; the order rests.",
            steps=("Correct the text, or add it to the field table.",),
            clears="a known text",
        ),
        FindingCode.UNKNOWN_ELIGIBILITY: Runbook(
            owner=Owner.OPERATOR,
            title="An eligibility text that we do not know",
            meaning="The Account's eligibility holds a text outside the map; it counts as ineligible.",
            steps=("Correct the text, or add it to the map of offerings.",),
            clears="a known text",
        ),
        FindingCode.APPROVAL_IMPLIED: Runbook(
            owner=Owner.AGENT,
            title="Set to activate without approval",
            meaning="Activating or Scheduled appeared while Status said review; this counted as approval.",
            steps=("Set Status to Approved if that was meant, else Cancelled.",),
            clears="a look by a person",
        ),
        FindingCode.LINKS_NOT_WRITTEN: Runbook(
            owner=Owner.OPERATOR,
            title="Active and billed, but not linked",
            meaning="The service is active; Salesforce refused the WHMCS ids.",
            steps=("Put right what Salesforce refuses.", "The links are tried again hourly."),
            clears="the links are written",
        ),
        FindingCode.SERVICE_ID_DIFFERS: Runbook(
            owner=Owner.OPERATOR,
            title="Another service id is linked already",
            meaning="Order, item or Opportunity names a different WHMCS service; it is never overwritten.",
            steps=("Find out which service is right.", "Empty the wrong id in Salesforce."),
            clears="the links are written",
        ),
        FindingCode.SHIPMENT_NOT_RECORDED: Runbook(
            owner=Owner.AGENT,
            title="No shipping date on an assigned SIM",
            meaning="A card was assigned a business day ago, a number waits for it, and Shipped At is empty.",
            steps=("Ship the card and enter Shipped At.",),
            clears="a shipping or delivery date",
        ),
        FindingCode.LINE_ACTIVE_ORDER_CANCELLED: Runbook(
            owner=Owner.OPERATOR,
            title="The line opened, the order is cancelled",
            meaning="The network completed a line after the order had been cancelled.",
            steps=("Terminate the line, or take the order up again with the customer.",),
            clears="no open line, or an order that is not cancelled",
            urgent=True,
        ),
        FindingCode.PRODUCT_ON_ONE_SIDE: Runbook(
            owner=Owner.OPERATOR,
            title="A product on one side only",
            meaning="The SKU is in the price book or in the catalogue file, not in both; it is not for sale.",
            steps=("Add it to the other side, or remove it.",),
            clears="the SKU on both sides",
        ),
        FindingCode.HOLD_NOT_REPORTED: Runbook(
            owner=Owner.OPERATOR,
            title="Salesforce does not show a hold",
            meaning="The order is held here, but Salesforce refused the error code or cannot be reached.",
            steps=("Put right what Salesforce refuses.", "The report is tried again by itself."),
            clears="the report is written, or the hold is cleared",
        ),
        FindingCode.OBSERVED_ONLY: Runbook(
            owner=Owner.OPERATOR,
            title="Decided, and not done",
            meaning="Ordering only observes: it would make the step named here, and has written nothing.",
            steps=("Compare with what you expect.", "Let it act: ordering resume observe."),
            clears="ordering observes no longer",
        ),
        FindingCode.INVOICE_DIFFERS: Runbook(
            owner=Owner.OPERATOR,
            title="The bill is not what was quoted",
            meaning="The first invoice in WHMCS, or the price of a service there, differs from the quote.",
            steps=(
                "Open the invoice and the services in WHMCS beside the quote (ordering show ORDER).",
                "Correct the line or the price there; of a paid invoice give back or charge the difference.",
                "It is compared again hourly.",
            ),
            clears="each line, the subtotal and each price as quoted, tax within one yen",
        ),
        FindingCode.LINKS_DIFFER: Runbook(
            owner=Owner.OPERATOR,
            title="The ids of Salesforce and WHMCS do not agree",
            meaning="Order, item, Opportunity and service no longer name each other as they were linked.",
            steps=(
                "Find out which side was changed, and which id is right.",
                "Put the right one back, in Salesforce or in the service's custom fields.",
                "They are compared again hourly.",
            ),
            clears="every id agrees on both sides",
        ),
        FindingCode.RUN_BREAKS: Runbook(
            owner=Owner.OPERATOR,
            title="Its runs break off",
            meaning="Every run ends by an error of the program, or a record that this version cannot read.",
            steps=(
                "Look up the error: the log has its class and place in the lines of this subject's runs.",
                "If another version runs beside this one, finish the upgrade, or go on with the newer one.",
                "Otherwise report the lines of the log, and install the version that mends it.",
                "It is tried again by itself every quarter of an hour, and at once when the order changes.",
            ),
            clears="a run that ends well",
            urgent=True,
        ),
        FindingCode.ORDER_NOT_READ: Runbook(
            owner=Owner.OPERATOR,
            title="A changed order that cannot be read",
            meaning="The order changed in Salesforce, which answers, but does not let us read this order.",
            steps=(
                "Give the integration user the right to read the order, its items, Account and Opportunity.",
                "Correct what was entered there last, if others can be read.",
                "It is read again by itself every few minutes (ordering show ORDER says when).",
            ),
            clears="a run that has read it",
        ),
    }
)
"""One runbook for every finding."""
