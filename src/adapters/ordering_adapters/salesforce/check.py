"""
Whether an org is set up as ordering needs it, and what is left of its API calls.

Nothing is written. Objects and fields are described one call each; statuses and the price book are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from ordering_adapters.salesforce.check_objects import objects_needed, problems_of
from ordering_adapters.salesforce.composite import query
from ordering_adapters.salesforce.fields import Field
from ordering_adapters.salesforce.org import Allowance, SalesforceOrg
from ordering_adapters.salesforce.org_problems import (
    DEPLOY,
    EVENT,
    EVENT_ORDER,
    Gravity,
    OrgProblem,
    Problem,
)
from ordering_adapters.salesforce.rows import Record, objects_in
from ordering_adapters.salesforce.soql import is_id, quoted
from ordering_core.domain.vocabulary import OrderStatusText


_BOOK: Final = "book"
_SOLD: Final = "sold"
_DRAFT: Final = "Draft"
_MOST_USED: Final = 0.9
_EVENTS: Final = "approvals are found by reading changed orders, minutes later"


@attrs.frozen(kw_only=True)
class OrgCheck:
    """What a check found: *problems*, worst first, over so many *objects* and *fields*."""

    problems: tuple[OrgProblem, ...]
    objects: int
    fields: int
    allowance: Allowance | None

    @property
    def passed(self) -> bool:
        """Whether ordering can work with the org."""
        return not any(problem.gravity is Gravity.ERROR for problem in self.problems)


@attrs.frozen(kw_only=True)
class EventCheck:
    """What a check of the bus found: how long (seconds) the event took, or what is wrong."""

    seconds: float | None = None
    problem: OrgProblem | None = None


def with_events(check: OrgCheck, events: EventCheck) -> OrgCheck:
    """Return *check* with what a check of the bus found."""
    if events.problem is None:
        return check
    return attrs.evolve(check, problems=(events.problem, *check.problems))


def check_org(org: SalesforceOrg, *, initial: OrderStatusText = OrderStatusText.DRAFT) -> OrgCheck:
    """
    Return what is wrong with *org*; *initial* is the status that new orders get.

    Raises:
        Unavailable: It cannot be asked.

    """
    settings = org.settings
    kinds = objects_needed(settings.names)
    found: list[OrgProblem] = []
    for kind in kinds:
        found += problems_of(kind, org.described(kind), settings.names, settings.unique)
    if not settings.names.has(Field.ASSIGNED_CARD):
        # The object is not described then; what is done without is said by the lookup to it.
        found = [problem for problem in found if not problem.where.startswith("SIM_Inventory__c.")]
    seen = {problem.where for problem in found if problem.code is Problem.OBJECT_MISSING}
    if "Order" not in seen:
        found += _statuses(org, initial)
    found += _event(org)
    if not seen & {"Pricebook2", "PricebookEntry", "Product2"}:
        found += _price_book(org)
    found += _allowance(org.allowance)
    return OrgCheck(
        problems=tuple(sorted(found, key=lambda problem: list(Gravity).index(problem.gravity))),
        objects=len(kinds) + 1,
        fields=sum(field.partition(".")[0] in kinds for field in Field),
        allowance=org.allowance,
    )


def _statuses(org: SalesforceOrg, initial: OrderStatusText) -> Iterator[OrgProblem]:
    """Yield what is wrong with the statuses of orders and their categories (reference 2.5)."""
    names, where = org.names, Field.ORDER_STATUS
    rows = org.rows("SELECT ApiName, StatusCode FROM OrderStatus")
    categories = {str(row.values.get("ApiName")): str(row.values.get("StatusCode")) for row in rows}
    for status in OrderStatusText:
        if status is OrderStatusText.PENDING_REVIEW and initial is not status:
            continue
        theirs = names.written(where, status)
        category = categories.get(theirs)
        if category is None:
            yield OrgProblem(
                code=Problem.STATUS_MISSING,
                where=where,
                what=f"there is no order status {theirs!r}",
                remedy=f'add it in the category Draft, or say its name: texts."{where}"."{status}" = "..."',
            )
        elif category != _DRAFT:
            yield _locks(theirs, category, first=status is initial)


def _locks(status: str, category: str, *, first: bool) -> OrgProblem:
    if first:
        return OrgProblem(
            code=Problem.STATUS_CATEGORY,
            where=Field.ORDER_STATUS,
            what=f"{status!r} is of the category {category}: no order can begin with it",
            remedy="move it to the category Draft, or set ORDERING_POLICY_INITIAL_ORDER_STATUS",
        )
    return OrgProblem(
        gravity=Gravity.WARNING,
        code=Problem.STATUS_CATEGORY,
        where=Field.ORDER_STATUS,
        what=f"{status!r} is of the category {category}: Salesforce locks the order and its products",
        remedy="move it to the category Draft, or see that the user has Edit Activated Orders",
    )


def _event(org: SalesforceOrg) -> Iterator[OrgProblem]:
    described = org.described(EVENT)
    if described is None:
        yield OrgProblem(
            code=Problem.EVENT_MISSING,
            where=EVENT,
            what=f"there is no such event, or the user may not read it: {_EVENTS}",
            remedy=f"{DEPLOY}, with the flow that publishes it",
        )
    elif EVENT_ORDER not in {field.get("name") for field in objects_in(described.get("fields"))}:
        yield OrgProblem(
            code=Problem.EVENT_MISSING,
            where=f"{EVENT}.{EVENT_ORDER}",
            what=f"the event does not say which order it is about: {_EVENTS}",
            remedy=f"{DEPLOY}, and let the flow fill the field",
        )


def _price_book(org: SalesforceOrg) -> Iterator[OrgProblem]:
    place = "ORDERING_SALESFORCE_PRICE_BOOK"
    asked = org.settings.price_book
    nothing: tuple[Record, ...] = ()
    books, sold = nothing, nothing
    if is_id(asked):
        entries = (
            f"SELECT Id FROM PricebookEntry WHERE {org.names[Field.ENTRY_BOOK]} = {quoted(asked)}"
            f" AND {org.names[Field.ENTRY_ACTIVE]} = true LIMIT 1"
        )
        found = org.look(
            [
                query(_BOOK, f"SELECT Id, IsActive FROM Pricebook2 WHERE Id = {quoted(asked)}"),
                query(_SOLD, entries),
            ]
        )
        books, sold = found[_BOOK], found[_SOLD]
    if not books:
        yield OrgProblem(
            code=Problem.PRICE_BOOK_MISSING,
            where=place,
            what="there is no price book of this id, or the user may not see it",
            remedy="set the id of the portal's price book (Pricebook2, 01s...), and share it with the user",
        )
    elif books[0].values.get("IsActive") is not True:
        yield OrgProblem(
            code=Problem.PRICE_BOOK_INACTIVE,
            where=place,
            what="the price book is not active: no order can be placed from it",
            remedy="activate it in Salesforce, or set the id of another one",
        )
    elif not sold:
        yield OrgProblem(
            gravity=Gravity.WARNING,
            code=Problem.PRICE_BOOK_EMPTY,
            where=place,
            what="the price book has no active entry: nothing is for sale",
            remedy="add the portal's products to it",
        )


def _allowance(allowance: Allowance | None) -> Iterator[OrgProblem]:
    if allowance is not None and allowance.used >= _MOST_USED * allowance.total:
        yield OrgProblem(
            gravity=Gravity.WARNING,
            code=Problem.ALLOWANCE_LOW,
            where="API calls",
            what=f"{allowance.used} of {allowance.total} calls of the last 24 hours are used",
            remedy="find who else calls the org (Setup, System Overview), or buy more calls",
        )
