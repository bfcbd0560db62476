"""What a table of the installation is; names and defaults are as the API and WHMCS's own pages call them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

import attrs


Value: TypeAlias = "int | str"
"""What a column holds: money as text with two decimals, dates and moments as texts of the server's zone."""

Row: TypeAlias = Mapping[str, Value]
"""One row by the names of its columns."""

NO_DATE: Final = "0000-00-00"
NO_MOMENT: Final = "0000-00-00 00:00:00"


@attrs.frozen(kw_only=True)
class Table:
    """One table: the columns beside ``id`` with their defaults, those that are looked up by, its first id."""

    columns: Mapping[str, Value]
    indexes: tuple[str, ...] = ()
    first: int = 1
    """Ids of different tables begin in different places, so that one taken for another is not found."""
