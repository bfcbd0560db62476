"""Files kept at the customer's Account in Salesforce: images of identity documents."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

from ordering_core.domain.identifiers import AccountId, FileId, RequestKey


class FileStore(Protocol):
    """Keeps files where only staff see them."""

    @abstractmethod
    def upload(self, account: AccountId, /, *, content: bytes, media_type: str, key: RequestKey) -> FileId:
        """
        Keep *content* at the account, under a neutral title.

        Uploading again under one key returns the first file.

        Raises:
            Unavailable: Nothing was kept.

            OutcomeUnknown: It may be kept; uploading again under the same key is safe.

            Refused: Salesforce will not take it.

        """
        ...
