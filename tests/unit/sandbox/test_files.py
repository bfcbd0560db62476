"""Files: two ways in, one way out, and the link that one of them makes."""

import base64
import hashlib
import json

from urllib.parse import quote

import pytest

from ordering_sandbox.json_values import Json
from tests.unit.sandbox.orgs import DATA, Desk, at


CARD = bytes(range(256)) * 3


def multipart(meta: Json, data: bytes) -> tuple[bytes, dict[str, str]]:
    body = (
        b'--XX\r\nContent-Disposition: form-data; name="entity_content"\r\n'
        b"Content-Type: application/json\r\n\r\n"
        + json.dumps(meta).encode()
        + b'\r\n--XX\r\nContent-Disposition: form-data; name="VersionData"; filename="card.jpg"\r\n'
        + b"Content-Type: application/octet-stream\r\n\r\n"
        + data
        + b"\r\n--XX--\r\n"
    )
    return body, {"Content-Type": "multipart/form-data; boundary=XX"}


def links(desk: Desk, record: str) -> list[Json]:
    soql = f"SELECT ContentDocumentId, ShareType FROM ContentDocumentLink WHERE LinkedEntityId = '{record}'"
    return [at(link, "ContentDocumentId") for link in desk.query(soql)]


@pytest.mark.parametrize("way", ["multipart", "base64"])
def test_a_file_comes_in_and_goes_out_unchanged(desk: Desk, way: str) -> None:
    meta: dict[str, Json] = {
        "Title": "card",
        "PathOnClient": "card.jpg",
        "FirstPublishLocationId": desk.account,
    }
    if way == "multipart":
        body, kind = multipart(meta, CARD)
        headers = {"Authorization": f"Bearer {desk.token}", **kind}
        answer = desk.send("POST", f"{DATA}/sobjects/ContentVersion", body, headers)
        assert answer.status == 201
        version = str(at(json.loads(answer.body), "id"))
    else:
        version = desk.create("ContentVersion", **meta, VersionData=base64.b64encode(CARD).decode())
    content = desk.call("GET", f"/sobjects/ContentVersion/{version}/VersionData")
    assert (content.status, content.body) == (200, CARD)
    (record,) = desk.query(
        "SELECT Title, ContentSize, Checksum, FileExtension, FileType, IsLatest, VersionNumber,"
        " ContentDocumentId, VersionData, ContentDocument.LatestPublishedVersionId FROM ContentVersion"
        f" WHERE Id = '{version}'"
    )
    assert record["ContentSize"] == len(CARD)
    assert record["Checksum"] == hashlib.md5(CARD).hexdigest()
    assert (record["FileExtension"], record["FileType"], record["IsLatest"]) == ("jpg", "JPG", True)
    assert record["VersionData"] == f"{DATA}/sobjects/ContentVersion/{version}/VersionData"
    assert at(record, "ContentDocument", "LatestPublishedVersionId") == version
    assert links(desk, desk.account) == [record["ContentDocumentId"]]


def test_a_file_without_a_place_is_linked_by_a_call_of_its_own(desk: Desk) -> None:
    body: Json = {
        "allOrNone": True,
        "collateSubrequests": False,
        "compositeRequest": [
            {
                "method": "POST",
                "url": f"{DATA}/sobjects/ContentVersion",
                "referenceId": "cv",
                "body": {"Title": "x", "PathOnClient": "x.png", "VersionData": "eA=="},
            },
            {
                "method": "GET",
                "url": f"{DATA}/sobjects/ContentVersion/@{{cv.id}}?fields=ContentDocumentId",
                "referenceId": "cvd",
            },
            {
                "method": "POST",
                "url": f"{DATA}/sobjects/ContentDocumentLink",
                "referenceId": "link",
                "body": {
                    "ContentDocumentId": "@{cvd.ContentDocumentId}",
                    "LinkedEntityId": desk.account,
                    "ShareType": "V",
                    "Visibility": "InternalUsers",
                },
            },
        ],
    }
    _, answer = desk.ask("POST", "/composite", body)
    assert at(answer, "compositeResponse", 2, "httpStatusCode") == 201
    assert len(links(desk, desk.account)) == 1


def test_a_new_version_of_a_document_replaces_the_latest(desk: Desk) -> None:
    first = desk.create("ContentVersion", Title="x", PathOnClient="x.txt", VersionData="eA==")
    document = desk.id_of(f"SELECT Id FROM ContentDocument WHERE LatestPublishedVersionId = '{first}'")
    desk.create("ContentVersion", ContentDocumentId=document, PathOnClient="y.txt", VersionData="eQ==")
    versions = desk.query(
        f"SELECT IsLatest, VersionNumber FROM ContentVersion WHERE ContentDocumentId = '{document}'"
        " ORDER BY Id"
    )
    assert [(at(v, "IsLatest"), at(v, "VersionNumber")) for v in versions] == [(False, "1"), (True, "2")]


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"Title": "x", "PathOnClient": "x.txt"}, "REQUIRED_FIELD_MISSING"),
        ({"Title": "x", "VersionData": "eA=="}, "REQUIRED_FIELD_MISSING"),
        ({"PathOnClient": "x.txt", "VersionData": "no base64!"}, "JSON_PARSER_ERROR"),
        ({"PathOnClient": "x.txt", "VersionData": "eA==", "Nonsense": 1}, "INVALID_FIELD"),
        (
            {"PathOnClient": "x.txt", "VersionData": "eA==", "FirstPublishLocationId": "001IS0000099999"},
            "INVALID_CROSS_REFERENCE_KEY",
        ),
    ],
)
def test_a_file_that_is_not_whole_is_refused_and_leaves_nothing(
    desk: Desk, record: dict[str, Json], code: str
) -> None:
    assert desk.refused("POST", "/sobjects/ContentVersion", record) == [(400, code)]
    assert desk.count("ContentVersion") == desk.count("ContentDocument") == 0


def test_a_request_has_a_largest_size(desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.token}", "Content-Type": "application/json"}
    answer = desk.send("POST", f"{DATA}/sobjects/ContentVersion", b" " * 52_428_801, headers)
    assert answer.status == 400
    assert at(json.loads(answer.body), 0, "message") == "Maximum size of request is 52428800 bytes"


def test_a_multipart_body_without_readable_data_is_refused(desk: Desk) -> None:
    headers = {"Authorization": f"Bearer {desk.token}", "Content-Type": "multipart/form-data; boundary=XX"}
    body = multipart({"Title": "x"}, b"x")[0].replace(b'{"Title"', b"{Title")
    answer = desk.send("POST", f"{DATA}/sobjects/ContentVersion", body, headers)
    assert at(json.loads(answer.body), 0, "errorCode") == "JSON_PARSER_ERROR"


def test_links_are_asked_for_by_what_they_link(desk: Desk) -> None:
    query = quote(f"SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId IN ('{desk.account}')")
    assert desk.call("GET", f"/query?q={query}").status == 200
