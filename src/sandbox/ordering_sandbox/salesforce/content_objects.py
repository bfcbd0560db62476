"""Salesforce Files: a document, its versions, and the records it is shown at."""

from __future__ import annotations

from typing import Final

import attrs

from ordering_sandbox.salesforce import field_kinds as make
from ordering_sandbox.salesforce.schema import Field, FieldType, ObjectType


def _read_only(field: Field) -> Field:
    return attrs.evolve(field, createable=False, updateable=False)


def _fixed(field: Field) -> Field:
    return attrs.evolve(field, updateable=False)


CONTENT_VERSION: Final[ObjectType] = make.record_type(
    "ContentVersion",
    "Content Version",
    "Content Versions",
    "068",
    _fixed(
        make.lookup(
            "ContentDocumentId", "ContentDocument ID", "ContentDocument", relationship="ContentDocument"
        )
    ),
    make.text("Title", "Title"),
    _fixed(make.text("PathOnClient", "Path On Client", 500, required=True)),
    Field(name="VersionData", type=FieldType.BASE64, label="Version Data", required=True, updateable=False),
    _fixed(
        make.lookup(
            "FirstPublishLocationId",
            "First Publish Location ID",
            "Account",
            "Order",
            "Opportunity",
            "Case",
            "User",
            relationship=None,
        )
    ),
    make.text("Description", "Description", 1000),
    make.text("ReasonForChange", "Reason For Change", 1000),
    _read_only(make.text("VersionNumber", "Version Number", 20)),
    _read_only(make.checkbox("IsLatest", "Is Latest")),
    _read_only(make.number("ContentSize", "Size", kind=FieldType.INT, precision=9)),
    _read_only(make.text("Checksum", "Checksum", 50)),
    _read_only(make.text("FileType", "File Type", 20)),
    _read_only(make.text("FileExtension", "File Extension", 40)),
)

CONTENT_DOCUMENT: Final[ObjectType] = make.record_type(
    "ContentDocument",
    "Content Document",
    "Content Documents",
    "069",
    make.text("Title", "Title"),
    _read_only(
        make.lookup(
            "LatestPublishedVersionId",
            "Latest Published Version ID",
            "ContentVersion",
            relationship="LatestPublishedVersion",
        )
    ),
    _read_only(make.number("ContentSize", "Size", kind=FieldType.INT, precision=9)),
    _read_only(make.text("FileType", "File Type", 20)),
    _read_only(make.text("FileExtension", "File Extension", 40)),
)

CONTENT_DOCUMENT_LINK: Final[ObjectType] = make.record_type(
    "ContentDocumentLink",
    "Content Document Link",
    "Content Document Links",
    "06A",
    _fixed(
        make.lookup(
            "ContentDocumentId",
            "ContentDocument ID",
            "ContentDocument",
            relationship="ContentDocument",
            children="ContentDocumentLinks",
            required=True,
        )
    ),
    _fixed(
        make.lookup(
            "LinkedEntityId",
            "Linked Entity ID",
            "Account",
            "Order",
            "Opportunity",
            "Case",
            "User",
            relationship=None,
            children="ContentDocumentLinks",
            required=True,
        )
    ),
    make.picklist("ShareType", "Share Type", "V", "C", "I", default="V"),
    make.picklist("Visibility", "Visibility", "AllUsers", "InternalUsers", "SharedUsers", default="AllUsers"),
)

CONTENT_OBJECTS: Final = (CONTENT_VERSION, CONTENT_DOCUMENT, CONTENT_DOCUMENT_LINK)
"""The objects of this module."""
