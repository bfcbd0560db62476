"""A digest that tells two things apart without containing either."""

from __future__ import annotations

from collections.abc import Iterable


def fingerprint(parts: Iterable[object]) -> str:
    """Return 64 hexadecimal digits, the same for the same *parts* in the same order, anywhere and always."""
    # Imported when first needed: hashlib loads OpenSSL, which costs half of what the whole core does.
    import hashlib  # noqa: PLC0415

    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()
