"""The keys that a partner logs in for and sends inside every request."""

from __future__ import annotations

import secrets

from datetime import datetime, timedelta

import attrs


@attrs.define
class Keys:
    """Who may log in, and the keys handed out; whoever holds it holds the network's lock."""

    partners: dict[str, str] = attrs.field(factory=dict[str, str])
    issued: dict[str, datetime] = attrs.field(factory=dict[str, datetime])

    def issue(self, oem_id: str, oem_key: str, *, now: datetime, seconds: float) -> str | None:
        """Return a new key for a partner who says the right word, else None."""
        known = self.partners.get(oem_id)
        if known is None or not secrets.compare_digest(known.encode(), oem_key.encode()):
            return None
        key = secrets.token_hex(16)
        self.issued[key] = now + timedelta(seconds=seconds)
        return key

    def holds(self, key: str, now: datetime) -> bool:
        """Whether *key* was handed out and still lives."""
        return key in self.issued and now < self.issued[key]
