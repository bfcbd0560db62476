"""How long a database is waited for, and who does not wait at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Final


PATIENCE: Final = timedelta(seconds=10)
"""How long a transaction waits for its turn before the store counts as unavailable."""

READING: Final = "oc_reading"
"""The execution option of a connection that only looks, statement by statement, and takes nobody's turn."""
