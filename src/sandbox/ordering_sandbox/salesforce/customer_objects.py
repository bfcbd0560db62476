"""The standard objects around a customer: Account, Contact, Opportunity, Case, and who works in the org."""

from __future__ import annotations

from typing import Final

import attrs

from ordering_sandbox.salesforce import field_kinds as make
from ordering_sandbox.salesforce.schema import Field, FieldType, ObjectType


def _read_only(field: Field) -> Field:
    return attrs.evolve(field, createable=False, updateable=False)


USER: Final[ObjectType] = make.record_type(
    "User",
    "User",
    "Users",
    "005",
    make.text("Username", "Username", 80, required=True),
    make.text("Name", "Full Name", 121),
    make.of_type("Email", "Email", FieldType.EMAIL, 128),
    make.text("TimeZoneSidKey", "Time Zone", 40),
    make.checkbox("IsActive", "Active"),
    writable=False,
)

ORGANIZATION: Final[ObjectType] = make.record_type(
    "Organization",
    "Organization",
    "Organizations",
    "00D",
    make.text("Name", "Name", 80),
    make.text("InstanceName", "Instance Name", 5),
    make.checkbox("IsSandbox", "Is Sandbox"),
    make.text("OrganizationType", "Edition", 40),
    make.text("TimeZoneSidKey", "Time Zone", 40),
    writable=False,
)

ACCOUNT: Final[ObjectType] = make.record_type(
    "Account",
    "Account",
    "Accounts",
    "001",
    make.text("Name", "Account Name", required=True),
    make.text("AccountNumber", "Account Number", 40),
    make.picklist("Type", "Account Type", "Customer", "Prospect", "Other", restricted=False),
    make.of_type("Phone", "Account Phone", FieldType.PHONE, 40),
    make.long_text("Description", "Account Description"),
    make.lookup("OwnerId", "Owner ID", "User", relationship="Owner"),
    *make.postal_address("Billing"),
    *make.postal_address("Shipping"),
)

CONTACT: Final[ObjectType] = make.record_type(
    "Contact",
    "Contact",
    "Contacts",
    "003",
    make.lookup("AccountId", "Account ID", "Account", relationship="Account", children="Contacts"),
    make.text("LastName", "Last Name", 80, required=True),
    make.text("FirstName", "First Name", 40),
    attrs.evolve(
        _read_only(make.text("Name", "Full Name", 121)),
        expression="""TRIM(COALESCE({t}."FirstName", '') || ' ' || {t}."LastName")""",
    ),
    make.of_type("Email", "Email", FieldType.EMAIL, 80),
    make.of_type("Phone", "Business Phone", FieldType.PHONE, 40),
    make.date("Birthdate", "Birthdate"),
    make.lookup("OwnerId", "Owner ID", "User", relationship="Owner"),
    *make.postal_address("Mailing"),
)

OPPORTUNITY: Final[ObjectType] = make.record_type(
    "Opportunity",
    "Opportunity",
    "Opportunities",
    "006",
    make.lookup("AccountId", "Account ID", "Account", relationship="Account", children="Opportunities"),
    make.text("Name", "Name", 120, required=True),
    make.long_text("Description", "Description"),
    # A standard picklist takes any text; which stages there are stands in OpportunityStage.
    make.picklist("StageName", "Stage", restricted=False, required=True),
    make.number("Probability", "Probability (%)", precision=3, kind=FieldType.PERCENT),
    make.date("CloseDate", "Close Date", required=True),
    make.yen("Amount", "Amount"),
    make.picklist("Type", "Opportunity Type", "New", "Existing", restricted=False),
    _read_only(make.checkbox("IsClosed", "Closed")),
    _read_only(make.checkbox("IsWon", "Won")),
    make.lookup("Pricebook2Id", "Price Book ID", "Pricebook2", relationship="Pricebook2"),
    make.lookup("OwnerId", "Owner ID", "User", relationship="Owner"),
)

OPPORTUNITY_STAGE: Final[ObjectType] = make.record_type(
    "OpportunityStage",
    "Opportunity Stage",
    "Opportunity Stages",
    "01J",
    make.text("ApiName", "API Name"),
    make.text("MasterLabel", "Master Label"),
    make.checkbox("IsActive", "Is Active"),
    make.number("SortOrder", "Sort Order", kind=FieldType.INT, precision=9),
    make.number("DefaultProbability", "Probability (%)", precision=3, kind=FieldType.PERCENT),
    make.checkbox("IsClosed", "Closed"),
    make.checkbox("IsWon", "Won"),
    writable=False,
)

CASE: Final[ObjectType] = make.record_type(
    "Case",
    "Case",
    "Cases",
    "500",
    attrs.evolve(_read_only(make.text("CaseNumber", "Case Number", 30)), auto_number=True),
    make.lookup("AccountId", "Account ID", "Account", relationship="Account", children="Cases"),
    make.lookup("ContactId", "Contact ID", "Contact", relationship="Contact", children="Cases"),
    make.picklist(
        "Status", "Status", "New", "Working", "Escalated", "Closed", restricted=False, default="New"
    ),
    make.picklist("Origin", "Case Origin", "Phone", "Email", "Web", "Portal Notification", restricted=False),
    make.picklist("Priority", "Priority", "High", "Medium", "Low", restricted=False, default="Medium"),
    make.picklist("Type", "Case Type", "Problem", "Question", "Request", restricted=False),
    make.text("Subject", "Subject"),
    make.long_text("Description", "Description"),
    make.text("SuppliedCompany", "Web Company", 80),
    attrs.evolve(
        _read_only(make.checkbox("IsClosed", "Closed")),
        expression="""(COALESCE({t}."Status", '') = 'Closed')""",
    ),
    _read_only(make.instant("ClosedDate", "Closed Date")),
    make.lookup("OwnerId", "Owner ID", "User", relationship="Owner"),
)

CUSTOMER_OBJECTS: Final = (USER, ORGANIZATION, ACCOUNT, CONTACT, OPPORTUNITY, OPPORTUNITY_STAGE, CASE)
"""The objects of this module."""
