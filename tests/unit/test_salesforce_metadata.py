"""What an admin deploys to a Salesforce org is what the adapter asks for: fields, texts, event, rights."""

import json

from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest

from ordering_adapters.salesforce.fields import Field
from ordering_adapters.salesforce.opportunity_rows import COMMODITIES
from ordering_adapters.salesforce.order_bodies import MNP_REQUESTED
from ordering_adapters.salesforce.requirements import CHANGED, CHANGED_BY_STAFF, CHOICES, CREATED, held_by
from ordering_core.domain.customers import EligibilityFields, IdentityFields
from ordering_core.domain.eligibility import eligibility_standing
from ordering_core.domain.identity import IdentityMethod, IdentityStanding, identity_standing
from ordering_core.domain.provisioning.gate import USABLE_STOCK
from ordering_core.domain.texts import StopReason
from ordering_core.domain.vocabulary import (
    AccessMode,
    ActivationStatusText,
    ActivationType,
    BillingCycle,
    Gender,
    InstallmentPlan,
    InternetTier,
    ItemClass,
    OrderStatusText,
    SimType,
    VpnRegion,
)
from ordering_sandbox.salesforce.org import STORED_SCHEMA


KINDS: Final = {
    "Checkbox": "boolean",
    "Date": "date",
    "DateTime": "datetime",
    "Lookup": "reference",
    "Number": "double",
    "Phone": "phone",
    "Picklist": "picklist",
    "Text": "string",
    "TextArea": "textarea",
}
"""What describe calls a type of the metadata."""

PROJECT: Final = Path(__file__).parents[2] / "deploy" / "salesforce"
SOURCE: Final = PROJECT / "force-app" / "main" / "default"
EVENT: Final = "OrderProvisionRequested__e"
XML: Final = sorted(SOURCE.rglob("*.xml"))

CUSTOM: Final = {field for field in Field if field.endswith("__c")}

VOCABULARY: Final[dict[Field, set[str]]] = {
    Field.ACTIVATION_TYPE: {*ActivationType},
    Field.ACTIVATION_STATUS: {*ActivationStatusText},
    Field.ACCESS_MODE: {*AccessMode},
    Field.PLAN_TIER: {*InternetTier},
    Field.INSTALLATION: {*InstallmentPlan},
    Field.SIM_TYPE: {*SimType},
    Field.MNP_APPLICATION: {MNP_REQUESTED, "Done", "Failed"},
    Field.PORTING_GENDER: {*Gender},
    Field.VPN_REGION: {*VpnRegion},
    Field.ORDER_REJECTION_REASON: {*StopReason},
    Field.ITEM_CYCLE: {*BillingCycle},
    Field.PRODUCT_CYCLE: {*BillingCycle},
    Field.PRODUCT_CLASS: {*ItemClass},
    Field.OPPORTUNITY_COMMODITY: {*COMMODITIES.values()},
    Field.ELIGIBILITY_STATUS: {"Pending", "Checked", "Not Eligible"},
    Field.IDENTITY_STATUS: {"Pending", "Verified", "Rejected"},
    Field.IDENTITY_METHOD: {
        method.value for method in IdentityMethod if method is not IdentityMethod.UNKNOWN
    },
    Field.CARD_STATUS: {*USABLE_STOCK, "Defective"},
}
"""The choices of each picklist, as the domain says them."""


def read(path: Path) -> ET.Element:
    """Return the root of *path*, its names without Salesforce's namespace."""
    root = ET.fromstring(path.read_text(encoding="utf-8"))
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def texts(root: ET.Element, path: str) -> list[str]:
    """Return the texts at *path*."""
    return [element.text or "" for element in root.findall(path)]


def fields() -> dict[str, ET.Element]:
    """Return the metadata of every field of a record, by ``Object.Field``."""
    found = (SOURCE / "objects").glob("*/fields/*.field-meta.xml")
    return {
        f"{path.parents[1].name}.{path.name.removesuffix('.field-meta.xml')}": read(path)
        for path in found
        if path.parents[1].name != EVENT
    }


FIELDS: Final = fields()
PERMISSIONS: Final = read(SOURCE / "permissionsets" / "Ordering_Integration.permissionset-meta.xml")
APPROVAL: Final = read(SOURCE / "flows" / "Order_Approval_Flow.flow-meta.xml")
CARD_NEWS: Final = read(SOURCE / "flows" / "SIM_Card_News_Flow.flow-meta.xml")


def test_the_project_points_at_the_source() -> None:
    project = json.loads((PROJECT / "sfdx-project.json").read_text(encoding="utf-8"))
    assert [PROJECT / entry["path"] for entry in project["packageDirectories"]] == [PROJECT / "force-app"]
    assert XML


