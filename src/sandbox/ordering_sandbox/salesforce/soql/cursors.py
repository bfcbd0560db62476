"""Where a query's further pages are kept: its ids, for two days, under a locator that tells nothing."""

from __future__ import annotations

import itertools

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

import attrs

from ordering_sandbox.salesforce.errors import refuse
from ordering_sandbox.salesforce.ids import make_id
from ordering_sandbox.salesforce.soql.syntax import Query


_LIVES: Final = timedelta(days=2)
_MOST: Final = 2000


@attrs.frozen(kw_only=True)
class Cursor:
    """The ids a query found, in their order, and what it selects of them."""

    query: Query
    object: str
    ids: tuple[str, ...] = attrs.field(repr=False)
    deleted: bool
    made_at: datetime


class Cursors:
    """The org's open queries; not kept over a restart, which clients meet as a locator grown too old."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._numbers = itertools.count(1)
        self._open: OrderedDict[str, Cursor] = OrderedDict()

    def keep(self, cursor: Cursor) -> str:
        """Keep *cursor*; return its locator."""
        with self._lock:
            locator = make_id("01g", next(self._numbers))
            self._open[locator] = cursor
            if len(self._open) > _MOST:
                self._open.popitem(last=False)
            return locator

    def find(self, locator: str, now: datetime) -> tuple[str, int, Cursor]:
        """
        Return the name, the place and the cursor that *locator* means.

        Raises:
            Refusal: INVALID_QUERY_LOCATOR.

        """
        name, _, place = locator.rpartition("-")
        with self._lock:
            cursor = self._open.get(name)
        if cursor is None or not place.isdigit() or now - cursor.made_at > _LIVES:
            raise refuse(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return name, int(place), cursor
