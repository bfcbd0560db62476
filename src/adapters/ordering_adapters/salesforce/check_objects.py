"""Objects and fields as describe tells of them, held against what ordering does with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from ordering_adapters.salesforce.addresses import (
    ACCOUNT_ADDRESS,
    COUNTRY_CODE,
    ORDER_ADDRESS,
    STATE_CODE,
    AddressFields,
)
from ordering_adapters.salesforce.fields import Field, Names
from ordering_adapters.salesforce.org_problems import (
    DEPLOY,
    PERMISSION_SET,
    Gravity,
    OrgProblem,
    Problem,
    done_without,
    missing_field,
)
from ordering_adapters.salesforce.requirements import (
    CHANGED,
    CHANGED_BY_STAFF,
    CHOICES,
    CREATED,
    FILTERED,
    held_by,
)
from ordering_adapters.salesforce.rows import objects_in
from ordering_core.domain.prefectures import PREFECTURES


Described = Mapping[str, object]
"""What describe tells of one object, or of one field."""

CARDS: Final = "SIM_Inventory__c"
CONTACT_EMAIL: Final = "Contact.Email"

RIGHTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "Account": ("queryable", "updateable"),
        "Contact": ("queryable",),
        "Opportunity": ("queryable", "createable", "updateable"),
        "Order": ("queryable", "createable", "updateable"),
        "OrderItem": ("queryable", "createable", "updateable"),
        "Product2": ("queryable",),
        "PricebookEntry": ("queryable",),
        "Pricebook2": ("queryable",),
        "Case": ("queryable", "createable"),
        "ContentVersion": ("queryable", "createable"),
        "ContentDocumentLink": ("createable",),
        CARDS: ("queryable", "updateable"),
    }
)
"""The objects that ordering uses, and what the user has to be allowed to do with them."""

_DEEDS: Final[Mapping[str, str]] = MappingProxyType(
    {"queryable": "read", "createable": "create", "updateable": "change"}
)


def objects_needed(names: Names) -> tuple[str, ...]:
    """Return the objects that ordering uses in an org of *names*; without the lookup no cards."""
    return tuple(kind for kind in RIGHTS if kind != CARDS or names.has(Field.ASSIGNED_CARD))


def problems_of(
    kind: str, described: Described | None, names: Names, unique: Iterable[Field]
) -> Iterator[OrgProblem]:
    """Yield what is wrong with the object *kind*; *described* is None for one that is not there."""
    if described is None:
        yield _no_object(kind)
        return
    for right in RIGHTS[kind]:
        if described.get(right) is not True:
            yield OrgProblem(
                code=Problem.OBJECT_NOT_ALLOWED,
                where=kind,
                what=f"the user may not {_DEEDS[right]} records of it",
                remedy=_allow(kind),
            )
    there = {str(field.get("name")): field for field in objects_in(described.get("fields"))}
    if kind == "Contact" and "Email" not in there:
        yield OrgProblem(
            code=Problem.FIELD_MISSING,
            where=CONTACT_EMAIL,
            what="the user may not see it, and every reading of an Account asks for it",
            remedy="let the user's profile see it",
        )
    for field in Field:
        if field.partition(".")[0] == kind:
            yield from _problems_of_field(field, there, names, unique)
    for fields in (ACCOUNT_ADDRESS, ORDER_ADDRESS):
        if fields.state.partition(".")[0] == kind:
            yield from _states_listed(fields, there, names)


def _states_listed(
    fields: AddressFields, there: Mapping[str, Described], names: Names
) -> Iterator[OrgProblem]:
    """Yield that the org takes states of its list alone, and ordering would write others (reference 2.5)."""
    name = names[fields.state]
    code = f"{name.removesuffix('State')}{STATE_CODE}"
    if not name.endswith("State") or code not in there:
        return
    spelled = {spelling for both in PREFECTURES.values() for spelling in both}
    if spelled <= names.texts.get(fields.state, {}).keys():
        return
    country = f"{name.removesuffix('State')}{COUNTRY_CODE}"
    yield OrgProblem(
        code=Problem.STATES_LISTED,
        where=fields.state,
        what="state and country picklists are on: Salesforce refuses every state that is not on its list",
        remedy=f'write codes: fields."{fields.state}" = "{code}", fields."{fields.country}" = "{country}"',
    )


def _problems_of_field(
    field: Field, there: Mapping[str, Described], names: Names, unique: Iterable[Field]
) -> Iterator[OrgProblem]:
    if not names.has(field):
        yield done_without(field)
        return
    described = there.get(names[field])
    if described is None:
        yield missing_field(field, names[field])
        return
    yield from _of_another_type(field, described)
    yield from _not_allowed(field, described)
    if field in unique:
        yield from _no_key(field, described)
    yield from _choices_missing(field, described, names)


def _of_another_type(field: Field, described: Described) -> Iterator[OrgProblem]:
    holds, found = held_by(field), str(described.get("type"))
    if found not in holds.value:
        expected = " or ".join(sorted(holds.value))
        yield OrgProblem(
            code=Problem.FIELD_TYPE,
            where=field,
            what=f"it is of type {found}; ordering writes or reads {expected}",
            remedy=f'make a field of that type and name it: fields."{field}" = "..."',
        )
    if field in FILTERED and described.get("filterable") is not True:
        yield OrgProblem(
            code=Problem.FIELD_NOT_FILTERABLE,
            where=field,
            what="queries cannot compare it, and ordering's do",
            remedy="make it a text of at most 255 characters, not a long text area, and not encrypted",
        )


def _not_allowed(field: Field, described: Described) -> Iterator[OrgProblem]:
    remedy = f"give the user {PERMISSION_SET}, or edit access to the field"
    for fields, right, code in (
        (CREATED, "createable", Problem.FIELD_NOT_CREATEABLE),
        (CHANGED | CHANGED_BY_STAFF, "updateable", Problem.FIELD_NOT_UPDATEABLE),
    ):
        if field in fields and described.get(right) is not True:
            deed = "write it in a new record" if right == "createable" else "change it"
            yield OrgProblem(code=code, where=field, what=f"the user may not {deed}", remedy=remedy)


def _no_key(field: Field, described: Described) -> Iterator[OrgProblem]:
    if described.get("unique") is not True:
        yield OrgProblem(
            code=Problem.KEY_NOT_UNIQUE,
            where=field,
            what="Salesforce does not keep its values apart: an order could be placed twice",
            remedy=f"make the field Unique (case sensitive), or {DEPLOY}",
        )
        return
    if described.get("externalId") is not True:
        yield OrgProblem(
            gravity=Gravity.WARNING,
            code=Problem.KEY_NOT_EXTERNAL_ID,
            where=field,
            what="it is no External ID: what was placed cannot be looked up by it elsewhere",
            remedy="mark the field as an External ID",
        )
    if described.get("caseSensitive") is not True:
        yield OrgProblem(
            gravity=Gravity.WARNING,
            code=Problem.KEY_IGNORES_CASE,
            where=field,
            what="it takes keys for the same that differ in capitals only",
            remedy="make its uniqueness case sensitive",
        )


def _choices_missing(field: Field, described: Described, names: Names) -> Iterator[OrgProblem]:
    if field not in CHOICES or described.get("type") != "picklist":
        return
    offered = {
        str(choice.get("value"))
        for choice in objects_in(described.get("picklistValues"))
        if choice.get("active") is not False
    }
    refused = described.get("restrictedPicklist") is True
    for ours in CHOICES[field]:
        theirs = str(names.written(field, ours))
        if theirs in offered:
            continue
        consequence = "Salesforce refuses it" if refused else "it can be written, but nobody can choose it"
        yield OrgProblem(
            gravity=Gravity.ERROR if refused else Gravity.WARNING,
            code=Problem.CHOICE_MISSING,
            where=field,
            what=f"the picklist lacks {theirs!r}: {consequence}",
            remedy=f'add the value, or say what the org calls it: texts."{field}"."{ours}" = "..."',
        )


def _no_object(kind: str) -> OrgProblem:
    remedy = f"{DEPLOY}; if it is there, give the user {PERMISSION_SET}"
    if kind == CARDS:
        remedy += f'; or sell eSIM only: fields."{Field.ASSIGNED_CARD}" = ""'
    elif not kind.endswith("__c"):
        remedy = "let the user's profile see it" + ("; switch on Orders" if kind.startswith("Order") else "")
    return OrgProblem(
        code=Problem.OBJECT_MISSING,
        where=kind,
        what="there is no such object, or the user may not see it",
        remedy=remedy,
    )


def _allow(kind: str) -> str:
    return f"give the user {PERMISSION_SET}" if kind != "OrderItem" else "let the user change Orders"
