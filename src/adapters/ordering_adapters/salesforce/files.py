"""Files in Salesforce, at the customer's Account and for staff only."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ordering_adapters.salesforce.composite import Call, insert
from ordering_adapters.salesforce.errors import Failure, refused
from ordering_adapters.salesforce.fields import Field
from ordering_adapters.salesforce.keys import Turns
from ordering_adapters.salesforce.org import SalesforceOrg
from ordering_adapters.salesforce.soql import is_id, quoted
from ordering_core.domain.identifiers import AccountId, FileId, RequestKey
from ordering_core.ports.files import FileStore


_TITLE: Final = "Identity document"
_ENDINGS: Final[Mapping[str, str]] = MappingProxyType(
    {"image/jpeg": "jpg", "image/png": "png", "image/heic": "heic", "application/pdf": "pdf"}
)
_VERSION: Final = "version"
_DOCUMENT: Final = "document"


class SalesforceFiles(FileStore):
    """
    The files of an org.

    Whether a file's key can be unique is not documented: one is looked for before it is written, one thread
    at a time for each key.
    """

    def __init__(self, org: SalesforceOrg) -> None:
        """Work on *org*."""
        self._org = org
        self._turns = Turns()

    def upload(self, account: AccountId, /, *, content: bytes, media_type: str, key: RequestKey) -> FileId:
        if not is_id(account):
            raise refused("NOT_FOUND", "there is no such Account")
        with self._turns.of(key):
            return self._find(key) or self._write(account, content, media_type, key)

    def _find(self, key: RequestKey) -> FileId | None:
        name = self._org.names[Field.FILE_KEY]
        asked = f"SELECT Id FROM ContentVersion WHERE {name} = {quoted(key)} ORDER BY CreatedDate, Id"
        found = self._org.rows(asked)
        return FileId(found[0].id) if found else None

    def _write(self, account: AccountId, content: bytes, media_type: str, key: RequestKey) -> FileId:
        """Write the file and its link in one: a link that Salesforce makes would show it to all users."""
        version = {
            "Title": _TITLE,
            "PathOnClient": f"document.{_ENDINGS.get(media_type, 'bin')}",
            "VersionData": b64encode(content).decode(),
            **self._org.names.body({Field.FILE_KEY: key}),
        }
        path = f"sobjects/ContentVersion/@{{{_VERSION}.id}}?fields=ContentDocumentId"
        link = {
            "ContentDocumentId": f"@{{{_DOCUMENT}.ContentDocumentId}}",
            "LinkedEntityId": account,
            "ShareType": "V",
            "Visibility": "InternalUsers",
        }
        answers = self._org.change(
            [
                insert(_VERSION, "ContentVersion", version),
                Call(name=_DOCUMENT, method="GET", path=path),
                insert("link", "ContentDocumentLink", link),
            ]
        )
        if isinstance(answers, Failure):
            raise answers.error()
        return FileId(answers.made(_VERSION))
