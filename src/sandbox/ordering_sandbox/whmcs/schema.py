"""Every table of the installation by its name; a seed file is rows by these names."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ordering_sandbox.whmcs.client_tables import CLIENT_TABLES
from ordering_sandbox.whmcs.order_tables import ORDER_TABLES
from ordering_sandbox.whmcs.tables import Table


TABLES: Final[Mapping[str, Table]] = MappingProxyType({**CLIENT_TABLES, **ORDER_TABLES})
