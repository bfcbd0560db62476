"""
The provision gate: rules, identity, card and payment method, as long as something irreversible is to come.

The rules are the rule book's; this module turns what they find into the hold whose owner can do something
about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ordering_core.domain.fallout import HoldCode
from ordering_core.domain.identity import identity_standing
from ordering_core.domain.journal import Held, Step
from ordering_core.domain.lines import LineRequest, LineState
from ordering_core.domain.orders import AssignedSim
from ordering_core.domain.payment import payment_method_that_counts
from ordering_core.domain.provisioning.actions import Question
from ordering_core.domain.provisioning.flight import Standing, evidence, standing
from ordering_core.domain.provisioning.holds import failed_answer, held
from ordering_core.domain.provisioning.run import Run
from ordering_core.domain.quote import Quote
from ordering_core.domain.text import InvalidValue
from ordering_core.domain.values import CardNumber, LineNumber
from ordering_core.domain.violations import Violation
from ordering_core.domain.vocabulary import OrderType, PlanKind


HOLDS: Final[Mapping[str, HoldCode]] = MappingProxyType(
    {
        "account_not_mapped": HoldCode.CONFIGURATION,
        "client_not_mapped": HoldCode.CONFIGURATION,
        "identity_not_submitted": HoldCode.IDENTITY_NOT_VERIFIED,
        "identity_pending": HoldCode.IDENTITY_NOT_VERIFIED,
        "identity_rejected": HoldCode.IDENTITY_NOT_VERIFIED,
        "identity_unknown": HoldCode.IDENTITY_NOT_VERIFIED,
        "identity_method_unlawful": HoldCode.IDENTITY_METHOD,
        "duplicate_service": HoldCode.DUPLICATE_SERVICE,
        "eligibility_not_requested": HoldCode.ELIGIBILITY_CHANGED,
        "eligibility_pending": HoldCode.ELIGIBILITY_CHANGED,
        "eligibility_ineligible": HoldCode.ELIGIBILITY_CHANGED,
        "offering_differs": HoldCode.ELIGIBILITY_CHANGED,
        "mnp_too_short": HoldCode.MNP_TOO_SHORT,
        "mnp_too_short_on_scheduled_day": HoldCode.MNP_TOO_SHORT,
    }
)
"""The hold of each violation; every other one is RULES_VIOLATED."""

_OWN_HOLDS: Final = frozenset(
    {
        *HOLDS.values(),
        HoldCode.RULES_VIOLATED,
        HoldCode.PAYMENT_METHOD_MISSING,
        HoldCode.SIM_CARD_UNUSABLE,
    }
)
"""The holds that the gate begins: it alone looks at the facts that they wait for."""

USABLE_STOCK: Final = frozenset({"In Stock", "Used"})
"""The inventory's words for a card that can be opened; an assigned one is no longer in stock."""


def to_bill(run: Run) -> bool:
    """Whether the order is still to be billed."""
    return standing(run, Step.ADD_BILLING_ORDER) is Standing.TO_DO


def line_to_submit(run: Run) -> bool:
    """Whether a line is still to be submitted: none was, or it failed and that was answered."""
    if run.sim is None:
        return False
    match standing(run, Step.SUBMIT_LINE):
        case Standing.TO_DO:
            return True
        case Standing.DONE:
            line = evidence(run, Step.SUBMIT_LINE)["line"]
            failed = any(known.id == line and known.state is LineState.FAILED for known in run.lines or ())
            return failed and failed_answer(line) in run.case_file.causes
        case _:
            return False


def gate(run: Run, quote: Quote) -> Question | Held | None:
    """Return what still has to be asked, or what holds the order; None when it may go on."""
    quoted, ordered = {line.sku for line in quote.lines}, {line.sku for line in run.snapshot.lines}
    if quoted != ordered:
        differing = ", ".join(sorted(quoted ^ ordered))
        return held(
            run, HoldCode.RULES_VIOLATED, detail="items differ from the quote", facts={"skus": differing}
        )
    if run.snapshot.order_type is OrderType.INTERNET and run.opportunities is None:
        return Question.OPPORTUNITIES
    if run.errors:
        return _violated(run, run.errors)
    return _line_possible(run) or _can_pay(run)


def still_held(run: Run, quote: Quote) -> Question | Held | None:
    """
    Ask the gate again while a hold of its own is open, whatever else the order waits for meanwhile.

    Evening comes, dates move, cards are taken back; none is the fact that the hold waits for (DESIGN 3.19 a).
    """
    return gate(run, quote) if run.hold and run.hold.code in _OWN_HOLDS else None


def line_request(run: Run) -> LineRequest | Held:
    """Return what is asked of the network for an order that the rules let pass, or why that is no good."""
    configuration = run.line_configuration
    plan = configuration.plan
    if plan.network_plan is None:
        return held(
            run, HoldCode.CONFIGURATION, detail="the plan has no network plan code", facts={"sku": plan.sku}
        )
    card: CardNumber | None = None
    number: LineNumber | None = None
    if configuration.eid is None:
        sim = run.snapshot.sim
        if sim is None or not _is_usable(run, sim):
            return held(run, HoldCode.SIM_CARD_UNUSABLE, facts={"card": sim.id} if sim else None)
        try:
            card = CardNumber.parse(sim.product_number)
            number = LineNumber.parse(sim.phone_number) if sim.phone_number else None
        except InvalidValue as error:
            return held(run, HoldCode.SIM_CARD_UNUSABLE, detail=error.code, facts={"card": sim.id})
    return LineRequest(
        mark=run.order,
        network_plan=plan.network_plan,
        voice=plan.plan_kind is PlanKind.DATA_AND_VOICE,
        eid=configuration.eid,
        card=card,
        number=number,
        porting=configuration.porting,
    )


def _violated(run: Run, errors: tuple[Violation, ...]) -> Held:
    """
    Return the hold of the first error that has one of its own, in the order of the rule book.

    Its facts name all of the errors.
    """
    first = next((error for error in errors if error.code in HOLDS), errors[0])
    facts = {"violations": ", ".join(error.code for error in errors)}
    account = run.present.account
    code = HOLDS.get(first.code, HoldCode.RULES_VIOLATED)
    if code is HoldCode.IDENTITY_NOT_VERIFIED and account is not None:
        facts["identity"] = identity_standing(account.identity).value
    return held(run, code, detail=first.message, facts=facts)


def _line_possible(run: Run) -> Held | None:
    """
    Hold an order whose line cannot be asked for, before anything is billed.

    A card that is missing is waited for by `beginning.card_assigned`; it ends no hold for an unusable one.
    """
    held_for_card = run.hold is not None and run.hold.code is HoldCode.SIM_CARD_UNUSABLE
    if run.is_physical and run.snapshot.sim is None and not held_for_card:
        return None
    request = line_request(run) if line_to_submit(run) else None
    return request if isinstance(request, Held) else None


def _can_pay(run: Run) -> Question | Held | None:
    """Look for a payment method that counts, as long as the order is not billed (DESIGN 3.20)."""
    if not to_bill(run):
        return None
    if run.payment_methods is None:
        return Question.PAYMENT_METHODS
    gateway = run.policy.whmcs_gateway
    if payment_method_that_counts(run.payment_methods, gateway=gateway, at=run.at) is None:
        return held(run, HoldCode.PAYMENT_METHOD_MISSING)
    return None


def _is_usable(run: Run, sim: AssignedSim) -> bool:
    """Whether the card is in stock or used by this order, and by no other (DESIGN 3.5)."""
    return sim.order in {None, run.order} and sim.stock_status in USABLE_STOCK