@pytest.mark.parametrize("path", XML, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_every_file_is_well_formed_metadata(path: Path) -> None:
    root = ET.fromstring(path.read_text(encoding="utf-8"))
    assert root.tag.startswith("{http://soap.sforce.com/2006/04/metadata}")


def test_the_custom_fields_are_those_of_the_adapters_table_and_no_more() -> None:
    assert FIELDS.keys() == CUSTOM


def test_the_sandbox_org_has_the_same_custom_fields_of_kinds_that_do() -> None:
    there = {
        f"{kind.name}.{field.name}": field
        for kind in STORED_SCHEMA.objects
        for field in kind.fields
        if field.custom and not kind.event
    }
    assert there.keys() == CUSTOM
    for name, field in there.items():
        assert field.type in held_by(Field(name)).value, name
        assert KINDS[texts(FIELDS[name], "type")[0]] in held_by(Field(name)).value, name


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_a_field_is_named_as_its_file(name: str) -> None:
    assert texts(FIELDS[name], "fullName") == [name.partition(".")[2]]


def test_the_permission_set_reads_exactly_the_fields_of_the_table() -> None:
    granted = texts(PERMISSIONS, "fieldPermissions/field")
    assert sorted(granted) == sorted(CUSTOM)
    assert set(texts(PERMISSIONS, "fieldPermissions/readable")) == {"true"}


def test_no_field_is_required_for_a_permission_set_cannot_name_a_required_one() -> None:
    assert [name for name, field in FIELDS.items() if "true" in texts(field, "required")] == []


def test_the_permission_set_deletes_nothing_and_overrides_no_sharing() -> None:
    for right in ("allowDelete", "modifyAllRecords", "viewAllRecords"):
        assert set(texts(PERMISSIONS, f"objectPermissions/{right}")) == {"false"}


def test_the_objects_of_every_field_can_be_read() -> None:
    # Order items go with their order, files with whom they are shared.
    granted = {*texts(PERMISSIONS, "objectPermissions/object"), "OrderItem", "ContentVersion"}
    assert {name.partition(".")[0] for name in CUSTOM} <= granted
    assert EVENT in granted


def test_the_user_may_write_the_fields_that_ordering_writes_and_publish_the_events_that_a_check_sends() -> (
    None
):
    granted = PERMISSIONS.findall("fieldPermissions")
    editable = {texts(each, "field")[0] for each in granted if texts(each, "editable") == ["true"]}
    assert editable == (CREATED | CHANGED | CHANGED_BY_STAFF) & CUSTOM
    publishable = [
        each for each in PERMISSIONS.findall("objectPermissions") if texts(each, "object") == [EVENT]
    ]
    assert [texts(each, "allowCreate") for each in publishable] == [["true"]]


def test_every_picklist_is_one_of_the_vocabulary() -> None:
    assert {name for name, field in FIELDS.items() if texts(field, "type") == ["Picklist"]} == {*VOCABULARY}


@pytest.mark.parametrize("field", sorted(VOCABULARY))
def test_a_picklist_offers_the_domains_texts_and_refuses_others(field: Field) -> None:
    offered = texts(FIELDS[field], "valueSet/valueSetDefinition/value/fullName")
    assert sorted(offered) == sorted(VOCABULARY[field])
    assert texts(FIELDS[field], "valueSet/restricted") == ["true"]


def test_the_check_looks_for_the_same_choices() -> None:
    # Card status and method are read as they are; nothing of ours chooses among them.
    looked_for = {field: set(choices) for field, choices in CHOICES.items() if field in VOCABULARY}
    read_only = {Field.CARD_STATUS, Field.IDENTITY_METHOD}
    assert looked_for == {field: texts for field, texts in VOCABULARY.items() if field not in read_only}


def test_the_texts_of_the_account_are_ones_the_domain_understands() -> None:
    for text in VOCABULARY[Field.ELIGIBILITY_STATUS]:
        fields = EligibilityFields(status=text, result=None, checked_at=None)
        assert eligibility_standing(fields).unrecognised is None
    for text in VOCABULARY[Field.IDENTITY_STATUS]:
        identity = IdentityFields(status=text, method=None, verified_at=None, rejection_message=None)
        assert identity_standing(identity) is not IdentityStanding.UNKNOWN


@pytest.mark.parametrize("field", [Field.ORDER_KEY, Field.CASE_KEY])
def test_a_request_key_is_a_unique_external_id_that_minds_its_case(field: Field) -> None:
    for mark in ("externalId", "unique", "caseSensitive"):
        assert texts(FIELDS[field], mark) == ["true"], mark


def test_the_event_is_published_after_the_commit() -> None:
    event = read(SOURCE / "objects" / EVENT / f"{EVENT}.object-meta.xml")
    assert texts(event, "publishBehavior") == ["PublishAfterCommit"]


def test_the_approval_flow_publishes_the_orders_id_once_it_becomes_approved() -> None:
    assert texts(APPROVAL, "start/object") == ["Order"]
    assert texts(APPROVAL, "start/triggerType") == ["RecordAfterSave"]
    assert texts(APPROVAL, "start/doesRequireRecordChangedToMeetCriteria") == ["true"]
    assert texts(APPROVAL, "start/filters/field") == ["Status"]
    assert texts(APPROVAL, "start/filters/value/stringValue") == [OrderStatusText.APPROVED]
    assert texts(APPROVAL, "recordCreates/object") == [EVENT]
    carried = texts(APPROVAL, "recordCreates/inputAssignments/field")
    assert carried == ["Order_Id__c"]
    assert (SOURCE / "objects" / EVENT / "fields" / f"{carried[0]}.field-meta.xml").is_file()
    assert texts(APPROVAL, "start/connector/targetReference") == texts(APPROVAL, "recordCreates/name")


def test_a_card_shipped_or_delivered_touches_its_order_and_changes_nothing_on_it() -> None:
    assert texts(CARD_NEWS, "start/object") == ["SIM_Inventory__c"]
    assert {"Shipped_At__c", "Delivered_At__c"} <= {*texts(CARD_NEWS, "start/filters/field")}
    assert set(texts(CARD_NEWS, "start/filters/operator")) == {"IsChanged"}
    assert texts(CARD_NEWS, "recordLookups/object") == ["Order"]
    assert texts(CARD_NEWS, "recordLookups/queriedFields") == ["Id"]
    assert texts(CARD_NEWS, "recordUpdates/inputReference") == texts(CARD_NEWS, "recordLookups/name")
    assert texts(CARD_NEWS, "recordUpdates/inputAssignments") == []
