"""Passwords that nobody can read."""

from __future__ import annotations

import abc

from typing import Final

import pytest

from ordering_core.ports.password_hasher import PasswordHasher
from ordering_core.testing.contracts.threads import all_get_through


class PasswordHasherContract(abc.ABC):
    """Passwords that nobody can read."""

    PASSWORDS: Final = ("correct horse", "パスワード🔑", "", " ", "x" * 200, "a\x00b")

    @pytest.fixture
    @abc.abstractmethod
    def hasher(self) -> PasswordHasher:
        """Return the hasher under test, as cheap as it may be made."""

    @pytest.mark.parametrize("password", PASSWORDS)
    def test_the_password_itself_fits_and_another_does_not(
        self, hasher: PasswordHasher, password: str
    ) -> None:
        hashed = hasher.hash(password)
        assert hasher.verify(password, hashed)
        assert not hasher.verify(password + "x", hashed)
        assert not hasher.verify(password.upper() + "y", hashed)

    def test_what_follows_a_zero_byte_counts(self, hasher: PasswordHasher) -> None:
        assert not hasher.verify("a\x00c", hasher.hash("a\x00b"))

    def test_the_same_password_gives_a_different_hash_every_time(self, hasher: PasswordHasher) -> None:
        hashes = {hasher.hash("correct horse") for _ in range(5)}
        assert len(hashes) == 5
        assert not any("correct" in hashed for hashed in hashes)

    @pytest.mark.parametrize("hashed", ["", "x", "$" * 5, "ハッシュ", "scrypt$0$$", "correct horse"])
    def test_a_text_that_is_no_hash_fits_nothing(self, hasher: PasswordHasher, hashed: str) -> None:
        assert not hasher.verify("correct horse", hashed)

    def test_a_damaged_hash_fits_nothing(self, hasher: PasswordHasher) -> None:
        hashed = hasher.hash("correct horse")
        for damaged in (hashed[:-4], hashed + "A", hashed[1:], hashed.swapcase(), hashed[: len(hashed) // 2]):
            assert not hasher.verify("correct horse", damaged)

    def test_two_threads_hash_and_verify(self, hasher: PasswordHasher) -> None:
        def both() -> None:
            for _ in range(3):
                assert hasher.verify("correct horse", hasher.hash("correct horse"))

        all_get_through(both, both)
