"""Images in transit: kept whole under their key, the first one wins, forgotten in time."""

from __future__ import annotations

from typing import Final

import attrs

from ordering_core.domain.identifiers import AccountId, RequestKey
from ordering_core.ports.checkout_records import Upload
from ordering_core.ports.store import Store
from ordering_core.testing.contracts.samples import MINUTE, SECOND, START
from ordering_core.testing.contracts.store import StoreContract, roll_back
from ordering_core.testing.contracts.threads import at_once, keep


IMAGE: Final = Upload(
    key=RequestKey("customer-1:鍵"),
    account=AccountId("001A"),
    media_type="image/png",
    content=b"\x89PNG\r\n\x1a\n\x00\xff" * 1000,
    since=START,
)


class UploadsContract(StoreContract):
    """Images in transit, in a store that keeps them from others' eyes."""

    def test_an_unknown_upload_is_none_and_forgetting_it_changes_nothing(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.uploads.get(IMAGE.key) is None
            tx.uploads.remove(IMAGE.key)
            assert tx.uploads.oldest() is None

    def test_an_upload_is_kept_whole_until_it_is_removed(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.uploads.keep(IMAGE)
        with store.transaction() as tx:
            assert tx.uploads.get(IMAGE.key) == IMAGE
            tx.uploads.remove(IMAGE.key)
            assert tx.uploads.get(IMAGE.key) is None

    def test_the_first_under_a_key_stays(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.uploads.keep(IMAGE)
            assert tx.uploads.keep(attrs.evolve(IMAGE, content=b"another", since=START + MINUTE))
        with store.transaction() as tx:
            assert tx.uploads.get(IMAGE.key) == IMAGE

    def test_what_is_rolled_back_is_not_kept(self, store: Store) -> None:
        roll_back(store, lambda tx: tx.uploads.keep(IMAGE))
        with store.transaction() as tx:
            assert tx.uploads.get(IMAGE.key) is None

    def test_what_is_kept_since_an_instant_or_before_is_forgotten(self, store: Store) -> None:
        later = attrs.evolve(IMAGE, key=RequestKey("later"), since=START + SECOND)
        with store.transaction() as tx:
            tx.uploads.keep(later)
            tx.uploads.keep(IMAGE)
            assert tx.uploads.oldest() == START
        with store.transaction() as tx:
            assert tx.uploads.forget_before(START - SECOND) == 0
            assert tx.uploads.forget_before(START) == 1
            assert tx.uploads.oldest() == START + SECOND
            assert tx.uploads.get(later.key) == later
            assert tx.uploads.get(IMAGE.key) is None

    def test_of_two_threads_with_one_key_one_image_is_kept(self, store: Store) -> None:
        other = attrs.evolve(IMAGE, content=b"another")
        wins = at_once(
            lambda: keep(store, lambda tx: tx.uploads.keep(IMAGE)),
            lambda: keep(store, lambda tx: tx.uploads.keep(other)),
        )
        assert wins == [None, None]
        with store.transaction() as tx:
            assert tx.uploads.get(IMAGE.key) in (IMAGE, other)
