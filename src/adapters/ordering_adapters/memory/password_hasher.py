"""Passwords hashed with scrypt from the standard library (RFC 7914)."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from base64 import b64decode, b64encode
from typing import Final

from ordering_core.ports.password_hasher import PasswordHasher


COST: Final = 2**14
"""Rounds of scrypt, a power of two: about 50 ms and 16 MB a password on one core."""

_BLOCK_SIZE: Final = 8
_SALT_BYTES: Final = 16
_SHAPE: Final = re.compile(
    r"scrypt\$(?P<cost>[1-9][0-9]{0,6})\$(?P<salt>[A-Za-z0-9+/=]+)\$(?P<digest>[A-Za-z0-9+/=]+)"
)


class MemoryPasswordHasher(PasswordHasher):
    """Hashes that read ``scrypt$cost$salt$hash``; older ones keep their own cost."""

    def __init__(self, *, cost: int = COST) -> None:
        """Hash with *cost* rounds, a power of two."""
        self._cost = cost

    def hash(self, password: str, /) -> str:
        salt = secrets.token_bytes(_SALT_BYTES)
        digest = _scrypt(password, salt, self._cost)
        return f"scrypt${self._cost}${b64encode(salt).decode()}${b64encode(digest).decode()}"

    def verify(self, password: str, hashed: str, /) -> bool:
        parts = _SHAPE.fullmatch(hashed)
        if parts is None:
            return False
        try:
            wanted = b64decode(parts["digest"], validate=True)
            found = _scrypt(password, b64decode(parts["salt"], validate=True), int(parts["cost"]))
        except ValueError:  # no base64, or a cost that scrypt does not know
            return False
        return hmac.compare_digest(wanted, found)


def _scrypt(password: str, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"), salt=salt, n=cost, r=_BLOCK_SIZE, p=1, dklen=32
    )
