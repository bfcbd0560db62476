"""Files in a Salesforce org in memory."""

from __future__ import annotations

from ordering_adapters.memory.faults import MemoryFaults
from ordering_adapters.memory.salesforce import FileRecord, MemorySalesforce
from ordering_core.domain.identifiers import AccountId, FileId, RequestKey
from ordering_core.ports.files import FileStore


class MemoryFiles(FileStore):
    """The files of an org in memory."""

    def __init__(self, org: MemorySalesforce, faults: MemoryFaults) -> None:
        """Work on *org*."""
        self._org = org
        self._faults = faults
        self._uploaded: dict[RequestKey, FileId] = {}

    def upload(self, account: AccountId, /, *, content: bytes, media_type: str, key: RequestKey) -> FileId:
        def work() -> FileId:
            with self._org.lock:
                if key not in self._uploaded:
                    self._org.known_account(account)
                    kept = FileId(self._org.new_id("068"))
                    self._org.files[kept] = FileRecord(
                        account=account, content=content, media_type=media_type
                    )
                    self._uploaded[key] = kept
                return self._uploaded[key]

        return self._faults.call("files.upload", work)
