"""Images on their way to Salesforce: kept sealed, or not at all (docs/adr/0016-sealed-columns.md)."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import Executable, bindparam, delete, func, select

from ordering_adapters.storage import schema
from ordering_adapters.storage.converter import dump, load
from ordering_adapters.storage.statements import Statements, upsert
from ordering_core.domain.identifiers import RequestKey
from ordering_core.ports.checkout_records import Upload, Uploads


_T = schema.uploads.c

_GET: Final = select(_T.payload).where(_T.key == bindparam("of_key"))
_REMOVE: Final = delete(schema.uploads).where(_T.key == bindparam("of_key"))
_FORGET: Final = delete(schema.uploads).where(_T.since <= bindparam("at"))
_OLDEST: Final = select(func.min(_T.since).label("since"))


@cache
def _keep(dialect: str) -> Executable:
    return upsert(schema.uploads, dialect).on_conflict_do_nothing()


class SqlUploads(Uploads):
    """
    Images, sealed.

    Without a key nothing is kept: who has the file or a copy of it would have everybody's cards.
    """

    def __init__(self, statements: Statements) -> None:
        self._run = statements

    def keep(self, upload: Upload, /) -> bool:
        if not self._run.is_sealed:
            return False
        new = {"key": upload.key, "since": upload.since, "payload": dump(upload)}
        self._run.write(_keep(self._run.dialect), new)
        return True

    def get(self, key: RequestKey, /) -> Upload | None:
        row = self._run.row(_GET, {"of_key": key})
        return None if row is None else load(Upload, row.payload)

    def remove(self, key: RequestKey, /) -> None:
        self._run.write(_REMOVE, {"of_key": key})

    def forget_before(self, at: datetime, /) -> int:
        return self._run.write(_FORGET, {"at": at})

    def oldest(self) -> datetime | None:
        row = self._run.row(_OLDEST)
        return None if row is None else row.since
