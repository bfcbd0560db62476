"""Describes objects and fields as the caller may use them."""

from __future__ import annotations

from ordering_sandbox.json_values import Json, JsonObject
from ordering_sandbox.salesforce.schema import NUMBERS, TEXTS, Field, FieldType, ObjectType, Schema


_BYTES_PER_SIGN = 3


def describe_global(schema: Schema, version: str) -> JsonObject:
    """Return the list of objects."""
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [_object(kind, version) for kind in schema.objects],
    }


def describe_object(schema: Schema, kind: ObjectType, version: str) -> JsonObject:
    """Return one object with its fields and what refers to it."""
    children: list[Json] = [
        {
            "cascadeDelete": child.name == "OrderItems",
            "childSObject": child.object,
            "deprecatedAndHidden": False,
            "field": child.field,
            "relationshipName": child.name,
            "restrictedDelete": False,
        }
        for child in schema.children(kind.name)
    ]
    return {
        **_object(kind, version),
        "fields": [_field(field) for field in kind.fields],
        "childRelationships": children,
        "recordTypeInfos": [],
    }


def _object(kind: ObjectType, version: str) -> JsonObject:
    path = f"/services/data/v{version}/sobjects/{kind.name}"
    rows = not kind.event
    return {
        "name": kind.name,
        "label": kind.label,
        "labelPlural": kind.plural,
        "keyPrefix": kind.prefix,
        "custom": kind.name.endswith(("__c", "__e")),
        "createable": kind.writable,
        "updateable": kind.writable and rows,
        "deletable": kind.writable and rows,
        "undeletable": False,
        "queryable": rows,
        "retrieveable": rows,
        "searchable": rows,
        "replicateable": rows,
        "layoutable": rows,
        "triggerable": kind.writable,
        "activateable": kind.name == "Order",
        "customSetting": False,
        "deprecatedAndHidden": False,
        "mergeable": False,
        "feedEnabled": False,
        "urls": {
            "sobject": path,
            "describe": f"{path}/describe",
            "rowTemplate": f"{path}/{{ID}}",
        },
    }


def _field(field: Field) -> JsonObject:
    identity = field.type is FieldType.ID
    return {
        "name": field.name,
        "label": field.label,
        "type": str(field.type),
        "soapType": _soap_type(field.type),
        "length": field.length if field.type in TEXTS or identity or field.refers_to else 0,
        "byteLength": field.length * _BYTES_PER_SIGN,
        "precision": field.precision,
        "scale": field.scale,
        "digits": field.precision if field.type is FieldType.INT else 0,
        "nillable": not (field.required or identity or field.type is FieldType.BOOLEAN),
        "defaultedOnCreate": field.default is not None
        or field.type is FieldType.BOOLEAN
        or field.auto_number,
        "defaultValue": bool(field.default) if field.type is FieldType.BOOLEAN else field.default,
        "createable": field.createable,
        "updateable": field.updateable,
        "permissionable": field.custom,
        "custom": field.custom,
        "calculated": field.expression is not None and field.type is not FieldType.ADDRESS,
        "autoNumber": field.auto_number,
        "unique": field.unique,
        "caseSensitive": field.case_sensitive,
        "externalId": field.external_id and field.custom,
        "idLookup": identity or field.external_id,
        "filterable": field.filterable,
        "sortable": field.filterable,
        "groupable": field.filterable and field.type not in NUMBERS,
        "aggregatable": field.filterable,
        "restrictedPicklist": field.restricted,
        "picklistValues": [
            {
                "active": True,
                "defaultValue": value == field.default,
                "label": value,
                "validFor": None,
                "value": value,
            }
            for value in field.values
        ],
        "referenceTo": list(field.refers_to),
        "relationshipName": field.relationship,
        "compoundFieldName": field.compound,
        "htmlFormatted": False,
        "encrypted": False,
        "deprecatedAndHidden": False,
        "inlineHelpText": None,
        "extraTypeInfo": "plaintextarea" if field.type is FieldType.TEXTAREA else None,
    }


def _soap_type(kind: FieldType) -> str:
    match kind:
        case FieldType.ID | FieldType.REFERENCE:
            return "tns:ID"
        case FieldType.BOOLEAN:
            return "xsd:boolean"
        case FieldType.INT:
            return "xsd:int"
        case FieldType.CURRENCY | FieldType.DOUBLE | FieldType.PERCENT:
            return "xsd:double"
        case FieldType.DATE:
            return "xsd:date"
        case FieldType.DATETIME:
            return "xsd:dateTime"
        case FieldType.BASE64:
            return "xsd:base64Binary"
        case FieldType.ADDRESS:
            return "urn:address"
        case _:
            return "xsd:string"
