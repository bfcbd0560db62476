"""Accounts as Salesforce holds them."""

from __future__ import annotations

from typing import Final

from ordering_adapters.salesforce.addresses import ACCOUNT_ADDRESS, address_in
from ordering_adapters.salesforce.fields import Field, Names
from ordering_adapters.salesforce.rows import Record
from ordering_adapters.salesforce.soql import quoted
from ordering_core.domain.customers import Account, EligibilityFields, IdentityFields
from ordering_core.domain.identifiers import AccountId, Version


_CONTACTS: Final = "Contacts"
_EMAIL: Final = "Email"
_STAMP: Final = "SystemModstamp"
_FIELDS: Final = (
    Field.ACCOUNT_NAME,
    Field.ACCOUNT_NUMBER,
    *ACCOUNT_ADDRESS.all,
    Field.ELIGIBILITY_STATUS,
    Field.ELIGIBILITY_RESULT,
    Field.ELIGIBILITY_CHECKED_AT,
    Field.IDENTITY_STATUS,
    Field.IDENTITY_METHOD,
    Field.IDENTITY_VERIFIED_AT,
    Field.IDENTITY_REJECTION,
)


def account_query(account: AccountId, names: Names) -> str:
    """Return the query for *account* with its first contact's address for mail."""
    return f"{_select(names)} WHERE Id = {quoted(account)}"


def account_of_order(order: str, names: Names) -> str:
    """Return the query for the Account of an order."""
    accounts = f"SELECT {names[Field.ORDER_ACCOUNT]} FROM Order WHERE Id = {quoted(order)}"
    return f"{_select(names)} WHERE Id IN ({accounts})"


def account_in(record: Record) -> Account:
    """Return the Account in *record*."""
    contacts = record.children(_CONTACTS)
    email = contacts[0].values.get(_EMAIL) if contacts else None
    return Account(
        id=AccountId(record.id),
        number=record.raw(Field.ACCOUNT_NUMBER),
        name=record.raw(Field.ACCOUNT_NAME),
        address=address_in(record, ACCOUNT_ADDRESS),
        eligibility=EligibilityFields(
            status=record.text(Field.ELIGIBILITY_STATUS),
            result=record.text(Field.ELIGIBILITY_RESULT),
            checked_at=record.instant(Field.ELIGIBILITY_CHECKED_AT),
        ),
        identity=IdentityFields(
            status=record.text(Field.IDENTITY_STATUS),
            method=record.text(Field.IDENTITY_METHOD),
            verified_at=record.instant(Field.IDENTITY_VERIFIED_AT),
            rejection_message=record.text(Field.IDENTITY_REJECTION),
        ),
        email=email if isinstance(email, str) else None,
        version=Version(str(record.values.get(_STAMP) or "")),
    )


def label_of(account: Account) -> str:
    """Return what a new Opportunity of the account is named after: its number, else its name."""
    return account.number or account.name


def _select(names: Names) -> str:
    contacts = f"(SELECT {_EMAIL} FROM {_CONTACTS} WHERE {_EMAIL} != null ORDER BY CreatedDate, Id LIMIT 1)"
    return f"SELECT {names.selected(*_FIELDS)}, {_STAMP}, {contacts} FROM Account"
