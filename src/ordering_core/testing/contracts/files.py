"""The contract of a file store."""

from __future__ import annotations

import abc

from typing import Final

import pytest

from ordering_core.domain.identifiers import AccountId, FileId, RequestKey
from ordering_core.errors import Refused
from ordering_core.ports.files import FileStore
from ordering_core.testing.contracts.outside import both
from ordering_core.testing.contracts.salesforce import SalesforceContract


CONTENT: Final = b"\xff\xd8\xff\xe0 not text \x00\r\n" * 100


class FileStoreContract(SalesforceContract):
    """What a `FileStore` keeps to."""

    @pytest.fixture
    @abc.abstractmethod
    def files(self) -> FileStore:
        """Return the store under test, over an org without Accounts."""

    def keep(
        self, files: FileStore, account: AccountId, *, content: bytes = CONTENT, key: str = "card-1"
    ) -> FileId:
        """Upload *content*."""
        return files.upload(account, content=content, media_type="image/jpeg", key=RequestKey(key))

    def test_a_file_is_kept_byte_by_byte_at_its_account(self, files: FileStore) -> None:
        account, other = self.new_account(), self.new_account()
        kept = self.keep(files, account)
        assert self.files_in_org(account) == {kept: CONTENT}
        assert self.files_in_org(other) == {}

    def test_uploading_again_under_one_key_keeps_the_first(self, files: FileStore) -> None:
        account = self.new_account()
        kept = self.keep(files, account)
        assert self.keep(files, account, content=b"\xff\xd8\xff another") == kept
        assert self.files_in_org(account) == {kept: CONTENT}

    def test_two_keys_keep_two_files(self, files: FileStore) -> None:
        account = self.new_account()
        first, second = self.keep(files, account, key="card-1"), self.keep(files, account, key="card-2")
        assert self.files_in_org(account) == {first: CONTENT, second: CONTENT}

    def test_a_file_for_an_unknown_account_is_refused(self, files: FileStore) -> None:
        with pytest.raises(Refused):
            self.keep(files, self.nobody)

    def test_a_store_that_is_down_keeps_nothing(self, files: FileStore) -> None:
        account = self.new_account()
        self.down("upload", lambda: self.keep(files, account))
        assert self.files_in_org(account) == {}

    def test_a_lost_reply_is_found_by_uploading_again(self, files: FileStore) -> None:
        account = self.new_account()
        self.reply_lost("upload", lambda: self.keep(files, account))
        assert list(self.files_in_org(account)) == [self.keep(files, account)]

    def test_a_slow_upload_is_kept_once(self, files: FileStore) -> None:
        account = self.new_account()
        self.slow("upload", lambda: self.keep(files, account))
        self.let_late_work_arrive()
        assert list(self.files_in_org(account)) == [self.keep(files, account)]

    def test_two_threads_under_one_key_keep_one(self, files: FileStore) -> None:
        account = self.new_account()
        first, second = both(lambda: self.keep(files, account), lambda: self.keep(files, account))
        assert first == second
        assert list(self.files_in_org(account)) == [first]
