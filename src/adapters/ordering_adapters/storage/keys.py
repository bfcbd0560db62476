"""Keys that seal personal data: the first one seals, all of them open, so that keys can be changed."""

from __future__ import annotations

import hashlib

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken

from ordering_adapters.storage.sealed import SEALED, Seal
from ordering_core.domain.vocabulary import System
from ordering_core.errors import Refused


class Keys(Seal):
    """Keys, each 32 random bytes in base64 (``openssl rand -base64 32``); the first one seals."""

    def __init__(self, keys: Sequence[str]) -> None:
        """
        Take at least one key.

        Raises:
            ValueError: One of them is none; the error says which, not what it is.

        """
        self._keys = {_name(key): _fernet(place, key) for place, key in enumerate(keys, 1)}
        self._first = _name(keys[0])

    @property
    def prefix(self) -> str:
        return f"{SEALED}{self._first}:"

    def close(self, text: str, /) -> str:
        return self.prefix + self._keys[self._first].encrypt(text.encode()).decode()

    def open(self, sealed: str, /) -> str:
        name, _, token = sealed.removeprefix(SEALED).partition(":")
        key = self._keys.get(name)
        if key is None:
            raise Refused(
                System.STORE,
                "KEY_MISSING",
                f"it was sealed with key {name!r}; name it in ORDERING_DATABASE_KEYS",
            )
        try:
            return key.decrypt(token).decode()
        except InvalidToken:
            raise Refused(System.STORE, "TAMPERED", "what was sealed has been changed since") from None


def _name(key: str) -> str:
    """Return what a key is called, from which it cannot be found."""
    return hashlib.sha256(b"ordering key " + key.strip().encode()).hexdigest()[:8]


def _fernet(place: int, key: str) -> Fernet:
    try:
        return Fernet(key.strip().replace("+", "-").replace("/", "_"))
    except ValueError:
        raise ValueError(
            f"key {place} is not 32 bytes in base64; make one with: openssl rand -base64 32"
        ) from None
