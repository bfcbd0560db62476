"""ContentVersion: files that come as multipart or base64, and their content going out again (reference 7)."""

from __future__ import annotations

import base64
import binascii
import hashlib

from email.parser import BytesParser
from email.policy import HTTP
from pathlib import PurePosixPath
from typing import Final

from ordering_sandbox.json_values import JsonObject, NotJson, parse_object
from ordering_sandbox.salesforce.api.messages import ApiAnswer, ApiCall
from ordering_sandbox.salesforce.api.rows import record_id
from ordering_sandbox.salesforce.database import Row, fetch_row, update_row
from ordering_sandbox.salesforce.dml import insert, living_row
from ordering_sandbox.salesforce.errors import refuse, unreadable
from ordering_sandbox.salesforce.rendering import row_url
from ordering_sandbox.salesforce.work import Work
from ordering_sandbox.web import HttpRequest


_LARGEST_BODY: Final = 52_428_800
_TYPES: Final = {"jpg": "JPG", "jpeg": "JPG", "png": "PNG", "pdf": "PDF", "heic": "HEIC", "txt": "TEXT"}


def create_version(work: Work, call: ApiCall) -> ApiAnswer:
    """Answer POST /sobjects/ContentVersion: makes version, document, and the link to the place it names."""
    record, data = _record_and_data(call)
    with work.part():
        version_id = _create(work, record, data)
    return ApiAnswer(
        status=201,
        body={"id": version_id, "success": True, "errors": []},
        headers={"Location": row_url(work.caller.version, "ContentVersion", version_id)},
    )


def read_data(work: Work, text: str) -> ApiAnswer:
    """Answer GET /sobjects/ContentVersion/id/VersionData."""
    kind = work.schema.known("ContentVersion")
    row = living_row(work, kind, record_id(kind, text))
    data: bytes = work.connection.execute(
        "SELECT data FROM sandbox_file WHERE id = ?", (row["Id"],)
    ).fetchone()[0]
    return ApiAnswer(status=200, content=data, headers={"Content-Type": "application/octet-stream"})


def _record_and_data(call: ApiCall) -> tuple[JsonObject, bytes]:
    if call.request is not None and call.request.content_type == "multipart/form-data":
        return _multipart(call.request)
    if call.request is not None and len(call.request.body) > _LARGEST_BODY:
        raise unreadable(f"Maximum size of request is {_LARGEST_BODY} bytes")
    record = call.record()
    encoded = record.get("VersionData")
    if not isinstance(encoded, str) or not encoded:
        return record, b""
    try:
        return record, base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise unreadable("Unexpected value: VersionData is not base64 at [line:1, column:1]") from None


def _multipart(request: HttpRequest) -> tuple[JsonObject, bytes]:
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    record: JsonObject = {}
    data = b""
    for part in message.iter_parts():
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        if part.get_content_type() == "application/json":
            try:
                record = parse_object(content)
            except NotJson as error:
                raise unreadable(error.message) from None
        else:
            data = content
    return record, data


def _create(work: Work, record: JsonObject, data: bytes) -> str:
    if not data:
        raise refuse(
            400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [VersionData]", "VersionData"
        )
    named = {name: value for name, value in record.items() if name.casefold() != "versiondata"}
    version_id = insert(work, work.schema.known("ContentVersion"), named)
    stored = work.stored.known("ContentVersion")
    row = fetch_row(work.connection, stored, version_id) or {}
    work.connection.execute("INSERT INTO sandbox_file VALUES (?, ?)", (version_id, data))
    path = PurePosixPath(str(row["PathOnClient"]))
    extension = path.suffix.removeprefix(".").lower()
    described: Row = {
        "Title": row["Title"] or path.stem,
        "ContentSize": len(data),
        "Checksum": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "FileExtension": extension or None,
        "FileType": _TYPES.get(extension, "UNKNOWN"),
        "IsLatest": 1,
    }
    document = row["ContentDocumentId"]
    versions = _retire_versions(work, str(document)) if document is not None else 0
    if document is None:
        document = _create_document(work, {"Title": str(described["Title"])})
    update_row(
        work.connection,
        stored,
        version_id,
        {**described, "ContentDocumentId": document, "VersionNumber": str(versions + 1)},
    )
    latest = {name: described[name] for name in ("Title", "ContentSize", "FileExtension", "FileType")}
    update_row(
        work.connection,
        work.stored.known("ContentDocument"),
        str(document),
        {**latest, "LatestPublishedVersionId": version_id},
    )
    location = row["FirstPublishLocationId"]
    if location is not None:
        _link(work, str(document), str(location))
    return version_id


def _create_document(work: Work, record: JsonObject) -> str:
    return insert(work, work.stored.known("ContentDocument"), record)


def _retire_versions(work: Work, document: str) -> int:
    found = work.connection.execute(
        'UPDATE "ContentVersion" SET "IsLatest" = 0'
        ' WHERE "ContentDocumentId" = ? AND "VersionNumber" IS NOT NULL',
        (document,),
    )
    return found.rowcount


def _link(work: Work, document: str, location: str) -> None:
    insert(
        work,
        work.stored.known("ContentDocumentLink"),
        {
            "ContentDocumentId": document,
            "LinkedEntityId": location,
            "ShareType": "V",
            "Visibility": "AllUsers",
        },
    )
